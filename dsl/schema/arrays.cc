// Keywords about arrays.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "dsl/schema/evaluation.h"
#include "dsl/schema/keywords.h"
#include "dsl/schema/site.h"

namespace elevaite::schema {
namespace {

// `prefixItems` and `items`, which is about those behind.
Rule Items(Site& site) {
  std::vector<const Node*> prefix;
  const std::size_t count = site.List("prefixItems").size();
  for (std::size_t i = 0; i < count; ++i) prefix.push_back(site.Child("prefixItems", std::to_string(i)));
  if (site.failed()) return {};
  const Node* rest = site.Find("items") != nullptr ? site.Child("items") : nullptr;
  return [prefix, rest](const Json& value, Evaluation& run, Seen& seen) {
    if (!value.IsArray()) return true;
    bool valid = true;
    const auto items = value.AsArray();
    const std::size_t end = rest != nullptr ? items.size() : std::min(items.size(), prefix.size());
    for (std::size_t i = 0; i < end; ++i) {
      const Node& node = i < prefix.size() ? *prefix[i] : *rest;
      valid = run.ApplyToItem(node, items[i], i) && valid;
      if (!valid && (!run.collecting() || run.stopped())) return false;
      if (run.tracks_seen()) seen.Mark(i);
    }
    if (rest != nullptr) seen.MarkAll();
    return valid;
  };
}

Rule Contains(Site& site) {
  const bool validates = site.place().resource->validates;
  const std::uint64_t least = validates ? site.Count("minContains").value_or(1) : 1;
  const auto most = validates ? site.Count("maxContains") : std::nullopt;
  if (site.failed()) return {};
  return [node = site.Child("contains"), least, most, at = site.At("contains"),
          at_most = site.At("maxContains")](const Json& value, Evaluation& run, Seen& seen) {
    if (!value.IsArray()) return true;
    std::uint64_t matches = 0;
    const auto items = value.AsArray();
    for (std::size_t i = 0; i < items.size() && !run.stopped(); ++i) {
      if (!run.Silently([&] { return run.ApplyToItem(*node, items[i], i); })) continue;
      ++matches;
      if (run.tracks_seen()) seen.Mark(i);
      if (!run.tracks_seen() && !most && matches >= least) return true;
    }
    if (run.stopped()) return false;
    if (matches < least) {
      return run.Report(at, [&] {
        return fmt::format("must hold at least {} item{} of the kind under `contains`, it holds {}", least,
                           least == 1 ? "" : "s", matches);
      });
    }
    if (!most || matches <= *most) return true;
    return run.Report(at_most, [&] {
      return fmt::format("must hold at most {} items of the kind under `contains`, it holds {}", *most,
                         matches);
    });
  };
}

Rule ItemCount(Site& site) {
  const auto least = site.Count("minItems");
  const auto most = site.Count("maxItems");
  if (site.failed()) return {};
  return [least, most, at_least = site.At("minItems"), at_most = site.At("maxItems")](
             const Json& value, Evaluation& run, Seen&) {
    if (!value.IsArray()) return true;
    if (least && value.Size() < *least) {
      return run.Report(at_least, [&] {
        return fmt::format("must have at least {} items, it has {}", *least, value.Size());
      });
    }
    if (!most || value.Size() <= *most) return true;
    return run.Report(
        at_most, [&] { return fmt::format("must have at most {} items, it has {}", *most, value.Size()); });
  };
}

// By sorting: n log n comparisons, each of which may look at a whole item.
Rule UniqueItems(Site& site) {
  const Json& argument = *site.Find("uniqueItems");
  if (!argument.IsBool()) return site.Fail(site.At("uniqueItems"), "`uniqueItems` must be true or false");
  if (!argument.AsBool()) return {};
  return [at = site.At("uniqueItems")](const Json& value, Evaluation& run, Seen&) {
    if (!value.IsArray() || value.Size() < 2) return true;
    constexpr std::size_t kCountMax = std::size_t{1} << 30U;
    if (!run.Step(value.MemoryBytes(kCountMax) / 32 * std::bit_width(value.Size()))) return false;
    const auto items = value.AsArray();
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      const int compared = Json::Compare(items[a], items[b]);
      return compared != 0 ? compared < 0 : a < b;
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (items[order[i - 1]] != items[order[i]]) continue;
      return run.Report(at, [&] {
        return fmt::format("must not hold a value twice, its items {} and {} are both {}", order[i - 1],
                           order[i], Excerpt(items[order[i]]));
      });
    }
    return true;
  };
}

Rule UnevaluatedItems(Site& site) {
  site.compiler().compiled().tracks_seen = true;
  return [node = site.Child("unevaluatedItems")](const Json& value, Evaluation& run, Seen& seen) {
    if (!value.IsArray()) return true;
    bool valid = true;
    const auto items = value.AsArray();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!run.Step()) return false;
      if (!seen.Has(i)) valid = run.ApplyToItem(*node, items[i], i) && valid;
      if (!valid && !run.collecting()) return false;
    }
    seen.MarkAll();
    return valid;
  };
}

constexpr KeywordRow kRows[] = {
    {.names = {"minItems", "maxItems"}, .compile = ItemCount, .validates = true},
    {.names = {"uniqueItems"}, .compile = UniqueItems, .validates = true},
    {.names = {"prefixItems", "items"}, .compile = Items},
    {.names = {"contains"}, .compile = Contains},
    {.names = {"unevaluatedItems"}, .compile = UnevaluatedItems, .last = true},
};

}  // namespace

std::span<const KeywordRow> ArrayKeywords() { return kRows; }

}  // namespace elevaite::schema

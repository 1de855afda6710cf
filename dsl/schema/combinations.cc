// Keywords that apply other schemas to the same value: references, allOf, anyOf, oneOf, not, if.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/schema/evaluation.h"
#include "dsl/schema/keywords.h"
#include "dsl/schema/site.h"
#include "dsl/schema/uri.h"

namespace elevaite::schema {
namespace {

using Nodes = std::vector<const Node*>;

Nodes Branches(Site& site, std::string_view keyword) {
  Nodes nodes;
  const std::size_t count = site.List(keyword).size();
  for (std::size_t i = 0; i < count; ++i) nodes.push_back(site.InPlace(keyword, std::to_string(i)));
  return nodes;
}

Rule Ref(Site& site) {
  const Node* target = site.Reference("$ref");
  if (target == nullptr) return {};
  return [target](const Json& value, Evaluation& run, Seen& seen) { return run.Apply(*target, value, seen); };
}

// Dynamic only if what the reference means at first is itself a `$dynamicAnchor` of that name (Core 8.2.3.2).
Rule DynamicRef(Site& site) {
  const Node* initial = site.Reference("$dynamicRef");
  if (initial == nullptr) return {};
  const std::string name = FragmentOf(site.Find("$dynamicRef")->AsString()).value_or("");
  return [initial, name](const Json& value, Evaluation& run, Seen& seen) {
    const auto& anchors = initial->resource->dynamic_anchors;
    const auto anchor = anchors.find(name);
    const bool dynamic = anchor != anchors.end() && anchor->second == initial;
    return run.Apply(dynamic ? run.DynamicTarget(name, *initial) : *initial, value, seen);
  };
}

Rule AllOf(Site& site) {
  return [nodes = Branches(site, "allOf")](const Json& value, Evaluation& run, Seen& seen) {
    bool valid = true;
    for (const Node* node : nodes) {
      valid = run.Apply(*node, value, seen) && valid;
      if (!valid && (!run.collecting() || run.stopped())) return false;
    }
    return valid;
  };
}

// What each alternative has against the value.
using Objections = std::vector<std::vector<Objection>>;

// An alternative that is not meant at all objects to the value itself (another type, another constant, a
// member missing); one that is meant objects to some part of it. If exactly one is meant, what it says helps
// most.
void ExplainAlternatives(Evaluation& run, const std::string& at, Objections objections) {
  const std::string here = run.Pointer();
  std::vector<Objection>* meant = nullptr;
  std::size_t candidates = 0;
  for (auto& one : objections) {
    const auto about_value = [&](const Objection& v) { return v.instance_pointer == here; };
    if (one.empty() || std::ranges::any_of(one, about_value)) continue;
    meant = &one;
    ++candidates;
  }
  if (objections.size() == 1) {
    run.Add(std::move(objections.front()));
  } else if (candidates == 1) {
    run.Add(std::move(*meant));
  } else {
    run.Report(at, [&] {
      std::string text = fmt::format("matches none of the {} alternatives", objections.size());
      constexpr std::size_t kShownMax = 4;
      for (std::size_t i = 0; i < std::min(objections.size(), kShownMax); ++i) {
        if (!objections[i].empty())
          text += fmt::format("{} ({}) {}", i == 0 ? ":" : ";", i + 1, objections[i].front().Message());
      }
      return text + (objections.size() > kShownMax ? " ..." : "");
    });
  }
}

// How many of `nodes` the value obeys; stops behind `enough`. What they have against it goes to `objections`.
std::size_t CountMatches(const Nodes& nodes, const Json& value, Evaluation& run, Seen& seen,
                         std::size_t enough, Objections& objections) {
  std::size_t matches = 0;
  for (const Node* node : nodes) {
    std::vector<Objection> captured;
    const bool valid = run.Capture(captured, [&] { return run.Apply(*node, value, seen); });
    if (valid && ++matches == enough) return matches;
    if (run.stopped()) return 0;
    if (!valid && run.collecting()) objections.push_back(std::move(captured));
  }
  return matches;
}

Rule AnyOf(Site& site) {
  return [nodes = Branches(site, "anyOf"), at = site.At("anyOf")](const Json& value, Evaluation& run,
                                                                  Seen& seen) {
    Objections objections;
    // With unevaluated... around, each branch that matches counts.
    const std::size_t enough = run.tracks_seen() ? nodes.size() + 1 : 1;
    if (CountMatches(nodes, value, run, seen, enough, objections) > 0) return true;
    if (run.collecting() && !run.stopped()) ExplainAlternatives(run, at, std::move(objections));
    return false;
  };
}

Rule OneOf(Site& site) {
  return [nodes = Branches(site, "oneOf"), at = site.At("oneOf")](const Json& value, Evaluation& run,
                                                                  Seen& seen) {
    Objections objections;
    const std::size_t matches = CountMatches(nodes, value, run, seen, 2, objections);
    if (matches == 1 || run.stopped()) return matches == 1;
    if (matches > 1) {
      return run.Report(at, [&] {
        return fmt::format("matches more than one of the {} alternatives, of which just one is allowed",
                           nodes.size());
      });
    }
    if (run.collecting()) ExplainAlternatives(run, at, std::move(objections));
    return false;
  };
}

Rule Not(Site& site) {
  return [node = site.InPlace("not"), at = site.At("not")](const Json& value, Evaluation& run, Seen&) {
    Seen ignored;
    const bool matches = run.Silently([&] { return run.Apply(*node, value, ignored); });
    if (run.stopped()) return false;
    return !matches || run.Report(at, [&] {
      return fmt::format("must not match the schema under `not`, it is {}", Excerpt(value));
    });
  };
}

Rule If(Site& site) {
  const Node* condition = site.InPlace("if");
  const Node* then_node = site.Find("then") != nullptr ? site.InPlace("then") : nullptr;
  const Node* else_node = site.Find("else") != nullptr ? site.InPlace("else") : nullptr;
  return [condition, then_node, else_node](const Json& value, Evaluation& run, Seen& seen) {
    const bool holds = run.Silently([&] { return run.Apply(*condition, value, seen); });
    if (run.stopped()) return false;
    const Node* chosen = holds ? then_node : else_node;
    return chosen == nullptr || run.Apply(*chosen, value, seen);
  };
}

constexpr KeywordRow kRows[] = {
    {.names = {"$ref"}, .compile = Ref},    {.names = {"$dynamicRef"}, .compile = DynamicRef},
    {.names = {"allOf"}, .compile = AllOf}, {.names = {"anyOf"}, .compile = AnyOf},
    {.names = {"oneOf"}, .compile = OneOf}, {.names = {"not"}, .compile = Not},
    {.names = {"if"}, .compile = If},
};

}  // namespace

std::span<const KeywordRow> CombinationKeywords() { return kRows; }

}  // namespace elevaite::schema

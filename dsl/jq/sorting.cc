// Arrays in another order: sort, group_by, unique, min, reverse, flatten and their like.
#include <algorithm>
#include <cmath>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

bool RequireArray(Context& context, const Json& value, const char* what) {
  return value.IsArray() || context.Fail(Describe(value) + " cannot be " + what + ", as it is not an array");
}

bool SortBy(Context& context, const Json& input, const Json& keys, std::vector<std::uint32_t>& order) {
  if (!RequireArray(context, input, "sorted")) return false;
  if (keys.Size() != input.Size())
    return context.Fail(Describe(input) + " and " + Describe(keys) +
                        " cannot be sorted, as they are not both arrays of the same length");
  return SortPositions(context, keys.AsArray(), order);
}

bool Ordered(Context& context, const Json& input, const std::vector<std::uint32_t>& order, Json& out) {
  std::vector<Json> items;
  items.reserve(order.size());
  for (const std::uint32_t i : order) items.push_back(input.AsArray()[i]);
  return MakeArray(context, std::move(items), out);
}

bool Sort(Context& context, Json& input, Json*, Json& out) {
  std::vector<std::uint32_t> order;
  return SortBy(context, input, input, order) && Ordered(context, input, order, out);
}
bool SortByKeys(Context& context, Json& input, Json* arguments, Json& out) {
  std::vector<std::uint32_t> order;
  return SortBy(context, input, arguments[0], order) && Ordered(context, input, order, out);
}

// Calls add(positions of one group) for each run of equal keys.
template <class F>
bool Groups(Context& context, const Json& input, const Json& keys, F&& add) {
  std::vector<std::uint32_t> order;
  if (!SortBy(context, input, keys, order)) return false;
  const auto by = keys.AsArray();
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    for (; end < order.size(); ++end) {
      int difference = 0;
      if (!CompareValues(context, by[order[begin]], by[order[end]], difference)) return false;
      if (difference != 0) break;
    }
    if (!add(std::span(order).subspan(begin, end - begin))) return false;
    begin = end;
  }
  return true;
}

bool GroupByKeys(Context& context, Json& input, Json* arguments, Json& out) {
  std::vector<Json> groups;
  const bool done = Groups(context, input, arguments[0], [&](std::span<const std::uint32_t> positions) {
    std::vector<Json> group;
    group.reserve(positions.size());
    for (const std::uint32_t i : positions) group.push_back(input.AsArray()[i]);
    return MakeArray(context, std::move(group), groups.emplace_back());
  });
  return done && MakeArray(context, std::move(groups), out);
}

bool UniqueOf(Context& context, const Json& input, const Json& keys, Json& out) {
  std::vector<Json> items;
  const bool done = Groups(context, input, keys, [&](std::span<const std::uint32_t> positions) {
    items.push_back(input.AsArray()[positions[0]]);
    return true;
  });
  return done && MakeArray(context, std::move(items), out);
}
bool Unique(Context& context, Json& input, Json*, Json& out) { return UniqueOf(context, input, input, out); }
bool UniqueByKeys(Context& context, Json& input, Json* arguments, Json& out) {
  return UniqueOf(context, input, arguments[0], out);
}

// The last of the greatest, the first of the smallest.
bool Extreme(Context& context, const Json& input, const Json& keys, bool greatest, Json& out) {
  if (!input.IsArray()) return context.Fail("Cannot iterate over " + Describe(input));
  out = Json();
  const auto by = keys.AsArray();
  std::size_t best = 0;
  for (std::size_t i = 1; i < by.size(); ++i) {
    int order = 0;
    if (!context.Step() || !CompareValues(context, by[i], by[best], order)) return false;
    if (greatest ? order >= 0 : order < 0) best = i;
  }
  if (!by.empty()) out = input.AsArray()[best];
  return true;
}
bool Min(Context& context, Json& input, Json*, Json& out) {
  return Extreme(context, input, input, false, out);
}
bool Max(Context& context, Json& input, Json*, Json& out) {
  return Extreme(context, input, input, true, out);
}
bool MinByKeys(Context& context, Json& input, Json* arguments, Json& out) {
  return Extreme(context, input, arguments[0], false, out);
}
bool MaxByKeys(Context& context, Json& input, Json* arguments, Json& out) {
  return Extreme(context, input, arguments[0], true, out);
}

bool Reverse(Context& context, Json& input, Json*, Json& out) {
  if (input.IsNull()) {
    out = Json::EmptyArray();
    return true;
  }
  if (!context.Step(input.Size() / 4)) return false;
  if (input.IsString()) {
    const std::string_view text = input.AsString();
    std::string reversed;
    reversed.reserve(text.size());
    for (std::size_t end = text.size(); end > 0;) {
      std::size_t begin = end - 1;
      while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80) --begin;
      reversed += text.substr(begin, end - begin);
      end = begin;
    }
    out = Json(reversed);
    return context.ChargeText(text.size());
  }
  if (!input.IsArray()) return context.Fail("Cannot reverse " + Describe(input));
  const auto items = input.AsArray();
  return MakeArray(context, std::vector<Json>(items.rbegin(), items.rend()), out);
}

bool FlattenTo(Context& context, const Json& input, double levels, Json& out) {
  if (!input.IsArray() && !input.IsObject()) return context.Fail("Cannot iterate over " + Describe(input));
  struct Frame {
    const Json* container;
    std::size_t next;
  };
  std::vector<Json> items;
  const Context::LocalRoot root(context, items);
  std::vector<Frame> open{{&input, 0}};
  while (!open.empty()) {
    if (!context.Step()) return false;
    Frame& frame = open.back();
    if (frame.next == frame.container->Size()) {
      open.pop_back();
      continue;
    }
    const std::size_t i = frame.next++;
    const Json& item =
        frame.container->IsArray() ? frame.container->AsArray()[i] : frame.container->AsObject()[i].value;
    if (item.IsArray() && static_cast<double>(open.size()) <= levels) {
      open.push_back({&item, 0});
    } else {
      items.push_back(item);
      if (!context.Charge(2 * sizeof(Json))) return false;
    }
  }
  return MakeArray(context, std::vector<Json>(items), out);
}
bool Flatten(Context& context, Json& input, Json*, Json& out) { return FlattenTo(context, input, 1e9, out); }
bool FlattenLevels(Context& context, Json& input, Json* arguments, Json& out) {
  if (!arguments[0].IsNumber()) return context.Fail("flatten depth must be a number");
  if (arguments[0].AsDouble() < 0) return context.Fail("flatten depth must not be negative");
  return FlattenTo(context, input, arguments[0].AsDouble(), out);
}

bool Transpose(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsArray()) return context.Fail("Cannot iterate over " + Describe(input));
  std::size_t width = 0;
  for (const Json& row : input.AsArray()) {
    if (!row.IsArray()) return context.Fail(std::string("Cannot index ") + TypeName(row) + " with number");
    width = std::max(width, row.Size());
  }
  if (!context.Step(width * input.Size()) || !context.Reserve(width * input.Size() * sizeof(Json)))
    return false;
  std::vector<Json> columns(width);
  for (std::size_t i = 0; i < width; ++i) {
    std::vector<Json> column;
    column.reserve(input.Size());
    for (const Json& row : input.AsArray()) column.push_back(row.At(i));
    if (!MakeArray(context, std::move(column), columns[i])) return false;
  }
  return MakeArray(context, std::move(columns), out);
}

bool ToArray(Context& context, Json& input, Json*, Json& out) {
  if (input.IsArray()) {
    out = input;
    return true;
  }
  return MakeArray(context, {input}, out);
}

bool BinarySearch(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsArray()) return context.Fail(Describe(input) + " cannot be searched from");
  std::size_t low = 0;
  std::size_t high = input.Size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    int order = 0;
    if (!context.Step() || !CompareValues(context, input.AsArray()[middle], arguments[0], order))
      return false;
    if (order == 0) {
      out = static_cast<std::int64_t>(middle);
      return true;
    }
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  out = -1 - static_cast<std::int64_t>(low);
  return true;
}

constexpr Native kNatives[] = {
    {"sort", 0, false, Sort},
    {"_sort_by", 1, false, SortByKeys},
    {"_group_by", 1, false, GroupByKeys},
    {"unique", 0, false, Unique},
    {"_unique_by", 1, false, UniqueByKeys},
    {"min", 0, false, Min},
    {"max", 0, false, Max},
    {"_min_by", 1, false, MinByKeys},
    {"_max_by", 1, false, MaxByKeys},
    {"reverse", 0, false, Reverse},
    {"flatten", 0, false, Flatten},
    {"flatten", 1, false, FlattenLevels},
    {"transpose", 0, false, Transpose},
    {"toarray", 0, false, ToArray},
    {"bsearch", 1, false, BinarySearch},
};

}  // namespace

std::span<const Native> SortingNatives() { return kNatives; }

}  // namespace elevaite::jq

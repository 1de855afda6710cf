// Arrays, objects, types and paths.
#include <algorithm>
#include <cmath>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

bool RequireArray(Context& context, const Json& value, const char* what) {
  return value.IsArray() || context.Fail(Describe(value) + " cannot be " + what + ", as it is not an array");
}

bool Length(Context& context, Json& input, Json*, Json& out) {
  switch (input.type()) {
    case Json::Type::kNull: out = 0; return true;
    case Json::Type::kBool: return context.Fail(Describe(input) + " has no length");
    case Json::Type::kNumber:
      if (input.AsDouble() < 0) return Negate(context, input, out);
      out = input.AsDouble() == 0 ? Json(0) : input;
      return true;
    case Json::Type::kString:
      if (!context.Step(input.Size() / 32)) return false;
      out = static_cast<std::int64_t>(CountCodePoints(input.AsString()));
      return true;
    default: out = static_cast<std::int64_t>(input.Size()); return true;
  }
}

bool Abs(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsNumber()) return context.Fail(Describe(input) + " has no absolute value");
  if (input.AsDouble() < 0) return Negate(context, input, out);
  out = input.AsDouble() == 0 && !input.IsExactInteger() ? Json(0) : input;
  return true;
}

bool AbsAny(Context& context, Json& input, Json* arguments, Json& out) {
  // As jq defines it: what is not below 0 is answered as it is, strings and all that sort above numbers too.
  if (input.IsNumber()) return Abs(context, input, arguments, out);
  if (Json::Compare(input, Json(0)) < 0) return context.Fail(Describe(input) + " has no absolute value");
  out = input;
  return true;
}

bool Not(Context&, Json& input, Json*, Json& out) {
  out = Json(!IsTrue(input));
  return true;
}

bool Type(Context&, Json& input, Json*, Json& out) {
  out = Json(TypeName(input));
  return true;
}

bool SortedKeys(Context& context, const Json& object, std::vector<Json>& keys) {
  keys.reserve(object.Size());
  if (!context.Step(object.Size() * 2)) return false;
  for (const Json::Member& member : object.AsObject()) keys.push_back(member.key);
  std::ranges::sort(keys, {}, [](const Json& key) { return key.AsString(); });
  return true;
}

bool KeysOf(Context& context, const Json& input, bool sorted, Json& out) {
  std::vector<Json> keys;
  if (input.IsArray()) {
    if (!context.Step(input.Size())) return false;
    for (std::size_t i = 0; i < input.Size(); ++i) keys.emplace_back(static_cast<std::int64_t>(i));
  } else if (input.IsObject()) {
    if (sorted) {
      if (!SortedKeys(context, input, keys)) return false;
    } else {
      if (!context.Step(input.Size())) return false;
      for (const Json::Member& member : input.AsObject()) keys.push_back(member.key);
    }
  } else {
    return context.Fail(Describe(input) + " has no keys");
  }
  return MakeArray(context, std::move(keys), out);
}
bool Keys(Context& context, Json& input, Json*, Json& out) { return KeysOf(context, input, true, out); }
bool KeysUnsorted(Context& context, Json& input, Json*, Json& out) {
  return KeysOf(context, input, false, out);
}

bool Has(Context& context, Json& input, Json* arguments, Json& out) {
  const Json& key = arguments[0];
  if (input.IsObject() && key.IsString()) {
    out = Json(input.Find(key.AsString()) != nullptr);
    return true;
  }
  if (input.IsArray() && key.IsNumber()) {
    const double index = key.AsDouble();
    out = Json(index >= 0 && index < static_cast<double>(input.Size()));
    return true;
  }
  if (input.IsNull()) {
    out = Json(false);
    return true;
  }
  return context.Fail(std::string("Cannot check whether ") + TypeName(input) + " has a " + TypeName(key) +
                      " key");
}

// Containment without recursion; a heap stack of pairs that must hold. For an array every item of b needs
// some item of a, which takes a search: items that are containers are searched with an inner run.
bool ContainsValue(Context& context, const Json& a, const Json& b, std::uint32_t depth, bool& out);

bool ContainsItems(Context& context, const Json& a, const Json& b, std::uint32_t depth, bool& out) {
  for (const Json& wanted : b.AsArray()) {
    bool found = false;
    for (const Json& item : a.AsArray()) {
      if (!ContainsValue(context, item, wanted, depth + 1, found)) return false;
      if (found) break;
    }
    if (!found) {
      out = false;
      return true;
    }
  }
  out = true;
  return true;
}

bool ContainsValue(Context& context, const Json& a, const Json& b, std::uint32_t depth, bool& out) {
  if (!context.Step()) return false;
  if (a.type() != b.type()) {
    out = false;
    return true;
  }
  if (a.IsObject()) {
    for (const Json::Member& member : b.AsObject()) {
      const Json* value = a.Find(member.key.AsString());
      out = value != nullptr;
      if (out && !ContainsValue(context, *value, member.value, depth + 1, out)) return false;
      if (!out) return true;
    }
    out = true;
    return true;
  }
  if (a.IsArray()) return ContainsItems(context, a, b, depth, out);
  if (a.IsString()) {
    if (!context.Step(a.Size() / 16)) return false;
    out = a.AsString().find(b.AsString()) != std::string_view::npos;
    return true;
  }
  int order = 0;
  if (!CompareValues(context, a, b, order, true)) return false;
  out = order == 0;
  return true;
}

bool Contains(Context& context, Json& input, Json* arguments, Json& out) {
  // jq's true and false are two types here.
  if (input.type() != arguments[0].type() || (input.IsBool() && input.AsBool() != arguments[0].AsBool())) {
    return context.Fail(Describe(input) + " and " + Describe(arguments[0]) +
                        " cannot have their containment checked");
  }
  // The walk goes as deep as the shallower of the two; the C stack bounds it well before jq's own limit.
  constexpr std::uint32_t kSafeDepth = 1'000;
  const std::uint32_t depth = std::min(input.Depth(), arguments[0].Depth());
  if (depth > kWalkDepthMax) return context.Fail("Containment check too deep");
  if (depth > kSafeDepth) return context.Fail("Containment check too deep");
  bool result = false;
  if (!ContainsValue(context, input, arguments[0], 0, result)) return false;
  out = Json(result);
  return true;
}

bool Add(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsArray() && !input.IsObject()) return context.Fail("Cannot iterate over " + Describe(input));
  if (!context.Step(input.Size())) return false;
  const Json held = input;
  auto at = [&held](std::size_t i) -> const Json& {
    return held.IsArray() ? held.AsArray()[i] : held.AsObject()[i].value;
  };
  bool strings = held.Size() > 1;
  for (std::size_t i = 0; strings && i < held.Size(); ++i) strings = at(i).IsString();
  if (strings) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < held.Size(); ++i) bytes += at(i).Size();
    if (!context.Step(bytes / 64) || !context.Reserve(bytes)) return false;
    std::string text;
    text.reserve(bytes);
    for (std::size_t i = 0; i < held.Size(); ++i) text += at(i).AsString();
    out = Json(text);
    return true;
  }
  Json sum;
  const Context::LocalRoot root(context, sum);
  for (std::size_t i = 0; i < held.Size(); ++i) {
    Json next;
    if (!Arithmetic2(context, Arithmetic::kAdd, sum, at(i), next)) return false;
    sum = std::move(next);
  }
  out = std::move(sum);
  return true;
}

bool ToEntries(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsObject() && !input.IsArray()) return context.Fail(Describe(input) + " has no keys");
  std::vector<Json> entries;
  entries.reserve(input.Size());
  static const Json kKey("key");
  static const Json kValue("value");
  if (!context.Step(input.Size()) || !context.Charge(input.Size() * 150)) return false;
  auto add = [&](Json key, const Json& value) {
    if (value.Depth() + 2 >= kDepthMax) return context.Fail("The value is nested too deeply");
    std::vector<Json::Member> pair;
    pair.reserve(2);
    pair.emplace_back(kKey, std::move(key));
    pair.emplace_back(kValue, value);
    entries.push_back(Json::Object(std::move(pair)));
    return true;
  };
  for (std::size_t i = 0; i < input.Size(); ++i) {
    if (input.IsArray()) {
      if (!add(Json(i), input.AsArray()[i])) return false;
    } else if (!add(input.AsObject()[i].key, input.AsObject()[i].value)) {
      return false;
    }
  }
  return MakeArray(context, std::move(entries), out);
}

bool FromEntries(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsArray() && !input.IsObject()) return context.Fail("Cannot iterate over " + Describe(input));
  Json result = Json::EmptyObject();
  const Context::LocalRoot root(context, result);
  auto add = [&](const Json& entry) {
    if (!context.Step()) return false;
    Json key;
    for (const char* name : {"key", "k", "name", "Name", "Key", "K"}) {
      if (!Index(context, entry, Json(name), key)) return false;
      if (!key.IsNull() && !(key.IsBool() && !key.AsBool())) break;
      if (key.IsBool()) break;
    }
    Json value;
    for (const char* name : {"value", "v", "Value", "V"}) {
      const Json* found = entry.Find(name);
      if (found == nullptr) continue;
      value = *found;
      break;
    }
    if (key.IsNull() && entry.IsObject()) {
      // No name at all, or null: jq names it "null".
      key = Json("null");
    }
    if (key.IsBool() || key.IsNumber()) {
      Json text;
      if (!ToStringValue(context, key, text)) return false;
      key = std::move(text);
    }
    if (!key.IsString()) return context.Fail("Cannot use " + Describe(key) + " as object key");
    return PutMember(context, result, key, std::move(value));
  };
  const Json held = input;
  if (held.IsArray()) {
    for (const Json& entry : held.AsArray()) {
      if (!add(entry)) return false;
    }
  } else {
    for (const Json::Member& member : held.AsObject()) {
      if (!add(member.value)) return false;
    }
  }
  out = std::move(result);
  return true;
}

// ---- Order
// -------------------------------------------------------------------------------------------------------------

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

// ---- Paths and streams
// -------------------------------------------------------------------------------------------------

bool SetPathNative(Context& context, Json& input, Json* arguments, Json& out) {
  if (!arguments[0].IsArray()) return context.Fail("Path must be specified as an array");
  return SetPath(context, std::move(input), arguments[0].AsArray(), std::move(arguments[1]), out);
}
bool DeletePathsNative(Context& context, Json& input, Json* arguments, Json& out) {
  return DeletePaths(context, std::move(input), arguments[0], out);
}

// [path, leaf] for every leaf and [path] at the end of every container, without recursion.
bool ToStream(Context& context, Json& input, Json*, Json& out) {
  struct Frame {
    const Json* container;
    std::size_t next;
    Json path;
  };
  std::vector<Json> events;
  const Context::LocalRoot root(context, events);
  std::vector<Frame> open;
  auto leaf = [](const Json& v) { return v.Size() == 0 || v.IsString(); };
  if (leaf(input)) return MakeArray(context, {Json::Array({Json::EmptyArray(), input})}, out);
  open.push_back({&input, 0, Json::EmptyArray()});
  Json last_path;
  while (!open.empty()) {
    Frame& frame = open.back();
    if (!context.Step(1 + open.size()) || !context.Charge((open.size() + 8) * sizeof(Json))) return false;
    if (frame.next == frame.container->Size()) {
      // The closing event names the last child.
      const std::size_t i = frame.next - 1;
      Json key = frame.container->IsArray() ? Json(static_cast<std::int64_t>(i))
                                            : frame.container->AsObject()[i].key;
      events.push_back(Json::Array({Json::Append(frame.path, std::move(key))}));
      open.pop_back();
      continue;
    }
    const std::size_t i = frame.next++;
    const bool array = frame.container->IsArray();
    const Json& child = array ? frame.container->AsArray()[i] : frame.container->AsObject()[i].value;
    Json path = Json::Append(frame.path,
                             array ? Json(static_cast<std::int64_t>(i)) : frame.container->AsObject()[i].key);
    if (leaf(child)) {
      events.push_back(Json::Array({std::move(path), child}));
    } else {
      open.push_back({&child, 0, std::move(path)});
    }
  }
  return MakeArray(context, std::vector<Json>(events), out);
}

bool Is(Context&, Json& input, Json* arguments, Json& out) {
  const std::string_view what = arguments[0].AsString();
  const bool container = input.IsArray() || input.IsObject();
  auto normal = [&] { return input.IsNumber() && std::isnormal(input.AsDouble()); };
  bool result = false;
  if (what == "arrays")
    result = input.IsArray();
  else if (what == "objects")
    result = input.IsObject();
  else if (what == "iterables")
    result = container;
  else if (what == "booleans")
    result = input.IsBool();
  else if (what == "numbers")
    result = input.IsNumber();
  else if (what == "strings")
    result = input.IsString();
  else if (what == "nulls")
    result = input.IsNull();
  else if (what == "values")
    result = !input.IsNull();
  else if (what == "scalars")
    result = !container;
  else if (what == "finites")
    result = input.IsNumber() && !std::isinf(input.AsDouble());
  else if (what == "normals")
    result = normal();
  out = Json(result);
  return true;
}

bool BuiltinNames(Context& context, Json&, Json*, Json& out) {
  std::vector<Json> names;
  for (const Builtin& builtin : Builtins()) {
    names.emplace_back(std::string(builtin.name) + "/" + std::to_string(builtin.arity));
  }
  return MakeArray(context, std::move(names), out);
}

bool Identity(Context&, Json& input, Json*, Json& out) {
  out = input;
  return true;
}

bool True(Context&, Json&, Json*, Json& out) {
  out = Json(true);
  return true;
}

bool HaltError(Context& context, Json& input, Json*, Json&) { return context.Raise(input); }

constexpr Native kNatives[] = {
    {"length", 0, false, Length},
    {"abs", 0, false, AbsAny},
    {"not", 0, false, Not},
    {"type", 0, false, Type},
    {"keys", 0, false, Keys},
    {"keys_unsorted", 0, false, KeysUnsorted},
    {"has", 1, false, Has},
    {"contains", 1, false, Contains},
    {"add", 0, false, Add},
    {"to_entries", 0, false, ToEntries},
    {"from_entries", 0, false, FromEntries},
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
    {"setpath", 2, true, SetPathNative},
    {"delpaths", 1, true, DeletePathsNative},
    {"_tostream", 0, false, ToStream},
    {"_is", 1, false, Is},
    {"builtins", 0, false, BuiltinNames},
    {"debug", 0, false, Identity},
    {"stderr", 0, false, Identity},
    {"have_literal_numbers", 0, false, True},
    {"have_decnum", 0, false, True},
    {"halt_error", 0, false, HaltError},
    {"halt_error", 1, false, HaltError},
};

}  // namespace

std::span<const Native> CollectionNatives() { return kNatives; }

}  // namespace elevaite::jq

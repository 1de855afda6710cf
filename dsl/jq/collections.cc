// Arrays, objects, types and paths.
#include <algorithm>
#include <cmath>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

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

// The functions of jq that are written in C++: which kinds they take, and what they give.
#include <string_view>
#include <unordered_map>

#include "dsl/types/interpreter.h"

namespace elevaite::dsl::types {
namespace {

using Result = Type (*)(const Type& input);

struct Rule {
  Kinds takes;  // of all others it makes an error
  Result result;
};

Type NumberOf(const Type&) { return Type::Number(); }
Type TextOf(const Type&) { return Type::String(); }
Type BooleanOf(const Type&) { return Type::Boolean(); }
Type AnyOf(const Type&) { return Type::Any(); }
Type TextsOf(const Type&) { return Type::Array(Type::String()); }
Type ListOf(const Type&) { return Type::OfKinds(kArray); }
Type ObjectOf(const Type&) { return Type::OfKinds(kObject); }
Type SameList(const Type& input) { return input.Only(kArray); }
Type Groups(const Type& input) { return Type::Array(input.Only(kArray)); }
Type OneItem(const Type& input) { return Union(Type::Null(), input.Items()); }
Type Numbers(const Type&) { return Type::Array(Type::Number()); }
Type Reversed(const Type& input) {
  Type result = input.Only(kArray);
  if (input.Has(kString)) result = Union(result, Type::String());
  return input.Has(kNull) ? Union(result, Type::Array(Type::Never())) : result;
}

Type KeysOf(const Type& input) {
  Type keys = Type::Never();
  if (input.Has(kObject)) keys = Union(keys, Type::String());
  if (input.Has(kArray)) keys = Union(keys, Type::Number());
  return Type::Array(keys);
}

Type MembersOf(const Type& input) {
  Type values = input.Items();
  if (!input.Has(kObject)) return values;
  if (input.is_open()) return Type::Any();
  for (const Member& member : input.members()) values = Union(values, member.type);
  return values;
}

Type EntriesOf(const Type& input) {
  const Type keys = KeysOf(input).Items();
  return Type::Array(Type::Object({{"key", keys}, {"value", MembersOf(input)}}, Openness::kClosed));
}

// The sum of what is inside, null of nothing: known where it is all numbers or all texts.
Type SumOf(const Type& input) {
  const Type items = MembersOf(input);
  const bool simple = items.kinds() == kNumber || items.kinds() == kString || items.IsNever();
  if (!simple) return Type::Any();
  return Union(Type::Null(), items.kinds() == kString ? Type::String() : items);
}

Type TypeName(const Type& input) {
  static constexpr std::pair<Kinds, const char*> kNames[] = {{kNull, "null"},     {kBoolean, "boolean"},
                                                             {kNumber, "number"}, {kString, "string"},
                                                             {kArray, "array"},   {kObject, "object"}};
  Type names = Type::Never();
  for (const auto& [kinds, name] : kNames) {
    if (input.Has(kinds)) names = Union(names, Type::Literal(name));
  }
  return names;
}

const std::unordered_map<std::string_view, Rule>& Rules() {
  static const std::unordered_map<std::string_view, Rule> rules = [] {
    std::unordered_map<std::string_view, Rule> table = {
        {"length", {kAnyKind & ~kBoolean, NumberOf}},
        {"utf8bytelength", {kString, NumberOf}},
        {"not", {kAnyKind, BooleanOf}},
        {"type", {kAnyKind, TypeName}},
        {"keys", {kArray | kObject, KeysOf}},
        {"keys_unsorted", {kArray | kObject, KeysOf}},
        {"has", {kNull | kArray | kObject, BooleanOf}},
        {"contains", {kAnyKind, BooleanOf}},
        {"add", {kArray | kObject, SumOf}},
        {"to_entries", {kArray | kObject, EntriesOf}},
        {"from_entries", {kArray | kObject, ObjectOf}},
        {"sort", {kArray, SameList}},
        {"_sort_by", {kArray, SameList}},
        {"_group_by", {kArray, Groups}},
        {"unique", {kArray, SameList}},
        {"_unique_by", {kArray, SameList}},
        {"min", {kArray, OneItem}},
        {"max", {kArray, OneItem}},
        {"_min_by", {kArray, OneItem}},
        {"_max_by", {kArray, OneItem}},
        {"reverse", {kNull | kString | kArray, Reversed}},
        {"flatten", {kArray | kObject, ListOf}},
        {"transpose", {kArray, ListOf}},
        {"toarray", {kAnyKind, ListOf}},
        {"tostring", {kAnyKind, TextOf}},
        {"tojson", {kAnyKind, TextOf}},
        {"fromjson", {kString, AnyOf}},
        {"tonumber", {kNumber | kString, NumberOf}},
        {"startswith", {kString, BooleanOf}},
        {"endswith", {kString, BooleanOf}},
        {"explode", {kString, Numbers}},
        {"implode", {kArray, TextOf}},
        {"join", {kArray | kObject, TextOf}},
        {"_is", {kAnyKind, BooleanOf}},
        {"isnan", {kNumber, BooleanOf}},
        {"isinfinite", {kNumber, BooleanOf}},
        {"isnormal", {kNumber, BooleanOf}},
        {"now", {kAnyKind, NumberOf}},
        {"mktime", {kArray, NumberOf}},
        {"strptime", {kString, ListOf}},
    };
    for (const char* name :
         {"ltrimstr", "rtrimstr", "trimstr", "trim", "ltrim", "rtrim", "ascii_downcase", "ascii_upcase"}) {
      table[name] = {kString, TextOf};
    }
    for (const char* name :
         {"floor", "ceil", "round", "trunc", "fabs", "sqrt", "exp", "log", "log2", "log10"}) {
      table[name] = {kNumber, NumberOf};
    }
    for (const char* name : {"text", "json", "html", "uri", "base64", "base32"})
      table[name] = {kAnyKind, TextOf};
    for (const char* name : {"csv", "tsv"}) table[name] = {kArray, TextOf};
    return table;
  }();
  return rules;
}

}  // namespace

Type ResultOfNative(const std::string& name, const Type& input, bool& fails) {
  fails = false;
  if (name == "split") {
    fails = !input.Has(kString);
    return fails ? Type::Never() : TextsOf(input);
  }
  const auto rule = Rules().find(name);
  if (rule == Rules().end()) return Type::Any();
  const Type taken = input.Only(rule->second.takes);
  fails = taken.IsNever();
  return fails ? Type::Never() : rule->second.result(taken);
}

}  // namespace elevaite::dsl::types

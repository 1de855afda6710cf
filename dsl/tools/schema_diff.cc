#include "dsl/tools/schema_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "dsl/reader.h"
#include "dsl/suggest.h"

namespace elevaite::dsl::tools {
namespace {

using Kind = SchemaChange::Kind;
constexpr int kDepthMax = 100;

std::set<std::string> TextsOf(const Json& list) {
  std::set<std::string> texts;
  if (list.IsString()) texts.emplace(list.AsString());
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) texts.emplace(list.At(i).StringOr(""));
  return texts;
}

// "number" takes every integer.
std::set<std::string> TypesOf(const Json& schema) {
  std::set<std::string> types = TextsOf(schema["type"]);
  if (types.empty()) types = {"array", "boolean", "null", "number", "object", "string"};
  if (types.contains("number")) types.insert("integer");
  return types;
}

bool Includes(const std::set<std::string>& all, const std::set<std::string>& part) {
  return std::ranges::includes(all, part);
}

std::string Joined(const std::set<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + Excerpt(text);
  return out;
}

class Comparer {
 public:
  void Compare(const Json& before, const Json& after, const std::string& pointer, int depth = 0) {
    if (before.Dump() == after.Dump() || depth > kDepthMax) return;
    if (!before.IsObject() || !after.IsObject()) return Whole(before, after, pointer);
    Types(before, after, pointer);
    Required(before, after, pointer);
    Values(before, after, pointer);
    Properties(before, after, pointer, depth);
    if (before["items"].IsObject() && after["items"].IsObject()) {
      Compare(before["items"], after["items"], Child(pointer, "items"), depth + 1);
    } else {
      Presence(before, after, pointer, "items");
    }
    for (const std::string_view key :
         {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
      Bound(before, after, pointer, key, true);
    for (const std::string_view key :
         {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
      Bound(before, after, pointer, key, false);
    for (const std::string_view key :
         {"pattern", "format", "multipleOf", "uniqueItems", "not", "contains", "allOf", "propertyNames"})
      Presence(before, after, pointer, key);
    for (const std::string_view key :
         {"anyOf", "oneOf", "$ref", "if", "then", "else", "patternProperties", "prefixItems",
          "dependentRequired", "dependentSchemas", "unevaluatedProperties", "$defs"}) {
      if (before[key].Dump() != after[key].Dump())
        Add(Kind::kChanged, Child(pointer, key), fmt::format("`{}` differs", key));
    }
  }

  std::vector<SchemaChange> Take() && { return std::move(changes_); }

 private:
  void Add(Kind kind, std::string pointer, std::string message) {
    changes_.push_back({kind, std::move(pointer), std::move(message)});
  }

  static bool AcceptsAll(const Json& schema) {
    return schema.IsNull() || schema.BoolOr(false) || (schema.IsObject() && schema.Size() == 0);
  }

  void Whole(const Json& before, const Json& after, const std::string& pointer) {
    if (AcceptsAll(before) && AcceptsAll(after)) return;
    const std::string what = pointer.empty() ? "the value" : Quote(pointer.substr(pointer.rfind('/') + 1));
    if (AcceptsAll(before))
      return Add(Kind::kNarrowed, pointer, fmt::format("{} must fit a schema now", what));
    if (AcceptsAll(after)) return Add(Kind::kWidened, pointer, fmt::format("{} may be anything now", what));
    Add(Kind::kChanged, pointer, fmt::format("{} has another schema", what));
  }

  static std::string Subject(const std::string& pointer) {
    const std::size_t slash = pointer.rfind("/properties/");
    return slash == std::string::npos ? "the value" : Quote(pointer.substr(slash + 12));
  }

  void Types(const Json& before, const Json& after, const std::string& pointer) {
    const auto old_types = TypesOf(before);
    const auto new_types = TypesOf(after);
    if (old_types == new_types) return;
    const Kind kind = Includes(old_types, new_types)   ? Kind::kNarrowed
                      : Includes(new_types, old_types) ? Kind::kWidened
                                                       : Kind::kChanged;
    const std::string message = fmt::format("{} was of type {} and is of type {}", Subject(pointer),
                                            Joined(TextsOf(before["type"])), Joined(TextsOf(after["type"])));
    if (kind != Kind::kChanged) return Add(kind, Child(pointer, "type"), message);
    Add(Kind::kNarrowed, Child(pointer, "type"), message);  // both at once
    Add(Kind::kWidened, Child(pointer, "type"), message);
  }

  void Required(const Json& before, const Json& after, const std::string& pointer) {
    const auto was = TextsOf(before["required"]);
    const auto is = TextsOf(after["required"]);
    for (const std::string& name : is) {
      if (!was.contains(name))
        Add(Kind::kNarrowed, Child(pointer, "required"), fmt::format("{} is required now", Quote(name)));
    }
    for (const std::string& name : was) {
      if (!is.contains(name))
        Add(Kind::kWidened, Child(pointer, "required"),
            fmt::format("{} is not required any more", Quote(name)));
    }
  }

  static std::set<std::string> ValuesOf(const Json& schema) {
    std::set<std::string> values;
    if (const Json* one = schema.Find("const")) values.insert(one->DumpCanonical());
    const Json& list = schema["enum"];
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) values.insert(list.At(i).DumpCanonical());
    return values;
  }

  void Values(const Json& before, const Json& after, const std::string& pointer) {
    const auto was = ValuesOf(before);
    const auto is = ValuesOf(after);
    if (was == is) return;
    std::set<std::string> gone;
    std::set<std::string> fresh;
    std::ranges::set_difference(was, is, std::inserter(gone, gone.end()));
    std::ranges::set_difference(is, was, std::inserter(fresh, fresh.end()));
    if (was.empty())
      return Add(Kind::kNarrowed, pointer,
                 fmt::format("{} may only be {} now", Subject(pointer), Joined(is)));
    if (is.empty())
      return Add(Kind::kWidened, pointer, fmt::format("{} may be anything now", Subject(pointer)));
    if (!gone.empty())
      Add(Kind::kNarrowed, pointer, fmt::format("{} may not be {} any more", Subject(pointer), Joined(gone)));
    if (!fresh.empty())
      Add(Kind::kWidened, pointer, fmt::format("{} may be {}, too", Subject(pointer), Joined(fresh)));
  }

  void Properties(const Json& before, const Json& after, const std::string& pointer, int depth) {
    const auto is_closed = [](const Json& schema) {
      return schema["additionalProperties"].IsBool() && !schema["additionalProperties"].AsBool();
    };
    const Json& was = before["properties"];
    const Json& is = after["properties"];
    const std::string below = Child(pointer, "properties");
    for (const auto& [key, schema] : was.IsObject() ? was.AsObject() : std::span<const Json::Member>()) {
      const std::string at = Child(below, key.AsString());
      if (const Json* now = is.Find(key.AsString())) {
        Compare(schema, *now, at, depth + 1);
      } else {
        Add(is_closed(after) ? Kind::kNarrowed : Kind::kWidened, at,
            fmt::format("{} is not described any more", Quote(key.AsString())));
      }
    }
    for (const auto& [key, schema] : is.IsObject() ? is.AsObject() : std::span<const Json::Member>()) {
      if (was.Find(key.AsString()) != nullptr) continue;
      const std::string at = Child(below, key.AsString());
      if (is_closed(before)) {
        Add(Kind::kWidened, at, fmt::format("{} is possible now", Quote(key.AsString())));
      } else if (!AcceptsAll(schema)) {
        Add(Kind::kNarrowed, at,
            fmt::format("{}, which could be anything, must fit a schema now", Quote(key.AsString())));
      }
    }
    const Json& more = before["additionalProperties"];
    const Json& now = after["additionalProperties"];
    if (more.Dump() == now.Dump()) return;
    const std::string at = Child(pointer, "additionalProperties");
    if (is_closed(after)) return Add(Kind::kNarrowed, at, "other members are refused now");
    if (is_closed(before)) return Add(Kind::kWidened, at, "other members are allowed now");
    Compare(more, now, at, depth + 1);
  }

  void Bound(const Json& before, const Json& after, const std::string& pointer, std::string_view key,
             bool lower) {
    const Json& was = before[key];
    const Json& is = after[key];
    if (was == is) return;
    bool narrower = was.IsNull();
    if (!was.IsNull() && !is.IsNull()) narrower = (Json::Compare(is, was) > 0) == lower;
    Add(narrower ? Kind::kNarrowed : Kind::kWidened, Child(pointer, key),
        fmt::format("`{}` of {} was {} and is {}", key, Subject(pointer),
                    was.IsNull() ? "not given" : was.Dump(), is.IsNull() ? "not given" : is.Dump()));
  }

  void Presence(const Json& before, const Json& after, const std::string& pointer, std::string_view key) {
    const Json& was = before[key];
    const Json& is = after[key];
    if (was.Dump() == is.Dump()) return;
    const Kind kind = was.IsNull() ? Kind::kNarrowed : is.IsNull() ? Kind::kWidened : Kind::kChanged;
    const std::string_view words = was.IsNull() ? "is new" : is.IsNull() ? "is gone" : "differs";
    Add(kind, Child(pointer, key), fmt::format("`{}` of {} {}", key, Subject(pointer), words));
  }

  std::vector<SchemaChange> changes_;
};

}  // namespace

std::vector<SchemaChange> CompareSchemas(const Json& before, const Json& after) {
  Comparer comparer;
  comparer.Compare(before, after, "");
  return std::move(comparer).Take();
}

}  // namespace elevaite::dsl::tools

// JSON Schema to types. Each keyword narrows what the others leave; what is not understood narrows nothing.
#include <algorithm>
#include <charconv>

#include "dsl/types/type.h"

namespace elevaite::dsl::types {
namespace {

constexpr int kNestingMax = 24;             // of schemas and references
constexpr std::size_t kSchemasMax = 5'000;  // looked at in all

class SchemaReader {
 public:
  explicit SchemaReader(const Json& root) : root_(root) {}

  Type Read(const Json& schema) {
    if (schema.IsBool()) return schema.AsBool() ? Type::Any() : Type::Never();
    if (!schema.IsObject() || nesting_ >= kNestingMax || ++read_ > kSchemasMax) return Type::Any();
    // References inside it mean its own parts, not the document's.
    if (nesting_ > 0 && schema.Find("$id") != nullptr) return Type::Any();
    ++nesting_;
    Type type = OfKeywords(schema);
    --nesting_;
    return type;
  }

 private:
  Type OfKeywords(const Json& schema) {
    Type type = OfTypeKeyword(schema);
    if (const Json* value = schema.Find("const")) type = Intersection(type, Type::FromValue(*value));
    if (const Json* values = schema.Find("enum"); values != nullptr && values->IsArray()) {
      type = Intersection(type, OfValues(*values));
    }
    // About arrays and objects only: other values pass.
    const Kinds others = kAnyKind & static_cast<Kinds>(~(kArray | kObject));
    if (type.Has(kArray | kObject)) {
      const Type arrays = type.Has(kArray) ? OfItems(schema) : Type::Never();
      const Type objects = type.Has(kObject) ? OfMembers(schema) : Type::Never();
      type = Intersection(type, Union(Type::OfKinds(others), Union(arrays, objects)));
    }
    if (const Json* reference = schema.Find("$ref"); reference != nullptr && reference->IsString()) {
      if (const Json* target = Resolve(reference->AsString())) type = Intersection(type, Read(*target));
    }
    for (const char* keyword : {"anyOf", "oneOf"}) {
      const Json* branches = schema.Find(keyword);
      if (branches == nullptr || !branches->IsArray()) continue;
      Type some = Type::Never();
      for (const Json& branch : branches->AsArray()) some = Union(some, Read(branch));
      type = Intersection(type, some);
    }
    if (const Json* parts = schema.Find("allOf"); parts != nullptr && parts->IsArray()) {
      for (const Json& part : parts->AsArray()) type = Intersection(type, Read(part));
    }
    return type;
  }

  static Type OfTypeKeyword(const Json& schema) {
    const Json* names = schema.Find("type");
    if (names == nullptr) return Type::Any();
    Kinds kinds = 0;
    const auto add = [&kinds](const Json& name) {
      static constexpr std::pair<std::string_view, Kinds> kNames[] = {
          {"null", kNull},     {"boolean", kBoolean}, {"number", kNumber}, {"integer", kNumber},
          {"string", kString}, {"array", kArray},     {"object", kObject}};
      const auto* found =
          std::ranges::find(kNames, name.StringOr(""), &std::pair<std::string_view, Kinds>::first);
      kinds |= found != std::end(kNames) ? found->second : kAnyKind;
    };
    if (names->IsArray()) {
      for (const Json& name : names->AsArray()) add(name);
    } else {
      add(*names);
    }
    return Type::OfKinds(kinds);
  }

  static Type OfValues(const Json& values) {
    Type type = Type::Never();
    for (const Json& value : values.AsArray()) type = Union(type, Type::FromValue(value));
    return type;
  }

  // The arrays that items and prefixItems allow.
  Type OfItems(const Json& schema) {
    const Json* items = schema.Find("items");
    const Json* prefix = schema.Find("prefixItems");
    if (items != nullptr && items->IsArray()) std::swap(items, prefix);  // older drafts
    if (items == nullptr) return Type::OfKinds(kArray);
    Type type = Read(*items);
    if (prefix != nullptr && prefix->IsArray()) {
      for (const Json& item : prefix->AsArray()) type = Union(type, Read(item));
    }
    return Type::Array(type);
  }

  // The objects that properties, required and additionalProperties allow.
  Type OfMembers(const Json& schema) {
    std::vector<Member> members;
    if (const Json* properties = schema.Find("properties"); properties != nullptr && properties->IsObject()) {
      for (const Json::Member& property : properties->AsObject()) {
        members.push_back({std::string(property.key.AsString()), Read(property.value), Presence::kOptional});
      }
    }
    if (const Json* required = schema.Find("required"); required != nullptr && required->IsArray()) {
      for (const Json& name : required->AsArray()) Require(members, name.StringOr(""));
    }
    const Json* additional = schema.Find("additionalProperties");
    const bool closed = additional != nullptr && additional->IsBool() && !additional->AsBool() &&
                        schema.Find("patternProperties") == nullptr;
    return Type::Object(std::move(members), closed ? Openness::kClosed : Openness::kOpen);
  }

  static void Require(std::vector<Member>& members, std::string_view name) {
    const auto at = std::ranges::find(members, name, &Member::name);
    if (at != members.end()) {
      at->presence = Presence::kRequired;
    } else {
      members.push_back({std::string(name), Type::Any(), Presence::kRequired});
    }
  }

  // "#/$defs/item": a JSON pointer into the document; nullptr for any other reference.
  const Json* Resolve(std::string_view reference) const {
    if (!reference.starts_with('#')) return nullptr;
    const Json* at = &root_;
    std::string_view rest = reference.substr(1);
    while (!rest.empty()) {
      if (!rest.starts_with('/')) return nullptr;
      rest.remove_prefix(1);
      const std::size_t end = std::min(rest.find('/'), rest.size());
      at = Step(*at, Unescaped(rest.substr(0, end)));
      if (at == nullptr) return nullptr;
      rest.remove_prefix(end);
    }
    return at;
  }

  static const Json* Step(const Json& value, const std::string& key) {
    if (value.IsObject()) return value.Find(key);
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    const bool valid = value.IsArray() && error == std::errc() && end == key.data() + key.size();
    return valid && index < value.Size() ? &value.At(index) : nullptr;
  }

  static std::string Unescaped(std::string_view token) {
    std::string key;
    for (std::size_t i = 0; i < token.size(); ++i) {
      if (token[i] == '~' && i + 1 < token.size()) {
        key += token[++i] == '1' ? '/' : '~';
      } else {
        key += token[i];
      }
    }
    return key;
  }

  const Json& root_;
  int nesting_ = 0;
  std::size_t read_ = 0;
};

}  // namespace

Type FromSchema(const Json& schema) { return SchemaReader(schema).Read(schema); }

}  // namespace elevaite::dsl::types

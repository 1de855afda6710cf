// Compiler, first part: finds every schema of a document, its resource and its anchors.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/schema/compiler.h"
#include "dsl/schema/metaschema.h"
#include "dsl/schema/uri.h"
#include "foundation/json_pointer.h"
#include "foundation/utf8.h"

namespace elevaite::schema {
namespace {

constexpr std::string_view kOneSchema[] = {"additionalProperties",
                                           "contains",
                                           "contentSchema",
                                           "else",
                                           "if",
                                           "items",
                                           "not",
                                           "propertyNames",
                                           "then",
                                           "unevaluatedItems",
                                           "unevaluatedProperties"};
constexpr std::string_view kSchemaLists[] = {"allOf", "anyOf", "oneOf", "prefixItems"};
constexpr std::string_view kSchemaMaps[] = {"$defs", "dependentSchemas", "patternProperties", "properties"};

constexpr std::string_view kVocabularies = "https://json-schema.org/draft/2020-12/vocab/";

bool IsAnchorName(std::string_view name) {
  const auto start = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && start(name.front()) && std::ranges::all_of(name, [&](char c) {
    return start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::string Cut(std::string_view text) { return std::string(Utf8Prefix(text, 200)); }

}  // namespace

const Place* Compiler::AddDocument(std::string uri, std::string prefix, Json root) {
  const Document& document = documents_.emplace_back(Document{std::move(prefix), std::move(root)});
  Resource* resource =
      &compiled_->resources.emplace_back(Resource{.uri = uri, .asserts_formats = options_.assert_formats});
  const Place* place = Index(document.root, "", {&document, resource, 0});
  if (failed()) return nullptr;
  // An `$id` at the top renames the document; it can still be had by the name under which it came.
  uris_.try_emplace(std::move(uri), place);
  RegisterDynamicAnchors();
  return place;
}

void Compiler::RegisterDynamicAnchors() {
  for (auto& [holder, name] : dynamic_anchors_) holder->resource->dynamic_anchors[name] = NodeAt(*holder);
  dynamic_anchors_.clear();
}

const Place* Compiler::LoadDocument(const std::string& uri) {
  if (const auto found = options_.documents.find(uri); found != options_.documents.end())
    return AddDocument(uri, uri + "#", found->second);
  if (uri == kMetaschemaUri) return AddDocument(uri, uri + "#", Metaschema());
  return nullptr;
}

const Place* Compiler::Index(const Json& schema, std::string pointer, Parent parent) {
  const std::string name = parent.document->prefix + pointer;
  if (!schema.IsObject() && !schema.IsBool()) {
    Fail(name, "a schema must be an object, `true` or `false`");
  } else if (parent.depth > options_.depth_max) {
    Fail(name, fmt::format("schemas are nested more than {} levels deep", options_.depth_max));
  } else if (places_.size() >= options_.schemas_max) {
    Fail(name, fmt::format("there are more than {} schemas", options_.schemas_max));
  }
  if (failed()) return nullptr;
  parent.resource = OpenResource(schema, name, parent.resource);
  if (parent.resource == nullptr) return nullptr;
  const auto [at, added] =
      places_.try_emplace(name, Place{&schema, parent.document, pointer, parent.resource});
  const Place& place = at->second;
  if (!added || schema.IsBool()) return &place;
  if (schema.Find("$id") != nullptr && !AddName(parent.resource->uri, place)) return nullptr;
  if (!AddAnchor(schema, "$anchor", place) || !AddAnchor(schema, "$dynamicAnchor", place)) return nullptr;
  IndexChildren(schema, pointer, parent);
  return failed() ? nullptr : &place;
}

void Compiler::IndexChildren(const Json& schema, const std::string& pointer, const Parent& parent) {
  const Parent inner{parent.document, parent.resource, parent.depth + 1};
  const auto child = [&](std::string_view keyword, const std::string* token, const Json& value) {
    std::string at = pointer;
    AppendToken(at, keyword);
    if (token != nullptr) AppendToken(at, *token);
    Index(value, std::move(at), inner);
  };
  for (const std::string_view keyword : kOneSchema) {
    if (const Json* one = schema.Find(keyword)) {
      if (keyword == "items" && one->IsArray()) {
        Fail(parent.document->prefix + pointer + "/items", "`items` is one schema, not a list of them",
             "2020-12 calls the list `prefixItems`");
      }
      child(keyword, nullptr, *one);
    }
  }
  for (const std::string_view keyword : kSchemaLists) {
    const auto items = schema[keyword].IsArray() ? schema[keyword].AsArray() : std::span<const Json>();
    for (std::size_t i = 0; i < items.size() && !failed(); ++i) {
      const std::string token = std::to_string(i);
      child(keyword, &token, items[i]);
    }
  }
  for (const std::string_view keyword : kSchemaMaps) {
    if (!schema[keyword].IsObject()) continue;
    for (const auto& [key, value] : schema[keyword].AsObject()) {
      if (failed()) return;
      const std::string token(key.AsString());
      child(keyword, &token, value);
    }
  }
}

// The resource of a schema: its parent's, unless it has an `$id`.
Resource* Compiler::OpenResource(const Json& schema, const std::string& name, Resource* parent) {
  const Json* id = schema.Find("$id");
  const bool top = name.empty() || name.ends_with('#');
  if (id == nullptr) return !top || ReadDialect(schema, name, *parent) ? parent : nullptr;
  if (!id->IsString() || FragmentOf(id->AsString()) != "") {
    Fail(name + "/$id", "`$id` must be a URI without a fragment", "a name inside a document is an `$anchor`");
    return nullptr;
  }
  Resource& resource =
      compiled_->resources.emplace_back(Resource{.uri = ResolveUri(parent->uri, id->AsString()),
                                                 .validates = parent->validates,
                                                 .asserts_formats = parent->asserts_formats});
  return ReadDialect(schema, name, resource) ? &resource : nullptr;
}

bool Compiler::ReadDialect(const Json& schema, const std::string& name, Resource& resource) {
  const Json* dialect = schema.Find("$schema");
  if (dialect == nullptr) return true;
  const std::string uri = ResolveUri("", dialect->StringOr(""));
  if (uri == kMetaschemaUri) return true;
  if (const auto found = options_.documents.find(uri);
      dialect->IsString() && found != options_.documents.end())
    return ReadVocabularies(found->second, name, resource);
  Fail(name + "/$schema", fmt::format("the schema is written for another standard: {}", Cut(dialect->Dump())),
       fmt::format("2020-12 is supported: leave `$schema` out or write {}", kMetaschemaUri));
  return false;
}

// A metaschema of one's own says which keywords count.
bool Compiler::ReadVocabularies(const Json& metaschema, const std::string& name, Resource& resource) {
  const Json& vocabularies = metaschema["$vocabulary"];
  if (!vocabularies.IsObject()) return true;
  resource.validates = vocabularies.Find(std::string(kVocabularies) + "validation") != nullptr;
  const auto has = [&](std::string_view word) {
    return vocabularies.Find(std::string(kVocabularies) + std::string(word)) != nullptr;
  };
  resource.asserts_formats = resource.asserts_formats || has("format-assertion");
  for (const auto& [uri, required] : vocabularies.AsObject()) {
    if (uri.AsString().starts_with(kVocabularies) || !required.BoolOr(false)) continue;
    Fail(name + "/$schema", fmt::format("its metaschema needs the vocabulary `{}`, which is not known here",
                                        Cut(uri.AsString())));
    return false;
  }
  return true;
}

bool Compiler::AddAnchor(const Json& schema, std::string_view keyword, const Place& place) {
  const Json* anchor = schema.Find(keyword);
  if (anchor == nullptr) return true;
  if (!anchor->IsString() || !IsAnchorName(anchor->AsString())) {
    Fail(place.Name() + "/" + std::string(keyword),
         fmt::format("`{}` must be a name: a letter or _, then letters, digits, _ - .", keyword));
    return false;
  }
  const std::string name(anchor->AsString());
  if (keyword == "$dynamicAnchor") dynamic_anchors_.emplace_back(&place, name);
  return AddName(place.resource->uri + "#" + name, place);
}

bool Compiler::AddName(std::string uri, const Place& place) {
  const auto [found, added] = uris_.try_emplace(uri, &place);
  if (added || found->second == &place) return true;
  Fail(place.Name(), fmt::format("two schemas are called `{}`; the other stands at `{}`", Cut(uri),
                                 Cut(found->second->Name())));
  return false;
}

}  // namespace elevaite::schema

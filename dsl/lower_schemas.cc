// Schemas of inputs, outputs and contexts: compiled where they are used, each once.
#include <fmt/format.h>

#include <utility>

#include "dsl/lowering.h"
#include "dsl/reader.h"
#include "dsl/schema/schema.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

using syntax::Field;
using syntax::Place;

// The place below `from` that a pointer names, as far as it can be followed.
Place Below(Place from, std::string_view pointer) {
  while (pointer.starts_with('/')) {
    const std::string token = TakeToken(pointer);
    if (const Field member = Reader::Member(from, token)) {
      from = *member;
      continue;
    }
    std::size_t index = 0;
    const bool is_index =
        !token.empty() && token.find_first_not_of("0123456789") == std::string::npos && token.size() < 7;
    if (is_index) index = static_cast<std::size_t>(std::stoul(token));
    if (!is_index || index >= from.node.items().size()) break;
    from = Reader::Item(from, index);
  }
  return from;
}

}  // namespace

SchemaPtr Lowering::Schema(const Field& field) {
  if (!field) return nullptr;
  const auto known = schemas_.find(source_->prefix + field->pointer);
  if (known != schemas_.end()) return known->second.get();
  std::shared_ptr<const schema::Schema> compiled;
  if (const Field inline_schema = Reader::Member(*field, "document")) {
    compiled = CompileSchema(*inline_schema, inline_schema->node.value(), "");
  } else if (const Field resource = Reader::Member(*field, "resource")) {
    compiled = PublishedSchema(*resource);
  }
  const SchemaPtr added = compiled.get();
  schemas_.emplace(source_->prefix + field->pointer, std::move(compiled));
  return added;
}

std::shared_ptr<const schema::Schema> Lowering::CompileSchema(const Place& place, const Json& document,
                                                              const std::string& uri) {
  schema::CompileOptions options{.base_uri = uri};
  while (true) {
    auto compiled = schema::Schema::Compile(document, options);
    if (compiled) return std::make_shared<const schema::Schema>(*std::move(compiled));
    const schema::SchemaError& error = compiled.error();
    // A published schema has no place in the document: it is named where it is referred to.
    const Place where = uri.empty() ? Below(place, error.pointer) : place;
    if (IsWeb(error.missing)) {
      auto referred = SchemaText(where, error.missing);
      if (!referred) return nullptr;
      options.documents.insert_or_assign(error.missing, *std::move(referred));
      continue;
    }
    std::string message = error.message;
    if (!uri.empty())
      message = fmt::format("the schema at {}: {}: {}", Quote(uri), Excerpt(error.pointer), message);
    Say(Code::kSchema, where, std::move(message), error.hint);
    return nullptr;
  }
}

// The schema that is published at an address; said at `where` if there is none.
std::optional<Json> Lowering::SchemaText(const Place& where, const std::string& uri) {
  const std::string* found = remote_.Text(uri);
  if (found == nullptr) {
    Say(remote_.missing_code(), where, fmt::format("the schema at {} has not been fetched", Quote(uri)),
        "its address must be reachable, and allowed on this server");
    return std::nullopt;
  }
  Diagnostics problems;
  const auto document = Parse(*found, limits_, problems);
  if (document) return document->root().value();
  Say(Code::kSchema, where,
      fmt::format("the schema at {} cannot be read: {}", Quote(uri),
                  std::move(problems).Take().front().message));
  return std::nullopt;
}

std::shared_ptr<const schema::Schema> Lowering::PublishedSchema(const Place& resource) {
  Field endpoint = Reader::Member(resource, "endpoint");
  if (endpoint && endpoint->node.IsMapping()) endpoint = Reader::Member(*endpoint, "uri");
  if (!endpoint) return nullptr;
  const std::string_view text = endpoint->node.text();
  if (ScanText(text).kind != TextKind::kLiteral || text.find('{') != std::string_view::npos) {
    Say(Code::kWrongType, *endpoint, "the address of a schema must be written out; it cannot be computed",
        "schemas are read before the workflow runs");
    return nullptr;
  }
  const std::string uri = RawAddress(text);
  const auto schema = SchemaText(*endpoint, uri);
  return schema ? CompileSchema(*endpoint, *schema, uri) : nullptr;
}

}  // namespace elevaite::dsl

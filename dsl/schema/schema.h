// Schema: a compiled JSON Schema (2020-12) that says what is wrong with a value.
//
//   auto schema = schema::Schema::Compile(*ParseJson(R"({"properties": {"price": {"minimum": 0}}})"));
//   schema->Validate(*ParseJson(R"({"price": -3})"));
//   // [{"/price", "/properties/price/minimum", "`/price` must be at least 0, it is -3"}]
//
// Specification: https://json-schema.org/draft/2020-12/json-schema-core and .../json-schema-validation. What
// is particular here stands in README.md. Nothing is ever loaded: neither compiling nor validating does I/O.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::schema {

struct SchemaError {
  std::string pointer;    // JSON Pointer into the document; in another one "URI#/pointer"
  std::string message;    // "`type` must be one of ... or a list of them"
  std::string hint;       // may be empty
  std::string missing{};  // a `$ref` names this document, by absolute URI, and it was not given
};

struct CompileOptions {
  std::string base_uri{};  // what a relative `$id` or `$ref` of the document is relative to
  // Documents that a `$ref` may name, by absolute URI without fragment. The 2020-12 metaschema is known.
  std::map<std::string, Json, std::less<>> documents{};
  // Check `format` for the names in formats.h. Without it `format` only describes, as the standard says.
  bool assert_formats = false;
  std::size_t schemas_max = 20'000;  // schemas and subschemas, in all documents
  std::uint32_t depth_max = 256;     // nesting of subschemas
};

struct Limits {
  std::uint64_t steps_max = 20'000'000;  // about 0.1 microseconds each
  std::uint32_t depth_max = 1'000;       // nesting of schemas being applied
  std::size_t violations_max = 10;       // how many are told
};

struct Violation {
  std::string instance_pointer;  // JSON Pointer into the value; empty: the whole
  std::string schema_pointer;    // of the keyword that is violated, as in SchemaError
  std::string message;           // for people, with the place; long values are cut
};

struct CompiledSchema;

// Immutable; may be shared by threads; copying is O(1).
class Schema {
 public:
  static std::expected<Schema, SchemaError> Compile(Json document, const CompileOptions& options = {});

  // Empty: the value is valid. A value that cannot be checked within the limits has exactly one violation,
  // which says so.
  std::vector<Violation> Validate(const Json& value, const Limits& limits = {}) const;

  const Json& document() const;  // as it was given

 private:
  explicit Schema(std::shared_ptr<const CompiledSchema> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const CompiledSchema> compiled_;
};

}  // namespace elevaite::schema

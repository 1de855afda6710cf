// What the compiler knows of the functions that `call` may name: a catalogue given by the caller (the
// connectors' descriptors).
//
// `input` describes `with` in a part of JSON Schema: type (one or a list), properties, required,
// additionalProperties, items, enum, const, minimum, maximum, minLength, oneOf/anyOf, description.
// Departures, since a typo must not be lost:
// - an object with `properties` is closed unless `additionalProperties` says otherwise;
// - "x-unsupported": "text" on a property refuses it as part of the language that this version does not
// support (DSL0106);
// - "format": "uri-template" on a property: its text is a template (RFC 6570) of the task's input;
// - "x-written-down": true on the whole: what the call is given is kept for people: no place for secrets;
// - a `${ ... }` text is taken for any type: its value is checked by the connector when it runs.
//
//   {"type": "object", "required": ["method", "endpoint"], "properties": {
//      "method": {"type": "string"}, "endpoint": {"oneOf": [{"type": "string"}, {"type": "object", ...}]},
//      "output": {"enum": ["raw", "content", "response"]}}}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"

namespace elevaite::dsl {

struct FunctionInfo {
  std::string name;          // "http", "llm.generate"
  std::string title;         // "HTTP request"
  std::string icon;          // for the outline; may be empty
  Json input;                // see above; null: `with` is not checked
  std::string version = {};  // of its behaviour, "1.0.0", for `name:version@default`; empty: any
  Json output = {};          // JSON Schema of what the call gives; null: not known
};

// Read by several threads at a time; what Find returns stays valid as long as the catalogue.
class FunctionCatalog {
 public:
  virtual ~FunctionCatalog() = default;
  virtual const FunctionInfo* Find(std::string_view name) const = 0;
  virtual std::vector<std::string_view> Names() const = 0;
};

// No functions.
const FunctionCatalog& EmptyCatalog();

}  // namespace elevaite::dsl

// Complete: what may be typed at a place of a document, which may be broken there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/functions.h"
#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

struct Completion {
  std::string label;
  std::string kind;           // key, task, value, target, name, function, variable, field, builtin
  std::string detail;         // a few words: "required", "text or expression", "2 arguments"
  std::string documentation;  // markdown; may be empty
  std::string insert;         // plain text for the range
  std::string snippet;        // the same with ${1:placeholders}; empty when there are none
};

struct Completions {
  yaml::Position from;  // what is replaced
  yaml::Position to;
  std::vector<Completion> items;  // the likely ones first
};

// The items fit the place; which of them begin like the text that stands there is for the editor to see.
Completions Complete(std::string_view source, yaml::Position position, const FunctionCatalog& functions);

// {"from", "to", "items": [{"label", "kind", "detail", "documentation", "insert", "snippet"}]}
Json ToJson(const Completions& completions);

}  // namespace elevaite::dsl::tools

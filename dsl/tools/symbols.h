// Symbols: what a document names (tasks and the definitions under `use`) as a tree with places, and the ways
// between them: from a use of a name to its definition, and to all its uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tools/pointer.h"
#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

struct Symbol {
  std::string name;
  std::string kind;  // a kind of task, "retries", "errors", ... for definitions, "use" for their group
  std::string pointer;
  yaml::Range range;      // the whole
  yaml::Range selection;  // the name
  std::vector<Symbol> children{};
};

// Empty when the text cannot be read.
std::vector<Symbol> Symbols(std::string_view source);
// {"name", "kind", "pointer", "range": {"from", "to"}, "selection", "children"}
Json ToJson(const Symbol& symbol);
Json ToJson(const yaml::Range& range);  // {"from": {"line", "column"}, "to"}

// What a name at a position stands for: a task (`then`, or its own name) or a definition under `use`.
struct Named {
  Tokens path;  // of the task up to its name, or of the definition: use, retries, name
  std::string name;
  bool is_task = false;
};
std::optional<Named> NameAt(std::string_view source, yaml::Position position);

// Where it is defined; nullopt when the text cannot be read or it is not there.
std::optional<yaml::Range> DefinitionOf(std::string_view source, const Named& named);
// Its definition and all its uses.
std::vector<yaml::Range> ReferencesOf(std::string_view source, const Named& named);

}  // namespace elevaite::dsl::tools

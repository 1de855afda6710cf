// Hover: what stands at a place of a document, explained: keys, kinds of tasks, functions, builtins and
// variables of expressions, targets of `then`, and the diagnostics there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dsl/functions.h"
#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

struct Hover {
  yaml::Range range;
  std::string markdown;
};

std::optional<Hover> HoverAt(std::string_view source, yaml::Position position,
                             const FunctionCatalog& functions);

// {"range": {"from", "to"}, "markdown"}
Json ToJson(const Hover& hover);

}  // namespace elevaite::dsl::tools

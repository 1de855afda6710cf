// The expressions of a document, for the reference: jq alone, without the compiler and the machine.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "foundation/json.h"

namespace elevaite::simulation {

// A field typed as expression: a text is one, with or without `${ }`; anything else is data. Nothing: it
// failed.
std::optional<Json> EvaluateField(const Json& what, const Json& input,
                                  const std::map<std::string, Json>& variables);
// Data: texts that are `${ ... }` as a whole are expressions, wherever they stand in it.
std::optional<Json> EvaluateData(const Json& what, const Json& input,
                                 const std::map<std::string, Json>& variables);

}  // namespace elevaite::simulation

// Texts of event filters that are regular expressions as well: docs/language/semantics.md, "Events".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dsl/template.h"

namespace elevaite::dsl {

// Whether the text has a character that means something to regular expressions.
bool IsEventPattern(std::string_view text);

// What is wrong with it as a regular expression; empty: nothing.
std::string EventPatternError(std::string_view text);

// True of values that equal the text or match it as a whole. nullopt: not a regular expression.
std::optional<Expression> EventPattern(std::string_view text);

}  // namespace elevaite::dsl

// The regular expressions of JSON Schema: ECMA-262 (with its `u` flag), run by Oniguruma.
//
// Translated are the things that both write differently: \d \w \s \b are ASCII (\s also the Unicode blanks),
// `$` is the end of the text only, `.` stops at all four line ends, \uXXXX, \u{...}, \cX, classes without
// nesting. What ECMA-262 does not have is refused.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "foundation/regex.h"

namespace elevaite::schema {

class Evaluation;

// The error is a sentence for people.
std::expected<Regex, std::string> CompileEcmaRegex(std::string_view pattern);

// Whether the pattern is found anywhere; stops the run if that takes too long.
bool Matches(const Regex& regex, std::string_view text, Evaluation& run);

}  // namespace elevaite::schema

// Pattern: matches the text of a step and takes its parameters out.
//
//   MatchStep("the secret {text} is {text}", "the secret 'a' is 'b'")  ->  {"a", "b"}
//
// {text} is anything between single quotes, {word} has no space in it, {number} is digits, with a point
// perhaps.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elevaite::conformance {

std::optional<std::vector<std::string>> MatchStep(std::string_view pattern, std::string_view text);

}  // namespace elevaite::conformance

#include "dsl/event_pattern.h"

#include <utility>

#include "dsl/jq/jq.h"
#include "foundation/json.h"
#include "foundation/regex.h"

namespace elevaite::dsl {

bool IsEventPattern(std::string_view text) {
  return text.find_first_of("^$*+?()[]{}|\\") != std::string_view::npos;
}

std::string EventPatternError(std::string_view text) {
  const auto regex = Regex::Compile(text);
  return regex ? std::string() : regex.error();
}

std::optional<Expression> EventPattern(std::string_view text) {
  const std::string whole = "\\A(?:" + std::string(text) + ")\\z";
  auto program = jq::Program::Compile(". == " + Json(text).Dump() + " or (type == \"string\" and test(" +
                                      Json(whole).Dump() + "))");
  if (!program) return std::nullopt;
  return Expression(*std::move(program));
}

}  // namespace elevaite::dsl

// Durations of documents: ISO 8601 text or {days, hours, minutes, seconds, milliseconds}, as microseconds.
//
// Years and months are refused: they have no fixed length. Fractions are allowed in ISO text ("PT1.5S"), to
// the microsecond. At most kDurationMax (100 years).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "foundation/json.h"

namespace elevaite::dsl {

inline constexpr std::int64_t kDurationMaxUs = 36'525LL * 24 * 3600 * 1'000'000;

struct DurationError {
  std::string message;  // "`90s` is no ISO 8601 duration"
  std::string hint;     // "write PT90S or {seconds: 90}"; may be empty
};

// Text or object, as the document or an expression gave it.
std::expected<std::int64_t, DurationError> ParseDuration(const Json& value);

}  // namespace elevaite::dsl

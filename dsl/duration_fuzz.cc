// Property: any value is a duration between 0 and 100 years or is refused with a message; a duration that was
// read, written as ISO 8601, reads the same. Input: JSON, or a text.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dsl/duration.h"
#include "foundation/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (FindInvalidUtf8(text) != std::string_view::npos) return 0;
  const Json value = ParseJson(text, {.depth_max = 50}).value_or(Json(text));
  const auto duration = dsl::ParseDuration(value);
  if (!duration) {
    const dsl::DurationError& error = duration.error();
    if (error.message.empty() || FindInvalidUtf8(error.message + error.hint) != std::string_view::npos)
      std::abort();
    return 0;
  }
  if (*duration < 0 || *duration > dsl::kDurationMaxUs) std::abort();
  const std::string iso = FormatIsoDuration(std::chrono::microseconds(*duration));
  const auto again = dsl::ParseDuration(Json(iso));
  if (!again || *again != *duration) std::abort();
  return 0;
}

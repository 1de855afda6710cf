// Property: any document compiles or is refused with an error; any value is checked within the limits, and
// what is said about it is readable. Input: the schema, a NUL byte, the value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dsl/schema/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = std::min(text.find('\0'), text.size());
  auto document = ParseJson(text.substr(0, split), {.depth_max = 100});
  if (!document) return 0;
  const auto schema = schema::Schema::Compile(*document, {.assert_formats = true, .schemas_max = 1'000});
  if (!schema) {
    if (schema.error().message.empty()) std::abort();
    return 0;
  }
  Json value = *document;
  if (split < text.size()) {
    auto parsed = ParseJson(text.substr(split + 1), {.depth_max = 100});
    if (parsed) value = *std::move(parsed);
  }
  const schema::Limits limits{.steps_max = 100'000, .depth_max = 200, .violations_max = 5};
  const auto violations = schema->Validate(value, limits);
  if (violations.size() > limits.violations_max) std::abort();
  for (const schema::Violation& one : violations) {
    if (one.message.empty() || FindInvalidUtf8(one.message) != std::string_view::npos) std::abort();
  }
  return 0;
}

// Property: a URI template gives a text in which the values cannot be told from plain segments, or fails:
// what stands between the braces is only unreserved characters and escapes. Input: the template, a NUL byte,
// a JSON object.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dsl/template.h"

namespace {

class NoVariables final : public elevaite::dsl::Scope {
 public:
  elevaite::Json Variable(std::string_view) const override { return {}; }
};

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~%").find(c) != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = std::min(text.find('\0'), text.size());
  const std::string_view uri = text.substr(0, split);
  if (FindInvalidUtf8(uri) != std::string_view::npos) return 0;
  const auto parsed = ParseJson(text.substr(std::min(split + 1, size)), {.depth_max = 50});
  const Json input = parsed && parsed->IsObject() ? *parsed : Json::EmptyObject();
  const NoVariables scope;
  const auto result = dsl::Template::UriTemplate(std::string(uri)).Evaluate(input, {scope, {}});
  if (!result) {
    if (result.error().message.empty()) std::abort();
    return 0;
  }
  if (!result->IsString() || FindInvalidUtf8(result->AsString()) != std::string_view::npos) std::abort();
  // One expression with nothing around it.
  const bool single = uri.starts_with('{') && uri.find('}') + 1 == uri.size() && uri.rfind('{') == 0;
  if (single && !std::ranges::all_of(result->AsString(), IsPlain)) std::abort();
  return 0;
}

// Whatever stands in the headers of a signature, reading it ends, keeps its limits, and a request is never
// known without the right code.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.h"
#include "services/workflow/webhooks/payload.h"
#include "services/workflow/webhooks/signature.h"

namespace {

using elevaite::Json;
namespace workflow = elevaite::workflow;

const workflow::Authentication& Of(std::size_t which) {
  static const auto make = [](const char* text) {
    return workflow::WebhookSettingsFrom(
               Json::Object({{"path", "x"}, {"authentication", *elevaite::ParseJson(text)}}))
        ->authentication;
  };
  static const workflow::Authentication kAll[] = {
      make(R"({"type": "stripe", "secret": "s"})"),
      make(R"({"type": "standard", "secret": "s"})"),
      make(R"({"type": "slack", "secret": "s"})"),
      make(R"({"type": "github", "secret": "s"})"),
      make(R"({"type": "basic", "secret": "s"})"),
      make(
          R"({"type": "hmac", "secret": "s", "header": "x-sig", "encoding": "base64", "timestamp_header": "x-at"})"),
  };
  return kAll[which % std::size(kAll)];
}

}  // namespace

// First byte: which scheme. Then lines of headers until an empty one, then a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty()) return 0;
  const workflow::Authentication& authentication = Of(static_cast<std::size_t>(rest.front()));
  rest.remove_prefix(1);
  elevaite::net::Headers headers;
  while (!rest.empty() && rest.front() != '\n') {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    headers.Add(line.substr(0, colon), elevaite::net::TrimSpace(line.substr(colon + 1)));
  }
  if (const auto given = workflow::ReadSignature(authentication, headers))
    CHECK(!given->signatures.empty() && given->signatures.size() <= 16);
  // The key is not one that an input could have been signed with by chance.
  const auto known = workflow::CheckSender(authentication, Json("6f1d9a:e0b7c2f4a3958d71"), headers, rest,
                                           elevaite::Timestamp::FromMicros(1'492'774'577'000'000));
  CHECK(!known);
  (void)workflow::BodyOf(headers.Get("content-type"), rest);
  return 0;
}

// Property: whatever a server asks, the answer is one header field that gives the password away nowhere.
// Input: the value of `www-authenticate`.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connectors/http/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  net::Headers headers;
  headers.Add("www-authenticate", {reinterpret_cast<const char*>(data), size});
  const auto challenge = connectors::http::ReadDigestChallenge(headers);
  if (!challenge) return 0;
  constexpr std::string_view kPassword = "\x01 a password that no server could write \x01";
  const std::string answer = connectors::http::WriteDigest(
      *challenge,
      {.username = "u", .password = kPassword, .method = "GET", .target = "/", .cnonce = "c", .count = 1});
  if (answer.find(kPassword) != std::string::npos || answer.find("response=\"") == std::string::npos)
    std::abort();
  if (answer.find_first_of("\r\n") != std::string::npos) std::abort();
  return 0;
}

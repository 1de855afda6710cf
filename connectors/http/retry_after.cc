#include "connectors/http/retry_after.h"

#include <time.h>

#include <charconv>
#include <string>

#include "foundation/clock.h"

namespace elevaite::connectors::http {
namespace {

constexpr std::int64_t kLongest = 86'400;

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that is still written.
std::optional<std::int64_t> SecondsOfDate(const std::string& text) {
  tm parts{};
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&parts);
}

}  // namespace

std::optional<std::chrono::milliseconds> RetryAfter(const net::Headers& headers, std::int64_t now) {
  const std::string_view text = headers.Get("retry-after");
  if (text.empty() || text.size() > 40) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    const auto date = SecondsOfDate(std::string(text));
    if (!date) return std::nullopt;
    seconds = *date - now;
  }
  if (seconds < 0 || seconds > kLongest) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::optional<std::chrono::milliseconds> RetryAfter(const net::ClientResponse& response) {
  return RetryAfter(response.headers, SystemClock().Now().micros() / 1'000'000);
}

}  // namespace elevaite::connectors::http

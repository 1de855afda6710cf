// The header `retry-after` (RFC 9110 section 10.2.3): seconds, or a date.
#pragma once

#include <chrono>
#include <optional>

#include "net/client.h"

namespace elevaite::connectors::http {

// For how long the server wants to be left alone; nothing: it does not say, or more than a day. `now`: by the
// clock on the wall, in seconds since 1970.
std::optional<std::chrono::milliseconds> RetryAfter(const net::Headers& headers, std::int64_t now);
std::optional<std::chrono::milliseconds> RetryAfter(const net::ClientResponse& response);

}  // namespace elevaite::connectors::http

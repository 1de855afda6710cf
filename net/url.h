// URLs, strictly: what is refused here can never be understood differently by the resolver, a proxy or the
// server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/result.h"

namespace elevaite::net {

// %41 and so on; a bad escape or a NUL gives nothing. `plus_is_space`: as in query strings.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space = false);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;
// "a=1&b=x%20y&c" in order. Errors: kInvalidArgument for bad escapes, invalid UTF-8 or more than 256
// parameters.
Result<QueryParameters> ParseQuery(std::string_view query);
std::string BuildQuery(const QueryParameters& parameters);

// An absolute http or https URL.
//   https://api.example.com:8443/v1/x?y=1   scheme "https", host "api.example.com", port 8443, target
//   "/v1/x?y=1"
struct Url {
  std::string scheme;        // "http" or "https"
  std::string host;          // lower case; an IPv6 literal without brackets
  std::uint16_t port = 0;    // never 0 after Parse
  std::string target = "/";  // path and query; never empty

  bool tls() const { return scheme == "https"; }
  bool IsIpv6Literal() const { return host.find(':') != std::string::npos; }
  std::string HostHeader() const;  // brackets and a port that is not the scheme's own
  std::string Origin() const;      // "https://api.example.com:8443"
  std::string ToString() const { return Origin() + target; }
  bool SameOrigin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }

  // Errors: kInvalidArgument, for other schemes, user names, odd IPv4 forms (2130706433, 0x7f.1, 0177.0.0.1,
  // 127.1), zone ids, non-ASCII hosts (write them as xn--), control characters, spaces, backslashes, more
  // than 8 KiB. A fragment is dropped.
  static Result<Url> Parse(std::string_view text);
  // What a `location` header means relative to this URL (RFC 3986 section 5.2).
  Result<Url> Resolve(std::string_view reference) const;
};

}  // namespace elevaite::net

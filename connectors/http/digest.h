// Digest authentication (RFC 7616): what a server asks for and what is answered. No I/O.
//
// Algorithms: MD5, SHA-256, SHA-512-256, each also as -sess; qop=auth, or none (RFC 2069). Of several
// challenges the strongest is taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/headers.h"

namespace elevaite::connectors::http {

struct DigestChallenge {
  std::string realm;
  std::string nonce;
  std::string opaque;
  bool has_opaque = false;
  std::string algorithm = "MD5";  // as the server wrote it
  bool qop_auth = false;
  bool userhash = false;
  bool stale = false;  // the nonce was too old, the password may be right
};

// From the `www-authenticate` fields of an answer; nothing if none of them can be met.
std::optional<DigestChallenge> ReadDigestChallenge(const net::Headers& headers);

struct DigestAnswer {
  std::string_view username;
  std::string_view password;
  std::string_view method;
  std::string_view target;  // path and query, as sent
  std::string_view cnonce;  // of our choice
  std::uint32_t count = 1;  // how often this nonce has been used, this time included
};
// The value of `authorization`.
std::string WriteDigest(const DigestChallenge& challenge, const DigestAnswer& answer);

}  // namespace elevaite::connectors::http

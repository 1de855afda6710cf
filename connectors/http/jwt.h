// JSON Web Tokens (RFC 7519): signed for a client that authenticates itself (RFC 7523), and looked into.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::connectors::http {

// HS256.
std::string SignWithSecret(const Json& claims, std::string_view secret);

// `pem`: a private key, not encrypted. RSA signs as RS256, P-256 as ES256, Ed25519 as EdDSA. Errors:
// kInvalidArgument.
Result<std::string> SignWithKey(const Json& claims, std::string_view pem);

// The claims, without a look at the signature; nothing if it is no token of this form.
std::optional<Json> ClaimsOf(std::string_view token);

}  // namespace elevaite::connectors::http

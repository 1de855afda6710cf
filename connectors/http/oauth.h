// The requests of OAuth 2.0 (RFC 6749, 7521, 7523, 8693) and OpenID Connect Discovery as values. No I/O.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "connectors/connector.h"
#include "foundation/json.h"
#include "foundation/random.h"
#include "net/client.h"

namespace elevaite::connectors::http {

// What is needed beside the policy.
struct OauthContext {
  std::int64_t now_seconds = 0;  // since 1970
  Random& random;
  std::string refresh_token;  // a newer one than the policy's; empty: none
};

// The authority as a URL; a `configuration` failure if it is no absolute http or https URL.
std::expected<net::Url, Failure> AuthorityOf(const Json& policy);

// oauth2: `endpoints.token`, a path behind the authority (default /oauth2/token) or a URL.
std::expected<net::Url, Failure> TokenEndpointOf(const Json& policy);

// oidc: where the authority describes itself, and what its description says.
std::expected<net::ClientRequest, Failure> DiscoveryRequest(const Json& policy);
std::expected<net::Url, Failure> TokenEndpointFrom(const Json& policy,
                                                   const net::ClientResponse& description);

// The request for a token. Failures are `configuration`: a grant that lacks what it needs.
std::expected<net::ClientRequest, Failure> TokenRequest(const Json& policy, const net::Url& endpoint,
                                                        const OauthContext& context);

struct Token {
  std::string value;
  std::optional<std::chrono::seconds> life;  // as the server said
  std::string refresh_token;                 // may be empty
};
// Failures are `authentication` (the server refuses, or its answer is none) or `communication` (it is in
// trouble).
std::expected<Token, Failure> ReadToken(const Json& policy, const net::ClientResponse& response);

}  // namespace elevaite::connectors::http

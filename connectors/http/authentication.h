// Authenticator: sends a request with what an authentication policy of the DSL says.
//
//   {"basic": {"username": ..., "password": ...}}   {"bearer": {"token": ...}}   {"digest": {"username": ...,
//   "password": ...}}
//   {"oauth2": {"authority": "https://id.example", "grant": "client_credentials", "client": {...}, ...}}
//   {"oidc": {the same without `endpoints`}}
//
// References (`use`) have been replaced by what they mean before. Credentials go to the request's own origin
// only, and never into a failure's text.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <string>

#include "connectors/http/digest.h"
#include "connectors/http/redactor.h"
#include "connectors/http/tokens.h"

namespace elevaite::connectors::http {

struct AuthenticatedRequest {
  AccountId account;
  net::ClientRequest request;
  Json policy;  // null: none
};

struct AuthenticatedResponse {
  net::ClientResponse response;
  Redactor redactor;  // knows what was sent
};

class Authenticator {
 public:
  // All must outlive this.
  Authenticator(net::Client& client, Clock& clock, Random& random)
      : client_(client), random_(random), tokens_(client, clock, random) {}

  // Failures: `configuration` for a policy that is not complete, `authentication` where no token can be had
  // or the server refuses (401), `authorization` for 403, and those of the client.
  boost::asio::awaitable<std::expected<AuthenticatedResponse, Failure>> Send(AuthenticatedRequest request);

 private:
  using Sent = std::expected<net::ClientResponse, Failure>;
  struct Nonce {
    DigestChallenge challenge;
    std::uint32_t count = 0;  // how often it was used
  };

  boost::asio::awaitable<Sent> SendPlain(net::ClientRequest request);
  boost::asio::awaitable<Sent> SendWithToken(AuthenticatedRequest request, TokenKind kind, Json policy,
                                             Redactor* redactor);
  boost::asio::awaitable<Sent> SendWithDigest(AuthenticatedRequest request, Json policy);
  // The challenge to answer next, counted; nothing if none is known.
  std::optional<Nonce> NextNonce(const std::string& key);
  void KeepNonce(const std::string& key, DigestChallenge challenge);
  void SignDigest(net::ClientRequest& request, const Json& policy, const Nonce& nonce);

  net::Client& client_;
  Random& random_;
  Tokens tokens_;
  std::mutex mutex_;
  std::map<std::string, Nonce> nonces_;  // by a digest of account, origin and policy
};

}  // namespace elevaite::connectors::http

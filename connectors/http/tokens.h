// Tokens: gets access tokens and keeps them until shortly before they expire. One request at a time for a
// key: who comes meanwhile waits for its answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <expected>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/http/oauth.h"
#include "foundation/async.h"
#include "foundation/clock.h"
#include "foundation/ids.h"

namespace elevaite::connectors::http {

enum class TokenKind : std::uint8_t { kOauth2, kOidc };

struct TokenWish {
  AccountId account;
  TokenKind kind = TokenKind::kOauth2;
  Json policy;          // of `oauth2` or `oidc`
  std::string refused;  // a token that was not accepted: another one is wanted
  Deadline deadline;
};

class Tokens {
 public:
  // All must outlive this. `client` has the egress guard.
  Tokens(net::Client& client, Clock& clock, Random& random)
      : client_(client), clock_(clock), random_(random) {}

  boost::asio::awaitable<std::expected<std::string, Failure>> Get(TokenWish wish);

 private:
  using Answer = std::expected<std::string, Failure>;
  struct Entry {
    std::string token;
    Clock::Instant until{};
    std::string refresh_token;
    bool fetching = false;
    std::vector<OneShot<std::optional<Answer>>> waiting;  // nothing: whoever fetched gave up
  };
  class Fetch;

  boost::asio::awaitable<std::expected<Token, Failure>> Ask(TokenWish wish, std::string refresh_token);
  boost::asio::awaitable<std::expected<net::Url, Failure>> FindEndpoint(TokenWish wish);
  void MakeRoom();

  net::Client& client_;
  Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // by a digest of account and policy
};

}  // namespace elevaite::connectors::http

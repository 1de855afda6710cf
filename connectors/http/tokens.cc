#include "connectors/http/tokens.h"

#include <algorithm>

#include "connectors/http/failures.h"
#include "engine/machine/errors.h"
#include "foundation/digest.h"

namespace elevaite::connectors::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kEntriesMax = 10'000;
constexpr std::chrono::seconds kLifeUnknown{300};  // of a token whose server does not say
constexpr std::chrono::seconds kMarginMax{30};     // a token is not used in its last moments

std::string KeyOf(const TokenWish& wish) {
  const std::string_view kind = wish.kind == TokenKind::kOidc ? "oidc" : "oauth2";
  return Sha256Hex(wish.account.ToString() + '\n' + std::string(kind) + '\n' + wish.policy.DumpCanonical());
}

std::chrono::seconds UsefulLife(const Token& token) {
  const std::chrono::seconds life = token.life.value_or(kLifeUnknown);
  return life - std::min(kMarginMax, life / 10);
}

}  // namespace

// The one who fetches. Those who wait are told in any case, also when the fetching coroutine is cancelled.
class Tokens::Fetch {
 public:
  Fetch(Tokens& tokens, std::string key) : tokens_(tokens), key_(std::move(key)) {}
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;
  ~Fetch() { End(std::nullopt, std::nullopt); }

  void Done(const std::expected<Token, Failure>& result) {
    if (result) {
      End(*result, Answer(result->value));
    } else {
      End(std::nullopt, Answer(std::unexpected(result.error())));
    }
  }

 private:
  void End(const std::optional<Token>& token, const std::optional<Answer>& answer) {
    if (std::exchange(ended_, true)) return;
    std::vector<OneShot<std::optional<Answer>>> waiting;
    {
      const std::scoped_lock lock(tokens_.mutex_);
      Entry& entry = tokens_.entries_[key_];
      entry.fetching = false;
      waiting.swap(entry.waiting);
      if (token) {
        entry.token = token->value;
        entry.until = tokens_.clock_.Monotonic() + UsefulLife(*token);
        if (!token->refresh_token.empty()) entry.refresh_token = token->refresh_token;
      }
    }
    for (auto& one : waiting) one.Set(answer);
  }

  Tokens& tokens_;
  const std::string key_;
  bool ended_ = false;
};

asio::awaitable<std::expected<std::string, Failure>> Tokens::Get(TokenWish wish) {
  const std::string key = KeyOf(wish);
  for (;;) {
    OneShot<std::optional<Answer>> answer;
    std::string refresh_token;
    bool wait = false;
    {
      const std::scoped_lock lock(mutex_);
      MakeRoom();
      Entry& entry = entries_[key];
      const bool fresh = !entry.token.empty() && entry.until > clock_.Monotonic();
      if (fresh && entry.token != wish.refused) co_return entry.token;
      wait = std::exchange(entry.fetching, true);
      if (wait) entry.waiting.push_back(answer);
      refresh_token = entry.refresh_token;
    }
    if (!wait) {
      Fetch fetch(*this, key);
      auto ask = Ask(wish, std::move(refresh_token));
      auto result = co_await std::move(ask);
      fetch.Done(result);
      if (!result) co_return std::unexpected(std::move(result).error());
      co_return std::move(result->value);
    }
    auto waiting = answer.WaitUntil(wish.deadline);
    const auto told = co_await std::move(waiting);
    if (!told) co_return std::unexpected(TimedOut("no access token came in time"));
    if (*told) co_return **told;
  }
}

// Tokens that have expired go first; if that is not enough, all that nobody is fetching.
void Tokens::MakeRoom() {
  if (entries_.size() < kEntriesMax) return;
  const auto now = clock_.Monotonic();
  std::erase_if(entries_, [&](const auto& one) { return !one.second.fetching && one.second.until <= now; });
  if (entries_.size() < kEntriesMax) return;
  std::erase_if(entries_, [](const auto& one) { return !one.second.fetching; });
}

asio::awaitable<std::expected<net::Url, Failure>> Tokens::FindEndpoint(TokenWish wish) {
  if (wish.kind == TokenKind::kOauth2) co_return TokenEndpointOf(wish.policy);
  auto request = DiscoveryRequest(wish.policy);
  if (!request) co_return std::unexpected(request.error());
  request->deadline = wish.deadline;
  const std::string what = "GET " + request->url.ToString();
  auto send = client_.Send(*std::move(request));
  const auto response = co_await std::move(send);
  if (!response) co_return std::unexpected(FailureFrom(response.error(), what));
  co_return TokenEndpointFrom(wish.policy, *response);
}

asio::awaitable<std::expected<Token, Failure>> Tokens::Ask(TokenWish wish, std::string refresh_token) {
  auto find = FindEndpoint(wish);
  const auto endpoint = co_await std::move(find);
  if (!endpoint) co_return std::unexpected(endpoint.error());
  const OauthContext context{.now_seconds = clock_.Now().micros() / 1'000'000,
                             .random = random_,
                             .refresh_token = std::move(refresh_token)};
  auto request = TokenRequest(wish.policy, *endpoint, context);
  if (!request) co_return std::unexpected(request.error());
  request->deadline = wish.deadline;
  const std::string what = "POST " + endpoint->ToString();
  auto send = client_.Send(*std::move(request));
  const auto response = co_await std::move(send);
  if (!response) co_return std::unexpected(FailureFrom(response.error(), what));
  co_return ReadToken(wish.policy, *response);
}

}  // namespace elevaite::connectors::http

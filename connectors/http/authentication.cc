#include "connectors/http/authentication.h"

#include <fmt/format.h>

#include "connectors/http/failures.h"
#include "foundation/base64.h"
#include "foundation/digest.h"

namespace elevaite::connectors::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kNoncesMax = 10'000;
constexpr std::string_view kSchemes[] = {"basic", "bearer", "digest", "oauth2", "oidc"};

// The text of a credential; an expression may have given a number.
std::expected<std::string, Failure> Credential(const Json& policy, std::string_view scheme,
                                               std::string_view member) {
  const Json& value = policy[member];
  if (value.IsString()) return std::string(value.AsString());
  if (value.IsNumber()) return value.Dump();
  return std::unexpected(Misconfigured(fmt::format("`authentication.{}.{}` must be a text", scheme, member)));
}

std::expected<std::string, Failure> BasicValue(const Json& policy) {
  auto username = Credential(policy, "basic", "username");
  if (!username) return username;
  auto password = Credential(policy, "basic", "password");
  if (!password) return password;
  if (username->find(':') != std::string::npos)
    return std::unexpected(Misconfigured("`authentication.basic.username` cannot hold a colon"));
  return "Basic " + Base64Encode(*username + ":" + *password);
}

std::expected<std::string, Failure> BearerValue(const Json& policy) {
  auto token = Credential(policy, "bearer", "token");
  if (!token) return token;
  return "Bearer " + *token;
}

// The one scheme that the policy names, or a failure.
std::expected<std::string_view, Failure> SchemeOf(const Json& policy) {
  for (const std::string_view scheme : kSchemes) {
    if (policy[scheme].IsObject()) return scheme;
  }
  if (policy["use"].IsString())
    return std::unexpected(Misconfigured("the authentication policy that `use` names was not found"));
  return std::unexpected(
      Misconfigured("`authentication` must hold one of basic, bearer, digest, oauth2 and oidc"));
}

std::optional<Failure> Refusal(const net::ClientResponse& response, std::string_view scheme) {
  if (response.status != 401 && response.status != 403) return std::nullopt;
  const bool unknown = response.status == 401;
  return Failure{.error = engine::MakeError(
                     unknown ? "authentication" : "authorization",
                     unknown ? "The server refuses the credentials" : "The server does not allow this",
                     fmt::format("{} answered {} to a request with {} authentication", response.url.Origin(),
                                 response.status, scheme),
                     response.status),
                 .contact = engine::Contact::kAnswered};
}

// The address may hold a credential too, and the client tells it.
Failure Cleaned(Failure failure, const Redactor& redactor) {
  const std::string detail = redactor.Clean(failure.error["detail"].StringOr(""));
  failure.error = Json::WithMember(std::move(failure.error), "detail", detail);
  return failure;
}

}  // namespace

asio::awaitable<std::expected<AuthenticatedResponse, Failure>> Authenticator::Send(
    AuthenticatedRequest sent) {
  AuthenticatedResponse result;
  if (sent.policy.IsNull()) {
    auto plain = SendPlain(std::move(sent.request));
    auto response = co_await std::move(plain);
    if (!response) co_return std::unexpected(std::move(response).error());
    result.response = *std::move(response);
    co_return result;
  }
  const auto scheme = SchemeOf(sent.policy);
  if (!scheme) co_return std::unexpected(scheme.error());
  const Json policy = sent.policy[*scheme];
  result.redactor.AddPolicy(policy);
  Sent response;
  if (*scheme == "digest") {
    auto send = SendWithDigest(std::move(sent), policy);
    response = co_await std::move(send);
  } else if (*scheme == "oauth2" || *scheme == "oidc") {
    const TokenKind kind = *scheme == "oidc" ? TokenKind::kOidc : TokenKind::kOauth2;
    auto send = SendWithToken(std::move(sent), kind, policy, &result.redactor);
    response = co_await std::move(send);
  } else {
    const auto value = *scheme == "basic" ? BasicValue(policy) : BearerValue(policy);
    if (!value) co_return std::unexpected(value.error());
    sent.request.headers.Set("authorization", *value);
    auto send = SendPlain(std::move(sent.request));
    response = co_await std::move(send);
  }
  if (!response) co_return std::unexpected(Cleaned(std::move(response).error(), result.redactor));
  if (auto refusal = Refusal(*response, *scheme)) co_return std::unexpected(*std::move(refusal));
  result.response = *std::move(response);
  co_return result;
}

asio::awaitable<Authenticator::Sent> Authenticator::SendPlain(net::ClientRequest request) {
  const std::string what = request.method + " " + request.url.ToString();
  auto send = client_.Send(std::move(request));
  auto response = co_await std::move(send);
  if (!response) co_return std::unexpected(FailureFrom(response.error(), what));
  co_return *std::move(response);
}

// A token that is refused may have been revoked: another one is asked for, once.
asio::awaitable<Authenticator::Sent> Authenticator::SendWithToken(AuthenticatedRequest sent, TokenKind kind,
                                                                  Json policy, Redactor* redactor) {
  TokenWish wish{.account = sent.account,
                 .kind = kind,
                 .policy = std::move(policy),
                 .refused = {},
                 .deadline = sent.request.deadline};
  for (bool again = false;; again = true) {
    auto get = tokens_.Get(wish);
    auto token = co_await std::move(get);
    if (!token) {
      token.error().contact = engine::Contact::kNone;  // that was another host
      co_return std::unexpected(std::move(token).error());
    }
    redactor->Add(*token);
    net::ClientRequest request = sent.request;
    request.headers.Set("authorization", "Bearer " + *token);
    auto send = SendPlain(std::move(request));
    auto response = co_await std::move(send);
    if (!response || response->status != 401 || again) co_return response;
    wish.refused = *token;
  }
}

// With a nonce that is known, else without credentials first. A nonce that the server no longer takes is
// replaced; a fresh one that is refused means that the credentials are wrong.
asio::awaitable<Authenticator::Sent> Authenticator::SendWithDigest(AuthenticatedRequest sent, Json policy) {
  for (const std::string_view member : {"username", "password"}) {
    auto value = Credential(policy, "digest", member);
    if (!value) co_return std::unexpected(value.error());
    policy = Json::WithMember(std::move(policy), Json(member), Json(*value));
  }
  const std::string key =
      Sha256Hex(sent.account.ToString() + '\n' + sent.request.url.Origin() + '\n' + policy.DumpCanonical());
  auto nonce = NextNonce(key);
  bool fresh = false;
  for (int attempt = 0;; ++attempt) {
    net::ClientRequest request = sent.request;
    if (nonce) SignDigest(request, policy, *nonce);
    auto send = SendPlain(std::move(request));
    auto response = co_await std::move(send);
    if (!response || response->status != 401 || attempt == 2) co_return response;
    // The realm of another server gets no answer.
    if (!response->url.SameOrigin(sent.request.url)) co_return response;
    auto challenge = ReadDigestChallenge(response->headers);
    if (!challenge || (fresh && !challenge->stale)) co_return response;
    sent.request.url = response->url;
    KeepNonce(key, *std::move(challenge));
    nonce = NextNonce(key);
    fresh = true;
  }
}

std::optional<Authenticator::Nonce> Authenticator::NextNonce(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = nonces_.find(key);
  if (found == nonces_.end()) return std::nullopt;
  ++found->second.count;
  return found->second;
}

void Authenticator::KeepNonce(const std::string& key, DigestChallenge challenge) {
  const std::scoped_lock lock(mutex_);
  if (nonces_.size() >= kNoncesMax) nonces_.clear();
  nonces_[key] = {std::move(challenge), 0};
}

void Authenticator::SignDigest(net::ClientRequest& request, const Json& policy, const Nonce& nonce) {
  const std::string cnonce = fmt::format("{:016x}{:016x}", random_.Next(), random_.Next());
  request.headers.Set("authorization",
                      WriteDigest(nonce.challenge, {.username = policy["username"].AsString(),
                                                    .password = policy["password"].AsString(),
                                                    .method = request.method,
                                                    .target = request.url.target,
                                                    .cnonce = cnonce,
                                                    .count = nonce.count}));
}

}  // namespace elevaite::connectors::http

#include "connectors/http/oauth.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "connectors/http/jwt.h"
#include "engine/machine/errors.h"
#include "foundation/base64.h"
#include "foundation/percent.h"
#include "foundation/utf8.h"

namespace elevaite::connectors::http {
namespace {

using engine::MakeError;

constexpr std::string_view kTokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kJwtAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kTokenPath = "/oauth2/token";
constexpr std::size_t kAnswerBytesMax = 256U << 10U;
constexpr std::int64_t kAssertionLife = 60;  // seconds

std::unexpected<Failure> Incomplete(std::string detail) {
  return std::unexpected(
      Failure{.error = MakeError("configuration", "The authentication is not complete", detail)});
}
std::unexpected<Failure> Refused(std::string detail) {
  return std::unexpected(Failure{.error = MakeError("authentication", "No access token was given", detail)});
}

std::string_view Text(const Json& object, std::string_view member) { return object[member].StringOr(""); }

// "https://id.example/realm" and "/oauth2/token" to one URL.
std::expected<net::Url, Failure> Behind(const net::Url& authority, std::string_view path) {
  if (path.find("://") != std::string_view::npos) {
    auto url = net::Url::Parse(path);
    if (!url) return Incomplete("`endpoints.token`: " + url.error().message);
    return *std::move(url);
  }
  std::string base = authority.ToString();
  base.resize(std::min(base.find('?'), base.size()));
  if (base.ends_with('/')) base.pop_back();
  auto url = net::Url::Parse(base + (path.starts_with('/') ? "" : "/") + std::string(path));
  if (!url) return Incomplete("`endpoints.token`: " + url.error().message);
  return *std::move(url);
}

// Parameters in order; a name may come several times.
using Form = std::vector<std::pair<std::string, std::string>>;

bool AddRequired(Form& form, const Json& object, std::string_view member, std::string name) {
  if (Text(object, member).empty()) return false;
  form.emplace_back(std::move(name), Text(object, member));
  return true;
}

bool AddToken(Form& form, const Json& token, const std::string& name) {
  return AddRequired(form, token, "token", name) && AddRequired(form, token, "type", name + "_type");
}

// What the grant wants; a text says what is missing.
std::optional<std::string> AddGrant(const Json& policy, const OauthContext& context, Form& form) {
  const std::string_view grant = Text(policy, "grant");
  form.emplace_back("grant_type", grant);
  if (grant == "client_credentials") return std::nullopt;
  if (grant == "password") {
    const bool whole = AddRequired(form, policy, "username", "username") &&
                       AddRequired(form, policy, "password", "password");
    return whole ? std::nullopt : std::optional("the grant password needs `username` and `password`");
  }
  if (grant == "refresh_token") {
    if (!context.refresh_token.empty()) {
      form.emplace_back("refresh_token", context.refresh_token);
      return std::nullopt;
    }
    return AddRequired(form, policy["subject"], "token", "refresh_token")
               ? std::nullopt
               : std::optional("the grant refresh_token needs the refresh token as `subject.token`");
  }
  if (grant == kTokenExchange) {
    if (!AddToken(form, policy["subject"], "subject_token")) return "a token exchange needs `subject`";
    if (policy["actor"].IsObject() && !AddToken(form, policy["actor"], "actor_token"))
      return "`actor` needs `token` and `type`";
    return std::nullopt;
  }
  if (grant == "authorization_code")
    return "the grant authorization_code needs a person in front of a browser; a workflow has none";
  return "`grant` is none of client_credentials, password, refresh_token and " + std::string(kTokenExchange);
}

void AddScope(const Json& policy, Form& form) {
  std::string scope;
  if (policy["scopes"].IsArray()) {
    for (const Json& one : policy["scopes"].AsArray())
      if (one.IsString()) scope.append(scope.empty() ? "" : " ").append(one.AsString());
  }
  if (!scope.empty()) form.emplace_back("scope", std::move(scope));
  if (!policy["audiences"].IsArray()) return;
  for (const Json& one : policy["audiences"].AsArray())
    if (one.IsString()) form.emplace_back("audience", one.AsString());
}

Json AssertionClaims(std::string_view id, const net::Url& endpoint, const OauthContext& context) {
  return Json::Object({{"iss", id},
                       {"sub", id},
                       {"aud", endpoint.ToString()},
                       {"jti", fmt::format("{:016x}{:016x}", context.random.Next(), context.random.Next())},
                       {"iat", context.now_seconds},
                       {"exp", context.now_seconds + kAssertionLife}});
}

// RFC 6749, section 2.3.1: each part is form-encoded first.
std::string BasicFor(std::string_view id, std::string_view secret) {
  return "Basic " + Base64Encode(PercentEncode(id) + ":" + PercentEncode(secret));
}

// A JWT that says who the client is: given as `assertion`, or signed here.
std::expected<std::string, std::string> Assertion(const Json& client, std::string_view method,
                                                  const net::Url& endpoint, const OauthContext& context) {
  if (!Text(client, "assertion").empty()) return std::string(Text(client, "assertion"));
  const std::string_view secret = Text(client, "secret");
  if (secret.empty())
    return std::unexpected(
        fmt::format("client authentication {} needs `client.secret` or `client.assertion`", method));
  const Json claims = AssertionClaims(Text(client, "id"), endpoint, context);
  if (method == "client_secret_jwt") return SignWithSecret(claims, secret);
  auto token = SignWithKey(claims, secret);
  if (!token) return std::unexpected("`client.secret`: " + token.error().message);
  return *std::move(token);
}

// How the client shows who it is; a text says what is missing.
std::optional<std::string> AddClient(const Json& policy, const OauthContext& context, Form& form,
                                     net::ClientRequest& request) {
  const Json& client = policy["client"];
  if (!client.IsObject()) return std::nullopt;
  const std::string_view id = Text(client, "id");
  const std::string_view secret = Text(client, "secret");
  const std::string_view method = client["authentication"].StringOr("client_secret_post");
  if (method == "none") {
    if (id.empty()) return "`client.id` is missing";
    form.emplace_back("client_id", id);
    return std::nullopt;
  }
  if (method == "client_secret_basic" || method == "client_secret_post") {
    if (id.empty() || secret.empty())
      return fmt::format("client authentication {} needs `client.id` and `client.secret`", method);
    if (method == "client_secret_basic") {
      request.headers.Set("authorization", BasicFor(id, secret));
    } else {
      form.emplace_back("client_id", id);
      form.emplace_back("client_secret", secret);
    }
    return std::nullopt;
  }
  if (method != "client_secret_jwt" && method != "private_key_jwt")
    return "`client.authentication` is none of client_secret_basic, client_secret_post, client_secret_jwt, "
           "private_key_jwt and none";
  if (id.empty() && Text(client, "assertion").empty()) return "`client.id` is missing";
  auto assertion = Assertion(client, method, request.url, context);
  if (!assertion) return assertion.error();
  if (!id.empty()) form.emplace_back("client_id", id);
  form.emplace_back("client_assertion_type", kJwtAssertion);
  form.emplace_back("client_assertion", *std::move(assertion));
  return std::nullopt;
}

Json FormAsJson(const Form& form) {
  Json object = Json::EmptyObject();
  for (const auto& [name, value] : form) {
    const Json* before = object.Find(name);
    Json whole = before == nullptr
                     ? Json(value)
                     : Json::Append(before->IsArray() ? *before : Json::Array({*before}), value);
    object = Json::WithMember(std::move(object), Json(name), std::move(whole));
  }
  return object;
}

void AddBody(const Json& policy, const Form& form, net::ClientRequest& request) {
  const bool json = Text(policy["request"], "encoding") == "application/json";
  request.headers.Set("content-type", json ? "application/json" : "application/x-www-form-urlencoded");
  request.body = json ? FormAsJson(form).Dump() : net::BuildQuery({form.begin(), form.end()});
}

// Words of a server are shown only if they have the form of a code.
std::string ErrorCodeOf(const Json& answer) {
  const std::string_view code = Text(answer, "error");
  const bool plain = !code.empty() && code.size() <= 40 &&
                     std::ranges::all_of(code, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return plain ? fmt::format(" ({})", code) : "";
}

bool SameIssuer(std::string_view a, std::string_view b) {
  if (a.ends_with('/')) a.remove_suffix(1);
  if (b.ends_with('/')) b.remove_suffix(1);
  return a == b;
}

bool IsListed(const Json& issuers, std::string_view issuer) {
  return std::ranges::any_of(issuers.AsArray(),
                             [&](const Json& one) { return SameIssuer(one.StringOr(""), issuer); });
}

}  // namespace

std::expected<net::Url, Failure> AuthorityOf(const Json& policy) {
  auto url = net::Url::Parse(Text(policy, "authority"));
  if (!url) return Incomplete("`authority` must be an absolute http or https URL: " + url.error().message);
  return *std::move(url);
}

std::expected<net::Url, Failure> TokenEndpointOf(const Json& policy) {
  auto authority = AuthorityOf(policy);
  if (!authority) return authority;
  return Behind(*authority, policy["endpoints"]["token"].StringOr(kTokenPath));
}

std::expected<net::ClientRequest, Failure> DiscoveryRequest(const Json& policy) {
  const auto authority = AuthorityOf(policy);
  if (!authority) return std::unexpected(authority.error());
  auto url = Behind(*authority, "/.well-known/openid-configuration");
  if (!url) return std::unexpected(url.error());
  net::ClientRequest request;
  request.url = *std::move(url);
  request.headers.Set("accept", "application/json");
  request.response_bytes_max = kAnswerBytesMax;
  return request;
}

std::expected<net::Url, Failure> TokenEndpointFrom(const Json& policy,
                                                   const net::ClientResponse& description) {
  if (description.status != 200) {
    return std::unexpected(Failure{
        .error = MakeError("communication", "The authority does not describe itself",
                           fmt::format("{} answered {}", description.url.ToString(), description.status),
                           description.status),
        .retryable = description.status >= 500});
  }
  const auto answer = ParseJson(description.body, {.depth_max = 50, .allow_duplicate_keys = true});
  if (!answer || !answer->IsObject())
    return Refused("the authority's openid-configuration is no JSON object");
  const std::string_view issuer = Text(*answer, "issuer");
  const bool right = policy["issuers"].IsArray() && policy["issuers"].Size() > 0
                         ? IsListed(policy["issuers"], issuer)
                         : SameIssuer(issuer, Text(policy, "authority"));
  if (!right) {
    return Refused(fmt::format("the authority calls itself '{}'; if that is right, name it under `issuers`",
                               Utf8Prefix(issuer, 200)));
  }
  auto endpoint = net::Url::Parse(Text(*answer, "token_endpoint"));
  if (!endpoint) return Refused("the authority's openid-configuration names no `token_endpoint`");
  return *std::move(endpoint);
}

std::expected<net::ClientRequest, Failure> TokenRequest(const Json& policy, const net::Url& endpoint,
                                                        const OauthContext& context) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = endpoint;
  request.redirects_max = 0;
  request.response_bytes_max = kAnswerBytesMax;
  request.headers.Set("accept", "application/json");
  Form form;
  if (auto missing = AddGrant(policy, context, form)) return Incomplete(*std::move(missing));
  AddScope(policy, form);
  if (auto missing = AddClient(policy, context, form, request)) return Incomplete(*std::move(missing));
  AddBody(policy, form, request);
  return request;
}

std::expected<Token, Failure> ReadToken(const Json& policy, const net::ClientResponse& response) {
  const auto parsed = ParseJson(response.body, {.depth_max = 50, .allow_duplicate_keys = true});
  const Json answer = parsed ? *parsed : Json();
  const std::string where = response.url.Origin();
  if (response.status >= 500 || response.status == 429) {
    return std::unexpected(
        Failure{.error = MakeError("communication", "The token server failed",
                                   fmt::format("{} answered {}", where, response.status), response.status),
                .retryable = true});
  }
  if (response.status != 200)
    return Refused(fmt::format("{} answered {}{}", where, response.status, ErrorCodeOf(answer)));
  Token token{.value = std::string(Text(answer, "access_token")),
              .life = std::nullopt,
              .refresh_token = std::string(Text(answer, "refresh_token"))};
  if (token.value.empty()) return Refused(fmt::format("the answer of {} holds no `access_token`", where));
  const std::string_view type = answer["token_type"].StringOr("bearer");
  if (!net::EqualsIgnoringCase(type, "bearer") && !net::EqualsIgnoringCase(type, "N_A"))
    return Refused(fmt::format("{} gave a token that is no bearer token", where));
  if (answer["expires_in"].IsNumber()) {
    const double seconds = std::clamp(answer["expires_in"].AsDouble(), 0.0, 1e9);
    token.life = std::chrono::seconds(static_cast<std::int64_t>(seconds));
  }
  if (!policy["issuers"].IsArray() || policy["issuers"].Size() == 0) return token;
  const auto claims = ClaimsOf(token.value);
  if (!claims || !IsListed(policy["issuers"], Text(*claims, "iss")))
    return Refused("the token was issued by nobody of `issuers`");
  return token;
}

}  // namespace elevaite::connectors::http

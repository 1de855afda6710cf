#include "connectors/http/exchange.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/http/failures.h"
#include "connectors/http/retry_after.h"
#include "foundation/base64.h"
#include "foundation/utf8.h"

namespace elevaite::connectors::http {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kTimeLimit{60};
constexpr unsigned kRedirectsMax = 5;
constexpr std::size_t kExcerptBytes = 300;
constexpr std::size_t kCleanedBytes = 512U << 10U;
// In the names of headers that hold credentials.
constexpr std::string_view kSecretWords[] = {"auth", "cookie", "key", "password", "secret", "token"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Fields that decide about the connection are the client's own.
bool IsReserved(std::string_view lower) {
  return lower == "host" || lower == "content-length" || lower == "connection" ||
         lower == "transfer-encoding" || lower == "upgrade";
}

bool HoldsCredentials(std::string_view lower) {
  return std::ranges::any_of(kSecretWords, [&](std::string_view word) {
    return lower.find(word) != std::string_view::npos && lower != "idempotency-key";
  });
}

void AddDefaults(const engine::ActivityTask& task, net::ClientRequest& request) {
  const bool safe = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  if (!safe && !request.headers.Has("idempotency-key"))
    request.headers.Set("idempotency-key", task.IdempotencyKey());
  if (!request.headers.Has("accept")) request.headers.Set("accept", "application/json, */*;q=0.5");
}

Json HeadersJson(const net::Headers& headers, bool with_credentials) {
  std::vector<Json::Member> members;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers.At(i);
    if (FindInvalidUtf8(field.value) != std::string_view::npos) continue;
    if (with_credentials || !HoldsCredentials(field.name))
      members.emplace_back(Json(field.name), Json(field.value));
  }
  return Json::Object(std::move(members));
}

Json RequestJson(const net::ClientRequest& request) {
  return Json::Object({{"method", request.method},
                       {"uri", request.url.ToString()},
                       {"headers", HeadersJson(request.headers, false)}});
}

std::expected<Json, Failure> ContentOf(const AuthenticatedResponse& answer) {
  const net::ClientResponse& response = answer.response;
  if (response.body.empty()) return Json();
  const std::string_view type = response.headers.Get("content-type");
  if (type.find("json") != std::string_view::npos) {
    auto value = ParseJson(response.body, {.allow_duplicate_keys = true});
    if (value) return *std::move(value);
    const std::string detail = fmt::format("content-type is {} but {}", type, value.error().message);
    return std::unexpected(
        Failure{.error = engine::MakeError("communication", "The answer is not what it says",
                                           answer.redactor.Clean(detail), response.status),
                .contact = engine::Contact::kAnswered});
  }
  if (FindInvalidUtf8(response.body) == std::string_view::npos) return Json(response.body);
  return Json(Base64Encode(response.body));
}

Failure BadStatus(const AuthenticatedResponse& answer, const std::string& what) {
  const net::ClientResponse& response = answer.response;
  std::string detail = answer.redactor.Clean(what);
  if (!response.body.empty() && FindInvalidUtf8(response.body) == std::string_view::npos) {
    // Far more than is shown, so that no credential is cut before it is found.
    const std::string clean = answer.redactor.Clean(Utf8Prefix(response.body, kCleanedBytes));
    detail.append(": ").append(Utf8Prefix(clean, kExcerptBytes));
  }
  return {.error = engine::MakeError("communication", fmt::format("The server answered {}", response.status),
                                     detail, response.status),
          .retry_after = RetryAfter(response),
          .contact = engine::Contact::kAnswered};
}

}  // namespace

std::expected<std::string, Failure> MethodFrom(std::string_view text) {
  std::string method(text);
  std::ranges::transform(method, method.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (IsToken(method) && method != "CONNECT" && method != "TRACE") return method;
  return std::unexpected(Invalid("`method` cannot be '" + std::string(Utf8Prefix(text, 20)) + "'"));
}

std::string TextOf(const Json& value) {
  return value.IsString() ? std::string(value.AsString()) : value.Dump();
}

std::expected<void, Failure> AddHeader(std::string_view name, const Json& value,
                                       net::ClientRequest& request) {
  const std::string lower = Lower(name);
  if (!IsToken(lower) || IsReserved(lower)) {
    return std::unexpected(Invalid("the header '" + std::string(Utf8Prefix(lower, 60)) + "' cannot be set"));
  }
  if (!value.IsNull()) request.headers.Set(lower, TextOf(value));
  return {};
}

std::expected<void, Failure> AddHeaders(const Json& headers, net::ClientRequest& request) {
  if (headers.IsNull()) return {};
  if (!headers.IsObject()) return std::unexpected(Invalid("`headers` must be an object"));
  for (const auto& [name, value] : headers.AsObject()) {
    if (auto added = AddHeader(name.AsString(), value, request); !added) return added;
  }
  return {};
}

void AddQueryText(std::string_view query, net::Url& url) {
  if (query.empty()) return;
  url.target += url.target.find('?') == std::string::npos ? '?' : '&';
  url.target += query;
}

void AddQuery(const Json& query, net::Url& url) {
  if (!query.IsObject()) return;
  net::QueryParameters parameters;
  for (const auto& [name, value] : query.AsObject()) {
    if (!value.IsNull()) parameters.emplace_back(std::string(name.AsString()), TextOf(value));
  }
  AddQueryText(net::BuildQuery(parameters), url);
}

void AddBody(const Json& body, net::ClientRequest& request) {
  if (body.IsNull()) return;
  const bool text = body.IsString() && request.headers.Has("content-type");
  request.body = text ? std::string(body.AsString()) : body.Dump();
  if (!request.headers.Has("content-type")) request.headers.Set("content-type", "application/json");
}

asio::awaitable<Outcome> Exchange::Perform(Call call) {
  AddDefaults(*call.task, call.request);
  call.request.redirects_max = call.redirect ? kRedirectsMax : 0;
  call.request.deadline = std::chrono::steady_clock::now() + TimeFor(*call.task, kTimeLimit);
  call.request.on_bytes = call.task->beat;
  const std::string what = call.request.method + " " + call.request.url.ToString();
  const Json sent = RequestJson(call.request);
  auto send = authenticator_.Send({.account = call.task->account,
                                   .request = std::move(call.request),
                                   .policy = std::move(call.authentication)});
  const auto answer = co_await std::move(send);
  if (!answer) co_return std::unexpected(answer.error());
  const net::ClientResponse& response = answer->response;
  if (response.status < 200 || response.status > (call.redirect ? 399 : 299))
    co_return std::unexpected(BadStatus(*answer, what));
  if (call.output == "raw") co_return Json(Base64Encode(response.body));
  auto content = ContentOf(*answer);
  if (!content || call.output == "content") co_return content;
  co_return Json::Object({{"request", sent},
                          {"statusCode", response.status},
                          {"headers", HeadersJson(response.headers, true)},
                          {"content", *std::move(content)}});
}

asio::awaitable<std::expected<net::ClientResponse, Failure>> Exchange::Fetch(AuthenticatedRequest request) {
  const std::string what = request.request.method + " " + request.request.url.ToString();
  auto send = authenticator_.Send(std::move(request));
  auto answer = co_await std::move(send);
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->response.status != 200) co_return std::unexpected(BadStatus(*answer, what));
  co_return std::move(answer->response);
}

}  // namespace elevaite::connectors::http

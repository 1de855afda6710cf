#include "connectors/http/http.h"

#include <fmt/format.h>
#include <algorithm>

#include "engine/machine/errors.h"
#include "foundation/base64.h"
#include "foundation/utf8.h"

namespace elevaite::connectors {

extern const std::string_view kHttpDescriptor;

namespace {

using engine::MakeError;

constexpr std::chrono::seconds kTimeLimit{60};

Failure Invalid(std::string detail) {
  return {.error = MakeError("validation", "The request cannot be made", detail)};
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return upper;
}

// Header and query values are texts; numbers and booleans are written as they are.
std::string TextOf(const Json& value) {
  return value.IsString() ? std::string(value.AsString()) : value.Dump();
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

std::expected<void, Failure> AddHeaders(const Json& headers, net::ClientRequest& request) {
  if (!headers.IsObject()) return {};
  for (const auto& [name, value] : headers.AsObject()) {
    std::string lower(name.AsString());
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (!IsToken(lower) || IsReserved(lower))
      return std::unexpected(Invalid("the header '" + lower + "' cannot be set"));
    if (!value.IsNull()) request.headers.Set(lower, TextOf(value));
  }
  return {};
}

void AddQuery(const Json& query, net::Url& url) {
  if (!query.IsObject()) return;
  net::QueryParameters parameters;
  for (const auto& [name, value] : query.AsObject()) {
    if (!value.IsNull()) parameters.emplace_back(std::string(name.AsString()), TextOf(value));
  }
  if (parameters.empty()) return;
  url.target += (url.target.find('?') == std::string::npos ? '?' : '&') + net::BuildQuery(parameters);
}

void AddBody(const Json& body, net::ClientRequest& request) {
  if (body.IsNull()) return;
  const bool text = body.IsString() && request.headers.Has("content-type");
  request.body = text ? std::string(body.AsString()) : body.Dump();
  if (!request.headers.Has("content-type")) request.headers.Set("content-type", "application/json");
}

std::expected<net::ClientRequest, Failure> RequestFrom(const engine::ActivityTask& task) {
  const Json& with = task.request;
  const Json& endpoint = with["endpoint"].IsObject() ? with["endpoint"]["uri"] : with["endpoint"];
  if (!endpoint.IsString())
    return std::unexpected(
        Invalid("`endpoint` must be a text; it is " + std::string(Utf8Prefix(endpoint.Dump(), 80))));
  const std::string method = Upper(with["method"].StringOr(""));
  if (!IsToken(method) || method == "CONNECT" || method == "TRACE")
    return std::unexpected(Invalid("`method` cannot be '" + std::string(Utf8Prefix(method, 20)) + "'"));
  auto request = net::ClientRequest::To(method, endpoint.AsString());
  if (!request) return std::unexpected(Invalid("`endpoint`: " + request.error().message));
  if (auto added = AddHeaders(with["headers"], *request); !added) return std::unexpected(added.error());
  AddQuery(with["query"], request->url);
  AddBody(with["body"], *request);
  const bool safe = method == "GET" || method == "HEAD" || method == "OPTIONS";
  if (!safe && !request->headers.Has("idempotency-key"))
    request->headers.Set("idempotency-key", task.IdempotencyKey());
  if (!request->headers.Has("accept")) request->headers.Set("accept", "application/json, */*;q=0.5");
  request->redirects_max = with["redirect"].BoolOr(false) ? 5 : 0;
  request->deadline = std::chrono::steady_clock::now() + kTimeLimit;
  return *std::move(request);
}

Failure FailureFrom(const Error& error, const std::string& what) {
  const std::string detail = what + ": " + error.message;
  switch (error.code) {
    case ErrorCode::kTimeout: return {.error = MakeError("timeout", "The request took too long", detail)};
    case ErrorCode::kPermissionDenied:
      return {.error = MakeError("authorization", "This address may not be called", detail)};
    default:
      return {.error =
                  MakeError("communication", "The request failed", detail, InfoOf(error.code).http_status)};
  }
}

std::expected<Json, Failure> ContentOf(const net::ClientResponse& response) {
  if (response.body.empty()) return Json();
  const std::string_view type = response.headers.Get("content-type");
  if (type.find("json") != std::string_view::npos) {
    auto value = ParseJson(response.body, {.allow_duplicate_keys = true});
    if (!value) {
      return std::unexpected(
          Failure{.error = MakeError("communication", "The answer is not what it says",
                                     "content-type is " + std::string(type) + " but " + value.error().message,
                                     response.status)});
    }
    return *std::move(value);
  }
  if (FindInvalidUtf8(response.body) == std::string_view::npos) return Json(response.body);
  return Json(Base64Encode(response.body));
}

Json HeadersJson(const net::Headers& headers) {
  std::vector<Json::Member> members;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers.At(i);
    if (FindInvalidUtf8(field.value) == std::string_view::npos)
      members.emplace_back(Json(field.name), Json(field.value));
  }
  return Json::Object(std::move(members));
}

Failure BadStatus(const net::ClientResponse& response, const std::string& what) {
  std::string excerpt;
  if (FindInvalidUtf8(response.body) == std::string_view::npos) excerpt = Utf8Prefix(response.body, 300);
  return {.error = MakeError("communication", fmt::format("The server answered {}", response.status),
                             excerpt.empty() ? what : what + ": " + excerpt, response.status)};
}

class Http final : public Connector {
 public:
  explicit Http(net::Client* client) : client_(client), descriptor_(ParseDescriptor(kHttpDescriptor)) {}

  const Descriptor& descriptor() const override { return descriptor_; }

  boost::asio::awaitable<Outcome> Invoke(engine::ActivityTask task) override {
    auto request = RequestFrom(task);
    if (!request) co_return std::unexpected(request.error());
    const std::string what = request->method + " " + request->url.ToString();
    const Json sent = Json::Object({{"method", request->method}, {"uri", request->url.ToString()}});
    auto send = client_->Send(*std::move(request));
    const auto response = co_await std::move(send);
    if (!response) co_return std::unexpected(FailureFrom(response.error(), what));
    const int last_good = task.request["redirect"].BoolOr(false) ? 399 : 299;
    if (response->status < 200 || response->status > last_good)
      co_return std::unexpected(BadStatus(*response, what));
    const std::string_view output = task.request["output"].StringOr("content");
    if (output == "raw") co_return Json(Base64Encode(response->body));
    auto content = ContentOf(*response);
    if (!content || output == "content") co_return content;
    co_return Json::Object({{"request", sent},
                            {"statusCode", response->status},
                            {"headers", HeadersJson(response->headers)},
                            {"content", *std::move(content)}});
  }

 private:
  net::Client* client_;
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Connector> MakeHttp(net::Client* client) { return std::make_unique<Http>(client); }

}  // namespace elevaite::connectors

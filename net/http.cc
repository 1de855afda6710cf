#include "net/http.h"

#include <array>

namespace elevaite::net {

std::string_view NameOf(Method method) {
  static constexpr std::array<std::string_view, 8> kNames{"GET",   "HEAD",   "POST",    "PUT",
                                                          "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return kNames.at(static_cast<std::size_t>(method));
}

void Request::Reset() {
  segments.clear();
  headers.Clear();
  trace_parent.clear();
  route = {};
  context.reset();
  path_parameters.clear();
  rest.clear();
}

std::string_view Request::PathParameter(std::string_view name) const {
  for (const auto& [key, index] : path_parameters) {
    if (key != name) continue;
    return index == std::string::npos ? std::string_view(rest) : segments[index];
  }
  return {};
}

std::string_view Request::RawQuery() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

Result<QueryParameters> Request::Query() const { return ParseQuery(RawQuery()); }

std::optional<std::string> Request::QueryParameter(std::string_view name) const {
  auto query = Query();
  if (!query) return std::nullopt;
  for (auto& [key, value] : *query) {
    if (key == name) return std::move(value);
  }
  return std::nullopt;
}

boost::asio::awaitable<Result<std::string_view>> Request::ReadSome() {
  if (body_source == nullptr) co_return std::string_view();
  co_return co_await body_source->ReadSome(body_bytes_max);
}

boost::asio::awaitable<Result<std::string>> Request::ReadBody() {
  std::string body;
  if (body_source == nullptr) co_return body;
  while (true) {
    ASSIGN_OR_CO_RETURN(const std::string_view bytes, co_await body_source->ReadSome(body_bytes_max));
    if (bytes.empty()) co_return body;
    body.append(bytes);
  }
}

boost::asio::awaitable<Result<Json>> Request::ReadJson(JsonParseOptions options) {
  const std::string_view full = headers.Get("content-type");
  const std::string_view type = TrimSpace(full.substr(0, full.find(';')));
  if (!type.empty() && !EqualsIgnoringCase(type, kJsonType) &&
      !(type.size() > 5 && EqualsIgnoringCase(type.substr(type.size() - 5), "+json"))) {
    co_return Fail(ErrorCode::kUnsupportedMedia, "the body must be JSON",
                   "send content-type: application/json");
  }
  ASSIGN_OR_CO_RETURN(const std::string body, co_await ReadBody());
  if (body.empty()) co_return Fail(ErrorCode::kInvalidArgument, "the body is empty; JSON is expected");
  co_return ParseJson(body, options);
}

Response JsonResponse(int status, const Json& value) {
  return Response{.status = status, .content_type = kJsonType, .body = value.Dump()};
}

Response TextResponse(int status, std::string text) {
  return Response{.status = status, .content_type = kTextType, .body = std::move(text)};
}

Response EmptyResponse(int status) { return Response{.status = status}; }

Response RedirectResponse(int status, std::string_view location) {
  Response response{.status = status};
  response.headers.Add("location", location);
  return response;
}

Response StreamResponse(std::string_view content_type,
                        std::function<boost::asio::awaitable<Result<>>(BodyWriter&)> write) {
  return Response{.content_type = content_type, .body = StreamBody{.write = std::move(write)}};
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Status";
  }
}

}  // namespace elevaite::net

// Request and Response: what handlers see of HTTP.
//
//   boost::asio::awaitable<Result<Response>> GetWorkflow(Store& store, Request& request) {
//     ASSIGN_OR_CO_RETURN(const Json workflow, co_await store.Load(request.PathParameter("name")));
//     co_return JsonResponse(200, workflow);
//   }
//
// A handler runs on the thread of its connection. The Request lives until the response has been written,
// stream callbacks included. Errors become problem details (net/problem.h). At the time limit of its route a
// handler is cancelled: what it awaits throws operation_aborted. A client that goes away cancels a stream at
// once; a handler that has not answered yet runs on, since a client that only closed its sending half still
// waits.
#pragma once

#include <any>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"
#include "net/headers.h"
#include "net/url.h"

namespace elevaite::net {

class WebSocket;
struct WebSocketOptions;

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view NameOf(Method method);

// Where the bytes of a request body come from; the connection implements it.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Some bytes, valid until the next call; empty at the end. Errors: kPayloadTooLarge, kTimeout (the client
  // is too slow), kInvalidArgument (bad framing), kCancelled (the client is gone).
  virtual boost::asio::awaitable<Result<std::string_view>> ReadSome(std::size_t bytes_max_total) = 0;
};

class Request {
 public:
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  Method method = Method::kGet;
  std::string method_text;
  std::string target;  // as sent: "/a%20b?x=1"
  std::string
      path;  // decoded: "/a b"; an escaped slash is a slash here: use PathParameter to tell them apart
  std::vector<std::string_view> segments;  // each decoded by itself; views into `path`
  Headers headers;
  std::string peer;          // address of the client's end of the socket, without port
  std::string request_id;    // the client's own when it is sane, else made here; sent back as x-request-id
  std::string trace_parent;  // a well-formed W3C traceparent, or empty
  std::size_t body_bytes_max = 0;  // of the route
  std::string_view route;          // the pattern that matched: "/v1/workflows/{name}"
  std::any context;                // for what the rooms above attach: the account, a permission

  // "" when the pattern has no such name.
  std::string_view PathParameter(std::string_view name) const;
  // The query string, undecoded, without '?'.
  std::string_view RawQuery() const;
  Result<QueryParameters> Query() const;
  // The first of that name; nothing when it is absent. A query that cannot be decoded is refused before
  // handlers run.
  std::optional<std::string> QueryParameter(std::string_view name) const;

  // The whole body. Errors as BodySource, the limit being the route's.
  boost::asio::awaitable<Result<std::string>> ReadBody();
  // The next bytes, empty at the end: for bodies that should not be held in memory.
  boost::asio::awaitable<Result<std::string_view>> ReadSome();
  // The body as JSON. Errors: kUnsupportedMedia unless the content type is JSON or absent, kInvalidArgument
  // with line and column.
  boost::asio::awaitable<Result<Json>> ReadJson(JsonParseOptions options = {});

  // For the server.
  BodySource* body_source = nullptr;
  std::vector<std::pair<std::string_view, std::size_t>>
      path_parameters;  // name -> first segment of the value
  std::string rest;     // the value of a trailing {name...}
  void Reset();
};

// Writes the body of a streamed response. Back-pressure: Write returns when the kernel has taken the bytes.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Errors: kCancelled when the client is gone, kTimeout when it does not read.
  virtual boost::asio::awaitable<Result<>> Write(std::string bytes) = 0;
  // After this long without a Write the connection sends `bytes` by itself (a comment of an event stream).
  virtual void SetHeartbeat(std::chrono::milliseconds interval, std::string bytes) = 0;
};

// Bytes that several responses share without a copy; `owner` keeps them alive (empty: static storage).
struct SharedBytes {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
};

struct StreamBody {
  // Runs after the head is sent. It is cancelled when the client goes away. An error ends the connection
  // without the final chunk, so the client can tell that the body is cut short.
  std::function<boost::asio::awaitable<Result<>>(BodyWriter&)> write;
  bool endless = false;  // an event stream: ended at once by a drain instead of waited for
};

struct UpgradeBody {
  std::shared_ptr<const WebSocketOptions> options;
  std::function<boost::asio::awaitable<void>(WebSocket&)> run;
};

struct Response {
  int status = 200;
  std::string_view content_type;  // static storage only; else headers.Set("content-type", ...)
  Headers headers;  // not content-length, connection, date, transfer-encoding: those are the server's
  std::variant<std::monostate, std::string, SharedBytes, StreamBody, UpgradeBody> body;
};

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kProblemType = "application/problem+json";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

Response JsonResponse(int status, const Json& value);
Response TextResponse(int status, std::string text);
Response EmptyResponse(int status = 204);
Response RedirectResponse(int status, std::string_view location);
Response StreamResponse(std::string_view content_type,
                        std::function<boost::asio::awaitable<Result<>>(BodyWriter&)> write);

std::string_view ReasonOf(int status);

}  // namespace elevaite::net

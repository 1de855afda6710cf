#include "net/connection.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "foundation/async.h"
#include "net/compression.h"
#include "net/problem.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::system::error_code;

constexpr std::size_t kCompressMax = 2U << 20U;  // compressing more would hold up the thread

bool HasNoBody(int status) { return status == 204 || status == 304 || (status >= 100 && status < 200); }

}  // namespace

Connection::Connection(std::shared_ptr<Worker> worker, Socket socket, std::string peer)
    : worker_(std::move(worker)), server_(worker_->server()), socket_(std::move(socket)) {
  request_.peer = std::move(peer);
  in_.resize(kFirstBuffer);
  place_ = worker_->connections_.insert(worker_->connections_.end(), this);
}

Connection::~Connection() {
  worker_->connections_.erase(place_);
  --server_.open;
}

void Connection::Start() {
  asio::co_spawn(socket_.get_executor(), Run(shared_from_this()),
                 asio::bind_cancellation_slot(cancel_.slot(), [](const std::exception_ptr&) {}));
}

awaitable<void> Connection::Run(std::shared_ptr<Connection> self) {
  try {
    while (true) {
      const bool more = co_await ReadHead();
      if (!more) break;
      co_await Serve();
      if (!keep_alive_ || gone_) break;
    }
    if (!gone_) {
      const bool sent = co_await Flush();
      if (sent && phase_ != Phase::kIdle && !body_done_) co_await Linger();
    }
  } catch (const std::exception& error) {
    if (server_.hooks.failure && !gone_) {
      server_.hooks.failure(
          Error{.code = ErrorCode::kInternal, .message = "a connection broke off", .detail = error.what()},
          request_);
    }
  }
  // Not Close(): a coroutine of Asio that cancels itself before it first waited ends the process.
  ShutSocket();
}

Response Connection::Unrouted(const Router::Match& match) {
  if (request_.method == Method::kOptions && !match.allow.empty()) {
    Response response = EmptyResponse(204);
    response.headers.Add("allow", match.allow);
    return response;
  }
  if (match.allow.empty()) {
    return ProblemResponse(Error{.code = ErrorCode::kNotFound, .message = "there is nothing at this path"},
                           request_);
  }
  Response response = ProblemResponse(Error{.code = ErrorCode::kMethodNotAllowed,
                                            .message = "this path does not take " + request_.method_text},
                                      request_);
  response.headers.Add("allow", match.allow);
  return response;
}

awaitable<Response> Connection::Handle(const Route& route) {
  const auto timeout = route.options.timeout.value_or(server_.options.handler_timeout);
  Enter(Phase::kHandler, timeout.count() == 0 ? Clock::time_point::max() : started_ + timeout);
  std::optional<Result<Response>> result;
  std::exception_ptr thrown;
  try {
    result.emplace(co_await route.handler(request_));
  } catch (...) {
    thrown = std::current_exception();
  }
  Enter(Phase::kHandler, Clock::time_point::max());
  if (expired_ || gone_) co_await asio::this_coro::reset_cancellation_state();
  if (result && *result) co_return std::move(**result);
  Error error = thrown ? ErrorFromException(thrown) : std::move(result->error());
  int status = InfoOf(error.code).http_status;
  if (thrown && error.code == ErrorCode::kInternal) Bump(worker_->stats.handler_exceptions);
  if (body_too_slow_) {
    status = 408;
  } else if (expired_) {
    error = Error{.code = ErrorCode::kTimeout,
                  .message = "the request took longer than this path allows",
                  .detail = error.detail};
    status = InfoOf(error.code).http_status;
  } else if (error.code == ErrorCode::kInternal || error.code == ErrorCode::kDataLoss) {
    // What went wrong inside is for the log.
    if (thrown) error.message = "something went wrong; the request id finds it in the log";
  }
  if ((status >= 500 || !error.detail.empty()) && server_.hooks.failure)
    server_.hooks.failure(error, request_);
  co_return ProblemResponse(status, error, request_);
}

awaitable<void> Connection::Serve() {
  PrepareRequest();
  ++requests_;
  Bump(worker_->stats.requests);
  keep_alive_ = framing_.keep_alive && requests_ < server_.options.requests_per_connection_max;
  std::optional<Response> response;
  if (request_.method == Method::kOptions && request_.target == "*") {
    response = EmptyResponse(204);
  } else if (const auto split = SplitTarget(request_); !split) {
    response = ProblemResponse(split.error(), request_);
  } else {
    const Router::Match match = server_.router.Find(request_);
    if (match.route == nullptr) {
      response = Unrouted(match);
    } else {
      request_.body_bytes_max = match.route->options.body_bytes_max.value_or(server_.options.body_bytes_max);
      if (framing_.content_length > request_.body_bytes_max) {
        response = ProblemResponse(
            Error{.code = ErrorCode::kPayloadTooLarge,
                  .message = "the body is larger than " + std::to_string(request_.body_bytes_max) + " bytes"},
            request_);
      } else {
        response.emplace(co_await Handle(*match.route));
      }
    }
  }
  if (gone_) co_return;
  status_ = response->status;
  if (auto* upgrade = std::get_if<UpgradeBody>(&response->body)) {
    co_await RunWebSocket(std::move(*upgrade));
    co_return;
  }
  SkipBufferedBody();
  if (!body_done_ || server_.retiring) keep_alive_ = false;
  if (auto* stream = std::get_if<StreamBody>(&response->body)) {
    stream_chunked_ = !framing_.http_1_0;
    keep_alive_ = keep_alive_ && stream_chunked_;
    AppendHead(*response, std::nullopt, stream_chunked_);
    if (request_.method != Method::kHead) co_await SendStream(std::move(*stream));
    Record();
    co_return;
  }
  Compress(*response);
  std::string_view body;
  if (const auto* text = std::get_if<std::string>(&response->body)) body = *text;
  if (const auto* shared = std::get_if<SharedBytes>(&response->body)) body = shared->bytes;
  AppendHead(*response, HasNoBody(response->status) ? std::nullopt : std::optional(body.size()), false);
  if (request_.method == Method::kHead || HasNoBody(response->status)) body = {};
  if (body.size() <= kCopyMax) {
    out_.append(body);
    body = {};
  }
  // Behind pipelined requests more responses follow: they leave together, at the latest when input runs out
  // (ReadHead).
  if (!body.empty() || out_.size() > kBatchMax || in_begin_ == in_end_) {
    const bool sent = co_await Flush(body);
    if (!sent) keep_alive_ = false;
  }
  Record();
}

void Connection::Compress(Response& response) const {
  const std::size_t least = server_.options.compress_bytes_min;
  auto* body = std::get_if<std::string>(&response.body);
  if (body == nullptr || least == 0 || body->size() < least || body->size() > kCompressMax) return;
  const std::string_view type =
      response.content_type.empty() ? response.headers.Get("content-type") : response.content_type;
  if (!IsCompressible(type) || response.headers.Has("content-encoding")) return;
  response.headers.Add("vary", "accept-encoding");
  if (!AcceptsEncoding(request_.headers.Get("accept-encoding"), "gzip")) return;
  *body = Gzip(*body, 4);
  response.headers.Add("content-encoding", "gzip");
}

void Connection::Record() {
  if (!server_.hooks.access_log) return;
  const std::string_view path = std::string_view(request_.target).substr(0, request_.target.find('?'));
  server_.hooks.access_log(
      {.method = request_.method_text,
       .path = path,
       .route = request_.route,
       .status = status_,
       .bytes = sent_ + (out_.size() - out_sent_),
       .duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_),
       .request_id = request_.request_id,
       .trace_parent = request_.trace_parent,
       .peer = request_.peer});
}

}  // namespace elevaite::net

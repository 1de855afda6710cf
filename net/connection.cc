#include "net/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

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

constexpr std::size_t kFirstBuffer = 4 * 1024;
constexpr std::size_t kBodyBuffer = 64 * 1024;
constexpr std::size_t kBatchMax = 64 * 1024;  // responses to pipelined requests gathered before a write
constexpr std::size_t kCopyMax =
    16 * 1024;  // bodies up to here are copied behind their head: one write for both
constexpr std::size_t kCompressMax = 2U << 20U;  // compressing more would hold up the thread
constexpr std::chrono::milliseconds kLingerTime{3000};

void AppendNumber(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

bool IsSaneId(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  });
}

// W3C trace context, version 00: 00-<32 hex>-<16 hex>-<2 hex>, lower case, ids not all zero.
bool IsTraceParent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return false;
  for (std::size_t i = 3; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 35 || i == 52) continue;
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return text.substr(3, 32).find_first_not_of('0') != std::string_view::npos &&
         text.substr(36, 16).find_first_not_of('0') != std::string_view::npos;
}

std::string_view StatusLine(int status) {
  static const auto* const kLines = [] {
    auto* lines = new std::array<std::string, 600>;
    for (int code = 100; code < 600; ++code) {
      (*lines)[static_cast<std::size_t>(code)] =
          "HTTP/1.1 " + std::to_string(code) + ' ' + std::string(ReasonOf(code)) + "\r\n";
    }
    return lines;
  }();
  return (*kLines)[static_cast<std::size_t>(status >= 100 && status < 600 ? status : 500)];
}

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

// ----------------------------------------------------------------------------------------------------------
// reading

awaitable<bool> Connection::Fill() {
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  if (in_end_ == in_.size()) {
    if (in_begin_ != 0) {
      in_.erase(0, in_begin_);
      in_end_ -= in_begin_;
      in_begin_ = 0;
      in_.resize(in_.capacity());
    } else {
      in_.resize(in_.size() * 2);
    }
  }
  error_code error;
  const auto space = asio::buffer(in_.data() + in_end_, in_.size() - in_end_);
  const std::size_t size = co_await socket_.async_read_some(space, redirect_error(use_awaitable, error));
  if (error) {
    gone_ = gone_ || !expired_;
    co_return false;
  }
  in_end_ += size;
  co_return true;
}

void Connection::Consume(std::size_t bytes) { in_begin_ += bytes; }

awaitable<bool> Connection::ReadHead() {
  const ServerOptions& options = server_.options;
  const HeadLimits limits{options.header_bytes_max, options.header_fields_max};
  scanner_.Reset();
  request_.Reset();
  phase_ = Phase::kIdle;
  body_done_ = true;
  while (true) {
    while (scanner_.size() == 0 && Buffered().starts_with("\r\n")) Consume(2);  // RFC 9112 section 2.2
    const std::string_view bytes = Buffered();
    const auto state =
        bytes.empty() || bytes == "\r" ? HeadScanner::State::kMore : scanner_.Scan(bytes, limits);
    if (state == HeadScanner::State::kComplete) break;
    if (state == HeadScanner::State::kBad) {
      co_await Refuse(scanner_.error());
      co_return false;
    }
    if (!out_.empty()) {
      const bool sent = co_await Flush();
      if (!sent) co_return false;
    }
    if (bytes.empty()) {
      if (server_.draining) co_return false;
      if (in_.size() > kFirstBuffer) std::string(kFirstBuffer, '\0').swap(in_), in_begin_ = in_end_ = 0;
      Enter(Phase::kIdle, Clock::now() + (requests_ == 0 ? options.header_timeout : options.idle_timeout));
    } else if (phase_ != Phase::kHead) {
      Enter(Phase::kHead, Clock::now() + options.header_timeout);
    }
    const bool filled = co_await Fill();
    if (filled) continue;
    if (expired_ && phase_ == Phase::kHead) co_await Refuse({408, "the request head took too long"});
    co_return false;
  }
  const auto bad = parser_.ParseHead(Buffered().substr(0, scanner_.size()), limits, request_, framing_);
  Consume(scanner_.size());
  if (!bad) co_return true;
  co_await Refuse(*bad);
  co_return false;
}

void Connection::PrepareRequest() {
  started_ = Clock::now();
  sent_ = 0;
  expired_ = false;
  body_too_slow_ = false;
  const std::string_view id = request_.headers.Get("x-request-id");
  request_.request_id = IsSaneId(id) ? std::string(id) : worker_->NewRequestId();
  if (const std::string_view trace = request_.headers.Get("traceparent"); IsTraceParent(trace))
    request_.trace_parent = trace;
  body_left_ = framing_.content_length;
  body_done_ = !framing_.chunked && body_left_ == 0;
  body_read_ = 0;
  body_pending_ = 0;
  chunk_.clear();
  body_started_ = started_;
  continue_due_ = framing_.expect_continue && !body_done_;
  request_.body_source = this;
}

// The server's own answer to what never becomes a request; the connection ends with it.
awaitable<void> Connection::Refuse(BadRequest why) {
  framing_ = Framing{};
  if (request_.headers.empty()) {
    request_.method = Method::kOther;
    request_.method_text = "-";
    request_.target = "/";
  }
  PrepareRequest();
  Bump(worker_->stats.bad_requests);
  keep_alive_ = false;
  const ErrorCode code = why.status == 408 ? ErrorCode::kTimeout : ErrorCode::kInvalidArgument;
  const Error error{.code = code, .message = why.reason};
  const Response response = ProblemResponse(why.status, error, request_);
  const std::string& body = std::get<std::string>(response.body);
  AppendHead(response, body.size(), false);
  out_ += body;
  status_ = why.status;
  Record();
  const bool sent = co_await Flush();
  if (sent) co_await Linger();
}

Clock::time_point Connection::RateDeadline(std::chrono::milliseconds grace, std::size_t bytes) const {
  return Clock::now() + grace +
         std::chrono::milliseconds(bytes * 1000 / std::max<std::size_t>(server_.options.rate_bytes_min, 1));
}

awaitable<Result<std::string_view>> Connection::ReadSome(std::size_t bytes_max_total) {
  Consume(std::exchange(body_pending_, 0));
  if (body_done_) co_return std::string_view();
  if (continue_due_) {
    continue_due_ = false;
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    const bool sent = co_await Flush();
    if (!sent) co_return Fail(ErrorCode::kCancelled, "the client is gone");
  }
  const auto handler_deadline = deadline_;
  while (true) {
    CO_RETURN_IF_ERROR(TakeBody(bytes_max_total));
    if (body_done_ || body_pending_ != 0 || !chunk_.empty()) break;
    if (in_.size() < kBodyBuffer) {
      if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
      in_.resize(kBodyBuffer);
    }
    const auto allowed = server_.options.body_timeout +
                         std::chrono::milliseconds(body_read_ * 1000 /
                                                   std::max<std::size_t>(server_.options.rate_bytes_min, 1));
    Enter(Phase::kBody, std::min(handler_deadline, body_started_ + allowed));
    const bool filled = co_await Fill();
    Enter(Phase::kHandler, handler_deadline);
    if (filled) continue;
    body_too_slow_ = expired_;
    keep_alive_ = false;
    if (expired_) co_return Fail(ErrorCode::kTimeout, "the request body comes too slowly");
    co_return Fail(ErrorCode::kCancelled, "the client is gone");
  }
  if (framing_.chunked) co_return std::string_view(chunk_);
  co_return Buffered().substr(0, body_pending_);
}

// Takes what is buffered of the body: body_pending_ bytes of in_, or decoded chunks in chunk_.
Result<> Connection::TakeBody(std::size_t bytes_max_total) {
  std::size_t taken = 0;
  if (framing_.chunked) {
    chunk_.clear();
    const auto parsed = parser_.ParseChunked(Buffered(), chunk_);
    Consume(parsed.consumed);
    // A chunk header or trailer that fills the whole buffer is no chunk header.
    if (parsed.bad || (parsed.consumed == 0 && in_end_ - in_begin_ >= server_.options.header_bytes_max)) {
      keep_alive_ = false;
      return Fail(ErrorCode::kInvalidArgument, "the chunked body is malformed");
    }
    taken = chunk_.size();
    body_done_ = parsed.done;
  } else {
    taken = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, in_end_ - in_begin_));
    body_pending_ = taken;
    body_left_ -= taken;
    body_done_ = body_left_ == 0;
  }
  body_read_ += taken;
  if (body_read_ <= bytes_max_total) return {};
  keep_alive_ = false;
  body_done_ = false;
  return Fail(ErrorCode::kPayloadTooLarge,
              "the body is larger than " + std::to_string(bytes_max_total) + " bytes");
}

// After the response: drops the rest of a short body, as far as it has come. What has not come yet ends the
// connection, which Serve has decided before the head was written.
void Connection::SkipBufferedBody() {
  Consume(std::exchange(body_pending_, 0));
  if (body_done_ || framing_.chunked) return;
  const auto skip = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, in_end_ - in_begin_));
  Consume(skip);
  body_left_ -= skip;
  body_done_ = body_left_ == 0;
}

// ---------------------------------------------------------------------------------------------------------
// handling

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
  if (!body_done_ || server_.draining) keep_alive_ = false;
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

void Connection::AppendHead(const Response& response, std::optional<std::uint64_t> length, bool chunked) {
  out_ += StatusLine(response.status);
  out_ += worker_->date_line();
  if (!response.content_type.empty()) {
    out_ += "content-type: ";
    out_ += response.content_type;
    out_ += "\r\n";
  }
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const auto [name, value] = response.headers.At(i);
    out_.append(name).append(": ").append(value).append("\r\n");
  }
  if (length) {
    out_ += "content-length: ";
    AppendNumber(out_, *length);
    out_ += "\r\n";
  } else if (chunked) {
    out_ += "transfer-encoding: chunked\r\n";
  }
  out_.append("x-request-id: ").append(request_.request_id);
  if (!keep_alive_) {
    out_ += "\r\nconnection: close";
  } else if (framing_.http_1_0) {
    out_ += "\r\nconnection: keep-alive";
  }
  out_ += "\r\n\r\n";
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

// ----------------------------------------------------------------------------------------------------------
// writing

// Sends what is in out_, then `more` without a copy. One plain system call in the usual case.
awaitable<bool> Connection::Flush(std::string_view more) {
  const auto phase = phase_;
  const auto deadline = deadline_;
  bool waited = false;
  writing_ = true;
  while (true) {
    const std::string_view first = std::string_view(out_).substr(out_sent_);
    if (first.empty() && more.empty()) break;
    std::array<iovec, 2> parts{
        {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(more.data()), more.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = more.empty() ? 1 : 2;
    const ssize_t result = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (result >= 0) {
      const auto size = static_cast<std::size_t>(result);
      sent_ += size;
      Bump(worker_->stats.bytes_sent, size);
      const std::size_t of_first = std::min(size, first.size());
      out_sent_ += of_first;
      more.remove_prefix(size - of_first);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      gone_ = true;
      break;
    }
    if (!waited)
      Enter(Phase::kWrite, RateDeadline(server_.options.write_timeout, first.size() + more.size()));
    waited = true;
    error_code error;
    co_await socket_.async_wait(Socket::wait_write, redirect_error(use_awaitable, error));
    if (!error) continue;
    gone_ = true;
    break;
  }
  writing_ = false;
  out_.clear();
  out_sent_ = 0;
  if (out_.capacity() > 4 * kBatchMax) out_.shrink_to_fit();
  if (waited) Enter(phase, deadline);
  co_return !gone_;
}

awaitable<void> Connection::SendStream(StreamBody stream) {
  bool alive = co_await Flush();
  if (!alive) co_return;
  endless_ = stream.endless;
  last_write_ = Clock::now();
  Enter(Phase::kStream, Clock::time_point::max());
  WatchForEnd();
  std::optional<Result<>> result;
  std::exception_ptr thrown;
  if (!(endless_ && server_.draining)) {
    try {
      result.emplace(co_await stream.write(*this));
    } catch (...) {
      thrown = std::current_exception();
    }
  }
  ++watch_;
  heartbeat_interval_ = std::chrono::milliseconds(0);
  endless_ = false;
  error_code ignored;
  socket_.cancel(ignored);
  Enter(Phase::kHandler, Clock::time_point::max());
  co_await asio::this_coro::reset_cancellation_state();
  if (gone_) co_return;
  const bool whole = ending_ || (result && *result);
  if (whole) {
    if (stream_chunked_) out_ += "0\r\n\r\n";
    keep_alive_ = keep_alive_ && !ending_;
    alive = co_await Flush();
    co_return;
  }
  // The client must see that the body is cut short: no last chunk, and the connection ends at once.
  const Error error = thrown ? ErrorFromException(thrown) : (result ? result->error() : Error{});
  if (server_.hooks.failure) server_.hooks.failure(error, request_);
  gone_ = true;
}

awaitable<Result<>> Connection::Write(std::string bytes) {
  if (gone_) co_return Fail(ErrorCode::kCancelled, "the client is gone");
  if (bytes.empty()) co_return Result<>();
  if (stream_chunked_) {
    std::array<char, 20> size;
    const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    out_.append(size.data(), end).append("\r\n");
    bytes += "\r\n";
  }
  bool sent = false;
  if (bytes.size() <= kCopyMax) {
    out_ += bytes;
    sent = co_await Flush();
  } else {
    sent = co_await Flush(bytes);
  }
  last_write_ = Clock::now();
  if (sent) co_return Result<>();
  if (expired_) co_return Fail(ErrorCode::kTimeout, "the client reads too slowly");
  co_return Fail(ErrorCode::kCancelled, "the client is gone");
}

void Connection::SetHeartbeat(std::chrono::milliseconds interval, std::string bytes) {
  heartbeat_interval_ = interval;
  heartbeat_ = std::move(bytes);
}

// ------------------------------------------------------------------------------------------- time, end of
// the client

// While a stream runs nobody reads the socket: becoming readable without bytes means that the client has
// gone.
void Connection::WatchForEnd() {
  socket_.async_wait(Socket::wait_read, [weak = weak_from_this(), watch = ++watch_](const error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->watch_ != watch) return;
    char byte = 0;
    const ssize_t size = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
      self->ClientIsGone();
  });
}

void Connection::ClientIsGone() {
  gone_ = true;
  cancel_.emit(asio::cancellation_type::terminal);
}

// A stream without news sends its heartbeat straight from the worker's tick, and so do responses that wait
// behind a slow handler.
void Connection::Heartbeat() {
  if (writing_) return;
  if (heartbeat_interval_.count() != 0 && Clock::now() - last_write_ >= heartbeat_interval_ && out_.empty()) {
    if (stream_chunked_) {
      std::array<char, 20> size;
      const auto end = std::to_chars(size.data(), size.data() + size.size(), heartbeat_.size(), 16).ptr;
      out_.append(size.data(), end).append("\r\n").append(heartbeat_).append("\r\n");
    } else {
      out_ += heartbeat_;
    }
    last_write_ = Clock::now();
  }
  if (out_sent_ == out_.size()) return;
  const ssize_t size = ::send(socket_.native_handle(), out_.data() + out_sent_, out_.size() - out_sent_,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size > 0) {
    sent_ += static_cast<std::size_t>(size);
    Bump(worker_->stats.bytes_sent, static_cast<std::uint64_t>(size));
    out_sent_ += static_cast<std::size_t>(size);
    if (out_sent_ == out_.size()) {
      out_.clear();
      out_sent_ = 0;
    }
  } else if (phase_ == Phase::kStream && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    ClientIsGone();
  }
}

void Connection::CheckTime(Clock::time_point now) {
  if (phase_ == Phase::kStream || phase_ == Phase::kHandler) Heartbeat();
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  error_code ignored;
  switch (phase_) {
    case Phase::kIdle:
      gone_ = true;
      socket_.cancel(ignored);
      break;
    case Phase::kHandler:
      Bump(worker_->stats.timeouts);
      expired_ = true;
      cancel_.emit(asio::cancellation_type::terminal);
      break;
    case Phase::kClosed: break;
    default:
      Bump(worker_->stats.timeouts);
      expired_ = true;
      socket_.cancel(ignored);
  }
}

void Connection::Drain() {
  error_code ignored;
  if (phase_ == Phase::kIdle && in_begin_ == in_end_) {
    gone_ = true;
    socket_.cancel(ignored);
  } else if (phase_ == Phase::kWebSocket) {
    if (stop_websocket_) stop_websocket_(StopHow::kPolitely);
  } else if (endless_) {
    ending_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
  }
}

void Connection::ShutSocket() {
  error_code ignored;
  phase_ = Phase::kClosed;
  deadline_ = Clock::time_point::max();
  gone_ = true;
  socket_.close(ignored);
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  ShutSocket();
  if (stop_websocket_) stop_websocket_(StopHow::kNow);
  cancel_.emit(asio::cancellation_type::terminal);
}

// Closing with unread input makes the kernel send a reset, which can take the response away from the client
// before it is read.
awaitable<void> Connection::Linger() {
  error_code error;
  expired_ = false;
  socket_.shutdown(Socket::shutdown_send, error);
  Enter(Phase::kLinger, Clock::now() + kLingerTime);
  while (!expired_ && !error) {
    in_begin_ = in_end_ = 0;
    co_await socket_.async_read_some(asio::buffer(in_), redirect_error(use_awaitable, error));
  }
}

awaitable<void> Connection::RunWebSocket(UpgradeBody upgrade) {
  keep_alive_ = false;
  // The answers to earlier requests go first, so that nothing waits between the look at `draining` and the
  // phase in which Drain() finds this connection.
  const bool sent = co_await Flush();
  if (!sent) co_return;
  WebSocketVerdict verdict = CheckWebSocketRequest(request_, *upgrade.options);
  if (!framing_.upgrade_websocket || request_.method != Method::kGet || !body_done_) {
    verdict = {426, "this path speaks WebSocket only"};
  } else if (in_begin_ != in_end_) {
    verdict = {400, "a WebSocket client waits for the answer before it goes on"};
  } else if (server_.draining) {
    verdict = {503, "the server is going away"};
  }
  status_ = verdict.status;
  if (status_ != 101) {
    Response response = ProblemResponse(
        status_, Error{.code = ErrorCode::kInvalidArgument, .message = verdict.reason}, request_);
    if (status_ == 426) response.headers.Add("upgrade", "websocket");
    const std::string& body = std::get<std::string>(response.body);
    AppendHead(response, body.size(), false);
    out_ += body;
    co_await Flush();
    Record();
    co_return;
  }
  Enter(Phase::kWebSocket, Clock::time_point::max());
  const auto failure =
      co_await ServeWebSocket(std::move(socket_), request_, std::move(upgrade), stop_websocket_);
  stop_websocket_ = nullptr;
  if (failure && server_.hooks.failure) server_.hooks.failure(*failure, request_);
  Record();
  gone_ = true;
}

}  // namespace elevaite::net

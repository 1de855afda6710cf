// Requests: heads, and bodies as their handlers ask for them.
#include "net/connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "foundation/async.h"
#include "net/problem.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::system::error_code;

constexpr std::size_t kBodyBuffer = 64 * 1024;

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

}  // namespace

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

std::chrono::milliseconds Connection::PatienceForRequest() const {
  if (server_.draining) return kLastRequestTime;
  return requests_ == 0 ? server_.options.header_timeout : server_.options.idle_timeout;
}

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
      if (server_.draining && requests_ > 0) co_return false;
      if (in_.size() > kFirstBuffer) std::string(kFirstBuffer, '\0').swap(in_), in_begin_ = in_end_ = 0;
      Enter(Phase::kIdle, Clock::now() + PatienceForRequest());
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

}  // namespace elevaite::net

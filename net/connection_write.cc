// Responses: their heads, gathered writes, streams and what keeps these alive.
#include "net/connection.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "foundation/async.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::system::error_code;

void AppendNumber(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
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

}  // namespace

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

}  // namespace elevaite::net

// How a connection ends: time, drains, clients that go, and its change to a WebSocket.
#include "net/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/problem.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::system::error_code;

constexpr std::chrono::milliseconds kLingerTime{3000};

}  // namespace

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

// Who has just connected is about to send a request; and one may have come that has not been read yet.
void Connection::Drain() {
  error_code ignored;
  if (phase_ == Phase::kIdle && in_begin_ == in_end_) {
    if (requests_ == 0 || socket_.available(ignored) > 0) {
      deadline_ = std::min(deadline_, Clock::now() + kLastRequestTime);
      return;
    }
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

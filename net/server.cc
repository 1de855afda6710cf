#include "net/server.h"

#include <netinet/tcp.h>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "foundation/io_threads.h"
#include "net/connection.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

constexpr std::string_view kBusy =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: "
    "1\r\nconnection: close\r\n"
    "content-length: 137\r\n\r\n"
    R"({"type":"/docs/errors/unavailable","title":"Unavailable at the moment","status":503,"detail":"too many connections","code":"unavailable"})";

Error BindError(const ServerOptions& options, const error_code& error) {
  const std::string where = options.address + ":" + std::to_string(options.port);
  Error result{
      .code = ErrorCode::kUnavailable, .message = "cannot listen on " + where, .detail = error.message()};
  if (error == asio::error::address_in_use) {
    result.code = ErrorCode::kConflict;
    result.message += ": another program uses this port";
    result.hint = "choose another port, or stop the other program";
  } else if (error == asio::error::access_denied) {
    result.code = ErrorCode::kPermissionDenied;
    result.message += ": not allowed";
    result.hint = "ports below 1024 need a privilege; choose a higher one";
  } else if (error.value() == EADDRNOTAVAIL) {
    result.code = ErrorCode::kInvalidArgument;
    result.message += ": this machine has no such address";
  } else {
    result.message += ": " + error.message();
  }
  return result;
}

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(IoThreads& io, Router router, ServerOptions options, ServerHooks hooks)
      : io_(io),
        context_(std::make_shared<ServerContext>()),
        acceptor_(io.context(0)),
        pause_(io.context(0)) {
    context_->options = std::move(options);
    context_->hooks = std::move(hooks);
    context_->router = std::move(router);
    for (std::size_t i = 0; i < io.size(); ++i)
      workers_.push_back(std::make_shared<Worker>(io.context(i), context_));
  }

  Result<std::uint16_t> Start() {
    const ServerOptions& options = context_->options;
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error)
      return Fail(ErrorCode::kInvalidArgument, "'" + options.address + "' is not an IP address to listen on");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(4096, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) {
      error_code ignored;
      acceptor_.close(ignored);
      return Fail(BindError(options, error));
    }
    const std::uint16_t port = acceptor_.local_endpoint().port();
    for (const auto& worker : workers_) asio::post(worker->context(), [worker] { worker->StartTicking(); });
    asio::post(io_.context(0), [self = shared_from_this()] { self->Accept(); });
    started_ = true;
    accepts_ = true;
    return port;
  }

  bool Drain(std::chrono::milliseconds patience) {
    if (!started_) return true;
    context_->retiring = true;
    context_->draining = true;
    asio::post(io_.context(0), [self = shared_from_this()] { self->StopAccepting(); });
    for (const auto& worker : workers_) asio::post(worker->context(), [worker] { worker->Drain(); });
    if (WaitUntilEmpty(patience)) return true;
    for (const auto& worker : workers_) asio::post(worker->context(), [worker] { worker->CloseAll(); });
    // What was cancelled needs a moment to unwind; a handler that never comes back is left to itself.
    WaitUntilEmpty(std::chrono::milliseconds(500));
    return false;
  }

  void Retire() { context_->retiring = true; }

  ServerStats stats() const {
    ServerStats sum{.connections_open = context_->open,
                    .connections_accepted = accepted_,
                    .connections_refused = refused_};
    for (const auto& worker : workers_) {
      sum.requests += worker->stats.requests;
      sum.bad_requests += worker->stats.bad_requests;
      sum.timeouts += worker->stats.timeouts;
      sum.handler_exceptions += worker->stats.handler_exceptions;
      sum.bytes_sent += worker->stats.bytes_sent;
    }
    return sum;
  }

 private:
  // Many at a time: one for each turn of a busy loop would leave new clients waiting for seconds.
  void Accept() {
    constexpr int kAcceptsMax = 64;
    acceptor_.async_wait(Acceptor::wait_read, [self = shared_from_this()](const error_code& /*ended*/) {
      for (int i = 0; i < kAcceptsMax && self->acceptor_.is_open(); ++i) {
        const error_code error = self->AcceptOne();
        if (error == asio::error::would_block) break;
        if (error != asio::error::no_descriptors && error.value() != ENFILE && error.value() != ENOMEM)
          continue;
        return self->AcceptLater();
      }
      if (self->acceptor_.is_open()) self->Accept();
    });
  }

  // Whoever is through to the kernel already has been promised an answer: closing now would reset them.
  void StopAccepting() {
    error_code error;
    while (acceptor_.is_open() && !error) error = AcceptOne();
    acceptor_.close(error);
    pause_.cancel();
    accepts_ = false;
  }

  error_code AcceptOne() {
    Worker& worker = *workers_[next_worker_ % workers_.size()];
    error_code error;
    Socket socket = acceptor_.accept(worker.context(), error);
    if (error) return error;
    ++next_worker_;
    Welcome(worker, std::move(socket));
    return {};
  }

  // The process is out of descriptors: trying again at once would only burn a core.
  void AcceptLater() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([self = shared_from_this()](const error_code& stopped) {
      if (!stopped) self->Accept();
    });
  }

  void Welcome(Worker& worker, Socket socket) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;
    socket.non_blocking(true, error);
    if (context_->open.load() >= context_->options.connections_max) {
      ++refused_;
      socket.write_some(asio::buffer(kBusy), error);
      socket.shutdown(tcp::socket::shutdown_send, error);
      return;
    }
    socket.set_option(tcp::no_delay(true), error);
    ++accepted_;
    ++context_->open;
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    asio::post(worker.context(),
               [worker = worker.shared_from_this(), moved = std::move(socket),
                text = address.to_string()]() mutable { worker->Adopt(std::move(moved), std::move(text)); });
  }

  bool WaitUntilEmpty(std::chrono::milliseconds patience) const {
    const auto give_up = Clock::now() + patience;
    while (accepts_ || context_->open.load() != 0) {
      if (Clock::now() >= give_up) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  IoThreads& io_;
  std::shared_ptr<ServerContext> context_;
  Acceptor acceptor_;
  asio::steady_timer pause_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::size_t next_worker_ = 0;
  std::atomic<std::uint64_t> accepted_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  bool started_ = false;
  std::atomic<bool> accepts_ = false;
};

Server::Server(IoThreads& io, Router router, ServerOptions options, ServerHooks hooks)
    : impl_(std::make_shared<Impl>(io, std::move(router), std::move(options), std::move(hooks))) {}
Server::~Server() { impl_->Drain(std::chrono::milliseconds(0)); }
Result<std::uint16_t> Server::Start() { return impl_->Start(); }
void Server::Retire() { impl_->Retire(); }
bool Server::Drain(std::chrono::milliseconds patience) { return impl_->Drain(patience); }
ServerStats Server::stats() const { return impl_->stats(); }

}  // namespace elevaite::net

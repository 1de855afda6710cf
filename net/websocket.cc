#include "net/websocket.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "foundation/async.h"
#include "net/websocket_session.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::system::error_code;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

Error Closed() { return Error{.code = ErrorCode::kCancelled, .message = "the WebSocket is closed"}; }

class Session final : public WebSocket, public std::enable_shared_from_this<Session> {
 public:
  Session(Socket socket, const WebSocketOptions& options)
      : stream_(std::move(socket)), turn_(stream_.get_executor(), Deadline::max()), options_(options) {
    stream_.read_message_max(options.message_bytes_max);
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = std::chrono::seconds(3);  // of the goodbye, too
    timeout.idle_timeout = options.idle_timeout;
    timeout.keep_alive_pings = true;
    stream_.set_option(timeout);
    stream_.auto_fragment(false);
  }

  awaitable<bool> Accept(const Request& request) {
    beast::http::request<beast::http::empty_body> head;
    head.method(beast::http::verb::get);
    head.target("/");
    head.version(11);
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      const auto [name, value] = request.headers.At(i);
      head.insert({name.data(), name.size()}, {value.data(), value.size()});
    }
    stream_.set_option(websocket::stream_base::decorator(
        [id = request.request_id](websocket::response_type& response) { response.set("x-request-id", id); }));
    error_code error;
    co_await stream_.async_accept(head, redirect_error(use_awaitable, error));
    accepted_ = !error;
    if (accepted_ && going_away_) co_await SayGoodbye();
    co_return accepted_;
  }

  awaitable<Result<Message>> Receive() override {
    beast::flat_buffer buffer;
    error_code error;
    co_await stream_.async_read(buffer, redirect_error(use_awaitable, error));
    if (error == websocket::error::message_too_big)
      co_return Fail(ErrorCode::kPayloadTooLarge, "the message is too large");
    if (error == websocket::error::closed || !IsProtocolError(error)) {
      if (error) co_return Fail(Closed());
    } else if (error) {
      co_return Fail(ErrorCode::kInvalidArgument, "the client does not speak WebSocket", {}, error.message());
    }
    if (TooFast()) {
      co_await Close(1008, "too many messages");
      co_return Fail(ErrorCode::kQuotaExceeded, "the client sends too many messages");
    }
    const auto data = buffer.data();
    co_return Message{.kind = stream_.got_text() ? Kind::kText : Kind::kBinary,
                      .data = std::string(static_cast<const char*>(data.data()), data.size())};
  }

  awaitable<Result<>> Send(std::string data, Kind kind) override {
    // Beast takes one write at a time: the others wait in line, each for the number that it drew.
    const std::uint64_t ticket = next_ticket_++;
    while (ticket != serving_) {
      error_code ignored;
      co_await turn_.async_wait(redirect_error(use_awaitable, ignored));
    }
    const Turn turn{*this};
    if (!stream_.is_open()) co_return Fail(Closed());
    stream_.text(kind == Kind::kText);
    error_code error;
    co_await stream_.async_write(asio::buffer(data), redirect_error(use_awaitable, error));
    if (error) co_return Fail(Closed());
    co_return Result<>();
  }

  awaitable<void> Close(std::uint16_t code, std::string reason) override {
    if (closing_ || !stream_.is_open()) co_return;
    closing_ = true;
    websocket::close_reason why(code);
    why.reason.assign(reason.data(), std::min<std::size_t>(reason.size(), 123));
    error_code ignored;
    co_await stream_.async_close(why, redirect_error(use_awaitable, ignored));
  }

  void Stop(StopHow how) {
    if (how == StopHow::kNow) {
      error_code ignored;
      beast::get_lowest_layer(stream_).close(ignored);
      return;
    }
    going_away_ = true;
    if (accepted_) asio::co_spawn(stream_.get_executor(), Leave(shared_from_this()), asio::detached);
  }

 private:
  struct Turn {
    Session& session;
    ~Turn() {
      ++session.serving_;
      session.turn_.cancel();
    }
  };

  awaitable<void> SayGoodbye() { return Close(1001, "the server is going away"); }
  static awaitable<void> Leave(std::shared_ptr<Session> self) { co_await self->SayGoodbye(); }

  static bool IsProtocolError(const error_code& error) {
    return error == websocket::condition::protocol_violation || error == websocket::error::bad_frame_payload;
  }

  bool TooFast() {
    const auto now = std::chrono::steady_clock::now();
    if (now - second_ > std::chrono::seconds(1)) {
      second_ = now;
      in_second_ = 0;
    }
    return ++in_second_ > options_.messages_per_second_max;
  }

  websocket::stream<Socket> stream_;
  asio::steady_timer turn_;
  const WebSocketOptions options_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t serving_ = 0;
  bool accepted_ = false;
  bool going_away_ = false;  // said before the handshake was through: the goodbye follows it
  bool closing_ = false;
  std::chrono::steady_clock::time_point second_{};
  std::size_t in_second_ = 0;
};

}  // namespace

Response AcceptWebSocket(WebSocketOptions options, std::function<awaitable<void>(WebSocket&)> run) {
  return Response{.status = 101,
                  .body = UpgradeBody{.options = std::make_shared<const WebSocketOptions>(std::move(options)),
                                      .run = std::move(run)}};
}

WebSocketVerdict CheckWebSocketRequest(const Request& request, const WebSocketOptions& options) {
  if (request.headers.Get("sec-websocket-version") != "13")
    return {426, "only version 13 of WebSocket is spoken here"};
  if (request.headers.Get("sec-websocket-key").size() != 24)
    return {400, "sec-websocket-key is missing or not valid"};
  const auto origin = request.headers.Find("origin");
  if (!origin) return {101, ""};
  for (const std::string& allowed : options.allowed_origins) {
    if (EqualsIgnoringCase(allowed, *origin)) return {101, ""};
  }
  const auto scheme = origin->find("://");
  const bool same_host = scheme != std::string_view::npos &&
                         EqualsIgnoringCase(origin->substr(scheme + 3), request.headers.Get("host"));
  if (options.allowed_origins.empty() && same_host) return {101, ""};
  return {403, "this origin may not open a WebSocket here"};
}

awaitable<std::optional<Error>> ServeWebSocket(Socket socket, const Request& request, UpgradeBody upgrade,
                                               StopWebSocket& stop) {
  const auto session = std::make_shared<Session>(std::move(socket), *upgrade.options);
  stop = [weak = std::weak_ptr<Session>(session)](StopHow how) {
    if (const auto alive = weak.lock()) alive->Stop(how);
  };
  std::exception_ptr thrown;
  const bool accepted = co_await session->Accept(request);
  if (!accepted) co_return std::nullopt;
  try {
    co_await upgrade.run(*session);
  } catch (...) {
    thrown = std::current_exception();
  }
  const Error error = thrown ? ErrorFromException(thrown) : Error{};
  const bool bug = thrown && error.code != ErrorCode::kCancelled;
  co_await asio::this_coro::reset_cancellation_state();
  co_await session->Close(bug ? 1011 : 1000, bug ? "an unexpected error" : "");
  if (bug) co_return error;
  co_return std::nullopt;
}

}  // namespace elevaite::net

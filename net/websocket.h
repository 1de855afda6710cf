// WebSocket (RFC 6455), server side.
//
//   router.Add(Method::kGet, "/v1/live", [](Request&) -> awaitable<Result<Response>> {
//     co_return AcceptWebSocket({.message_bytes_max = 64 << 10}, Echo);
//   });
//   awaitable<void> Echo(WebSocket& socket) {
//     while (true) {
//       auto message = co_await socket.Receive();
//       if (!message) co_return;
//       auto sent = co_await socket.Send(std::move(message->data), message->kind);
//       if (!sent) co_return;
//     }
//   }
//
// Returning from `run` closes with 1000. Pings are sent and answered while a Receive is pending, so keep one
// pending. Compression is not offered. A drain closes with 1001; pending calls then return kCancelled.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "net/http.h"

namespace elevaite::net {

struct WebSocketOptions {
  std::size_t message_bytes_max = 1U << 20U;  // larger: close 1009
  std::size_t messages_per_second_max = 200;  // faster: close 1008
  std::chrono::milliseconds idle_timeout{
      60'000};  // half of it without news: a ping; all of it: the client is gone
  // A browser sends `origin`. Empty: it must name the host that was asked. Clients that send none are let in.
  std::vector<std::string> allowed_origins;
};

class WebSocket {
 public:
  enum class Kind : std::uint8_t { kText, kBinary };
  struct Message {
    Kind kind = Kind::kText;
    std::string data;  // of kText: valid UTF-8
  };

  virtual ~WebSocket() = default;
  // One at a time. Errors: kCancelled (closed or gone), kPayloadTooLarge, kQuotaExceeded, kInvalidArgument
  // (not WebSocket).
  virtual boost::asio::awaitable<Result<Message>> Receive() = 0;
  // Several coroutines of the connection's thread may send; messages leave in the order of the calls. Returns
  // when the kernel has taken the message. Errors: kCancelled.
  virtual boost::asio::awaitable<Result<>> Send(std::string data, Kind kind = Kind::kText) = 0;
  // 1000 normal, 1001 going away, 1008 policy, 1011 internal; reason up to 123 bytes.
  virtual boost::asio::awaitable<void> Close(std::uint16_t code, std::string reason) = 0;
};

Response AcceptWebSocket(WebSocketOptions options,
                         std::function<boost::asio::awaitable<void>(WebSocket&)> run);

}  // namespace elevaite::net

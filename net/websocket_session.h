// Between a Connection and a WebSocket. Private to net/.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <optional>

#include "net/websocket.h"

namespace elevaite::net {

enum class StopHow : std::uint8_t { kPolitely, kNow };
using StopWebSocket = std::function<void(StopHow)>;

// May this request become a WebSocket? The status to refuse it with, else 101.
struct WebSocketVerdict {
  int status;
  const char* reason;
};
WebSocketVerdict CheckWebSocketRequest(const Request& request, const WebSocketOptions& options);

// Accepts and runs until the socket is closed. `stop` is set while it runs. Gives the failure of `run`, if it
// threw.
boost::asio::awaitable<std::optional<Error>> ServeWebSocket(
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type> socket,
    const Request& request, UpgradeBody upgrade, StopWebSocket& stop);

}  // namespace elevaite::net

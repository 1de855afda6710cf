// Server: HTTP/1.1 on the threads of an IoThreads pool.
//
//   IoThreads io;
//   Router router;
//   router.Add(Method::kGet, "/health", Health);
//   Server server(io, std::move(router), {.port = 8080}, {.access_log = WriteAccessLog});
//   ASSIGN_OR_RETURN(const std::uint16_t port, server.Start());
//   ...
//   server.Drain(std::chrono::seconds(30));
//
// One thread accepts and hands connections out in turn; a connection then lives on its thread for good, so
// handlers need no lock for what belongs to the connection. A handler that waits for another thread (an
// engine, a pool for blocking work) awaits a OneShot (foundation/async.h), which brings it back to its own
// thread.
//
// Pipelined requests are answered in order, one at a time. A body that the handler did not read is thrown
// away if it has come already, else the connection is closed after the response (lingering, so that the
// client sees the answer). String bodies above 1 KiB of a text or JSON type are compressed with gzip when the
// client accepts it; streams never are.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/router.h"

namespace elevaite {
class IoThreads;
}

namespace elevaite::net {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one; see Start
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t header_fields_max = 100;
  std::size_t body_bytes_max = 16U << 20U;           // a route may say otherwise
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte of a head to its end
  std::chrono::milliseconds body_timeout{
      60'000};  // plus the time that the bytes so far take at rate_bytes_min
  std::chrono::milliseconds write_timeout{
      30'000};                            // plus the time that the bytes to send take at rate_bytes_min
  std::size_t rate_bytes_min = 8 * 1024;  // per second; a slower client is dropped
  std::chrono::milliseconds idle_timeout{75'000};     // between requests
  std::chrono::milliseconds handler_timeout{60'000};  // a route may say otherwise; 0: none
  std::size_t connections_max = 10'000;               // one more gets a 503
  std::size_t requests_per_connection_max = 1'000'000;
  std::size_t compress_bytes_min = 1024;  // string bodies of this size and up to 2 MiB; 0: never compress
};

// One line of the access log. The views live for the call only.
struct AccessRecord {
  std::string_view method;
  std::string_view path;   // raw, without the query; may hold any printable ASCII
  std::string_view route;  // the pattern, "*" for the fallback, "" for none: fit for a metric label
  int status = 0;
  std::uint64_t bytes = 0;  // of the response, head included
  std::chrono::microseconds duration{};
  std::string_view request_id;
  std::string_view trace_parent;
  std::string_view peer;
};

struct ServerHooks {
  // Called on the connection's thread after each response; keep it short. Empty: nothing is recorded.
  std::function<void(const AccessRecord&)> access_log;
  // A bug or a private detail behind an answer of 500 and above, or a failed stream.
  std::function<void(const Error&, const Request&)> failure;
};

struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // over connections_max
  std::uint64_t requests = 0;
  std::uint64_t bad_requests = 0;  // refused before a handler saw them
  std::uint64_t timeouts = 0;      // slow clients and slow handlers
  std::uint64_t handler_exceptions = 0;
  std::uint64_t bytes_sent = 0;
};

class Server {
 public:
  // `io` must outlive the server.
  Server(IoThreads& io, Router router, ServerOptions options, ServerHooks hooks = {});
  ~Server();  // Drain(0)

  // Binds, listens and serves; the port it got. Errors: kInvalidArgument (address), kPermissionDenied
  // (privileged port), kConflict (in use), kUnavailable.
  Result<std::uint16_t> Start();

  // From now on each answer says that it is the last of its connection, so that clients go elsewhere by
  // themselves; all else goes on, and new connections are taken. Any thread, does not wait.
  void Retire();
  // Retires, stops accepting, closes connections on which nothing comes (one that has just been made has a
  // moment for its request), ends event streams and WebSockets (close code 1001), lets running requests
  // finish, and after `patience` closes what is left. Blocks; not to be called on one of the
  // io threads. True: nothing was cut off.
  bool Drain(std::chrono::milliseconds patience);

  ServerStats stats() const;  // any thread

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace elevaite::net

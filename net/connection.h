// Connection: one client of the server, from accept to close. Private to net/.
//
// A coroutine on the thread of its Worker: read a head, find the route, run the handler, write the response,
// again. It owns no timer: it writes down when its present phase must be over, and the Worker looks at all of
// its connections twice a second.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <random>

#include "net/request_parser.h"
#include "net/server.h"
#include "net/websocket_session.h"

namespace elevaite::net {

using Clock = std::chrono::steady_clock;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Connection;

// What all connections of a server share; immutable while they run.
struct ServerContext {
  ServerOptions options;
  ServerHooks hooks;
  Router router;
  std::atomic<bool> retiring = false;  // each connection ends with its next answer
  std::atomic<bool> draining = false;
  std::atomic<std::uint64_t> open = 0;
};

// Counters of one thread: written there, read anywhere.
struct WorkerStats {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> bad_requests = 0;
  std::atomic<std::uint64_t> timeouts = 0;
  std::atomic<std::uint64_t> handler_exceptions = 0;
  std::atomic<std::uint64_t> bytes_sent = 0;
};
// Only its own thread writes a counter, so no locked instruction is needed.
inline void Bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

// The part of a server that lives on one io thread.
class Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(boost::asio::io_context& context, std::shared_ptr<ServerContext> server);

  // These run on the worker's thread.
  void Adopt(Socket socket, std::string peer);
  void StartTicking();
  void Drain();     // ask every connection to end
  void CloseAll();  // now

  boost::asio::io_context& context() { return context_; }
  ServerContext& server() { return *server_; }
  std::string_view date_line() const { return date_line_; }  // "date: Fri, 20 Nov 2026 22:00:00 GMT\r\n"
  std::string NewRequestId();
  WorkerStats stats;

 private:
  friend class Connection;
  void Tick();
  void UpdateDate();

  boost::asio::io_context& context_;
  std::shared_ptr<ServerContext> server_;
  boost::asio::steady_timer timer_;
  std::list<Connection*> connections_;
  std::string date_line_;
  std::int64_t date_second_ = 0;
  std::mt19937_64 random_;
};

class Connection final : public BodySource,
                         public BodyWriter,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Worker> worker, Socket socket, std::string peer);
  ~Connection() override;
  void Start();

  // From the worker, on its thread.
  bool NeedsAttention(Clock::time_point now) const {
    return now >= deadline_ || heartbeat_interval_.count() != 0 ||
           (phase_ == Phase::kHandler && out_sent_ < out_.size());
  }
  void CheckTime(Clock::time_point now);
  void Drain();
  void Close();

 private:
  static constexpr std::size_t kFirstBuffer = 4 * 1024;
  // Responses to pipelined requests gathered before a write.
  static constexpr std::size_t kBatchMax = 64 * 1024;
  // Bodies up to here are copied behind their head: one write for both.
  static constexpr std::size_t kCopyMax = 16 * 1024;
  // At a drain, for a request that is on its way.
  static constexpr std::chrono::milliseconds kLastRequestTime{250};

  enum class Phase : std::uint8_t {
    kIdle,
    kHead,
    kHandler,
    kBody,
    kWrite,
    kStream,
    kWebSocket,
    kLinger,
    kClosed
  };

  boost::asio::awaitable<void> Run(std::shared_ptr<Connection> self);
  boost::asio::awaitable<bool> ReadHead();
  boost::asio::awaitable<bool> Fill();
  boost::asio::awaitable<void> Serve();
  boost::asio::awaitable<Response> Handle(const Route& route);
  boost::asio::awaitable<void> Refuse(BadRequest why);
  boost::asio::awaitable<bool> Flush(std::string_view more = {});
  boost::asio::awaitable<void> SendStream(StreamBody stream);
  boost::asio::awaitable<void> RunWebSocket(UpgradeBody upgrade);
  void SkipBufferedBody();
  std::chrono::milliseconds PatienceForRequest() const;
  boost::asio::awaitable<void> Linger();

  // BodySource, BodyWriter
  boost::asio::awaitable<Result<std::string_view>> ReadSome(std::size_t bytes_max_total) override;
  boost::asio::awaitable<Result<>> Write(std::string bytes) override;
  void SetHeartbeat(std::chrono::milliseconds interval, std::string bytes) override;

  void PrepareRequest();
  Response Unrouted(const Router::Match& match);
  Result<> TakeBody(std::size_t bytes_max_total);
  void Compress(Response& response) const;
  void AppendHead(const Response& response, std::optional<std::uint64_t> length, bool chunked);
  void ShutSocket();
  void Enter(Phase phase, Clock::time_point deadline) {
    phase_ = phase;
    deadline_ = deadline;
  }
  Clock::time_point RateDeadline(std::chrono::milliseconds grace, std::size_t bytes) const;
  void WatchForEnd();
  void ClientIsGone();
  void Heartbeat();
  void Record();
  std::string_view Buffered() const { return std::string_view(in_).substr(in_begin_, in_end_ - in_begin_); }
  void Consume(std::size_t bytes);

  std::shared_ptr<Worker> worker_;
  ServerContext& server_;
  Socket socket_;
  std::list<Connection*>::iterator place_;
  boost::asio::cancellation_signal cancel_;

  Phase phase_ = Phase::kIdle;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool expired_ = false;  // the deadline has passed: what was pending is cancelled
  bool gone_ = false;     // the client closed its end, or the socket broke
  bool ending_ = false;   // a drain asked an endless stream to stop
  bool keep_alive_ = false;

  // Bytes read and not used: in_[in_begin_, in_end_).
  std::string in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::string out_;  // bytes to send
  std::size_t out_sent_ = 0;

  HeadScanner scanner_;
  RequestParser parser_;
  Framing framing_;
  Request request_;
  Clock::time_point started_;
  std::size_t requests_ = 0;

  // The body of the present request.
  bool body_done_ = true;
  std::uint64_t body_left_ = 0;  // of a content-length body
  std::uint64_t body_read_ = 0;
  std::size_t body_pending_ = 0;  // bytes of in_ that the last ReadSome lent out
  std::string chunk_;
  Clock::time_point body_started_;
  bool continue_due_ = false;

  // The present response.
  int status_ = 0;
  std::uint64_t sent_ = 0;
  bool stream_chunked_ = false;
  bool body_too_slow_ = false;
  bool writing_ = false;
  std::chrono::milliseconds heartbeat_interval_{0};
  std::string heartbeat_;
  Clock::time_point last_write_;

  std::uint64_t watch_ = 0;  // which stream the watch for the client's end belongs to
  bool endless_ = false;
  std::function<void(StopHow)> stop_websocket_;
};

}  // namespace elevaite::net

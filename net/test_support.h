// For the tests of this room: a raw socket client, an HTTP server on port 0, a way to run a coroutine to its
// end.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "foundation/async.h"
#include "foundation/io_threads.h"
#include "net/server.h"

namespace elevaite::net {

using boost::asio::awaitable;
using std::chrono::milliseconds;

template <class T>
T RunToCompletion(IoThreads& io, awaitable<T> operation) {
  return boost::asio::co_spawn(io.executor(0), std::move(operation), boost::asio::use_future).get();
}

inline bool WaitFor(const std::function<bool()>& condition, milliseconds limit = milliseconds(10'000)) {
  const auto give_up = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

// A blocking client that sends exactly the bytes it is given.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  int fd() const { return fd_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void HalfClose() { ::shutdown(fd_, SHUT_WR); }

  // False: the server has closed its end.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  // Everything until the server closes, or what has come when `limit` is over (then timed_out()).
  std::string ReadAll(milliseconds limit = milliseconds(10'000)) {
    return ReadUntil([](const std::string&) { return false; }, limit);
  }
  std::string ReadUntil(const std::function<bool(const std::string&)>& enough,
                        milliseconds limit = milliseconds(10'000)) {
    const auto give_up = std::chrono::steady_clock::now() + limit;
    timed_out_ = false;
    while (!enough(buffer_)) {
      const auto left =
          std::chrono::duration_cast<milliseconds>(give_up - std::chrono::steady_clock::now()).count();
      pollfd entry{.fd = fd_, .events = POLLIN, .revents = 0};
      if (left <= 0 || ::poll(&entry, 1, static_cast<int>(left)) <= 0) {
        timed_out_ = true;
        break;
      }
      char bytes[16384];
      const ssize_t size = ::recv(fd_, bytes, sizeof(bytes), 0);
      if (size <= 0) break;
      buffer_.append(bytes, static_cast<std::size_t>(size));
    }
    return std::exchange(buffer_, {});
  }
  bool timed_out() const { return timed_out_; }

  // One response with a content-length.
  std::string ReadResponse(milliseconds limit = milliseconds(10'000)) {
    std::size_t whole = std::string::npos;
    std::string all = ReadUntil(
        [&](const std::string& text) {
          const auto end = text.find("\r\n\r\n");
          if (end == std::string::npos) return false;
          const auto at = text.find("content-length: ");
          const std::size_t length = at < end ? std::stoul(text.substr(at + 16)) : 0;
          whole = end + 4 + length;
          return text.size() >= whole;
        },
        limit);
    if (whole < all.size()) {
      buffer_ = all.substr(whole);
      all.resize(whole);
    }
    return all;
  }

 private:
  int fd_;
  std::string buffer_;
  bool timed_out_ = false;
};

inline int StatusOf(const std::string& response) {
  return response.size() > 12 && response.starts_with("HTTP/1.1 ") ? std::stoi(response.substr(9, 3)) : 0;
}
inline std::string BodyOf(const std::string& response) {
  const auto end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}
inline std::string HeaderOf(const std::string& response, const std::string& name) {
  const auto end = response.find("\r\n\r\n");
  const auto at = response.find("\r\n" + name + ": ");
  if (at == std::string::npos || at > end) return "";
  const auto start = at + name.size() + 4;
  return response.substr(start, response.find("\r\n", start) - start);
}

// A running server with what it logged.
struct TestServer {
  struct Line {
    std::string method, path, route, request_id;
    int status = 0;
  };
  std::mutex mutex;
  std::vector<Line> log;
  std::vector<std::string> failures;
  IoThreads io;
  Server server;
  std::uint16_t port = 0;

  explicit TestServer(Router router, ServerOptions options = {}, std::size_t threads = 2)
      : io(threads),
        server(
            io, std::move(router), std::move(options),
            {.access_log =
                 [this](const AccessRecord& record) {
                   const std::scoped_lock lock(mutex);
                   log.push_back({std::string(record.method), std::string(record.path),
                                  std::string(record.route), std::string(record.request_id), record.status});
                 },
             .failure =
                 [this](const Error& error, const Request&) {
                   const std::scoped_lock lock(mutex);
                   failures.push_back(error.ToString());
                 }}) {
    auto started = server.Start();
    EXPECT_TRUE(started) << (started ? "" : started.error().ToString());
    port = started.value_or(0);
  }

  // Sends `bytes` on a new connection, half-closes nothing, and reads until the server closes or `limit`.
  std::string Ask(std::string_view bytes, milliseconds limit = milliseconds(10'000)) {
    RawClient client(port);
    client.Send(bytes);
    return client.ReadAll(limit);
  }
  std::string Get(const std::string& target, const std::string& headers = "") {
    return Ask("GET " + target + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + headers + "\r\n");
  }
};

}  // namespace elevaite::net

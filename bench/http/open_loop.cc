// Offers an HTTP server a rate of requests, whatever its answers: `open_loop PORT PATH BODY RATE SECONDS`
// posts BODY to 127.0.0.1 evenly spaced and prints JSON: how many answers of which status, and the latencies
// of those with 200, of all and of those due in each second, with how many got no 200 in it. A latency counts
// from when the request was due, so a server that is late cannot slow the measurement down; `late_p99_ms` is
// what of it was this client's own.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/result.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kConnectionsMax = 8'000;
constexpr std::chrono::seconds kGrace{5};  // for what is under way at the end

struct Connection {
  int socket = -1;
  bool connects = true;
  bool asks = false;        // a request is under way
  Clock::time_point due{};  // of the request under way
  std::string answer{};
};

class Load {
 public:
  Load(std::uint16_t port, std::string request)
      : port_(port), request_(std::move(request)), epoll_(epoll_create1(0)) {
    CHECK(epoll_ >= 0);
  }

  void Offer(double rate, std::chrono::duration<double> time) {
    const auto begin = begin_ = Clock::now();
    seconds_.resize(static_cast<std::size_t>(time.count()) + 1);
    const std::chrono::duration<double> gap(1 / rate);
    std::size_t sent = 0;
    while (true) {
      const auto now = Clock::now();
      auto due = begin + std::chrono::duration_cast<Clock::duration>(gap * static_cast<double>(sent));
      if (due - begin >= time) break;
      for (; due <= now && due - begin < time; ++sent) {
        Send(due);
        due = begin + std::chrono::duration_cast<Clock::duration>(gap * static_cast<double>(sent + 1));
      }
      Receive(std::max(due - Clock::now(), Clock::duration::zero()));
    }
    const auto end = Clock::now() + kGrace;
    while (idle_.size() < all_.size() && Clock::now() < end) Receive(std::chrono::milliseconds(10));
    for (const auto& connection : all_) {
      if (connection->asks) Lose(connection->due);
    }
  }

  void Print() {
    std::vector<double> all;
    for (const Second& second : seconds_)
      all.insert(all.end(), second.milliseconds.begin(), second.milliseconds.end());
    std::ranges::sort(all);
    std::ranges::sort(late_ms_);
    fmt::print(
        R"({{"p50_ms": {:.3f}, "p99_ms": {:.3f}, "max_ms": {:.3f}, "late_p99_ms": {:.3f}, "unanswered": {}, )"
        R"("unsent": {}, "connections": {}, "status": {{)",
        At(all, 0.5), At(all, 0.99), At(all, 1), At(late_ms_, 0.99), unanswered_, unsent_, all_.size());
    const char* comma = "";
    for (const auto& [status, count] : statuses_)
      fmt::print("{}\"{}\": {}", std::exchange(comma, ", "), status, count);
    fmt::print(R"(}}, "seconds": [)");
    comma = "";
    for (Second& second : seconds_) {
      if (second.milliseconds.empty() && second.lost == 0) continue;
      std::ranges::sort(second.milliseconds);
      fmt::print(R"({}{{"p99_ms": {:.3f}, "lost": {}}})", std::exchange(comma, ", "),
                 At(second.milliseconds, 0.99), second.lost);
    }
    fmt::print("]}}\n");
  }

 private:
  // What was due in it.
  struct Second {
    std::vector<double> milliseconds;  // of the answers with 200
    std::size_t lost = 0;              // had another answer, or none
  };

  static double At(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(sorted.size() - 1, at)];
  }

  Second& SecondOf(Clock::time_point due) {
    const auto at = std::chrono::duration_cast<std::chrono::seconds>(due - begin_).count();
    return seconds_[std::min(static_cast<std::size_t>(at), seconds_.size() - 1)];
  }

  void Lose(Clock::time_point due) {
    ++unanswered_;
    ++SecondOf(due).lost;
  }

  void Send(Clock::time_point due) {
    late_ms_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due).count());
    if (idle_.empty() && !Connect()) {
      ++unsent_;
      ++SecondOf(due).lost;
      return;
    }
    Connection& connection = *idle_.back();
    idle_.pop_back();
    connection.due = due;
    connection.asks = true;
    if (!connection.connects) Ask(connection);
  }

  void Ask(Connection& connection) {
    const auto sent = send(connection.socket, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request_.size())) Fail(connection);
  }

  bool Connect() {
    if (all_.size() >= kConnectionsMax) return false;
    all_.push_back(std::make_unique<Connection>());
    Open(*all_.back());
    idle_.push_back(all_.back().get());
    return true;
  }

  // Does not wait for the other side: a client that does would offer nothing meanwhile.
  void Open(Connection& connection) {
    connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK(connection.socket >= 0);
    connection.connects = true;
    const int on = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 ||
          errno == EINPROGRESS);
    Watch(connection, EPOLL_CTL_ADD, EPOLLOUT);
  }

  void Watch(Connection& connection, int operation, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    CHECK(epoll_ctl(epoll_, operation, connection.socket, &event) == 0);
  }

  // What it asked for has no answer.
  void Fail(Connection& connection) {
    if (std::exchange(connection.asks, false)) {
      Lose(connection.due);
      idle_.push_back(&connection);
    }
    close(connection.socket);
    connection.answer.clear();
    Open(connection);
  }

  // Sleeps to the microsecond: it shares its cores with the server.
  void Receive(std::chrono::nanoseconds wait) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
    epoll_event events[256];
    const int count = epoll_pwait2(epoll_, events, 256, &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if (connection.connects)
        Connected(connection);
      else
        Take(connection);
    }
  }

  void Connected(Connection& connection) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(connection.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Fail(connection);
    connection.connects = false;
    Watch(connection, EPOLL_CTL_MOD, EPOLLIN);
    if (connection.asks) Ask(connection);
  }

  void Take(Connection& connection) {
    char bytes[16'384];
    const auto got = recv(connection.socket, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return Fail(connection);
    connection.answer.append(bytes, static_cast<std::size_t>(got));
    const std::string_view answer = connection.answer;
    const std::size_t head = answer.find("\r\n\r\n");
    if (head == std::string_view::npos) return;
    if (answer.size() < head + 4 + LengthIn(answer.substr(0, head))) return;
    Count(answer, connection.due);
    connection.answer.clear();
    connection.asks = false;
    idle_.push_back(&connection);
  }

  static std::size_t LengthIn(std::string_view head) {
    std::string lower(head);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::size_t at = lower.find("content-length:");
    return at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 15, nullptr, 10);
  }

  void Count(std::string_view answer, Clock::time_point due) {
    const int status = std::atoi(std::string(answer.substr(9, 3)).c_str());
    ++statuses_[status];
    Second& second = SecondOf(due);
    if (status != 200)
      ++second.lost;
    else
      second.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - due).count());
  }

  const std::uint16_t port_;
  const std::string request_;
  const int epoll_;
  std::vector<std::unique_ptr<Connection>> all_;
  std::vector<Connection*> idle_;
  std::map<int, std::size_t> statuses_;
  std::vector<Second> seconds_;
  std::vector<double> late_ms_;  // of each request, when it was sent
  Clock::time_point begin_{};
  std::size_t unanswered_ = 0;
  std::size_t unsent_ = 0;  // each of our connections waited for an answer
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: open_loop PORT PATH BODY RATE SECONDS\n");
    return 2;
  }
  const std::string body = argv[3];
  Load load(static_cast<std::uint16_t>(std::atoi(argv[1])),
            fmt::format("POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                        "content-length: {}\r\n\r\n{}",
                        argv[2], body.size(), body));
  load.Offer(std::atof(argv[4]), std::chrono::duration<double>(std::atof(argv[5])));
  load.Print();
}

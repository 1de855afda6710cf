// StubServer: what the calls of a scenario reach in place of the internet: one server on the loopback
// interface for all hosts. It answers as the scenario says and remembers what it was asked. The hosts of the
// specification's kit are built in: a pet store with three pets, and the page of httpbin that asks for a name
// and a password.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/io_threads.h"
#include "foundation/json.h"
#include "net/server.h"

namespace elevaite::conformance {

struct StubAnswer {
  int status = 200;
  bool never = false;  // no answer at all; see TakeSilence
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct StubRequest {
  std::string address;  // "POST https://api.example.com/orders", without the query
  std::string query;
  std::map<std::string, std::string> headers;
  std::string body;
};

class StubServer {
 public:
  StubServer();

  std::uint16_t port() const { return port_; }

  // Of the next scenario.
  void Reset();
  // Given in turn; the last one is given again and again. `address` as in StubRequest.
  void Answer(const std::string& address, std::vector<StubAnswer> answers);
  std::vector<StubRequest> RequestsTo(const std::string& address) const;
  // True when the next request to this address is one that is never answered: it counts as received, and must
  // not be sent.
  bool TakeSilence(const std::string& address);

 private:
  boost::asio::awaitable<Result<net::Response>> Handle(net::Request& request);
  std::optional<StubAnswer> NextAnswer(const std::string& address);
  StubAnswer BuiltIn(const StubRequest& request) const;

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<StubAnswer>> answers_;  // under mutex_
  std::vector<StubRequest> requests_;                      // under mutex_
  std::uint16_t port_ = 0;
  IoThreads io_{1};
  std::unique_ptr<net::Server> server_;
};

}  // namespace elevaite::conformance

// A real server whose answers a test gives, and a connector that calls it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/http/exchange.h"
#include "connectors/http/http.h"
#include "net/test_support.h"

namespace elevaite::connectors::http {

struct Seen {  // one request
  std::string method, target, path, body;
  net::Headers headers;

  std::string Header(std::string_view name) const { return std::string(headers.Get(name)); }
  Json Form() const {
    const auto query = net::ParseQuery(body);
    EXPECT_TRUE(query) << body;
    Json form = Json::EmptyObject();
    for (const auto& [name, value] : *query) {
      const Json before = form[name];
      form = Json::WithMember(
          std::move(form), Json(name),
          before.IsNull() ? Json(value) : Json(std::string(before.AsString()) + " " + value));
    }
    return form;
  }
};

class Stub {
 public:
  using Answer = std::function<net::Response(const Seen&)>;

  explicit Stub(Answer answer) : answer_(std::move(answer)), server_(MakeRouter(*this)) {}

  std::string Url(const std::string& target = "") const {
    return "http://127.0.0.1:" + std::to_string(server_.port) + target;
  }
  std::vector<Seen> seen() {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }
  // For what the answers depend on: they are given on the server's threads.
  void Change(const std::function<void()>& change) {
    const std::scoped_lock lock(mutex_);
    change();
  }
  std::size_t Count(std::string_view path) {
    std::size_t count = 0;
    for (const Seen& one : seen()) count += one.path == path ? 1U : 0U;
    return count;
  }

 private:
  static boost::asio::awaitable<Result<net::Response>> Handle(Stub& stub, net::Request& request) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(std::string body, co_await std::move(read));
    Seen seen{request.method_text, request.target, request.path, std::move(body), request.headers};
    const std::scoped_lock lock(stub.mutex_);
    stub.seen_.push_back(seen);
    co_return stub.answer_(seen);
  }
  static net::Router MakeRouter(Stub& stub) {
    net::Router router;
    router.SetFallback([&stub](net::Request& request) { return Handle(stub, request); });
    return router;
  }

  Answer answer_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  net::TestServer server_;
};

inline net::Response Status(int status, std::string body = "", std::string_view header = "",
                            std::string_view value = "") {
  net::Response response = net::TextResponse(status, std::move(body));
  if (!header.empty()) response.headers.Add(header, value);
  return response;
}

// `call: http` from this machine, where only 127.0.0.1 may be called.
class Caller {
 public:
  explicit Caller(std::vector<std::string> allow = {"127.0.0.1/32"})
      : client_(std::make_unique<net::Client>(*net::EgressPolicy::Create(allow))),
        exchange_(std::make_shared<Exchange>(*client_, clock, SystemRandom())),
        connector_(MakeHttp(exchange_)) {}

  static engine::ActivityTask Task(Json with, AccountId account = AccountId::Default()) {
    engine::ActivityTask task;
    task.account = std::move(account);
    task.request = std::move(with);
    return task;
  }
  Outcome Invoke(Json with, AccountId account = AccountId::Default()) {
    return net::RunToCompletion(io_, connector_->Invoke(Task(std::move(with), std::move(account))));
  }
  // A GET with that authentication.
  Outcome Get(const std::string& url, Json authentication) {
    return Invoke(Json::Object(
        {{"method", "get"},
         {"endpoint", Json::Object({{"uri", url}, {"authentication", std::move(authentication)}})}}));
  }
  // So many at the same time, on one thread.
  std::vector<Outcome> InvokeTogether(const Json& with, std::size_t count) {
    std::vector<std::future<Outcome>> running;
    for (std::size_t i = 0; i < count; ++i) {
      running.push_back(boost::asio::co_spawn(io_.executor(i % 2), connector_->Invoke(Task(with)),
                                              boost::asio::use_future));
    }
    std::vector<Outcome> outcomes;
    for (auto& one : running) outcomes.push_back(one.get());
    return outcomes;
  }

  std::shared_ptr<Exchange> exchange() { return exchange_; }
  IoThreads& io() { return io_; }
  SimulatedClock clock;

 private:
  IoThreads io_{2};
  std::unique_ptr<net::Client> client_;
  std::shared_ptr<Exchange> exchange_;
  std::unique_ptr<Connector> connector_;
};

// "authentication 401: title: detail"
inline std::string Describe(const Outcome& outcome) {
  if (outcome) return "success: " + outcome->Dump();
  const Json& error = outcome.error().error;
  const std::string type(error["type"].AsString());
  return type.substr(type.rfind('/') + 1) + " " + error["status"].Dump() + ": " +
         std::string(error["title"].AsString()) + ": " + std::string(error["detail"].AsString());
}

}  // namespace elevaite::connectors::http

// Workers: has activities done by other processes, which ask for them (the routes under
// /internal/v1/workers/, engine/activities/worker_protocol.h). The other way to do them is
// connectors/runner.h, in this process.
//
// A task is handed to a worker with all it needs, secrets too: these travel on the connection and are kept in
// memory only.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "engine/activities/work_queue.h"
#include "engine/engine.h"
#include "foundation/async.h"
#include "foundation/secret.h"
#include "net/router.h"

namespace elevaite::workflow {

class Workers final : public engine::Activities {
 public:
  struct Options {
    Secret token;                           // that all workers have
    std::chrono::milliseconds lease{};      // a worker that is not heard of for so long is dead
    Json settings;                          // what the connectors of a worker are made with; may hold secrets
    boost::asio::any_io_executor executor;  // for what time brings
    // Addresses of the nodes that have work; empty: there is this one only, and a worker knows its address.
    std::function<std::vector<std::string>()> nodes;
    // Told of an attempt that a worker has from an earlier life of this process, or another node: it may wait
    // for its turn here. May be empty.
    std::function<void(const engine::Attempt&)> claimed{};
  };

  explicit Workers(Options options);

  // Before the engine starts; must outlive it.
  void Use(engine::Engine& engine) { engine_ = &engine; }
  void AddRoutes(net::Router& router);
  // Once what is unfinished has been read back; workers are refused before.
  void Start();
  // Hands nothing out any more; results are still taken.
  void Stop();

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

  struct Status : engine::WorkQueue::Status {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
  };
  Status status() const;
  Json ToJson() const;  // for people: who is there, what waits

 private:
  using Serve = boost::asio::awaitable<Result<net::Response>> (Workers::*)(Json body);
  // A pull that waits for work.
  struct Waiter {
    std::string worker;
    engine::Slots slots;
    OneShot<bool> wake;
  };
  using Waiters = std::list<Waiter>;
  // Its place in the list, until it goes.
  class Waiting {
   public:
    Waiting(Workers& workers, const engine::Pull& pull);
    ~Waiting();
    OneShot<bool>& wake() const { return place_->wake; }

   private:
    Workers& workers_;
    Waiters::iterator place_;
  };
  struct Handed {
    std::vector<engine::ActivityTask> tasks;
    std::vector<engine::Attempt> stops;
  };

  boost::asio::awaitable<Result<net::Response>> Guard(net::Request& request, Serve serve);
  boost::asio::awaitable<Result<net::Response>> Hello(Json body);
  boost::asio::awaitable<Result<net::Response>> Pull(Json body);
  boost::asio::awaitable<Result<net::Response>> Hear(Json body);
  boost::asio::awaitable<Result<net::Response>> Take(Json body);
  boost::asio::awaitable<Result<>> AnswerLater(engine::Pull pull, net::BodyWriter& writer);
  // Nothing: there is nothing to say yet.
  Result<std::optional<Handed>> Find(const engine::Pull& pull);
  Json AnswerWith(const Handed& handed) const;
  void Accept(const std::string& worker, engine::AttemptResult result);
  // Under mutex_.
  void Wake(const std::function<bool(const Waiter&)>& whom);

  boost::asio::awaitable<void> Tick();
  static void Tell(engine::WorkQueue::Expired expired);
  void WarnOfIdle();

  const Options options_;
  const std::string id_;  // of this life
  engine::Engine* engine_ = nullptr;
  std::atomic<bool> started_ = false;
  mutable std::mutex mutex_;
  engine::WorkQueue queue_;                                      // under mutex_
  Waiters waiters_;                                              // likewise
  bool stopped_ = false;                                         // likewise
  std::uint64_t succeeded_ = 0;                                  // likewise
  std::uint64_t failed_ = 0;                                     // likewise
  std::optional<std::chrono::steady_clock::time_point> warned_;  // on the executor only
};

}  // namespace elevaite::workflow

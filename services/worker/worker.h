// Worker: does the activities of engines in other processes. It asks them for tasks as it has room, runs the
// connectors, and brings back what came of them. It keeps nothing on disk and needs only the address of one
// engine; of a cluster it is told the other nodes.
//
// Each attempt is held until an engine has taken its result, so that an engine that was away gets it when it
// is back. What an engine says no longer to want is broken off.
//
// All of it runs on one thread (its executor), but for status() and Drain().
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/runner.h"
#include "engine/activities/worker_protocol.h"
#include "services/worker/engine_client.h"

namespace elevaite::worker {

class Worker {
 public:
  struct Options {
    std::string engine;     // address of one: "http://10.0.0.5:8000"
    std::string name;       // for people
    engine::Slots slots{};  // tasks that run at the same time, by class; 0: it does not do that class
  };
  // Made when the first engine has answered, with the settings that it gave.
  using MakeRunner = std::function<std::unique_ptr<connectors::Runner>(const Json& settings)>;

  // The executor must be of one thread; the client must outlive the worker.
  Worker(Options options, EngineClient client, boost::asio::any_io_executor executor, MakeRunner make_runner);

  void Start();
  // Takes nothing more, gives back what has not begun, and waits until what runs has ended and is brought
  // back, at most so long. What runs on goes back, too. Not on the executor.
  void Drain(std::chrono::milliseconds at_most);

  struct Status {
    std::size_t engines = 0;  // that answer
    std::string failure;      // why there is none
    bool draining = false;
    connectors::Runner::Status runner;
  };
  Status status() const;  // any thread

 private:
  // An engine, and what is under way between it and this worker in one class: a pull that waits for long
  // calls must not keep quick ones from being asked for. To the engine each class is a worker of its own.
  struct Link {
    Link(std::string at, engine::WorkClass of, std::string as, const boost::asio::any_io_executor& executor)
        : address(std::move(at)),
          work(of),
          worker(std::move(as)),
          room(executor),
          something_to_send(executor) {}

    const std::string address;
    const engine::WorkClass work;
    const std::string worker;  // its id there
    std::string engine{};      // its life; empty: it has not answered yet
    std::uint64_t pulls = 0;
    std::uint64_t pulled = 0;  // the last whose answer is there, or given up
    std::vector<engine::AttemptResult> outbox{};
    bool is_gone = false;
    bool answers = false;
    boost::asio::steady_timer room;
    boost::asio::steady_timer something_to_send;
  };
  using LinkPtr = std::shared_ptr<Link>;
  using Links = std::map<std::pair<std::string, engine::WorkClass>, LinkPtr>;  // by address and class
  struct Held {
    std::string address;     // who has handed it out
    std::string engine;      // which life of that
    std::uint64_t pull = 0;  // with which; 0: adopted
    engine::WorkClass work = engine::WorkClass::kQuick;
    bool is_done = false;                             // its result is in an outbox
    std::chrono::steady_clock::time_point claimed{};  // when it was first claimed without being adopted
  };

  boost::asio::awaitable<void> FindEngines();
  boost::asio::awaitable<void> Hello();
  void UseEngines(const Json& answer);
  void Use(const std::string& address, engine::WorkClass work);
  Link& AnyOf(engine::WorkClass work);
  void Leave(const LinkPtr& link);
  boost::asio::awaitable<void> PullFrom(LinkPtr link);
  boost::asio::awaitable<void> BeatTo(LinkPtr link);
  boost::asio::awaitable<bool> Beat(LinkPtr link);
  boost::asio::awaitable<void> SendTo(LinkPtr link);
  boost::asio::awaitable<void> DrainAll(std::chrono::steady_clock::time_point until);

  engine::Slots Room() const;
  void Receive(Link& link, std::uint64_t pull, const Json& answer);
  void Begin(const Link& link, engine::ActivityTask task, std::uint64_t pull);
  void Ended(const engine::Attempt& attempt, engine::ActivityOutcome outcome);
  void Stop(const engine::Attempt& attempt);
  void StopAll(const Json& attempts);
  bool IsOrphan(const Held& held) const;
  void GiveUpOrphans();
  void Note(Link& link, const Result<Json>& answer);

  const Options options_;
  const std::string id_;  // of this life
  EngineClient client_;
  boost::asio::any_io_executor executor_;
  MakeRunner make_runner_;
  std::chrono::milliseconds lease_{10'000};
  Links links_;
  std::map<engine::Attempt, Held> held_;
  engine::Slots taken_{};  // by those that are not done
  bool draining_ = false;
  std::optional<std::chrono::steady_clock::time_point> warned_;

  mutable std::mutex mutex_;                    // for what other threads look at:
  std::unique_ptr<connectors::Runner> runner_;  // set once
  Status status_;
};

}  // namespace elevaite::worker

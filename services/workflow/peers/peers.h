// Peers: the other nodes of the cluster. Brings commands for partitions that are elsewhere to their owners,
// and does what the others ask for (the routes under /internal/).
//
// A command is tried again while its owner changes or does not answer. Doing one twice does no harm: a start
// is known by its id, a result by its task and attempt, a cancellation twice is one, and what operators do
// has a number that the execution remembers. Commands that somebody waits for are given up after kPatience
// with a named error; watches and results go on for longer.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/member.h"
#include "engine/engine.h"
#include "foundation/async.h"
#include "foundation/secret.h"
#include "net/client.h"
#include "net/router.h"
#include "services/workflow/programs.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

class Peers {
 public:
  static constexpr std::chrono::seconds kPatience{15};
  static constexpr std::chrono::minutes kPatienceOfResults{10};  // results, and cancellations of children
  static constexpr std::size_t kForwardedMax = 20'000;           // at a time; more: kUnavailable

  struct Options {
    Secret token;  // that all nodes have
    std::vector<boost::asio::any_io_executor> executors;
    std::function<Task<PastAt>(AccountId, PastPoint)> past;  // WorkflowService::ReadPast
  };

  // All must outlive it.
  Peers(Options options, net::Client& client, engine::Member& member, Programs& programs)
      : options_(std::move(options)), client_(client), member_(member), programs_(programs) {}

  // Before the first command.
  void Use(engine::Engine& engine) { engine_ = &engine; }

  // For a partition that is not here. Any thread.
  void Forward(engine::Command command);
  // What the node that keeps the schedules answers to this request, `body` being its body. nullopt: this node
  // keeps them. Tried again while that node changes; but what may have been done, and is done twice when it
  // is asked for twice (POST), fails with kUnavailable.
  boost::asio::awaitable<Result<std::optional<net::Response>>> AskLeader(const net::Request& request,
                                                                         std::string body);

  // The same to each other node that lives. Answers when all have, or after `patience`.
  boost::asio::awaitable<void> TellOthers(std::string path, Json body, std::chrono::milliseconds patience);

  // What the node that keeps the schedules and the queue answers on this route of AddLeaderRoute.
  // kUnavailable: it does not answer, or is this one.
  boost::asio::awaitable<Result<Json>> AskLeader(std::string path, Json body,
                                                 std::chrono::milliseconds patience = kPatience);
  // What each other node that lives answers on such a route; those that do not answer are left out.
  boost::asio::awaitable<std::vector<Json>> AskAll(std::string path, Json body);
  using LeaderHandler = std::function<boost::asio::awaitable<Result<Json>>(Json body)>;
  void AddLeaderRoute(net::Router& router, std::string path, LeaderHandler handler);

  void AddRoutes(net::Router& router);

  std::uint64_t forwarded() const { return forwarded_.load(); }
  std::uint64_t waiting() const { return waiting_.load(); }

 private:
  boost::asio::awaitable<void> Deliver(engine::Command command);
  // True: it has been answered.
  boost::asio::awaitable<bool> Try(engine::Command& command, const std::string& address, const Json& json,
                                   bool again);
  boost::asio::awaitable<Result<Json>> Ask(std::string address, std::string path, std::string body,
                                           std::chrono::milliseconds patience);
  boost::asio::awaitable<void> Tell(std::string address, std::string path, std::string body,
                                    std::chrono::milliseconds patience, OneShot<bool> told);
  static bool Answer(engine::Command& command, const Json& answer, bool again);

  boost::asio::awaitable<Result<net::Response>> Serve(net::Request& request);
  boost::asio::awaitable<Result<Json>> Do(Json json);
  boost::asio::awaitable<Result<Json>> Watch(engine::WatchCommand command);

  const Options options_;
  net::Client& client_;
  engine::Member& member_;
  Programs& programs_;
  engine::Engine* engine_ = nullptr;
  std::atomic<std::size_t> next_executor_ = 0;
  std::atomic<std::uint64_t> forwarded_ = 0;
  std::atomic<std::size_t> waiting_ = 0;

  // Executions that other nodes watch: one watch of the engine for all who ask.
  using Ended = OneShot<std::optional<engine::Outcome>>;
  std::mutex mutex_;
  std::map<ExecutionId, std::map<std::uint64_t, Ended>> watched_;  // under mutex_
  std::uint64_t next_watch_ = 0;                                   // under mutex_
};

}  // namespace elevaite::workflow

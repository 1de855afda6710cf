// FlowControl: the door to the queue of runs. One process keeps it (keeper.h), in a cluster the node that has
// the first partition; another node hands on what comes there. Thread-safe but for Start, Suspend and Stop,
// which one thread at a time may call.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/holds/holds.h"
#include "net/router.h"
#include "services/workflow/flow/database_flow_store.h"
#include "services/workflow/flow/keeper.h"

namespace elevaite::workflow {
class Peers;
class WorkflowService;
class Programs;
}  // namespace elevaite::workflow

namespace elevaite::flow {

class FlowControl {
 public:
  // How late another node learns of changed rules, and of changed pauses, when it could not be told.
  static constexpr std::chrono::seconds kLookAgain{1};
  static constexpr std::chrono::milliseconds kLookForPauses{250};

  // All must outlive it; Stop() first.
  FlowControl(database::Database& db, workflow::WorkflowService& service, workflow::Programs& programs,
              const Clock& clock);
  ~FlowControl();
  // In a cluster; before the first request.
  void Use(workflow::Peers& peers) { peers_ = &peers; }
  // Is kept up to date with what holds the executions that run; before Open.
  void Use(engine::HoldBoard& holds) { holds_ = &holds; }
  // Brings it up to date. Blocks; any thread.
  Result<void> ReadHolds() const;
  void AddRoutes(net::Router& router);

  // Begins to know what the rules concern. Blocks.
  Result<void> Open();
  // Keeps the queue from now on. Blocks until what was under way is taken up.
  Result<void> Start();
  void Suspend();  // lets go of it, until Start
  void Stop();
  bool leads() const { return leads_.load(); }

  // Whether a start of this workflow (namespace.name) has to go through the queue.
  bool Concerns(const AccountId& account, const std::string& workflow) const;

  // ---- Runs
  struct Coming {
    StoredRun run;  // account, id, workflow, version, trigger, correlation
    Json input;
    bool is_claimed = false;
    FlowRuns::Ended finished{};  // only called where the queue is kept
  };
  // Answers when it is on disk.
  Task<Arrival::Answer> Arrive(Coming coming);
  // True: it had not begun, and will not.
  Task<bool> Cancel(AccountId account, ExecutionId id, std::string reason);
  // True: it waits, and has this priority now. kUnavailable where the queue is not kept.
  Task<bool> SetPriority(AccountId account, ExecutionId id, std::uint8_t priority);
  // Waits while it is queued; and until its end, if that is known here.
  boost::asio::awaitable<void> WaitWhileQueued(AccountId account, ExecutionId id);
  Task<std::optional<FlowReader::Found>> Find(AccountId account, ExecutionId id);
  // Queued or running. False also when there is none.
  Task<bool> Holds(AccountId account, ExecutionId id);

  // ---- What holds. All fail with kUnavailable where the queue is not kept.
  Task<void> Put(StoredRules rules);
  Task<void> Drop(AccountId account, std::string workflow);
  Task<void> Put(Pause pause);
  Task<void> Drop(Pause pause);

  // ---- What people see, where the queue is kept.
  FlowReader& reader() { return reader_; }
  struct QueueFilter {
    std::string workflow;            // namespace.name; empty: all
    std::optional<std::string> key;  // with a workflow: of those that have it, whichever rule asked for it
    std::int64_t after = 0;          // the seq that the page before ended with
    std::size_t limit = 50;
  };
  struct Queued {
    StoredRun run;
    std::optional<Keeper::Waits> waits;  // nothing: it has left the queue meanwhile
  };
  struct QueuedPage {
    std::vector<Queued> items;         // in the order in which they came
    std::optional<std::int64_t> next;  // `after` of the next page, if there is one
  };
  Task<QueuedPage> ListQueued(AccountId account, QueueFilter filter);
  // What a run waits for (flow_view.h), as the node that keeps the queue says; null: it does not wait, or
  // nobody can say now. Whose run it is, who asks has seen.
  Task<Json> WaitsFor(ExecutionId id);
  struct Overview {
    RunQueue::Depth depth;       // of the workflow, or the account
    std::size_t collecting = 0;  // and not queued yet
    std::vector<RunQueue::GateView> gates;
  };
  // `workflow`: namespace.name; empty: the account.
  Task<Overview> Look(AccountId account, std::string workflow, std::size_t gates_max);
  struct Status {
    std::size_t queued = 0;
    std::size_t running = 0;
    Keeper::Counters counters;
  };
  Status status() const;

 private:
  // What starts concern, for all threads.
  struct Directory {
    std::set<std::pair<AccountId, std::string>> workflows;
    std::set<AccountId> accounts;
  };
  class Runs;

  template <class T, class Function>
  Task<T> OnKeeper(Function function);
  Error NotHere() const;
  Task<QueuedPage> RunsOf(AccountId account, QueueFilter filter);
  boost::asio::awaitable<void> WaitUntilKept();
  Task<void> Refresh();
  Task<std::vector<Pause>> RefreshHolds();
  Task<void> TellOfChanges();
  boost::asio::awaitable<void> KeepFresh();
  void SetTimer(std::int64_t due_us);
  void Note();
  boost::asio::awaitable<Result<Json>> ArriveForOther(Json body);
  boost::asio::awaitable<Result<Json>> LookAgain(Json body);
  boost::asio::awaitable<Result<Json>> CancelForOther(Json body);
  boost::asio::awaitable<Result<Json>> WaitsForOther(Json body);

  database::Database& db_;
  const Clock& clock_;
  workflow::Peers* peers_ = nullptr;  // null: this process is alone
  FlowReader reader_;
  engine::HoldBoard* holds_ = nullptr;

  boost::asio::thread_pool thread_{1};
  boost::asio::any_io_executor executor_;
  std::atomic<std::shared_ptr<const Directory>> directory_;
  std::atomic<std::uint64_t> readings_ = 0;
  std::atomic<std::uint64_t> newest_reading_ = 0;  // that directory_ is of
  std::atomic<bool> leads_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> queued_ = 0;
  std::atomic<std::size_t> running_ = 0;
  std::atomic<std::uint64_t> arrived_ = 0;
  std::atomic<std::uint64_t> started_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> absorbed_ = 0;

  // ---- On thread_
  std::unique_ptr<Runs> runs_;
  std::unique_ptr<DatabaseFlowStore> store_;
  std::unique_ptr<Keeper> keeper_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer fresh_timer_;
  std::int64_t wakes_us_ = INT64_MAX;
};

}  // namespace elevaite::flow

// Keeper: the one owner of the queue. It takes what comes, decides what becomes of it, lets runs go when all
// their gates have room, and takes their places back when they end.
//
// What it decides is written first and done then: an arrival is answered, and a run is handed to the engine,
// after the commit that holds it. So places outlive the process: a row that says kRunning holds its places
// until the end of the execution has been seen. One batch is on its way at a time; what happens meanwhile is
// the next one.
//
// Not thread-safe: everything here, callbacks included, runs on the owner's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/partition/partition.h"
#include "foundation/clock.h"
#include "services/workflow/flow/run_queue.h"
#include "services/workflow/flow/stored_run.h"

namespace elevaite::flow {

// Port: where the queue is stored.
class FlowStore {
 public:
  virtual ~FlowStore() = default;
  // All of it or nothing, in order; on disk when `done` says so. kConflict: another keeper has begun since.
  virtual void Write(std::vector<Change> changes, std::function<void(Result<void>)> done) = 0;
};

// Port: the executions.
class FlowRuns {
 public:
  virtual ~FlowRuns() = default;
  using Ended = std::function<void(std::optional<engine::Outcome>)>;
  struct Fresh {
    StoredRun run;
    Json input;
  };
  // Once for each id, however often it is asked for. Without `fresh` it is read from the store. `accepted`:
  // kConflict: it has ended already; kUnavailable, kTimeout and kResourceExhausted: to be tried again;
  // others: it never will. `ended` only after `accepted` without an error.
  virtual void Start(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
                     std::function<void(Result<void>)> accepted, Ended ended) = 0;
  // Of one that may have begun in another life of the process. `never_began` or `ended`, once.
  virtual void Resume(AccountId account, ExecutionId id, std::function<void()> never_began, Ended ended) = 0;
  virtual void Cancel(AccountId account, ExecutionId id, std::string reason) = 0;
};

struct Arrival {
  StoredRun run;  // account, id, workflow, version, trigger, correlation
  Json input;
  struct Answer {
    ExecutionId id;  // which execution it is, or becomes part of
    bool is_new = true;
  };
  std::function<void(Result<Answer>)> accepted;
  FlowRuns::Ended finished;  // may be empty
  bool is_claimed = false;   // others may ask for the same id later
};

class Keeper {
 public:
  static constexpr std::size_t kStartingMax = 512;      // between its turn and the engine's answer
  static constexpr std::size_t kUnwrittenMax = 20'000;  // changes; more: arrivals are refused
  static constexpr std::int64_t kRetryUs = 1'000'000;
  static constexpr std::size_t kPausesMax = 1'000;  // of an account
  static constexpr std::size_t kPausedByMax = 10;   // expressions of the keys of a workflow that are paused

  struct Ports {
    FlowStore& store;
    FlowRuns& runs;
    const Clock& clock;
    // Turn is wanted at this time (microseconds since 1970) at the latest.
    std::function<void(std::int64_t due_us)> wake;
  };
  Keeper(Ports ports, StoredFlow stored);

  // ---- Runs
  void Arrive(Arrival arrival);
  // True: it has not begun, and will not; `done` says when that is on disk.
  bool Cancel(const AccountId& account, const ExecutionId& id, std::string reason,
              std::function<void(Result<void>)> done);
  // kNotFound: it is none of the queue's, or has ended.
  void Watch(const ExecutionId& id, FlowRuns::Ended ended);
  bool IsQueued(const ExecutionId& id) const;

  // ---- What holds; `done` when it is on disk. kQuotaExceeded: there are too many.
  void Put(StoredRules rules, std::function<void(Result<void>)> done);
  void Drop(const AccountId& account, const std::string& workflow, std::function<void(Result<void>)> done);
  void Put(Pause pause, std::function<void(Result<void>)> done);
  void Drop(const Pause& pause, std::function<void(Result<void>)> done);
  // Whether a run of this workflow has to come here.
  bool Concerns(const AccountId& account, const std::string& workflow) const;

  // What the time has brought, and what can start now.
  void Turn();

  struct Waits {
    RunQueue::Waits queue;
    std::string collecting;  // "debounce", "batch", "singleton"; empty: it is queued
    std::int64_t due_us = 0;
  };
  std::optional<Waits> WaitsOf(const ExecutionId& id) const;
  // As RunQueue's, and those that are collected.
  std::vector<RunQueue::Place> Waiting(const AccountId& account, const std::string& workflow,
                                       const std::optional<std::string>& key, std::int64_t after,
                                       std::size_t most) const;
  // Of the account, or of a workflow.
  std::size_t Collecting(const AccountId& account, const std::string& workflow) const;
  const RunQueue& queue() const { return queue_; }
  std::size_t starting() const { return starting_; }
  // It does nothing any more: whoever waits for it is told so. What it asked of its ports is told to nobody
  // once it is gone.
  void Retire();
  // Another keeper has begun, or it has retired.
  bool is_replaced() const { return is_replaced_; }
  struct Counters {
    std::uint64_t arrived = 0;
    std::uint64_t started = 0;
    std::uint64_t refused = 0;
    std::uint64_t absorbed = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  static constexpr std::int64_t kNever = INT64_MAX;
  enum class Kind : std::uint8_t { kDebounce, kBatch, kSingleton };
  // Which runs are collected together, or of which one runs.
  using Spot = std::tuple<AccountId, std::string, Kind, std::string>;
  struct Gathering {
    StoredRun run;
    Spot spot;
    std::int64_t limit_us = 0;  // debounce: when it is queued however many come
  };
  using Done = std::function<void(Result<void>)>;

  Result<void> CheckRoomFor(const Pause& pause) const;
  const WorkflowRules& RulesOf(const AccountId& account, const std::string& workflow) const;
  const AccountRules& RulesOf(const AccountId& account) const;
  void TakeUp(const StoredRules& rules);
  void TakeUp(StoredRun run);
  // nullopt: it may come.
  std::optional<Error> RefusalOf(const StoredRun& run, const WorkflowRules& rules, std::int64_t now_us);
  std::optional<Error> PassRateLimit(const StoredRun& run, const Pace& limit, std::int64_t now_us);
  bool Absorb(Arrival& arrival, const WorkflowRules& rules, std::int64_t now_us);
  void StandFor(Arrival& arrival, const ExecutionId& other);
  void Gather(Arrival arrival, Spot spot, std::int64_t due_us, std::int64_t limit_us);
  void Enqueue(Arrival arrival);
  void QueueUp(const StoredRun& run, std::int64_t now_us);
  void Release(const Gathering& gathering, std::int64_t now_us);
  void QueueWhatIsDue(std::int64_t now_us);
  void Accept(Arrival& arrival, Arrival::Answer answer);

  bool CanDispatch() const;
  void Dispatch(std::int64_t now_us);
  void Start(const AccountId& account, const ExecutionId& id, std::optional<FlowRuns::Fresh> fresh);
  void Started(const AccountId& account, const ExecutionId& id, const Result<void>& result);
  void Ended(const AccountId& account, const ExecutionId& id, const std::optional<engine::Outcome>& outcome);
  // It leaves the queue: who waits behind it may go.
  void Leave(const ExecutionId& id, std::int64_t now_us);
  void Tell(const ExecutionId& id, const std::optional<engine::Outcome>& outcome);
  void ForgetOldPaces(std::int64_t now_us);
  auto GatheringOf(const AccountId& account, const std::string& workflow) const;

  // Not called when the keeper is gone by then.
  template <class Function>
  auto Guarded(Function function) {
    return
        [alive = std::weak_ptr<const bool>(alive_), function = std::move(function)](auto&&... given) mutable {
          if (!alive.expired()) function(std::forward<decltype(given)>(given)...);
        };
  }
  void Add(Change change);
  void After(std::function<void()> effect) { effects_.push_back(std::move(effect)); }
  void AfterWrite(Done done);
  void Flush();
  void Written(const Result<void>& result);

  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  Ports ports_;
  RunQueue queue_;
  std::map<AccountId, AccountRules> account_rules_;
  std::map<std::pair<AccountId, std::string>, WorkflowRules> workflow_rules_;
  std::set<std::tuple<AccountId, std::string, std::string, std::string>> pauses_;
  std::map<std::pair<AccountId, std::string>, std::int64_t> paces_;

  std::unordered_map<ExecutionId, FlowRuns::Fresh> fresh_;  // queued, and not written yet
  std::unordered_set<ExecutionId> batches_;                 // queued and running ones
  std::map<Spot, Gathering> gathering_;
  std::unordered_map<ExecutionId, Spot> spot_of_;  // of those that gather
  std::set<std::pair<std::int64_t, Spot>> due_;
  std::map<Spot, ExecutionId> singles_;  // of each: the one that is queued or runs
  std::unordered_map<ExecutionId, Spot> single_of_;
  std::unordered_map<ExecutionId, std::vector<FlowRuns::Ended>> watchers_;
  std::vector<std::pair<AccountId, ExecutionId>> to_start_again_;
  std::int64_t start_again_us_ = 0;

  std::vector<Change> changes_;
  std::vector<Done> answers_;  // of changes_
  std::vector<std::function<void()>> effects_;
  std::vector<Change> writing_;
  std::vector<Done> writing_answers_;
  std::vector<std::function<void()>> writing_effects_;
  std::int64_t retry_us_ = 0;  // when what could not be written is tried again; 0: nothing
  std::optional<Error> failure_;
  bool is_writing_ = false;
  bool is_replaced_ = false;

  std::int64_t last_seq_ = 0;
  std::size_t starting_ = 0;
  std::int64_t clean_us_ = 0;
  std::set<AccountId> accounts_with_over_;  // there may be old rows of runs that did not start
  Counters counters_;
};

}  // namespace elevaite::flow

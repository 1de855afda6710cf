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
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/partition/partition.h"
#include "foundation/clock.h"
#include "services/workflow/flow/paces.h"
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
  // others: it never will. `ended` only after `accepted` without an error, unless it tells an outcome.
  virtual void Start(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
                     std::function<void(Result<void>)> accepted, Ended ended) = 0;
  // Of one that may have begun in another life of the process. `never_began` or `ended`, once.
  virtual void Resume(AccountId account, ExecutionId id, std::function<void()> never_began, Ended ended) = 0;
  // Once, however often it is asked for. `done`: as that of Start.
  virtual void Cancel(AccountId account, ExecutionId id, std::string reason,
                      std::function<void(Result<void>)> done) = 0;
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
  static constexpr std::int64_t kBatchBytesMax = 16 << 20;  // of inputs; only a single one may be larger
  static constexpr std::size_t kPaceKeysMax = 1'000'000;  // keys of throttles and rate limits, of an account
  static constexpr std::size_t kWatchersMax = 1'000;      // of a run
  // How long, and how many, starts that others stand for are known: who got no answer asks again.
  static constexpr std::int64_t kAbsorbedKnownUs = 60'000'000;
  static constexpr std::size_t kAbsorbedKnownMax = 100'000;

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
  // True: it has not begun; `done` says when it is on disk that it will not. kUnavailable: it is being
  // started just now.
  bool Cancel(const AccountId& account, const ExecutionId& id, std::string reason,
              std::function<void(Result<void>)> done);
  // True: it waits, for its turn or to be collected; `done` says when it is on disk.
  bool SetPriority(const AccountId& account, const ExecutionId& id, std::uint8_t priority,
                   std::function<void(Result<void>)> done);
  // Of one that is the queue's. With nothing: it has ended, or too many others watch it.
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
  std::size_t starting() const { return starting_.size(); }
  // Starts that are collected, those that others stand for included; of the account without a workflow.
  std::size_t Collected(const AccountId& account, const std::string& workflow) const;
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
  void TakeUpCollecting(StoredRun run);
  // Where it is collected by the rules of now; nullopt: nothing holds it.
  std::optional<Spot> SpotOf(const StoredRun& run, const WorkflowRules& rules) const;
  // Rules hold for what came before them, as after a restart.
  void Reconsider(const AccountId& account, const std::string& workflow);
  // nullopt: it may come.
  std::optional<Error> RefusalOf(const StoredRun& run, const WorkflowRules& rules, std::int64_t now_us);
  std::optional<Error> RefusalOfCaps(const StoredRun& run, const WorkflowRules& rules) const;
  std::optional<Error> RefusalOfKeys(const StoredRun& run, const WorkflowRules& rules) const;
  std::optional<Error> RefusalAsSecond(const StoredRun& run, const WorkflowRules& rules) const;
  std::optional<Error> FirstInsteadOf(const StoredRun& run, const WorkflowRules& rules) const;
  std::optional<Error> PassRateLimit(const StoredRun& run, const Pace& limit, std::int64_t now_us);
  bool AnswerAsBefore(Arrival& arrival);
  bool Absorb(Arrival& arrival, const WorkflowRules& rules, std::int64_t now_us);
  bool AbsorbAsSecond(Arrival& arrival, const Singleton& rule, std::int64_t now_us);
  // True: some of them run, and are cancelled; those that wait make room for it at once.
  bool ReplaceSingles(const StoredRun& newer, const Spot& spot, const std::vector<ExecutionId>& before,
                      std::int64_t now_us);
  bool GiveWay(StoredRun& run, std::int64_t now_us);
  void QueueCollected(StoredRun run, std::int64_t now_us);
  void Replace(const StoredRun& newer, const ExecutionId& older, std::int64_t now_us);
  void Debounce(Arrival arrival, const flow::Debounce& rule, std::int64_t now_us);
  void Collect(Arrival arrival, const flow::Collecting& rule, std::int64_t now_us);
  void StandFor(Arrival& arrival, const ExecutionId& other);
  void Gather(Arrival arrival, Spot spot, std::int64_t due_us, std::int64_t limit_us);
  void Enqueue(Arrival arrival);
  void QueueUp(const StoredRun& run, std::int64_t now_us);
  void Hold(StoredRun run, const Spot& spot, std::int64_t limit_us);
  StoredRun LetGo(const Spot& spot);
  void CountCollected(const StoredRun& run, std::int64_t more);
  void Release(const Spot& spot, std::int64_t now_us);
  void QueueWhatIsDue(std::int64_t now_us);
  void Accept(Arrival& arrival, Arrival::Answer answer);

  bool CanDispatch() const;
  void Dispatch(std::int64_t now_us);
  void Start(const AccountId& account, const ExecutionId& id, std::optional<FlowRuns::Fresh> fresh);
  void Started(const AccountId& account, const ExecutionId& id, const Result<void>& result);
  void Ended(const AccountId& account, const ExecutionId& id, const std::optional<engine::Outcome>& outcome);
  void AddSingle(const AccountId& account, const std::string& workflow, const ExecutionId& id);
  bool IsSingleTaken(const Spot& spot) const;
  std::vector<ExecutionId> SinglesAt(const Spot& spot) const;
  // A newer one waits for its end.
  bool IsReplaced(const ExecutionId& id) const;
  void CancelReplaced(const ExecutionId& id);
  // Of FlowRuns: it may go the next time.
  static bool IsTransient(ErrorCode code);
  void TryAgain();
  // It leaves the queue: who waits behind it may go.
  void Leave(const ExecutionId& id, std::int64_t now_us);
  void Tell(const ExecutionId& id, const std::optional<engine::Outcome>& outcome);
  void ForgetWhatIsOld(std::int64_t now_us);
  bool Knows(const ExecutionId& id) const { return queue_.Has(id) || spot_of_.contains(id); }
  auto GatheringOf(const AccountId& account, const std::string& workflow) const {
    const auto begin = gathering_.lower_bound(Spot{account, workflow, Kind::kDebounce, ""});
    return std::ranges::subrange(begin, gathering_.end()) |
           std::views::take_while([account, workflow](const auto& one) {
             return std::get<0>(one.first) == account &&
                    (workflow.empty() || std::get<1>(one.first) == workflow);
           });
  }

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
  Paces paces_;

  std::unordered_map<ExecutionId, FlowRuns::Fresh> fresh_;  // queued, and not written yet
  std::unordered_set<ExecutionId> batches_;                 // queued and running ones
  std::map<Spot, Gathering> gathering_;
  std::unordered_map<ExecutionId, Spot> spot_of_;  // of those that gather
  std::set<std::pair<std::int64_t, Spot>> due_;
  std::map<std::pair<AccountId, std::string>, std::size_t> collected_;  // without a workflow: of the account
  // Queued and running ones; several in one spot only when the rule came after them.
  std::set<std::pair<Spot, ExecutionId>> singles_;
  std::unordered_map<ExecutionId, Spot> single_of_;
  std::unordered_map<ExecutionId, RunKeys> arrival_of_;  // queued and running; those that have one
  std::unordered_map<ExecutionId, ExecutionId> became_;  // starts that others stand for
  std::deque<std::pair<std::int64_t, ExecutionId>> became_since_;
  std::unordered_map<ExecutionId, std::deque<FlowRuns::Ended>> watchers_;
  std::vector<std::pair<AccountId, ExecutionId>> to_start_again_;
  std::vector<ExecutionId> to_cancel_again_;
  std::int64_t again_us_ = 0;

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
  std::unordered_set<ExecutionId> starting_;  // have their places, and the engine has not taken them yet
  std::int64_t clean_us_ = 0;
  std::set<AccountId> accounts_with_over_;  // there may be old rows of runs that did not start
  Counters counters_;
};

}  // namespace elevaite::flow

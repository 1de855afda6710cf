// Partition: the one owner of the executions whose id falls to it. It feeds inputs to the machine, hands the
// events of many executions to the journal as one commit, and lets effects out only after that commit is on
// disk.
//
// Not thread-safe: everything here runs on the owner's thread (partition_thread.h) or under the simulation.
//
// Commits are pipelined: while one is being written, the next is built on top of it. When one fails (disk
// full), all those behind it fail too; the partition then forgets what it had in memory for the executions
// concerned, reads them back as they are on disk, tells the callers, and tries the inputs that came from
// inside (results of activities, timers) again a little later.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/activities/activities.h"
#include "engine/events/hub.h"
#include "engine/holds/holds.h"
#include "engine/journal/journal.h"
#include "engine/machine/machine.h"
#include "engine/machine/migration.h"
#include "engine/machine/repair.h"
#include "engine/partition/live_feed.h"
#include "engine/partition/past.h"
#include "foundation/clock.h"
#include "foundation/ids.h"
#include "foundation/random.h"

namespace elevaite::engine {

// Why the execution of a workflow that a task ran is cancelled.
inline constexpr std::string_view kNoLongerNeeded = "the workflow that runs it no longer needs it";

inline constexpr std::size_t kMigrationsMax = 100;  // of one execution

// How an execution ended.
struct Outcome {
  Phase phase = Phase::kCompleted;
  Json output;
  Json error;
};

struct StartCommand {
  ExecutionRecord record;  // account, id, workflow, version, trigger, correlation
  std::shared_ptr<const dsl::Program> program;
  Json input;
  std::function<void(Result<void>)> accepted;  // once: it is on disk, or it is not
  // May be empty; once, after `accepted`. nullopt: it is not running; whether and how it has ended is on
  // disk.
  std::function<void(const std::optional<Outcome>&)> finished;
  Clock::Instant waits_until = Clock::Instant::max();  // see WatchCommand
  bool shared_id = false;  // others may start the same id (an idempotency key): kConflict when it has run and
                           // ended already
  // It goes on from there instead of beginning with `input`; `program` is of the version that it was on then.
  std::shared_ptr<const Past> past{};
};
// An earlier try of this start may have come through, on a node that had the partition then: that it has
// ended since is no conflict.
void MayHaveBegun(StartCommand& start);
struct CancelCommand {
  AccountId account;
  ExecutionId id;
  std::string reason;
  std::function<void(Result<void>)> done;  // kNotFound: not running here (unknown, or it has ended)
  // By then its tasks have cleaned up; 0: it ends at once. It tells a request that comes twice, because its
  // answer was lost, from a second one, which ends what is being cleaned up.
  std::int64_t deadline_us = 0;
  bool once = false;  // one that is being cancelled already stays as it is
};
// What moving an execution to another version means.
struct Migration {
  std::string from;
  std::string to;
  MigrationPlan plan;
  bool done =
      false;  // it is on disk; else it was only asked for, has obstacles, or the versions are the same
};
struct MigrateCommand {
  AccountId account;
  ExecutionId id;
  std::shared_ptr<const dsl::Program> program;  // another version of its workflow
  MigrationNote note;
  bool dry_run = false;                         // only say what it would mean
  std::function<void(Result<Migration>)> done;  // kNotFound: not running here
};
// What an operator does to an execution (engine/machine/repair.h). One whose number the execution has done
// already is answered as that was; of a migration without the tasks that moved.
struct OperateCommand {
  AccountId account;
  ExecutionId id;
  std::variant<Pause, Resume, Repair> act;
  std::function<void(Result<void>)> done;  // kNotFound: not running here. kConflict: why it cannot be done
};
// Calls `finished` when the execution ends; with nullopt at once when it is not running here.
struct WatchCommand {
  AccountId account;
  ExecutionId id;
  std::function<void(std::optional<Outcome>)> finished;
  // Then nobody waits for it any more, and it may be forgotten: else who asks again and again after an
  // execution that goes on for weeks would be remembered each time.
  Clock::Instant waits_until = Clock::Instant::max();
};
// An input for the machine of an execution: results of activities, and the partition's own timers. Tried
// again until it is written, or the execution has ended.
struct InputCommand {
  ExecutionId id;
  Input input;
};
using Command =
    std::variant<StartCommand, CancelCommand, MigrateCommand, OperateCommand, WatchCommand, InputCommand>;

// Finds the program of an execution that is read back from the journal.
class ProgramSource {
 public:
  virtual ~ProgramSource() = default;
  virtual Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord& record) = 0;
};

struct PartitionOptions {
  MachineLimits limits;
  std::chrono::milliseconds time_per_step{0};  // one execution's turn; 0: no bound but those of `limits`
  Json runtime;                                // $runtime
  std::string base_url;                        // of this server, for links in lifecycle events
  // The secret of that name of an account; nothing: there is none. Called on the owner's thread; must be
  // quick.
  std::function<std::optional<Json>(const AccountId&, std::string_view name)> secret{};
  bool activities_outlive_owner = false;        // other processes do them: its death is not theirs
  std::size_t commits_in_flight_max = 4;        // then inputs wait, so that commits grow instead of queueing
  std::size_t snapshot_bytes_min = 64U << 10U;  // of events since the last snapshot
  std::int64_t retry_after_failure_us = 1'000'000;
};

// How the owner before ended.
enum class Predecessor : std::uint8_t {
  kReleased,  // it stopped in good order: what it had under way was given back, and nothing of it is counted
  kDied,      // the activities that it had given out are lost attempts
};

struct PartitionCounters {
  std::uint64_t started = 0;
  std::uint64_t completed = 0;
  std::uint64_t faulted = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t events = 0;
  std::uint64_t commits = 0;
  std::uint64_t commits_failed = 0;
};

class Partition {
 public:
  // Called with the number of a commit and its result, possibly on another thread; must lead to Committed()
  // on the owner's thread.
  using CommitDone = std::function<void(std::uint64_t commit, Result<void> result)>;
  // Leads to Handle() on the owner's thread.
  using Post = std::function<void(Command)>;

  Partition(PartitionOptions options, Clock& clock, Random& random, Journal& journal, Activities& activities,
            ProgramSource& programs, EventHub& hub, LiveFeed& feed, Post post, CommitDone commit_done);

  // ---- The begin of a tenure: what is unfinished on disk (recovery.h) ----
  // From now on until EndRecovery not all of it is known: an execution that a command is about is read from
  // the journal first. `newest_us`: Journal::NewestUnfinished.
  void BeginRecovery(Predecessor predecessor, std::int64_t newest_us);
  // Takes these over, but for those it has already, and sets their effects going again; what was run for a
  // task that has been cancelled meanwhile is cancelled instead. What cannot be read or understood is set
  // aside, logged by its name, and tried again from time to time: others do not wait for it. May hand commits
  // to the journal. After an error, which is one of all, the same page may be given again.
  Result<void> Recover(std::vector<StoredExecution> page);
  void EndRecovery();

  // Which of these are awaited by a task that is gone.
  Result<std::vector<ExecutionId>> AbandonedAmong(const std::vector<ExecutionRecord>& awaited);

  void Handle(Command command);
  // From now on these hold (engine/holds/holds.h): what falls under one is paused before anything else
  // happens to it, and no activity of it is given out. What was paused so and falls under none any more goes
  // on, some with each FireTimers. Before BeginRecovery: nothing slips through.
  void Use(std::shared_ptr<const Holds> holds);
  // Feeds the timers that are due.
  void FireTimers();
  // Hands what was handled since the last Flush to the journal; the number of that commit, if there is any.
  std::optional<std::uint64_t> Flush();
  void Committed(std::uint64_t commit, Result<void> result);

  // ---- The end of a tenure ----
  // What it has handed to the journal may still be written and is answered; nothing more is carried out.
  void Retire() { is_retired_ = true; }
  // Once no commit is in flight: forgets everything, listens to nothing. What it gives is for the next owner:
  // those who wait for the end of an execution, and what it has put off.
  std::vector<Command> Close();
  // Another owner has it; all that is written fails.
  bool IsTakenOver() const { return journal_.IsTakenOver(); }

  // When FireTimers is wanted next.
  std::optional<std::int64_t> NextDueUs() const;
  // False while as many commits are in flight as may be, or while it recovers from a failed one: keep the
  // commands.
  bool Accepting() const { return !failure_ && in_flight_.size() < options_.commits_in_flight_max; }
  const std::optional<Error>& failure() const { return failure_; }
  std::size_t active() const { return entries_.size(); }
  // Whose result has not come.
  std::size_t commits_in_flight() const { return in_flight_.size() - answered_.size(); }
  const PartitionCounters& counters() const { return counters_; }
  // Paused by a hold, or with activities that wait for its end.
  std::size_t held() const { return held_.size(); }

 private:
  // Those who are told of something once: most executions have none at most times, and cost a pointer.
  template <class Argument>
  class Callers {
   public:
    using Caller = std::function<void(Argument)>;
    void Add(Caller caller) {
      if (!callers_) callers_ = std::make_unique<std::vector<Caller>>();
      callers_->push_back(std::move(caller));
    }
    std::vector<Caller> Take() {
      const auto taken = std::exchange(callers_, nullptr);
      return taken ? std::move(*taken) : std::vector<Caller>();
    }

   private:
    std::unique_ptr<std::vector<Caller>> callers_;
  };

  // Each time it is full it is looked through for what is gone, and gets room for as many again.
  template <class T, class IsGone>
  static void AddToLiving(std::vector<T>& all, T one, IsGone is_gone) {
    if (all.size() == all.capacity()) {
      std::erase_if(all, is_gone);
      all.reserve(all.empty() ? 1 : 2 * all.size());
    }
    all.push_back(std::move(one));
  }

  // Those who wait for the end of an execution, without those who have waited long enough.
  class Watchers {
   public:
    struct Watcher {
      std::function<void(const std::optional<Outcome>&)> finished;
      Clock::Instant waits_until;
    };
    void Add(Watcher watcher, Clock::Instant now) {
      if (!watchers_) watchers_ = std::make_unique<std::vector<Watcher>>();
      AddToLiving(*watchers_, std::move(watcher),
                  [now](const Watcher& one) { return one.waits_until < now; });
    }
    std::vector<Watcher> Take() {
      const auto taken = std::exchange(watchers_, nullptr);
      return taken ? std::move(*taken) : std::vector<Watcher>();
    }

   private:
    std::unique_ptr<std::vector<Watcher>> watchers_;
  };

  static WatchCommand Watch(const AccountId& account, const ExecutionId& id, Watchers::Watcher watcher) {
    return {.account = account,
            .id = id,
            .finished = std::move(watcher.finished),
            .waits_until = watcher.waits_until};
  }

  // Very many wait at a time: 512 bytes are a size of the allocator, the next is 640.
  struct Entry {
    ExecutionRecord record;
    std::shared_ptr<const dsl::Program> program;
    State state;
    std::uint64_t commit = 0;  // that holds its newest step
    Callers<Result<void>> starts;
    Watchers watchers;  // nullopt: it never began
    std::uint32_t bytes_since_snapshot = 0;
    std::uint32_t snapshot_bytes = 0;
    bool stored = false;   // the first write has been handed to a commit
    bool durable = false;  // that commit is on disk
  };
  using Entries = std::unordered_map<ExecutionId, std::unique_ptr<Entry>>;

  using FramesByExecution = std::map<ExecutionId, std::set<FrameId>>;

  struct PendingStep {
    ExecutionId id;
    AccountId account;
    std::uint64_t last_seq = 0;
    Input input;  // to try again after a failed commit
    std::vector<StoredEvent> emitted;
    std::vector<Effect> effects;
    std::function<void(Result<void>)> answer;  // of a cancel; may be empty
    bool is_start = false;
  };
  struct Commit {
    std::uint64_t number = 0;
    std::vector<JournalWrite> writes;
    std::vector<PendingStep> steps;
  };

  Result<void> TakeOver(StoredExecution stored, FramesByExecution& parents);
  Result<Entry*> Find(const AccountId& account, const ExecutionId& id);
  void PutOff(const ExecutionId& id, Command command);
  void HandleStart(StartCommand command);
  void HandleCancel(CancelCommand command);
  void HandleMigrate(MigrateCommand command);
  template <class T>
  Entry* FindRunning(const AccountId& account, const ExecutionId& id,
                     const std::function<void(Result<T>)>& done);
  void HandleOperate(OperateCommand command);
  static Migration MigrationBefore(const Entry& entry, const std::string& to);
  void HandleWatch(WatchCommand command);
  void HandleInput(InputCommand command);
  // Runs one machine step and adds it to the open commit; under a hold, a pause before it.
  void Feed(Entry& entry, Input input, std::function<void(Result<void>)> answer = {});
  void TakeStep(Entry& entry, Input input, std::function<void(Result<void>)> answer, std::uint32_t tasks_max);
  void AwaitCommit(Entry& entry, Input input, std::function<void(Result<void>)> answer);
  // Adds what has come of a step to the open commit.
  void Add(Entry& entry, Transition transition, Input input, std::function<void(Result<void>)> answer);
  void BeginFork(Entry& entry, const Past& past);
  void Started(const ExecutionId& id, const Result<void>& result);
  Surroundings SurroundingsOf(const Entry& entry) const;
  JournalWrite WriteFor(Entry& entry, const Transition& transition);
  void AddLetters(const Entry& entry, const Transition& transition, JournalWrite& write);
  void Settle(Commit commit, const Result<void>& result);
  void CarryOut(const PendingStep& step);
  void CarryOut(Entry& entry, const Effect& effect);
  void CarryOut(Entry& entry, const ScheduleActivity& activity, bool resumed = false);
  void CarryOut(Entry& entry, const Subscribe& subscribe);
  void SubscribeAgain();
  void SetGoing(Entry& entry, Predecessor predecessor);
  void Finish(const ExecutionId& id);
  void CommitFailed(Commit commit, const Error& error);
  void RecoverFromFailure();
  void StopListening(const Entry& entry, const ExecutionId& id);
  bool Reload(const AccountId& account, const ExecutionId& id);
  void SetAside(const AccountId& account, const ExecutionId& id, const Error& why);
  void ReadSetAsideAgain();
  void SetTimersAgain(Entry& entry);
  Result<void> Restore(StoredExecution stored);
  Result<bool> IsAbandoned(const ExecutionRecord& record, FramesByExecution& parents);

  // held.cc
  struct HeldBack {
    ScheduleActivity activity;
    bool resumed = false;
  };
  const Hold* HoldOver(const Entry& entry, const Input* input = nullptr) const;
  const Hold* HoldBefore(const Entry& entry, const Input& input) const;
  void PauseFor(Entry& entry, const Hold& hold, std::function<void(Result<void>)> answer = {},
                CommandNumber command = 0);
  bool HoldBack(Entry& entry, const ScheduleActivity& activity, bool resumed);
  void NoLongerHeldBack(const ExecutionId& id, FrameId frame);
  void GiveOut(Entry& entry);
  void TakeUpHeld(const Entry& entry);
  bool ResumeFor(Entry& entry, OperateCommand& command);
  void ReleaseSome();
  void ForgetHeld(const AccountId& account, const ExecutionId& id);
  void LookAgainAt(const AccountId& account);
  std::optional<std::pair<AccountId, ExecutionId>> NextToRelease();

  PartitionOptions options_;
  Clock& clock_;
  Random& random_;
  Journal& journal_;
  Activities& activities_;
  ProgramSource& programs_;
  EventHub& hub_;
  LiveFeed& feed_;
  Post post_;
  CommitDone commit_done_;

  Entries entries_;
  std::set<std::tuple<std::int64_t, ExecutionId, FrameId>> timers_;
  std::shared_ptr<const Holds> holds_;  // null: nothing is held
  std::set<std::pair<AccountId, ExecutionId>> held_;
  std::map<ExecutionId, std::vector<HeldBack>> held_back_;       // written, but not given out
  std::map<AccountId, std::deque<ExecutionId>> to_release_;      // of held_: to be looked at; none is empty
  AccountId released_last_;                                      // whose turn it was in to_release_
  std::vector<std::pair<ExecutionId, Subscribe>> to_subscribe_;  // the events could not be read
  std::int64_t subscribe_due_us_ = 0;
  Commit open_;
  std::deque<Commit> in_flight_;
  std::map<std::uint64_t, Result<void>> answered_;  // of those, with others before them
  std::uint64_t next_commit_ = 1;

  bool is_retired_ = false;
  std::optional<Error> failure_;
  Predecessor predecessor_ = Predecessor::kReleased;
  bool recovers_ = false;                       // while not all has been read back
  std::map<ExecutionId, AccountId> set_aside_;  // could not be read
  ExecutionId set_aside_tried_;                 // the last of them that was tried again
  std::int64_t set_aside_due_us_ = 0;
  std::map<ExecutionId, std::vector<Command>> put_off_;  // meanwhile
  std::vector<std::pair<AccountId, ExecutionId>> to_reload_;
  std::vector<InputCommand> to_retry_;
  std::int64_t retry_due_us_ = 0;
  PartitionCounters counters_;
};

}  // namespace elevaite::engine

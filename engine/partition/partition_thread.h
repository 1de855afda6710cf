// PartitionThread: the thread that owns a Partition for the time that this process has it (a tenure, see
// engine/cluster/ownership.h), with the queue through which everybody else talks to it. Its states are those
// of engine/cluster/tenancies.h. While it is closed or closing, commands go elsewhere; where there is no
// elsewhere they wait until it is open.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/admission/admission.h"
#include "engine/cluster/tenancies.h"
#include "engine/partition/partition.h"
#include "engine/partition/recovery.h"

namespace elevaite::engine {

class PartitionThread {
 public:
  using State = TenancyState;
  using JournalFactory = std::function<std::unique_ptr<Journal>(const Tenure&)>;

  struct Options {
    std::uint32_t index = 0;
    std::uint32_t count = 1;
    std::size_t queue_max = 20'000;  // starts beyond it are refused; results and timers never are
    std::size_t commands_per_round = 1'024;
    PartitionOptions partition;
    Admission* admission = nullptr;  // is told of the starts that wait; may be null
    HoldBoard* holds = nullptr;      // may be null: nothing is ever held
    // Brings the board up to date. Called on the partition's thread before it begins a tenure, which fails
    // with it; may block. Empty: the board is up to date.
    std::function<Result<void>()> read_holds{};
    // Takes what is not for this process; may be empty: it is refused. Any thread.
    std::function<void(Command)> elsewhere{};
    // Takes what is for an execution of any partition.
    std::function<void(InputCommand)> anywhere{};
    // The state has changed. Called on the partition's thread.
    std::function<void()> changed{};
    // Until when a tenure lasts, on the monotonic clock of the process; empty: until Close. Any thread.
    std::function<std::chrono::steady_clock::time_point()> lasts_until{};
  };

  // All that is not owned must outlive it.
  PartitionThread(Options options, Clock& clock, Random& random, JournalFactory journals,
                  Activities& activities, ProgramSource& programs, EventHub& hub, LiveFeed& feed);
  ~PartitionThread();

  // Begins the tenure, when it is closed.
  void Open(const Tenure& tenure);
  // What it had not taken from its queue goes elsewhere, and so do those who wait for the end of an
  // execution.
  void Close();
  // Waits for the end of the opening: an error when the journal cannot be read, or it was closed.
  Result<void> AwaitOpen();
  // Closes for good: commands that come later, and those still queued, are answered with kUnavailable or
  // dropped. Returns when the commits in flight have ended.
  void Stop();

  void Post(Command command);
  // The board has changed. Any thread.
  void LookAtHolds();
  struct Status : Tenancy {
    PartitionCounters counters{};  // over all tenures
    std::size_t active = 0;
    std::size_t queued = 0;
    std::size_t held = 0;
    bool recovers = false;  // not all that is unfinished has been read back yet
  };
  Status status() const;
  bool is_open() const { return is_open_.load(std::memory_order_relaxed); }

 private:
  void Run();
  bool AwaitTenure();
  Result<void> Begin();
  bool HoldsHaveChanged() const { return options_.holds && options_.holds->version() != holds_version_; }
  void UseHolds();
  Result<void> CancelAbandoned();
  void Serve();
  bool Round();
  bool ReadsBack() const { return recovery_->goes_on() && partition_->Accepting(); }
  void ReadBack();
  void WaitForWork(std::unique_lock<std::mutex>& lock);
  bool IsToClose() const;
  void CloseDown();
  void Note();
  void SetState(State state);
  void Elsewhere(Command command);
  void Dequeued(const Command& command) const;
  void Answered(std::uint64_t commit, bool is_written);
  static void Refuse(Command& command, const Error& error);

  Options options_;
  Clock& clock_;
  Random& random_;
  JournalFactory journals_;
  Activities& activities_;
  ProgramSource& programs_;
  EventHub& hub_;
  LiveFeed& feed_;

  // Of a tenure; the thread's only.
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Partition> partition_;
  std::optional<Recovery> recovery_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point reads_again_;  // after an error
  std::size_t commits_open_ = 0;
  std::map<std::uint64_t, std::chrono::steady_clock::time_point> handed_over_;  // commits, by number
  std::uint64_t holds_version_ = 0;                                             // that the partition uses
  PartitionCounters before_;                                                    // of earlier tenures

  mutable std::mutex mutex_;  // for all below
  std::condition_variable wake_;
  std::deque<Command> queue_;
  std::vector<std::pair<std::uint64_t, Result<void>>> committed_;
  bool awaits_commands_ = false;  // the owner sleeps and a command would be taken
  bool stopping_ = false;
  Status status_;
  std::condition_variable changed_;
  std::atomic<bool> is_open_ = false;
  std::thread thread_;
};

void AddTo(PartitionCounters& sum, const PartitionCounters& one);

}  // namespace elevaite::engine

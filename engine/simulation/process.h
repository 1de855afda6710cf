// Process: one life of the engine's process: the hub, the owners with their queues, and the loop that each
// owner's thread runs (engine/partition/partition_thread.cc), a round being one step of the scheduler. It
// dies between two steps, or in the middle of one, at a call of the engine to one of its ports. One that
// stands still for longer than its lease is a ghost: another process has taken over when it goes on.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/events/hub.h"
#include "engine/partition/partition.h"
#include "engine/partition/recovery.h"
#include "engine/simulation/auditor.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/library.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/payloads.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"

namespace elevaite::simulation {

// Thrown out of a step by a port when the process dies there; caught by the loop of the run, which then has
// nothing left of the process.
struct ProcessDied {};

// Counts the calls of the engine to its ports, and ends the process at the one that was asked for.
class CrashPoint {
 public:
  void Arm(std::int64_t calls) { left_ = calls; }
  void Disarm() { left_ = -1; }
  bool armed() const { return left_ >= 0; }
  void Pass() {
    if (left_ < 0) return;
    if (left_-- == 0) throw ProcessDied{};
  }

 private:
  std::int64_t left_ = -1;
};

class Fleet;
class RemoteActivities;

// What a process runs on, and what outlives it.
struct Host {
  Scheduler& scheduler;
  Disk& disk;
  Library& library;
  Auditor& auditor;
  CrashPoint& crash_point;
  engine::Activities& workers;  // in the process
  Fleet* fleet;                 // workers in other processes, which do it instead; null: none
  const Knobs& knobs;
  Mutation mutation = Mutation::kNone;
  // Results of activities, which may come when the process that asked for them is gone.
  std::function<void(engine::Command)> deliver_late;
};

class Process {
 public:
  Process(Host& host, std::int64_t epoch, std::uint32_t partitions, std::uint32_t partitions_before);
  ~Process();

  // Reads everything back, one owner after the other; then calls `ready`.
  void Boot(std::function<void()> ready);
  // To the owner of the execution.
  void Post(engine::Command command);
  // From outside: see EventHub::Accept.
  void Accept(Json event, std::function<void(Result<std::size_t>)> done);
  // As Scheduler::After, unless the process is gone by then.
  void After(std::int64_t delay_us, std::string_view what, Scheduler::Action action);
  void Pause() { is_paused_ = true; }
  void GoOn();
  bool is_paused() const { return is_paused_; }
  // Another process takes over while it stands still.
  void BecomeGhost();
  // It has noticed, and nothing of it is being written any more.
  bool IsGone() const;

  // The wall clock has been set: nobody trusts his alarm any more.
  void ClockWasSet();

  std::uint32_t partitions() const { return static_cast<std::uint32_t>(owners_.size()); }
  Host& host() { return host_; }
  // What workers in other processes talk to; null: there are none, or the process is not ready.
  RemoteActivities* remote() { return is_ready_ && !is_paused_ ? remote_.get() : nullptr; }
  std::size_t active() const;

 private:
  class Subflows;
  class GuardedJournal;
  class GuardedEvents;
  class GuardedActivities;
  struct Owner {
    std::unique_ptr<engine::Journal> journal;
    std::unique_ptr<engine::Partition> partition;
    std::deque<engine::Command> queue;
    std::vector<std::pair<std::uint64_t, Result<void>>> committed;
    std::optional<engine::Recovery> recovery;
    bool has_started = false;
    bool is_closing = false;  // of a ghost
    bool will_run = false;
    bool sleeps_on = false;   // kLostTimer: until a command comes
    std::uint64_t alarm = 0;  // the number of the newest: older ones are void
  };

  std::unique_ptr<engine::Partition> MakePartition(std::size_t index);
  void Start(std::size_t index, std::function<void()> ready);
  engine::Predecessor PredecessorIs() const;
  void Wake(std::size_t index);
  void Round(std::size_t index);
  void ReadBack(Owner& owner);
  bool Recovers() const;
  void Rest(std::size_t index);
  bool IsLost(const Owner& owner) const;
  void CloseDown(std::size_t index);
  void PassCrashPoint();

  Host& host_;
  const std::int64_t epoch_;
  std::uint32_t partitions_before_;
  bool is_ready_ = false;
  bool is_paused_ = false;
  bool is_ghost_ = false;
  bool looks_at_lease_ = false;  // of a ghost; until then it finds out only by being refused
  std::vector<std::pair<std::string_view, Scheduler::Action>> put_off_;  // until it goes on
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Payloads payloads_;
  UuidGenerator uuids_;
  std::unique_ptr<GuardedEvents> events_;
  engine::EventHub hub_;
  engine::LiveFeed feed_;
  std::unique_ptr<RemoteActivities> remote_;
  std::unique_ptr<Subflows> subflows_;
  std::unique_ptr<GuardedActivities> activities_;
  std::vector<std::unique_ptr<Owner>> owners_;
};

}  // namespace elevaite::simulation

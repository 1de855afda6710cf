// Process: one life of the engine's process: the hub, the owners with their queues, and the loop that each
// owner's thread runs (engine/partition/partition_thread.cc), a round being one step of the scheduler. It has
// the database for itself, or is one node of several (node.h). It dies between two steps, or in the middle of
// one, at a call of the engine to one of its ports; or it stands still, and goes on late.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cluster/tenancies.h"
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

class Process;

// Thrown out of a step by a port when the process dies there; caught by the loop of the run, which then has
// nothing left of the process.
struct ProcessDied {
  Process* process = nullptr;
};

// Counts the calls of the engine to its ports, and ends the process at the one that was asked for.
class CrashPoint {
 public:
  void Arm(std::int64_t calls) { left_ = calls; }
  void Pass(Process& process) {
    if (left_ < 0) return;
    if (left_-- == 0) throw ProcessDied{&process};
  }

 private:
  std::int64_t left_ = -1;
};

class Fleet;
class Node;
class RemoteActivities;
class Services;
class Workers;

// What a process runs on, and what outlives it.
struct Host {
  Scheduler& scheduler;
  Disk& disk;
  Library& library;
  Auditor& auditor;
  Services& services;
  Fleet* fleet;  // workers in other processes, which do what else those in the process do; null: none
  const Knobs& knobs;
  std::shared_ptr<const engine::Holds> holds{};  // as it is stored; who runs learns of it a little later
  std::set<ExecutionId> cancels_asked{};         // of these, whoever asked
  // No process stands still or is cut off from its database: then nobody owns a partition who does not know
  // of the next owner yet, and says of its executions what is not so any more.
  bool owners_are_right = true;
  Mutation mutation = Mutation::kNone;
  // Results of activities, which may come when the process that asked for them is gone.
  std::function<void(engine::Command)> deliver_late;
};

class Process final : public engine::Tenancies {
 public:
  struct Identity {
    Author number = 0;  // of this life
    std::uint32_t partitions = 1;
    std::uint32_t partitions_before = 0;  // 0: there was none before
    std::unique_ptr<Node> node{};         // null: it has the database for itself
    std::uint32_t lane = 0;
  };
  Process(Host& host, Identity self);
  ~Process() override;

  // Alone: opens the partitions, one after the other. Then calls `ready`.
  void Boot(std::vector<engine::Tenure> tenures, std::function<void()> ready);
  void BootAsNode(const std::function<void()>& ready);

  // To the owner of the execution.
  void Post(engine::Command command);
  // From outside: see EventHub::Accept.
  void Accept(Json event, std::function<void(Result<engine::EventHub::Accepted>)> done);
  // As Scheduler::After, unless the process is gone by then.
  void After(std::int64_t delay_us, std::string_view what, Scheduler::Action action);
  // Now, or when it goes on.
  void Act(std::string_view what, const Scheduler::Action& action);
  void Pause() { is_paused_ = true; }
  void GoOn();
  bool is_paused() const { return is_paused_; }
  // So many calls of its ports from now on; see CrashPoint.
  void DieAfter(std::int64_t calls) { crash_point_.Arm(calls); }
  void PassCrashPoint() { crash_point_.Pass(*this); }
  // The wall clock has been set: nobody trusts his alarm any more.
  void ClockWasSet();
  void WakeOwners();
  // What holds has changed: it looks at it soon.
  void HearOfHolds();
  void StartHub();

  // ---- Tenancies ----
  std::uint32_t partitions() const override { return static_cast<std::uint32_t>(owners_.size()); }
  engine::Tenancy TenancyOf(std::uint32_t partition) const override { return owners_[partition]->tenancy; }
  void Open(const engine::Tenure& tenure) override;
  void Close(std::uint32_t partition) override;
  bool IsOpen(std::uint32_t partition) const {
    return owners_[partition]->tenancy.state == engine::TenancyState::kOpen;
  }
  std::uint32_t PartitionOf(const engine::Command& command) const;

  Host& host() { return host_; }
  engine::EventHub& hub() { return hub_; }
  Node* node() { return node_.get(); }
  Author number() const { return number_; }
  std::weak_ptr<bool> alive() const { return alive_; }
  // Whether it takes requests.
  bool is_ready() const { return is_ready_; }
  // What workers in other processes talk to; null: there are none, or the process is not ready.
  RemoteActivities* remote() { return is_ready_ && !is_paused_ ? remote_.get() : nullptr; }
  std::size_t active() const;

 private:
  class Subflows;
  class GuardedJournal;
  class GuardedActivities;
  struct Owner {
    engine::Tenancy tenancy;
    // Of a tenure.
    std::unique_ptr<engine::Journal> journal;
    std::unique_ptr<engine::Partition> partition;
    std::optional<engine::Recovery> recovery;
    bool is_retired = false;  // takes nothing more

    std::deque<engine::Command> queue;
    std::vector<std::pair<std::uint64_t, Result<void>>> committed;
    bool will_run = false;
    bool reads_later = false;  // it could not read what it owns
    bool sleeps_on = false;    // kLostTimer: until a command comes
    std::uint64_t alarm = 0;   // the number of the newest: older ones are void
  };

  std::unique_ptr<engine::Journal> MakeJournal(const engine::Tenure& tenure);
  std::unique_ptr<engine::Partition> MakePartition(std::size_t index);
  void BeReady(const std::function<void()>& ready);
  void OpenNext(std::vector<engine::Tenure> tenures, std::function<void()> ready);
  void BeginTenure(std::size_t index);
  void UseHolds();
  const engine::Hold* HoldOver(const engine::ExecutionRecord& record) const;
  void CheckNotHeld(const engine::ActivityTask& task) const;
  void CheckNothingBegins(const engine::JournalWrite& write) const;
  Result<void> Begin(Owner& owner, std::uint32_t index);
  Result<void> CancelAbandoned(Owner& owner, std::uint32_t index);
  engine::Predecessor PredecessorOf(const engine::Tenure& tenure) const;
  void Wake(std::size_t index);
  void Round(std::size_t index);
  void ReadBack(std::size_t index);
  bool Recovers() const;
  void Rest(std::size_t index);
  bool IsToClose(const Owner& owner) const;
  void CloseDown(std::size_t index);

  Host& host_;
  const Author number_;
  const std::uint32_t partitions_before_;
  const std::unique_ptr<Node> node_;
  CrashPoint crash_point_;
  bool is_ready_ = false;
  bool is_paused_ = false;
  bool trusts_lease_ = false;  // it was stopped after it had looked whether the lease is over
  std::vector<std::pair<std::string_view, Scheduler::Action>> put_off_;  // until it goes on
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Payloads payloads_;
  UuidGenerator uuids_;
  std::unique_ptr<engine::EventStore> events_;
  engine::EventHub hub_;
  engine::LiveFeed feed_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<RemoteActivities> remote_;
  std::unique_ptr<Subflows> subflows_;
  std::unique_ptr<GuardedActivities> activities_;
  std::vector<std::unique_ptr<Owner>> owners_;
  std::shared_ptr<const engine::Holds> known_holds_;  // its owners go by these
};

}  // namespace elevaite::simulation

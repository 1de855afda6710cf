// RunQueue: which of the runs that wait starts next. Pure: no clock, no I/O. Times are in microseconds.
//
// Runs stand in lanes: those of one workflow whose keys are the same, and which therefore pass the same
// gates. A lane that could start its first run but for its turn is ready; any other stands at the first gate
// that has no room for it, and is looked at again when that has. So what a start costs depends on the gates
// it passes, not on how many wait.
//
// Turns: among accounts by their weights; in an account by priority (1 first), then workflow by workflow; in
// a workflow by priority, then among fairness keys by their weights, then by age. Without fairness keys each
// lane is a group of its own, so that keys take turns. A key that is new comes first once, so that it need
// not wait for a round of thousands; but only half of the turns are given so, or ever new keys could keep the
// others back.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "foundation/ids.h"
#include "services/workflow/flow/gate.h"
#include "services/workflow/flow/rules.h"

namespace elevaite::flow {

struct Account;
struct Workflow;

struct QueuedItem {
  ExecutionId id;
  Lane* lane = nullptr;
  std::int64_t seq = 0;  // in the order in which they came
  std::int64_t since_us = 0;
  std::uint8_t priority = kPriorityDefault;
  bool running = false;
};

// Lanes that share a turn: those with the same fairness key.
struct Group {
  std::string key;
  Turn turn;
  bool comes_first = false;  // it is new, and has not started anything
  std::size_t lanes = 0;
};

struct Lane {
  Account* account = nullptr;
  Workflow* workflow = nullptr;
  Turn* workflow_turn = nullptr;
  Group* group = nullptr;
  RunKeys keys;
  std::map<std::uint8_t, std::deque<QueuedItem*>> items;  // by priority, then seq; none is empty
  std::vector<Gate*> gates;
  std::size_t queued = 0;
  std::size_t running = 0;
  std::uint64_t turn = 0;  // grows with each start in the account
  Gate* stands_at = nullptr;
  bool ready = false;
  bool was_held = false;  // by a gate that others of its workflow may pass: it has saved no turns meanwhile

  int priority() const { return items.empty() ? 0 : items.begin()->first; }
};

class RunQueue {
 public:
  RunQueue();
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;
  ~RunQueue();

  // ---- What holds; also for those that are queued and running already.
  void SetRules(const AccountId& account, const AccountRules& rules, std::int64_t now_us);
  // `workflow`: namespace.name.
  void SetRules(const AccountId& account, const std::string& workflow, const WorkflowRules& rules,
                std::int64_t now_us);
  // `scope`: kPause; of the account (no workflow), a workflow, or a key of it.
  void SetPaused(const AccountId& account, const GateName& scope, bool paused, std::string note,
                 std::int64_t now_us);
  // How far a throttle has come, before the runs that pass it are added.
  void SetPace(const AccountId& account, const GateName& gate, std::int64_t due_us);

  // ---- Runs
  struct Run {
    AccountId account;
    std::string workflow;
    ExecutionId id;
    RunKeys keys;
    std::uint8_t priority = kPriorityDefault;
    std::int64_t seq = 0;
    std::int64_t since_us = 0;
  };
  void Add(const Run& run, std::int64_t now_us);         // waits
  void AddRunning(const Run& run, std::int64_t now_us);  // has its places already, whatever the limits are
  // The next one to start; it has its places from now on.
  std::optional<ExecutionId> Pop(std::int64_t now_us);
  // It has ended, or will not start: its places are free. False: it is not known.
  bool Remove(const ExecutionId& id, std::int64_t now_us);
  // Of one that waits: it keeps its age. False: it does not wait.
  bool SetPriority(const ExecutionId& id, std::uint8_t priority, std::int64_t now_us);
  // When Pop may give something without anything else happening.
  std::optional<std::int64_t> NextDueUs() const;

  // ---- What people see
  bool Has(const ExecutionId& id) const { return items_.contains(id); }
  bool IsRunning(const ExecutionId& id) const;
  const AccountId& AccountOf(const ExecutionId& id) const;  // of one that it has
  struct Waits {
    std::optional<GateName> gate;  // nothing: for its turn
    std::int64_t limit = 0;        // of the gate, if it has one
    std::int64_t used = 0;         // kConcurrency
    std::string note;              // kPause
    std::size_t place = 0;         // 1: the first of those with the same keys
    std::int64_t since_us = 0;
    std::int64_t next_us = 0;  // kThrottle: when it opens
  };
  std::optional<Waits> WaitsOf(const ExecutionId& id) const;
  struct GateView {
    GateName name;
    std::int64_t limit = 0;
    std::int64_t period_us = 0;  // kThrottle
    std::int64_t used = 0;
    std::size_t waiting = 0;  // runs whose first obstacle this is
    std::int64_t oldest_us = 0;
    std::string note;
  };
  // Runs of a workflow that wait and have this key, whichever expression made it; of all keys without one. In
  // the order in which they came, from after `after` on.
  using Place = std::pair<std::int64_t, ExecutionId>;  // its seq
  std::vector<Place> Waiting(const AccountId& account, const std::string& workflow,
                             const std::optional<std::string>& key, std::int64_t after,
                             std::size_t most) const;
  // All of a workflow, in no order that matters. Looks at every run of the queue.
  std::vector<ExecutionId> RunsOf(const AccountId& account, const std::string& workflow) const;
  // Those with the most that wait first.
  std::vector<GateView> Gates(const AccountId& account, const std::string& workflow, std::size_t most) const;
  struct Depth {
    std::size_t queued = 0;
    std::size_t running = 0;
  };
  Depth DepthOf(const AccountId& account) const;
  Depth DepthOf(const AccountId& account, const std::string& workflow) const;
  // Of the lane that a run with these keys would stand in.
  std::size_t QueuedWith(const AccountId& account, const std::string& workflow, const RunKeys& keys) const;
  std::size_t queued() const { return queued_; }
  std::size_t running() const { return items_.size() - queued_; }

  // Throttles that nothing passes and that hold nothing back; at most so many.
  static constexpr std::size_t kForgottenMax = 10'000;
  void ForgetIdle(std::int64_t now_us);
  std::size_t idle_gates() const { return idle_.size(); }

  // For tests: every count and set fits together. Empty: they do.
  std::string Inconsistency(std::int64_t now_us) const;

  // Tells of each start that passes a throttle: it is to be written down.
  std::function<void(const AccountId&, const Gate&)> paced;

 private:
  Account& AccountOf(const AccountId& id);
  const Account* FindAccount(const AccountId& id) const;
  Workflow& WorkflowOf(Account& account, const std::string& name);
  Lane& LaneOf(Workflow& workflow, const RunKeys& keys);
  Group& GroupOf(Workflow& workflow, const Lane& lane);
  void PlaceNew(Workflow& workflow, Group& group);
  void TakeTurn(Workflow& workflow, Group& group);
  Gate& GateOf(Account& account, const GateName& name);
  std::vector<Gate*> GatesOf(Lane& lane);
  // Whether it lines up behind those that wait already, or is one of them that is called. Gates have room for
  // as many only as they have not let through yet; so one that comes now goes after those few, even if it is
  // of a better priority.
  enum class Manner : std::uint8_t { kInTurn, kCalled };
  static Gate* Obstacle(const Lane& lane, Manner manner, std::int64_t now_us);
  QueuedItem& Emplace(const Run& run, Lane& lane, bool running);
  static void Insert(Lane& lane, QueuedItem& item);
  static void Erase(Lane& lane, const QueuedItem& item);

  // Puts a lane that stands nowhere where it belongs. After kInTurn its gates are to be woken.
  void Stand(Lane& lane, Manner manner, std::int64_t now_us);
  void Lift(Lane& lane);
  void Wake(Gate& gate, std::int64_t now_us);
  void WakeAll(const std::vector<Gate*>& gates, std::int64_t now_us);
  void SetAlarm(Gate& gate);
  void SetIdle(Account& account, Gate& gate, bool idles);
  void Ring(std::int64_t now_us);
  // Connects these lanes anew, after `change`, which may take gates away.
  void Rebuild(Account& account, const std::vector<Lane*>& lanes, std::int64_t now_us,
               const std::function<void()>& change = {});
  void Connect(Lane& lane);
  void Disconnect(Lane& lane);
  void DropIfIdle(Lane& lane);
  void ListAccount(Account& account, bool listed);

  std::map<AccountId, std::unique_ptr<Account>> accounts_;
  std::set<std::pair<std::uint64_t, Account*>> turns_;  // of accounts with a ready lane
  std::unordered_map<ExecutionId, std::unique_ptr<QueuedItem>> items_;
  std::set<std::pair<std::int64_t, Gate*>> alarms_;
  std::set<std::tuple<std::int64_t, Account*, Gate*>> idle_;  // by due_us
  std::uint64_t pass_ = 0;                                    // of the account that started last
  std::uint64_t turns_taken_ = 0;
  std::size_t queued_ = 0;
};

}  // namespace elevaite::flow

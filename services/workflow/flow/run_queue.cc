#include "services/workflow/flow/run_queue.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "foundation/result.h"
#include "services/workflow/flow/run_queue_parts.h"

namespace elevaite::flow {

RunQueue::RunQueue() = default;
RunQueue::~RunQueue() = default;

// ---- Finding and making

Account& RunQueue::AccountOf(const AccountId& id) {
  std::unique_ptr<Account>& account = accounts_[id];
  if (!account) {
    account = std::make_unique<Account>();
    account->id = id;
  }
  return *account;
}

const Account* RunQueue::FindAccount(const AccountId& id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : found->second.get();
}

Workflow& RunQueue::WorkflowOf(Account& account, const std::string& name) {
  std::unique_ptr<Workflow>& workflow = account.workflows[name];
  if (!workflow) {
    workflow = std::make_unique<Workflow>();
    workflow->name = name;
    workflow->account = &account;
    workflow->turn.since = ++turns_taken_;
  }
  return *workflow;
}

Gate& RunQueue::GateOf(Account& account, const GateName& name) {
  std::unique_ptr<Gate>& gate = account.gates[name];
  if (!gate) {
    gate = std::make_unique<Gate>();
    gate->name = name;
  }
  return *gate;
}

Group& RunQueue::GroupOf(Workflow& workflow, const Lane& lane) {
  const auto& fairness = workflow.rules.fairness;
  std::string key;
  if (fairness) {
    key = lane.keys.Of(fairness->key);
  } else {
    for (const auto& [expression, value] : lane.keys.values) key += expression + '\0' + value + '\0';
  }
  std::unique_ptr<Group>& group = workflow.groups[key];
  const bool is_new = !group;
  if (is_new) group = std::make_unique<Group>(Group{.key = key, .turn = {.since = ++turns_taken_}});
  group->turn.weight = fairness ? fairness->WeightOf(key) : 1;
  if (is_new) PlaceNew(workflow, *group);
  return *group;
}

// It comes before all others, or after a round of them.
void RunQueue::PlaceNew(Workflow& workflow, Group& group) {
  group.turn.pass = workflow.pass;
  if (workflow.first_turns == 0) return group.turn.Took(++turns_taken_);
  --workflow.first_turns;
  group.comes_first = true;
  group.turn.pass -= kStride;
}

// Each turn of the others lets one more come first.
void RunQueue::TakeTurn(Workflow& workflow, Group& group) {
  if (std::exchange(group.comes_first, false)) {
    group.turn.pass = workflow.pass;
  } else {
    workflow.pass = std::max(workflow.pass, group.turn.pass);
    workflow.first_turns = std::min(workflow.first_turns + 1, Workflow::kFirstTurnsMax);
  }
  group.turn.Took(++turns_taken_);
}

Lane& RunQueue::LaneOf(Workflow& workflow, const RunKeys& keys) {
  std::unique_ptr<Lane>& lane = workflow.lanes[keys];
  if (!lane) {
    lane = std::make_unique<Lane>();
    lane->account = workflow.account;
    lane->workflow = &workflow;
    lane->workflow_turn = &workflow.turn;
    lane->keys = keys;
    lane->turn = ++workflow.account->turn;
    Connect(*lane);
  }
  return *lane;
}

namespace {

std::string ExpressionOf(const Key& key) { return key ? key->text() : std::string(); }

GateName NameFor(GateKind kind, const std::string& workflow, const Key& key, const RunKeys& keys) {
  return {
      .kind = kind, .workflow = workflow, .expression = ExpressionOf(key), .key = std::string(keys.Of(key))};
}

}  // namespace

// The limits of the rules are set on the gates as they are found.
std::vector<Gate*> RunQueue::GatesOf(Lane& lane) {
  Account& account = *lane.account;
  const WorkflowRules& rules = lane.workflow->rules;
  const std::string& workflow = lane.workflow->name;
  std::vector<Gate*> gates;
  const auto pause = [&](GateName name) {
    name.kind = GateKind::kPause;
    const auto found = account.gates.find(name);
    if (found != account.gates.end()) gates.push_back(found->second.get());
  };
  pause({});
  pause({.workflow = workflow});
  for (const auto& [expression, value] : lane.keys.values)
    pause({.workflow = workflow, .expression = expression, .key = value});
  for (const Concurrency& rule : rules.concurrency) {
    Gate& gate = GateOf(account, NameFor(GateKind::kConcurrency, workflow, rule.key, lane.keys));
    gate.limit = rule.limit;
    gates.push_back(&gate);
  }
  if (account.rules.concurrency) {
    Gate& gate = GateOf(account, {.kind = GateKind::kConcurrency});
    gate.limit = *account.rules.concurrency;
    gates.push_back(&gate);
  }
  if (rules.throttle) {
    Gate& gate = GateOf(account, NameFor(GateKind::kThrottle, workflow, rules.throttle->key, lane.keys));
    gate.pace = {.interval_us = std::max<std::int64_t>(rules.throttle->period_us / rules.throttle->limit, 1),
                 .burst = rules.throttle->burst};
    gates.push_back(&gate);
  }
  return gates;
}

void RunQueue::Connect(Lane& lane) {
  lane.group = &GroupOf(*lane.workflow, lane);
  ++lane.group->lanes;
  lane.gates = GatesOf(lane);
  for (Gate* gate : lane.gates) {
    ++gate->lanes;
    SetIdle(*lane.account, *gate, false);
    if (gate->name.kind == GateKind::kConcurrency) gate->used += static_cast<std::int64_t>(lane.running);
  }
}

// A gate that nothing passes is forgotten, unless it holds something back: it knows what a throttle has had,
// or is a person's.
void RunQueue::Disconnect(Lane& lane) {
  for (Gate* gate : lane.gates) {
    if (gate->name.kind == GateKind::kConcurrency) gate->used -= static_cast<std::int64_t>(lane.running);
    if (--gate->lanes > 0) continue;
    SetIdle(*lane.account, *gate, true);
    if (gate->name.kind != GateKind::kConcurrency) continue;
    if (gate->alarm_us != 0) alarms_.erase({gate->alarm_us, gate});
    lane.account->gates.erase(GateName(gate->name));
  }
  lane.gates.clear();
  if (--lane.group->lanes == 0) lane.workflow->groups.erase(lane.workflow->groups.find(lane.group->key));
  lane.group = nullptr;
}

// ---- Where a lane stands

Gate* RunQueue::Obstacle(const Lane& lane, Manner manner, std::int64_t now_us) {
  const auto closed = std::ranges::find_if(lane.gates, [&](Gate* gate) {
    return gate->Free(now_us) <= gate->ready || (manner == Manner::kInTurn && !gate->waiting.empty());
  });
  return closed == lane.gates.end() ? nullptr : *closed;
}

void RunQueue::ListAccount(Account& account, bool listed) {
  if (account.listed) turns_.erase({account.stands_with, &account});
  account.listed = listed;
  account.stands_with = account.pass;
  if (listed) turns_.insert({account.pass, &account});
}

// When it has room for one more than it has let through.
void RunQueue::SetAlarm(Gate& gate) {
  if (gate.name.kind != GateKind::kThrottle) return;
  if (gate.alarm_us != 0) alarms_.erase({gate.alarm_us, &gate});
  const bool wanted = !gate.waiting.empty() && gate.ready < gate.pace.burst;
  gate.alarm_us =
      wanted ? std::max<std::int64_t>(gate.pace.NextUs(gate.due_us) + gate.ready * gate.pace.interval_us, 1)
             : 0;
  if (gate.alarm_us != 0) alarms_.insert({gate.alarm_us, &gate});
}

void RunQueue::Stand(Lane& lane, Manner manner, std::int64_t now_us) {
  if (lane.items.empty()) return;
  if (Gate* gate = Obstacle(lane, manner, now_us)) {
    lane.stands_at = gate;
    const bool holds_all = gate->name.expression.empty() && gate->name.kind != GateKind::kPause;
    lane.was_held = lane.was_held || !holds_all;
    gate->waiting.Add(lane);
    SetAlarm(*gate);
    return;
  }
  lane.ready = true;
  Account& account = *lane.account;
  if (account.ready.empty()) {
    account.pass = std::max(account.pass, pass_);
    ListAccount(account, true);
  }
  // Who could not start has saved no turns.
  Workflow& workflow = *lane.workflow;
  if (workflow.ready++ == 0) workflow.turn.pass = std::max(workflow.turn.pass, account.workflow_pass);
  if (std::exchange(lane.was_held, false) && !lane.group->comes_first)
    lane.group->turn.pass = std::max(lane.group->turn.pass, workflow.pass);
  account.ready.Add(lane);
  for (Gate* gate : lane.gates) {
    ++gate->ready;
    SetAlarm(*gate);
  }
}

void RunQueue::Lift(Lane& lane) {
  if (lane.stands_at != nullptr) {
    lane.stands_at->waiting.Remove(lane);
    SetAlarm(*lane.stands_at);
    lane.stands_at = nullptr;
  }
  if (!lane.ready) return;
  lane.ready = false;
  --lane.workflow->ready;
  lane.account->ready.Remove(lane);
  if (lane.account->ready.empty()) ListAccount(*lane.account, false);
  for (Gate* gate : lane.gates) {
    --gate->ready;
    SetAlarm(*gate);
  }
}

// As many lanes go on as there is room for; each may then stand at another gate.
void RunQueue::Wake(Gate& gate, std::int64_t now_us) {
  while (gate.ready < gate.Free(now_us)) {
    Lane* lane = gate.waiting.Front();
    if (lane == nullptr) return;
    Lift(*lane);
    Stand(*lane, Manner::kCalled, now_us);
  }
}

void RunQueue::WakeAll(const std::vector<Gate*>& gates, std::int64_t now_us) {
  for (Gate* gate : gates) Wake(*gate, now_us);
}

void RunQueue::Ring(std::int64_t now_us) {
  while (!alarms_.empty() && alarms_.begin()->first <= now_us) Wake(*alarms_.begin()->second, now_us);
}

// ---- Rules

void RunQueue::Rebuild(Account& account, const std::vector<Lane*>& lanes, std::int64_t now_us,
                       const std::function<void()>& change) {
  for (Lane* lane : lanes) {
    Lift(*lane);
    Disconnect(*lane);
  }
  if (change) change();
  for (Lane* lane : lanes) Connect(*lane);
  for (Lane* lane : lanes) Stand(*lane, Manner::kCalled, now_us);
  std::vector<Gate*> gates;
  for (const auto& [name, gate] : account.gates) gates.push_back(gate.get());
  WakeAll(gates, now_us);
}

namespace {

std::vector<Lane*> LanesOf(const Workflow& workflow) {
  std::vector<Lane*> lanes;
  for (const auto& [keys, lane] : workflow.lanes) lanes.push_back(lane.get());
  return lanes;
}

std::vector<Lane*> LanesOf(const Account& account) {
  std::vector<Lane*> lanes;
  for (const auto& [name, workflow] : account.workflows) {
    const std::vector<Lane*> some = LanesOf(*workflow);
    lanes.insert(lanes.end(), some.begin(), some.end());
  }
  return lanes;
}

}  // namespace

void RunQueue::SetRules(const AccountId& id, const AccountRules& rules, std::int64_t now_us) {
  Account& account = AccountOf(id);
  account.rules = rules;
  Rebuild(account, LanesOf(account), now_us);
}

void RunQueue::SetRules(const AccountId& id, const std::string& name, const WorkflowRules& rules,
                        std::int64_t now_us) {
  Account& account = AccountOf(id);
  Workflow& workflow = WorkflowOf(account, name);
  workflow.rules = rules;
  Rebuild(account, LanesOf(workflow), now_us);
}

void RunQueue::SetPaused(const AccountId& id, const GateName& scope, bool paused, std::string note,
                         std::int64_t now_us) {
  Account& account = AccountOf(id);
  GateName name = scope;
  name.kind = GateKind::kPause;
  const bool is_new = !account.gates.contains(name);
  if (is_new && !paused) return;
  std::vector<Lane*> lanes = LanesOf(account);
  if (!name.workflow.empty())
    std::erase_if(lanes, [&](const Lane* lane) { return lane->workflow->name != name.workflow; });
  Rebuild(account, lanes, now_us, [&] {
    if (!paused) {
      account.gates.erase(name);
      return;
    }
    Gate& gate = GateOf(account, name);
    gate.closed = true;
    gate.note = std::move(note);
  });
}

void RunQueue::SetPace(const AccountId& id, const GateName& name, std::int64_t due_us) {
  Account& account = AccountOf(id);
  Gate& gate = GateOf(account, name);
  SetIdle(account, gate, false);
  gate.due_us = due_us;
  if (gate.lanes == 0) SetIdle(account, gate, true);
}

// ---- Runs

QueuedItem& RunQueue::Emplace(const Run& run, Lane& lane, bool running) {
  auto item = std::make_unique<QueuedItem>(QueuedItem{.id = run.id,
                                                      .lane = &lane,
                                                      .seq = run.seq,
                                                      .since_us = run.since_us,
                                                      .priority = run.priority,
                                                      .running = running});
  QueuedItem& placed = *item;
  CHECK(items_.emplace(run.id, std::move(item)).second);
  return placed;
}

// By age: what was collected first may be queued after what came later.
void RunQueue::Insert(Lane& lane, QueuedItem& item) {
  auto& level = lane.items[item.priority];
  level.insert(std::ranges::upper_bound(level, item.seq, {}, &QueuedItem::seq), &item);
}

void RunQueue::Erase(Lane& lane, const QueuedItem& item) {
  auto& level = lane.items.at(item.priority);
  level.erase(std::ranges::lower_bound(level, item.seq, {}, &QueuedItem::seq));
  if (level.empty()) lane.items.erase(item.priority);
}

void RunQueue::Add(const Run& run, std::int64_t now_us) {
  Account& account = AccountOf(run.account);
  Lane& lane = LaneOf(WorkflowOf(account, run.workflow), run.keys);
  QueuedItem& item = Emplace(run, lane, false);
  if (lane.items.empty()) lane.was_held = true;  // it had nothing to do
  const bool stays = !lane.items.empty() && lane.priority() <= run.priority;
  if (!stays) Lift(lane);
  Insert(lane, item);
  ++lane.queued, ++lane.workflow->queued, ++account.queued, ++queued_;
  if (stays) return;
  Stand(lane, Manner::kInTurn, now_us);
  WakeAll(lane.gates, now_us);
}

void RunQueue::AddRunning(const Run& run, std::int64_t now_us) {
  Account& account = AccountOf(run.account);
  Lane& lane = LaneOf(WorkflowOf(account, run.workflow), run.keys);
  Emplace(run, lane, true);
  Lift(lane);
  ++lane.running, ++lane.workflow->running, ++account.running;
  for (Gate* gate : lane.gates) {
    if (gate->name.kind == GateKind::kConcurrency) ++gate->used;
  }
  Stand(lane, Manner::kInTurn, now_us);
  WakeAll(lane.gates, now_us);
}

std::optional<ExecutionId> RunQueue::Pop(std::int64_t now_us) {
  Ring(now_us);
  while (!turns_.empty()) {
    Account& account = *turns_.begin()->second;
    Lane& lane = *account.ready.Front();
    const bool stands = std::ranges::all_of(lane.gates, [&](Gate* gate) { return gate->Free(now_us) > 0; });
    Lift(lane);
    if (!stands) {
      // Somebody else took the place meanwhile; where else it counted as ready, another one may go on.
      Stand(lane, Manner::kInTurn, now_us);
      WakeAll(lane.gates, now_us);
      continue;
    }
    auto& level = lane.items.begin()->second;
    QueuedItem& item = *level.front();
    level.pop_front();
    if (level.empty()) lane.items.erase(lane.items.begin());
    item.running = true;
    --lane.queued, --lane.workflow->queued, --account.queued, --queued_;
    ++lane.running, ++lane.workflow->running, ++account.running;
    for (Gate* gate : lane.gates) {
      gate->Take(now_us);
      if (gate->name.kind == GateKind::kThrottle) {
        SetAlarm(*gate);
        if (paced) paced(account.id, *gate);
      }
    }
    Workflow& workflow = *lane.workflow;
    TakeTurn(workflow, *lane.group);
    account.workflow_pass = std::max(account.workflow_pass, workflow.turn.pass);
    workflow.turn.Took(++turns_taken_);
    lane.turn = ++account.turn;
    pass_ = std::max(pass_, account.pass);
    account.pass += kStride / account.rules.weight;
    if (account.listed) ListAccount(account, true);
    Stand(lane, Manner::kInTurn, now_us);
    WakeAll(lane.gates, now_us);
    return item.id;
  }
  return std::nullopt;
}

bool RunQueue::Remove(const ExecutionId& id, std::int64_t now_us) {
  const auto found = items_.find(id);
  if (found == items_.end()) return false;
  QueuedItem& item = *found->second;
  Lane& lane = *item.lane;
  Account& account = *lane.account;
  Lift(lane);
  if (item.running) {
    --lane.running, --lane.workflow->running, --account.running;
    for (Gate* gate : lane.gates) {
      if (gate->name.kind == GateKind::kConcurrency) --gate->used;
    }
  } else {
    Erase(lane, item);
    --lane.queued, --lane.workflow->queued, --account.queued, --queued_;
  }
  items_.erase(found);
  Stand(lane, Manner::kInTurn, now_us);
  WakeAll(lane.gates, now_us);
  DropIfIdle(lane);
  return true;
}

bool RunQueue::SetPriority(const ExecutionId& id, std::uint8_t priority, std::int64_t now_us) {
  const auto found = items_.find(id);
  if (found == items_.end() || found->second->running) return false;
  QueuedItem& item = *found->second;
  if (item.priority == priority) return true;
  Lane& lane = *item.lane;
  Lift(lane);
  Erase(lane, item);
  item.priority = priority;
  Insert(lane, item);
  Stand(lane, Manner::kInTurn, now_us);
  WakeAll(lane.gates, now_us);
  return true;
}

void RunQueue::DropIfIdle(Lane& lane) {
  if (lane.queued > 0 || lane.running > 0) return;
  Workflow& workflow = *lane.workflow;
  Disconnect(lane);
  workflow.lanes.erase(RunKeys(lane.keys));
}

std::optional<std::int64_t> RunQueue::NextDueUs() const {
  if (!turns_.empty()) return 0;
  if (alarms_.empty()) return std::nullopt;
  return alarms_.begin()->first;
}

void RunQueue::SetIdle(Account& account, Gate& gate, bool idles) {
  if (gate.name.kind != GateKind::kThrottle || gate.idles == idles) return;
  gate.idles = idles;
  if (idles) {
    idle_.emplace(gate.due_us, &account, &gate);
  } else {
    idle_.erase({gate.due_us, &account, &gate});
  }
}

void RunQueue::ForgetIdle(std::int64_t now_us) {
  for (std::size_t i = 0; i < kForgottenMax && !idle_.empty(); ++i) {
    const auto [due_us, account, gate] = *idle_.begin();
    if (due_us > now_us) return;
    idle_.erase(idle_.begin());
    account->gates.erase(GateName(gate->name));
  }
}

}  // namespace elevaite::flow

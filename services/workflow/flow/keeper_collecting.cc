// What a Keeper collects before it is queued: debounces, batches, and what waits for the end of a single one.
#include <algorithm>
#include <utility>

#include "services/workflow/flow/keeper.h"

namespace elevaite::flow {
namespace {

constexpr const char* kReplaced = "a newer run has taken its place";
constexpr const char* kFirst = "another run waits or runs already";

}  // namespace

// ---- Taken up again

void Keeper::TakeUpCollecting(StoredRun run) {
  const WorkflowRules& rules = RulesOf(run.account, run.workflow);
  const auto spot = SpotOf(run, rules);
  if (!spot || gathering_.contains(*spot)) {
    return QueueCollected(std::move(run), ports_.clock.Now().micros());
  }
  std::int64_t limit_us = run.due_us;
  if (std::get<Kind>(*spot) == Kind::kDebounce) {
    limit_us = run.created_us + rules.debounce->max_wait_us;
    run.due_us = std::min(run.due_us, limit_us);
  } else if (std::get<Kind>(*spot) == Kind::kBatch) {
    run.due_us = limit_us = run.created_us + rules.batch->timeout_us;
  }
  const bool cancels = std::get<Kind>(*spot) == Kind::kSingleton;
  Hold(std::move(run), *spot, limit_us);
  if (!cancels) return;
  for (const ExecutionId& first : SinglesAt(*spot)) CancelReplaced(first);
}

std::optional<Keeper::Spot> Keeper::SpotOf(const StoredRun& run, const WorkflowRules& rules) const {
  const auto at = [&](Kind kind, const Key& key) {
    return Spot{run.account, run.workflow, kind, std::string(run.arrival.Of(key))};
  };
  if (run.due_us == kNever) {
    if (!rules.singleton) return std::nullopt;
    Spot spot = at(Kind::kSingleton, rules.singleton->key);
    return IsSingleTaken(spot) ? std::optional(std::move(spot)) : std::nullopt;
  }
  if (run.items == 0)
    return rules.debounce ? std::optional(at(Kind::kDebounce, rules.debounce->key)) : std::nullopt;
  if (!rules.batch || run.items >= rules.batch->size) return std::nullopt;
  return at(Kind::kBatch, rules.batch->key);
}

void Keeper::Reconsider(const AccountId& account, const std::string& workflow) {
  const Spot first{account, workflow, Kind::kSingleton, ""};
  const auto begin = singles_.lower_bound({first, ExecutionId()});
  auto end = begin;
  for (; end != singles_.end() && std::get<0>(end->first) == account && std::get<1>(end->first) == workflow;
       ++end)
    single_of_.erase(end->second);
  singles_.erase(begin, end);
  if (RulesOf(account, workflow).singleton) {
    for (const ExecutionId& id : queue_.RunsOf(account, workflow)) AddSingle(account, workflow, id);
  }
  std::vector<Spot> spots;
  for (const auto& [spot, gathering] : GatheringOf(account, workflow)) spots.push_back(spot);
  std::vector<StoredRun> runs;
  for (const Spot& spot : spots) runs.push_back(LetGo(spot));
  std::ranges::sort(runs, {}, &StoredRun::seq);
  for (StoredRun& run : runs) TakeUpCollecting(std::move(run));
}

// ---- Arrivals

// Another execution is what this one becomes; who may ask for its id again is told so then, too.
void Keeper::StandFor(Arrival& arrival, const ExecutionId& other) {
  ++counters_.absorbed;
  became_[arrival.run.id] = other;
  became_since_.emplace_back(arrival.run.created_us, arrival.run.id);
  if (arrival.is_claimed) {
    arrival.run.state = RunState::kAbsorbed;
    arrival.run.became = other;
    arrival.run.due_us = arrival.run.created_us;
    Add(AddRun{arrival.run, Json()});
  }
  Accept(arrival, {.id = other, .is_new = false});
}

// True: it is dealt with.
bool Keeper::Absorb(Arrival& arrival, const WorkflowRules& rules, std::int64_t now_us) {
  if (rules.singleton && AbsorbAsSecond(arrival, *rules.singleton, now_us)) return true;
  // What is tried again is no news: neither the last of several, nor one more of a batch.
  if (arrival.run.is_fork()) return false;
  if (rules.debounce) {
    Debounce(std::move(arrival), *rules.debounce, now_us);
    return true;
  }
  if (!rules.batch) return false;
  Collect(std::move(arrival), *rules.batch, now_us);
  return true;
}

// False: it is the first.
bool Keeper::AbsorbAsSecond(Arrival& arrival, const Singleton& rule, std::int64_t now_us) {
  const StoredRun& run = arrival.run;
  const Spot spot{run.account, run.workflow, Kind::kSingleton, std::string(run.arrival.Of(rule.key))};
  const std::vector<ExecutionId> before = SinglesAt(spot);
  if (before.empty()) return false;
  if (rule.on_second == OnSecond::kSkip) {
    StandFor(arrival, before.front());
    return true;
  }
  if (ReplaceSingles(run, spot, before, now_us)) {
    Gather(std::move(arrival), spot, kNever, kNever);
  } else {
    Enqueue(std::move(arrival));
  }
  return true;
}

bool Keeper::ReplaceSingles(const StoredRun& newer, const Spot& spot, const std::vector<ExecutionId>& before,
                            std::int64_t now_us) {
  if (gathering_.contains(spot)) Replace(newer, LetGo(spot).id, now_us);
  bool waits = false;
  for (const ExecutionId& id : before) {
    if (queue_.IsRunning(id)) {
      waits = true;
      After([this, id] { CancelReplaced(id); });
    } else {
      Leave(id, now_us);
      Replace(newer, id, now_us);
    }
  }
  return waits;
}

// What was collected by another key than that of the singleton is a second, too, when its time has come.
// True: it is dealt with.
bool Keeper::GiveWay(StoredRun& run, std::int64_t now_us) {
  const auto& rule = RulesOf(run.account, run.workflow).singleton;
  if (!rule) return false;
  const Spot spot{run.account, run.workflow, Kind::kSingleton, std::string(run.arrival.Of(rule->key))};
  const std::vector<ExecutionId> before = SinglesAt(spot);
  if (before.empty()) return false;
  if (rule->on_second == OnSecond::kSkip) {
    ++counters_.absorbed;
    batches_.erase(run.id);
    Add(SetState{.account = run.account,
                 .id = run.id,
                 .state = RunState::kAbsorbed,
                 .due_us = now_us,
                 .reason = kFirst,
                 .became = before.front()});
    Tell(run.id, std::nullopt);
    return true;
  }
  if (!ReplaceSingles(run, spot, before, now_us)) return false;
  run.due_us = kNever;
  Add(SetState{.account = run.account, .id = run.id, .state = RunState::kCollecting, .due_us = kNever});
  Hold(std::move(run), spot, kNever);
  return true;
}

void Keeper::QueueCollected(StoredRun run, std::int64_t now_us) {
  if (GiveWay(run, now_us)) return;
  Add(SetState{.account = run.account, .id = run.id, .state = RunState::kQueued});
  QueueUp(run, now_us);
}

void Keeper::Replace(const StoredRun& newer, const ExecutionId& older, std::int64_t now_us) {
  Add(SetState{.account = newer.account,
               .id = older,
               .state = RunState::kAbsorbed,
               .due_us = now_us,
               .reason = kReplaced,
               .became = newer.id});
  Tell(older, std::nullopt);
}

void Keeper::Debounce(Arrival arrival, const flow::Debounce& rule, std::int64_t now_us) {
  const StoredRun& run = arrival.run;
  const Spot spot{run.account, run.workflow, Kind::kDebounce, std::string(run.arrival.Of(rule.key))};
  const auto found = gathering_.find(spot);
  if (found == gathering_.end())
    return Gather(std::move(arrival), spot, now_us + rule.period_us, now_us + rule.max_wait_us);
  Gathering& gathering = found->second;
  due_.erase({gathering.run.due_us, spot});
  gathering.run.due_us = std::min(now_us + rule.period_us, gathering.limit_us);
  due_.emplace(gathering.run.due_us, spot);
  Add(ReplaceInput{.account = run.account,
                   .id = gathering.run.id,
                   .input = arrival.input,
                   .due_us = gathering.run.due_us});
  StandFor(arrival, gathering.run.id);
}

// A batch that this one would make too large goes without it.
void Keeper::Collect(Arrival arrival, const flow::Collecting& rule, std::int64_t now_us) {
  const StoredRun run = arrival.run;
  const Spot spot{run.account, run.workflow, Kind::kBatch, std::string(run.arrival.Of(rule.key))};
  Json input = std::move(arrival.input);
  const auto bytes = static_cast<std::int64_t>(input.Dump().size());
  auto found = gathering_.find(spot);
  if (found != gathering_.end() && found->second.run.bytes + bytes > kBatchBytesMax) {
    Release(spot, now_us);
    found = gathering_.end();
  }
  if (found == gathering_.end()) {
    batches_.insert(run.id);
    arrival.run.items = 1;
    Gather(std::move(arrival), spot, now_us + rule.timeout_us, now_us + rule.timeout_us);
    found = gathering_.find(spot);
  } else {
    StandFor(arrival, found->second.run.id);
    ++found->second.run.items;
    CountCollected(run, 1);
  }
  StoredRun& batch = found->second.run;
  batch.bytes += bytes;
  Add(CollectInput{.account = run.account,
                   .id = batch.id,
                   .position = batch.next_position++,
                   .arrival = run.id == batch.id ? std::nullopt : std::optional(run.id),
                   .input = std::move(input)});
  if (batch.items >= rule.size) Release(spot, now_us);
}

void Keeper::Gather(Arrival arrival, Spot spot, std::int64_t due_us, std::int64_t limit_us) {
  StoredRun run = arrival.run;
  run.state = RunState::kCollecting;
  run.due_us = due_us;
  Accept(arrival, {.id = run.id, .is_new = true});
  Add(AddRun{run, run.items > 0 ? Json() : std::move(arrival.input)});
  Hold(std::move(run), spot, limit_us);
}

void Keeper::Hold(StoredRun run, const Spot& spot, std::int64_t limit_us) {
  CountCollected(run, std::max<std::int64_t>(run.items, 1));
  spot_of_[run.id] = spot;
  due_.emplace(run.due_us, spot);
  gathering_[spot] = {.run = std::move(run), .spot = spot, .limit_us = limit_us};
}

StoredRun Keeper::LetGo(const Spot& spot) {
  StoredRun run = std::move(gathering_.at(spot).run);
  CountCollected(run, -std::max<std::int64_t>(run.items, 1));
  due_.erase({run.due_us, spot});
  spot_of_.erase(run.id);
  gathering_.erase(Spot(spot));
  return run;
}

void Keeper::CountCollected(const StoredRun& run, std::int64_t more) {
  for (const std::string& workflow : {std::string(), run.workflow}) {
    const auto count = collected_.try_emplace({run.account, workflow}).first;
    count->second += static_cast<std::size_t>(more);
    if (count->second == 0) collected_.erase(count);
  }
}

// What was gathered is queued.
void Keeper::Release(const Spot& spot, std::int64_t now_us) { QueueCollected(LetGo(spot), now_us); }

void Keeper::QueueWhatIsDue(std::int64_t now_us) {
  while (!due_.empty() && due_.begin()->first <= now_us) {
    const Spot spot = due_.begin()->second;
    Release(spot, now_us);
  }
}

// ---- Singles

void Keeper::AddSingle(const AccountId& account, const std::string& workflow, const ExecutionId& id) {
  const auto& rule = RulesOf(account, workflow).singleton;
  if (!rule) return;
  const auto arrival = arrival_of_.find(id);
  std::string key = arrival == arrival_of_.end() ? "" : std::string(arrival->second.Of(rule->key));
  const Spot spot{account, workflow, Kind::kSingleton, std::move(key)};
  singles_.emplace(spot, id);
  single_of_[id] = spot;
}

bool Keeper::IsSingleTaken(const Spot& spot) const {
  const auto first = singles_.lower_bound({spot, ExecutionId()});
  return first != singles_.end() && first->first == spot;
}

std::vector<ExecutionId> Keeper::SinglesAt(const Spot& spot) const {
  std::vector<ExecutionId> ids;
  for (auto one = singles_.lower_bound({spot, ExecutionId()}); one != singles_.end() && one->first == spot;
       ++one)
    ids.push_back(one->second);
  return ids;
}

bool Keeper::IsReplaced(const ExecutionId& id) const {
  const auto single = single_of_.find(id);
  return single != single_of_.end() && gathering_.contains(single->second);
}

// Of one that is being started, when that is done; and again for as long as nobody can say that it was heard.
void Keeper::CancelReplaced(const ExecutionId& id) {
  if (!queue_.IsRunning(id) || starting_.contains(id)) return;
  ports_.runs.Cancel(queue_.AccountOf(id), id, kReplaced, Guarded([this, id](const Result<void>& done) {
                       if (is_replaced_ || done || !IsTransient(done.error().code)) return;
                       to_cancel_again_.push_back(id);
                       if (again_us_ == 0) again_us_ = ports_.clock.Now().micros() + kRetryUs;
                       Turn();
                     }));
}

}  // namespace elevaite::flow

#include "services/workflow/flow/keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "foundation/log.h"

namespace elevaite::flow {
namespace {

constexpr std::int64_t kCleanUs = 60'000'000;
constexpr std::int64_t kCleanMoreUs = 200'000;  // while there is more of it
constexpr std::int64_t kOverKeptUs = 7LL * 86'400 * 1'000'000;
constexpr std::size_t kCleanedMax = 1'000;  // at a time

std::string GateText(const char* rule, const std::string& workflow, const Key& key, std::string_view value) {
  return Json::Array({rule, workflow, key ? key->text() : std::string(), std::string(value)}).Dump();
}

std::string GateText(const GateName& name) {
  return Json::Array({"throttle", name.workflow, name.expression, name.key}).Dump();
}

// nullopt: it is of a rate limit.
std::optional<GateName> ThrottleNamed(const std::string& text) {
  const auto json = ParseJson(text);
  if (!json || !json->IsArray() || json->AsArray().size() != 4) return std::nullopt;
  std::vector<std::string> parts;
  for (const Json& part : json->AsArray()) parts.emplace_back(part.StringOr(""));
  if (parts[0] != "throttle") return std::nullopt;
  return GateName{.kind = GateKind::kThrottle, .workflow = parts[1], .expression = parts[2], .key = parts[3]};
}

RunQueue::Run RunOf(const StoredRun& run) {
  return {.account = run.account,
          .workflow = run.workflow,
          .id = run.id,
          .keys = run.keys,
          .priority = run.priority,
          .seq = run.seq,
          .since_us = run.created_us};
}

Error Full(std::string message) {
  return {.code = ErrorCode::kQuotaExceeded,
          .message = std::move(message),
          .hint = "wait until some have started, or raise the cap",
          .retry_after = std::chrono::seconds(5)};
}

PaceLimit LimitOf(const Pace& pace) {
  return {.interval_us = std::max<std::int64_t>(pace.period_us / pace.limit, 1), .burst = pace.burst};
}

}  // namespace

// ---- The begin

Keeper::Keeper(Ports ports, StoredFlow stored) : ports_(std::move(ports)), last_seq_(stored.last_seq) {
  const std::int64_t now_us = ports_.clock.Now().micros();
  for (const StoredRules& rules : stored.rules) TakeUp(rules);
  accounts_with_over_.insert(stored.accounts.begin(), stored.accounts.end());
  for (const SetPace& pace : stored.paces) {
    if (!pace.due_us) continue;
    paces_.Set(pace.account, pace.gate, *pace.due_us);
    if (const auto gate = ThrottleNamed(pace.gate)) queue_.SetPace(pace.account, *gate, *pace.due_us);
  }
  for (const Pause& pause : stored.pauses) {
    pauses_.emplace(pause.account, pause.workflow, pause.expression, pause.key);
    queue_.SetPaused(pause.account, pause.scope(), true, pause.note, now_us);
  }
  queue_.paced = [this](const AccountId& account, const Gate& gate) {
    std::string name = GateText(gate.name);
    paces_.Set(account, name, gate.due_us);
    Add(SetPace{.account = account, .gate = std::move(name), .due_us = gate.due_us});
  };
  // Those that run first: what waits for their end finds them.
  for (const StoredRun& run : stored.runs) {
    if (run.state == RunState::kRunning) TakeUp(run);
  }
  for (const StoredRun& run : stored.runs) {
    if (run.state == RunState::kQueued) TakeUp(run);
  }
  for (const StoredRun& run : stored.runs) {
    if (run.state == RunState::kCollecting) TakeUp(run);
  }
}

void Keeper::TakeUp(const StoredRules& stored) {
  const std::int64_t now_us = ports_.clock.Now().micros();
  if (stored.workflow.empty()) {
    auto rules = AccountRulesFrom(stored.definition);
    if (!rules)
      return LogError("stored rules of an account are not understood", {{"error", rules.error().message}});
    queue_.SetRules(stored.account, *rules, now_us);
    account_rules_[stored.account] = *std::move(rules);
    return;
  }
  auto rules = WorkflowRulesFrom(stored.definition);
  if (!rules)
    return LogError("stored rules of a workflow are not understood",
                    {{"workflow", stored.workflow}, {"error", rules.error().message}});
  queue_.SetRules(stored.account, stored.workflow, *rules, now_us);
  workflow_rules_[{stored.account, stored.workflow}] = *std::move(rules);
}

void Keeper::TakeUp(StoredRun run) {
  const std::int64_t now_us = ports_.clock.Now().micros();
  if (run.items > 0) batches_.insert(run.id);
  if (run.state == RunState::kCollecting) return TakeUpCollecting(std::move(run));
  if (run.state == RunState::kQueued) return QueueUp(run, now_us);
  queue_.AddRunning(RunOf(run), now_us);
  if (!run.arrival.values.empty()) arrival_of_[run.id] = run.arrival;
  AddSingle(run.account, run.workflow, run.id);
  ports_.runs.Resume(run.account, run.id, Guarded([this, account = run.account, id = run.id] {
                       starting_.insert(id);
                       Start(account, id, std::nullopt);
                     }),
                     Guarded([this, account = run.account, id = run.id](const auto& outcome) {
                       Ended(account, id, outcome);
                     }));
}

const WorkflowRules& Keeper::RulesOf(const AccountId& account, const std::string& workflow) const {
  static const WorkflowRules none;
  const auto found = workflow_rules_.find({account, workflow});
  return found == workflow_rules_.end() ? none : found->second;
}

const AccountRules& Keeper::RulesOf(const AccountId& account) const {
  static const AccountRules none;
  const auto found = account_rules_.find(account);
  return found == account_rules_.end() ? none : found->second;
}

// ---- What holds

bool Keeper::Concerns(const AccountId& account, const std::string& workflow) const {
  if (RulesOf(account).concurrency || !RulesOf(account, workflow).empty()) return true;
  const auto first = pauses_.lower_bound({account, "", "", ""});
  if (first == pauses_.end() || std::get<0>(*first) != account) return false;
  if (std::get<1>(*first).empty()) return true;
  const auto own = pauses_.lower_bound({account, workflow, "", ""});
  return own != pauses_.end() && std::get<0>(*own) == account && std::get<1>(*own) == workflow;
}

void Keeper::Put(StoredRules rules, Done done) {
  TakeUp(rules);
  if (!rules.workflow.empty()) Reconsider(rules.account, rules.workflow);
  Add(PutRules{std::move(rules)});
  AfterWrite(std::move(done));
  Turn();
}

void Keeper::Drop(const AccountId& account, const std::string& workflow, Done done) {
  const std::int64_t now_us = ports_.clock.Now().micros();
  if (workflow.empty()) {
    account_rules_.erase(account);
    queue_.SetRules(account, AccountRules{}, now_us);
  } else {
    workflow_rules_.erase({account, workflow});
    queue_.SetRules(account, workflow, WorkflowRules{}, now_us);
    Reconsider(account, workflow);
  }
  Add(EraseRules{.account = account, .workflow = workflow});
  AfterWrite(std::move(done));
  Turn();
}

// What runs is asked for its keys at each step, so there are few of them.
Result<void> Keeper::CheckRoomFor(const Pause& pause) const {
  if (pauses_.contains({pause.account, pause.workflow, pause.expression, pause.key})) return {};
  std::size_t count = 0;
  std::set<std::string_view> expressions{pause.expression};
  for (const auto& [account, workflow, expression, key] : pauses_) {
    if (account != pause.account) continue;
    ++count;
    if (workflow == pause.workflow && !expression.empty()) expressions.insert(expression);
  }
  constexpr const char* kHint = "resume what needs no pause any more, or pause the whole workflow";
  if (count >= kPausesMax)
    return Fail({.code = ErrorCode::kQuotaExceeded,
                 .message = fmt::format("this account has {} pauses already", kPausesMax),
                 .hint = kHint});
  if (!pause.expression.empty() && expressions.size() > kPausedByMax)
    return Fail({.code = ErrorCode::kQuotaExceeded,
                 .message = fmt::format("keys by {} expressions of {} are paused already", kPausedByMax,
                                        pause.workflow),
                 .hint = kHint});
  return {};
}

void Keeper::Put(Pause pause, Done done) {
  if (auto room = CheckRoomFor(pause); !room) return done(std::move(room));
  pauses_.emplace(pause.account, pause.workflow, pause.expression, pause.key);
  queue_.SetPaused(pause.account, pause.scope(), true, pause.note, ports_.clock.Now().micros());
  Add(PutPause{std::move(pause)});
  AfterWrite(std::move(done));
  Turn();
}

void Keeper::Drop(const Pause& pause, Done done) {
  pauses_.erase({pause.account, pause.workflow, pause.expression, pause.key});
  queue_.SetPaused(pause.account, pause.scope(), false, "", ports_.clock.Now().micros());
  Add(ErasePause{pause});
  AfterWrite(std::move(done));
  Turn();
}

// ---- Arrivals

bool Keeper::IsQueued(const ExecutionId& id) const {
  return spot_of_.contains(id) || (queue_.Has(id) && !queue_.IsRunning(id));
}

void Keeper::Watch(const ExecutionId& id, FlowRuns::Ended ended) {
  if (!ended) return;
  auto& watchers = watchers_[id];
  watchers.push_back(std::move(ended));
  if (watchers.size() <= kWatchersMax) return;
  // The one that has waited longest has most likely given up, and can look by itself.
  const FlowRuns::Ended first = std::move(watchers.front());
  watchers.pop_front();
  first(std::nullopt);
}

void Keeper::Arrive(Arrival arrival) {
  if (is_replaced_ || failure_ || changes_.size() >= kUnwrittenMax) {
    ++counters_.refused;
    Error error = failure_.value_or(Error{
        .code = ErrorCode::kUnavailable,
        .message = is_replaced_ ? "another node keeps the queue now" : "more runs come than can be written"});
    error.retry_after = std::chrono::seconds(1);
    return arrival.accepted(Fail(std::move(error)));
  }
  if (AnswerAsBefore(arrival)) return Turn();
  const std::int64_t now_us = ports_.clock.Now().micros();
  const WorkflowRules& rules = RulesOf(arrival.run.account, arrival.run.workflow);
  auto demands = DemandsOf(rules, arrival.input);
  if (!demands) {
    ++counters_.refused;
    return arrival.accepted(Fail(std::move(demands.error())));
  }
  arrival.run.keys = std::move(demands->keys);
  arrival.run.arrival = std::move(demands->on_arrival);
  arrival.run.priority = demands->priority;
  arrival.run.created_us = now_us;
  if (auto refusal = RefusalOf(arrival.run, rules, now_us)) {
    ++counters_.refused;
    return arrival.accepted(Fail(*std::move(refusal)));
  }
  ++counters_.arrived;
  arrival.run.seq = ++last_seq_;
  if (!Absorb(arrival, rules, now_us)) Enqueue(std::move(arrival));
  Turn();
}

// True: it has come before; who asks has not heard the answer.
bool Keeper::AnswerAsBefore(Arrival& arrival) {
  ExecutionId id = arrival.run.id;
  if (const auto known = became_.find(id); known != became_.end()) {
    id = known->second;
    if (arrival.finished && !Knows(id)) std::exchange(arrival.finished, {})(std::nullopt);
  } else if (!Knows(id)) {
    return false;
  }
  Accept(arrival, {.id = id, .is_new = false});
  return true;
}

std::optional<Error> Keeper::RefusalOf(const StoredRun& run, const WorkflowRules& rules,
                                       std::int64_t now_us) {
  if (auto refusal = RefusalOfCaps(run, rules)) return refusal;
  if (auto refusal = RefusalOfKeys(run, rules)) return refusal;
  if (auto refusal = RefusalAsSecond(run, rules)) return refusal;
  return rules.rate_limit ? PassRateLimit(run, *rules.rate_limit, now_us) : std::nullopt;
}

std::optional<Error> Keeper::RefusalOfCaps(const StoredRun& run, const WorkflowRules& rules) const {
  const AccountRules& account = RulesOf(run.account);
  const auto reached = [](std::size_t depth, std::int64_t most) {
    return std::cmp_greater_equal(depth, most);
  };
  if (reached(queue_.DepthOf(run.account).queued + Collected(run.account, ""), account.queued_max))
    return Full(
        fmt::format("{} runs of this account wait already, as many as queue.max allows", account.queued_max));
  if (reached(queue_.DepthOf(run.account, run.workflow).queued + Collected(run.account, run.workflow),
              rules.queued_max))
    return Full(fmt::format("{} runs of {} wait already, as many as queue.max allows", rules.queued_max,
                            run.workflow));
  if (reached(queue_.QueuedWith(run.account, run.workflow, run.keys), rules.queued_per_key_max))
    return Full(
        fmt::format("{} runs of {} with the keys {} wait already, as many as queue.max_per_key allows",
                    rules.queued_per_key_max, run.workflow, run.keys.ToJson().Dump()));
  return std::nullopt;
}

// Each key of a throttle or a rate limit is a number to be kept until it holds nothing back.
std::optional<Error> Keeper::RefusalOfKeys(const StoredRun& run, const WorkflowRules& rules) const {
  if (paces_.CountOf(run.account) < kPaceKeysMax) return std::nullopt;
  const auto is_new = [&](const std::optional<Pace>& rule, const char* name, const RunKeys& keys) {
    return rule && !paces_.Has(run.account, GateText(name, run.workflow, rule->key, keys.Of(rule->key)));
  };
  if (!is_new(rules.rate_limit, "rate_limit", run.arrival) && !is_new(rules.throttle, "throttle", run.keys))
    return std::nullopt;
  return Full(
      fmt::format("throttle and rate_limit of this account have {} keys that hold runs back, as many "
                  "as there may be",
                  kPaceKeysMax));
}

// What is tried again does not become another run, as one more of what comes would.
std::optional<Error> Keeper::RefusalAsSecond(const StoredRun& run, const WorkflowRules& rules) const {
  if (!run.is_fork() || !rules.singleton || rules.singleton->on_second != OnSecond::kSkip)
    return std::nullopt;
  const std::vector<ExecutionId> before = SinglesAt(
      {run.account, run.workflow, Kind::kSingleton, std::string(run.arrival.Of(rules.singleton->key))});
  if (before.empty()) return std::nullopt;
  return Error{.code = ErrorCode::kConflict,
               .message = fmt::format("singleton of {}: {} waits or runs already", run.workflow,
                                      before.front().ToString()),
               .hint = "try it again when that one has ended, or cancel that one"};
}

std::optional<Error> Keeper::PassRateLimit(const StoredRun& run, const Pace& limit, std::int64_t now_us) {
  std::string gate = GateText("rate_limit", run.workflow, limit.key, run.arrival.Of(limit.key));
  std::int64_t due_us = paces_.DueUs(run.account, gate);
  const PaceLimit pace = LimitOf(limit);
  if (pace.Free(due_us, now_us) == 0) {
    const std::int64_t wait_us = pace.NextUs(due_us) - now_us;
    return Error{.code = ErrorCode::kQuotaExceeded,
                 .message = fmt::format("rate_limit of {}: {} starts in {} s are over", run.workflow,
                                        limit.limit, static_cast<double>(limit.period_us) / 1e6),
                 .hint = "come again later, or use `throttle`, which lets runs wait",
                 .retry_after = std::chrono::seconds(wait_us / 1'000'000 + 1)};
  }
  due_us = pace.AfterOne(due_us, now_us);
  paces_.Set(run.account, gate, due_us);
  Add(SetPace{.account = run.account, .gate = std::move(gate), .due_us = due_us});
  return std::nullopt;
}

void Keeper::Accept(Arrival& arrival, Arrival::Answer answer) {
  Watch(answer.id, std::move(arrival.finished));
  AfterWrite([accepted = std::move(arrival.accepted), answer](const Result<void>& result) {
    accepted(result ? Result<Arrival::Answer>(answer) : Fail(result.error()));
  });
}

void Keeper::Enqueue(Arrival arrival) {
  const StoredRun run = arrival.run;
  Accept(arrival, {.id = run.id, .is_new = true});
  Add(AddRun{run, arrival.input});
  fresh_.emplace(run.id, FlowRuns::Fresh{run, std::move(arrival.input)});
  QueueUp(run, run.created_us);
}

void Keeper::QueueUp(const StoredRun& run, std::int64_t now_us) {
  queue_.Add(RunOf(run), now_us);
  if (!run.arrival.values.empty()) arrival_of_[run.id] = run.arrival;
  AddSingle(run.account, run.workflow, run.id);
}

bool Keeper::Cancel(const AccountId& account, const ExecutionId& id, std::string reason, Done done) {
  const std::int64_t now_us = ports_.clock.Now().micros();
  if (const auto collected = spot_of_.find(id); collected != spot_of_.end()) {
    const Spot spot = collected->second;
    if (std::get<AccountId>(spot) != account) return false;
    LetGo(spot);
    batches_.erase(id);
  } else {
    if (!queue_.Has(id) || queue_.AccountOf(id) != account) return false;
    if (starting_.contains(id)) {
      const auto is_this = [&](const auto& one) { return one.second == id; };
      if (std::erase_if(to_start_again_, is_this) == 0) {
        done(Fail(Error{.code = ErrorCode::kUnavailable,
                        .message = "this execution is being started just now",
                        .retry_after = std::chrono::seconds(1)}));
        return true;
      }
      starting_.erase(id);
      // The engine may have taken it, and its answer may be what was lost.
      After([this, account, id, reason] { ports_.runs.Cancel(account, id, reason, [](const auto&) {}); });
    } else if (queue_.IsRunning(id)) {
      return false;
    }
    Leave(id, now_us);
  }
  Add(SetState{
      .account = account, .id = id, .state = RunState::kOver, .due_us = now_us, .reason = std::move(reason)});
  AfterWrite(std::move(done));
  Tell(id, std::nullopt);
  Turn();
  return true;
}

bool Keeper::SetPriority(const AccountId& account, const ExecutionId& id, std::uint8_t priority, Done done) {
  if (const auto spot = spot_of_.find(id); spot != spot_of_.end()) {
    if (std::get<AccountId>(spot->second) != account) return false;
    gathering_.at(spot->second).run.priority = priority;
  } else {
    if (!queue_.Has(id) || queue_.AccountOf(id) != account) return false;
    if (!queue_.SetPriority(id, priority, ports_.clock.Now().micros())) return false;
  }
  Add(flow::SetPriority{.account = account, .id = id, .priority = priority});
  AfterWrite(std::move(done));
  Turn();
  return true;
}

// ---- Starts and ends

bool Keeper::IsTransient(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kResourceExhausted;
}

void Keeper::Turn() {
  if (is_replaced_) return;
  const std::int64_t now_us = ports_.clock.Now().micros();
  QueueWhatIsDue(now_us);
  if (again_us_ != 0 && again_us_ <= now_us) TryAgain();
  ForgetWhatIsOld(now_us);
  Dispatch(now_us);
  Flush();
  std::int64_t due_us = clean_us_;
  if (!due_.empty()) due_us = std::min(due_us, due_.begin()->first);
  if (again_us_ != 0) due_us = std::min(due_us, again_us_);
  if (retry_us_ != 0) due_us = std::min(due_us, retry_us_);
  // What could start but for too many starts under way, or a disk that is full, is looked at when that
  // changes.
  if (const auto next = queue_.NextDueUs(); next && CanDispatch()) due_us = std::min(due_us, *next);
  ports_.wake(due_us);
}

void Keeper::TryAgain() {
  again_us_ = 0;
  for (const auto& [account, id] : std::exchange(to_start_again_, {})) Start(account, id, std::nullopt);
  for (const ExecutionId& id : std::exchange(to_cancel_again_, {})) {
    if (IsReplaced(id)) CancelReplaced(id);
  }
}

bool Keeper::CanDispatch() const {
  return starting_.size() < kStartingMax && changes_.size() < kUnwrittenMax && !failure_;
}

void Keeper::Dispatch(std::int64_t now_us) {
  while (CanDispatch()) {
    const auto id = queue_.Pop(now_us);
    if (!id) return;
    starting_.insert(*id);
    const AccountId account = queue_.AccountOf(*id);
    std::optional<FlowRuns::Fresh> fresh;
    if (const auto found = fresh_.find(*id); found != fresh_.end()) {
      fresh = std::move(found->second);
      fresh_.erase(found);
    }
    Add(SetState{.account = account, .id = *id, .state = RunState::kRunning});
    After([this, account, id = *id, fresh = std::move(fresh)]() mutable {
      Start(account, id, std::move(fresh));
    });
  }
}

void Keeper::Start(const AccountId& account, const ExecutionId& id, std::optional<FlowRuns::Fresh> fresh) {
  ports_.runs.Start(account, id, std::move(fresh), Guarded([this, account, id](const Result<void>& result) {
                      Started(account, id, result);
                    }),
                    Guarded([this, account, id](const auto& outcome) { Ended(account, id, outcome); }));
}

void Keeper::Started(const AccountId& account, const ExecutionId& id, const Result<void>& result) {
  if (is_replaced_) return;
  const std::int64_t now_us = ports_.clock.Now().micros();
  if (!result && IsTransient(result.error().code)) {
    to_start_again_.emplace_back(account, id);
    if (again_us_ == 0) again_us_ = now_us + kRetryUs;
    return Turn();
  }
  starting_.erase(id);
  if (result) {
    ++counters_.started;
    if (IsReplaced(id)) CancelReplaced(id);
    return Turn();
  }
  if (result.error().code == ErrorCode::kConflict) return Ended(account, id, std::nullopt);
  LogWarn("a run of the queue cannot be started",
          {{"execution", id.ToString()}, {"error", result.error().message}});
  if (!queue_.Has(id)) return Turn();
  Add(SetState{.account = account,
               .id = id,
               .state = RunState::kOver,
               .due_us = now_us,
               .reason = result.error().message});
  Leave(id, now_us);
  Tell(id, std::nullopt);
  Turn();
}

void Keeper::Ended(const AccountId& account, const ExecutionId& id,
                   const std::optional<engine::Outcome>& outcome) {
  if (is_replaced_ || !queue_.Has(id)) return;
  if (!outcome && starting_.contains(id)) return;  // it has not begun; there is no end of it to know of
  Add(EraseRun{.account = account, .id = id, .collected = batches_.contains(id)});
  Leave(id, ports_.clock.Now().micros());
  Tell(id, outcome);
  Turn();
}

void Keeper::Leave(const ExecutionId& id, std::int64_t now_us) {
  fresh_.erase(id);
  batches_.erase(id);
  queue_.Remove(id, now_us);
  arrival_of_.erase(id);
  const auto single = single_of_.find(id);
  if (single == single_of_.end()) return;
  const Spot spot = single->second;
  single_of_.erase(single);
  singles_.erase({spot, id});
  if (!IsSingleTaken(spot) && gathering_.contains(spot)) Release(spot, now_us);
}

// ---- What others are told, and what is forgotten

void Keeper::Tell(const ExecutionId& id, const std::optional<engine::Outcome>& outcome) {
  const auto found = watchers_.find(id);
  if (found == watchers_.end()) return;
  const auto watchers = std::move(found->second);
  watchers_.erase(found);
  for (const FlowRuns::Ended& watcher : watchers) watcher(outcome);
}

void Keeper::ForgetWhatIsOld(std::int64_t now_us) {
  while (!became_since_.empty() && (became_since_.size() > kAbsorbedKnownMax ||
                                    became_since_.front().first < now_us - kAbsorbedKnownUs)) {
    became_.erase(became_since_.front().second);
    became_since_.pop_front();
  }
  if (now_us < clean_us_) return;
  const bool is_first = clean_us_ == 0;
  clean_us_ = now_us + kCleanUs;
  if (is_first) return;
  queue_.ForgetIdle(now_us);
  for (const auto& account : accounts_with_over_)
    Add(EraseOver{.account = account, .before_us = now_us - kOverKeptUs});
  for (std::size_t forgotten = 0; forgotten < kCleanedMax; ++forgotten) {
    auto pace = paces_.TakeDue(now_us);
    if (!pace) return;
    Add(SetPace{.account = pace->first, .gate = std::move(pace->second), .due_us = std::nullopt});
  }
  clean_us_ = now_us + kCleanMoreUs;
}

// ---- Writing

void Keeper::Add(Change change) {
  const auto* set = std::get_if<SetState>(&change);
  if (set != nullptr && set->state >= RunState::kOver) accounts_with_over_.insert(set->account);
  const auto* add = std::get_if<AddRun>(&change);
  if (add != nullptr && add->run.state >= RunState::kOver) accounts_with_over_.insert(add->run.account);
  changes_.push_back(std::move(change));
}

void Keeper::AfterWrite(Done done) {
  if (done) answers_.push_back(std::move(done));
}

void Keeper::Flush() {
  const std::int64_t now_us = ports_.clock.Now().micros();
  if (is_writing_ || (retry_us_ != 0 && now_us < retry_us_)) return;
  if (retry_us_ == 0) {
    if (changes_.empty()) {
      // An answer to what was there already.
      for (const Done& answer : std::exchange(answers_, {})) answer({});
      return;
    }
    writing_ = std::exchange(changes_, {});
    writing_answers_ = std::exchange(answers_, {});
    writing_effects_ = std::exchange(effects_, {});
    fresh_.clear();  // what still waits is read again when its turn comes
  }
  retry_us_ = 0;
  is_writing_ = true;
  ports_.store.Write(writing_, Guarded([this](const Result<void>& result) { Written(result); }));
}

void Keeper::Written(const Result<void>& result) {
  is_writing_ = false;
  if (is_replaced_) return;
  if (!result && result.error().code == ErrorCode::kConflict) return Retire();
  if (!result) {
    // Nothing of it is on disk; it is tried again as it is, and nothing new is taken until then.
    if (!failure_) LogError("the queue cannot be written", {{"error", result.error().message}});
    failure_ = result.error();
    retry_us_ = ports_.clock.Now().micros() + kRetryUs;
    return ports_.wake(retry_us_);
  }
  failure_.reset();
  writing_.clear();
  for (const Done& answer : std::exchange(writing_answers_, {})) answer({});
  for (const auto& effect : std::exchange(writing_effects_, {})) effect();
  Turn();
}

void Keeper::Retire() {
  if (std::exchange(is_replaced_, true)) return;
  const Error error{.code = ErrorCode::kUnavailable,
                    .message = "another node keeps the queue now",
                    .retry_after = std::chrono::seconds(1)};
  for (auto* answers : {&writing_answers_, &answers_}) {
    for (const Done& answer : std::exchange(*answers, {})) answer(Fail(error));
  }
  for (const auto& [id, watchers] : std::exchange(watchers_, {})) {
    for (const FlowRuns::Ended& watcher : watchers) watcher(std::nullopt);
  }
}

}  // namespace elevaite::flow

#include "engine/partition/partition.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "engine/lifecycle.h"
#include "engine/machine/human.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kTimersPerRound = 500;

// Of what an execution may have; its limits are far below 4 GiB.
std::uint32_t Bytes(std::size_t bytes) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(bytes, std::numeric_limits<std::uint32_t>::max()));
}

// What a commit means to who has asked for a migration.
std::function<void(Result<void>)> AnswerWith(std::function<void(Result<Migration>)> done,
                                             Migration migration) {
  return [done = std::move(done), migration = std::move(migration)](const Result<void>& written) {
    done(written ? Result<Migration>(migration) : elevaite::Fail(written.error()));
  };
}

}  // namespace

Partition::Partition(PartitionOptions options, Clock& clock, Random& random, Journal& journal,
                     Activities& activities, ProgramSource& programs, EventHub& hub, LiveFeed& feed,
                     Post post, CommitDone commit_done)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      journal_(journal),
      activities_(activities),
      programs_(programs),
      hub_(hub),
      feed_(feed),
      post_(std::move(post)),
      commit_done_(std::move(commit_done)) {}

// Memory as the disk has it: the snapshot and the events since.
Result<void> Partition::Restore(StoredExecution stored) {
  auto entry = std::make_unique<Entry>();
  ASSIGN_OR_RETURN(entry->program, programs_.Load(stored.record));
  ASSIGN_OR_RETURN(entry->state, Fold(stored, *entry->program));
  hub_.NotBefore(entry->state.started_us);
  if (stored.snapshot) entry->snapshot_bytes = Bytes(stored.snapshot->size());
  for (const std::string& row : stored.events) entry->bytes_since_snapshot += Bytes(row.size());
  entry->record = std::move(stored.record);
  entry->stored = true;
  entry->durable = true;
  const ExecutionId id = entry->record.id;
  TakeUpHeld(*entry);
  entries_[id] = std::move(entry);
  return {};
}

void Partition::Handle(Command command) {
  std::visit(
      [this](auto one) {
        using T = decltype(one);
        if constexpr (std::is_same_v<T, StartCommand>) HandleStart(std::move(one));
        if constexpr (std::is_same_v<T, CancelCommand>) HandleCancel(std::move(one));
        if constexpr (std::is_same_v<T, MigrateCommand>) HandleMigrate(std::move(one));
        if constexpr (std::is_same_v<T, OperateCommand>) HandleOperate(std::move(one));
        if constexpr (std::is_same_v<T, WatchCommand>) HandleWatch(std::move(one));
        if constexpr (std::is_same_v<T, InputCommand>) HandleInput(std::move(one));
      },
      std::move(command));
}

void MayHaveBegun(StartCommand& start) {
  if (std::exchange(start.shared_id, true)) return;
  start.accepted = [accepted = std::move(start.accepted), finished = start.finished](Result<void> result) {
    const bool was_ours = !result && result.error().code == ErrorCode::kConflict;
    accepted(was_ours ? Result<void>() : std::move(result));
    if (was_ours && finished) finished(std::nullopt);
  };
}

void Partition::HandleStart(StartCommand command) {
  if (failure_) return command.accepted(elevaite::Fail(*failure_));
  if (command.shared_id && !entries_.contains(command.record.id)) {
    const auto unfinished = Find(command.record.account, command.record.id);
    if (!unfinished) return command.accepted(elevaite::Fail(unfinished.error()));
    if (*unfinished) return HandleStart(std::move(command));  // as it is known now
    // Whoever shares the id may have been quicker, and its execution over by now. Writing it again would fail
    // the whole commit.
    const auto exists = journal_.Exists(command.record.account, command.record.id);
    if (!exists) return command.accepted(elevaite::Fail(exists.error()));
    if (*exists)
      return command.accepted(elevaite::Fail(ErrorCode::kConflict, "this execution has already ended"));
  }
  std::unique_ptr<Entry>& slot = entries_[command.record.id];
  const bool again = slot != nullptr;  // the same start once more: it shares the fate of the first
  if (!again) slot = std::make_unique<Entry>();
  Entry& entry = *slot;
  if (command.finished) {
    entry.watchers.Add({std::move(command.finished), command.waits_until}, clock_.Monotonic());
  }
  if (entry.durable) return command.accepted({});
  entry.starts.Add(std::move(command.accepted));
  if (again) return;
  entry.record = std::move(command.record);
  entry.record.created_us = clock_.Now().micros();
  hub_.NotBefore(entry.record.created_us);
  entry.program = std::move(command.program);
  ++counters_.started;
  if (command.past) {
    BeginFork(entry, *command.past);
    if (const Hold* hold = HoldBefore(entry, Continue{})) PauseFor(entry, *hold);
    return;
  }
  entry.record.labels = LabelsOf(*entry.program, command.input, entry.record.created_us);
  Feed(entry, Start{std::move(command.input)});
}

// The events of the past, the event of the fork and, where the journal alone does not tell the state, a
// snapshot: all of one commit.
void Partition::BeginFork(Entry& entry, const Past& past) {
  entry.record.labels = past.labels;
  entry.record.migrations = past.moves;
  entry.state = past.state;
  hub_.NotBefore(entry.state.started_us);  // the clock may have been set back since
  for (const Past::Row& row : past.rows) entry.bytes_since_snapshot += Bytes(row.events.size());
  Transition transition = Fork(entry.state, *entry.program, past.request, clock_.Now().micros());
  const std::size_t first = open_.writes.size();
  for (const Past::Row& row : past.rows) {
    open_.writes.emplace_back();
    open_.writes.back().first_seq = row.first_seq;
    open_.writes.back().events = row.events;
  }
  Add(entry, std::move(transition), Start{}, {});
  const ExecutionRecord record = open_.writes.back().record;
  for (std::size_t i = first; i < open_.writes.size(); ++i) {
    open_.writes[i].record = record;
    open_.writes[i].created = i == first;
    open_.writes[i].record_changed = i == first;
  }
}

void Partition::Started(const ExecutionId& id, const Result<void>& result) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second->durable = result.has_value();
  const auto callers = found->second->starts.Take();
  std::vector<Watchers::Watcher> watchers;
  if (!result) {
    watchers = found->second->watchers.Take();
    entries_.erase(found);
  }
  for (const auto& accepted : callers) accepted(result);
  for (const auto& watcher : watchers) watcher.finished(std::nullopt);
}

void Partition::HandleCancel(CancelCommand command) {
  if (failure_) return command.done(elevaite::Fail(*failure_));
  Entry* entry = FindRunning(command.account, command.id, command.done);
  if (!entry) return;
  if (command.once && entry->state.cancelling)
    return AwaitCommit(*entry, Continue{}, std::move(command.done));
  Feed(*entry, Cancel{.reason = std::move(command.reason), .deadline_us = command.deadline_us},
       std::move(command.done));
}

// Null: it is not running, and `done` is told so. What has ended in memory only has not ended until that is
// on disk.
template <class T>
Partition::Entry* Partition::FindRunning(const AccountId& account, const ExecutionId& id,
                                         const std::function<void(Result<T>)>& done) {
  const auto tell = [done](const Result<void>& written) {
    if (!written) return done(elevaite::Fail(written.error()));
    done(elevaite::Fail(ErrorCode::kNotFound, "this execution is not running"));
  };
  const Result<Entry*> found = Find(account, id);
  if (!found) {
    done(elevaite::Fail(found.error()));
    return nullptr;
  }
  if (!*found) {
    tell({});
    return nullptr;
  }
  if (!IsFinal((*found)->state.phase)) return *found;
  AwaitCommit(**found, Continue{}, tell);
  return nullptr;
}

// All in one step: the event, a snapshot that has the state in the new version, and the version of the record
// are one commit. What is read back from disk is thus of one version, whichever side of the commit the
// process dies on.
void Partition::HandleMigrate(MigrateCommand command) {
  if (failure_) return command.done(elevaite::Fail(*failure_));
  Entry* entry = FindRunning(command.account, command.id, command.done);
  if (!entry) return;
  ExecutionRecord& record = entry->record;
  if (entry->state.HasDone(command.note.command)) {
    return AwaitCommit(
        *entry, Continue{},
        AnswerWith(std::move(command.done), MigrationBefore(*entry, command.program->version)));
  }
  Migration migration{.from = record.version, .to = command.program->version, .plan = {}};
  if (migration.from == migration.to) return command.done(std::move(migration));
  migration.plan = PlanMigration(entry->state, *entry->program, *command.program);
  if (record.migrations.size() >= kMigrationsMax)
    migration.plan.obstacles.push_back({"", "it has been moved a hundred times, the limit", "start it anew"});
  if (command.dry_run || !migration.plan.obstacles.empty()) return command.done(std::move(migration));
  Transition transition = Migrate(entry->state, *entry->program, *command.program, migration.plan,
                                  command.note, clock_.Now().micros());
  entry->program = std::move(command.program);
  record.version = migration.to;
  record.migrations.push_back({.seq = entry->state.seq, .from = migration.from});
  migration.done = true;
  Add(*entry, std::move(transition), Continue{}, AnswerWith(std::move(command.done), std::move(migration)));
}

// The newest move to that version.
Migration Partition::MigrationBefore(const Entry& entry, const std::string& to) {
  Migration migration{.from = {}, .to = to, .plan = {}, .done = true};
  const std::vector<VersionChange>& moves = entry.record.migrations;
  for (std::size_t i = moves.size(); i > 0 && migration.from.empty(); --i) {
    const std::string& target = i == moves.size() ? entry.record.version : moves[i].from;
    if (target == to) migration.from = moves[i - 1].from;
  }
  return migration;
}

void Partition::HandleOperate(OperateCommand command) {
  if (failure_) return command.done(elevaite::Fail(*failure_));
  Entry* entry = FindRunning(command.account, command.id, command.done);
  if (!entry) return;
  const CommandNumber number = std::visit([](const auto& act) { return act.command; }, command.act);
  if (entry->state.HasDone(number)) return AwaitCommit(*entry, Continue{}, std::move(command.done));
  const auto* repair = std::get_if<Repair>(&command.act);
  const auto obstacle = repair ? ObstacleTo(*entry->program, entry->state, repair->frame, repair->act)
                        : entry->state.cancelling ? std::optional<std::string>("it is being cancelled")
                                                  : std::nullopt;
  if (obstacle) return command.done(elevaite::Fail(ErrorCode::kConflict, *obstacle));
  if (std::holds_alternative<Resume>(command.act) && ResumeFor(*entry, command)) return;
  Input input = std::visit([](auto act) { return Input(std::move(act)); }, std::move(command.act));
  Feed(*entry, std::move(input), std::move(command.done));
}

void Partition::HandleWatch(WatchCommand command) {
  const ExecutionId id = command.id;
  const Result<Entry*> found = Find(command.account, id);
  if (!found) return PutOff(id, std::move(command));
  if (!*found) return command.finished(std::nullopt);
  (*found)->watchers.Add({std::move(command.finished), command.waits_until}, clock_.Monotonic());
}

void Partition::HandleInput(InputCommand command) {
  if (failure_) {
    to_retry_.push_back(std::move(command));
    return;
  }
  const ExecutionId id = command.id;
  const auto found = entries_.find(id);
  if (found == entries_.end()) {  // it has ended in the meantime, or is read back later
    if (recovers_ || set_aside_.contains(id)) PutOff(id, std::move(command));
    return;
  }
  Feed(*found->second, std::move(command.input));
}

void Partition::Feed(Entry& entry, Input input, std::function<void(Result<void>)> answer) {
  const std::uint32_t tasks_max = options_.limits.tasks_per_step;
  const Hold* hold = HoldBefore(entry, input);
  if (!hold) return TakeStep(entry, std::move(input), std::move(answer), tasks_max);
  const bool is_start = std::holds_alternative<Start>(input);
  if (is_start) TakeStep(entry, std::move(input), std::move(answer), 0);  // what has not begun cannot pause
  PauseFor(entry, *hold);
  if (!is_start) TakeStep(entry, std::move(input), std::move(answer), tasks_max);
}

void Partition::TakeStep(Entry& entry, Input input, std::function<void(Result<void>)> answer,
                         std::uint32_t tasks_max) {
  const Surroundings surroundings = SurroundingsOf(entry);
  MachineLimits limits = options_.limits;
  limits.tasks_per_step = tasks_max;
  if (options_.time_per_step.count() > 0) {
    limits.enough = [this, until = clock_.Monotonic() + options_.time_per_step] {
      return clock_.Monotonic() >= until;
    };
  }
  Transition transition =
      Step(*entry.program, entry.state, input, clock_.Now().micros(), random_.Unit(), limits, surroundings);
  if (transition.events.empty()) return AwaitCommit(entry, std::move(input), std::move(answer));
  Add(entry, std::move(transition), std::move(input), std::move(answer));
}

// An input that changes nothing, because of steps that may not be on disk yet: should these fail, it counts
// again.
void Partition::AwaitCommit(Entry& entry, Input input, std::function<void(Result<void>)> answer) {
  Commit* commit = nullptr;
  if (entry.commit == next_commit_) {
    commit = &open_;
  } else if (!in_flight_.empty() && entry.commit >= in_flight_.front().number) {
    commit = &in_flight_[entry.commit - in_flight_.front().number];
  }
  if (!commit) {
    if (answer) answer({});
    return;
  }
  commit->steps.push_back({.id = entry.record.id,
                           .account = entry.record.account,
                           .last_seq = entry.state.seq,
                           .input = std::move(input),
                           .answer = std::move(answer)});
}

void Partition::Add(Entry& entry, Transition transition, Input input,
                    std::function<void(Result<void>)> answer) {
  const bool is_start = std::holds_alternative<Start>(input);
  entry.commit = next_commit_;
  counters_.events += transition.events.size();
  open_.writes.push_back(WriteFor(entry, transition));
  open_.steps.push_back({.id = entry.record.id,
                         .account = entry.record.account,
                         .last_seq = entry.state.seq,
                         .input = std::move(input),
                         .emitted = open_.writes.back().emitted,
                         .effects = std::move(transition.effects),
                         .answer = std::move(answer),
                         .is_start = is_start});
}

Surroundings Partition::SurroundingsOf(const Entry& entry) const {
  Surroundings surroundings{.execution_id = entry.record.id.ToString(), .runtime = options_.runtime};
  if (options_.secret) {
    surroundings.secret = [this, account = &entry.record.account](std::string_view name) {
      return options_.secret(*account, name);
    };
  }
  return surroundings;
}

JournalWrite Partition::WriteFor(Entry& entry, const Transition& transition) {
  const std::vector<Event>& events = transition.events;
  JournalWrite write;
  write.created = !std::exchange(entry.stored, true);
  const Phase phase = CurrentPhase(*entry.program, entry.state);
  const bool migrated = events.front().type == EventType::kExecutionMigrated;
  const bool was_migrated =
      events.front().type == EventType::kExecutionForked && !entry.record.migrations.empty();
  write.record_changed = write.created || migrated || phase != entry.record.phase;
  entry.record.phase = phase;
  // That of a fork has begun now, whenever its past did.
  entry.record.started_us = std::max(entry.state.started_us, entry.record.created_us);
  if (IsFinal(phase)) entry.record.finished_us = events.back().time_us;
  if (phase == Phase::kFaulted) {
    const Json& error = entry.state.error;
    entry.record.error =
        Json::Object({{"type", error["type"]}, {"status", error["status"]}, {"title", error["title"]}});
  }
  write.record = entry.record;
  write.first_seq = events.front().seq;
  write.events = EncodeEvents(events);
  entry.bytes_since_snapshot += Bytes(write.events.size());
  const bool is_long = entry.bytes_since_snapshot >
                       std::max(options_.snapshot_bytes_min, 2 * std::size_t{entry.snapshot_bytes});
  if (!IsFinal(phase) && (is_long || migrated || was_migrated)) {
    write.snapshot = EncodeState(entry.state);
    write.snapshot_seq = entry.state.seq;
    entry.snapshot_bytes = Bytes(write.snapshot->size());
    entry.bytes_since_snapshot = 0;
  }
  write.drops_snapshot = IsFinal(phase) && entry.snapshot_bytes > 0;
  for (const Effect& effect : transition.effects) {
    if (const auto* emit = std::get_if<EmitEvent>(&effect))
      write.emitted.push_back({entry.record.account, hub_.NextPosition(), hub_.AcceptedNowUs(), emit->event});
  }
  AddLetters(entry, transition, write);
  if (const EventHub::EventTypes told_of = hub_.ToldOf(entry.record.account); told_of != 0) {
    for (const Event& event : events) {
      if ((told_of & EventHub::Bit(event.type)) == 0) continue;
      for (Json& told : LifecycleEvents(entry.record, *entry.program, event, options_.base_url))
        write.emitted.push_back(
            {entry.record.account, hub_.NextPosition(), hub_.AcceptedNowUs(), std::move(told)});
    }
  }
  return write;
}

void Partition::AddLetters(const Entry& entry, const Transition& transition, JournalWrite& write) {
  for (const Effect& effect : transition.effects) {
    const auto* buried = std::get_if<BuryActivity>(&effect);
    if (!buried) continue;
    write.dead_letters.push_back({.id = DeadLetterId::New(),
                                  .account = entry.record.account,
                                  .execution = entry.record.id,
                                  .frame = buried->frame,
                                  .name_space = entry.record.name_space,
                                  .workflow = entry.record.workflow,
                                  .version = entry.record.version,
                                  .reference = buried->reference,
                                  .connector = buried->connector,
                                  .attempts = buried->attempts,
                                  .error = buried->error,
                                  .time_us = transition.events.back().time_us});
  }
}

std::optional<std::uint64_t> Partition::Flush() {
  if (open_.writes.empty()) return std::nullopt;
  Commit commit = std::exchange(open_, Commit{});
  commit.number = next_commit_++;
  std::vector<JournalWrite> writes = std::move(commit.writes);
  const std::uint64_t number = commit.number;
  open_.writes.reserve(writes.size());  // the next one will be about as large
  open_.steps.reserve(commit.steps.size());
  in_flight_.push_back(std::move(commit));
  journal_.Append(std::move(writes),
                  [done = commit_done_, number](Result<void> result) { done(number, std::move(result)); });
  return number;
}

// A journal refuses a commit maybe before it has answered those before it: when it is full, or does not know
// what has become of one (infra/database/postgres/postgres.h). Who waits for what is refused is told at once;
// it goes on when all are answered.
void Partition::Committed(std::uint64_t number, Result<void> result) {
  if (!result && !in_flight_.empty() && number > in_flight_.front().number) {
    Commit& refused = in_flight_[number - in_flight_.front().number];
    CommitFailed(Commit{.number = number, .steps = std::exchange(refused.steps, {})}, result.error());
  }
  CHECK(answered_.emplace(number, std::move(result)).second);
  while (!in_flight_.empty()) {
    auto answer = answered_.extract(in_flight_.front().number);
    if (answer.empty()) return;
    Commit commit = std::move(in_flight_.front());
    in_flight_.pop_front();
    Settle(std::move(commit), answer.mapped());
  }
}

void Partition::Settle(Commit commit, const Result<void>& result) {
  if (!result) {
    if (!commit.steps.empty()) CommitFailed(std::move(commit), result.error());
    return;
  }
  ++counters_.commits;
  for (PendingStep& step : commit.steps) {
    if (step.is_start) Started(step.id, {});
    if (step.answer) step.answer({});
    CarryOut(step);
  }
}

void Partition::CarryOut(const PendingStep& step) {
  feed_.Publish(step.id, step.last_seq);
  for (const StoredEvent& event : step.emitted) hub_.Publish(event);
  for (const Effect& effect : step.effects) {
    if (std::holds_alternative<Finished>(effect)) {
      Finish(step.id);
      return;
    }
    // The next owner derives from the state what is still to be done, but not what is to be called off.
    if (is_retired_ && !std::holds_alternative<CancelActivity>(effect)) continue;
    const auto found = entries_.find(step.id);
    if (found != entries_.end()) CarryOut(*found->second, effect);
  }
  if (held_back_.empty() || is_retired_) return;
  const auto found = entries_.find(step.id);
  // What cleans up after a cancel is not held back.
  if (found != entries_.end() && found->second->state.cancelling) GiveOut(*found->second);
}

void Partition::CarryOut(Entry& entry, const Effect& effect) {
  const ExecutionId id = entry.record.id;
  if (const auto* activity = std::get_if<ScheduleActivity>(&effect)) {
    CarryOut(entry, *activity);
  } else if (const auto* cancel = std::get_if<CancelActivity>(&effect)) {
    NoLongerHeldBack(id, cancel->frame);
    activities_.Cancel(id, cancel->frame, cancel->connector, cancel->deadline_us);
  } else if (const auto* timer = std::get_if<SetTimer>(&effect)) {
    timers_.emplace(timer->due_us, id, timer->frame);
  } else if (const auto* clear = std::get_if<ClearTimer>(&effect)) {
    timers_.erase({clear->due_us, id, clear->frame});
  } else if (const auto* subscribe = std::get_if<Subscribe>(&effect)) {
    CarryOut(entry, *subscribe);
  } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect)) {
    hub_.Unsubscribe({id, unsubscribe->frame});
  } else if (std::holds_alternative<ContinueLater>(effect)) {
    post_(InputCommand{id, Continue{}});
  }
}

void Partition::CarryOut(Entry& entry, const ScheduleActivity& activity, bool resumed) {
  const ExecutionId id = entry.record.id;
  const FrameId frame = activity.frame;
  const std::uint32_t attempt = activity.attempt;
  if (HoldBack(entry, activity, resumed)) return;
  std::expected<Json, Json> request = activity.request;
  if (activity.hides_secrets && !entry.state.frames.contains(frame)) return;  // cancelled since
  if (activity.hides_secrets)
    request = WholeRequest(*entry.program, entry.state, frame, options_.limits, SurroundingsOf(entry));
  if (!request)
    return post_(InputCommand{id, ActivityFailed{frame, attempt, std::move(request).error(), {}}});
  ActivityTask task{.account = entry.record.account,
                    .execution = id,
                    .frame = frame,
                    .attempt = attempt,
                    .connector = activity.connector,
                    .request = *std::move(request),
                    .reference = activity.reference,
                    .workflow = entry.record.workflow,
                    .correlation = entry.record.correlation,
                    .depth = entry.record.depth,
                    .bounds = activity.bounds,
                    .resumed = resumed};
  activities_.Schedule(std::move(task), [post = post_, id, frame, attempt](ActivityOutcome outcome) {
    post(InputCommand{id, InputFrom(frame, attempt, std::move(outcome))});
  });
}

// Events that came since the execution began count too: see docs/language/semantics.md, "Events".
void Partition::CarryOut(Entry& entry, const Subscribe& subscribe) {
  const ExecutionId id = entry.record.id;
  EventHub::Subscription subscription{.account = entry.record.account,
                                      .key = {id, subscribe.frame},
                                      .types = subscribe.types,
                                      .since_us = entry.state.started_us};
  const auto subscribed = hub_.Subscribe(
      std::move(subscription), [post = post_, id, frame = subscribe.frame](const StoredEvent& event) {
        // Nobody listens to himself: each event would make the next.
        if (event.IsLifecycle() && event.event["subject"] == Json(id.ToString())) return;
        post(InputCommand{id, EventReceived{frame, event.position, event.event}});
      });
  if (subscribed) return;
  LogError("an execution cannot listen yet; it is tried again",
           {{"execution", id.ToString()}, {"error", subscribed.error().message}});
  to_subscribe_.emplace_back(id, subscribe);
  subscribe_due_us_ = clock_.Now().micros() + options_.retry_after_failure_us;
}

void Partition::Finish(const ExecutionId& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const std::unique_ptr<Entry> entry = std::move(found->second);
  entries_.erase(found);
  ForgetHeld(entry->record.account, id);
  const Outcome outcome{
      .phase = entry->state.phase, .output = entry->state.output, .error = entry->state.error};
  switch (outcome.phase) {
    case Phase::kCompleted: ++counters_.completed; break;
    case Phase::kFaulted: ++counters_.faulted; break;
    default: ++counters_.cancelled; break;
  }
  for (const auto& watcher : entry->watchers.Take()) watcher.finished(outcome);
}

void Partition::StopListening(const Entry& entry, const ExecutionId& id) {
  for (const Effect& effect : PendingEffects(*entry.program, entry.state)) {
    if (const auto* subscribe = std::get_if<Subscribe>(&effect)) hub_.Unsubscribe({id, subscribe->frame});
  }
}

std::vector<Command> Partition::Close() {
  CHECK(in_flight_.empty() && open_.writes.empty());
  std::vector<Command> left;
  for (auto& [id, entry] : entries_) {
    StopListening(*entry, id);
    for (auto& watcher : entry->watchers.Take())
      left.push_back(Watch(entry->record.account, id, std::move(watcher)));
  }
  entries_.clear();
  held_.clear();
  held_back_.clear();
  to_release_.clear();
  for (auto& [id, commands] : put_off_) std::ranges::move(commands, std::back_inserter(left));
  put_off_.clear();
  return left;
}

void Partition::FireTimers() {
  if (is_retired_) return;
  const std::int64_t now_us = clock_.Now().micros();
  if (failure_) {
    if (in_flight_.empty() && now_us >= retry_due_us_) RecoverFromFailure();
    return;
  }
  if (!to_subscribe_.empty() && now_us >= subscribe_due_us_) SubscribeAgain();
  if (!set_aside_.empty() && now_us >= set_aside_due_us_ && Accepting()) ReadSetAsideAgain();
  ReleaseSome();
  // Very many may be due at once: commands and commits have their turns in between.
  for (std::size_t i = 0; i < kTimersPerRound && !timers_.empty() && Accepting(); ++i) {
    const auto [due_us, id, outermost] = *timers_.begin();
    if (due_us > now_us) return;
    // Of one instant the innermost frame, whose id is the greatest, comes first: what ends exactly at a
    // deadline around it has ended in time.
    const auto next = std::prev(timers_.upper_bound({due_us, id, std::numeric_limits<FrameId>::max()}));
    const FrameId frame = std::get<2>(*next);
    timers_.erase(next);
    HandleInput({id, TimerFired{frame}});
  }
}

std::optional<std::int64_t> Partition::NextDueUs() const {
  if (failure_) return in_flight_.empty() ? std::optional(retry_due_us_) : std::nullopt;
  if (!to_release_.empty() && Accepting()) return clock_.Now().micros();
  std::optional<std::int64_t> due_us;
  if (!timers_.empty() && Accepting()) due_us = std::get<0>(*timers_.begin());
  if (!to_subscribe_.empty()) due_us = std::min(due_us.value_or(subscribe_due_us_), subscribe_due_us_);
  if (!set_aside_.empty() && Accepting())
    due_us = std::min(due_us.value_or(set_aside_due_us_), set_aside_due_us_);
  return due_us;
}

void Partition::SubscribeAgain() {
  for (const auto& [id, subscribe] : std::exchange(to_subscribe_, {})) {
    const auto found = entries_.find(id);
    if (found != entries_.end()) CarryOut(*found->second, subscribe);
  }
}

// ---- After a failed commit
// ---------------------------------------------------------------------------------------------

void Partition::CommitFailed(Commit commit, const Error& error) {
  ++counters_.commits_failed;
  if (!failure_) {
    failure_ = error;
    failure_->retry_after =
        std::chrono::ceil<std::chrono::seconds>(std::chrono::microseconds(options_.retry_after_failure_us));
  }
  const Error& cause = *failure_;  // the commits after the first fail because of it: callers are told the
                                   // reason, not the consequence
  retry_due_us_ = clock_.Now().micros() + options_.retry_after_failure_us;
  for (PendingStep& step : commit.steps) {
    if (step.is_start) {
      Started(step.id, elevaite::Fail(cause));
    } else {
      to_reload_.emplace_back(step.account, step.id);
      const bool is_timer =
          std::holds_alternative<TimerFired>(step.input);  // RecoverFromFailure sets it again
      if (!step.answer && !is_timer) to_retry_.push_back({step.id, std::move(step.input)});
    }
    if (step.answer) step.answer(elevaite::Fail(cause));
  }
  if (!open_.writes.empty())
    CommitFailed(std::exchange(open_, Commit{}), cause);  // built on what has just failed
}

// One that fired in a step that failed may not be due any more: the clock may have been set back.
void Partition::SetTimersAgain(Entry& entry) {
  for (const Effect& effect : PendingEffects(*entry.program, entry.state)) {
    if (std::holds_alternative<SetTimer>(effect)) CarryOut(entry, effect);
  }
}

// Everything in flight has failed by now. What had left before the failure (timers, activities) stays as it
// is: it belongs to commits that are on disk.
void Partition::RecoverFromFailure() {
  for (const auto& [account, id] : to_reload_) {
    if (Reload(account, id)) continue;
    retry_due_us_ = clock_.Now().micros() + options_.retry_after_failure_us;
    return;
  }
  to_reload_.clear();
  failure_.reset();
  journal_.Resume();
  for (InputCommand& input : std::exchange(to_retry_, {})) HandleInput(std::move(input));
}

}  // namespace elevaite::engine

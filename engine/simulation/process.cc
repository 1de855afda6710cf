#include "engine/simulation/process.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "engine/journal/payload_journal.h"
#include "engine/simulation/remote_activities.h"
#include "engine/simulation/subflows.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kWakeUs = 100;  // until a thread runs that has been woken
constexpr std::int64_t kLongestSleepUs = 1'000'000;
constexpr std::int64_t kBootUs = 20'000;
constexpr std::int64_t kLanes = 16;  // of positions: a ghost may still give some

ExecutionId IdOf(const engine::Command& command) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.record.id; }) {
          return one.record.id;
        } else {
          return one.id;
        }
      },
      command);
}

bool IsResult(const engine::Command& command) {
  const auto* input = std::get_if<engine::InputCommand>(&command);
  return input && (std::holds_alternative<engine::ActivityCompleted>(input->input) ||
                   std::holds_alternative<engine::ActivityFailed>(input->input));
}

}  // namespace

// What the engine asks of the disk, where the process may die.
class Process::GuardedJournal final : public engine::Journal {
 public:
  GuardedJournal(Process& process, std::unique_ptr<engine::Journal> journal)
      : process_(process), journal_(std::move(journal)) {}

  void Append(std::vector<engine::JournalWrite> writes, Done done) override {
    process_.PassCrashPoint();
    journal_->Append(std::move(writes), std::move(done));
    process_.PassCrashPoint();
  }
  void Resume() override { journal_->Resume(); }
  bool IsTakenOver() const override { return journal_->IsTakenOver(); }
  Result<engine::UnfinishedPage> LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                                const std::optional<engine::UnfinishedCursor>& after,
                                                std::size_t limit) override {
    const bool as_before =
        process_.host_.mutation == Mutation::kWrongShards && process_.partitions_before_ > 0;
    return journal_->LoadUnfinished(partition, as_before ? process_.partitions_before_ : partitions, after,
                                    limit);
  }
  Result<std::int64_t> NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) override {
    return journal_->NewestUnfinished(partition, partitions);
  }
  Result<std::optional<engine::StoredExecution>> LoadOne(const AccountId& account,
                                                         const ExecutionId& id) override {
    process_.PassCrashPoint();
    if (process_.host_.mutation == Mutation::kNotLookedFor && process_.Recovers()) return std::nullopt;
    return journal_->LoadOne(account, id);
  }
  Result<bool> Exists(const AccountId& account, const ExecutionId& id) override {
    return journal_->Exists(account, id);
  }

 private:
  Process& process_;
  std::unique_ptr<engine::Journal> journal_;
};

// The store of events, under the epoch of the process.
class Process::GuardedEvents final : public engine::EventStore {
 public:
  GuardedEvents(Disk& disk, std::int64_t epoch) : disk_(disk), epoch_(epoch) {}

  void Append(std::vector<engine::StoredEvent> events, Appended done) override {
    disk_.AppendUnder(epoch_, std::move(events), std::move(done));
  }
  void DeleteBefore(std::int64_t accepted_us, std::size_t at_most) override {
    disk_.DeleteBefore(accepted_us, at_most);
  }
  Result<std::vector<engine::StoredEvent>> LoadNewest(std::size_t limit) override {
    return disk_.LoadNewest(limit);
  }
  Result<std::vector<engine::StoredEvent>> Load(const AccountId& account,
                                                const std::vector<std::string>& types, std::int64_t since_us,
                                                std::int64_t after, std::int64_t before,
                                                std::size_t limit) override {
    return disk_.Load(account, types, since_us, after, before, limit);
  }
  Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                 std::string_view id) override {
    return disk_.PositionOf(account, source, id);
  }

 private:
  Disk& disk_;
  const std::int64_t epoch_;
};

class Process::GuardedActivities final : public engine::Activities {
 public:
  GuardedActivities(Process& process, engine::Activities& others) : process_(process), others_(others) {}

  void Schedule(engine::ActivityTask task, Done done) override {
    process_.PassCrashPoint();
    if (process_.host_.mutation == Mutation::kActivityLost && process_.Recovers()) return;
    others_.Schedule(std::move(task), std::move(done));
    process_.PassCrashPoint();
  }
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override {
    process_.PassCrashPoint();
    others_.Cancel(execution, frame, connector, deadline_us);
  }

 private:
  Process& process_;
  engine::Activities& others_;
};

Process::Process(Host& host, std::int64_t epoch, std::uint32_t partitions, std::uint32_t partitions_before)
    : host_(host),
      epoch_(epoch),
      partitions_before_(partitions_before),
      payloads_(
          host.disk,
          [this](std::int64_t delay_us, Scheduler::Action action) {
            PassCrashPoint();
            After(delay_us, "an object is on disk", std::move(action));
          },
          host.mutation),
      uuids_(host.scheduler.clock(), host.scheduler.random()),
      events_(std::make_unique<GuardedEvents>(host.disk, epoch)),
      hub_({.in_memory_max = host.knobs.events_in_memory_max, .lane = epoch % kLanes, .lanes = kLanes},
           *events_, host.scheduler.clock()),
      remote_(host.fleet ? std::make_unique<RemoteActivities>(*this, *host.fleet) : nullptr),
      subflows_(std::make_unique<Subflows>(
          *this, remote_ ? static_cast<engine::Activities&>(*remote_) : host.workers)),
      activities_(std::make_unique<GuardedActivities>(*this, *subflows_)) {
  for (std::uint32_t i = 0; i < partitions; ++i) {
    owners_.push_back(std::make_unique<Owner>());
    auto journal = std::make_unique<engine::PayloadJournal>(
        host.disk.OpenJournal(epoch), &payloads_,
        engine::PayloadJournal::Options{.inline_bytes_max = host.knobs.inline_bytes_max, .uuids = &uuids_});
    owners_.back()->journal = std::make_unique<GuardedJournal>(*this, std::move(journal));
    owners_.back()->partition = MakePartition(i);
  }
}

Process::~Process() = default;

std::unique_ptr<engine::Partition> Process::MakePartition(std::size_t index) {
  engine::PartitionOptions options{.limits = {.attempts_lost_max = host_.knobs.attempts_lost_max,
                                              .tasks_per_step = host_.knobs.tasks_per_step},
                                   .runtime = Json::EmptyObject(),
                                   .activities_outlive_owner = host_.fleet != nullptr,
                                   .commits_in_flight_max = host_.knobs.commits_in_flight_max,
                                   .snapshot_bytes_min = host_.knobs.snapshot_bytes_min};
  const std::weak_ptr<bool> alive = alive_;
  return std::make_unique<engine::Partition>(
      std::move(options), host_.scheduler.clock(), host_.scheduler.random(), *owners_[index]->journal,
      *activities_, host_.library, hub_, feed_,
      [this, alive, &host = host_](engine::Command command) {
        if (!alive.expired()) return Post(std::move(command));
        if (IsResult(command)) host.deliver_late(std::move(command));
      },
      [this, alive, index](std::uint64_t commit, Result<void> result) {
        if (alive.expired()) return;
        PassCrashPoint();
        owners_[index]->committed.emplace_back(commit, std::move(result));
        Wake(index);
      });
}

// ---- Start ----

void Process::Boot(std::function<void()> ready) {
  const auto started = hub_.Start();
  host_.auditor.Require(started.has_value(), "the hub starts");
  Start(0, std::move(ready));
}

// The bug is that what was under way is forgotten, so that nobody counts it either.
engine::Predecessor Process::PredecessorIs() const {
  return host_.mutation == Mutation::kActivityLost ? engine::Predecessor::kReleased
                                                   : engine::Predecessor::kDied;
}

// The owners that are up run already while the others still read.
void Process::Start(std::size_t index, std::function<void()> ready) {
  After(host_.scheduler.Delay(kBootUs), "owner starts", [this, index, ready = std::move(ready)] {
    Owner& owner = *owners_[index];
    owner.recovery.emplace(*owner.journal, *owner.partition, static_cast<std::uint32_t>(index), partitions());
    const auto begun = owner.recovery->Begin(PredecessorIs());
    host_.auditor.Require(begun.has_value(), "what is on disk can be recovered");
    owner.has_started = true;
    Wake(index);
    if (index + 1 < owners_.size()) return Start(index + 1, ready);
    is_ready_ = true;
    ready();
  });
}

// ---- The loop of an owner's thread ----

void Process::Post(engine::Command command) {
  const std::size_t index = engine::PartitionIndex(IdOf(command), owners_.size());
  if (owners_[index]->is_closing) {  // on to the new owner; who waits for an answer has asked him himself
    if (IsResult(command)) host_.deliver_late(std::move(command));
    return;
  }
  owners_[index]->queue.push_back(std::move(command));
  owners_[index]->sleeps_on = false;
  Wake(index);
  PassCrashPoint();
}

void Process::Wake(std::size_t index) {
  Owner& owner = *owners_[index];
  if (owner.will_run || !owner.has_started) return;
  owner.will_run = true;
  After(host_.scheduler.Delay(kWakeUs), "round", [this, index] { Round(index); });
}

void Process::Round(std::size_t index) {
  Owner& owner = *owners_[index];
  owner.will_run = false;
  engine::Partition& partition = *owner.partition;
  auto committed = std::exchange(owner.committed, {});
  if (owner.is_closing || IsLost(owner)) {
    for (auto& [commit, result] : committed) partition.Committed(commit, std::move(result));
    return CloseDown(index);
  }
  std::deque<engine::Command> commands;
  if (partition.Accepting() || partition.failure()) {
    const std::size_t take = std::min(owner.queue.size(), host_.knobs.commands_per_round);
    const auto end = owner.queue.begin() + static_cast<std::ptrdiff_t>(take);
    std::move(owner.queue.begin(), end, std::back_inserter(commands));
    owner.queue.erase(owner.queue.begin(), end);
  }
  for (auto& [commit, result] : committed) partition.Committed(commit, std::move(result));
  for (engine::Command& command : commands) partition.Handle(std::move(command));
  partition.FireTimers();
  partition.Flush();
  ReadBack(owner);
  Rest(index);
}

// A page, as PartitionThread does.
void Process::ReadBack(Owner& owner) {
  if (!owner.recovery->goes_on() || !owner.partition->Accepting()) return;
  const auto read = owner.recovery->ReadPage(host_.knobs.recovery_page);
  host_.auditor.Require(read.has_value(), "what is on disk can be recovered",
                        read ? "" : read.error().message);
  if (owner.recovery->goes_on()) return;
  owner.sleeps_on =
      host_.mutation == Mutation::kLostTimer && owner.queue.empty() && owner.recovery->executions() > 0;
}

bool Process::Recovers() const {
  return std::ranges::any_of(
      owners_, [](const auto& owner) { return !owner->has_started || owner->recovery->goes_on(); });
}

// Sleeps until there is something to do.
void Process::Rest(std::size_t index) {
  Owner& owner = *owners_[index];
  const bool takes_commands = owner.partition->Accepting() || owner.partition->failure();
  if (owner.sleeps_on) return;
  if (owner.recovery->goes_on() && owner.partition->Accepting()) return Wake(index);
  if (!owner.committed.empty() || (takes_commands && !owner.queue.empty())) return Wake(index);
  const auto due_us = owner.partition->NextDueUs();
  if (!due_us) return;
  const std::int64_t delay_us = std::max<std::int64_t>(*due_us - host_.scheduler.clock().Now().micros(), 0);
  After(delay_us, "alarm", [this, index, alarm = ++owner.alarm] {
    if (owners_[index]->alarm == alarm) Wake(index);
  });
}

// ---- A ghost ----

void Process::PassCrashPoint() {
  if (!is_ghost_) host_.crash_point.Pass();
}

void Process::GoOn() {
  is_paused_ = false;
  for (auto& [what, action] : std::exchange(put_off_, {}))
    After(host_.scheduler.Delay(kWakeUs), what, std::move(action));
  for (std::size_t i = 0; i < owners_.size(); ++i) Wake(i);
  if (!is_ghost_) return;
  After(host_.scheduler.Spread(kWakeUs, kLongestSleepUs), "looks who owns what", [this] {
    looks_at_lease_ = true;
    for (std::size_t i = 0; i < owners_.size(); ++i) Wake(i);
  });
}

void Process::BecomeGhost() {
  is_ghost_ = true;
  looks_at_lease_ = host_.scheduler.Percent(50);
}

bool Process::IsLost(const Owner& owner) const {
  return is_ghost_ && (looks_at_lease_ || owner.partition->IsTakenOver());
}

// As PartitionThread::CloseDown.
void Process::CloseDown(std::size_t index) {
  Owner& owner = *owners_[index];
  if (!std::exchange(owner.is_closing, true)) {
    owner.partition->Retire();
    owner.partition->Flush();
    for (engine::Command& command : std::exchange(owner.queue, {})) Post(std::move(command));
  }
  if (owner.partition->commits_in_flight() > 0) return;
  for (engine::Command& command : owner.partition->Close()) Post(std::move(command));
}

bool Process::IsGone() const {
  return is_ghost_ && std::ranges::all_of(owners_, [](const auto& owner) {
           return owner->is_closing && owner->partition->commits_in_flight() == 0;
         });
}

void Process::ClockWasSet() {
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    if (!owners_[i]->has_started || owners_[i]->sleeps_on) continue;
    After(host_.scheduler.Delay(kLongestSleepUs / 1'000), "clock is looked at", [this, i] { Wake(i); });
  }
}

// ---- Others ----

void Process::Accept(Json event, std::function<void(Result<std::size_t>)> done) {
  std::vector<Json> events;
  events.push_back(std::move(event));
  hub_.Accept(AccountId::Default(), std::move(events),
              [done = std::move(done), alive = std::weak_ptr(alive_)](Result<std::size_t> result) {
                if (!alive.expired()) done(std::move(result));
              });
}

void Process::After(std::int64_t delay_us, std::string_view what, Scheduler::Action action) {
  host_.scheduler.After(delay_us, what,
                        [this, alive = std::weak_ptr(alive_), what, action = std::move(action)] {
                          if (alive.expired()) return;
                          if (is_paused_) {
                            put_off_.emplace_back(what, action);
                          } else {
                            action();
                          }
                        });
}

std::size_t Process::active() const {
  std::size_t sum = 0;
  for (const auto& owner : owners_) sum += owner->partition->active();
  return sum;
}

}  // namespace elevaite::simulation

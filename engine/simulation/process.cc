#include "engine/simulation/process.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "engine/journal/payload_journal.h"
#include "engine/simulation/node.h"
#include "engine/simulation/remote_activities.h"
#include "engine/simulation/subflows.h"
#include "engine/simulation/workers.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kWakeUs = 100;                // until a thread runs that has been woken
constexpr std::int64_t kLongestSleepUs = 1'000'000;  // between two looks at the clock or the lease
constexpr std::int64_t kBootUs = 20'000;
constexpr std::int64_t kReadAgainUs = 1'000'000;
constexpr std::int64_t kHoldsKnownUs = 300'000;  // until a process has learned of a change

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

bool IsCancel(const engine::Command& command) {
  const auto* input = std::get_if<engine::InputCommand>(&command);
  return std::holds_alternative<engine::CancelCommand>(command) ||
         (input && std::holds_alternative<engine::Cancel>(input->input));
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
    for (const engine::JournalWrite& write : writes) process_.CheckNothingBegins(write);
    process_.PassCrashPoint();
    journal_->Append(std::move(writes), std::move(done));
    process_.PassCrashPoint();
  }
  void Resume() override { journal_->Resume(); }
  bool IsTakenOver() const override { return journal_->IsTakenOver(); }
  Result<engine::UnfinishedPage> LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                                const std::optional<engine::UnfinishedCursor>& after,
                                                std::size_t limit) override {
    process_.PassCrashPoint();
    const bool as_before =
        process_.host_.mutation == Mutation::kWrongShards && process_.partitions_before_ > 0;
    return journal_->LoadUnfinished(partition, as_before ? process_.partitions_before_ : partitions, after,
                                    limit);
  }
  Result<std::int64_t> NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) override {
    return journal_->NewestUnfinished(partition, partitions);
  }
  Result<std::vector<engine::ExecutionRecord>> LoadAwaitedBy(std::uint32_t partition,
                                                             std::uint32_t partitions) override {
    return journal_->LoadAwaitedBy(partition, partitions);
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

class Process::GuardedActivities final : public engine::Activities {
 public:
  GuardedActivities(Process& process, engine::Activities& others) : process_(process), others_(others) {}

  void Schedule(engine::ActivityTask task, Done done) override {
    process_.PassCrashPoint();
    process_.CheckNotHeld(task);
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

Process::Process(Host& host, Identity self)
    : host_(host),
      number_(self.number),
      partitions_before_(self.partitions_before),
      node_(std::move(self.node)),
      payloads_(
          host.disk, number_,
          [this](std::int64_t delay_us, Scheduler::Action action) {
            PassCrashPoint();
            After(delay_us, "an object is on disk", std::move(action));
          },
          host.mutation),
      uuids_(host.scheduler.clock(), host.scheduler.random()),
      events_(host.disk.OpenEventStore(number_)),
      hub_(
          {.in_memory_max = host.knobs.events_in_memory_max,
           .lane = self.lane,
           .lanes = node_ ? engine::kLanes : 1,
           .written = node_ ? std::function<void()>([this] { node_->WakeTail(); }) : std::function<void()>()},
          *events_, host.scheduler.clock()),
      workers_(std::make_unique<Workers>(*this, alive_)),
      remote_(host.fleet ? std::make_unique<RemoteActivities>(*this, *host.fleet) : nullptr),
      subflows_(std::make_unique<Subflows>(*this,
                                           remote_ ? static_cast<engine::Activities&>(*remote_) : *workers_)),
      activities_(std::make_unique<GuardedActivities>(*this, *subflows_)) {
  for (std::uint32_t i = 0; i < self.partitions; ++i) owners_.push_back(std::make_unique<Owner>());
}

Process::~Process() = default;

std::unique_ptr<engine::Journal> Process::MakeJournal(const engine::Tenure& tenure) {
  auto journal = std::make_unique<engine::PayloadJournal>(
      host_.disk.OpenJournal(number_, tenure), &payloads_,
      engine::PayloadJournal::Options{.inline_bytes_max = host_.knobs.inline_bytes_max, .uuids = &uuids_});
  return std::make_unique<GuardedJournal>(*this, std::move(journal));
}

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

void Process::Boot(std::vector<engine::Tenure> tenures, std::function<void()> ready) {
  StartHub();
  std::ranges::reverse(tenures);
  const bool takes_requests_at_once = host_.scheduler.Percent(50);
  if (takes_requests_at_once) BeReady(ready);
  OpenNext(std::move(tenures), takes_requests_at_once ? std::function<void()>() : std::move(ready));
}

void Process::StartHub() {
  const auto newest_us = host_.disk.OpenJournal()->NewestUnfinished(0, 1);
  const auto started = hub_.Start(newest_us.value_or(0));
  host_.auditor.Require(started.has_value(), "the hub starts");
}

void Process::BeReady(const std::function<void()>& ready) {
  is_ready_ = true;
  ready();
}

// The owners that are up run already while the others still read.
void Process::OpenNext(std::vector<engine::Tenure> tenures, std::function<void()> ready) {
  if (tenures.empty()) {
    if (ready) BeReady(ready);
    return;
  }
  const engine::Tenure tenure = tenures.back();
  tenures.pop_back();
  After(host_.scheduler.Delay(kBootUs), "owner starts",
        [this, tenure, tenures = std::move(tenures), ready = std::move(ready)] {
          owners_[tenure.partition]->tenancy = {.state = engine::TenancyState::kOpening, .tenure = tenure};
          BeginTenure(tenure.partition);
          OpenNext(tenures, ready);
        });
}

void Process::BootAsNode(const std::function<void()>& ready) {
  node_->Begin(*this);
  BeReady(ready);
}

// ---- A tenure ----

void Process::Open(const engine::Tenure& tenure) {
  Owner& owner = *owners_[tenure.partition];
  if (owner.tenancy.state != engine::TenancyState::kClosed) return;
  owner.tenancy = {.state = engine::TenancyState::kOpening, .tenure = tenure};
  After(host_.scheduler.Delay(kBootUs), "owner starts",
        [this, index = tenure.partition] { BeginTenure(index); });
}

void Process::Close(std::uint32_t partition) {
  Owner& owner = *owners_[partition];
  if (owner.tenancy.state == engine::TenancyState::kClosed) return;
  owner.tenancy.state = engine::TenancyState::kClosing;
  Wake(partition);
}

// It may be to be closed already.
void Process::BeginTenure(std::size_t index) {
  Owner& owner = *owners_[index];
  owner.journal = MakeJournal(owner.tenancy.tenure);
  owner.partition = MakePartition(index);
  owner.recovery.emplace(*owner.journal, *owner.partition, static_cast<std::uint32_t>(index), partitions());
  UseHolds();
  if (host_.mutation == Mutation::kHoldsUnknown) owner.partition->Use(nullptr);
  const Result<void> begun = Begin(owner, static_cast<std::uint32_t>(index));
  if (!begun) {
    CloseDown(index);
    owner.tenancy.failure = begun.error();
    return;
  }
  if (owner.tenancy.state == engine::TenancyState::kOpening)
    owner.tenancy.state = engine::TenancyState::kOpen;
  Wake(index);
  if (node_) node_->Wake();
}

// ---- Holds ----

void Process::HearOfHolds() {
  After(host_.scheduler.Spread(1, kHoldsKnownUs), "looks what holds", [this] { UseHolds(); });
}

void Process::UseHolds() {
  known_holds_ = host_.holds;
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    if (!owners_[i]->partition) continue;
    owners_[i]->partition->Use(known_holds_);
    Wake(i);
  }
}

// Null: none, as far as this process knows; or somebody wants it cancelled, and it cleans up.
const engine::Hold* Process::HoldOver(const engine::ExecutionRecord& record) const {
  if (!known_holds_ || host_.cancels_asked.contains(record.id)) return nullptr;
  const StoredRun* run = host_.disk.Find(record.id);
  return run ? known_holds_->Over(record, run->state().input) : nullptr;
}

void Process::CheckNotHeld(const engine::ActivityTask& task) const {
  const StoredRun* run = host_.disk.Find(task.execution);
  const bool is_found_again = task.resumed && (engine::IsOwn(task.connector) || host_.fleet);
  if (!run || is_found_again) return;
  host_.auditor.Require(!HoldOver(run->record()), "nothing is given out under a hold",
                        task.execution.ToString() + " " + task.reference);
}

// A round ends with a commit, so all that is written now was made under what this process knows. What an
// operator wants is written down; it is given out later.
void Process::CheckNothingBegins(const engine::JournalWrite& write) const {
  if (!known_holds_ || known_holds_->empty() || !HoldOver(write.record)) return;
  const auto events = engine::DecodeEvents(write.events);
  if (!events || events->front().type == engine::EventType::kTaskRepaired) return;
  for (const engine::Event& event : *events) {
    const bool begins =
        event.type == engine::EventType::kTaskStarted || event.type == engine::EventType::kLoopAdvanced ||
        event.type == engine::EventType::kActivityScheduled || event.type == engine::EventType::kRetryStarted;
    host_.auditor.Require(!begins, "nothing begins under a hold",
                          write.record.id.ToString() + " " + std::string(engine::NameOf(event.type)));
  }
}

Result<void> Process::Begin(Owner& owner, std::uint32_t index) {
  const Result<void> begun = owner.recovery->Begin(PredecessorOf(owner.tenancy.tenure));
  host_.auditor.Require(begun.has_value() || node_ != nullptr, "what is on disk can be recovered");
  if (!begun || !node_ || !owner.tenancy.tenure.after_crash) return begun;
  return CancelAbandoned(owner, index);
}

Result<void> Process::CancelAbandoned(Owner& owner, std::uint32_t index) {
  ASSIGN_OR_RETURN(const auto awaited, owner.journal->LoadAwaitedBy(index, partitions()));
  ASSIGN_OR_RETURN(const auto abandoned, owner.partition->AbandonedAmong(awaited));
  for (const ExecutionId& id : abandoned) {
    Post(engine::InputCommand{
        id, engine::Cancel{.reason = std::string(engine::kNoLongerNeeded), .by_parent = true}});
  }
  return {};
}

// The bug is that what was under way is forgotten, so that nobody counts it either.
engine::Predecessor Process::PredecessorOf(const engine::Tenure& tenure) const {
  const bool has_died = tenure.after_crash && host_.mutation != Mutation::kActivityLost;
  return has_died ? engine::Predecessor::kDied : engine::Predecessor::kReleased;
}

bool Process::IsToClose(const Owner& owner) const {
  return owner.tenancy.state == engine::TenancyState::kClosing || owner.partition->IsTakenOver() ||
         (node_ && !trusts_lease_ && node_->LeaseIsOver());
}

// As PartitionThread::CloseDown, which waits for the commits in flight.
void Process::CloseDown(std::size_t index) {
  Owner& owner = *owners_[index];
  owner.tenancy.state = engine::TenancyState::kClosing;
  if (!std::exchange(owner.is_retired, true)) {
    owner.partition->Retire();
    owner.partition->Flush();
  }
  if (owner.partition->commits_in_flight() > 0) return;
  owner.tenancy.was_taken_over = owner.partition->IsTakenOver();
  std::vector<engine::Command> rest = owner.partition->Close();
  if (host_.mutation == Mutation::kWatchersForgotten) rest.clear();
  std::ranges::move(std::exchange(owner.queue, {}), std::back_inserter(rest));
  owner.recovery.reset();
  owner.partition.reset();
  owner.journal.reset();
  owner.is_retired = false;
  owner.tenancy.state = engine::TenancyState::kClosed;
  for (engine::Command& command : rest) node_->Forward(std::move(command));
  node_->Wake();
}

// ---- The loop of an owner's thread ----

std::uint32_t Process::PartitionOf(const engine::Command& command) const {
  return static_cast<std::uint32_t>(engine::PartitionIndex(IdOf(command), owners_.size()));
}

void Process::Post(engine::Command command) {
  if (IsCancel(command)) host_.cancels_asked.insert(IdOf(command));
  const std::size_t index = PartitionOf(command);
  Owner& owner = *owners_[index];
  const bool is_here = owner.tenancy.state == engine::TenancyState::kOpening ||
                       owner.tenancy.state == engine::TenancyState::kOpen;
  if (node_ && !is_here) {
    node_->Forward(std::move(command));
  } else {
    owner.queue.push_back(std::move(command));
    owner.sleeps_on = false;
    Wake(index);
  }
  PassCrashPoint();
}

void Process::Wake(std::size_t index) {
  Owner& owner = *owners_[index];
  if (owner.will_run || !owner.partition) return;
  owner.will_run = true;
  After(host_.scheduler.Delay(kWakeUs), "round", [this, index] { Round(index); });
}

void Process::WakeOwners() {
  for (std::size_t i = 0; i < owners_.size(); ++i) Wake(i);
}

void Process::Round(std::size_t index) {
  Owner& owner = *owners_[index];
  owner.will_run = false;
  if (!owner.partition) return;
  engine::Partition& partition = *owner.partition;
  auto committed = std::exchange(owner.committed, {});
  if (IsToClose(owner)) {
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
  ReadBack(index);
  Rest(index);
}

// A page, as PartitionThread does.
void Process::ReadBack(std::size_t index) {
  Owner& owner = *owners_[index];
  if (!owner.recovery->goes_on() || owner.reads_later || !owner.partition->Accepting()) return;
  const auto read = owner.recovery->ReadPage(host_.knobs.recovery_page);
  if (!read) {
    host_.auditor.Require(node_ != nullptr, "what is on disk can be recovered", read.error().message);
    owner.reads_later = true;
    return After(kReadAgainUs, "what is unfinished is read again", [this, index] {
      owners_[index]->reads_later = false;
      Wake(index);
    });
  }
  if (owner.recovery->goes_on()) return;
  owner.sleeps_on =
      host_.mutation == Mutation::kLostTimer && owner.queue.empty() && owner.recovery->executions() > 0;
}

bool Process::Recovers() const {
  return std::ranges::any_of(owners_, [this](const auto& owner) {
    if (!owner->recovery) return node_ == nullptr;
    return owner->recovery->goes_on();
  });
}

// Sleeps until there is something to do.
void Process::Rest(std::size_t index) {
  Owner& owner = *owners_[index];
  const bool takes_commands = owner.partition->Accepting() || owner.partition->failure();
  if (owner.sleeps_on) return;
  if (owner.recovery->goes_on() && !owner.reads_later && owner.partition->Accepting()) return Wake(index);
  if (!owner.committed.empty() || (takes_commands && !owner.queue.empty())) return Wake(index);
  const auto due_us = owner.partition->NextDueUs();
  if (!due_us) return;
  const std::int64_t delay_us = std::max<std::int64_t>(*due_us - host_.scheduler.clock().Now().micros(), 0);
  After(delay_us, "alarm", [this, index, alarm = ++owner.alarm] {
    if (owners_[index]->alarm == alarm) Wake(index);
  });
}

// ---- Standing still ----

void Process::GoOn() {
  is_paused_ = false;
  for (auto& [what, action] : std::exchange(put_off_, {}))
    After(host_.scheduler.Delay(kWakeUs), what, std::move(action));
  WakeOwners();
  if (!node_) return;
  node_->Wake();
  trusts_lease_ = host_.scheduler.Percent(50);
  After(host_.scheduler.Spread(kWakeUs, kLongestSleepUs), "looks at the lease", [this] {
    trusts_lease_ = false;
    WakeOwners();
  });
}

void Process::ClockWasSet() {
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    if (!owners_[i]->partition || owners_[i]->sleeps_on) continue;
    After(host_.scheduler.Delay(kLongestSleepUs / 1'000), "clock is looked at", [this, i] { Wake(i); });
  }
}

// ---- Others ----

void Process::Accept(Json event, std::function<void(Result<engine::EventHub::Accepted>)> done) {
  std::vector<Json> events;
  events.push_back(std::move(event));
  hub_.Accept(
      AccountId::Default(), std::move(events),
      [done = std::move(done), alive = std::weak_ptr(alive_)](Result<engine::EventHub::Accepted> result) {
        if (!alive.expired()) done(std::move(result));
      });
}

void Process::After(std::int64_t delay_us, std::string_view what, Scheduler::Action action) {
  host_.scheduler.After(delay_us, what,
                        [this, alive = std::weak_ptr(alive_), what, action = std::move(action)] {
                          if (!alive.expired()) Act(what, action);
                        });
}

void Process::Act(std::string_view what, const Scheduler::Action& action) {
  if (is_paused_) {
    put_off_.emplace_back(what, action);
  } else {
    action();
  }
}

std::size_t Process::active() const {
  std::size_t sum = 0;
  for (const auto& owner : owners_) sum += owner->partition ? owner->partition->active() : 0;
  return sum;
}

}  // namespace elevaite::simulation

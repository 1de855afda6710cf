#include "services/workflow/rehearsal/stage.h"

#include <algorithm>
#include <iterator>

#include "engine/machine/cloud_event.h"
#include "services/workflow/derived_id.h"
#include "services/workflow/rehearsal/subflows.h"

namespace elevaite::rehearsal {

engine::State Run::state() const {
  engine::State state;
  for (const engine::Event& event : events) engine::Apply(state, ProgramOf(event), event);
  return state;
}

void Run::Add(engine::Event event, const std::shared_ptr<const dsl::Program>& program) {
  if (programs.empty() || programs.rbegin()->second != program) programs[event.seq] = program;
  events.push_back(std::move(event));
}

const dsl::Program& Run::ProgramOf(const engine::Event& event) const {
  return *std::prev(programs.upper_bound(event.seq))->second;
}

class Stage::Recorder final : public engine::Journal {
 public:
  explicit Recorder(Stage& stage) : stage_(stage), memory_(&stage.event_store_) {}

  void Append(std::vector<engine::JournalWrite> writes, Done done) override {
    memory_.Append(writes, [this, writes, done = std::move(done)](Result<void> result) {
      for (const engine::JournalWrite& write : writes) stage_.Keep(write);
      done(std::move(result));
    });
  }
  void Resume() override { memory_.Resume(); }
  Result<engine::UnfinishedPage> LoadUnfinished(std::uint32_t index, std::uint32_t count,
                                                const std::optional<engine::UnfinishedCursor>& after,
                                                std::size_t limit) override {
    return memory_.LoadUnfinished(index, count, after, limit);
  }
  Result<std::int64_t> NewestUnfinished(std::uint32_t index, std::uint32_t count) override {
    return memory_.NewestUnfinished(index, count);
  }
  Result<std::optional<engine::StoredExecution>> LoadOne(const AccountId& account,
                                                         const ExecutionId& id) override {
    return memory_.LoadOne(account, id);
  }
  Result<bool> Exists(const AccountId& account, const ExecutionId& id) override {
    return memory_.Exists(account, id);
  }

  bool Settle() {
    const bool any = !memory_.waiting.empty();
    memory_.Settle(false);
    return any;
  }

 private:
  Stage& stage_;
  engine::MemoryJournal memory_;
};

class Stage::Library final : public engine::ProgramSource {
 public:
  explicit Library(const Stage& stage) : stage_(stage) {}
  Result<std::shared_ptr<const dsl::Program>> Load(const engine::ExecutionRecord& record) override {
    return stage_.programs_.at({record.id, record.version});
  }

 private:
  const Stage& stage_;
};

// Who does what: workflows that tasks run go to the subflows unless the outside wants them.
class Stage::Switchboard final : public engine::Activities {
 public:
  Switchboard(Outside& outside, Outside& subflows) : outside_(outside), subflows_(subflows) {}

  void Schedule(engine::ActivityTask task, Done done) override {
    Outside& who = outside_.Does(task) ? outside_ : subflows_;
    who.Schedule(std::move(task), std::move(done));
  }
  // Cancelling what one of them has not is nothing to it.
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override {
    outside_.Cancel(execution, frame, connector, deadline_us);
    if (engine::IsOwn(connector)) subflows_.Cancel(execution, frame, connector, deadline_us);
  }

 private:
  Outside& outside_;
  Outside& subflows_;
};

Stage::Stage(std::unique_ptr<Outside> outside, StageOptions options)
    : outside_(std::move(outside)),
      options_(std::move(options)),
      journal_(std::make_unique<Recorder>(*this)),
      library_(std::make_unique<Library>(*this)),
      subflows_(std::make_unique<Subflows>(*this)),
      activities_(std::make_unique<Switchboard>(*outside_, *subflows_)) {
  options_.limits.enough = options_.stops;
  Open();
}

Stage::~Stage() = default;

// ---- What there is ----

void Stage::Publish(std::shared_ptr<const dsl::Program> program) { published_.push_back(std::move(program)); }

std::shared_ptr<const dsl::Program> Stage::Find(std::string_view workflow, std::string_view version) const {
  const auto wanted = [&](const auto& program) {
    return program->name_space + "." + program->name == workflow &&
           (version.empty() || version == "latest" || program->version == version);
  };
  const auto found = std::find_if(published_.rbegin(), published_.rend(), wanted);
  return found == published_.rend() ? nullptr : *found;
}

// ---- The process ----

void Stage::Open() {
  hub_ = std::make_unique<engine::EventHub>(engine::EventHubOptions{}, event_store_, clock_);
  CHECK(hub_->Start().has_value());
  engine::PartitionOptions options{
      .limits = options_.limits,
      .runtime = options_.runtime,
      .secret = [this](const AccountId&, std::string_view name) -> std::optional<Json> {
        const auto found = secrets_.find(std::string(name));
        return found == secrets_.end() ? std::nullopt : std::optional(found->second);
      }};
  partition_ = std::make_unique<engine::Partition>(
      std::move(options), clock_, random_, *journal_, *activities_, *library_, *hub_, feed_,
      [this](engine::Command command) { posted_.push_back(std::move(command)); },
      [this](std::uint64_t commit, Result<void> result) {
        settled_.emplace_back(commit, std::move(result));
      });
  CHECK(engine::RecoverAll(*journal_, *partition_, engine::Predecessor::kReleased).has_value());
  for (const auto& schedule : schedules_) schedule->Listen(*hub_, now_us());
}

void Stage::Crash() {
  outside_->Forget();
  subflows_->Forget();
  posted_.clear();
  settled_.clear();
  partition_.reset();
  hub_.reset();
  Open();
}

// What the thread of a partition does in a round. False: there is nothing to do while no time passes.
bool Stage::Round() {
  bool active = !posted_.empty() || !from_outside_.empty();
  for (auto* queue : {&from_outside_, &posted_}) {
    while (!queue->empty()) {
      engine::Command command = std::move(queue->front());
      queue->pop_front();
      partition_->Handle(std::move(command));
    }
  }
  partition_->FireTimers();
  partition_->Flush();
  active |= SettleCommits();
  active |= WorkOnSchedules();
  active |= subflows_->Begin();
  active |= outside_->Begin();
  return active || outside_->Work();
}

bool Stage::SettleCommits() {
  const bool any = journal_->Settle();
  while (!settled_.empty()) {
    auto [commit, result] = std::move(settled_.front());
    settled_.pop_front();
    partition_->Committed(commit, std::move(result));
  }
  if (any && options_.crashes) Crash();
  return any;
}

void Stage::Settle() {
  while (!is_stopped_ && Round()) is_stopped_ = options_.stops && options_.stops();
}

std::optional<std::int64_t> Stage::NextDueUs() const {
  std::optional<std::int64_t> due = partition_->NextDueUs();
  const auto note = [&due](std::optional<std::int64_t> other) {
    if (other) due = std::min(due.value_or(*other), *other);
  };
  note(outside_->NextDueUs());
  for (const auto& schedule : schedules_) note(schedule->due_us());
  return due;
}

void Stage::Keep(const engine::JournalWrite& write) {
  const ExecutionId id = write.record.id;
  if (!runs_.contains(id)) order_.push_back(id);
  Run& run = runs_[id];
  run.record = write.record;
  const auto& program = programs_.at({id, write.record.version});
  run.bytes += write.events + write.snapshot.value_or("");
  for (engine::Event& event : engine::DecodeEvents(write.events).value()) run.Add(std::move(event), program);
  for (const engine::StoredEvent& event : write.emitted) {
    if (!event.IsLifecycle()) emitted_.push_back(event.event);
  }
}

// ---- What happens ----

ExecutionId Stage::Start(std::shared_ptr<const dsl::Program> program, Json input) {
  const ExecutionId id = workflow::DerivedId(now_us(), "start " + std::to_string(++starts_));
  programs_[{id, program->version}] = program;
  from_outside_.push_back(
      engine::StartCommand{.record = {.account = AccountId::Default(),
                                      .id = id,
                                      .name_space = program->name_space,
                                      .workflow = program->name,
                                      .version = program->version},
                           .program = program,
                           .input = std::move(input),
                           .accepted = [](Result<void> result) { CHECK(result.has_value()); },
                           .finished = {}});
  Settle();
  return id;
}

void Stage::RunToEnd(const ExecutionId& id) {
  constexpr int kMovesMax = 1'000;
  for (int moves = 0; !run(id).ended(); ++moves) {
    const auto due = NextDueUs();
    if (!due) return;
    CHECK(moves < kMovesMax);
    Pass(std::max<std::int64_t>(*due - now_us(), 0));
  }
}

void Stage::Pass(std::int64_t duration_us) {
  const std::int64_t until = now_us() + duration_us;
  Settle();
  for (auto due = NextDueUs(); due && *due <= until; due = NextDueUs()) {
    clock_.Advance(std::chrono::microseconds(std::max<std::int64_t>(*due - now_us(), 0)));
    Settle();
  }
  clock_.Advance(std::chrono::microseconds(until - now_us()));
  hub_->Expire();
}

void Stage::AdvanceTo(std::int64_t time_us) {
  clock_.Advance(std::chrono::microseconds(std::max<std::int64_t>(time_us - now_us(), 0)));
  hub_->Expire();
  Settle();
}

void Stage::Cancel(const ExecutionId& id, std::string reason, std::chrono::microseconds grace) {
  const std::int64_t deadline_us = grace.count() > 0 ? now_us() + grace.count() : 0;
  from_outside_.push_back(
      engine::InputCommand{id, engine::Cancel{.reason = std::move(reason), .deadline_us = deadline_us}});
  Settle();
}

Result<engine::Migration> Stage::Migrate(const ExecutionId& id, std::shared_ptr<const dsl::Program> program) {
  programs_[{id, program->version}] = program;
  Result<engine::Migration> answer = Fail(ErrorCode::kInternal, "no answer");
  from_outside_.push_back(engine::MigrateCommand{
      .account = AccountId::Default(),
      .id = id,
      .program = std::move(program),
      .note = {.reason = "", .by = "test"},
      .done = [&answer](Result<engine::Migration> migration) { answer = std::move(migration); }});
  Settle();
  return answer;
}

Result<void> Stage::Send(Json attributes) {
  ASSIGN_OR_RETURN(Json event,
                   engine::CloudEventOf(attributes, {.id = "sent-" + std::to_string(++events_sent_),
                                                     .source = "https://sender.example",
                                                     .time_us = now_us()}));
  hub_->Accept(AccountId::Default(), {std::move(event)}, [](const auto&) {});
  Settle();
  return {};
}

void Stage::BeDown(std::int64_t duration_us) {
  Settle();
  clock_.Advance(std::chrono::microseconds(duration_us));
  Crash();
  Settle();
}

// ---- Schedules ----

void Stage::Install(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings) {
  Publish(program);
  schedules_.push_back(std::make_unique<Schedule>(std::move(program), std::move(settings), now_us()));
  schedules_.back()->Listen(*hub_, now_us());
  Settle();
}

bool Stage::WorkOnSchedules() {
  bool active = false;
  const auto is_running = [this](const ExecutionId& id) { return !Knows(id) || !run(id).ended(); };
  for (const auto& schedule : schedules_) {
    if (schedule->running() && !is_running(*schedule->running())) schedule->Ended(now_us());
    if (auto start = schedule->Next(now_us(), is_running)) {
      StartFromSchedule(*schedule, *std::move(start));
      active = true;
    }
  }
  return active;
}

void Stage::StartFromSchedule(Schedule& schedule, Schedule::Start start) {
  const ExecutionId id = workflow::DerivedId(start.time_us, start.cause);
  const auto& program = schedule.program();
  programs_[{id, program->version}] = program;
  schedule.Started(id);
  from_outside_.push_back(
      engine::StartCommand{.record = {.account = AccountId::Default(),
                                      .id = id,
                                      .name_space = program->name_space,
                                      .workflow = program->name,
                                      .version = program->version,
                                      .trigger = start.trigger},
                           .program = program,
                           .input = std::move(start.input),
                           .accepted = [](Result<void> result) { CHECK(result.has_value()); },
                           .finished = {},
                           .shared_id = true});
}

bool Stage::IsListenedTo() const {
  const auto by_events = [](const auto& schedule) { return schedule->program()->schedule->on.has_value(); };
  const auto schedules = static_cast<std::size_t>(std::ranges::count_if(schedules_, by_events));
  return hub_->subscriptions() > schedules;
}

}  // namespace elevaite::rehearsal

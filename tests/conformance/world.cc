#include "tests/conformance/world.h"

#include <algorithm>
#include <iterator>

#include "engine/machine/cloud_event.h"
#include "engine/machine/errors.h"
#include "services/workflow/derived_id.h"
#include "services/workflow/subflows.h"

namespace elevaite::conformance {

using engine::ActivityFailure;
using engine::ActivitySuccess;
using engine::MakeError;

engine::State Run::state() const {
  engine::State state;
  for (const engine::Event& event : events) engine::Apply(state, ProgramOf(event), event);
  return state;
}

const dsl::Program& Run::ProgramOf(const engine::Event& event) const {
  return *std::prev(programs.upper_bound(event.seq))->second;
}

class World::Recorder final : public engine::Journal {
 public:
  explicit Recorder(World& world) : world_(world), memory_(&world.event_store_) {}

  void Append(std::vector<engine::JournalWrite> writes, Done done) override {
    memory_.Append(writes, [this, writes, done = std::move(done)](Result<void> result) {
      for (const engine::JournalWrite& write : writes) world_.Keep(write);
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
  World& world_;
  engine::MemoryJournal memory_;
};

class World::Library final : public engine::ProgramSource {
 public:
  explicit Library(const World& world) : world_(world) {}
  Result<std::shared_ptr<const dsl::Program>> Load(const engine::ExecutionRecord& record) override {
    return world_.programs_.at({record.id, record.version});
  }

 private:
  const World& world_;
};

World::World(StubServer& stub, bool crashes)
    : stub_(stub),
      crashes_(crashes),
      journal_(std::make_unique<Recorder>(*this)),
      library_(std::make_unique<Library>(*this)),
      calls_(
          stub, crashes,
          [this](engine::ActivityTask task, engine::Activities::Done done) {
            RunSubflow(std::move(task), std::move(done));
          },
          [this](const ExecutionId& parent, engine::FrameId frame, std::int64_t deadline_us) {
            CancelSubflow(parent, frame, deadline_us);
          }) {
  stub_.Reset();
  Open();
}

World::~World() = default;

// ---- What there is ----

dsl::CompileResult World::Compile(const std::string& source) const {
  return dsl::Compile(source, {.functions = &descriptors_, .resources = &resources_});
}

void World::Publish(std::shared_ptr<const dsl::Program> program) { published_.push_back(std::move(program)); }

// ---- The process ----

void World::Open() {
  hub_ = std::make_unique<engine::EventHub>(engine::EventHubOptions{}, event_store_, clock_);
  CHECK(hub_->Start().has_value());
  engine::PartitionOptions options{
      .runtime = Json::Object({{"name", "elevaite"}, {"version", "test"}, {"metadata", Json::EmptyObject()}}),
      .secret = [this](const AccountId&, std::string_view name) -> std::optional<Json> {
        const auto found = secrets_.find(std::string(name));
        return found == secrets_.end() ? std::nullopt : std::optional(found->second);
      }};
  partition_ = std::make_unique<engine::Partition>(
      std::move(options), clock_, random_, *journal_, calls_, *library_, *hub_, feed_,
      [this](engine::Command command) { posted_.push_back(std::move(command)); },
      [this](std::uint64_t commit, Result<void> result) {
        settled_.emplace_back(commit, std::move(result));
      });
  CHECK(engine::RecoverAll(*journal_, *partition_, engine::Predecessor::kReleased).has_value());
  for (const auto& schedule : schedules_) schedule->Listen(*hub_);
}

void World::Crash() {
  calls_.Forget();
  posted_.clear();
  settled_.clear();
  partition_.reset();
  hub_.reset();
  Open();
}

// What the thread of a partition does in a round. False: there is nothing to do while no time passes.
bool World::Round() {
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
  active |= calls_.Begin();
  return active || calls_.Work();
}

bool World::SettleCommits() {
  const bool any = journal_->Settle();
  while (!settled_.empty()) {
    auto [commit, result] = std::move(settled_.front());
    settled_.pop_front();
    partition_->Committed(commit, std::move(result));
  }
  if (any && crashes_) Crash();
  return any;
}

void World::Settle() {
  constexpr int kRoundsMax = 10'000;
  int rounds = 0;
  while (Round()) CHECK(++rounds < kRoundsMax);
}

std::optional<std::int64_t> World::NextDueUs() const {
  std::optional<std::int64_t> due = partition_->NextDueUs();
  for (const auto& schedule : schedules_) {
    if (schedule->due_us()) due = std::min(due.value_or(*schedule->due_us()), *schedule->due_us());
  }
  return due;
}

void World::Keep(const engine::JournalWrite& write) {
  const ExecutionId id = write.record.id;
  if (!runs_.contains(id)) order_.push_back(id);
  Run& run = runs_[id];
  run.record = write.record;
  const auto& program = programs_.at({id, write.record.version});
  if (run.programs.empty() || run.programs.rbegin()->second != program)
    run.programs[write.first_seq] = program;
  run.bytes += write.events + write.snapshot.value_or("");
  std::ranges::move(engine::DecodeEvents(write.events).value(), std::back_inserter(run.events));
  for (const engine::StoredEvent& event : write.emitted) {
    if (!event.IsLifecycle()) emitted_.push_back(event.event);
  }
}

// ---- What happens ----

ExecutionId World::Start(std::shared_ptr<const dsl::Program> program, Json input) {
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

void World::RunToEnd(const ExecutionId& id) {
  constexpr int kMovesMax = 1'000;
  for (int moves = 0; !run(id).ended(); ++moves) {
    const auto due = NextDueUs();
    if (!due) return;
    CHECK(moves < kMovesMax);
    Pass(std::max<std::int64_t>(*due - now_us(), 0));
  }
}

void World::Pass(std::int64_t duration_us) {
  const std::int64_t until = now_us() + duration_us;
  Settle();
  for (auto due = NextDueUs(); due && *due <= until; due = NextDueUs()) {
    clock_.Advance(std::chrono::microseconds(std::max<std::int64_t>(*due - now_us(), 0)));
    Settle();
  }
  clock_.Advance(std::chrono::microseconds(until - now_us()));
  hub_->Expire();
}

void World::Cancel(const ExecutionId& id, std::string reason, std::chrono::seconds grace) {
  const std::int64_t deadline_us =
      grace.count() > 0 ? now_us() + std::chrono::microseconds(grace).count() : 0;
  from_outside_.push_back(engine::CancelCommand{.account = AccountId::Default(),
                                                .id = id,
                                                .reason = std::move(reason),
                                                .done = [](Result<void>) {},
                                                .deadline_us = deadline_us});
  Settle();
}

Result<engine::Migration> World::Migrate(const ExecutionId& id, std::shared_ptr<const dsl::Program> program) {
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

Result<void> World::Send(Json attributes) {
  ASSIGN_OR_RETURN(Json event,
                   engine::CloudEventOf(attributes, {.id = "sent-" + std::to_string(++events_sent_),
                                                     .source = "https://sender.example",
                                                     .time_us = now_us()}));
  hub_->Accept(AccountId::Default(), {std::move(event)}, [](const Result<std::size_t>&) {});
  Settle();
  clock_.Advance(std::chrono::milliseconds(1));  // what is started next was not there when it came
  return {};
}

void World::BeDown(std::int64_t duration_us) {
  Settle();
  clock_.Advance(std::chrono::microseconds(duration_us));
  Crash();
  Settle();
}

// ---- Schedules ----

void World::Install(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings) {
  Publish(program);
  schedules_.push_back(std::make_unique<Schedule>(std::move(program), std::move(settings), now_us()));
  schedules_.back()->Listen(*hub_);
  Settle();
}

bool World::WorkOnSchedules() {
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

void World::StartFromSchedule(Schedule& schedule, Schedule::Start start) {
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

// ---- Subflows: what services/workflow/subflows.cc does with the service, done with this world ----

void World::RunSubflow(engine::ActivityTask task, engine::Activities::Done done) {
  const Json& request = task.request;
  if (task.depth >= workflow::Subflows::kDepthMax)
    return done(ActivityFailure{.error = MakeError("runtime", "Too many workflows inside each other", "")});
  const auto wanted = [&](const auto& program) {
    const std::string_view version = request["version"].StringOr("");
    return program->name_space == request["namespace"].StringOr("") &&
           program->name == request["name"].StringOr("") &&
           (version.empty() || version == "latest" || program->version == version);
  };
  const auto found = std::find_if(published_.rbegin(), published_.rend(), wanted);
  if (found == published_.rend())
    return done(ActivityFailure{
        .error = MakeError("configuration", "The workflow cannot be run", "no such workflow")});
  const bool await = request["await"].BoolOr(true);
  const ExecutionId id = workflow::ChildId(task.execution, task.frame);
  programs_.emplace(std::pair(id, (*found)->version), *found);
  const auto ended = [this, id, done](const std::optional<engine::Outcome>&) { done(EndingOf(id)); };
  posted_.push_back(engine::StartCommand{
      .record = {.account = task.account,
                 .id = id,
                 .name_space = (*found)->name_space,
                 .workflow = (*found)->name,
                 .version = (*found)->version,
                 .trigger = engine::Trigger::kSubflow,
                 .parent = task.execution,
                 .depth = task.depth + 1,
                 .parent_frame = await ? std::optional(task.frame) : std::nullopt},
      .program = *found,
      .input = request["input"],
      .accepted =
          [this, id, await, done](Result<void> result) {
            if (!await) return done(ActivitySuccess{});
            if (!result) done(EndingOf(id));  // it has ended before
          },
      .finished = await ? ended : std::function<void(const std::optional<engine::Outcome>&)>(),
      .shared_id = true});
}

engine::ActivityOutcome World::EndingOf(const ExecutionId& id) const {
  const engine::State state = run(id).state();
  switch (state.phase) {
    case engine::Phase::kCompleted: return ActivitySuccess{state.output};
    case engine::Phase::kFaulted: return ActivityFailure{.error = state.error};
    default: return ActivityFailure{.error = MakeError("runtime", "The workflow was cancelled", "")};
  }
}

void World::CancelSubflow(const ExecutionId& parent, engine::FrameId frame, std::int64_t deadline_us) {
  posted_.push_back(engine::InputCommand{
      workflow::ChildId(parent, frame),
      engine::Cancel{
          .reason = std::string(engine::kNoLongerNeeded), .deadline_us = deadline_us, .by_parent = true}});
}

}  // namespace elevaite::conformance

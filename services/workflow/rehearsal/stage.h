// Stage: one engine on one thread with a clock that moves when told. The machine, the partition, the event
// hub, the subflows' decisions and the timetables are the real ones; journal and event store are in memory,
// and what its executions ask of the world outside is done by whoever is given as `Outside`. The same play
// always runs the same way.
//
//   Stage stage(std::make_unique<MyCalls>(), {});
//   const ExecutionId id = stage.Start(program, input);          // as far as it comes while no time passes
//   while (auto due = stage.NextDueUs()) stage.AdvanceTo(*due);  // months in milliseconds
//
// Not thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/events/memory_event_store.h"
#include "engine/journal/memory_journal.h"
#include "engine/partition/partition.h"
#include "engine/partition/recovery.h"
#include "foundation/clock.h"
#include "foundation/random.h"
#include "services/workflow/rehearsal/schedule.h"

namespace elevaite::rehearsal {

class Subflows;

// One execution, as the journal has it.
struct Run {
  engine::ExecutionRecord record;
  std::map<std::uint64_t, std::shared_ptr<const dsl::Program>>
      programs;  // by the first event that is of them
  std::vector<engine::Event> events;
  std::string bytes;  // all that was written of it

  // The next one, of this program.
  void Add(engine::Event event, const std::shared_ptr<const dsl::Program>& program);
  const dsl::Program& ProgramOf(const engine::Event& event) const;
  engine::State state() const;
  bool ended() const { return !events.empty() && engine::IsFinal(record.phase); }
};

// What does the activities. Nothing is begun before Begin(): an engine may die between its commit and the
// call.
class Outside : public engine::Activities {
 public:
  // Whether it wants this one; workflows that tasks run are else run on the stage.
  virtual bool Does(const engine::ActivityTask& task) const { return !engine::IsOwn(task.connector); }
  // Begins what was scheduled. False: there was nothing.
  virtual bool Begin() = 0;
  // Lets what is on its way go on. False: nothing of it moves while no time passes.
  virtual bool Work() { return false; }
  virtual std::optional<std::int64_t> NextDueUs() const { return std::nullopt; }
  // The engine has died: what was scheduled or on its way is nobody's any more.
  virtual void Forget() {}
};

struct StageOptions {
  bool crashes = false;  // the engine dies after each commit and is recovered
  engine::MachineLimits limits{};
  Json runtime =  // $runtime
      Json::Object({{"name", "elevaite"}, {"version", "test"}, {"metadata", Json::EmptyObject()}});
  // Asked between steps; true: nothing goes on any more, see Stage::is_stopped. Empty: never.
  std::function<bool()> stops{};
};

class Stage {
 public:
  Stage(std::unique_ptr<Outside> outside, StageOptions options);
  ~Stage();

  // ---- What there is ----
  void SetTime(Timestamp now) { clock_.Jump(now); }
  std::int64_t now_us() const { return clock_.Now().micros(); }
  void SetSecret(const std::string& name, Json value) { secrets_[name] = std::move(value); }
  // From now on `run: workflow` finds it; the version published last is the latest.
  void Publish(std::shared_ptr<const dsl::Program> program);
  // "namespace.name"; `version` empty or "latest": the latest. nullptr: none.
  std::shared_ptr<const dsl::Program> Find(std::string_view workflow, std::string_view version) const;

  // ---- What happens ----
  // Starts an execution and lets it run as far as it comes while no time passes.
  ExecutionId Start(std::shared_ptr<const dsl::Program> program, Json input);
  // Lets time pass until the execution has ended or waits for something other than time.
  void RunToEnd(const ExecutionId& id);
  void Pass(std::int64_t duration_us);
  // When time alone makes something happen next.
  std::optional<std::int64_t> NextDueUs() const;
  // To a time that is not after NextDueUs(), and as far as everything comes then.
  void AdvanceTo(std::int64_t time_us);
  void Cancel(const ExecutionId& id, std::string reason, std::chrono::microseconds grace);
  Result<engine::Migration> Migrate(const ExecutionId& id, std::shared_ptr<const dsl::Program> program);
  // Not an event: the reason.
  Result<void> Send(Json attributes);
  void Crash();
  // Nothing runs for so long; the schedules and timers that were due meanwhile are late.
  void BeDown(std::int64_t duration_us);
  void Install(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings);
  // Somebody other than a schedule waits for an event.
  bool IsListenedTo() const;

  // ---- What came of it ----
  const std::vector<ExecutionId>& started() const { return order_; }  // in order of their first commit
  const Run& run(const ExecutionId& id) const { return runs_.at(id); }
  const std::map<ExecutionId, Run>& runs() const { return runs_; }
  bool Knows(const ExecutionId& id) const { return runs_.contains(id); }
  const std::vector<Json>& emitted() const { return emitted_; }
  const std::vector<std::unique_ptr<Schedule>>& schedules() const { return schedules_; }
  // StageOptions::stops has said so.
  bool is_stopped() const { return is_stopped_; }

 private:
  friend class Subflows;
  class Recorder;
  class Library;
  class Switchboard;

  void Open();
  void Settle();
  bool Round();
  bool SettleCommits();
  bool WorkOnSchedules();
  void Keep(const engine::JournalWrite& write);
  void StartFromSchedule(Schedule& schedule, Schedule::Start start);
  void Post(engine::Command command) { posted_.push_back(std::move(command)); }

  std::unique_ptr<Outside> outside_;
  StageOptions options_;
  bool is_stopped_ = false;
  SimulatedClock clock_;
  SeededRandom random_{1};
  std::map<std::string, Json> secrets_;
  std::vector<std::shared_ptr<const dsl::Program>> published_;
  std::map<ExecutionId, Run> runs_;
  std::vector<ExecutionId> order_;
  std::map<std::pair<ExecutionId, std::string>, std::shared_ptr<const dsl::Program>> programs_;  // by version
  std::vector<Json> emitted_;
  int events_sent_ = 0;
  int starts_ = 0;

  // On "disk".
  engine::MemoryEventStore event_store_;
  std::unique_ptr<Recorder> journal_;
  // The process.
  std::unique_ptr<Library> library_;
  std::unique_ptr<Subflows> subflows_;
  std::unique_ptr<Switchboard> activities_;
  engine::LiveFeed feed_;
  std::deque<engine::Command> from_outside_;  // survives a crash: whoever sent it tries again
  std::deque<engine::Command> posted_;
  std::deque<std::pair<std::uint64_t, Result<void>>> settled_;
  std::unique_ptr<engine::EventHub> hub_;
  std::unique_ptr<engine::Partition> partition_;
  std::vector<std::unique_ptr<Schedule>> schedules_;
};

}  // namespace elevaite::rehearsal

// World: one engine on one thread with a clock that moves when told, for one scenario. The compiler, the
// machine, the partition, the event hub, the connectors and the timetables are the real ones; journal and
// event store are in memory, and the network is the stub server. The same scenario always runs the same way.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/compile.h"
#include "engine/partition/partition.h"
#include "engine/partition/recovery.h"
#include "engine/testing/memory_event_store.h"
#include "engine/testing/memory_journal.h"
#include "foundation/clock.h"
#include "foundation/random.h"
#include "tests/conformance/calls.h"
#include "tests/conformance/schedule.h"

namespace elevaite::conformance {

// One execution, as the journal has it.
struct Run {
  engine::ExecutionRecord record;
  std::map<std::uint64_t, std::shared_ptr<const dsl::Program>>
      programs;  // by the first event that is of them
  std::vector<engine::Event> events;
  std::string bytes;  // all that was written of it

  const dsl::Program& ProgramOf(const engine::Event& event) const;
  engine::State state() const;
  bool ended() const { return !events.empty() && engine::IsFinal(record.phase); }
};

class World {
 public:
  // `crashes`: the engine dies after each commit and is recovered.
  World(StubServer& stub, bool crashes);
  ~World();

  // ---- What there is ----
  void SetTime(Timestamp now) { clock_.Jump(now); }
  std::int64_t now_us() const { return clock_.Now().micros(); }
  void SetSecret(const std::string& name, Json value) { secrets_[name] = std::move(value); }
  StubServer& stub() { return stub_; }
  // What a document may refer to by address.
  void SetResource(const std::string& uri, std::string text) { resources_[uri] = std::move(text); }
  const dsl::FunctionCatalog& functions() const { return descriptors_; }
  // Compiled with the descriptors of the real connectors.
  dsl::CompileResult Compile(const std::string& source) const;
  // From now on `run: workflow` finds it; the version published last is the latest.
  void Publish(std::shared_ptr<const dsl::Program> program);

  // ---- What happens ----
  // Starts an execution and lets it run as far as it comes while no time passes.
  ExecutionId Start(std::shared_ptr<const dsl::Program> program, Json input);
  // Lets time pass until the execution has ended or waits for something other than time.
  void RunToEnd(const ExecutionId& id);
  void Pass(std::int64_t duration_us);
  void Cancel(const ExecutionId& id, std::string reason, std::chrono::seconds grace);
  Result<engine::Migration> Migrate(const ExecutionId& id, std::shared_ptr<const dsl::Program> program);
  // Not an event: the reason.
  Result<void> Send(Json attributes);
  void Crash();
  // Nothing runs for so long; the schedules and timers that were due meanwhile are late.
  void BeDown(std::int64_t duration_us);
  void Install(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings);

  // ---- What came of it ----
  const std::vector<ExecutionId>& started() const { return order_; }  // in order of their first commit
  const Run& run(const ExecutionId& id) const { return runs_.at(id); }
  const std::map<ExecutionId, Run>& runs() const { return runs_; }
  bool Knows(const ExecutionId& id) const { return runs_.contains(id); }
  const std::vector<Json>& emitted() const { return emitted_; }
  const std::vector<std::unique_ptr<Schedule>>& schedules() const { return schedules_; }

 private:
  // Passes on to the journal in memory and keeps what was written, in the order of the commits.
  class Recorder;
  class Library;

  void Open();
  void Settle();
  bool Round();
  bool SettleCommits();
  bool WorkOnSchedules();
  void Keep(const engine::JournalWrite& write);
  std::optional<std::int64_t> NextDueUs() const;
  void StartFromSchedule(Schedule& schedule, Schedule::Start start);
  void RunSubflow(engine::ActivityTask task, engine::Activities::Done done);
  void CancelSubflow(const ExecutionId& parent, engine::FrameId frame, std::int64_t deadline_us);
  engine::ActivityOutcome EndingOf(const ExecutionId& id) const;

  StubServer& stub_;
  bool crashes_;
  SimulatedClock clock_;
  std::int64_t cancels_ = 0;  // requests
  SeededRandom random_{1};
  connectors::Registry descriptors_ = connectors::Descriptors();
  dsl::Resources resources_;
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
  Calls calls_;
  engine::LiveFeed feed_;
  std::deque<engine::Command> from_outside_;  // survives a crash: whoever sent it tries again
  std::deque<engine::Command> posted_;
  std::deque<std::pair<std::uint64_t, Result<void>>> settled_;
  std::unique_ptr<engine::EventHub> hub_;
  std::unique_ptr<engine::Partition> partition_;
  std::vector<std::unique_ptr<Schedule>> schedules_;
};

}  // namespace elevaite::conformance

#include "engine/doctor.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kFindingsMax = 1'000;

// True when it ended between the reading of its row and of its events: the server goes on while it is
// examined.
bool HasEndedMeanwhile(const StoredExecution& stored, Journal& journal) {
  const auto again = journal.LoadOne(stored.record.account, stored.record.id);
  return again && !*again;
}

void ExamineOne(const StoredExecution& stored, Journal& journal, ProgramSource& programs,
                DoctorReport& report) {
  ++report.executions;
  const auto find = [&](std::string problem, std::string advice) {
    if (report.findings.size() >= kFindingsMax) return;
    report.findings.push_back({stored.record.id.ToString(), std::move(problem), std::move(advice)});
  };
  const auto program = programs.Load(stored.record);
  if (!program)
    return find("its workflow cannot be loaded: " + program.error().message,
                "publish the version again, or cancel the execution");
  const auto state = Fold(stored, **program);
  if (!state) return find(state.error().message, "restore the database from a backup");
  if (IsFinal(state->phase)) {
    if (HasEndedMeanwhile(stored, journal)) return;
    return find("its events say it has ended, its row says it has not", "restart the server");
  }
  const std::vector<Effect> pending = PendingEffects(**program, *state);
  if (pending.empty())
    return find("nothing will move this execution", "cancel it and start it again; please report this");
  for (const Effect& effect : pending) {
    if (std::holds_alternative<SetTimer>(effect)) ++report.timers;
    if (std::holds_alternative<ScheduleActivity>(effect)) ++report.activities;
  }
}

}  // namespace

Result<DoctorReport> Examine(Journal& journal, ProgramSource& programs) {
  DoctorReport report;
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {  // a shard at a time bounds the memory
    ASSIGN_OR_RETURN(const auto stored, journal.LoadUnfinished(shard, kShards));
    for (const StoredExecution& one : stored) ExamineOne(one, journal, programs, report);
  }
  return report;
}

}  // namespace elevaite::engine

#include "engine/doctor.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kFindingsMax = 1'000;

void ExamineOne(const StoredExecution& stored, ProgramSource& programs, DoctorReport& report) {
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
  if (IsFinal(state->phase))
    return find("its events say it has ended, its row says it has not", "restart the server");
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
    for (const StoredExecution& one : stored) ExamineOne(one, programs, report);
  }
  return report;
}

}  // namespace elevaite::engine

#include "engine/doctor.h"

#include <algorithm>

#include "engine/journal/database_journal.h"
#include "engine/journal/inspection.h"
#include "engine/journal/payload_journal.h"

namespace elevaite::engine {
namespace {

// A row is read before its events, so a live one may be behind them: it is then read again.
constexpr int kLooks = 3;

bool FitsRecord(const ExecutionRecord& record, const dsl::Program& program, const State& state) {
  return record.phase == CurrentPhase(program, state);
}

constexpr std::size_t kToldEvery = 200;

class Examination {
 public:
  Examination(Journal& journal, ProgramSource& programs, DoctorReport& report)
      : journal_(journal), programs_(programs), report_(report) {}

  Result<void> Look(const StoredExecution& stored) {
    ++report_.executions;
    const auto program = programs_.Load(stored.record);
    if (!program) {
      Find(stored, "its workflow cannot be loaded: " + program.error().message,
           "publish the version again, or cancel the execution");
      return {};
    }
    auto state = Fold(stored, **program);
    if (!state) {
      const std::string& hint = state.error().hint;
      Find(stored, state.error().message, hint.empty() ? "restore the database from a backup" : hint);
      return {};
    }
    if (!FitsRecord(stored.record, **program, *state)) RETURN_IF_ERROR(LookAgain(stored, **program));
    if (IsFinal(state->phase)) return {};
    CountPending(stored, **program, *state);
    return {};
  }

 private:
  Result<void> LookAgain(const StoredExecution& first, const dsl::Program& program) {
    for (int i = 1; i < kLooks; ++i) {
      ASSIGN_OR_RETURN(const auto again, journal_.LoadOne(first.record.account, first.record.id));
      if (!again) return {};  // it has ended
      const auto state = Fold(*again, program);
      if (!state || FitsRecord(again->record, program, *state)) return {};
      if (i + 1 < kLooks) continue;
      if (IsFinal(state->phase)) {
        Find(first, "its events say it has ended, its row says it has not", "restart the server");
      } else {
        Find(first,
             "its row says " + std::string(NameOf(again->record.phase)) + ", its events say " +
                 std::string(NameOf(CurrentPhase(program, *state))),
             "it goes on by its events; its next step writes the row anew");
      }
    }
    return {};
  }

  void CountPending(const StoredExecution& stored, const dsl::Program& program, const State& state) {
    const std::vector<Effect> pending = PendingEffects(program, state);
    if (pending.empty() && !IsHeld(state))
      Find(stored, "nothing will move this execution", "cancel it and start it again; please report this");
    for (const Effect& effect : pending) {
      if (std::holds_alternative<SetTimer>(effect)) ++report_.timers;
      if (std::holds_alternative<ScheduleActivity>(effect)) ++report_.activities;
    }
  }

  void Find(const StoredExecution& stored, std::string problem, std::string advice) {
    report_.Add({stored.record.id.ToString(), std::move(problem), std::move(advice)});
  }

  Journal& journal_;
  ProgramSource& programs_;
  DoctorReport& report_;
};

Result<void> ExamineInto(Journal& journal, ProgramSource& programs, const ExaminationOptions& options,
                         DoctorReport& report) {
  const Watch watch(options, ExaminationPhase::kExecutions, report);
  Examination examination(journal, programs, report);
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {  // a shard at a time bounds the memory
    ASSIGN_OR_RETURN(const auto stored, LoadAllUnfinished(journal, shard, kShards));
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (i % kToldEvery == 0) RETURN_IF_ERROR(watch.GoesOn());
      RETURN_IF_ERROR(examination.Look(stored[i]));
    }
  }
  return watch.GoesOn();
}

}  // namespace

bool DoctorReport::Healthy() const {
  return std::ranges::none_of(findings, [](const Finding& finding) { return finding.mended.empty(); });
}

const char* NameOf(ExaminationPhase phase) {
  switch (phase) {
    case ExaminationPhase::kIndexes: return "indexes";
    case ExaminationPhase::kTables: return "tables";
    case ExaminationPhase::kPayloads: return "payloads";
    case ExaminationPhase::kExecutions: return "executions";
  }
  return "";
}

Result<DoctorReport> Examine(Journal& journal, ProgramSource& programs) {
  DoctorReport report;
  RETURN_IF_ERROR(ExamineInto(journal, programs, {}, report));
  return report;
}

Result<DoctorReport> ExamineAll(database::Database& db, PayloadStore* payloads, ProgramSource& programs,
                                const ExaminationOptions& options) {
  PayloadJournal journal(std::make_unique<DatabaseJournal>(db), payloads);
  DoctorReport report;
  // Indexes first: what the others read they read through them. Executions last: what is in the wrong shard
  // is not read with its own.
  RETURN_IF_ERROR(InspectIndexes(db, options, report));
  RETURN_IF_ERROR(InspectTables(db, payloads, options, report));
  RETURN_IF_ERROR(InspectPayloads(db, payloads, options, report));
  RETURN_IF_ERROR(ExamineInto(journal, programs, options, report));
  return report;
}

}  // namespace elevaite::engine

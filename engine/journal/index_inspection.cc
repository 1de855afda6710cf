// Indexes of all databases; and what every part of an examination tells those who wait.
#include "engine/journal/inspection.h"
#include "infra/database/indexes.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

Result<void> Inspect(const OtherDatabase& one, const ExaminationOptions& options, DoctorReport& report) {
  const Watch watch(options, ExaminationPhase::kIndexes, report);
  RETURN_IF_ERROR(watch.GoesOn());
  const std::uint64_t before = report.indexes;
  std::size_t taken = 0;  // findings
  const auto take = [&](const database::IndexReport& found) {
    report.indexes = before + found.indexes;
    for (; taken < found.findings.size(); ++taken) {
      const database::IndexFinding& finding = found.findings[taken];
      report.Add({finding.subject, finding.problem, finding.advice, finding.mended});
    }
    (void)watch.GoesOn();
  };
  const bool is_postgres = one.db->kind() == database::Kind::kPostgres;
  ASSIGN_OR_RETURN(const database::IndexReport found,
                   database::CheckIndexes(*one.db, {.migrations = is_postgres ? one.postgres : one.sqlite,
                                                    .mend = options.mend,
                                                    .stop = options.stop,
                                                    .looked = take}));
  take(found);
  report.unseen.insert(report.unseen.end(), found.unseen.begin(), found.unseen.end());
  return watch.GoesOn();
}

}  // namespace

Result<void> Watch::GoesOn() const {
  if (options_.stop.stop_requested())
    return elevaite::Fail(ErrorCode::kCancelled, "the examination was cancelled");
  if (options_.told) options_.told(phase_, report_);
  return {};
}

Result<void> InspectIndexes(database::Database& db, const ExaminationOptions& options, DoctorReport& report) {
  RETURN_IF_ERROR(Inspect({&db, SqliteMigrations(), PostgresMigrations()}, options, report));
  for (const OtherDatabase& other : options.others) RETURN_IF_ERROR(Inspect(other, options, report));
  return {};
}

}  // namespace elevaite::engine

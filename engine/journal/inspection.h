// Inspection: checks of the engine's tables, row against row, and the mending of what can be mended without
// a loss.
//
//   index that is missing, not valid or out of step with its table  made anew (infra/database/indexes.h)
//   row of an unfinished one in a wrong shard    put into its own
//   snapshot of none that runs                   deleted
//   label of no execution; label not in its index  deleted; added; what is due is not missed
//   labels that are due of no execution          deleted
//   rest of an execution that was being forgotten  forgotten
//   event past its day                           deleted
//   object of no commit, or of no execution        deleted
//   object that is missing or damaged              told only
//   rows beside the table of their week (PostgreSQL)  moved there
//   hole in the journal, row that says something else than its events, child of nobody, execution without
//   events and events without execution          told only: what is right cannot be known from here
//
// Blocking. Large tables are walked in short reads. Of executions that have ended, the newest are looked
// into.
#pragma once

#include "engine/doctor.h"
#include "engine/journal/payloads.h"
#include "infra/database/database.h"

namespace elevaite::engine {

inline constexpr std::size_t kEndedExamined = 10'000;

// Tells who waits how far an examination is, between short pieces of it.
class Watch {
 public:
  // `report` is what is told of.
  Watch(const ExaminationOptions& options, ExaminationPhase phase, const DoctorReport& report)
      : options_(options), phase_(phase), report_(report) {}
  // kCancelled: nobody wants the rest.
  Result<void> GoesOn() const;

 private:
  const ExaminationOptions& options_;
  const ExaminationPhase phase_;
  const DoctorReport& report_;
};

// Of the engine's database, and of the others in the options.
Result<void> InspectIndexes(database::Database& db, const ExaminationOptions& options, DoctorReport& report);
// `payloads`: null when there is no store of objects.
Result<void> InspectTables(database::Database& db, PayloadStore* payloads, const ExaminationOptions& options,
                           DoctorReport& report);
Result<void> InspectPayloads(database::Database& db, PayloadStore* payloads,
                             const ExaminationOptions& options, DoctorReport& report);

}  // namespace elevaite::engine

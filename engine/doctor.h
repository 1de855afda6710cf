// Doctor: checks what is on disk against the promise that nothing is ever lost or stuck.
//
// Blocking; runs beside a live engine, whose executions may move on meanwhile: what looks wrong is looked at
// again before it is told. Nothing is held open for long, so that no writer waits for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/payloads.h"
#include "engine/partition/partition.h"
#include "infra/database/database.h"

namespace elevaite::engine {

struct Finding {
  std::string execution;  // or the table, index ... that it is about
  std::string problem;    // "nothing will move this execution"
  std::string advice;
  std::string mended{};  // what was done about it; empty: nothing
};

struct DoctorReport {
  static constexpr std::size_t kFindingsMax = 1'000;

  std::uint64_t executions = 0;  // unfinished ones looked at
  std::uint64_t ended = 0;       // of those that have ended, the newest
  std::uint64_t timers = 0;
  std::uint64_t activities = 0;
  std::vector<Finding> findings;  // at most kFindingsMax

  bool Healthy() const;  // nothing found that was not mended
  bool IsFull() const { return findings.size() >= kFindingsMax; }
  void Add(Finding finding) {
    if (!IsFull()) findings.push_back(std::move(finding));
  }
};

// For every unfinished execution: its journal has no hole and can be folded, its row says what its events
// say, its program is there, and something will move it (an activity, a timer, or work that is ready).
Result<DoctorReport> Examine(Journal& journal, ProgramSource& programs);

// The same, and the tables, row against row: see engine/journal/inspection.h. `mend`: what can be mended
// without a loss is; the report says what was done. `payloads`: null when there is no store of objects.
Result<DoctorReport> ExamineAll(database::Database& db, PayloadStore* payloads, ProgramSource& programs,
                                bool mend);

}  // namespace elevaite::engine

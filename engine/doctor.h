// Doctor: checks what is on disk against the promise that nothing is ever lost or stuck.
//
// Blocking; whoever waits hears how far it is, and may end it. Runs beside a live engine, whose executions
// may move on meanwhile: what looks wrong is looked at again before it is told. Nothing is held open for
// long, so that no writer waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/payloads.h"
#include "engine/partition/partition.h"
#include "infra/database/database.h"
#include "infra/database/migrate.h"

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
  std::uint64_t indexes = 0;        // whose contents were looked at
  std::vector<Finding> findings;    // at most kFindingsMax
  std::vector<std::string> unseen;  // what could not be looked at, and why

  bool Healthy() const;  // nothing found that was not mended
  bool IsFull() const { return findings.size() >= kFindingsMax; }
  void Add(Finding finding) {
    if (!IsFull()) findings.push_back(std::move(finding));
  }
};

// For every unfinished execution: its journal has no hole and can be folded, its row says what its events
// say, its program is there, and something will move it (an activity, a timer, or work that is ready).
Result<DoctorReport> Examine(Journal& journal, ProgramSource& programs);

// What it does one after the other.
enum class ExaminationPhase : std::uint8_t { kIndexes, kTables, kPayloads, kExecutions };
const char* NameOf(ExaminationPhase phase);

// Another service's database, of which the indexes are examined.
struct OtherDatabase {
  database::Database* db;
  std::span<const database::Migration> sqlite;
  std::span<const database::Migration> postgres;
};

struct ExaminationOptions {
  bool mend = false;       // what can be mended without a loss is; the report says what was done
  std::stop_token stop{};  // then it fails with kCancelled; what has been mended stays so
  std::function<void(ExaminationPhase, const DoctorReport& so_far)> told = nullptr;  // often
  std::vector<OtherDatabase> others{};
};

// The same, and the indexes and tables, row against row: see engine/journal/inspection.h. `payloads`: null
// when there is no store of objects.
Result<DoctorReport> ExamineAll(database::Database& db, PayloadStore* payloads, ProgramSource& programs,
                                const ExaminationOptions& options);

}  // namespace elevaite::engine

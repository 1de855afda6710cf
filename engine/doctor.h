// Doctor: checks what is on disk against the promise that nothing is ever stuck.
//
// For every unfinished execution: its journal has no hole and can be folded, its program is there, and
// something will move it (an activity, a timer, or work that is ready). Blocking; runs beside a live engine,
// whose executions may move on meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/partition/partition.h"

namespace elevaite::engine {

struct Finding {
  std::string execution;
  std::string problem;  // "nothing will move this execution"
  std::string advice;
};

struct DoctorReport {
  std::uint64_t executions = 0;  // unfinished ones looked at
  std::uint64_t timers = 0;
  std::uint64_t activities = 0;
  std::vector<Finding> findings;  // at most 1000
};

Result<DoctorReport> Examine(Journal& journal, ProgramSource& programs);

}  // namespace elevaite::engine

// Play: one case of a test file, from the start of the workflow to its end, under a virtual clock and with
// mocked calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/workflow/rehearsal/mocked_calls.h"
#include "services/workflow/rehearsal/stage.h"
#include "services/workflow/rehearsal/test_file.h"

namespace elevaite::rehearsal {

struct PlayLimits {
  std::chrono::milliseconds wall_time{10'000};              // of one case
  std::int64_t virtual_us = 36'525LL * 86'400 * 1'000'000;  // 100 years
  std::size_t moves_max = 100'000;                          // of the clock
  std::uint64_t tasks_max = 200'000;                        // of one execution
};

struct Played {
  std::unique_ptr<const Stage> stage;  // with all that ran on it
  std::optional<ExecutionId> main;     // the execution that is looked at: the last that was started by itself
  std::vector<ExecutionId> starts;     // all that were not started by a task
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;
  std::vector<MadeCall> calls;
  std::string trouble;  // why it could not be played to its end; empty: it was
  std::chrono::microseconds took{0};
};

// `others`: workflows that tasks may run.
Played Play(const Case& test, std::shared_ptr<const dsl::Program> program,
            const std::vector<std::shared_ptr<const dsl::Program>>& others, const PlayLimits& limits = {});

}  // namespace elevaite::rehearsal

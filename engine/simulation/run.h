// A simulated run: a scenario played to its end, and what was found wrong with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/simulation/auditor.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/scenario.h"
#include "foundation/result.h"

namespace elevaite::simulation {

struct RunOptions {
  Mutation mutation = Mutation::kNone;
  bool keeps_trace = false;
};

// What has happened, summed up over runs to see that the faults are really met.
struct Coverage {
  std::uint64_t steps = 0;
  std::uint64_t executions = 0;
  std::uint64_t compared = 0;  // with the reference
  std::uint64_t events = 0;    // journaled
  std::uint64_t crashes = 0;
  std::uint64_t crashes_inside_steps = 0;
  std::uint64_t takeovers = 0;  // of partitions, from nodes that did not live any more
  std::uint64_t refused = 0;    // writes of such nodes
  std::uint64_t drains = 0;     // nodes that gave everything back and ended
  std::uint64_t completed = 0;
  std::uint64_t faulted = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t buried = 0;   // tasks that were given up because the process died with them
  std::uint64_t objects = 0;  // large values
  std::uint64_t forks = 0;
  std::uint64_t held = 0;    // executions that a hold has paused
  std::uint64_t losses = 0;  // attempts of workers in other processes that were not heard of any more
  std::array<std::uint64_t, kFaultKinds> faults{};  // by kind, those that came about
  void Add(const Coverage& other);
};

struct Report {
  std::optional<Violation> violation;
  std::uint64_t trace_hash = 0;
  std::vector<std::string> trace;  // when kept
  Coverage coverage;
};

// Fails when a workflow of the scenario does not compile, or could never end.
Result<Report> PlayScenario(const Scenario& scenario, const RunOptions& options = {});

}  // namespace elevaite::simulation

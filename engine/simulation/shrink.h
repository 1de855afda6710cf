// Makes a failing scenario smaller: fewer faults and executions, shorter workflows, plainer settings, as long
// as the same rule is broken.
#pragma once

#include <string>

#include "engine/simulation/auditor.h"
#include "engine/simulation/run.h"
#include "engine/simulation/scenario.h"

namespace elevaite::simulation {

// A part of `scenario` that breaks the same rule; itself when there is none.
Scenario Shrink(const Scenario& scenario, const Violation& violation, const RunOptions& options);

// For people: the workflows, the faults, and the steps up to the violation.
std::string Describe(const Scenario& scenario, const RunOptions& options);

}  // namespace elevaite::simulation

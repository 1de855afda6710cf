// What pauses of flow control mean for the executions that run already: the rules that the engine goes by.
#pragma once

#include <vector>

#include "engine/holds/holds.h"
#include "services/workflow/flow/stored_run.h"

namespace elevaite::flow {

// Those of `pauses` that hold what runs. The key of a run that goes on is what the expression gives for its
// input: the same as when it came.
engine::Holds HoldsFrom(const std::vector<Pause>& pauses);

}  // namespace elevaite::flow

// Replay: a recorded run played against another version of its workflow, and where that would differ.
#pragma once

#include <string>
#include <vector>

#include "services/workflow/rehearsal/verdict.h"

namespace elevaite::rehearsal {

// About "tasks" (the first that differs), "calls" (new, missing, or asking for something else), "status",
// "output", "error". None: it would do the same.
// `recorded`: the case that Record has made; `tasks`: Recorded::tasks.
std::vector<Failure> CompareReplay(const Case& recorded, const std::vector<std::string>& tasks,
                                   const Played& played);

}  // namespace elevaite::rehearsal

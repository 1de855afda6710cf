// The queue as people see it.
#pragma once

#include <optional>

#include "foundation/json.h"
#include "services/workflow/flow/flow_control.h"

namespace elevaite::flow {

// Which gate, since when, which place.
Json WaitsJson(const Keeper::Waits& waits);
// As an execution that has not begun: the same members as ExecutionView, with `waits_for`, which is null when
// it does not wait.
Json QueuedRunJson(const StoredRun& run, const Json& waits_for, const Json& input);
// Of a list: without input and tasks.
Json QueuedSummaryJson(const StoredRun& run, const std::optional<Keeper::Waits>& waits);
Json GateJson(const RunQueue::GateView& gate);
Json PauseJson(const Pause& pause);
Json RulesJson(const StoredRules& rules);

}  // namespace elevaite::flow

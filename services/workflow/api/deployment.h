// How a workflow is deployed, as JSON: {"schedule": {timezone, overlap, catch_up, paused, next_at,
// upcoming}}. Private to services/workflow/api.
#pragma once

#include "dsl/program.h"
#include "foundation/json.h"
#include "services/workflow/schedule/schedule_store.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

// What a request changes. kInvalidArgument says which member is wrong.
Result<ScheduleSettings> DeploymentFrom(const Json& body);

// `schedule` is that of the version that runs; null: it has none.
Json ScheduleJson(const ScheduleRow& row, const dsl::Schedule* schedule);

}  // namespace elevaite::workflow

// How a workflow is deployed, as JSON: {"webhook": {path, method, wait, url} | null, "schedule": {timezone,
// overlap, catch_up, paused, next_at, upcoming}}. Private to services/workflow/api.
#pragma once

#include <optional>

#include "dsl/program.h"
#include "foundation/json.h"
#include "services/workflow/schedule/schedule_store.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

// What a request changes; members that are absent stay as they are.
struct DeploymentChange {
  std::optional<std::optional<Webhook>> webhook;
  std::optional<ScheduleSettings> schedule;
};

// kInvalidArgument says which member is wrong.
Result<DeploymentChange> DeploymentFrom(const Json& body);

Json WebhookJson(const std::optional<Webhook>& webhook);
// `schedule` is that of the version that runs; null: it has none.
Json ScheduleJson(const ScheduleRow& row, const dsl::Schedule* schedule);

}  // namespace elevaite::workflow

// The specification's lifecycle CloudEvents, made from the journal's events: what happened to a workflow and
// its tasks, told in the form that other systems know.
//
//   io.serverlessworkflow.workflow.{started,correlation-started,correlation-completed,completed,faulted,cancelled}.v1
//   io.serverlessworkflow.task.{created,started,retried,completed,faulted,cancelled}.v1
//
// `source` is "/executions/<id>", `id` "<execution>.<number of the journal's event>[.<n>]", so the same event
// always has the same identity; `subject` is the execution's id. `data` has `name`, the instance
// ("<workflow>-<execution>.<namespace>"), for tasks `workflow` (the same) and `task` (the pointer), a time,
// the definition when it starts, the error when it faults, and `outputUri` when it completes: outputs may be
// large, so they are linked, as the newest specification has it. Source: Open Workflow Specification, dsl.md,
// "Lifecycle Events".
#pragma once

#include <string_view>
#include <vector>

#include "dsl/program.h"
#include "engine/journal/journal.h"
#include "engine/machine/event.h"
#include "foundation/json.h"

namespace elevaite::engine {

// `base_url` is what outputUri begins with: "https://elevaite.example".
std::vector<Json> LifecycleEvents(const ExecutionRecord& record, const dsl::Program& program,
                                  const Event& event, std::string_view base_url);

}  // namespace elevaite::engine

// What operators do to an execution that runs: pause and resume it, and repair one task of it.
//
// Paused, nothing begins: no task, no attempt. What is under way goes on to its end, and its result is kept;
// waits end by the clock, and events are taken. Timeouts stand still, and a wait that has one with it. A
// cancel ends the pause.
//
// A task is parked (kTaskParked) when its document says so (dsl/on_error.h), its error is caught by nothing,
// and it is a call or runs a workflow. A task that failed before it had begun (its arguments could not be
// made) pauses the execution instead, with the error in the note: resumed, it is tried again.
//
// Repairs are for tasks that have begun and not ended: tried again at once, with the request of the first
// attempt and its idempotency key; skipped, its input being its output; ended by hand, well or not. A
// workflow that a task runs keeps its id from attempt to attempt, so such a task is tried again by beginning
// it anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/machine/machine.h"

namespace elevaite::engine {

// "retry", "skip", "complete", "fail".
std::string_view NameOf(RepairAct act);
std::optional<RepairAct> RepairActFromName(std::string_view name);

// Why it cannot be done, with what can be done instead; nothing: it can. Of every parked task (kRootFrame):
// it can when it can be done to one of them.
std::optional<std::string> ObstacleTo(const dsl::Program& program, const State& state, FrameId frame,
                                      RepairAct act);

}  // namespace elevaite::engine

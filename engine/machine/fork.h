// Forking: a new execution that begins where a past one stood just before one of its tasks began, and goes on
// from there, with another input of that task if one is given. The past one stays as it is.
//
// The new one has the events of the past one up to that moment as its own, then kExecutionForked. Tasks that
// ran beside are begun again, as after a crash, under ids of the new execution; what a timer or a timeout had
// left then, it has again from the moment of the fork. Events that came since then count, as they would have
// then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/machine/machine.h"

namespace elevaite::engine {

// Whether the event, the next one of `state`, is the first of a task's run.
bool BeginsTask(const State& state, const Event& event);

// Why the past cannot go on from there, with what can be done instead; nothing: it can. `program`: of the
// version that it was on.
std::optional<std::string> ObstacleToFork(const dsl::Program& program, const State& state, const Event& began,
                                          bool has_input);

struct ForkRequest {
  Event began;                // the event of the past that the task began with, the next one of its state
  std::optional<Json> input;  // of the task, instead of its own
  std::string execution;      // the past one
  Json note;                  // {by, reason}
};

// Without an obstacle (CHECK): the one event, and what is to be set going. `state`: as it was then.
Transition Fork(State& state, const dsl::Program& program, const ForkRequest& request, std::int64_t now_us);

}  // namespace elevaite::engine

// What can be told from a frame alone. Private to engine/machine.
#pragma once

#include "dsl/program.h"
#include "engine/machine/state.h"

namespace elevaite::engine {

enum class Readiness { kReady, kWaiting };

// A frame that waits for nothing and has no running child goes on by itself; so does a fork with branches to
// start or a winner, and a listen that has read an event.
Readiness ReadinessOf(const dsl::Program& program, const Frame& frame);

// A wait that ends by the clock, also while the execution is paused. One with a timeout stands still with
// that.
bool EndsInPause(const dsl::Program& program, const Frame& frame);

const dsl::Template* ArgumentsOf(const dsl::Task& task);  // of a call; else nullptr

}  // namespace elevaite::engine

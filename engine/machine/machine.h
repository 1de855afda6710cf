// The machine: takes a program, a state and an input, and says what happens: events and effects. It reads no
// clock, does no I/O and draws no random number, so that the same inputs always give the same run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/program.h"
#include "engine/machine/event.h"
#include "engine/machine/state.h"
#include "foundation/json.h"

namespace elevaite::engine {

struct Start {
  Json input;
};
struct ActivityCompleted {
  FrameId frame;
  std::uint32_t attempt;
  Json output;
};
struct ActivityFailed {
  FrameId frame;
  std::uint32_t attempt;
  Json error;                               // the DSL's error object
  std::optional<std::int64_t> retry_in_us;  // the connector's own retry policy wants another attempt
};
struct TimerFired {
  FrameId frame;
};
struct Cancel {
  std::string reason;
};
// Goes on after a step that stopped at MachineLimits::tasks_per_step.
struct Continue {};
using Input = std::variant<Start, ActivityCompleted, ActivityFailed, TimerFired, Cancel, Continue>;

struct ScheduleActivity {
  FrameId frame;
  std::uint32_t attempt;
  std::string connector;
  Json request;
  std::string reference;  // of the task, for errors and logs
};
struct CancelActivity {
  FrameId frame;
};
struct SetTimer {
  FrameId frame;
  std::int64_t due_us;
};
struct ClearTimer {
  FrameId frame;
  std::int64_t due_us;  // as it was set
};
// Nothing is left to do; the state's phase, output and error say how it ended.
struct Finished {};
// More to do at once: feed a Continue. Others get their turn first.
struct ContinueLater {};
using Effect = std::variant<ScheduleActivity, CancelActivity, SetTimer, ClearTimer, Finished, ContinueLater>;

struct MachineLimits {
  std::uint64_t tasks_max = 2'000'000;     // of one execution: an endless loop of pure tasks ends here
  std::uint32_t tasks_per_step = 256;      // then others get their turn, as they do after
  std::size_t bytes_per_step = 4U << 20U;  // of events: these wait in memory until they are written
  // Asked between tasks; true: the step has taken long enough. The owner's, so that the machine itself reads
  // no clock. Empty: never.
  std::function<bool()> enough{};
  std::size_t value_bytes_max = 16U << 20U;  // one task's output
  jq::Budget expression{.steps_max = 20'000'000,
                        .bytes_max = 64U << 20U,
                        .outputs_max = 100'000,
                        .time_max = std::chrono::milliseconds(1'000)};
};

// What an expression can know of where it runs.
struct Surroundings {
  std::string execution_id;
  Json runtime;  // $runtime: {name, version, metadata}
};

struct Transition {
  std::vector<Event>
      events;  // empty: the input was stale (a timer of a task that has ended ...) and is dropped
  std::vector<Effect> effects;  // to be carried out after the events are on disk
};

// `random` in [0, 1) decides the jitter of a retry.
Transition Step(const dsl::Program& program, State& state, const Input& input, std::int64_t now_us,
                double random, const MachineLimits& limits, const Surroundings& surroundings);

// What must be under way for this state: after a restart these are carried out anew. Never empty for a state
// that has started and not ended: that is the invariant which `elevaite doctor` checks.
std::vector<Effect> PendingEffects(const dsl::Program& program, const State& state);

}  // namespace elevaite::engine

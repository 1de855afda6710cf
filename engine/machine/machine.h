// The machine: takes a program, a state and an input, and says what happens: events and effects. It reads no
// clock, does no I/O and draws no random number, so that the same inputs always give the same run.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
// The process that did this attempt died, and nobody knows how far it got.
struct ActivityLost {
  FrameId frame;
  std::uint32_t attempt;
};
struct TimerFired {
  FrameId frame;
};
// An event that a frame may want. One that it does not take changes nothing.
struct EventReceived {
  FrameId frame;
  std::int64_t position;  // among all events of the account: says whether it was consumed before
  Json event;             // see consumption.h
};
// Ends the execution: at `deadline_us`, or as soon as its tasks have cleaned up; see cancelling.cc. A second
// one ends it at once; the same once more, which has the same deadline, changes nothing.
struct Cancel {
  std::string reason;
  std::int64_t deadline_us = 0;  // past, as 0 is: at once
  bool by_parent = false;        // which may say so twice: the second counts only when it is for at once
};
// Goes on after a step that stopped at MachineLimits::tasks_per_step.
struct Continue {};
// From an operator; see repair.h. Notes are {by, reason}, and are written down.
struct Pause {
  Json note;
  CommandNumber command = 0;
};
struct Resume {
  Json note;
  CommandNumber command = 0;
};
enum class RepairAct : std::uint8_t { kRetry, kSkip, kComplete, kFail };
struct Repair {
  FrameId frame;  // kRootFrame: each task that is parked
  RepairAct act;
  Json value;  // kComplete: the call's output; kFail: the DSL's error object
  Json note;
  CommandNumber command = 0;
};
using Input = std::variant<Start, ActivityCompleted, ActivityFailed, ActivityLost, TimerFired, EventReceived,
                           Cancel, Continue, Pause, Resume, Repair>;

struct ScheduleActivity {
  FrameId frame;
  std::uint32_t attempt;
  std::string connector;  // "http", "run.workflow" ...
  Json request;
  std::string reference;  // of the task, for errors and logs
  ActivityBounds bounds{};
  bool hides_secrets =
      false;  // of PendingEffects: `request` is what was written down; WholeRequest gives the real one
};
// An awaited workflow is called off as well between two attempts: one that did not answer may have started
// it. One that is not awaited never is.
struct CancelActivity {
  FrameId frame;
  std::string connector;
  std::int64_t deadline_us = 0;  // of what is the engine's own: until then it may clean up. 0: at once
};
struct SetTimer {
  FrameId frame;
  std::int64_t due_us;
};
struct ClearTimer {
  FrameId frame;
  std::int64_t due_us;  // as it was set
};
// Give EventReceived to this frame for events of these types, those that came since the execution began
// included.
struct Subscribe {
  FrameId frame;
  std::vector<std::string> types;  // empty: all
};
struct Unsubscribe {
  FrameId frame;
};
// To be written together with the events of the step, and then handed to whoever listens.
struct EmitEvent {
  Json event;
};
// To be written together with the events of the step: a task is given up because its attempts were lost.
struct BuryActivity {
  FrameId frame;
  std::uint32_t attempts;  // all of them
  std::string connector;
  std::string reference;  // of the task
  Json error;             // which the task faults with
};
// Nothing is left to do; the state's phase, output and error say how it ended.
struct Finished {};
// More to do at once: feed a Continue. Others get their turn first.
struct ContinueLater {};
using Effect = std::variant<ScheduleActivity, CancelActivity, SetTimer, ClearTimer, Subscribe, Unsubscribe,
                            EmitEvent, BuryActivity, Finished, ContinueLater>;

struct MachineLimits {
  std::uint64_t tasks_max = 2'000'000;     // of one execution: an endless loop of pure tasks ends here
  std::uint32_t attempts_lost_max = 5;     // of one activity, in a row: then its task faults; below 65,536
  std::uint32_t tasks_per_step = 256;      // then others get their turn, as they do after
  std::size_t bytes_per_step = 4U << 20U;  // of events: these wait in memory until they are written
  // Asked between tasks; true: the step has taken long enough. The owner's, so that the machine itself reads
  // no clock. Empty: never.
  std::function<bool()> enough{};
  std::size_t value_bytes_max = 16U << 20U;  // one task's output
  std::uint32_t unread_events_max = 10'000;  // of a listen with foreach: events whose round has not begun
  jq::Budget expression{.steps_max = 20'000'000,
                        .bytes_max = 64U << 20U,
                        .outputs_max = 100'000,
                        .time_max = std::chrono::milliseconds(1'000)};
};

// What an expression can know of where it runs.
struct Surroundings {
  std::string execution_id;
  Json runtime;  // $runtime: {name, version, metadata}
  // The account's secret of that name; nothing: there is none. Empty: no secrets.
  std::function<std::optional<Json>(std::string_view name)> secret{};
};

struct Transition {
  std::vector<Event>
      events;  // empty: the input was stale (a timer of a task that has ended ...) and is dropped
  std::vector<Effect> effects;  // to be carried out after the events are on disk
};

// `random` in [0, 1) decides the jitter of a retry.
Transition Step(const dsl::Program& program, State& state, const Input& input, std::int64_t now_us,
                double random, const MachineLimits& limits, const Surroundings& surroundings);

// Of a `call` or `run`: what its activities are done by. "run.workflow" runs a workflow; see
// engine/activities.
std::string ConnectorOf(const dsl::Task& task);

// Running, waiting or suspended, by what the frames wait for; final phases stay. People are waited for, like
// events.
Phase CurrentPhase(const dsl::Program& program, const State& state);

// What must be under way for this state: after a restart these are carried out anew. Never empty for a state
// that has started, not ended and is not held (IsHeld): that is the invariant which `elevaite doctor` checks.
std::vector<Effect> PendingEffects(const dsl::Program& program, const State& state);

// The request of an activity that is under way, with its secrets as they are now; the DSL's error when it
// cannot be made.
std::expected<Json, Json> WholeRequest(const dsl::Program& program, const State& state, FrameId frame,
                                       const MachineLimits& limits, const Surroundings& surroundings);

}  // namespace elevaite::engine

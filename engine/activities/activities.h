// The port through which a partition has activities done: everything that leaves the engine (HTTP, a model, a
// script).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/machine/machine.h"
#include "foundation/ids.h"
#include "foundation/json.h"

namespace elevaite::engine {

// The connector that runs a workflow as a task of another; its requests are {namespace, name, version, input,
// await}.
inline constexpr std::string_view kSubflowConnector = "run.workflow";

// The connector that runs a workflow for each item of a list.
inline constexpr std::string_view kMapConnector = "flow.map";

// Done by the engine itself, which finds what it began before: a death of the process says nothing about
// these.
inline bool IsOwn(std::string_view connector) {
  return connector == kSubflowConnector || connector == kMapConnector;
}

struct ActivityTask {
  AccountId account;
  ExecutionId execution;
  FrameId frame = 0;
  std::uint32_t attempt = 1;
  std::string connector;
  Json request;
  std::string reference;  // of the task: "/do/1/fetch"
  std::string workflow;   // for logs
  std::string correlation;
  std::uint32_t depth = 0;  // of the execution: how many parents it has
  ActivityBounds bounds{};
  // Who does it calls this at each sign of life; empty: nobody listens.
  std::function<void()> beat{};
  bool resumed = false;  // an owner before has given this attempt out: a worker may have it

  // The same for every attempt at this task: what a receiver needs to do it once.
  std::string IdempotencyKey() const { return execution.ToString() + "." + std::to_string(frame); }
};

struct ActivitySuccess {
  Json output;
};
// How far an attempt that failed has come to whom it calls.
enum class Contact : std::uint8_t {
  kNone,     // nothing was sent, or nobody knows
  kTried,    // no answer
  kAnswered  // the error says what
};
struct ActivityFailure {
  Json error;                               // the DSL's error object
  std::optional<std::int64_t> retry_in_us;  // set when the connector's policy wants another attempt
  Contact contact = Contact::kNone;
  std::optional<std::int64_t> retry_after_us{};  // kAnswered: for so long it wants to be left alone
};
// Whoever did it has died, or is not heard of any more: nobody knows what has become of it.
struct AttemptLost {};
using ActivityOutcome = std::variant<ActivitySuccess, ActivityFailure, AttemptLost>;

// What the machine is told of it.
Input InputFrom(FrameId frame, std::uint32_t attempt, ActivityOutcome outcome);

class Activities {
 public:
  using Done = std::function<void(ActivityOutcome)>;

  virtual ~Activities() = default;
  // Never blocks. Calls `done` once, on any thread, unless it is cancelled first; may call it before
  // returning.
  virtual void Schedule(ActivityTask task, Done done) = 0;
  // Best effort: a result that comes all the same is dropped by the machine.
  // `deadline_us`: of what is the engine's own, see CancelActivity.
  virtual void Cancel(const ExecutionId& execution, FrameId frame, std::string_view connector,
                      std::int64_t deadline_us) = 0;
};

}  // namespace elevaite::engine

// Cancelling an execution, with a chance to clean up.
//
// A cancel is an error that goes outwards from every task that runs, and that only a `catch` handles which
// names it (kCancelledError; TryTask::catches_cancel). Its list runs as a `finally` does: when it is through,
// the cancellation goes on outwards, so that inner tries clean up before outer ones, and the execution ends
// as cancelled in any case. A catch list of such a try that runs already, for another error, is not cut
// short: it goes on as a cleanup. Workflows that a task awaits are cancelled in the same way, and have ended
// before the tries around that task have their turn.
//
// The time for all that is bounded: the root frame's deadline ends what is left. From the request on only
// what is inside a cleanup moves (InCleanup); everything else either is gone or waits for its children to go.
#include <algorithm>
#include <utility>

#include "dsl/error_types.h"
#include "engine/activities/activities.h"
#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {

void Stepper::Handle(const Cancel& input) {
  if (Ended() || state_.phase == Phase::kPending) return;
  const bool in_time = input.deadline_us > now_us_;
  // Told again, by a parent that was read back or because the answer was lost: nothing new.
  const bool is_the_same = input.by_parent || input.deadline_us == At(kRootFrame).deadline_us;
  if (state_.cancelling && in_time && is_the_same) return;
  Json reason = !input.reason.empty() ? Json(input.reason) : state_.cancelling ? *state_.cancelling : Json();
  if (state_.cancelling || !in_time || !HasToWindDown()) return EndCancelled(std::move(reason));
  ClearDeadlines(kRootFrame);
  Event requested{.type = EventType::kCancelRequested};
  requested.data = std::move(reason);
  requested.deadline_us = input.deadline_us;
  const bool was_paused = static_cast<bool>(state_.paused);
  Emit(std::move(requested));
  if (was_paused)
    SetTimersAgain();
  else
    SetDeadlines(At(kRootFrame), kRootFrame);
  WindDown();
}

bool Stepper::WantsCleanup() const {
  return std::ranges::any_of(state_.frames, [this](const auto& entry) {
    const Frame& frame = entry.second;
    if (frame.task == dsl::kNoTask) return false;
    const auto* body = std::get_if<dsl::TryTask>(&TaskOf(frame).body);
    return body && body->catches_cancel;
  });
}

// Whether anything stands between the request and the end.
bool Stepper::HasToWindDown() const {
  return WantsCleanup() || std::ranges::any_of(state_.frames, [this](const auto& entry) {
           return AwaitsChildren(entry.second);
         });
}

bool Stepper::AwaitsChildren(const Frame& frame) const {
  if (frame.task == dsl::kNoTask || frame.waiting != Frame::Waiting::kActivity) return false;
  return IsOwn(ConnectorOf(TaskOf(frame))) && IsUnderWay(frame);
}

// From the newest frame to the oldest: children have the larger ids.
void Stepper::WindDown() {
  std::vector<FrameId> frames;
  for (const auto& [id, frame] : state_.frames) frames.push_back(id);
  for (auto id = frames.rbegin(); id != frames.rend(); ++id) {
    if (*id != kRootFrame && At(*id).children == 0 && !InCleanup(program_, state_, *id)) WindDown(*id);
  }
  if (At(kRootFrame).children == 0) EndCancelled(*state_.cancelling);
}

// One frame without children: it cleans up, waits for what it has started, or is gone.
void Stepper::WindDown(FrameId id) {
  const Frame& frame = At(id);
  if (AwaitsChildren(frame)) {
    out_.effects.emplace_back(CancelActivity{id, ConnectorOf(TaskOf(frame)), At(kRootFrame).deadline_us});
    return;
  }
  if (!CleansUp(id)) return CancelFrame(id);
  Withdraw(id);
  Event caught = EventFor(EventType::kErrorCaught, RunOf(id));
  caught.data = CancelError(id);
  Emit(std::move(caught));
  Ready(id);
}

bool Stepper::CleansUp(FrameId id) {
  const Frame& frame = At(id);
  const auto* body = std::get_if<dsl::TryTask>(&TaskOf(frame).body);
  if (!body || !body->catches_cancel || frame.stage == Frame::Stage::kCatch) return false;
  return Catches(RunOf(id), *body, CancelError(id)).value_or(false);
}

Json Stepper::CancelError(FrameId id) {
  const Json& reason = *state_.cancelling;
  return WithInstance(MakeOwnError(dsl::kCancelledError, 499, "The execution is cancelled",
                                   reason.StringOr("no reason was given")),
                      TaskOf(At(id)).reference);
}

// A cleanup that is not itself part of another one.
bool Stepper::IsOutermostCleanup(FrameId id) const {
  if (!state_.cancelling || id == kRootFrame || !InCleanup(program_, state_, id)) return false;
  const auto found = state_.frames.find(id);
  return !InCleanup(program_, state_, found->second.parent);
}

// A cleanup is through. `error`: what it ended with, when it failed; the cancellation goes on all the same.
void Stepper::CleanedUp(FrameId id, const Json* error) {
  const FrameId parent = At(id).parent;
  if (error && !(*error == At(id).error)) {
    CancelChildren(id);
    Withdraw(id);
    Event faulted = EventFor(EventType::kTaskFaulted, RunOf(id));
    faulted.data = *error;
    Emit(std::move(faulted));
  } else {
    CancelChildren(id);
    CancelFrame(id);
  }
  WindDownFrom(parent);
}

// Something inside the frame has gone.
void Stepper::WindDownFrom(FrameId id) {
  while (id != kRootFrame) {
    if (At(id).children > 0) return;
    const FrameId parent = At(id).parent;
    WindDown(id);
    if (Find(id)) return;
    id = parent;
  }
  if (At(kRootFrame).children == 0) EndCancelled(*state_.cancelling);
}

// The child of a task that is no longer wanted has ended, or could not be started.
void Stepper::ChildGone(FrameId id) {
  const FrameId parent = At(id).parent;
  CancelFrame(id);
  WindDownFrom(parent);
}

void Stepper::EndCancelled(Json reason) {
  const bool cut_short = At(kRootFrame).children > 0 && WantsCleanup();
  CancelChildren(kRootFrame);
  Event cancelled{.type = EventType::kExecutionCancelled};
  cancelled.data = std::move(reason);
  cancelled.number = cut_short ? 1 : 0;
  ClearDeadlines(kRootFrame);
  Emit(std::move(cancelled));
  out_.effects.emplace_back(Finished{});
}

}  // namespace elevaite::engine

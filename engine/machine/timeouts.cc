// Timers: of waits and retries, and the timeouts of tasks, of runs of a try, and of the workflow.
#include "engine/machine/errors.h"
#include "engine/machine/readiness.h"
#include "engine/machine/stepper.h"
#include "foundation/text.h"

namespace elevaite::engine {

void Stepper::Handle(const TimerFired& input) {
  const Frame* frame = Find(input.frame);
  if (!frame) return;
  if (state_.cancelling && input.frame == kRootFrame) {
    if (frame->deadline_us <= now_us_) EndCancelled(*state_.cancelling);
    return;
  }
  if (!Moves(frame->parent)) return;  // it only waits for what cleans up inside it
  // What was waited for comes first: a wait that ends with its timeout has ended in time.
  const bool due = frame->waiting == Frame::Waiting::kTimer && frame->due_us <= now_us_;
  if (state_.paused) {
    if (due && EndsInPause(program_, *frame)) GoOn(input.frame);
    return;
  }
  const bool in_time = frame->deadline_us == 0 || frame->due_us <= frame->deadline_us;
  if (due && in_time) return GoOn(input.frame);
  if (frame->deadline_us != 0 && frame->deadline_us <= now_us_) return TimeOut(input.frame);
  if (frame->run_deadline_us != 0 && frame->run_deadline_us <= now_us_) return TimeOutRun(input.frame);
}

// The frame's own timer has fired.
void Stepper::GoOn(FrameId id) {
  const TaskRun run = RunOf(id);
  switch (run.task.kind) {
    case dsl::TaskKind::kWait: return Complete(run, run.input, run.task.then);
    case dsl::TaskKind::kCall:
    case dsl::TaskKind::kRun: return Schedule(id);
    case dsl::TaskKind::kTry: {
      Event event = EventFor(EventType::kRetryStarted, run);
      event.number = At(id).attempt;
      event.run_deadline_us = RunDeadlineOf(run);
      Emit(std::move(event));
      SetDeadlines(At(id), id);
      return Ready(id);
    }
    default: return;
  }
}

// 0: it has no timeout.
Evaluated<std::int64_t> Stepper::DeadlineOf(const TaskRun& run) {
  if (!run.task.timeout) return 0;
  auto after = evaluator_.Microseconds(*run.task.timeout, run.raw_input, ScopeFor(run));
  if (!after) return std::unexpected(std::move(after).error());
  return now_us_ + *after;
}

// As they are written down; null: it has none.
Evaluated<Json> Stepper::EvaluateBounds(const TaskRun& run) const {
  if (!run.task.bounds) return Json();
  const dsl::CallBounds& bounds = *run.task.bounds;
  std::vector<Json::Member> members;
  for (const auto& [name, bound] : {std::pair{"queued_us", &bounds.queued},
                                    {"attempt_us", &bounds.attempt},
                                    {"heartbeat_us", &bounds.heartbeat}}) {
    if (!*bound) continue;
    auto longest = evaluator_.Microseconds(**bound, run.raw_input, ScopeFor(run));
    if (!longest) return std::unexpected(std::move(longest).error());
    if (*longest > 0) members.emplace_back(name, *longest);
  }
  if (bounds.is_long)
    members.emplace_back("class", NameOf(*bounds.is_long ? WorkClass::kLong : WorkClass::kQuick));
  return members.empty() ? Json() : Json::Object(std::move(members));
}

std::int64_t Stepper::RunDeadlineOf(const TaskRun& run) const {
  const auto* body = std::get_if<dsl::TryTask>(&run.task.body);
  return body && body->retry && body->retry->attempt_us ? now_us_ + *body->retry->attempt_us : 0;
}

void Stepper::SetDeadlines(const Frame& frame, FrameId id) {
  if (frame.deadline_us != 0) out_.effects.emplace_back(SetTimer{id, frame.deadline_us});
  if (frame.run_deadline_us != 0) out_.effects.emplace_back(SetTimer{id, frame.run_deadline_us});
}

void Stepper::ClearDeadlines(FrameId id) {
  const Frame* frame = Find(id);
  if (!frame) return;
  if (frame->deadline_us != 0) out_.effects.emplace_back(ClearTimer{id, frame->deadline_us});
  ClearRunDeadline(id);
}

void Stepper::ClearRunDeadline(FrameId id) {
  const Frame& frame = At(id);
  if (frame.run_deadline_us != 0) out_.effects.emplace_back(ClearTimer{id, frame.run_deadline_us});
}

void Stepper::TimeOut(FrameId id) {
  const Frame& frame = At(id);
  const std::string after = FormatDuration(std::chrono::microseconds(frame.deadline_us - frame.started_us));
  if (id == kRootFrame) {
    CancelChildren(id);
    return FaultExecution(WithInstance(
        MakeError("timeout", "The workflow took too long", "it has not ended within " + after), "/timeout"));
  }
  Withdraw(id);
  Fault(RunOf(id), MakeError("timeout", "The task took too long", "it has not ended within " + after));
}

// One run of a try's body took longer than its retry policy allows: an error of the body, which the try may
// catch.
void Stepper::TimeOutRun(FrameId id) {
  const TaskRun run = RunOf(id);
  const auto& policy = *std::get<dsl::TryTask>(run.task.body).retry;
  CancelChildren(id);
  Json error = WithInstance(
      MakeError("timeout", "An attempt took too long",
                "it has not ended within " + FormatDuration(std::chrono::microseconds(*policy.attempt_us))),
      run.task.reference);
  if (!Catch(id, error)) Fault(run, std::move(error));
}

}  // namespace elevaite::engine

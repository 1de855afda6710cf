// The loop of a step, and what it shares: emitting events, evaluating expressions.
#include <algorithm>

#include "dsl/duration.h"
#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"
#include "foundation/utf8.h"

namespace elevaite::engine {

Transition Step(const dsl::Program& program, State& state, const Input& input, std::int64_t now_us,
                double random, const MachineLimits& limits, const Surroundings& surroundings) {
  Stepper stepper(program, state, now_us, random, limits, surroundings);
  std::visit([&stepper](const auto& one) { stepper.Handle(one); }, input);
  stepper.Run();
  return stepper.Take();
}

namespace {

enum class Readiness { kReady, kWaiting };

// A frame that waits for nothing and has no running child goes on by itself; so does a fork with branches to
// start or a winner.
Readiness ReadinessOf(const dsl::Program& program, const Frame& frame) {
  if (frame.waiting != Frame::Waiting::kNothing) return Readiness::kWaiting;
  if (frame.children == 0) return Readiness::kReady;
  if (frame.task == dsl::kNoTask) return Readiness::kWaiting;
  const auto* fork = std::get_if<dsl::ForkTask>(&program.all.at(frame.task).body);
  if (!fork) return Readiness::kWaiting;
  const bool won = fork->compete &&
                   std::ranges::any_of(frame.results, [](const auto& result) { return result.has_value(); });
  return won || frame.begun < fork->branches.size() ? Readiness::kReady : Readiness::kWaiting;
}

}  // namespace

std::vector<Effect> PendingEffects(const dsl::Program& program, const State& state) {
  std::vector<Effect> effects;
  if (IsFinal(state.phase)) return effects;
  bool ready = false;
  for (const auto& [id, frame] : state.frames) {
    if (frame.waiting == Frame::Waiting::kTimer) {
      effects.emplace_back(SetTimer{id, frame.due_us});
    } else if (frame.waiting == Frame::Waiting::kActivity) {
      const dsl::Task& task = program.all.at(frame.task);
      effects.emplace_back(ScheduleActivity{id, frame.attempt, std::get<dsl::CallTask>(task.body).function,
                                            frame.request, task.reference});
    } else if (ReadinessOf(program, frame) == Readiness::kReady) {
      ready = true;
    }
  }
  if (ready) effects.emplace_back(ContinueLater{});
  return effects;
}

void Stepper::Handle(const Start& input) {
  if (state_.phase != Phase::kPending) return;
  Event started{.type = EventType::kExecutionStarted};
  started.data = input.input;
  if (!program_.input_from) {
    Emit(std::move(started));
    Ready(kRootFrame);
    return;
  }
  const ScopeArguments scope{.program = program_, .state = state_, .surroundings = surroundings_};
  auto transformed = Evaluate(*program_.input_from, input.input, scope);
  if (transformed) started.input = *transformed;
  Emit(std::move(started));
  if (transformed) {
    Ready(kRootFrame);
  } else {
    FaultExecution(WithInstance(transformed.error(), "/input/from"));
  }
}

// A result of an attempt that is no longer awaited (cancelled, or a retry took its place) is stale.
void Stepper::Handle(const ActivityCompleted& input) {
  Frame* frame = Find(input.frame);
  if (!frame || frame->waiting != Frame::Waiting::kActivity || frame->attempt != input.attempt) return;
  const TaskRun run = RunOf(input.frame);
  Complete(run, input.output, run.task.then);
}

void Stepper::Handle(const ActivityFailed& input) {
  Frame* frame = Find(input.frame);
  if (!frame || frame->waiting != Frame::Waiting::kActivity || frame->attempt != input.attempt) return;
  const TaskRun run = RunOf(input.frame);
  if (!input.retry_in_us) {
    Fault(run, input.error);
    return;
  }
  Event failed = EventFor(EventType::kActivityFailed, run);
  failed.number = input.attempt;
  failed.data = WithInstance(input.error, run.task.reference);
  failed.due_us = now_us_ + *input.retry_in_us;
  out_.effects.emplace_back(SetTimer{input.frame, failed.due_us});
  Emit(std::move(failed));
}

void Stepper::Handle(const TimerFired& input) {
  Frame* frame = Find(input.frame);
  if (!frame || frame->waiting != Frame::Waiting::kTimer || frame->due_us > now_us_) return;
  const TaskRun run = RunOf(input.frame);
  switch (run.task.kind) {
    case dsl::TaskKind::kWait: Complete(run, run.input, run.task.then); break;
    case dsl::TaskKind::kCall: Schedule(input.frame); break;
    case dsl::TaskKind::kTry: {
      Event event = EventFor(EventType::kRetryStarted, run);
      event.number = frame->attempt;
      Emit(std::move(event));
      Ready(input.frame);
      break;
    }
    default: break;
  }
}

void Stepper::Handle(const Cancel& input) {
  if (Ended() || state_.phase == Phase::kPending) return;
  CancelChildren(kRootFrame);
  Event cancelled{.type = EventType::kExecutionCancelled};
  cancelled.data = input.reason.empty() ? Json() : Json(input.reason);
  Emit(std::move(cancelled));
  out_.effects.emplace_back(Finished{});
}

void Stepper::Handle(const Continue&) {
  for (const auto& [id, frame] : state_.frames) {
    if (ReadinessOf(program_, frame) == Readiness::kReady) Ready(id);
  }
}

void Stepper::Run() {
  while (!ready_.empty() && !Ended()) {
    if (StepIsLong()) {
      out_.effects.emplace_back(ContinueLater{});
      return;
    }
    if (state_.tasks_run >= limits_.tasks_max) {
      CancelChildren(kRootFrame);
      FaultExecution(MakeError("runtime", "Too many tasks",
                               "this execution has run " + std::to_string(state_.tasks_run) +
                                   " tasks, the limit (engine.tasks_max); is there a loop without an end?"));
      return;
    }
    const FrameId next = ready_.back();
    ready_.pop_back();
    const Frame* frame = Find(next);
    if (frame && ReadinessOf(program_, *frame) == Readiness::kReady) Advance(next);
  }
}

bool Stepper::StepIsLong() const {
  if (tasks_this_step_ >= limits_.tasks_per_step || bytes_this_step_ >= limits_.bytes_per_step) return true;
  return tasks_this_step_ > 0 && limits_.enough && limits_.enough();
}

void Stepper::Emit(Event event) {
  for (const auto* value : {&event.data, &event.input, &event.context}) {
    if (*value && bytes_this_step_ < limits_.bytes_per_step)
      bytes_this_step_ += (*value)->MemoryBytes(limits_.bytes_per_step);
  }
  event.seq = state_.seq + 1;
  event.time_us = now_us_;
  Apply(state_, program_, event);
  out_.events.push_back(std::move(event));
}

Frame* Stepper::Find(FrameId id) {
  const auto found = state_.frames.find(id);
  return found == state_.frames.end() ? nullptr : &found->second;
}

Frame& Stepper::At(FrameId id) {
  Frame* frame = Find(id);
  CHECK(frame != nullptr);
  return *frame;
}

Stepper::TaskRun Stepper::RunOf(FrameId id) {
  const Frame& frame = At(id);
  return {.task = TaskOf(frame),
          .id = id,
          .parent = frame.parent,
          .raw_input = frame.raw_input,
          .input = frame.input,
          .started_us = frame.started_us,
          .has_frame = true};
}

Event Stepper::EventFor(EventType type, const TaskRun& run) const {
  return {.type = type, .frame = run.id, .parent = run.parent, .task = run.task.index};
}

ScopeArguments Stepper::ScopeFor(const TaskRun& run) const {
  return {.program = program_,
          .state = state_,
          .surroundings = surroundings_,
          .enclosing = run.has_frame ? run.id : run.parent,
          .task = &run.task,
          .raw_input = &run.raw_input,
          .input = &run.input,
          .task_started_us = run.started_us};
}

namespace {

Json ExpressionError(const dsl::ExpressionFailure& failure) {
  // What `error(...)` raised may be as large as any value, and is kept with the execution several times.
  constexpr std::size_t kMessageMax = 2'000;
  std::string message(Utf8Prefix(failure.message, kMessageMax));
  if (message.size() < failure.message.size()) message += "...";
  return MakeError("expression", "An expression failed", message + " in ${ " + failure.expression + " }");
}

}  // namespace

Stepper::Evaluated<Json> Stepper::Evaluate(const dsl::Template& what, const Json& input,
                                           const ScopeArguments& arguments) const {
  const MachineScope scope(arguments);
  auto value =
      what.Evaluate(input, {.scope = scope, .options = {.budget = limits_.expression, .now_us = now_us_}});
  if (!value) return std::unexpected(ExpressionError(value.error()));
  // Shared parts count each time, as they will when the value is written down.
  if (value->MemoryBytes(limits_.value_bytes_max) >= limits_.value_bytes_max) {
    return std::unexpected(MakeError("runtime", "A value is too large",
                                     "the result takes more than " + std::to_string(limits_.value_bytes_max) +
                                         " bytes (engine.value_bytes_max)"));
  }
  return *std::move(value);
}

Stepper::Evaluated<bool> Stepper::Test(const dsl::Expression& what, const Json& input,
                                       const ScopeArguments& arguments) const {
  const MachineScope scope(arguments);
  auto value =
      what.Test(input, {.scope = scope, .options = {.budget = limits_.expression, .now_us = now_us_}});
  if (!value) return std::unexpected(ExpressionError(value.error()));
  return *value;
}

Stepper::Evaluated<std::int64_t> Stepper::Microseconds(const dsl::Duration& duration, const Json& input,
                                                       const ScopeArguments& arguments) const {
  if (!duration.computed) return duration.microseconds;
  auto value = Evaluate(*duration.computed, input, arguments);
  if (!value) return std::unexpected(std::move(value).error());
  auto parsed = dsl::ParseDuration(*value);
  if (!parsed) return std::unexpected(MakeError("validation", "Not a duration", parsed.error().message));
  return *parsed;
}

}  // namespace elevaite::engine

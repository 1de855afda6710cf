// The loop of a step, and what it shares.
#include "engine/machine/errors.h"
#include "engine/machine/readiness.h"
#include "engine/machine/scrub.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {

Transition Step(const dsl::Program& program, State& state, const Input& input, std::int64_t now_us,
                double random, const MachineLimits& limits, const Surroundings& surroundings) {
  Stepper stepper(program, state, now_us, random, limits, surroundings);
  std::visit([&stepper](const auto& one) { stepper.Handle(one); }, input);
  stepper.Run();
  return stepper.Take();
}

void Stepper::Handle(const Start& input) {
  if (state_.phase != Phase::kPending) return;
  const ScopeArguments scope{.program = program_, .state = state_, .surroundings = surroundings_};
  Event started{.type = EventType::kExecutionStarted};
  started.data = input.input;
  std::optional<Json> refused;
  if (auto fits = evaluator_.Check(program_.input_schema, input.input, "the workflow's input"); !fits) {
    refused = WithInstance(std::move(fits).error(), "/input/schema");
  } else if (program_.input_from) {
    auto transformed = evaluator_.Evaluate(*program_.input_from, input.input, scope);
    if (transformed)
      started.input = *std::move(transformed);
    else
      refused = WithInstance(std::move(transformed).error(), "/input/from");
  }
  if (program_.timeout && !refused) {
    auto after = evaluator_.Microseconds(*program_.timeout, input.input, scope);
    if (after)
      started.deadline_us = now_us_ + *after;
    else
      refused = WithInstance(std::move(after).error(), "/timeout");
  }
  Emit(std::move(started));
  if (refused) return FaultExecution(*std::move(refused));
  SetDeadlines(At(kRootFrame), kRootFrame);
  Ready(kRootFrame);
}

// A result of an attempt that is no longer awaited (cancelled, or a retry took its place) is stale.
void Stepper::Handle(const ActivityCompleted& input) {
  Frame* frame = Find(input.frame);
  if (!frame || frame->waiting != Frame::Waiting::kActivity || frame->attempt != input.attempt) return;
  if (!Moves(input.frame)) return ChildGone(input.frame);
  const TaskRun run = RunOf(input.frame);
  const auto* subflow = std::get_if<dsl::RunTask>(&run.task.body);
  Complete(run, subflow && !subflow->await ? run.input : WithoutSecrets(run.task, input.output),
           run.task.then);
}

// What comes back from a call that was given secrets may quote them.
Json Stepper::WithoutSecrets(const dsl::Task& task, const Json& value) const {
  const dsl::Template* arguments = ArgumentsOf(task);
  if (!arguments || !arguments->HoldsSecrets() || !surroundings_.secret) return value;
  std::vector<Json> secrets;
  for (const std::string& name : program_.secrets) {
    if (auto secret = surroundings_.secret(name)) secrets.push_back(*std::move(secret));
  }
  return Scrubbed(value, secrets);
}

void Stepper::Handle(const ActivityFailed& input) {
  Frame* frame = Find(input.frame);
  if (!frame || frame->waiting != Frame::Waiting::kActivity || frame->attempt != input.attempt) return;
  if (!Moves(input.frame)) return ChildGone(input.frame);
  const TaskRun run = RunOf(input.frame);
  const Json error = WithoutSecrets(run.task, input.error);
  if (!input.retry_in_us) return Fault(run, error);
  Event failed = EventFor(EventType::kActivityFailed, run);
  failed.number = input.attempt;
  failed.data = WithInstance(error, run.task.reference);
  failed.due_us = now_us_ + *input.retry_in_us;
  out_.effects.emplace_back(SetTimer{input.frame, failed.due_us});
  Emit(std::move(failed));
}

void Stepper::Handle(const Continue&) {
  for (const auto& [id, frame] : state_.frames) {
    if (ReadinessOf(program_, frame) == Readiness::kReady) Ready(id);
  }
}

void Stepper::Run() {
  while (!ready_.empty() && !Ended() && !state_.paused) {
    if (StepIsLong()) {
      out_.effects.emplace_back(ContinueLater{});
      return;
    }
    if (state_.tasks_run >= limits_.tasks_max) {
      if (state_.cancelling) return EndCancelled(*state_.cancelling);
      CancelChildren(kRootFrame);
      FaultExecution(MakeError("runtime", "Too many tasks",
                               "this execution has run " + std::to_string(state_.tasks_run) +
                                   " tasks, the limit (engine.tasks_max); is there a loop without an end?"));
      return;
    }
    const FrameId next = ready_.back();
    ready_.pop_back();
    const Frame* frame = Find(next);
    if (frame && Moves(next) && ReadinessOf(program_, *frame) == Readiness::kReady) Advance(next);
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

const Frame& Stepper::At(FrameId id) const {
  const auto found = state_.frames.find(id);
  CHECK(found != state_.frames.end());
  return found->second;
}

Stepper::TaskRun Stepper::RunOf(FrameId id) const {
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

}  // namespace elevaite::engine

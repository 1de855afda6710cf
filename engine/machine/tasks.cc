// What each kind of task does when its turn comes, and how a task ends well.
#include <algorithm>

#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"
#include "foundation/utf8.h"

namespace elevaite::engine {

void Stepper::RunTask(FrameId parent_id, dsl::TaskIndex index) {
  ++tasks_this_step_;
  const dsl::Task& task = program_.all.at(index);
  const Frame& parent = At(parent_id);
  const bool in_fork = parent.task != dsl::kNoTask && TaskOf(parent).kind == dsl::TaskKind::kFork;
  TaskRun run{.task = task,
              .id = NewFrameId(),
              .parent = parent_id,
              .raw_input = in_fork ? parent.input : parent.data,
              .input = Json(),
              .started_us = now_us_};
  run.input = run.raw_input;
  if (task.condition) {
    auto wanted = Test(*task.condition, run.raw_input, ScopeFor(run));
    if (!wanted) return Fault(run, std::move(wanted).error());
    if (!*wanted) {
      Event skipped = EventFor(EventType::kTaskSkipped, run);
      skipped.next = task.position + 1;
      Emit(std::move(skipped));
      return Ready(parent_id);
    }
  }
  if (task.input_from) {
    auto input = Evaluate(*task.input_from, run.raw_input, ScopeFor(run));
    if (!input) return Fault(run, std::move(input).error());
    run.input = *std::move(input);
  }
  Begin(run);
}

void Stepper::Begin(TaskRun& run) {
  const auto& body = run.task.body;
  switch (run.task.kind) {
    case dsl::TaskKind::kSet: return RunSet(run, std::get<dsl::SetTask>(body));
    case dsl::TaskKind::kSwitch: return RunSwitch(run, std::get<dsl::SwitchTask>(body));
    case dsl::TaskKind::kRaise: return RunRaise(run, std::get<dsl::RaiseTask>(body));
    case dsl::TaskKind::kDo:
    case dsl::TaskKind::kFork:
    case dsl::TaskKind::kTry: BeginComposite(run); return Ready(run.id);
    case dsl::TaskKind::kFor: return BeginFor(run, std::get<dsl::ForTask>(body));
    case dsl::TaskKind::kWait: return BeginWait(run, std::get<dsl::WaitTask>(body));
    case dsl::TaskKind::kCall: return BeginCall(run, std::get<dsl::CallTask>(body));
    case dsl::TaskKind::kEmit:
    case dsl::TaskKind::kListen:
    case dsl::TaskKind::kRun:
    case dsl::TaskKind::kFunction:
    case dsl::TaskKind::kExtended:
      return Fault(run, MakeError("configuration", "Not executed", "this server does not execute such tasks"));
  }
}

void Stepper::BeginComposite(TaskRun& run, Json data, bool has_data) {
  Event started = EventFor(EventType::kTaskStarted, run);
  if (!run.input.SameAs(run.raw_input)) started.input = run.input;
  if (has_data) started.data = std::move(data);
  Emit(std::move(started));
  run.has_frame = true;
}

void Stepper::BeginFor(TaskRun& run, const dsl::ForTask& body) {
  auto items = Evaluate(body.in, run.input, ScopeFor(run));
  if (!items) return Fault(run, std::move(items).error());
  if (!items->IsArray()) {
    return Fault(
        run, MakeError("expression", "Not a list",
                       "`for.in` must give an array; it gave " + std::string(Utf8Prefix(items->Dump(), 80))));
  }
  BeginComposite(run, *std::move(items), true);
  NextRound(run.id, body, 0);
}

void Stepper::BeginWait(TaskRun& run, const dsl::WaitTask& body) {
  auto duration = Microseconds(body.duration, run.input, ScopeFor(run));
  if (!duration) return Fault(run, std::move(duration).error());
  Event started = EventFor(EventType::kTaskStarted, run);
  if (!run.input.SameAs(run.raw_input)) started.input = run.input;
  started.due_us = now_us_ + *duration;
  out_.effects.emplace_back(SetTimer{run.id, started.due_us});
  Emit(std::move(started));
}

void Stepper::BeginCall(TaskRun& run, const dsl::CallTask& body) {
  auto request = Evaluate(body.arguments, run.input, ScopeFor(run));
  if (!request) return Fault(run, std::move(request).error());
  BeginComposite(run);
  Event scheduled = EventFor(EventType::kActivityScheduled, run);
  scheduled.number = 1;
  scheduled.data = *request;
  Emit(std::move(scheduled));
  out_.effects.emplace_back(
      ScheduleActivity{run.id, 1, body.function, *std::move(request), run.task.reference});
}

// Another attempt of a call, with the request of the first.
void Stepper::Schedule(FrameId id) {
  const TaskRun run = RunOf(id);
  Event scheduled = EventFor(EventType::kActivityScheduled, run);
  scheduled.number = At(id).attempt + 1;
  const std::uint32_t attempt = scheduled.number;
  Emit(std::move(scheduled));
  out_.effects.emplace_back(ScheduleActivity{id, attempt, std::get<dsl::CallTask>(run.task.body).function,
                                             At(id).request, run.task.reference});
}

void Stepper::RunSet(TaskRun& run, const dsl::SetTask& body) {
  auto value = Evaluate(body.value, run.input, ScopeFor(run));
  if (!value) return Fault(run, std::move(value).error());
  Complete(run, *std::move(value), run.task.then);
}

void Stepper::RunSwitch(TaskRun& run, const dsl::SwitchTask& body) {
  std::uint32_t otherwise = 0;
  for (std::uint32_t i = 0; i < body.cases.size(); ++i) {
    const dsl::SwitchTask::Case& one = body.cases[i];
    if (!one.when) {
      if (otherwise == 0) otherwise = i + 1;
      continue;
    }
    auto matches = Test(*one.when, run.input, ScopeFor(run));
    if (!matches) return Fault(run, std::move(matches).error());
    if (*matches) return Complete(run, run.input, one.then, i + 1);
  }
  if (otherwise != 0) return Complete(run, run.input, body.cases[otherwise - 1].then, otherwise);
  Complete(run, run.input, run.task.then);
}

void Stepper::RunRaise(TaskRun& run, const dsl::RaiseTask& body) {
  auto error = Evaluate(body.error, run.input, ScopeFor(run));
  Fault(run, error ? *std::move(error) : std::move(error).error());
}

void Stepper::Complete(const TaskRun& run, Json raw_output, dsl::Flow flow, std::uint32_t choice) {
  ScopeArguments scope = ScopeFor(run);
  Json output = std::move(raw_output);
  if (run.task.output_as) {
    const Json raw = output;
    scope.output = &raw;
    auto transformed = Evaluate(*run.task.output_as, raw, scope);
    if (!transformed) return Fault(run, std::move(transformed).error());
    output = *std::move(transformed);
  }
  Event completed = EventFor(EventType::kTaskCompleted, run);
  const std::optional<Json> joined = Joined(run);
  if (joined) scope.context = &*joined;
  completed.context = joined;
  if (run.task.export_as) {
    scope.output = &output;
    auto context = Evaluate(*run.task.export_as, output, scope);
    if (!context) return Fault(run, std::move(context).error());
    completed.context = *std::move(context);
  }
  if (!output.SameAs(run.raw_input)) completed.data = output;
  if (!run.has_frame && !run.input.SameAs(run.raw_input)) completed.input = run.input;
  completed.number = choice;
  switch (flow.kind) {
    case dsl::Flow::Kind::kContinue: completed.next = run.task.position + 1; break;
    case dsl::Flow::Kind::kTask: completed.next = flow.position; break;
    case dsl::Flow::Kind::kExit:
    case dsl::Flow::Kind::kEnd: completed.next = kEndOfList; break;
  }
  Emit(std::move(completed));
  if (flow.kind == dsl::Flow::Kind::kEnd) {
    EndWorkflowFrom(run.parent, output);
  } else {
    Ready(run.parent);
  }
}

// $context after the fork that ends here; nothing when no branch has written one, or this is no fork.
std::optional<Json> Stepper::Joined(const TaskRun& run) {
  const auto* fork = std::get_if<dsl::ForkTask>(&run.task.body);
  if (!fork || !run.has_frame) return std::nullopt;
  const Frame& frame = At(run.id);
  if (std::ranges::none_of(frame.contexts, [](const auto& copy) { return copy.has_value(); }))
    return std::nullopt;
  std::optional<std::size_t> winner;
  for (std::size_t i = 0; fork->compete && !winner && i < frame.results.size(); ++i) {
    if (frame.results[i]) winner = i;
  }
  return JoinContexts(ContextIn(program_, state_, run.id), frame, winner);
}

// `then: end`: every task around it is done with this output as it is, and whatever ran beside it is
// cancelled.
void Stepper::EndWorkflowFrom(FrameId parent, const Json& output) {
  FrameId id = parent;
  while (id != kRootFrame) {
    CancelChildren(id);
    const TaskRun run = RunOf(id);
    Event completed = EventFor(EventType::kTaskCompleted, run);
    if (!output.SameAs(run.raw_input)) completed.data = output;
    completed.next = kEndOfList;
    Emit(std::move(completed));
    id = run.parent;
  }
  Ready(kRootFrame);
}

}  // namespace elevaite::engine

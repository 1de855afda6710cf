// What each kind of task does when its turn comes, and how a task ends well.
#include <algorithm>

#include "engine/machine/cloud_event.h"
#include "engine/machine/errors.h"
#include "engine/machine/readiness.h"
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
    auto wanted = evaluator_.Test(*task.condition, run.raw_input, ScopeFor(run));
    if (!wanted) return Fault(run, std::move(wanted).error());
    if (!*wanted) {
      Event skipped = EventFor(EventType::kTaskSkipped, run);
      skipped.next = NextAfterSkip(run);
      Emit(std::move(skipped));
      return Ready(parent_id);
    }
  }
  auto prepared = Prepare(run);
  if (!prepared) return Fault(run, std::move(prepared).error());
  Begin(run);
}

// Checks the raw input and makes the task's own of it.
Evaluated<void> Stepper::Prepare(TaskRun& run) {
  auto fits = evaluator_.Check(run.task.input_schema, run.raw_input, "the task's input");
  if (!fits || !run.task.input_from) return fits;
  auto input = evaluator_.Evaluate(*run.task.input_from, run.raw_input, ScopeFor(run));
  if (!input) return std::unexpected(std::move(input).error());
  run.input = *std::move(input);
  return {};
}

void Stepper::Begin(TaskRun& run) {
  const auto& body = run.task.body;
  switch (run.task.kind) {
    case dsl::TaskKind::kSet: return RunSet(run, std::get<dsl::SetTask>(body));
    case dsl::TaskKind::kSwitch: return RunSwitch(run, std::get<dsl::SwitchTask>(body));
    case dsl::TaskKind::kRaise: return RunRaise(run, std::get<dsl::RaiseTask>(body));
    case dsl::TaskKind::kEmit: return RunEmit(run, std::get<dsl::EmitTask>(body));
    case dsl::TaskKind::kDo:
    case dsl::TaskKind::kFork:
    case dsl::TaskKind::kTry:
      if (BeginComposite(run)) Ready(run.id);
      return;
    case dsl::TaskKind::kFor: return BeginFor(run, std::get<dsl::ForTask>(body));
    case dsl::TaskKind::kWait: return BeginWait(run, std::get<dsl::WaitTask>(body));
    case dsl::TaskKind::kCall:
    case dsl::TaskKind::kRun:
      if (const auto* workflow = std::get_if<dsl::RunTask>(&body)) return BeginSubflow(run, *workflow);
      return BeginCall(run, std::get<dsl::CallTask>(body));
    case dsl::TaskKind::kListen: return BeginListen(run, std::get<dsl::ListenTask>(body));
    case dsl::TaskKind::kFunction: return BeginFunction(run, std::get<dsl::FunctionTask>(body));
    case dsl::TaskKind::kExtended: return BeginExtended(run, std::get<dsl::ExtendedTask>(body));
  }
}

bool Stepper::EmitStarted(TaskRun& run, Event started) {
  auto deadline = DeadlineOf(run);
  if (!deadline) {
    Fault(run, std::move(deadline).error());
    return false;
  }
  started.deadline_us = *deadline;
  started.run_deadline_us = RunDeadlineOf(run);
  if (!run.input.SameAs(run.raw_input)) started.input = run.input;
  Emit(std::move(started));
  run.has_frame = true;
  SetDeadlines(At(run.id), run.id);
  return true;
}

bool Stepper::BeginComposite(TaskRun& run, std::optional<Json> data) {
  Event started = EventFor(EventType::kTaskStarted, run);
  started.data = std::move(data);
  return EmitStarted(run, std::move(started));
}

void Stepper::BeginFor(TaskRun& run, const dsl::ForTask& body) {
  auto items = evaluator_.Evaluate(body.in, run.input, ScopeFor(run));
  if (!items) return Fault(run, std::move(items).error());
  if (!items->IsArray()) {
    return Fault(
        run, MakeError("expression", "Not a list",
                       "`for.in` must give an array; it gave " + std::string(Utf8Prefix(items->Dump(), 80))));
  }
  if (BeginComposite(run, *std::move(items))) NextRound(run.id, body, 0);
}

void Stepper::BeginWait(TaskRun& run, const dsl::WaitTask& body) {
  auto duration = evaluator_.Microseconds(body.duration, run.input, ScopeFor(run));
  if (!duration) return Fault(run, std::move(duration).error());
  Event started = EventFor(EventType::kTaskStarted, run);
  started.due_us = now_us_ + *duration;
  const std::int64_t due_us = started.due_us;
  if (EmitStarted(run, std::move(started))) out_.effects.emplace_back(SetTimer{run.id, due_us});
}

void Stepper::BeginCall(TaskRun& run, const dsl::CallTask& call) {
  const dsl::Template& arguments = call.arguments;
  auto request = evaluator_.Evaluate(arguments, run.input, ScopeFor(run));
  if (!request) return Fault(run, std::move(request).error());
  auto bounds = EvaluateBounds(run);
  if (!bounds) return Fault(run, std::move(bounds).error());
  Evaluated<Json> visible = *request;
  if (arguments.HoldsSecrets()) visible = evaluator_.EvaluateVisible(arguments, run.input, ScopeFor(run));
  if (!visible) return Fault(run, std::move(visible).error());
  ScheduleFirst(run, call.function, *std::move(request), *std::move(visible), *std::move(bounds));
}

void Stepper::BeginSubflow(TaskRun& run, const dsl::RunTask& body) {
  Json input = run.input;
  if (body.has_input) {
    auto given = evaluator_.Evaluate(body.input, run.input, ScopeFor(run));
    if (!given) return Fault(run, std::move(given).error());
    input = *std::move(given);
  }
  Json request = Json::Object({{"namespace", body.name_space},
                               {"name", body.name},
                               {"version", body.version},
                               {"input", std::move(input)},
                               {"await", body.await}});
  ScheduleFirst(run, ConnectorOf(run.task), request, request, {});
}

// `visible` is what is written down; `request` what the connector gets.
void Stepper::ScheduleFirst(TaskRun& run, std::string connector, Json request, Json visible, Json bounds) {
  if (!BeginComposite(run)) return;
  Event scheduled = EventFor(EventType::kActivityScheduled, run);
  scheduled.number = 1;
  scheduled.data = std::move(visible);
  if (bounds.IsObject()) scheduled.input = std::move(bounds);
  Emit(std::move(scheduled));
  out_.effects.emplace_back(ScheduleActivity{.frame = run.id,
                                             .attempt = 1,
                                             .connector = std::move(connector),
                                             .request = std::move(request),
                                             .reference = run.task.reference,
                                             .bounds = BoundsOf(At(run.id))});
}

// Another attempt, with the request of the first.
void Stepper::Schedule(FrameId id) {
  const TaskRun run = RunOf(id);
  auto request = WholeRequest(program_, state_, id, limits_, surroundings_);
  if (!request) return Fault(run, std::move(request).error());
  Event scheduled = EventFor(EventType::kActivityScheduled, run);
  scheduled.number = At(id).attempt + 1;
  const std::uint32_t attempt = scheduled.number;
  Emit(std::move(scheduled));
  out_.effects.emplace_back(ScheduleActivity{.frame = id,
                                             .attempt = attempt,
                                             .connector = ConnectorOf(run.task),
                                             .request = *std::move(request),
                                             .reference = run.task.reference,
                                             .bounds = BoundsOf(At(id))});
}

void Stepper::BeginFunction(TaskRun& run, const dsl::FunctionTask& body) {
  auto arguments = evaluator_.Evaluate(body.arguments, run.input, ScopeFor(run));
  if (!arguments) return Fault(run, std::move(arguments).error());
  if (BeginComposite(run, *std::move(arguments))) Ready(run.id);
}

void Stepper::RunSet(TaskRun& run, const dsl::SetTask& body) {
  auto value = evaluator_.Evaluate(body.value, run.input, ScopeFor(run));
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
    auto matches = evaluator_.Test(*one.when, run.input, ScopeFor(run));
    if (!matches) return Fault(run, std::move(matches).error());
    if (*matches) return Complete(run, run.input, one.then, i + 1);
  }
  if (otherwise != 0) return Complete(run, run.input, body.cases[otherwise - 1].then, otherwise);
  Complete(run, run.input, run.task.then);
}

void Stepper::RunRaise(TaskRun& run, const dsl::RaiseTask& body) {
  auto error = evaluator_.Evaluate(body.error, run.input, ScopeFor(run));
  Fault(run, error ? *std::move(error) : std::move(error).error());
}

void Stepper::RunEmit(TaskRun& run, const dsl::EmitTask& body) {
  auto attributes = evaluator_.Evaluate(body.event, run.input, ScopeFor(run));
  if (!attributes) return Fault(run, std::move(attributes).error());
  auto event = CloudEventOf(*attributes, {.id = surroundings_.execution_id + "." + std::to_string(run.id),
                                          .source = "/workflows/" + program_.name_space + "." + program_.name,
                                          .time_us = now_us_});
  if (!event) return Fault(run, MakeError("validation", "Not an event", event.error().message));
  out_.effects.emplace_back(EmitEvent{*event});
  Complete(run, *std::move(event), run.task.then);
}

void Stepper::Complete(const TaskRun& run, Json raw_output, dsl::Flow flow, std::uint32_t choice) {
  ScopeArguments scope = ScopeFor(run);
  Json output = std::move(raw_output);
  if (run.task.output_as) {
    const Json raw = output;
    scope.output = &raw;
    auto transformed = evaluator_.Evaluate(*run.task.output_as, raw, scope);
    if (!transformed) return Fault(run, std::move(transformed).error());
    output = *std::move(transformed);
  }
  if (auto fits = evaluator_.Check(run.task.output_schema, output, "the task's output"); !fits)
    return Fault(run, std::move(fits).error());
  Event completed = EventFor(EventType::kTaskCompleted, run);
  const std::optional<Json> joined = Joined(run);
  if (joined) scope.context = &*joined;
  completed.context = joined;
  if (run.task.export_as) {
    scope.output = &output;
    auto context = evaluator_.Evaluate(*run.task.export_as, output, scope);
    if (!context) return Fault(run, std::move(context).error());
    completed.context = *std::move(context);
  }
  if (run.task.export_schema) {
    const Json& context = completed.context ? *completed.context : ContextIn(program_, state_, run.parent);
    auto fits = evaluator_.Check(run.task.export_schema, context, "$context");
    if (!fits) return Fault(run, std::move(fits).error());
  }
  if (!output.SameAs(run.raw_input)) completed.data = output;
  if (!run.has_frame && !run.input.SameAs(run.raw_input)) completed.input = run.input;
  completed.number = choice;
  completed.next = NextInParent(run, flow);
  ClearDeadlines(run.id);
  Emit(std::move(completed));
  if (flow.kind == dsl::Flow::Kind::kEnd) {
    EndWorkflowFrom(run.parent, output);
  } else {
    Ready(run.parent);
  }
}

// Whether the frame is of extensions that are at their task.
bool Stepper::IsExtending(FrameId id) {
  const Frame& frame = At(id);
  if (frame.task == dsl::kNoTask || TaskOf(frame).kind != dsl::TaskKind::kExtended) return false;
  const auto stage = static_cast<ExtendedStage>(frame.index);
  return stage == ExtendedStage::kTask || stage == ExtendedStage::kTaskAlone;
}

// A task that is skipped goes on with the next of its list, whatever its `then`: with extensions around it,
// of theirs.
std::uint32_t Stepper::NextAfterSkip(const TaskRun& run) {
  if (!IsExtending(run.parent)) return run.task.position + 1;
  FrameId outermost = run.parent;
  while (IsExtending(At(outermost).parent)) outermost = At(outermost).parent;
  return JumpCode(TaskOf(At(outermost)).position + 1);
}

// Where the list goes on. A task with extensions around it stands in a list of its own: a jump is handed on
// to them.
std::uint32_t Stepper::NextInParent(const TaskRun& run, dsl::Flow flow) {
  switch (flow.kind) {
    case dsl::Flow::Kind::kContinue: return run.task.position + 1;
    case dsl::Flow::Kind::kTask: return IsExtending(run.parent) ? JumpCode(flow.position) : flow.position;
    case dsl::Flow::Kind::kExit:
    case dsl::Flow::Kind::kEnd: break;
  }
  return kEndOfList;
}

// $context after the fork that ends here; nothing when no branch has written one, or this is no fork.
std::optional<Json> Stepper::Joined(const TaskRun& run) {
  const auto* fork = std::get_if<dsl::ForkTask>(&run.task.body);
  if (!fork || !run.has_frame) return std::nullopt;
  const Frame& frame = At(run.id);
  const auto branches = BranchesOf(frame);
  if (std::ranges::none_of(branches, [](const auto& branch) { return branch.context.has_value(); }))
    return std::nullopt;
  std::optional<std::size_t> winner;
  for (std::size_t i = 0; fork->compete && !winner && i < branches.size(); ++i) {
    if (branches[i].output) winner = i;
  }
  return JoinContexts(ContextIn(program_, state_, run.id), frame, winner);
}

// `then: end`: every task around it is done with this output as it is, and whatever ran beside it is
// cancelled.
void Stepper::EndWorkflowFrom(FrameId parent, const Json& output) {
  FrameId id = parent;
  while (id != kRootFrame) {
    if (IsOutermostCleanup(id)) return CleanedUp(id);
    CancelChildren(id);
    Withdraw(id);
    const TaskRun run = RunOf(id);
    Event completed = EventFor(EventType::kTaskCompleted, run);
    if (!output.SameAs(run.raw_input)) completed.data = output;
    completed.context = Joined(run);
    completed.next = kEndOfList;
    Emit(std::move(completed));
    id = run.parent;
  }
  Ready(kRootFrame);
}

}  // namespace elevaite::engine

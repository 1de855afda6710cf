// Lists, loops, forks and extensions: what goes on when a frame's turn comes.
#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {

void Stepper::Advance(FrameId id) {
  if (id == kRootFrame) return AdvanceList(id, program_.tasks);
  const Frame& frame = At(id);
  const auto& body = TaskOf(frame).body;
  if (const auto* list = std::get_if<dsl::DoTask>(&body)) return AdvanceList(id, list->tasks);
  if (const auto* loop = std::get_if<dsl::ForTask>(&body)) return AdvanceList(id, loop->tasks);
  if (const auto* fork = std::get_if<dsl::ForkTask>(&body)) return AdvanceFork(id, *fork);
  if (const auto* attempt = std::get_if<dsl::TryTask>(&body)) {
    return AdvanceList(id, frame.stage == Frame::Stage::kCatch ? attempt->catch_tasks : attempt->tasks);
  }
  if (const auto* function = std::get_if<dsl::FunctionTask>(&body)) return AdvanceList(id, function->tasks);
  if (const auto* listen = std::get_if<dsl::ListenTask>(&body)) return AdvanceListen(id, *listen);
  if (const auto* extended = std::get_if<dsl::ExtendedTask>(&body)) {
    const auto stage = static_cast<ExtendedStage>(frame.index);
    if (stage == ExtendedStage::kBefore) return AdvanceList(id, extended->before);
    return AdvanceList(id, stage == ExtendedStage::kAfter ? extended->after : extended->tasks);
  }
}

void Stepper::AdvanceList(FrameId id, const dsl::TaskList& tasks) {
  const std::uint32_t position = At(id).position;
  if (position < tasks.size()) return RunTask(id, tasks[position]);
  ListDone(id);
}

void Stepper::ListDone(FrameId id) {
  if (id == kRootFrame) return CompleteExecution();
  const TaskRun run = RunOf(id);
  const Frame& frame = At(id);
  if (const auto* loop = std::get_if<dsl::ForTask>(&run.task.body))
    return NextRound(id, *loop, frame.index + 1);
  if (const auto* listen = std::get_if<dsl::ListenTask>(&run.task.body)) return RoundDone(id, *listen->each);
  if (const auto* extended = std::get_if<dsl::ExtendedTask>(&run.task.body)) return StageDone(id, *extended);
  if (IsOutermostCleanup(id)) return CleanedUp(id);
  const auto* attempt = std::get_if<dsl::TryTask>(&run.task.body);
  const bool caught = attempt && frame.stage == Frame::Stage::kCatch;
  const bool redirected = caught && attempt->catch_then.kind != dsl::Flow::Kind::kContinue;
  Complete(run, frame.data, redirected ? attempt->catch_then : run.task.then);
}

// Begins the round if there is an item for it and `while` holds; the output of a round is the input of the
// next.
void Stepper::NextRound(FrameId id, const dsl::ForTask& loop, std::uint32_t index) {
  const TaskRun run = RunOf(id);
  Frame& frame = At(id);
  if (index >= frame.items.Size()) return Complete(run, frame.data, run.task.then);
  if (loop.while_condition) {
    const std::uint32_t before =
        std::exchange(frame.index, index);  // the condition sees the round it decides on
    auto holds = evaluator_.Test(*loop.while_condition, frame.data, ScopeFor(run));
    frame.index = before;
    if (!holds) return Fault(run, std::move(holds).error());
    if (!*holds) return Complete(run, frame.data, run.task.then);
  }
  ++tasks_this_step_;
  Event advanced = EventFor(EventType::kLoopAdvanced, run);
  advanced.number = index;
  Emit(std::move(advanced));
  Ready(id);
}

void Stepper::AdvanceFork(FrameId id, const dsl::ForkTask& fork) {
  const Frame& frame = At(id);
  std::size_t done = 0;
  const Json* first = nullptr;
  for (const Frame::Branch& branch : BranchesOf(frame)) {
    if (!branch.output) continue;
    ++done;
    if (!first) first = &*branch.output;
  }
  if (fork.compete && first) {
    Json winner = *first;
    CancelChildren(id);
    const TaskRun run = RunOf(id);
    return Complete(run, std::move(winner), run.task.then);
  }
  if (frame.begun < fork.branches.size()) {
    Ready(id);  // the branch begun now goes first; then the next one begins
    return RunTask(id, fork.branches[frame.begun]);
  }
  if (frame.children > 0) return;
  const TaskRun run = RunOf(id);
  if (done == fork.branches.size()) {
    std::vector<Json> outputs;
    outputs.reserve(done);
    for (const Frame::Branch& branch : BranchesOf(frame)) outputs.push_back(*branch.output);
    return Complete(run, Json::Array(std::move(outputs)), run.task.then);
  }
  Fault(run, frame.error);  // compete: no branch is left that could win
}

void Stepper::BeginExtended(TaskRun& run, const dsl::ExtendedTask& body) {
  bool applies = true;
  if (body.when) {
    auto holds = evaluator_.Test(*body.when, run.raw_input, ScopeFor(run));
    if (!holds) return Fault(run, std::move(holds).error());
    applies = *holds;
  }
  if (!BeginComposite(run)) return;
  if (!applies) return EnterStage(run.id, ExtendedStage::kTaskAlone);
  EnterStage(run.id, body.before.empty() ? ExtendedStage::kTask : ExtendedStage::kBefore);
}

void Stepper::EnterStage(FrameId id, ExtendedStage stage) {
  Event entered = EventFor(EventType::kLoopAdvanced, RunOf(id));
  entered.number = static_cast<std::uint32_t>(stage);
  Emit(std::move(entered));
  Ready(id);
}

void Stepper::StageDone(FrameId id, const dsl::ExtendedTask& body) {
  const TaskRun run = RunOf(id);
  const Frame& frame = At(id);
  const auto lead_on = [&](std::uint32_t code) {
    if (code == kGoOn) return run.task.then;
    if (code == kEndOfList) return dsl::Flow{.kind = dsl::Flow::Kind::kExit};
    return dsl::Flow{.kind = dsl::Flow::Kind::kTask, .position = code - JumpCode(0)};
  };
  switch (static_cast<ExtendedStage>(frame.index)) {
    case ExtendedStage::kBefore:
      // `then: exit` has left the list: the task is not run.
      if (frame.position == kEndOfList) return Complete(run, frame.data, run.task.then);
      return EnterStage(id, ExtendedStage::kTask);
    case ExtendedStage::kTask:
      if (!body.after.empty()) return EnterStage(id, ExtendedStage::kAfter);
      return Complete(run, frame.data, lead_on(frame.position));
    case ExtendedStage::kTaskAlone: return Complete(run, frame.data, lead_on(frame.position));
    case ExtendedStage::kAfter: return Complete(run, frame.items, lead_on(frame.begun));
  }
}

void Stepper::CompleteExecution() {
  const Frame& root = At(kRootFrame);
  Json output = root.data;
  if (program_.output_as) {
    const Json raw = output;
    const Json input = root.input;
    const ScopeArguments scope{
        .program = program_, .state = state_, .surroundings = surroundings_, .input = &input, .output = &raw};
    auto transformed = evaluator_.Evaluate(*program_.output_as, raw, scope);
    if (!transformed) return FaultExecution(WithInstance(std::move(transformed).error(), "/output/as"));
    output = *std::move(transformed);
  }
  if (auto fits = evaluator_.Check(program_.output_schema, output, "the workflow's output"); !fits)
    return FaultExecution(WithInstance(std::move(fits).error(), "/output/schema"));
  ClearDeadlines(kRootFrame);
  Event completed{.type = EventType::kExecutionCompleted};
  completed.data = std::move(output);
  Emit(std::move(completed));
  out_.effects.emplace_back(Finished{});
}

}  // namespace elevaite::engine

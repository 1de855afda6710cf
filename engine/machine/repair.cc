#include "engine/machine/repair.h"

#include <array>

#include "dsl/on_error.h"
#include "engine/activities/activities.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {
namespace {

constexpr std::array<std::string_view, 4> kActs{"retry", "skip", "complete", "fail"};

// Between two attempts, or two runs of a try.
bool IsBetweenAttempts(const dsl::Task& task, const Frame& frame) {
  return frame.waiting == Frame::Waiting::kTimer && task.kind != dsl::TaskKind::kWait;
}

// Empty: it is neither a call nor does it run a workflow.
std::string ConnectorIn(const dsl::Program& program, const Frame& frame) {
  const dsl::Task& task = program.all.at(frame.task);
  const bool has_one = task.kind == dsl::TaskKind::kCall || task.kind == dsl::TaskKind::kRun;
  return has_one ? ConnectorOf(task) : "";
}

}  // namespace

std::string_view NameOf(RepairAct act) { return kActs.at(static_cast<std::size_t>(act)); }

std::optional<RepairAct> RepairActFromName(std::string_view name) {
  for (std::size_t i = 0; i < kActs.size(); ++i) {
    if (kActs[i] == name) return static_cast<RepairAct>(i);
  }
  return std::nullopt;
}

namespace {

std::vector<FrameId> ParkedOf(const State& state) {
  std::vector<FrameId> parked;
  for (const auto& [id, frame] : state.frames) {
    if (frame.waiting == Frame::Waiting::kOperator) parked.push_back(id);
  }
  return parked;
}

std::optional<std::string> ObstacleToAll(const dsl::Program& program, const State& state, RepairAct act) {
  std::optional<std::string> first = "no task of this execution waits for an operator";
  for (const FrameId id : ParkedOf(state)) {
    first = ObstacleTo(program, state, id, act);
    if (!first) break;
  }
  return first;
}

}  // namespace

std::optional<std::string> ObstacleTo(const dsl::Program& program, const State& state, FrameId id,
                                      RepairAct act) {
  if (state.cancelling) return "the execution is being cancelled";
  if (id == kRootFrame) return ObstacleToAll(program, state, act);
  const auto found = state.frames.find(id);
  if (found == state.frames.end()) return "this task does not run: it has ended, or never began";
  const Frame& frame = found->second;
  const bool can_retry = frame.waiting == Frame::Waiting::kOperator ||
                         frame.waiting == Frame::Waiting::kActivity ||
                         IsBetweenAttempts(program.all.at(frame.task), frame);
  const bool begins_anew = IsOwn(ConnectorIn(program, frame));
  const auto parent = state.frames.find(frame.parent);
  const bool is_branch =
      parent->second.task != dsl::kNoTask && program.all.at(parent->second.task).kind == dsl::TaskKind::kFork;
  if (act == RepairAct::kRetry && begins_anew && is_branch)
    return "a branch of a fork that runs a workflow cannot begin anew; skip, complete or fail it instead";
  if (act == RepairAct::kRetry && !can_retry)
    return "only a call, a workflow that is run, or a try between two runs can be tried again; skip, "
           "complete "
           "or fail this task instead";
  return std::nullopt;
}

void Stepper::Handle(const Pause& input) {
  if (Ended() || state_.phase == Phase::kPending || state_.cancelling) return;
  Event paused{.type = EventType::kExecutionPaused};
  paused.data = input.note;
  paused.position = input.command;
  Emit(std::move(paused));
}

void Stepper::Handle(const Resume& input) {
  if (!state_.paused) return;
  Event resumed{.type = EventType::kExecutionResumed};
  resumed.data = input.note;
  resumed.position = input.command;
  Emit(std::move(resumed));
  SetTimersAgain();
  Handle(Continue{});
}

// Those that fired in a pause changed nothing, and deadlines are later now.
void Stepper::SetTimersAgain() {
  for (const auto& [id, frame] : state_.frames) {
    SetDeadlines(frame, id);
    if (frame.waiting == Frame::Waiting::kTimer) out_.effects.emplace_back(SetTimer{id, frame.due_us});
  }
}

void Stepper::Handle(const Repair& input) {
  if (ObstacleTo(program_, state_, input.frame, input.act)) return;
  if (input.frame == kRootFrame) {
    Repair one = input;
    for (const FrameId id : ParkedOf(state_)) {
      one.frame = id;
      if (!Ended()) Handle(one);  // what the one before ended, a sibling of it maybe, is no longer there
    }
    return;
  }
  const TaskRun run = RunOf(input.frame);
  Event repaired = EventFor(EventType::kTaskRepaired, run);
  repaired.data = Json::WithMember(input.note, "act", NameOf(input.act));
  repaired.position = input.command;
  Emit(std::move(repaired));
  may_park_ = false;  // what an operator fails has failed
  if (input.act == RepairAct::kRetry) return Retry(run.id);
  if (input.act == RepairAct::kFail) return Fault(run, input.value);
  CancelChildren(run.id);
  Withdraw(run.id);
  if (input.act == RepairAct::kSkip) return Skip(run);
  Complete(run, input.value, run.task.then);
}

void Stepper::Retry(FrameId id) {
  may_park_ = true;
  const Frame& frame = At(id);
  if (IsOwn(ConnectorIn(program_, frame))) {
    const FrameId parent = frame.parent;
    CancelFrame(id);
    return Ready(parent);
  }
  if (IsUnderWay(frame)) out_.effects.emplace_back(CancelActivity{id, ConnectorOf(TaskOf(frame))});
  if (frame.waiting == Frame::Waiting::kTimer) {
    out_.effects.emplace_back(ClearTimer{id, frame.due_us});
    return GoOn(id);
  }
  Schedule(id);
}

void Stepper::Skip(const TaskRun& run) {
  Event skipped = EventFor(EventType::kTaskSkipped, run);
  skipped.next = NextAfterSkip(run);
  Emit(std::move(skipped));
  Ready(run.parent);
}

bool Stepper::Parks(const TaskRun& run, const Json& error) const {
  if (!may_park_ || state_.cancelling || !dsl::ParksOnError(program_, run.task)) return false;
  if (run.task.kind == dsl::TaskKind::kRaise) return false;  // the workflow's own wish
  const bool is_call = run.task.kind == dsl::TaskKind::kCall || run.task.kind == dsl::TaskKind::kRun;
  return (is_call || !run.has_frame) && !IsHandled(run.parent, error);
}

void Stepper::Park(const TaskRun& run, Json error) {
  if (!run.has_frame) {
    Event paused{.type = EventType::kExecutionPaused};
    paused.data = Json::Object({{"by", "engine"},
                                {"reason", "the task cannot begin; resumed, it is tried again"},
                                {"task", run.task.reference},
                                {"error", std::move(error)}});
    return Emit(std::move(paused));
  }
  Withdraw(run.id);
  Event parked = EventFor(EventType::kTaskParked, run);
  parked.data = std::move(error);
  Emit(std::move(parked));
}

}  // namespace elevaite::engine

// What a state waits for: derived from it, so that a restart can set it going again.
#include <algorithm>

#include "engine/machine/consumption.h"
#include "engine/machine/evaluate.h"
#include "engine/machine/human.h"
#include "engine/machine/readiness.h"

namespace elevaite::engine {

Readiness ReadinessOf(const dsl::Program& program, const Frame& frame) {
  if (frame.waiting == Frame::Waiting::kEvents) {
    const Listening& listening = *frame.listening;
    return listening.main.satisfied || !listening.pending.empty() ? Readiness::kReady : Readiness::kWaiting;
  }
  if (frame.waiting != Frame::Waiting::kNothing) return Readiness::kWaiting;
  if (frame.children == 0) return Readiness::kReady;
  if (frame.task == dsl::kNoTask) return Readiness::kWaiting;
  const auto* fork = std::get_if<dsl::ForkTask>(&program.all.at(frame.task).body);
  if (!fork) return Readiness::kWaiting;
  const bool won = fork->compete && std::ranges::any_of(BranchesOf(frame), [](const auto& branch) {
                     return branch.output.has_value();
                   });
  return won || frame.begun < fork->branches.size() ? Readiness::kReady : Readiness::kWaiting;
}

bool EndsInPause(const dsl::Program& program, const Frame& frame) {
  return frame.waiting == Frame::Waiting::kTimer && frame.deadline_us == 0 &&
         program.all.at(frame.task).kind == dsl::TaskKind::kWait;
}

const dsl::Template* ArgumentsOf(const dsl::Task& task) {
  if (const auto* call = std::get_if<dsl::CallTask>(&task.body)) return &call->arguments;
  return nullptr;
}

std::string ConnectorOf(const dsl::Task& task) {
  if (const auto* call = std::get_if<dsl::CallTask>(&task.body)) return call->function;
  return "run.workflow";
}

Phase CurrentPhase(const dsl::Program& program, const State& state) {
  if (IsFinal(state.phase) || state.phase == Phase::kPending) return state.phase;
  if (state.paused) return Phase::kSuspended;
  bool waits = false;
  bool is_parked = false;
  for (const auto& [id, frame] : state.frames) {
    const bool calls = frame.waiting == Frame::Waiting::kActivity;
    const bool asks_people = calls && IsHuman(ConnectorOf(program.all.at(frame.task)));
    if (calls && !asks_people) return Phase::kRunning;
    waits = waits || asks_people || frame.waiting == Frame::Waiting::kTimer ||
            frame.waiting == Frame::Waiting::kEvents;
    is_parked = is_parked || frame.waiting == Frame::Waiting::kOperator;
  }
  if (waits) return Phase::kWaiting;
  return is_parked ? Phase::kSuspended : Phase::kRunning;
}

std::vector<Effect> PendingEffects(const dsl::Program& program, const State& state) {
  std::vector<Effect> effects;
  if (IsFinal(state.phase)) return effects;
  bool ready = false;
  for (const auto& [id, frame] : state.frames) {
    const bool is_waited_for = state.cancelling && !InCleanup(program, state, id);
    if (!state.paused) {
      if (frame.deadline_us != 0) effects.emplace_back(SetTimer{id, frame.deadline_us});
      if (frame.run_deadline_us != 0) effects.emplace_back(SetTimer{id, frame.run_deadline_us});
    }
    if (frame.waiting == Frame::Waiting::kTimer && (!state.paused || EndsInPause(program, frame)))
      effects.emplace_back(SetTimer{id, frame.due_us});
    if (frame.listening && !frame.listening->main.satisfied) {
      const auto& body = std::get<dsl::ListenTask>(program.all.at(frame.task).body);
      effects.emplace_back(Subscribe{id, TypesOf(body.to)});
    }
    if (frame.waiting == Frame::Waiting::kActivity) {
      const dsl::Task& task = program.all.at(frame.task);
      const dsl::Template* arguments = ArgumentsOf(task);
      effects.emplace_back(ScheduleActivity{.frame = id,
                                            .attempt = frame.attempt,
                                            .connector = ConnectorOf(task),
                                            .request = frame.request,
                                            .reference = task.reference,
                                            .bounds = BoundsOf(frame),
                                            .hides_secrets = arguments && arguments->HoldsSecrets()});
      if (is_waited_for)
        effects.emplace_back(CancelActivity{id, ConnectorOf(task), state.frames.at(kRootFrame).deadline_us});
    } else if (!is_waited_for && ReadinessOf(program, frame) == Readiness::kReady) {
      ready = true;
    }
  }
  if (ready && !state.paused) effects.emplace_back(ContinueLater{});
  return effects;
}

std::expected<Json, Json> WholeRequest(const dsl::Program& program, const State& state, FrameId id,
                                       const MachineLimits& limits, const Surroundings& surroundings) {
  const Frame& frame = state.frames.at(id);
  const dsl::Task& task = program.all.at(frame.task);
  const dsl::Template* arguments = ArgumentsOf(task);
  if (!arguments || !arguments->HoldsSecrets()) return frame.request;
  // Nothing that the arguments see can have changed since the task began, but for the secrets.
  const ScopeArguments scope{.program = program,
                             .state = state,
                             .surroundings = surroundings,
                             .enclosing = id,
                             .task = &task,
                             .raw_input = &frame.raw_input,
                             .input = &frame.input,
                             .task_started_us = frame.started_us};
  return Evaluator(limits, frame.started_us).Evaluate(*arguments, frame.input, scope);
}

}  // namespace elevaite::engine

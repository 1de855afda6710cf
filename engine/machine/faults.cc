// Errors: how they travel up, who catches them, retries with back-off, and the end of what is not needed.
#include <algorithm>
#include <cmath>

#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {

void Stepper::Fault(const TaskRun& run, Json error) {
  error = WithInstance(std::move(error), run.task.reference);
  if (Parks(run, error)) return Park(run, std::move(error));
  if (run.has_frame) {
    CancelChildren(run.id);
    Withdraw(run.id);
  }
  Event faulted = EventFor(EventType::kTaskFaulted, run);
  faulted.data = error;
  Emit(std::move(faulted));
  Propagate(run.parent, std::move(error));
}

// From the task that faulted outwards, until a try takes the error or the execution faults.
void Stepper::Propagate(FrameId id, Json error) {
  while (id != kRootFrame) {
    const TaskRun run = RunOf(id);
    if (const auto* fork = std::get_if<dsl::ForkTask>(&run.task.body); fork && fork->compete) {
      return Ready(id);  // another branch may still win; AdvanceFork decides
    }
    if (IsOutermostCleanup(id)) return CleanedUp(id, &error);
    if (run.task.kind == dsl::TaskKind::kTry && Catch(id, error)) return;
    CancelChildren(id);
    Withdraw(id);
    Event faulted = EventFor(EventType::kTaskFaulted, run);
    faulted.data = error;
    Emit(std::move(faulted));
    id = run.parent;
  }
  FaultExecution(std::move(error));
}

Stepper::Handling Stepper::HandlingOf(FrameId id, const Json& error) const {
  if (At(id).stage != Frame::Stage::kBody) return {};  // an error of the catch list itself
  const TaskRun run = RunOf(id);
  const auto& body = std::get<dsl::TryTask>(run.task.body);
  if (!Catches(run, body, error).value_or(false)) return {};
  if (!body.retry) return {.catches = true};
  const auto due_us = RetryDue(run, *body.retry, error);
  if (!due_us) return {};
  // Retries are used up and there is nothing else to do about it: the error goes on.
  const bool has_list = !body.catch_tasks.empty() || body.catch_then.kind != dsl::Flow::Kind::kContinue;
  return {.catches = *due_us || has_list, .due_us = *due_us};
}

// Whether anything around takes the error, `id` included.
bool Stepper::IsHandled(FrameId id, const Json& error) const {
  for (; id != kRootFrame; id = At(id).parent) {
    const dsl::Task& task = TaskOf(At(id));
    const auto* fork = std::get_if<dsl::ForkTask>(&task.body);
    if (fork && fork->compete) return true;  // another branch may still win
    if (task.kind == dsl::TaskKind::kTry && HandlingOf(id, error).catches) return true;
  }
  return false;
}

// True when the try has dealt with the error: it will be retried, or its catch list runs. The frame's
// `attempt` counts runs: the first is 1.
bool Stepper::Catch(FrameId id, const Json& error) {
  const Handling handling = HandlingOf(id, error);
  if (!handling.catches) return false;
  ClearRunDeadline(id);
  Event event = EventFor(handling.due_us ? EventType::kRetryScheduled : EventType::kErrorCaught, RunOf(id));
  event.data = error;
  if (handling.due_us) {
    event.number = At(id).attempt + 1;
    event.due_us = *handling.due_us;
  }
  Emit(std::move(event));
  if (handling.due_us)
    out_.effects.emplace_back(SetTimer{id, *handling.due_us});
  else
    Ready(id);
  return true;
}

Evaluated<bool> Stepper::Catches(const TaskRun& run, const dsl::TryTask& body, const Json& error) const {
  if (body.error_filter.IsObject()) {
    for (const Json::Member& wanted : body.error_filter.AsObject()) {
      if (!(error[wanted.key.AsString()] == wanted.value)) return false;
    }
  }
  ScopeArguments scope = ScopeFor(run);
  scope.extra_name = body.as;
  scope.extra = &error;
  if (body.when) {
    auto holds = evaluator_.Test(*body.when, run.input, scope);
    if (!holds || !*holds) return holds;
  }
  if (body.except_when) {
    auto holds = evaluator_.Test(*body.except_when, run.input, scope);
    if (!holds || *holds) return holds ? Evaluated<bool>(false) : holds;
  }
  return true;
}

namespace {

std::int64_t BackOff(const dsl::RetryPolicy& policy, std::int64_t delay_us, std::uint32_t retry) {
  double delay = static_cast<double>(delay_us);
  const double earlier = static_cast<double>(retry - 1);
  if (policy.backoff == dsl::RetryPolicy::Backoff::kLinear) {
    delay += earlier * static_cast<double>(policy.increment_us > 0 ? policy.increment_us : delay_us);
  } else if (policy.backoff == dsl::RetryPolicy::Backoff::kExponential) {
    delay *= std::pow(policy.factor, earlier);
  }
  constexpr double kYearUs = 365.0 * 24 * 3600 * 1e6;
  const double bound = policy.delay_max_us > 0 ? static_cast<double>(policy.delay_max_us) : kYearUs;
  return static_cast<std::int64_t>(std::min(delay, bound));
}

}  // namespace

// When the body runs again; nothing: no more.
Evaluated<std::optional<std::int64_t>> Stepper::RetryDue(const TaskRun& run, const dsl::RetryPolicy& policy,
                                                         const Json& error) const {
  constexpr std::nullopt_t kNoMore = std::nullopt;
  const std::uint32_t retry = At(run.id).attempt;  // the number of the retry that would follow
  if (policy.attempts_max && retry > *policy.attempts_max) return kNoMore;
  ScopeArguments scope = ScopeFor(run);
  const auto& body = std::get<dsl::TryTask>(run.task.body);
  scope.extra_name = body.as;
  scope.extra = &error;
  if (policy.when) {
    auto holds = evaluator_.Test(*policy.when, run.input, scope);
    if (!holds) return std::unexpected(std::move(holds).error());
    if (!*holds) return kNoMore;
  }
  if (policy.except_when) {
    auto holds = evaluator_.Test(*policy.except_when, run.input, scope);
    if (!holds) return std::unexpected(std::move(holds).error());
    if (*holds) return kNoMore;
  }
  auto delay = evaluator_.Microseconds(policy.delay, run.input, scope);
  if (!delay) return std::unexpected(std::move(delay).error());
  const auto jitter =
      static_cast<std::int64_t>(random_ * static_cast<double>(policy.jitter_to_us - policy.jitter_from_us));
  const std::int64_t due_us = now_us_ + BackOff(policy, *delay, retry) + policy.jitter_from_us + jitter;
  if (policy.total_us && due_us > run.started_us + *policy.total_us) return kNoMore;
  return due_us;
}

// Children have larger ids than their parents, so going down from the newest ends each before the frame that
// holds it.
void Stepper::CancelChildren(FrameId ancestor) {
  auto inside = [this, ancestor](FrameId id) {
    while (id > ancestor) {
      id = At(id).parent;
      if (id == ancestor) return true;
    }
    return false;
  };
  std::vector<FrameId> doomed;
  for (const auto& [id, frame] : state_.frames) {
    if (id > ancestor && inside(id)) doomed.push_back(id);
  }
  for (auto id = doomed.rbegin(); id != doomed.rend(); ++id) CancelFrame(*id);
}

void Stepper::CancelFrame(FrameId id) {
  Withdraw(id);
  Emit(EventFor(EventType::kTaskCancelled, RunOf(id)));
}

// Whether something outside must be told that the frame needs it no more.
bool Stepper::IsUnderWay(const Frame& frame) const {
  if (frame.task == dsl::kNoTask) return false;
  if (const auto* run = std::get_if<dsl::RunTask>(&TaskOf(frame).body))
    return run->await && frame.waiting != Frame::Waiting::kNothing;
  return frame.waiting == Frame::Waiting::kActivity;
}

// Calls off what is under way for the frame itself.
void Stepper::Withdraw(FrameId id) {
  const Frame& frame = At(id);
  if (IsUnderWay(frame)) out_.effects.emplace_back(CancelActivity{id, ConnectorOf(TaskOf(frame))});
  if (frame.waiting == Frame::Waiting::kTimer) out_.effects.emplace_back(ClearTimer{id, frame.due_us});
  if (frame.listening && !frame.listening->main.satisfied) out_.effects.emplace_back(Unsubscribe{id});
  ClearDeadlines(id);
}

void Stepper::FaultExecution(Json error) {
  ClearDeadlines(kRootFrame);
  Event faulted{.type = EventType::kExecutionFaulted};
  faulted.data = std::move(error);
  Emit(std::move(faulted));
  out_.effects.emplace_back(Finished{});
}

}  // namespace elevaite::engine

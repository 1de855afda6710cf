#include "services/workflow/rehearsal/mocked_calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/watch.h"
#include "dsl/tools/render.h"
#include "engine/machine/human.h"
#include "services/workflow/people/human_task.h"

namespace elevaite::rehearsal {
namespace {

constexpr std::size_t kShownBytes = 2'000;

std::string WorkflowOf(const Json& request) {
  return std::string(request["namespace"].StringOr("")) + "." + std::string(request["name"].StringOr(""));
}

}  // namespace

bool MockedCalls::Does(const engine::ActivityTask& task) const {
  if (!engine::IsOwn(task.connector)) return true;
  const MadeCall call = CallOf(task);
  if (std::ranges::any_of(mocks_, [&](const Mock& mock) { return Matches(mock, task, call); })) return true;
  return task.connector == engine::kSubflowConnector &&
         !stage_->Find(WorkflowOf(call.request), call.request["version"].StringOr(""));
}

void MockedCalls::Schedule(engine::ActivityTask task, Done done) {
  scheduled_.emplace_back(std::move(task), std::move(done));
}

void MockedCalls::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view,
                         std::int64_t) {
  const Key key{execution, frame};
  std::erase_if(scheduled_,
                [&](const auto& one) { return Key(one.first.execution, one.first.frame) == key; });
  std::erase_if(on_their_way_, [&](const auto& one) { return one.second.key == key; });
}

bool MockedCalls::Begin() {
  std::vector<Due> due;
  while (!on_their_way_.empty() && on_their_way_.begin()->first <= stage_->now_us()) {
    due.push_back(std::move(on_their_way_.begin()->second));
    on_their_way_.erase(on_their_way_.begin());
  }
  const bool any = !due.empty() || !scheduled_.empty();
  for (Due& one : due) one.done(std::move(one.outcome));
  for (auto& [task, done] : std::exchange(scheduled_, {})) {
    if (stops_()) break;
    BeginOne(task, std::move(done));
  }
  return any;
}

std::optional<std::int64_t> MockedCalls::NextDueUs() const {
  return on_their_way_.empty() ? std::nullopt : std::optional(on_their_way_.begin()->first);
}

void MockedCalls::BeginOne(const engine::ActivityTask& task, Done done) {
  const MadeCall call = CallOf(task);
  made_.push_back(call);
  const Answer* answer = AnswerFor(task, call);
  if (answer == nullptr) return Miss(task, call);
  engine::ActivityOutcome outcome = engine::ActivitySuccess{answer->output};
  if (!answer->error.IsNull()) outcome = engine::ActivityFailure{answer->error, {}};
  std::int64_t delay_us = answer->delay_us;
  if (engine::IsHuman(task.connector)) {
    if (auto end = people::EndsBefore(task, stage_->now_us(), delay_us)) {
      delay_us = end->after_us;
      outcome = std::move(end->outcome);
    }
  }
  if (const std::int64_t bound_us = task.bounds.attempt_us; bound_us > 0 && delay_us > bound_us) {
    delay_us = bound_us;
    outcome = engine::ActivityFailure{
        connectors::AttemptTooLong(task.connector, task.attempt, std::chrono::microseconds(bound_us)), {}};
  }
  if (delay_us == 0) return done(std::move(outcome));
  on_their_way_.emplace(stage_->now_us() + delay_us,
                        Due{{task.execution, task.frame}, std::move(done), std::move(outcome)});
}

const Answer* MockedCalls::AnswerFor(const engine::ActivityTask& task, const MadeCall& call) {
  for (std::size_t i = 0; i < mocks_.size(); ++i) {
    const Mock& mock = mocks_[i];
    if (!Matches(mock, task, call)) continue;
    if (mock.is_repeated) return mock.answers.data();
    if (given_[i] < mock.answers.size()) return &mock.answers[given_[i]++];
  }
  return nullptr;
}

bool MockedCalls::Matches(const Mock& mock, const engine::ActivityTask& task, const MadeCall& call) {
  if (!mock.task.empty() && mock.task != task.reference && mock.task != call.task) return false;
  if (!mock.call.empty() && mock.call != task.connector) return false;
  if (!mock.workflow.empty()) {
    const bool is_it =
        mock.workflow == call.request["name"].StringOr("") || mock.workflow == WorkflowOf(call.request);
    if (task.connector != engine::kSubflowConnector || !is_it) return false;
  }
  return !mock.when || Holds(*mock.when, call.request).value_or(false);
}

// What the journal has of it; it is there before the call is made.
MadeCall MockedCalls::CallOf(const engine::ActivityTask& task) const {
  MadeCall call{.task = {}, .call = task.connector, .request = {}};
  const Run& run = stage_->run(task.execution);
  for (auto event = run.events.rbegin(); event != run.events.rend(); ++event) {
    if (event->frame != task.frame) continue;
    if (event->type == engine::EventType::kActivityScheduled && event->data) call.request = *event->data;
    if (event->type != engine::EventType::kTaskStarted) continue;
    call.task = run.ProgramOf(*event).all.at(event->task).name;
    break;
  }
  return call;
}

void MockedCalls::Miss(const engine::ActivityTask& task, const MadeCall& call) {
  if (!unanswered_.empty()) return;
  const bool were_any =
      std::ranges::any_of(mocks_, [&](const Mock& mock) { return Matches(mock, task, call); });
  std::string shown = dsl::tools::FlowText(call.request, true);
  if (shown.size() > kShownBytes) shown = shown.substr(0, shown.find_last_of(",", kShownBytes)) + " ...";
  const bool is_workflow = task.connector == engine::kSubflowConnector;
  const std::string who = is_workflow ? "workflow: " + WorkflowOf(call.request) : "task: " + call.task;
  unanswered_ = fmt::format(
      "the call of task `{}` ({}) has no answer{}\n  it asks: {}\n  add to given.mocks:\n    - {}\n      "
      "output: {{}}",
      call.task, task.connector, were_any ? ": all answers of its mock have been given" : "", shown, who);
}

}  // namespace elevaite::rehearsal

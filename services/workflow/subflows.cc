#include "services/workflow/subflows.h"

#include "engine/machine/errors.h"
#include "foundation/async.h"
#include "services/workflow/derived_id.h"

namespace elevaite::workflow {
namespace {

using engine::ActivityFailure;
using engine::ActivityOutcome;
using engine::ActivitySuccess;
using engine::MakeError;

constexpr std::int64_t kRetryUs = 1'000'000;

// What the parent's task is told when the child could not be started. Trouble of the server's own is tried
// again.
ActivityFailure FailureFrom(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
    case ErrorCode::kDataLoss:
      return {.error = MakeError("configuration", "The workflow cannot be run", error.message),
              .retry_in_us = {}};
    default:
      return {.error = MakeError("runtime", "The workflow could not be started", error.message),
              .retry_in_us = kRetryUs};
  }
}

ActivityOutcome OutcomeOf(const engine::Outcome& ended) {
  switch (ended.phase) {
    case engine::Phase::kCompleted: return ActivitySuccess{ended.output};
    case engine::Phase::kFaulted: return ActivityFailure{.error = ended.error, .retry_in_us = {}};
    default:
      return ActivityFailure{.error = MakeError("runtime", "The workflow was cancelled",
                                                "the workflow that this task runs was cancelled"),
                             .retry_in_us = {}};
  }
}

}  // namespace

ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame) {
  return DerivedId(parent.uuid().time().micros(), parent.ToString() + "." + std::to_string(frame));
}

void Subflows::Schedule(engine::ActivityTask task, Done done) {
  if (task.connector != engine::kSubflowConnector) return others_.Schedule(std::move(task), std::move(done));
  if (task.request["await"].BoolOr(true)) {
    const std::scoped_lock lock(mutex_);
    awaited_[{task.execution, task.frame}] = false;
  }
  Spawn(executor_, Run(std::move(task), std::move(done)), "subflow");
}

// The child may not have been started yet: Start looks once more when it has.
void Subflows::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector) {
  if (connector != engine::kSubflowConnector) return others_.Cancel(execution, frame, connector);
  {
    const std::scoped_lock lock(mutex_);
    const auto found = awaited_.find({execution, frame});
    if (found != awaited_.end()) found->second = true;
  }
  service_->CancelChild(ChildId(execution, frame));
}

bool Subflows::IsCancelled(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = awaited_.find(key);
  return found != awaited_.end() && found->second;
}

boost::asio::awaitable<void> Subflows::Run(engine::ActivityTask task, Done done) {
  const Key key{task.execution, task.frame};
  auto start = Start(std::move(task));
  ActivityOutcome outcome = co_await std::move(start);
  {
    const std::scoped_lock lock(mutex_);
    awaited_.erase(key);
  }
  done(std::move(outcome));
}

boost::asio::awaitable<ActivityOutcome> Subflows::Start(engine::ActivityTask task) {
  if (task.depth >= kDepthMax) {
    co_return ActivityFailure{.error = MakeError("runtime", "Too many workflows inside each other",
                                                 "this one has " + std::to_string(task.depth) +
                                                     " others around it, the limit; does it run itself?"),
                              .retry_in_us = {}};
  }
  const Json& request = task.request;
  const bool await = request["await"].BoolOr(true);
  ChildRequest child{.account = task.account,
                     .id = ChildId(task.execution, task.frame),
                     .parent = task.execution,
                     .parent_frame = await ? std::optional(task.frame) : std::nullopt,
                     .depth = task.depth + 1,
                     .workflow = std::string(request["namespace"].StringOr("")) + "." +
                                 std::string(request["name"].StringOr("")),
                     .version = std::string(request["version"].StringOr("")),
                     .input = request["input"],
                     .correlation = task.correlation};
  if (child.version == "latest") child.version.clear();
  auto start = service_->StartChild(std::move(child));
  const auto started = co_await std::move(start);
  if (!started) co_return FailureFrom(started.error());
  if (!await) co_return ActivitySuccess{};
  if (IsCancelled({task.execution, task.frame})) service_->CancelChild(started->id);
  auto end = service_->EndOfChild(*started);
  const auto ended = co_await std::move(end);
  if (!ended) co_return FailureFrom(ended.error());
  co_return OutcomeOf(*ended);
}

}  // namespace elevaite::workflow

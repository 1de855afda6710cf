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
    awaited_[{task.execution, task.frame}] = task.account;
  }
  Spawn(executor_, Run(std::move(task), std::move(done)), "subflow");
}

void Subflows::Cancel(const ExecutionId& execution, engine::FrameId frame) {
  AccountId account;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = awaited_.find({execution, frame});
    if (found != awaited_.end()) {
      account = found->second;
      awaited_.erase(found);
    }
  }
  if (account.IsEmpty()) return others_.Cancel(execution, frame);
  service_->CancelChild(account, ChildId(execution, frame));
}

boost::asio::awaitable<void> Subflows::Run(engine::ActivityTask task, Done done) {
  const std::pair key{task.execution, task.frame};
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
                     .depth = task.depth + 1,
                     .workflow = std::string(request["namespace"].StringOr("")) + "." +
                                 std::string(request["name"].StringOr("")),
                     .version = std::string(request["version"].StringOr("")),
                     .input = request["input"],
                     .correlation = task.correlation};
  if (child.version == "latest") child.version.clear();
  auto run = service_->RunChild(std::move(child), await);
  const auto ended = co_await std::move(run);
  if (!ended) co_return FailureFrom(ended.error());
  if (!*ended) co_return ActivitySuccess{};
  co_return OutcomeOf(**ended);
}

}  // namespace elevaite::workflow

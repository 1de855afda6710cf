#include "services/workflow/subflows.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

#include "engine/machine/errors.h"
#include "foundation/async.h"
#include "services/workflow/derived_id.h"
#include "services/workflow/run_map.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;
using engine::ActivityFailure;
using engine::ActivityOutcome;
using engine::ActivitySuccess;
using engine::MakeError;

constexpr std::int64_t kRetryUs = 1'000'000;

// What is the same for all that a task runs.
ChildRequest ChildOf(const engine::ActivityTask& task) {
  return {.account = task.account,
          .id = {},
          .parent = task.execution,
          .parent_frame = task.frame,
          .depth = task.depth + 1,
          .workflow = {},
          .version = {},
          .input = {},
          .correlation = task.correlation};
}

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

engine::ChildEnd EndFrom(const engine::Outcome& ended) {
  switch (ended.phase) {
    case engine::Phase::kCompleted: return ActivitySuccess{ended.output};
    case engine::Phase::kFaulted: return ActivityFailure{.error = ended.error, .retry_in_us = {}};
    default: return engine::ChildCancelled{};
  }
}

}  // namespace

ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame, std::optional<std::uint32_t> index) {
  std::string cause = parent.ToString() + "." + std::to_string(frame);
  if (index) cause += "." + std::to_string(*index);
  return DerivedId(parent.uuid().time().micros(), cause);
}

void Subflows::Schedule(engine::ActivityTask task, Done done) {
  if (!engine::IsOwn(task.connector)) return others_.Schedule(std::move(task), std::move(done));
  if (task.request["await"].BoolOr(true)) {
    const std::scoped_lock lock(mutex_);
    awaited_[{task.execution, task.frame}] = {};
  }
  Spawn(executor_, Run(std::move(task), std::move(done)), "subflow");
}

// A child may not have been started yet: RunChild looks once more when it has. One may also have been started
// by an attempt that did not answer.
void Subflows::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
                      std::int64_t deadline_us) {
  if (!engine::IsOwn(connector)) return others_.Cancel(execution, frame, connector, deadline_us);
  {
    const std::scoped_lock lock(mutex_);
    const auto found = awaited_.find({execution, frame});
    if (found != awaited_.end()) found->second.is_unwanted = true;
  }
  CancelAll({execution, frame}, deadline_us);
  if (connector == engine::kSubflowConnector) service_->CancelChild(ChildId(execution, frame), deadline_us);
}

void Subflows::CancelAll(const Key& key, std::int64_t deadline_us) {
  std::set<ExecutionId> running;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = awaited_.find(key);
    if (found == awaited_.end()) return;
    found->second.cancelled = deadline_us;
    running = found->second.running;
  }
  for (const ExecutionId& id : running) service_->CancelChild(id, deadline_us);
}

std::optional<std::int64_t> Subflows::Cancelled(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = awaited_.find(key);
  return found == awaited_.end() ? std::nullopt : found->second.cancelled;
}

bool Subflows::IsUnwanted(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = awaited_.find(key);
  return found != awaited_.end() && found->second.is_unwanted;
}

awaitable<void> Subflows::Run(engine::ActivityTask task, Done done) {
  auto run = task.connector == engine::kSubflowConnector ? RunOne(task) : RunMany(task);
  ActivityOutcome outcome = co_await std::move(run);
  {
    const std::scoped_lock lock(mutex_);
    awaited_.erase({task.execution, task.frame});
  }
  done(std::move(outcome));
}

awaitable<ActivityOutcome> Subflows::RunOne(const engine::ActivityTask& task) {
  const Json& request = task.request;
  ChildRequest child = ChildOf(task);
  child.id = ChildId(task.execution, task.frame);
  if (!request["await"].BoolOr(true)) child.parent_frame.reset();
  child.workflow =
      std::string(request["namespace"].StringOr("")) + "." + std::string(request["name"].StringOr(""));
  child.version = std::string(request["version"].StringOr(""));
  if (child.version == "latest") child.version.clear();
  child.input = request["input"];
  auto run = RunChild(std::move(child));
  co_return engine::OutcomeOf(co_await std::move(run));
}

awaitable<ActivityOutcome> Subflows::RunMany(const engine::ActivityTask& task) {
  auto map = engine::FlowMap::From(task.request);
  if (!map) co_return ActivityFailure{.error = std::move(map).error(), .retry_in_us = {}};
  const RunItem run = [this, &task, items = map->items, workflow = map->workflow,
                       version = map->version](engine::MapProgress::Turn turn) {
    ChildRequest child = ChildOf(task);
    child.id = ChildId(task.execution, task.frame, turn.index);
    child.workflow = workflow;
    child.version = version;
    child.input = items[turn.index];
    return RunItemOf(std::move(child), turn.only_if_begun);
  };
  const Key key{task.execution, task.frame};
  auto all = RunMap(
      *std::move(map), run, [this, key] { CancelAll(key, Cancelled(key).value_or(0)); },
      [this, key] { return IsUnwanted(key); });
  co_return co_await std::move(all);
}

awaitable<std::optional<engine::ChildEnd>> Subflows::RunItemOf(ChildRequest child, bool only_if_begun) {
  if (only_if_begun) {
    auto look = EndChild({child.parent, *child.parent_frame}, child.account, child.id);
    co_return co_await std::move(look);
  }
  auto run = RunChildForCertain(std::move(child));
  co_return co_await std::move(run);
}

awaitable<std::optional<engine::ChildEnd>> Subflows::EndChild(Key key, AccountId account, ExecutionId id) {
  service_->CancelChild(id, Cancelled(key).value_or(0));
  auto wait = service_->EndOf(std::move(account), id);
  const auto ended = co_await std::move(wait);
  if (!ended) co_return std::nullopt;
  co_return EndFrom(*ended);
}

// One that cannot be started for now when the others are being cancelled may have begun in another life of
// the process; then it is its end that counts, and not that it could not be started again.
awaitable<std::optional<engine::ChildEnd>> Subflows::RunChildForCertain(ChildRequest child) {
  const Key key{child.parent, *child.parent_frame};
  boost::asio::steady_timer pause(executor_);
  while (true) {
    auto run = RunChild(child);
    engine::ChildEnd end = co_await std::move(run);
    const auto* failure = std::get_if<ActivityFailure>(&end);
    if (!failure || !failure->retry_in_us) co_return end;
    if (Cancelled(key)) {
      auto look = EndChild(key, child.account, child.id);
      co_return co_await std::move(look);
    }
    pause.expires_after(std::chrono::microseconds(*failure->retry_in_us));
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
}

awaitable<engine::ChildEnd> Subflows::RunChild(ChildRequest request) {
  if (request.depth > kDepthMax) {
    co_return ActivityFailure{.error = MakeError("runtime", "Too many workflows inside each other",
                                                 "this one has " + std::to_string(request.depth - 1) +
                                                     " others around it, the limit; does it run itself?"),
                              .retry_in_us = {}};
  }
  const std::optional<Key> key =
      request.parent_frame ? std::optional(Key(request.parent, *request.parent_frame)) : std::nullopt;
  const ExecutionId id = request.id;
  if (key) Note(*key, id, true);
  auto start = service_->StartChild(std::move(request));
  const auto started = co_await std::move(start);
  if (!started) co_return FailureFrom(started.error());
  if (!key) co_return ActivitySuccess{};
  if (const auto by = Cancelled(*key)) service_->CancelChild(id, *by);
  auto end = service_->EndOfChild(*started);
  const auto ended = co_await std::move(end);
  Note(*key, id, false);
  if (!ended) co_return FailureFrom(ended.error());
  co_return EndFrom(*ended);
}

void Subflows::Note(const Key& key, const ExecutionId& id, bool is_running) {
  const std::scoped_lock lock(mutex_);
  const auto found = awaited_.find(key);
  if (found == awaited_.end()) return;
  if (is_running)
    found->second.running.insert(id);
  else
    found->second.running.erase(id);
}

}  // namespace elevaite::workflow

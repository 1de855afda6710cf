#include "services/workflow/schedule/service_runs.h"

namespace elevaite::workflow {

Task<WorkflowService::Target> ServiceRuns::Locate(AccountId account, std::string workflow,
                                                  std::string version) {
  constexpr std::size_t kKnownMax = 10'000;
  const auto now = std::chrono::steady_clock::now();
  const std::string key = account.ToString() + "/" + workflow + "/" + version;
  const auto found = known_.find(key);
  if (found != known_.end() && now - found->second.read_at < std::chrono::seconds(1))
    co_return found->second.target;
  auto locate = service_.Locate(std::move(account), std::move(workflow), std::move(version));
  ASSIGN_OR_CO_RETURN(WorkflowService::Target target, co_await std::move(locate));
  if (known_.size() >= kKnownMax) known_.clear();
  known_[key] = {now, target};
  co_return target;
}

Task<void> ServiceRuns::Start(ScheduledStart start) {
  auto locate = Locate(start.account, start.workflow, start.version);
  ASSIGN_OR_CO_RETURN(auto target, co_await std::move(locate));
  auto choose = service_.ProgramFor(std::move(target), start.id);
  ASSIGN_OR_CO_RETURN(auto resolved, co_await std::move(choose));
  auto once =
      service_.StartOnce({.account = start.account,
                          .workflow = {},
                          .version = {},
                          .input = std::move(start.input),
                          .trigger = start.by_event ? engine::Trigger::kEvent : engine::Trigger::kSchedule,
                          .correlation = "schedule:" + start.schedule,
                          .idempotency_key = {}},
                         std::move(resolved.program), start.id);
  co_return co_await std::move(once);
}

Task<bool> ServiceRuns::IsRunning(AccountId account, ExecutionId id) {
  auto ask = service_.IsRunning(std::move(account), id);
  co_return co_await std::move(ask);
}

Task<engine::Phase> ServiceRuns::EndOf(AccountId account, ExecutionId id) {
  auto wait = service_.EndOf(std::move(account), id);
  ASSIGN_OR_CO_RETURN(const engine::Outcome outcome, co_await std::move(wait));
  co_return outcome.phase;
}

Task<void> ServiceRuns::Cancel(AccountId account, ExecutionId id, std::string reason) {
  auto cancel = service_.CancelExecution(std::move(account), id, std::move(reason), service_.cancel_grace());
  const Result<void> done = co_await std::move(cancel);
  if (!done && done.error().code == ErrorCode::kConflict) co_return Result<void>();  // it has ended
  co_return done;
}

}  // namespace elevaite::workflow

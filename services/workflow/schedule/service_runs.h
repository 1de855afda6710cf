// ServiceRuns: the executions of a WorkflowService, for its scheduler.
#pragma once

#include <string>
#include <unordered_map>

#include "services/workflow/schedule/scheduled_runs.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

// On one thread.
class ServiceRuns final : public ScheduledRuns {
 public:
  explicit ServiceRuns(WorkflowService& service) : service_(service) {}

  Task<void> Start(ScheduledStart start) override;
  Task<bool> IsRunning(AccountId account, ExecutionId id) override;
  Task<engine::Phase> EndOf(AccountId account, ExecutionId id) override;
  Task<void> Cancel(AccountId account, ExecutionId id, std::string reason) override;

 private:
  WorkflowService& service_;
};

}  // namespace elevaite::workflow

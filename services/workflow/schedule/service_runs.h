// ServiceRuns: the executions of a WorkflowService, for its scheduler.
#pragma once

#include <chrono>
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
  // What a workflow and version mean, for a second: many schedules that start the same do not ask the
  // database each time.
  struct Known {
    std::chrono::steady_clock::time_point read_at;
    WorkflowService::Target target;
  };
  Task<WorkflowService::Target> Locate(AccountId account, std::string workflow, std::string version);

  WorkflowService& service_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace elevaite::workflow

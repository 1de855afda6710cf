// What operations are done to: the executions of the service.
#pragma once

#include "services/workflow/operations/operator.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

class ServiceTarget final : public OperationTarget {
 public:
  explicit ServiceTarget(WorkflowService& service) : service_(service) {}

  bool IsMine() override;
  Task<engine::ExecutionPage> List(AccountId account, engine::ExecutionFilter filter) override;
  Task<QueuedIds> ListQueued(const Operation& operation, OperationScope scope, std::string place,
                             std::size_t most) override;
  Task<engine::Admission::Ticket> Admit() override;
  Task<Outcome> Act(const Operation& operation, const engine::ExecutionRecord& record) override;
  Task<Outcome> ActOnQueued(const Operation& operation, ExecutionId id) override;

 private:
  Task<Outcome> Cancel(const Operation& operation, ExecutionId id);
  Task<Outcome> Migrate(const Operation& operation, const engine::ExecutionRecord& record);
  Task<Outcome> Redrive(const Operation& operation, const engine::ExecutionRecord& record);
  Task<Outcome> Done(Task<void> act);

  WorkflowService& service_;
};

}  // namespace elevaite::workflow

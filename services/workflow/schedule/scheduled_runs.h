// ScheduledRuns: what a scheduler does with executions, as a port, so that it can be tested without an
// engine.
#pragma once

#include <optional>
#include <string>

#include "engine/partition/partition.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

struct ScheduledStart {
  AccountId account;
  ExecutionId id;
  std::string workflow;  // namespace.name
  std::string version;   // empty: as the deployment says
  Json input;
  bool by_event = false;
  std::string schedule;
};

class ScheduledRuns {
 public:
  virtual ~ScheduledRuns() = default;

  // Once for each id, however often it is asked for. kUnavailable and kTimeout: to be tried again.
  virtual Task<void> Start(ScheduledStart start) = 0;
  virtual Task<bool> IsRunning(AccountId account, ExecutionId id) = 0;
  // Waits while it runs. kUnavailable: there is none, or nobody can say.
  virtual Task<engine::Phase> EndOf(AccountId account, ExecutionId id) = 0;
  virtual Task<void> Cancel(AccountId account, ExecutionId id, std::string reason) = 0;
};

}  // namespace elevaite::workflow

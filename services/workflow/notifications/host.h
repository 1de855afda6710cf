// What the notifier asks of the rest of the service.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "services/workflow/people/people_store.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {
class WorkflowService;
}

namespace elevaite::notifications {

using workflow::Task;

// An execution that goes on only when somebody or something does its part.
struct Waiting {
  engine::ExecutionRecord record;
  std::string what;  // person, event, operator, queue
  std::string mark;  // which wait of this execution it is
  std::int64_t since_us = 0;
  std::string reference;  // of the task; empty: the execution as a whole
  Json human_task;        // of a person: as inboxes show it; else null
};

class NotifierHost {
 public:
  virtual ~NotifierHost() = default;
  // kNotFound: it has been forgotten.
  virtual Task<engine::ExecutionRecord> Find(AccountId account, ExecutionId id) = 0;
  // What has been waiting for so long. Each call looks through the next few of those that may, over and over
  // again; one that is told of is told of again a while later.
  virtual Task<std::vector<Waiting>> LookForWaiting(AccountId account, std::int64_t after_us) = 0;
};

// Both must outlive it. For one executor of one thread.
std::unique_ptr<NotifierHost> MakeNotifierHost(workflow::WorkflowService& service,
                                               people::PeopleStore& people, const Clock& clock);

}  // namespace elevaite::notifications

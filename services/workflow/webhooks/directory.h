// Which webhook answers at a path, and what it starts. What was read is remembered for a second: a
// busy webhook does not ask the database each time, and a change counts on other nodes after that time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/workflow/briefly.h"
#include "services/workflow/service.h"
#include "services/workflow/webhooks/webhook_store.h"

namespace elevaite::workflow {

class WebhookDirectory {
 public:
  using Webhooks = std::shared_ptr<const std::vector<Webhook>>;
  using Target = WorkflowService::Target;

  WebhookDirectory(WebhookStore& store, WorkflowService& service) : store_(store), service_(service) {}

  // All at the path; kNotFound: there is none.
  Task<Webhooks> At(AccountId account, std::string path);
  // What it starts: which version, the deployment of its workflow says for each execution.
  Task<Target> TargetOf(AccountId account, std::string name_space, std::string workflow);
  // One was changed.
  void Forget() { webhooks_.Clear(); }

 private:
  WebhookStore& store_;
  WorkflowService& service_;
  Briefly<Webhooks> webhooks_;
  Briefly<Target> targets_;
};

}  // namespace elevaite::workflow

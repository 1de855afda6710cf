// What people decide about the versions of a workflow. The decision stands in the row of the workflow
// (store.h), its history in `deployments`; both change in one commit. Every call names its account.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/workflow/deployment/deployment.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

struct WorkflowName {
  AccountId account;
  std::string name_space;
  std::string name;
};

enum class DeploymentAct : std::uint8_t {
  kPublish,   // a new version became the current one
  kActivate,  // one that was published before did
  kRollback,  // and is older than the one before
  kCanary,
  kPromote,
  kStop,
  kAbort,  // stopped because it failed
  kImport
};
std::string_view NameOf(DeploymentAct act);  // "publish" ...

struct DeploymentNote {
  std::string who;
  std::string text;
};

struct DeploymentChange {
  DeploymentAct act = DeploymentAct::kPublish;
  DeploymentNote note;
  std::int64_t at_us = 0;
  Deployment after;
};

class DeploymentStore {
 public:
  static constexpr std::int64_t kChangesKept = 1'000;  // of a workflow

  DeploymentStore(database::Database& db, Clock& clock) : db_(db), clock_(clock) {}

  // In all: kNotFound when the workflow or version is not there; kConflict when `revision` is given and
  // somebody has changed the deployment since.

  // New executions get this version from now on. A canary ends.
  Task<DeploymentChange> Activate(WorkflowName of, std::string version, DeploymentNote note,
                                  std::optional<std::int64_t> revision);
  // `percent` of new executions get this version. kConflict: it is the current one. `canary.since_us` is set
  // here: that of the one before, when it is the same version.
  Task<DeploymentChange> SetCanary(WorkflowName of, Canary canary, DeploymentNote note,
                                   std::optional<std::int64_t> revision);
  // The canary becomes the current version. kConflict: there is none.
  Task<DeploymentChange> Promote(WorkflowName of, DeploymentNote note, std::optional<std::int64_t> revision);
  // `act`: kStop or kAbort. kConflict: there is none.
  Task<DeploymentChange> Stop(WorkflowName of, DeploymentAct act, DeploymentNote note,
                              std::optional<std::int64_t> revision);

  // Newest first, below the revision `before`.
  Task<std::vector<DeploymentChange>> History(WorkflowName of, std::int64_t before, std::size_t limit);

  struct Watched {
    WorkflowName of;
    Deployment deployment;
  };
  // Those with a canary that may be stopped without anybody asking, of all accounts.
  Task<std::vector<Watched>> WithCanary();

 private:
  // Changes what it is given, and says what it has done.
  using Change = std::function<Result<DeploymentAct>(database::Session&, Deployment&)>;
  Task<DeploymentChange> Do(WorkflowName of, DeploymentNote note, std::optional<std::int64_t> revision,
                            Change change);

  database::Database& db_;
  Clock& clock_;
};

// For publishing, in its transaction: writes the deployment into the row of its workflow and into the
// history. `deployment.revision` is the one before, and goes up.
Result<void> WriteDeployment(database::Session& session, const WorkflowName& of, Deployment& deployment,
                             DeploymentAct act, const DeploymentNote& note, std::int64_t now_us);
// nullopt: there is no such workflow.
Result<std::optional<Deployment>> ReadDeployment(database::Session& session, const WorkflowName& of);
Result<std::optional<DeploymentAct>> LastAct(database::Session& session, const WorkflowName& of);

}  // namespace elevaite::workflow

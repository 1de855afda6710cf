// The tables of the workflow service: documents, versions, idempotency keys. Every call names
// its account.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dsl/program.h"
#include "dsl/remote.h"
#include "foundation/clock.h"
#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"
#include "infra/database/database.h"
#include "services/workflow/deployment/deployment.h"

namespace elevaite::workflow {

template <class T>
using Task = boost::asio::awaitable<Result<T>>;

struct WorkflowRow {
  std::string name_space;
  std::string name;
  std::string latest_version;  // the one published last
  Deployment deployment;       // what new executions get
  std::string title;
  std::string summary;
  Json tags;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  std::int64_t versions = 0;
  std::int64_t webhooks = 0;
};

struct VersionRow {
  std::string version;
  std::string source;
  std::string format;  // yaml | json
  std::int64_t created_us = 0;
  dsl::Resources resources;  // that it refers to; of FindVersion only
};

enum class Published { kNew, kUnchanged };

struct PublishNote {
  bool activate = true;  // new executions get it from now on, and a canary ends
  std::string who{};
  std::string note{};
};

class WorkflowStore {
 public:
  WorkflowStore(database::Database& db, Clock& clock) : db_(db), clock_(clock) {}

  // kVersionExists when the version is there with other content. The first version of a workflow is the
  // current one in any case.
  Task<Published> Publish(AccountId account, std::shared_ptr<const dsl::Program> program, std::string source,
                          std::string format, dsl::Resources resources, PublishNote note = {});

  // The same, waiting: for imports. What runs here is not changed by one.
  Result<Published> PublishNow(const AccountId& account, const dsl::Program& program,
                               const std::string& source, const std::string& format,
                               const dsl::Resources& resources);

  // `reference` is `name` or `namespace.name`. kNotFound; kConflict when several namespaces have the name.
  Task<WorkflowRow> Resolve(AccountId account, std::string reference);
  // By name. `after`: the cursor of the page before, "name.namespace".
  Task<std::vector<WorkflowRow>> List(AccountId account, std::string part, std::string after,
                                      std::size_t limit);
  Task<std::vector<VersionRow>> Versions(AccountId account, std::string name_space,
                                         std::string name);  // newest first, no source
  Task<VersionRow> FindVersion(AccountId account, std::string name_space, std::string name,
                               std::string version);
  // The same, waiting: for the engine's start-up.
  Result<VersionRow> FindVersionNow(const AccountId& account, const std::string& name_space,
                                    const std::string& name, const std::string& version);

  // The execution that this key stands for: `fresh` when the key is new. kConflict when the key came with
  // another request.
  Task<ExecutionId> ClaimKey(AccountId account, std::string name_space, std::string name, std::string key,
                             std::string fingerprint, ExecutionId fresh);

 private:
  database::Database& db_;
  Clock& clock_;
};

}  // namespace elevaite::workflow

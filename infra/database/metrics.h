// The numbers of the databases of a process, by their service: database_commits_total{database="engine"} and
// so on.
#pragma once

#include <string>
#include <vector>

#include "foundation/metrics.h"
#include "infra/database/database.h"

namespace elevaite::database {

struct NamedDatabase {
  std::string name;  // of the service
  const Database* database;
};

// Once a registry. The databases must outlive it.
void AddDatabaseMetrics(Registry& registry, const std::vector<NamedDatabase>& databases);

}  // namespace elevaite::database

// Every option of the process, and how the options become the parts' own structs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/platform.h"
#include "app/worker_process.h"
#include "foundation/config.h"
#include "foundation/log.h"

namespace elevaite::app {

std::span<const std::span<const Option>> OptionTables();

// From the file (--config=FILE, else elevaite.yaml when it is there), the environment and the flags.
Result<Config> LoadConfig(std::vector<std::string> arguments);

// Which parts of the platform a process is.
enum class Role : std::uint8_t {
  kAll,       // everything
  kWorkflow,  // the engine and the API; workers run the connectors
  kWorker,    // runs connectors for an engine elsewhere
};
Result<Role> RoleFrom(const Config& config);

StoreOptions StoreOptionsFrom(const Config& config);
// Of a command that works on the data of a server that does not run. It does not decide whether nodes that
// share a PostgreSQL have a store of objects.
StoreOptions ToolStoreOptionsFrom(const Config& config);
PlatformOptions PlatformOptionsFrom(const Config& config);
WorkerProcessOptions WorkerProcessOptionsFrom(const Config& config);
Result<LogOptions> LogOptionsFrom(const Config& config);

}  // namespace elevaite::app

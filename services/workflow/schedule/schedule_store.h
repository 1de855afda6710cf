// The table of schedules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/ids.h"
#include "foundation/json.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

// What a deployment says about its schedule: not in the document, which is the same for everybody who runs
// it.
struct ScheduleSettings {
  std::string zone = "UTC";
  bool overlap = true;
  bool catch_up = true;
  bool paused = false;

  friend bool operator==(const ScheduleSettings&, const ScheduleSettings&) = default;
};

struct ScheduleRow {
  AccountId account;
  std::string name_space;
  std::string workflow;
  std::string version;
  ScheduleSettings settings;
  std::optional<std::int64_t> due_us;
  std::optional<ExecutionId> running;
  Json collected;
};

// A workflow whose latest version no row stands for.
struct UnscheduledVersion {
  AccountId account;
  std::string name_space;
  std::string workflow;
  std::string version;
};

class ScheduleStore {
 public:
  explicit ScheduleStore(database::Database& db) : db_(db) {}

  Task<std::optional<ScheduleRow>> Find(AccountId account, std::string name_space, std::string workflow);
  Task<void> Save(ScheduleRow row);

  // Waiting: for the start.
  Result<std::vector<ScheduleRow>> LoadAll();
  Result<std::vector<UnscheduledVersion>> LoadUnscheduled();

 private:
  database::Database& db_;
};

}  // namespace elevaite::workflow

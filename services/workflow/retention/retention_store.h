// The times for which accounts keep their executions. Every call but All names its account.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "foundation/json.h"
#include "infra/database/database.h"
#include "services/workflow/retention/account_times.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

struct StoredTimes {
  AccountId account;
  Json definition;  // AccountTimes
  std::int64_t updated_us = 0;
  std::string by;
};

class RetentionStore {
 public:
  explicit RetentionStore(database::Database& db) : db_(db) {}

  // In place of those before.
  Task<void> Put(StoredTimes times);
  // False: there were none.
  Task<bool> Drop(AccountId account);
  Task<std::optional<StoredTimes>> Find(AccountId account);
  // What holds for all accounts that have said something. Blocks.
  Result<std::map<AccountId, engine::RetentionTimes>> All(const RetentionPolicy& policy);

 private:
  database::Database& db_;
};

}  // namespace elevaite::workflow

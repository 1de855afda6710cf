// The rules of hosts. Every call but All names its account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/json.h"
#include "infra/database/database.h"
#include "services/workflow/store.h"

namespace elevaite::hosts {

template <class T>
using Task = workflow::Task<T>;

struct StoredRule {
  AccountId account;
  std::string pattern;
  Json definition;
  std::int64_t updated_us = 0;
  std::string by;
};

class HostStore {
 public:
  static constexpr std::int64_t kRulesMax = 200;  // of an account

  explicit HostStore(database::Database& db) : db_(db) {}

  // In place of one for the same pattern. kQuotaExceeded: there are kRulesMax.
  Task<void> Put(StoredRule rule);
  // False: there was none.
  Task<bool> Drop(AccountId account, std::string pattern);
  Task<std::optional<StoredRule>> Find(AccountId account, std::string pattern);
  Task<std::vector<StoredRule>> List(AccountId account);
  // Of all accounts.
  Task<std::vector<StoredRule>> All();

 private:
  database::Database& db_;
};

}  // namespace elevaite::hosts

// The rules of hosts, and who has the places where there are fewer than nodes. Every call but those for all
// accounts names its account.
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

  // A place of those below `limit` that nobody has, for this node until then. Nothing: there is none.
  Task<std::optional<std::int64_t>> ClaimPlace(AccountId account, std::string host, std::int64_t limit,
                                               std::string node, std::int64_t now_us, std::int64_t until_us);
  Task<void> ReleasePlace(AccountId account, std::string host, std::int64_t place, std::string node);
  // All that it has, of all accounts; how many these are.
  Task<std::int64_t> RenewPlaces(std::string node, std::int64_t now_us, std::int64_t until_us);
  // Those that nobody has had since.
  Task<void> ForgetPlaces(std::int64_t before_us);

 private:
  database::Database& db_;
};

}  // namespace elevaite::hosts

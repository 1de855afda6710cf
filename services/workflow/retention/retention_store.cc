#include "services/workflow/retention/retention_store.h"

#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

constexpr Sql kPut{"retention_times.put",
                   "INSERT INTO retention_times (account_id, definition, updated_us, updated_by)"
                   " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account_id) DO UPDATE SET"
                   " definition = excluded.definition, updated_us = excluded.updated_us,"
                   " updated_by = excluded.updated_by"};
constexpr Sql kDrop{"retention_times.drop", "DELETE FROM retention_times WHERE account_id = ?1"};
constexpr Sql kFind{
    "retention_times.find",
    "SELECT account_id, definition, updated_us, updated_by FROM retention_times WHERE account_id = ?1"};
constexpr Sql kAll{"retention_times.all",
                   "SELECT account_id, definition FROM retention_times WHERE account_id > ?1"
                   " ORDER BY account_id LIMIT ?2"};
constexpr std::size_t kReadAtOnce = 1'000;

}  // namespace

Task<void> RetentionStore::Put(StoredTimes times) {
  Batch batch;
  batch.Add(kPut, times.account, times.definition.Dump(), times.updated_us, times.by);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  const auto put = co_await std::move(submit);
  co_return put ? Result<void>() : Fail(put.error());
}

Task<bool> RetentionStore::Drop(AccountId account) {
  Batch batch;
  batch.Add(kDrop, account);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const database::BatchOutcome outcome, co_await std::move(submit));
  co_return outcome.rows_changed[0] > 0;
}

Task<std::optional<StoredTimes>> RetentionStore::Find(AccountId account) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::optional<StoredTimes>();
  ASSIGN_OR_CO_RETURN(Json definition, ParseJson(rows[0].Text(1)));
  co_return std::optional(StoredTimes{.account = std::move(account),
                                      .definition = std::move(definition),
                                      .updated_us = rows[0].Int(2),
                                      .by = std::string(rows[0].Text(3))});
}

Result<std::map<AccountId, engine::RetentionTimes>> RetentionStore::All(const RetentionPolicy& policy) {
  std::map<AccountId, engine::RetentionTimes> all;
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kAll, Params::Of(last, kReadAtOnce)));
    for (const auto& row : rows) {
      last = row.Text(0);
      ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(last));
      ASSIGN_OR_RETURN(const Json definition, ParseJson(row.Text(1)));
      ASSIGN_OR_RETURN(const AccountTimes times, StoredTimesFrom(definition));
      all.emplace(std::move(account), policy.InForce(times));
    }
    if (rows.size() < kReadAtOnce) return all;
  }
}

}  // namespace elevaite::workflow

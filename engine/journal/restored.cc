#include "engine/journal/restored.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::Rows;
using database::Sql;

constexpr Sql kKeep{
    "restored.keep",
    "INSERT INTO restored (account_id, execution_id, until_us) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (account_id, execution_id) DO UPDATE SET until_us = CASE WHEN"
    " excluded.until_us > restored.until_us THEN excluded.until_us ELSE restored.until_us END"};
constexpr Sql kOver{"restored.over",
                    "SELECT account_id, execution_id FROM restored WHERE until_us < ?1 LIMIT 500"};
// Not one that was brought back once more meanwhile.
constexpr Sql kForget{"restored.forget",
                      "DELETE FROM restored WHERE account_id = ?1 AND execution_id = ?2 AND until_us < ?3"};
constexpr Sql kAny{"restored.any", "SELECT 1 FROM restored LIMIT 1"};
constexpr Sql kFind{"restored.find", "SELECT 1 FROM restored WHERE account_id = ?1 AND execution_id = ?2"};

}  // namespace

Result<void> KeepRestored(database::Database& db, const AccountId& account, const ExecutionId& id,
                          std::int64_t until_us) {
  database::Batch batch;
  batch.Add(kKeep, account, id, until_us);
  const auto kept = db.SubmitAndWait(std::move(batch));
  return kept ? Result<void>() : Fail(kept.error());
}

Result<void> ForgetRestored(database::Database& db, std::int64_t now_us) {
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kOver, Params::Of(now_us)));
    if (rows.empty()) return {};
    database::Batch batch;
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(row.Text(0)));
      batch.Add(kForget, account, row.IdAt<ExecutionId>(1), now_us);
    }
    const auto forgotten = db.SubmitAndWait(std::move(batch));
    if (!forgotten) return Fail(forgotten.error());
  }
}

Result<bool> AnyRestored(database::Database& db) {
  ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kAny));
  return !rows.empty();
}

Result<bool> IsRestored(database::Database& db, const AccountId& account, const ExecutionId& id) {
  ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kFind, Params::Of(account, id)));
  return !rows.empty();
}

}  // namespace elevaite::engine

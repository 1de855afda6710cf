#include "services/workflow/operations/operation_store.h"

#include <algorithm>
#include <utility>

#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Session;
using database::Sql;

#define ELEVAITE_OPERATION_COLUMNS                                                                      \
  "account_id, id, act, arguments, filter, note, state, place, total, done, skipped, failed, reasons, " \
  "created_us, updated_us, ended_us"
constexpr Sql kInsert{"operations.insert",
                      "INSERT INTO operations (" ELEVAITE_OPERATION_COLUMNS
                      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"};
constexpr Sql kCount{"operations.count",
                     "SELECT count(*) FROM operations WHERE account_id = ?1 AND state = 'running'"};
constexpr Sql kFind{"operations.find", "SELECT " ELEVAITE_OPERATION_COLUMNS
                                       " FROM operations WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kList{"operations.list", "SELECT " ELEVAITE_OPERATION_COLUMNS
                                       " FROM operations WHERE account_id = ?1 AND id < ?2"
                                       " AND (?3 = '' OR state = ?3) ORDER BY id DESC LIMIT ?4"};
constexpr Sql kRunning{"operations.running",
                       "SELECT " ELEVAITE_OPERATION_COLUMNS
                       " FROM operations WHERE state = 'running' AND id > ?1 ORDER BY id LIMIT ?2"};
constexpr Sql kCancel{"operations.cancel",
                      "UPDATE operations SET state = 'cancelled', updated_us = ?3, ended_us = ?3"
                      " WHERE account_id = ?1 AND id = ?2 AND state = 'running'"};
constexpr Sql kSave{"operations.save",
                    "UPDATE operations SET place = ?3, total = ?4, done = ?5, skipped = ?6, failed = ?7,"
                    " reasons = ?8, updated_us = ?9,"
                    " ended_us = CASE WHEN state = 'running' THEN ?10 ELSE ended_us END,"
                    " state = CASE WHEN state = 'running' THEN ?11 ELSE state END"
                    " WHERE account_id = ?1 AND id = ?2 AND place = ?12"};
constexpr Sql kForget{
    "operations.forget",
    "DELETE FROM operations WHERE (account_id, id) IN (SELECT account_id, id FROM operations"
    " WHERE ended_us IS NOT NULL AND ended_us < ?1 ORDER BY ended_us LIMIT ?2)"};

Result<Operation> OperationFrom(const database::Row& row) {
  Operation operation;
  ASSIGN_OR_RETURN(operation.account, AccountId::Parse(row.Text(0)));
  operation.id = row.IdAt<OperationId>(1);
  const auto act = BulkActFromName(row.Text(2));
  const auto state = OperationStateFromName(row.Text(6));
  if (!act || !state) return Fail(ErrorCode::kDataLoss, "an operation cannot be read");
  operation.act = *act;
  ASSIGN_OR_RETURN(operation.arguments, ParseJson(row.Text(3)));
  ASSIGN_OR_RETURN(operation.filter, ParseJson(row.Text(4)));
  ASSIGN_OR_RETURN(operation.note, ParseJson(row.Text(5)));
  operation.state = *state;
  operation.cursor = row.Text(7);
  operation.total = row.OptionalInt(8);
  operation.done = row.Int(9);
  operation.skipped = row.Int(10);
  operation.failed = row.Int(11);
  ASSIGN_OR_RETURN(const Json reasons, ParseJson(row.Text(12)));
  operation.reasons = ReasonsFrom(reasons);
  operation.created_us = row.Int(13);
  operation.updated_us = row.Int(14);
  operation.ended_us = row.OptionalInt(15);
  return operation;
}

Result<std::vector<Operation>> OperationsFrom(const Rows& rows) {
  std::vector<Operation> operations;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(Operation operation, OperationFrom(row));
    operations.push_back(std::move(operation));
  }
  return operations;
}

OperationId Newest() {
  Uuid uuid;
  uuid.bytes.fill(0xff);
  return OperationId(uuid);
}

}  // namespace

Task<void> OperationStore::Insert(Operation o) {
  auto insert = database::AsyncTransact(db_, [o = std::move(o)](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows running, session.Query(kCount, o.account));
    if (running[0].Int(0) >= kRunningMax)
      return Fail(ErrorCode::kQuotaExceeded,
                  std::to_string(kRunningMax) + " operations run already, the limit of an account",
                  "wait until one has ended, or cancel one");
    ASSIGN_OR_RETURN(
        const std::int64_t changed,
        session.Execute(kInsert, o.account, o.id, NameOf(o.act), o.arguments.Dump(), o.filter.Dump(),
                        o.note.Dump(), NameOf(o.state), o.cursor, o.total, o.done, o.skipped, o.failed,
                        ReasonsJson(o.reasons).Dump(), o.created_us, o.updated_us, o.ended_us));
    (void)changed;
    return {};
  });
  co_return co_await std::move(insert);
}

Task<Operation> OperationStore::Find(AccountId account, OperationId id) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(ErrorCode::kNotFound, "no operation " + id.ToString());
  co_return OperationFrom(rows[0]);
}

Task<std::vector<Operation>> OperationStore::List(AccountId account, OperationFilter filter) {
  auto query = database::AsyncQuery(db_, kList,
                                    Params::Of(account, filter.before.value_or(Newest()),
                                               filter.state ? NameOf(*filter.state) : "", filter.limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return OperationsFrom(rows);
}

Task<void> OperationStore::Cancel(AccountId account, OperationId id, std::int64_t now_us) {
  Batch batch;
  batch.Add(kCancel, account, id, now_us);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const database::BatchOutcome outcome, co_await std::move(submit));
  if (outcome.rows_changed.front() > 0) co_return Result<void>();
  auto find = Find(std::move(account), id);
  const auto found = co_await std::move(find);
  co_return found ? Result<void>() : Fail(found.error());
}

Task<std::vector<Operation>> OperationStore::Running(OperationId after, std::size_t limit) {
  auto query = database::AsyncQuery(db_, kRunning, Params::Of(after, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return OperationsFrom(rows);
}

Task<void> OperationStore::Save(Operation o, std::string cursor_before) {
  Batch batch;
  batch
      .Add(kSave, o.account, o.id, o.cursor, o.total, o.done, o.skipped, o.failed,
           ReasonsJson(o.reasons).Dump(), o.updated_us, o.ended_us, NameOf(o.state), cursor_before)
      .ExpectRows(1);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  const auto outcome = co_await std::move(submit);
  co_return outcome ? Result<void>() : Fail(outcome.error());
}

Task<std::int64_t> OperationStore::Forget(std::int64_t before_us, std::size_t limit) {
  Batch batch;
  batch.Add(kForget, before_us, limit);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const database::BatchOutcome outcome, co_await std::move(submit));
  co_return outcome.rows_changed.front();
}

}  // namespace elevaite::workflow

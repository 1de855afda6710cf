#include "engine/journal/purge.h"

#include "engine/journal/records.h"
#include "engine/journal/restored.h"

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

constexpr std::size_t kAtOnce = 32;       // executions in one commit
constexpr std::int64_t kEventRows = 200;  // of one execution in one commit
constexpr std::size_t kLookedAt = 500;    // in one query
constexpr std::size_t kPayloads = 100;    // in one commit

constexpr Sql kFind{
    "purge.find", "SELECT " ELEVAITE_EXECUTION_COLUMNS " FROM executions WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kOldest{"purge.oldest",
                      "SELECT " ELEVAITE_EXECUTION_COLUMNS
                      " FROM executions WHERE account_id = ?1 AND (created_us, id) > (?2, ?3)"
                      " AND created_us > 0 AND created_us < ?4 ORDER BY created_us, id LIMIT ?5"};
constexpr Sql kIsLive{"purge.is_live",
                      "SELECT 1 FROM executions WHERE account_id = ?1 AND id = ?2 AND finished_us IS NULL"};
constexpr Sql kNextAccount{"purge.next_account",
                           "SELECT min(account_id) FROM executions WHERE account_id > ?1"};
constexpr Sql kEventRowAt{"purge.event_row",
                          "SELECT first_seq FROM journal WHERE account_id = ?1 AND execution_id = ?2"
                          " ORDER BY first_seq LIMIT 1 OFFSET ?3"};
constexpr Sql kSize{
    "purge.size",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM journal WHERE account_id = ?1 AND execution_id = ?2"
    " LIMIT 1 OFFSET ?3) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM payloads WHERE"
    " account_id = ?1 AND execution_id = ?2) THEN 1 ELSE 0 END"};
constexpr Sql kPayloadsOf{"purge.payloads",
                          "SELECT payload_id FROM payloads WHERE account_id = ?1 AND execution_id = ?2"
                          " ORDER BY payload_id LIMIT ?3"};
// A row comes with that of its execution, in one commit.
constexpr Sql kOfNobody{
    "purge.of_nobody",
    "SELECT DISTINCT account_id, execution_id FROM payloads p WHERE swept_us IS NULL AND NOT"
    " EXISTS (SELECT 1 FROM executions e WHERE e.account_id = p.account_id AND e.id ="
    " p.execution_id) LIMIT 100"};
constexpr Sql kPending{"purge.pending", "SELECT account_id, execution_id FROM purges LIMIT 100"};

constexpr Sql kRemember{"purge.remember", "INSERT INTO purges (account_id, execution_id) VALUES (?1, ?2)"};
constexpr Sql kForgetRow{
    "purge.row", "DELETE FROM executions WHERE account_id = ?1 AND id = ?2 AND finished_us IS NOT NULL"};
// Before the labels: one that is being brought over is then waited for, or never is.
constexpr Sql kForgetDue{
    "purge.labels_due",
    "DELETE FROM labels_due WHERE created_us = ?1 AND account_id = ?2 AND execution_id = ?3"};
constexpr Sql kForgetLabel{"purge.label",
                           "DELETE FROM labels WHERE account_id = ?1 AND label = ?2 AND created_us = ?3"
                           " AND execution_id = ?4"};
constexpr Sql kForgetAllEvents{"purge.all_events",
                               "DELETE FROM journal WHERE account_id = ?1 AND execution_id = ?2"};
constexpr Sql kForgetEvents{
    "purge.events", "DELETE FROM journal WHERE account_id = ?1 AND execution_id = ?2 AND first_seq < ?3"};
constexpr Sql kForgetPayload{
    "purge.payload", "DELETE FROM payloads WHERE account_id = ?1 AND execution_id = ?2 AND payload_id = ?3"};
constexpr Sql kDone{"purge.done", "DELETE FROM purges WHERE account_id = ?1 AND execution_id = ?2"};

bool IsPast(const ExecutionRecord& record, const Purge::Bounds& bounds) {
  const auto& bound = record.phase == Phase::kCompleted ? bounds.completed_us : bounds.faulted_us;
  return record.finished_us && bound && *record.finished_us < *bound;
}

}  // namespace

// False: it was told to stop.
Result<bool> Purge::Commit(Batch batch) {
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = db_.SubmitAndWait(std::move(batch));
  if (!outcome) return elevaite::Fail(outcome.error());
  return pause_(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
}

Result<bool> Purge::MayGo(const ExecutionRecord& record) {
  if (!record.finished_us) return false;
  if (!record.parent) return true;
  ASSIGN_OR_RETURN(const Rows parents, db_.QueryAndWait(kIsLive, Params::Of(record.account, *record.parent)));
  return parents.empty();
}

// Whether there is more to it than one commit can take.
Result<bool> Purge::HasRest(const ExecutionRecord& record, bool& is_long) {
  ASSIGN_OR_RETURN(const Rows rows,
                   db_.QueryAndWait(kSize, Params::Of(record.account, record.id, kEventRows)));
  is_long = rows[0].Int(0) != 0;
  return is_long || rows[0].Int(1) != 0;
}

// What is known to be brought back was so before its row was there; so this looks after that was read.
Result<std::vector<ExecutionRecord>> Purge::NotRestored(std::vector<ExecutionRecord> records) {
  ASSIGN_OR_RETURN(const bool any, AnyRestored(db_));
  if (!any) return records;
  std::vector<ExecutionRecord> others;
  for (ExecutionRecord& record : records) {
    ASSIGN_OR_RETURN(const bool restored, IsRestored(db_, record.account, record.id));
    if (!restored) others.push_back(std::move(record));
  }
  return others;
}

Result<std::uint64_t> Purge::ForgetOld(std::vector<ExecutionRecord> records) {
  if (records.empty()) return 0;
  ASSIGN_OR_RETURN(records, NotRestored(std::move(records)));
  if (before_ && !records.empty()) {
    ASSIGN_OR_RETURN(records, before_(std::move(records)));
  }
  RETURN_IF_ERROR(Forget(records));
  return records.size();
}

Result<void> Purge::Forget(const std::vector<ExecutionRecord>& records) {
  if (records.empty()) return {};
  Batch batch;
  std::vector<const ExecutionRecord*> with_rest;
  for (const ExecutionRecord& record : records) {
    bool is_long = false;
    ASSIGN_OR_RETURN(const bool has_rest, HasRest(record, is_long));
    if (has_rest) with_rest.push_back(&record);
    if (has_rest) batch.Add(kRemember, record.account, record.id);
    batch.Add(kForgetRow, record.account, record.id);
    if (!record.labels.empty()) batch.Add(kForgetDue, record.created_us, record.account, record.id);
    for (const Label& label : record.labels)
      batch.Add(kForgetLabel, record.account, IndexText(label), record.created_us, record.id);
    if (!is_long) batch.Add(kForgetAllEvents, record.account, record.id);
  }
  ASSIGN_OR_RETURN(const bool go_on, Commit(std::move(batch)));
  if (!go_on) return {};
  for (const ExecutionRecord* record : with_rest) RETURN_IF_ERROR(ForgetRest(record->account, record->id));
  return {};
}

// False: it was told to stop. An object goes before its row, so that none is left without one.
Result<bool> Purge::ForgetPayloads(const AccountId& account, const ExecutionId& id, std::uint64_t& gone) {
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kPayloadsOf, Params::Of(account, id, kPayloads)));
    if (rows.empty()) return true;
    if (!payloads_)
      return Fail(ErrorCode::kUnavailable,
                  "there are payloads of " + id.ToString() + ", and no store of objects", "set objects.dir");
    Batch batch;
    for (const auto& row : rows) {
      const PayloadKey key{.account = account, .execution = id, .id = row.IdAt<PayloadId>(0)};
      RETURN_IF_ERROR(payloads_->Delete(key));
      batch.Add(kForgetPayload, account, id, key.id);
    }
    gone += rows.size();
    ASSIGN_OR_RETURN(const bool go_on, Commit(std::move(batch)));
    if (!go_on) return false;
  }
}

Result<std::uint64_t> Purge::PayloadsOfNobody() {
  std::uint64_t gone = 0;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kOfNobody));
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(row.Text(0)));
      ASSIGN_OR_RETURN(const bool go_on, ForgetPayloads(account, row.IdAt<ExecutionId>(1), gone));
      if (!go_on) return gone;
    }
    if (rows.empty()) return gone;
  }
}

Result<void> Purge::ForgetRest(const AccountId& account, const ExecutionId& id) {
  std::uint64_t gone = 0;
  ASSIGN_OR_RETURN(const bool goes_on, ForgetPayloads(account, id, gone));
  while (goes_on) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kEventRowAt, Params::Of(account, id, kEventRows)));
    Batch batch;
    if (rows.empty()) {
      batch.Add(kForgetAllEvents, account, id);
      batch.Add(kDone, account, id);
    } else {
      batch.Add(kForgetEvents, account, id, rows[0].Int(0));
    }
    ASSIGN_OR_RETURN(const bool go_on, Commit(std::move(batch)));
    if (rows.empty() || !go_on) return {};
  }
  return {};
}

Result<void> Purge::Resume() {
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kPending));
    if (rows.empty()) return {};
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(row.Text(0)));
      RETURN_IF_ERROR(ForgetRest(account, row.IdAt<ExecutionId>(1)));
      if (!pause_({})) return {};
    }
  }
}

Result<void> Purge::One(const AccountId& account, const ExecutionId& id) {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kFind, Params::Of(account, id)));
  if (rows.empty()) return Fail(ErrorCode::kNotFound, "no execution " + id.ToString());
  ASSIGN_OR_RETURN(ExecutionRecord record, RecordFrom(rows[0]));
  if (!record.finished_us)
    return Fail(ErrorCode::kConflict, "this execution has not ended", "cancel it first");
  ASSIGN_OR_RETURN(const bool may_go, MayGo(record));
  if (!may_go)
    return Fail(ErrorCode::kConflict, "the execution that runs this one has not ended",
                "it may ask for the end of this one again; wait for it, or cancel it");
  return Forget({std::move(record)});
}

Result<std::uint64_t> Purge::Old(const AccountId& account,
                                 const std::function<Result<Bounds>()>& bounds_now) {
  ListCursor cursor;
  std::uint64_t gone = 0;
  while (true) {
    ASSIGN_OR_RETURN(const Bounds bounds, bounds_now());
    const std::int64_t until_us = std::max(bounds.completed_us.value_or(0), bounds.faulted_us.value_or(0));
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kOldest, Params::Of(account, cursor.created_us,
                                                                           cursor.id, until_us, kLookedAt)));
    std::vector<ExecutionRecord> due;
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(ExecutionRecord record, RecordFrom(row));
      cursor = {record.created_us, record.id};
      if (!IsPast(record, bounds)) continue;
      ASSIGN_OR_RETURN(const bool may_go, MayGo(record));
      if (!may_go) continue;
      due.push_back(std::move(record));
      if (due.size() < kAtOnce) continue;
      ASSIGN_OR_RETURN(const std::uint64_t some, ForgetOld(std::exchange(due, {})));
      gone += some;
    }
    ASSIGN_OR_RETURN(const std::uint64_t rest, ForgetOld(std::move(due)));
    gone += rest;
    if (rows.size() < kLookedAt || !pause_({})) return gone;
  }
}

Result<std::vector<AccountId>> Purge::Accounts() {
  std::vector<AccountId> accounts;
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kNextAccount, Params::Of(last)));
    if (rows[0].IsNull(0)) return accounts;
    last = rows[0].Text(0);
    ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(last));
    accounts.push_back(std::move(account));
  }
}

}  // namespace elevaite::engine

#include "engine/journal/payload_sweep.h"

#include <algorithm>

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

constexpr std::size_t kPage = 500;

constexpr Sql kSweptUntil{"object_stores.swept", "SELECT swept_us FROM object_stores"};
constexpr Sql kSetSweptUntil{"object_stores.set_swept", "UPDATE object_stores SET swept_us = ?1"};
constexpr Sql kHas{"payloads.has",
                   "SELECT 1 FROM payloads WHERE account_id = ?1 AND execution_id = ?2 AND payload_id = ?3"
                   " AND swept_us IS NULL"};
constexpr Sql kBury{"payloads.bury",
                    "INSERT INTO payloads (account_id, execution_id, payload_id, swept_us)"
                    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"};
constexpr Sql kIsBuried{
    "payloads.is_buried",
    "SELECT 1 FROM payloads WHERE account_id = ?1 AND execution_id = ?2 AND payload_id = ?3"
    " AND swept_us IS NOT NULL"};
constexpr Sql kDropGraves{"payloads.drop_graves",
                          "DELETE FROM payloads WHERE swept_us IS NOT NULL AND swept_us < ?1"};
constexpr Sql kNextAccount{"payloads.next_account",
                           "SELECT min(account_id) FROM (SELECT min(account_id) AS account_id FROM executions"
                           " WHERE account_id > ?1 UNION ALL SELECT min(account_id) FROM payloads WHERE"
                           " account_id > ?1) AS next"};

constexpr Sql kStore{"object_stores.select", "SELECT id FROM object_stores"};
constexpr Sql kInsertStore{
    "object_stores.insert",
    "INSERT INTO object_stores (one, id, swept_us) VALUES (1, ?1, 0) ON CONFLICT DO NOTHING"};

std::int64_t MicrosOf(std::chrono::hours hours) {
  return std::chrono::duration_cast<std::chrono::microseconds>(hours).count();
}

// Keys of payloads that were written then or later come after it.
std::string PlaceOf(std::size_t shard, std::int64_t time_us) {
  Uuid first;
  const auto ms = static_cast<std::uint64_t>(time_us / 1'000);
  for (unsigned i = 0; i < 6; ++i) first.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  return PayloadKey::ShardText(shard) + "/" + PayloadId(first).ToString();
}

std::string StampOf(std::string_view id) { return "stores/" + std::string(id); }

}  // namespace

Result<bool> PayloadSweep::IsOfNoCommit(const PayloadKey& key) {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kHas, Params::Of(key.account, key.execution, key.id)));
  return rows.empty();
}

// False: its commit was quicker.
Result<bool> PayloadSweep::Bury(const PayloadKey& key) {
  Batch batch;
  batch.Add(kBury, key.account, key.execution, key.id, clock_.Now().micros());
  RETURN_IF_ERROR(db_.SubmitAndWait(std::move(batch)));
  ASSIGN_OR_RETURN(const Rows rows,
                   db_.QueryAndWait(kIsBuried, Params::Of(key.account, key.execution, key.id)));
  if (rows.empty()) return false;
  RETURN_IF_ERROR(payloads_.Delete(key));
  return true;
}

Result<std::uint64_t> PayloadSweep::Sweep(const AccountId& account, std::size_t shard, std::int64_t since_us,
                                          std::int64_t until_us, bool keep) {
  std::uint64_t swept = 0;
  std::string after = PlaceOf(shard, since_us);
  while (goes_on_()) {
    ASSIGN_OR_RETURN(const auto keys, payloads_.List(account, shard, after, kPage));
    for (const PayloadKey& key : keys) {
      after = key.ToText();
      if (key.id.uuid().time().micros() >= until_us) return swept;
      ASSIGN_OR_RETURN(const bool is_of_none, IsOfNoCommit(key));
      if (!is_of_none) continue;
      ASSIGN_OR_RETURN(const bool counts, keep ? Result<bool>(true) : Bury(key));
      swept += counts ? 1 : 0;
    }
    if (keys.size() < kPage) break;
  }
  return swept;
}

Result<std::vector<AccountId>> PayloadSweep::Accounts() {
  std::vector<AccountId> accounts;
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kNextAccount, Params::Of(last)));
    if (rows[0].IsNull(0)) break;
    last = rows[0].Text(0);
    ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(last));
    accounts.push_back(std::move(account));
  }
  // A first start that came to nothing leaves no row.
  if (std::ranges::find(accounts, AccountId::Default()) == accounts.end())
    accounts.push_back(AccountId::Default());
  return accounts;
}

Result<std::uint64_t> PayloadSweep::Between(std::int64_t since_us, std::int64_t until_us, bool keep,
                                            bool& is_done) {
  std::uint64_t swept = 0;
  ASSIGN_OR_RETURN(const std::vector<AccountId> accounts, Accounts());
  for (const AccountId& account : accounts) {
    for (std::size_t shard = 0; shard < PayloadKey::kShards; ++shard) {
      ASSIGN_OR_RETURN(const std::uint64_t some, Sweep(account, shard, since_us, until_us, keep));
      swept += some;
    }
  }
  is_done = goes_on_();
  return swept;
}

Result<std::uint64_t> PayloadSweep::Pass() {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kSweptUntil));
  const std::int64_t since_us = rows.empty() ? 0 : rows[0].Int(0);
  const std::int64_t now_us = clock_.Now().micros();
  const std::int64_t until_us = now_us - MicrosOf(kAge);
  if (until_us <= since_us) return 0;
  bool is_done = false;
  ASSIGN_OR_RETURN(const std::uint64_t swept, Between(since_us, until_us, false, is_done));
  if (!is_done) return swept;
  Batch batch;
  batch.Add(kSetSweptUntil, until_us);
  batch.Add(kDropGraves, now_us - MicrosOf(kGravesKept));
  RETURN_IF_ERROR(db_.SubmitAndWait(std::move(batch)));
  return swept;
}

Result<std::uint64_t> PayloadSweep::All(bool keep) {
  bool is_done = false;
  return Between(0, clock_.Now().micros() - MicrosOf(kAge), keep, is_done);
}

// The stamp is in the store before the row is in the database: whoever finds the row finds the stamp, unless
// he looks into another store. Of two nodes that come first, the one whose row counts has put its own there.
Result<void> BindObjects(database::Database& db, objects::ObjectStore& objects, bool adopt) {
  const AccountId account = AccountId::Default();
  ASSIGN_OR_RETURN(Rows rows, db.QueryAndWait(kStore));
  std::string made;
  if (rows.empty()) {
    made = SystemUuids().Next().ToText();
    RETURN_IF_ERROR(objects.Put(account, StampOf(made), ""));
    Batch batch;
    batch.Add(kInsertStore, made);
    RETURN_IF_ERROR(db.SubmitAndWait(std::move(batch)));
    ASSIGN_OR_RETURN(rows, db.QueryAndWait(kStore));
  }
  const std::string id(rows[0].Text(0));
  if (!made.empty() && id != made) RETURN_IF_ERROR(objects.Delete(account, StampOf(made)));
  ASSIGN_OR_RETURN(const bool has_stamp, objects.Has(account, StampOf(id)));
  if (has_stamp) return {};
  if (adopt) return objects.Put(account, StampOf(id), "");
  return Fail(
      ErrorCode::kInvalidArgument,
      "objects.dir is not the folder in which this database has its large values",
      "set objects.dir to that folder, which all nodes share; if it is lost, elevaite doctor --fix goes on "
      "without it");
}

Result<bool> HasObjects(database::Database& db) {
  ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kStore));
  return !rows.empty();
}

}  // namespace elevaite::engine

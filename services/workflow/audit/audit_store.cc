#include "services/workflow/audit/audit_store.h"

#include <utility>

#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

constexpr Sql kInsert{"audit.insert",
                      "INSERT INTO audit (account_id, id, who, act, object_kind, object_id, note, request_id,"
                      " time_us, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
// More than one entry brings, so that they do not grow for ever.
constexpr Sql kForget{"audit.forget",
                      "DELETE FROM audit WHERE account_id = ?1 AND id IN (SELECT id FROM audit"
                      " WHERE account_id = ?1 AND id < ?2 ORDER BY id LIMIT 3)"};

// Each reads one index; the rest of the filter is tested on what that gives.
#define ELEVAITE_AUDIT_LIST(condition)                                                        \
  "SELECT id, who, act, object_kind, object_id, note, request_id, time_us, change FROM audit" \
  " WHERE account_id = ?1 AND id < ?2 AND id >= ?3 AND " condition                            \
  " AND (?4 = '' OR object_kind = ?4) AND (?7 = '' OR act = ?7) ORDER BY id DESC LIMIT ?8"
constexpr Sql kList{"audit.list", ELEVAITE_AUDIT_LIST("?5 = '' AND ?6 = ''")};
constexpr Sql kOfObject{"audit.of_object", ELEVAITE_AUDIT_LIST("object_id = ?5 AND (?6 = '' OR who = ?6)")};
constexpr Sql kByWho{"audit.by_who", ELEVAITE_AUDIT_LIST("?5 = '' AND who = ?6")};

AuditId Newest() {
  Uuid uuid;
  uuid.bytes.fill(0xff);
  return AuditId(uuid);
}

}  // namespace

AuditId AuditStore::Oldest() const {
  Uuid uuid;
  if (keep_.count() == 0) return AuditId(uuid);
  const std::int64_t from_us = clock_.Now().micros() - keep_.count();
  const auto milliseconds = static_cast<std::uint64_t>(from_us > 0 ? from_us / 1'000 : 0);
  for (std::size_t i = 0; i < 6; ++i)
    uuid.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  return AuditId(uuid);
}

Task<void> AuditStore::Write(AuditEntry e) {
  e.id = AuditId::New();
  e.time_us = clock_.Now().micros();
  Batch batch;
  batch.Add(kInsert, e.account, e.id, e.who, e.act, e.object_kind, e.object_id, e.note, e.request_id,
            e.time_us, e.change.IsNull() ? std::nullopt : std::optional(e.change.Dump()));
  if (keep_.count() != 0) batch.Add(kForget, e.account, Oldest());
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  const auto done = co_await std::move(submit);
  co_return done ? Result<void>() : Fail(done.error());
}

Task<std::vector<AuditEntry>> AuditStore::List(AccountId account, AuditFilter filter) {
  const Sql& sql = !filter.object_id.empty() ? kOfObject : !filter.who.empty() ? kByWho : kList;
  auto query =
      database::AsyncQuery(db_, sql,
                           Params::Of(account, filter.before.value_or(Newest()), Oldest(), filter.object_kind,
                                      filter.object_id, filter.who, filter.act, filter.limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<AuditEntry> entries;
  for (const auto& row : rows) {
    Json change;
    if (!row.IsNull(8)) {
      ASSIGN_OR_CO_RETURN(change, ParseJson(row.Text(8)));
    }
    entries.push_back({.account = account,
                       .id = row.IdAt<AuditId>(0),
                       .who = std::string(row.Text(1)),
                       .act = std::string(row.Text(2)),
                       .object_kind = std::string(row.Text(3)),
                       .object_id = std::string(row.Text(4)),
                       .note = std::string(row.Text(5)),
                       .change = std::move(change),
                       .request_id = std::string(row.Text(6)),
                       .time_us = row.Int(7)});
  }
  co_return entries;
}

}  // namespace elevaite::workflow

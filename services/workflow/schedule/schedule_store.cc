#include "services/workflow/schedule/schedule_store.h"

#include <algorithm>
#include <array>

#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Batch;
using database::Params;
using database::QueryOptions;
using database::Rows;
using database::Sql;

#define ELEVAITE_SCHEDULE_STATE "paused, note, created_us, updated_us, due_us, running, progress, collected"
#define ELEVAITE_SCHEDULE_COLUMNS \
  "account_id, id, namespace, workflow, version, kind, definition, " ELEVAITE_SCHEDULE_STATE
constexpr std::size_t kInputColumn = 15;  // behind these
constexpr Sql kFind{"schedules.find", "SELECT " ELEVAITE_SCHEDULE_COLUMNS
                                      ", input FROM schedules WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kInput{"schedules.input", "SELECT input FROM schedules WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kCount{"schedules.count", "SELECT count(*) FROM schedules WHERE account_id = ?1"};
constexpr Sql kAll{"schedules.all", "SELECT " ELEVAITE_SCHEDULE_COLUMNS
                                    ", CASE WHEN input IS NULL THEN 0 ELSE 1 END FROM schedules"
                                    " WHERE (account_id, id) > (?1, ?2) ORDER BY account_id, id LIMIT ?3"};
constexpr std::size_t kPage = 2'000;
constexpr Sql kList{"schedules.list",
                    "SELECT " ELEVAITE_SCHEDULE_COLUMNS
                    ", CASE WHEN input IS NULL THEN 0 ELSE 1 END FROM schedules"
                    " WHERE account_id = ?1 AND id > ?2 AND kind IN ('times', 'after', 'events')"
                    " AND (?3 = '' OR workflow = ?3) AND (?4 = '' OR namespace = ?4)"
                    " AND (?5 < 0 OR paused = ?5) AND id LIKE ?6 ESCAPE '\\' ORDER BY id LIMIT ?7"};
#define ELEVAITE_SCHEDULE_VALUES \
  ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
constexpr Sql kInsert{"schedules.insert",
                      "INSERT INTO schedules (" ELEVAITE_SCHEDULE_COLUMNS ", input" ELEVAITE_SCHEDULE_VALUES};
constexpr Sql kSave{"schedules.save",
                    "INSERT INTO schedules (" ELEVAITE_SCHEDULE_COLUMNS ", input" ELEVAITE_SCHEDULE_VALUES
                    " ON CONFLICT (account_id, id) DO UPDATE SET"
                    " version = excluded.version, kind = excluded.kind, definition = excluded.definition,"
                    " input = excluded.input, paused = excluded.paused, note = excluded.note,"
                    " updated_us = excluded.updated_us, due_us = excluded.due_us,"
                    " running = excluded.running, progress = excluded.progress,"
                    " collected = excluded.collected"};
constexpr Sql kUnchanged{"schedules.unchanged",
                         "UPDATE schedules SET updated_us = ?4"
                         " WHERE account_id = ?1 AND id = ?2 AND updated_us = ?3"};
constexpr Sql kProgress{"schedules.progress",
                        "UPDATE schedules SET due_us = ?3, running = ?4, progress = ?5, collected = ?6"
                        " WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kPaused{"schedules.paused",
                      "UPDATE schedules SET paused = 1, note = ?3 WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kDelete{"schedules.delete", "DELETE FROM schedules WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kUnscheduled{
    "schedules.missing",
    "SELECT w.account_id, w.namespace, w.name, w.current_version FROM workflows w LEFT JOIN"
    " schedules s ON s.account_id = w.account_id AND s.id = w.namespace || '.' || w.name"
    " WHERE s.version IS NULL OR s.version <> w.current_version OR s.kind = ''"};

constexpr QueryOptions kMany{
    .rows_max = 1'000'000, .bytes_max = 2U << 30U, .timeout = std::chrono::seconds(60)};

constexpr std::array<std::string_view, 5> kKinds{"", "none", "times", "after", "events"};

std::string_view NameOf(ScheduleKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Result<Json> JsonAt(const database::Row& row, std::size_t column) {
  const auto text = row.OptionalText(column);
  return text ? ParseJson(*text) : Result<Json>(Json());
}

// The input is not among it.
Result<ScheduleRow> RowFrom(const database::Row& row) {
  ScheduleRow schedule;
  ASSIGN_OR_RETURN(schedule.account, AccountId::Parse(row.Text(0)));
  schedule.id = row.Text(1);
  schedule.name_space = row.Text(2);
  schedule.workflow = row.Text(3);
  schedule.version = row.Text(4);
  const auto kind = std::ranges::find(kKinds, row.Text(5));
  if (kind == kKinds.end()) return Fail(ErrorCode::kDataLoss, "a schedule is of an unknown kind");
  schedule.kind = static_cast<ScheduleKind>(kind - kKinds.begin());
  ASSIGN_OR_RETURN(const Json definition, JsonAt(row, 6));
  ASSIGN_OR_RETURN(schedule.spec, ScheduleSpec::FromJson(definition));
  schedule.paused = row.Bool(7);
  schedule.note = row.Text(8);
  schedule.created_us = row.Int(9);
  schedule.updated_us = row.Int(10);
  ASSIGN_OR_RETURN(const Json progress, JsonAt(row, 13));
  const std::string_view open = row.IsNull(12) ? std::string_view() : row.Bytes(12);
  ASSIGN_OR_RETURN(schedule.progress, Progress::Read(progress, open));
  schedule.progress.due_us = row.OptionalInt(11);
  ASSIGN_OR_RETURN(schedule.progress.collected, JsonAt(row, 14));
  return schedule;
}

std::optional<std::string> TextOf(const Json& json) {
  return json.IsNull() ? std::nullopt : std::optional(json.Dump());
}

std::optional<database::Blob> OpenOf(const std::string& ids) {
  return ids.empty() ? std::nullopt : std::optional(database::Blob{ids});
}

void AddRow(Batch& batch, const Sql& sql, const ScheduleRow& row) {
  const std::string open = row.progress.OpenIds();
  batch.Add(sql, row.account, row.id, row.name_space, row.workflow, row.version, NameOf(row.kind),
            row.spec.ToJson().Dump(), row.paused, row.note, row.created_us, row.updated_us,
            row.progress.due_us, OpenOf(open), row.progress.ToJson().Dump(), TextOf(row.progress.collected),
            row.has_input ? TextOf(row.input) : std::nullopt);
}

Task<void> Written(database::Database& db, Batch batch) {
  auto submit = database::AsyncSubmit(db, std::move(batch));
  const auto done = co_await std::move(submit);
  co_return done ? Result<void>() : Fail(done.error());
}

std::string Containing(const std::string& part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

Task<std::optional<ScheduleRow>> ScheduleStore::Find(AccountId account, std::string id) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::nullopt;
  ASSIGN_OR_CO_RETURN(ScheduleRow row, RowFrom(rows[0]));
  row.has_input = !rows[0].IsNull(kInputColumn);
  ASSIGN_OR_CO_RETURN(row.input, JsonAt(rows[0], kInputColumn));
  co_return row;
}

Task<std::vector<ScheduleRow>> ScheduleStore::List(AccountId account, ScheduleFilter filter) {
  const std::int64_t paused = filter.paused ? static_cast<std::int64_t>(*filter.paused) : -1;
  auto query = database::AsyncQuery(db_, kList,
                                    Params::Of(account, filter.after, filter.workflow, filter.name_space,
                                               paused, Containing(filter.part), filter.limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<ScheduleRow> page;
  for (const auto& row : rows) {
    ASSIGN_OR_CO_RETURN(ScheduleRow schedule, RowFrom(row));
    schedule.has_input = row.Bool(kInputColumn);
    page.push_back(std::move(schedule));
  }
  co_return page;
}

Task<Json> ScheduleStore::InputOf(AccountId account, std::string id) {
  auto query = database::AsyncQuery(db_, kInput, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty() || rows[0].IsNull(0)) co_return Json::EmptyObject();
  co_return JsonAt(rows[0], 0);
}

Task<std::int64_t> ScheduleStore::Count(AccountId account) {
  auto query = database::AsyncQuery(db_, kCount, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return rows[0].Int(0);
}

Task<void> ScheduleStore::Insert(ScheduleRow row) {
  Batch batch;
  AddRow(batch, kInsert, row);
  co_return co_await Written(db_, std::move(batch));
}

Task<void> ScheduleStore::Save(ScheduleRow row) {
  Batch batch;
  AddRow(batch, kSave, row);
  co_return co_await Written(db_, std::move(batch));
}

Task<void> ScheduleStore::Change(ScheduleRow row, std::int64_t updated_us) {
  Batch batch;
  batch.Add(kUnchanged, row.account, row.id, updated_us, row.updated_us).ExpectRows(1);
  AddRow(batch, kSave, row);
  co_return co_await Written(db_, std::move(batch));
}

Task<void> ScheduleStore::Delete(AccountId account, std::string id) {
  Batch batch;
  batch.Add(kDelete, account, id);
  co_return co_await Written(db_, std::move(batch));
}

Task<void> ScheduleStore::SaveProgress(const std::vector<Saved>& all) {
  Batch batch;
  for (const Saved& one : all) {
    const std::string open = one.progress.OpenIds();
    batch.Add(kProgress, one.account, one.id, one.progress.due_us, OpenOf(open), one.progress.ToJson().Dump(),
              TextOf(one.progress.collected));
    if (one.paused != nullptr) batch.Add(kPaused, one.account, one.id, *one.paused);
  }
  co_return co_await Written(db_, std::move(batch));
}

Result<void> ScheduleStore::SaveNow(const std::vector<ScheduleRow>& rows) {
  constexpr std::size_t kAtOnce = 1'000;
  for (std::size_t i = 0; i < rows.size(); i += kAtOnce) {
    Batch batch;
    for (std::size_t j = i; j < std::min(i + kAtOnce, rows.size()); ++j) AddRow(batch, kSave, rows[j]);
    if (const auto done = db_.SubmitAndWait(std::move(batch)); !done) return Fail(done.error());
  }
  return {};
}

Result<void> ScheduleStore::ForEach(const std::function<void(ScheduleRow)>& take) {
  std::string account;
  std::string id;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kAll, Params::Of(account, id, kPage), kMany));
    for (const auto& row : rows) {
      ASSIGN_OR_RETURN(ScheduleRow schedule, RowFrom(row));
      schedule.has_input = row.Bool(kInputColumn);
      account = schedule.account.ToString();
      id = schedule.id;
      take(std::move(schedule));
    }
    if (rows.size() < kPage) return {};
  }
}

Result<std::optional<ScheduleRow>> ScheduleStore::FindNow(const AccountId& account, const std::string& id) {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kFind, Params::Of(account, id)));
  if (rows.empty()) return std::nullopt;
  return RowFrom(rows[0]);
}

Result<std::vector<UnscheduledVersion>> ScheduleStore::LoadUnscheduled() {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kUnscheduled, {}, kMany));
  std::vector<UnscheduledVersion> all;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
    all.push_back(
        {std::move(account), std::string(row.Text(1)), std::string(row.Text(2)), std::string(row.Text(3))});
  }
  return all;
}

}  // namespace elevaite::workflow

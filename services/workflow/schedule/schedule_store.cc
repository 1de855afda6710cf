#include "services/workflow/schedule/schedule_store.h"

#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Params;
using database::QueryOptions;
using database::Rows;
using database::Sql;

#define ELEVAITE_SCHEDULE_COLUMNS \
  "account_id, namespace, workflow, version, zone, overlap, catch_up, paused, due_us, running, collected"
constexpr Sql kFind{"schedules.find",
                    "SELECT " ELEVAITE_SCHEDULE_COLUMNS
                    " FROM schedules WHERE account_id = ?1 AND workflow = ?2 AND namespace = ?3"};
constexpr Sql kAll{"schedules.all", "SELECT " ELEVAITE_SCHEDULE_COLUMNS " FROM schedules"};
constexpr Sql kSave{"schedules.save",
                    "INSERT INTO schedules (" ELEVAITE_SCHEDULE_COLUMNS
                    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
                    " ON CONFLICT (account_id, workflow, namespace) DO UPDATE SET"
                    " version = excluded.version, zone = excluded.zone, overlap = excluded.overlap,"
                    " catch_up = excluded.catch_up, paused = excluded.paused, due_us = excluded.due_us,"
                    " running = excluded.running, collected = excluded.collected"};
constexpr Sql kUnscheduled{
    "schedules.missing",
    "SELECT w.account_id, w.namespace, w.name, w.latest_version FROM workflows w LEFT JOIN"
    " schedules s ON s.account_id = w.account_id AND s.workflow = w.name AND s.namespace ="
    " w.namespace WHERE s.version IS NULL OR s.version <> w.latest_version"};

constexpr QueryOptions kMany{
    .rows_max = 1'000'000, .bytes_max = 1U << 30U, .timeout = std::chrono::seconds(60)};

Result<ScheduleRow> RowFrom(const database::Row& row) {
  ScheduleRow schedule;
  ASSIGN_OR_RETURN(schedule.account, AccountId::Parse(row.Text(0)));
  schedule.name_space = row.Text(1);
  schedule.workflow = row.Text(2);
  schedule.version = row.Text(3);
  schedule.settings = {.zone = std::string(row.Text(4)),
                       .overlap = row.Int(5) != 0,
                       .catch_up = row.Int(6) != 0,
                       .paused = row.Int(7) != 0};
  schedule.due_us = row.OptionalInt(8);
  if (!row.IsNull(9)) schedule.running = row.IdAt<ExecutionId>(9);
  if (const auto text = row.OptionalText(10)) {
    ASSIGN_OR_RETURN(schedule.collected, ParseJson(*text));
  }
  return schedule;
}

}  // namespace

Task<std::optional<ScheduleRow>> ScheduleStore::Find(AccountId account, std::string name_space,
                                                     std::string workflow) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, workflow, name_space));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::nullopt;
  ASSIGN_OR_CO_RETURN(ScheduleRow row, RowFrom(rows[0]));
  co_return row;
}

Task<void> ScheduleStore::Save(ScheduleRow row) {
  database::Batch batch;
  const auto collected = row.collected.IsNull() ? std::nullopt : std::optional(row.collected.Dump());
  batch.Add(kSave, row.account, row.name_space, row.workflow, row.version, row.settings.zone,
            std::int64_t{row.settings.overlap}, std::int64_t{row.settings.catch_up},
            std::int64_t{row.settings.paused}, row.due_us, row.running, collected);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  const auto done = co_await std::move(submit);
  co_return done ? Result<void>() : Fail(done.error());
}

Result<std::vector<ScheduleRow>> ScheduleStore::LoadAll() {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kAll, {}, kMany));
  std::vector<ScheduleRow> all;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(ScheduleRow schedule, RowFrom(row));
    all.push_back(std::move(schedule));
  }
  return all;
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

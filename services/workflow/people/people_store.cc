#include "services/workflow/people/people_store.h"

#include "infra/database/awaitable.h"

namespace elevaite::people {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

#define ELEVAITE_HUMAN_TASK_COLUMNS                                                                   \
  "account_id, id, execution_id, frame, attempt, namespace, workflow, version, reference, connector," \
  " status, title, assignee, role, acts_left, outcome, created_us, sorted_us, deadline_us, ended_us," \
  " reminders, acts, acts_told, due_us, life"
#define ELEVAITE_HUMAN_TASK_SELECT "SELECT " ELEVAITE_HUMAN_TASK_COLUMNS ", NULL FROM human_tasks WHERE "
#define ELEVAITE_HUMAN_TASK_LIST                                                        \
  " AND is_open = ?2 AND (sorted_us, id) < (?3, ?4) AND (?5 = '' OR workflow = ?5) AND" \
  " (?6 = '' OR namespace = ?6)"
#define ELEVAITE_HUMAN_TASK_ORDER " ORDER BY sorted_us DESC, id DESC LIMIT ?7"

constexpr Sql kInsert{
    "human_tasks.insert",
    "INSERT INTO human_tasks (" ELEVAITE_HUMAN_TASK_COLUMNS
    ", question, is_open) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
    " ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)"};
constexpr Sql kUpdate{
    "human_tasks.update",
    "UPDATE human_tasks SET status = ?4, is_open = ?5, assignee = ?6, role = ?7, acts_left = ?8,"
    " outcome = ?9, sorted_us = ?10, ended_us = ?11, reminders = ?12, acts = ?13, due_us = 0,"
    " created_us = ?14, deadline_us = ?15, attempt = COALESCE(?16, attempt)"
    " WHERE account_id = ?1 AND id = ?2 AND acts = ?3"};
constexpr Sql kInsertAct{"human_task_history.insert",
                         "INSERT INTO human_task_history (account_id, task_id, seq, time_us, act, actor,"
                         " detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
constexpr Sql kRevoke{"human_task_links.revoke_all",
                      "UPDATE human_task_links SET revoked_us = ?3 WHERE account_id = ?1 AND task_id = ?2"
                      " AND revoked_us IS NULL"};
constexpr Sql kInsertLink{"human_task_links.insert",
                          "INSERT INTO human_task_links (account_id, id, task_id, assignee, created_us,"
                          " expires_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
#define ELEVAITE_HUMAN_LINK_SELECT                                                                  \
  "SELECT id, task_id, assignee, created_us, expires_us, revoked_us, seen_us FROM human_task_links" \
  " WHERE account_id = ?1 AND "
constexpr Sql kFindLink{"human_task_links.find", ELEVAITE_HUMAN_LINK_SELECT "id = ?2"};
constexpr Sql kLinks{"human_task_links.list",
                     ELEVAITE_HUMAN_LINK_SELECT "task_id = ?2 ORDER BY created_us, id LIMIT 1000"};
constexpr Sql kRevokeLink{"human_task_links.revoke",
                          "UPDATE human_task_links SET revoked_us = ?3 WHERE account_id = ?1 AND id = ?2 AND"
                          " revoked_us IS NULL"};
constexpr Sql kSeeLink{"human_task_links.see",
                       "UPDATE human_task_links SET seen_us = ?3 WHERE account_id = ?1 AND id = ?2 AND"
                       " seen_us IS NULL"};
constexpr Sql kInsertFile{"human_task_files.insert",
                          "INSERT INTO human_task_files (account_id, id, task_id, name, type, bytes, digest,"
                          " created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
constexpr Sql kFiles{"human_task_files.list",
                     "SELECT id, task_id, name, type, bytes, digest, created_us FROM human_task_files WHERE"
                     " account_id = ?1 AND task_id = ?2 ORDER BY created_us, id LIMIT 1000"};
constexpr Sql kConfirm{"human_tasks.confirm",
                       "UPDATE human_tasks SET attempt = ?3, life = ?4 WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kSettle{"human_tasks.settle",
                      "UPDATE human_tasks SET acts_told = ?3, due_us = ?4 WHERE account_id = ?1 AND id = ?2"
                      " AND acts = ?3"};
constexpr Sql kFind{"human_tasks.find", "SELECT " ELEVAITE_HUMAN_TASK_COLUMNS
                                        ", question FROM human_tasks WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kFindByFrame{"human_tasks.find_by_frame",
                           "SELECT " ELEVAITE_HUMAN_TASK_COLUMNS
                           ", question FROM human_tasks WHERE execution_id = ?1 AND frame = ?2"};
constexpr Sql kHistory{"human_task_history.list",
                       "SELECT seq, time_us, act, actor, detail FROM human_task_history WHERE"
                       " account_id = ?1 AND task_id = ?2 AND seq > ?3 ORDER BY seq LIMIT 1000"};
constexpr Sql kList{"human_tasks.list", ELEVAITE_HUMAN_TASK_SELECT
                    "account_id = ?1" ELEVAITE_HUMAN_TASK_LIST ELEVAITE_HUMAN_TASK_ORDER};
constexpr Sql kListOfAssignee{"human_tasks.list_of_assignee", ELEVAITE_HUMAN_TASK_SELECT
                              "account_id = ?1 AND assignee = ?8 AND (?9 = '' OR role = ?9)"  //
                              ELEVAITE_HUMAN_TASK_LIST ELEVAITE_HUMAN_TASK_ORDER};
constexpr Sql kListOfRole{"human_tasks.list_of_role",
                          ELEVAITE_HUMAN_TASK_SELECT "account_id = ?1 AND role = ?8"  //
                          ELEVAITE_HUMAN_TASK_LIST ELEVAITE_HUMAN_TASK_ORDER};
constexpr Sql kListOfExecution{"human_tasks.list_of_execution", ELEVAITE_HUMAN_TASK_SELECT
                               "execution_id = ?2 AND account_id = ?1 AND (sorted_us, id) < (?3, ?4)"
                               " ORDER BY sorted_us DESC, id DESC LIMIT ?5"};
constexpr Sql kCountOpen{"human_tasks.count",
                         "SELECT count(*) FROM (SELECT 1 FROM human_tasks WHERE account_id = ?1 AND"
                         " is_open = 1 LIMIT ?2) AS waiting"};
constexpr Sql kDue{"human_tasks.due", ELEVAITE_HUMAN_TASK_SELECT
                   "due_us <= ?1 AND (due_us, id) > (?2, ?3) ORDER BY due_us, id LIMIT ?4"};
constexpr Sql kOpenOfOtherLives{"human_tasks.open_of_other_lives", ELEVAITE_HUMAN_TASK_SELECT
                                "is_open = 1 AND life <> ?1 AND (account_id, id) > (?2, ?3)"
                                " ORDER BY account_id, id LIMIT ?4"};

constexpr Sql kEnded{"human_tasks.ended", ELEVAITE_HUMAN_TASK_SELECT
                     "is_open = 0 AND (account_id, is_open, sorted_us, id) >"
                     " (?1, 0, ?2, ?3) ORDER BY account_id, is_open, sorted_us, id"
                     " LIMIT ?4"};
constexpr Sql kForget[] = {
    {"human_tasks.forget", "DELETE FROM human_tasks WHERE account_id = ?1 AND id = ?2"},
    {"human_task_history.forget", "DELETE FROM human_task_history WHERE account_id = ?1 AND task_id = ?2"},
    {"human_task_links.forget", "DELETE FROM human_task_links WHERE account_id = ?1 AND task_id = ?2"},
    {"human_task_files.forget", "DELETE FROM human_task_files WHERE account_id = ?1 AND task_id = ?2"}};

template <class Text>
Result<Json> JsonFrom(const std::optional<Text>& text) {
  if (!text) return Json();
  return ParseJson(*text);
}

std::optional<std::string> TextFrom(const Json& json) {
  return json.IsNull() ? std::nullopt : std::optional(json.Dump());
}

Result<HumanTask> TaskFrom(const database::Row& row) {
  HumanTask task{.id = row.IdAt<HumanTaskId>(1),
                 .execution = row.IdAt<ExecutionId>(2),
                 .frame = static_cast<engine::FrameId>(row.Int(3)),
                 .attempt = static_cast<std::uint32_t>(row.Int(4)),
                 .name_space = std::string(row.Text(5)),
                 .workflow = std::string(row.Text(6)),
                 .version = std::string(row.Text(7)),
                 .reference = std::string(row.Text(8)),
                 .connector = std::string(row.Text(9)),
                 .status = static_cast<HumanTask::Status>(row.Int(10)),
                 .title = std::string(row.Text(11)),
                 .to = {.assignee = std::string(row.Text(12)), .role = std::string(row.Text(13))},
                 .created_us = row.Int(16),
                 .sorted_us = row.Int(17),
                 .deadline_us = row.OptionalInt(18),
                 .ended_us = row.OptionalInt(19),
                 .reminders = row.Int(20),
                 .acts = row.Int(21),
                 .acts_told = row.Int(22),
                 .due_us = row.OptionalInt(23),
                 .life = std::string(row.Text(24))};
  ASSIGN_OR_RETURN(task.account, AccountId::Parse(row.Text(0)));
  ASSIGN_OR_RETURN(const Json acts_left, ParseJson(row.Text(14)));
  task.acts_left = TimedActsFrom(acts_left);
  ASSIGN_OR_RETURN(task.outcome, JsonFrom(row.OptionalText(15)));
  ASSIGN_OR_RETURN(task.question, JsonFrom(row.OptionalText(25)));
  return task;
}

Result<std::vector<HumanTask>> TasksFrom(const Rows& rows) {
  std::vector<HumanTask> tasks;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(HumanTask task, TaskFrom(row));
    tasks.push_back(std::move(task));
  }
  return tasks;
}

void AddTo(Batch& batch, const HumanTask& task, const HumanActs& acts) {
  for (const HumanAct& act : acts) {
    const auto actor = act.actor.empty() ? std::nullopt : std::optional(act.actor);
    batch.Add(kInsertAct, task.account, task.id, act.seq, act.time_us, act.name, actor, TextFrom(act.detail));
  }
}

// kConflict: false.
Task<bool> Written(database::Database& db, Batch batch) {
  auto submit = database::AsyncSubmit(db, std::move(batch));
  const auto done = co_await std::move(submit);
  if (done) co_return true;
  if (done.error().code == ErrorCode::kConflict) co_return false;
  co_return Fail(done.error());
}

}  // namespace

Task<bool> PeopleStore::Insert(HumanTask t, HumanActs acts) {
  Batch batch;
  batch.Add(kInsert, t.account, t.id, t.execution, t.frame, t.attempt, t.name_space, t.workflow, t.version,
            t.reference, t.connector, static_cast<std::int64_t>(t.status), t.title, t.to.assignee, t.to.role,
            ToJson(t.acts_left).Dump(), TextFrom(t.outcome), t.created_us, t.sorted_us, t.deadline_us,
            t.ended_us, t.reminders, t.acts, t.acts_told, std::int64_t{0}, t.life, t.question.Dump(),
            t.is_open());
  AddTo(batch, t, acts);
  co_return co_await Written(db_, std::move(batch));
}

Task<bool> PeopleStore::Save(HumanTask t, std::int64_t acts_before, HumanActs acts, AlongWith along) {
  Batch batch;
  batch
      .Add(kUpdate, t.account, t.id, acts_before, static_cast<std::int64_t>(t.status), t.is_open(),
           t.to.assignee, t.to.role, ToJson(t.acts_left).Dump(), TextFrom(t.outcome), t.sorted_us, t.ended_us,
           t.reminders, t.acts, t.created_us, t.deadline_us, along.attempt)
      .ExpectRows(1);
  AddTo(batch, t, acts);
  if (along.links_end) batch.Add(kRevoke, t.account, t.id, acts.back().time_us);
  if (const auto& link = along.link)
    batch.Add(kInsertLink, t.account, link->id, link->task, link->assignee, link->created_us,
              link->expires_us);
  co_return co_await Written(db_, std::move(batch));
}

Task<void> PeopleStore::Confirm(AccountId account, HumanTaskId id, std::uint32_t attempt, std::string life) {
  Batch batch;
  batch.Add(kConfirm, account, id, attempt, life);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  const auto done = co_await std::move(submit);
  co_return done ? Result<void>() : Fail(done.error());
}

Task<void> PeopleStore::Settle(std::vector<HumanTask> tasks) {
  Batch batch;
  for (const HumanTask& task : tasks) batch.Add(kSettle, task.account, task.id, task.acts, task.due_us);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  const auto done = co_await std::move(submit);
  co_return done ? Result<void>() : Fail(done.error());
}

Task<HumanTask> PeopleStore::Load(AccountId account, HumanTaskId id) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty())
    co_return Fail(ErrorCode::kNotFound, "no task '" + id.ToString() + "'", "GET /v1/tasks lists them");
  co_return TaskFrom(rows[0]);
}

Task<std::optional<HumanTask>> PeopleStore::FindByFrame(ExecutionId execution, engine::FrameId frame) {
  auto query = database::AsyncQuery(db_, kFindByFrame, Params::Of(execution, frame));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return std::nullopt;
  ASSIGN_OR_CO_RETURN(HumanTask task, TaskFrom(rows[0]));
  co_return task;
}

Task<HumanActs> PeopleStore::History(AccountId account, HumanTaskId id, std::int64_t after) {
  auto query = database::AsyncQuery(db_, kHistory, Params::Of(account, id, after));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  HumanActs acts;
  for (const auto& row : rows) {
    HumanAct act{.seq = row.Int(0),
                 .time_us = row.Int(1),
                 .name = std::string(row.Text(2)),
                 .actor = std::string(row.OptionalText(3).value_or("")),
                 .detail = {}};
    ASSIGN_OR_CO_RETURN(act.detail, JsonFrom(row.OptionalText(4)));
    acts.push_back(std::move(act));
  }
  co_return acts;
}

Task<std::vector<HumanTask>> PeopleStore::List(AccountId account, HumanTaskFilter filter) {
  Sql sql = kList;
  Params params = Params::Of(account, filter.open, filter.before.sorted_us, filter.before.id, filter.workflow,
                             filter.name_space, filter.limit);
  if (filter.execution) {
    sql = kListOfExecution;
    params = Params::Of(account, *filter.execution, filter.before.sorted_us, filter.before.id, filter.limit);
  } else if (!filter.assignee.empty()) {
    sql = kListOfAssignee;
    params.Add(filter.assignee);
    params.Add(filter.role);
  } else if (!filter.role.empty()) {
    sql = kListOfRole;
    params.Add(filter.role);
  }
  auto query = database::AsyncQuery(db_, sql, std::move(params));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return TasksFrom(rows);
}

Task<std::int64_t> PeopleStore::CountOpen(AccountId account, std::int64_t most) {
  auto query = database::AsyncQuery(db_, kCountOpen, Params::Of(account, most));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return rows[0].Int(0);
}

Task<std::vector<HumanTask>> PeopleStore::Due(std::int64_t until_us, std::int64_t after_us, HumanTaskId after,
                                              std::size_t limit) {
  auto query = database::AsyncQuery(db_, kDue, Params::Of(until_us, after_us, after, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return TasksFrom(rows);
}

Task<std::vector<HumanTask>> PeopleStore::OpenOfOtherLives(std::string life, AccountId account,
                                                           HumanTaskId after, std::size_t limit) {
  auto query = database::AsyncQuery(db_, kOpenOfOtherLives, Params::Of(life, account, after, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return TasksFrom(rows);
}

namespace {

TaskLink LinkFrom(const AccountId& account, const database::Row& row) {
  return {.id = row.IdAt<TaskLinkId>(0),
          .account = account,
          .task = row.IdAt<HumanTaskId>(1),
          .assignee = std::string(row.Text(2)),
          .created_us = row.Int(3),
          .expires_us = row.Int(4),
          .revoked_us = row.OptionalInt(5),
          .seen_us = row.OptionalInt(6)};
}

// How many rows the statement changed.
Task<std::int64_t> Changed(database::Database& db, Batch batch) {
  auto submit = database::AsyncSubmit(db, std::move(batch));
  ASSIGN_OR_CO_RETURN(const database::BatchOutcome done, co_await std::move(submit));
  co_return done.rows_changed.at(0);
}

}  // namespace

Task<std::vector<HumanTask>> PeopleStore::Ended(AccountId account, std::int64_t after_us, HumanTaskId after,
                                                std::size_t limit) {
  auto query = database::AsyncQuery(db_, kEnded, Params::Of(account, after_us, after, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return TasksFrom(rows);
}

Task<void> PeopleStore::Forget(AccountId account, HumanTaskId id) {
  Batch batch;
  for (const Sql& sql : kForget) batch.Add(sql, account, id);
  auto change = Changed(db_, std::move(batch));
  CO_RETURN_IF_ERROR(co_await std::move(change));
  co_return Result<void>();
}

Task<TaskLink> PeopleStore::LoadLink(AccountId account, TaskLinkId id) {
  auto query = database::AsyncQuery(db_, kFindLink, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(ErrorCode::kNotFound, "no link '" + id.ToString() + "'");
  co_return LinkFrom(account, rows[0]);
}

Task<std::vector<TaskLink>> PeopleStore::Links(AccountId account, HumanTaskId task) {
  auto query = database::AsyncQuery(db_, kLinks, Params::Of(account, task));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<TaskLink> links;
  for (const auto& row : rows) links.push_back(LinkFrom(account, row));
  co_return links;
}

Task<void> PeopleStore::RevokeLink(AccountId account, TaskLinkId id, std::int64_t now_us) {
  Batch batch;
  batch.Add(kRevokeLink, account, id, now_us);
  auto change = Changed(db_, std::move(batch));
  CO_RETURN_IF_ERROR(co_await std::move(change));
  co_return Result<void>();
}

Task<bool> PeopleStore::SeeLink(AccountId account, TaskLinkId id, std::int64_t now_us) {
  Batch batch;
  batch.Add(kSeeLink, account, id, now_us);
  auto change = Changed(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const std::int64_t rows, co_await std::move(change));
  co_return rows == 1;
}

Task<void> PeopleStore::InsertFile(AccountId account, TaskFile file) {
  Batch batch;
  batch.Add(kInsertFile, account, file.id, file.task, file.name, file.type, file.bytes, file.digest,
            file.created_us);
  auto change = Changed(db_, std::move(batch));
  CO_RETURN_IF_ERROR(co_await std::move(change));
  co_return Result<void>();
}

Task<std::vector<TaskFile>> PeopleStore::Files(AccountId account, HumanTaskId task) {
  auto query = database::AsyncQuery(db_, kFiles, Params::Of(account, task));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<TaskFile> files;
  for (const auto& row : rows) {
    files.push_back({.id = row.IdAt<TaskFileId>(0),
                     .task = row.IdAt<HumanTaskId>(1),
                     .name = std::string(row.Text(2)),
                     .type = std::string(row.Text(3)),
                     .bytes = row.Int(4),
                     .digest = std::string(row.Text(5)),
                     .created_us = row.Int(6)});
  }
  co_return files;
}

}  // namespace elevaite::people

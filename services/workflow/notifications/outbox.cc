// The part of the store that is the outbox.
#include "services/workflow/notifications/outbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "infra/database/awaitable.h"
#include "services/workflow/notifications/notification_store.h"

namespace elevaite::notifications {
namespace {

using database::Batch;
using database::Params;
using database::Row;
using database::Rows;
using database::Session;
using database::Sql;

constexpr std::int64_t kGroupsAtOnce = 100;
constexpr std::int64_t kExamples = 5;
constexpr std::int64_t kForgottenAtOnce = 500;
constexpr std::size_t kContentBytesMax = 64U << 10U;
const NotificationId kNewest(Uuid{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff}});  // above all

#define ELEVAITE_NOTIFICATION_SELECT "SELECT " ELEVAITE_NOTIFICATION_COLUMNS " FROM notifications WHERE "

constexpr Sql kFind{"notifications.find", ELEVAITE_NOTIFICATION_SELECT "account_id = ?1 AND id = ?2"};
#define ELEVAITE_NOTIFICATION_PAGE                                                                 \
  " AND (CAST(?3 AS BIGINT) = 0 OR status = ?3) AND (CAST(?4 AS BIGINT) = 1 OR status <> 4)"       \
  " AND (?5 = '' OR namespace = ?5) AND (?6 = '' OR workflow = ?6) AND (CAST(?7 AS BIGINT) = 0 OR" \
  " execution_id = ?8) AND (CAST(?9 AS BIGINT) = 0 OR channel_id = ?10) ORDER BY id DESC LIMIT ?11"
constexpr Sql kList{"notifications.list",
                    ELEVAITE_NOTIFICATION_SELECT "account_id = ?1 AND id < ?2" ELEVAITE_NOTIFICATION_PAGE};
constexpr Sql kLast{"notifications.last", ELEVAITE_NOTIFICATION_SELECT
                    "account_id = ?1 AND channel_id = ?2 AND status IN (2, 3) ORDER BY id DESC LIMIT 1"};
constexpr Sql kRetry{
    "notifications.retry",
    "UPDATE notifications SET status = 1, attempts = 0, due_us = ?3, created_us = ?3, ended_us"
    " = NULL WHERE account_id = ?1 AND id = ?2 AND status = 3"};

constexpr Sql kInsert{
    "notifications.insert",
    "INSERT INTO notifications (account_id, id, channel_id, occasion, kind, rule_id,"
    " namespace, workflow, execution_id, status, content, group_id, attempts, due_us,"
    " created_us, ended_us, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
    " ?12, 0, ?13, ?14, ?15, ?16) ON CONFLICT (account_id, channel_id, occasion) DO NOTHING"};
constexpr Sql kIsThere{
    "notifications.is_there",
    "SELECT 1 FROM notifications WHERE account_id = ?1 AND channel_id = ?2 AND occasion = ?3"};
constexpr Sql kPendingOf{"notifications.pending_of_channel",
                         "SELECT count(*) FROM (SELECT 1 FROM notifications WHERE account_id = ?1 AND"
                         " channel_id = ?2 AND status = 1 LIMIT 10001) AS counted"};

#define ELEVAITE_GROUP_SELECT                                                                         \
  "SELECT account_id, channel_id, kind, namespace, workflow, group_id, rule_id, opened_us, closes_us" \
  " FROM notification_groups WHERE "
#define ELEVAITE_GROUP_KEY \
  "account_id = ?1 AND channel_id = ?2 AND kind = ?3 AND namespace = ?4 AND workflow = ?5"
constexpr Sql kFindGroup{"notification_groups.find", ELEVAITE_GROUP_SELECT ELEVAITE_GROUP_KEY};
constexpr Sql kClosedGroups{"notification_groups.closed",
                            ELEVAITE_GROUP_SELECT "closes_us <= ?1 ORDER BY closes_us LIMIT ?2"};
constexpr Sql kNextGroup{"notification_groups.next", "SELECT min(closes_us) FROM notification_groups"};
constexpr Sql kPutGroup{
    "notification_groups.put",
    "INSERT INTO notification_groups (account_id, channel_id, kind, namespace, workflow,"
    " group_id, rule_id, opened_us, closes_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    " ON CONFLICT (account_id, channel_id, kind, namespace, workflow) DO UPDATE SET"
    " group_id = excluded.group_id, rule_id = excluded.rule_id, opened_us ="
    " excluded.opened_us, closes_us = excluded.closes_us"};
constexpr Sql kDropGroup{"notification_groups.drop",
                         "DELETE FROM notification_groups WHERE " ELEVAITE_GROUP_KEY};
constexpr Sql kGroupFacts{"notifications.group_facts",
                          "SELECT count(*), coalesce(min(created_us), 0), coalesce(max(created_us), 0) FROM"
                          " notifications WHERE account_id = ?1 AND group_id = ?2"};
constexpr Sql kExamplesOf{"notifications.examples",
                          "SELECT content FROM notifications WHERE account_id = ?1 AND group_id = ?2 ORDER BY"
                          " id LIMIT ?3"};
constexpr Sql kSendAlone{
    "notifications.send_alone",
    "UPDATE notifications SET status = 1, group_id = NULL, due_us = ?3 WHERE account_id ="
    " ?1 AND group_id = ?2"};

constexpr Sql kProgress{"notification_progress.find",
                        "SELECT accepted_us FROM notification_progress WHERE account_id = ?1"};
constexpr Sql kSetProgress{
    "notification_progress.set",
    "INSERT INTO notification_progress (account_id, accepted_us) VALUES (?1, ?2) ON CONFLICT (account_id) DO"
    " UPDATE SET accepted_us = excluded.accepted_us WHERE notification_progress.accepted_us <"
    " excluded.accepted_us"};

#define ELEVAITE_BACKLOG_SELECT \
  "SELECT account_id, channel_id, min(due_us), count(*) FROM notifications WHERE status = 1 AND "
constexpr Sql kBacklogs{"notifications.backlogs", ELEVAITE_BACKLOG_SELECT
                        "(account_id, channel_id) > (?1, ?2) GROUP BY account_id, channel_id ORDER BY"
                        " account_id, channel_id LIMIT ?3"};
constexpr Sql kBacklogsOf{"notifications.backlogs_of_account",
                          ELEVAITE_BACKLOG_SELECT "account_id = ?1 GROUP BY account_id, channel_id"};
constexpr Sql kDue{
    "notifications.due", ELEVAITE_NOTIFICATION_SELECT
    "account_id = ?1 AND channel_id = ?2 AND status = 1 AND due_us <= ?3 ORDER BY due_us LIMIT ?4"};
constexpr Sql kClaim{"notifications.claim",
                     "UPDATE notifications SET attempts = attempts + 1, claimed_by = ?4, due_us = ?5 WHERE"
                     " account_id = ?1 AND id = ?2 AND status = 1 AND attempts = ?3"};
constexpr Sql kFinish{
    "notifications.finish",
    "UPDATE notifications SET status = ?4, due_us = ?5, ended_us = ?6, answer = ?7, claimed_by"
    " = NULL WHERE account_id = ?1 AND id = ?2 AND status = 1 AND attempts = ?3"};
constexpr Sql kRelease{
    "notifications.release",
    "UPDATE notifications SET claimed_by = NULL, due_us = ?2 WHERE status = 1 AND claimed_by"
    " IS NOT NULL AND claimed_by <> ?1"};
// From the oldest: ids are in the order of time.
constexpr Sql kForget{
    "notifications.forget",
    "DELETE FROM notifications WHERE (account_id, id) IN (SELECT account_id, id FROM notifications WHERE"
    " status > 1 AND ((status < 4 AND ended_us < ?1) OR (status = 4 AND created_us < ?2)) LIMIT ?3)"};

Notification NotificationFrom(const Row& row, AccountId account, Json content, Json answer) {
  const auto optional_id = [&row](std::size_t column) {
    return row.IsNull(column) ? std::nullopt : std::optional(row.UuidAt(column));
  };
  Notification n{.account = std::move(account),
                 .id = row.IdAt<NotificationId>(1),
                 .channel = row.IdAt<ChannelId>(2),
                 .occasion = std::string(row.Text(3)),
                 .kind = static_cast<Kind>(row.Int(4)),
                 .rule = row.IdAt<RuleId>(5),
                 .place = {std::string(row.Text(6)), std::string(row.Text(7))},
                 .execution = std::nullopt,
                 .status = static_cast<Status>(row.Int(9)),
                 .content = std::move(content),
                 .group = std::nullopt,
                 .attempts = row.Int(12),
                 .due_us = row.OptionalInt(13),
                 .created_us = row.Int(14),
                 .ended_us = row.OptionalInt(15),
                 .answer = std::move(answer)};
  if (const auto id = optional_id(8)) n.execution = ExecutionId(*id);
  if (const auto id = optional_id(11)) n.group = NotificationId(*id);
  return n;
}

Result<std::vector<Backlog>> BacklogsFrom(const Rows& rows) {
  std::vector<Backlog> backlogs;
  for (const Row row : rows) {
    ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
    backlogs.push_back({.account = std::move(account),
                        .channel = row.IdAt<ChannelId>(1),
                        .due_us = row.OptionalInt(2).value_or(0),
                        .count = row.Int(3)});
  }
  return backlogs;
}

// ---- Groups ----

struct Group {
  AccountId account;
  ChannelId channel;
  std::int64_t kind = 0;
  Place place;
  NotificationId id;
  RuleId rule;
  std::int64_t opened_us = 0;
  std::int64_t closes_us = 0;
};

Result<Group> GroupFrom(const Row& row) {
  ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
  return Group{.account = std::move(account),
               .channel = row.IdAt<ChannelId>(1),
               .kind = row.Int(2),
               .place = {std::string(row.Text(3)), std::string(row.Text(4))},
               .id = row.IdAt<NotificationId>(5),
               .rule = row.IdAt<RuleId>(6),
               .opened_us = row.Int(7),
               .closes_us = row.Int(8)};
}

Result<void> Put(Session& session, const Group& group) {
  RETURN_IF_ERROR(session.Execute(kPutGroup, group.account, group.channel, group.kind, group.place.name_space,
                                  group.place.workflow, group.id, group.rule, group.opened_us,
                                  group.closes_us));
  return {};
}

Result<std::vector<Json>> ExamplesOf(Session& session, const Group& group) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query(kExamplesOf, group.account, group.id, kExamples));
  std::vector<Json> examples;
  for (const Row row : rows) {
    ASSIGN_OR_RETURN(Json content, ParseJson(row.Text(0)));
    examples.push_back(std::move(content));
  }
  return examples;
}

// What has gathered becomes a message, and another such time begins; nothing has: the storm is over.
Result<void> Close(Session& session, Group group, std::int64_t now_us, std::string_view base_url) {
  const std::int64_t window_us = group.closes_us - group.opened_us;
  ASSIGN_OR_RETURN(const Rows rows, session.Query(kGroupFacts, group.account, group.id));
  const GroupFacts facts{
      .count = rows[0].Int(0), .window_us = window_us, .first_us = rows[0].Int(1), .last_us = rows[0].Int(2)};
  if (facts.count == 0) {
    RETURN_IF_ERROR(session.Execute(kDropGroup, group.account, group.channel, group.kind,
                                    group.place.name_space, group.place.workflow));
    return {};
  }
  if (facts.count == 1) {
    RETURN_IF_ERROR(session.Execute(kSendAlone, group.account, group.id, now_us));
  } else {
    ASSIGN_OR_RETURN(const std::vector<Json> examples, ExamplesOf(session, group));
    Json content = GroupContent(examples, facts, base_url);
    const std::string occasion = "group:" + group.id.ToString();
    content = Json::WithMember(std::move(content), "id", occasion);
    RETURN_IF_ERROR(session.Execute(kInsert, group.account, group.id, group.channel, occasion, group.kind,
                                    group.rule, group.place.name_space, group.place.workflow, nullptr, 1,
                                    content.Dump(), nullptr, now_us, now_us, nullptr, nullptr));
  }
  group.id = NotificationId::New();
  group.opened_us = now_us;
  group.closes_us = now_us + window_us;
  return Put(session, group);
}

// ---- What is new ----

Json Bounded(Json content) {
  if (content.Dump().size() <= kContentBytesMax) return content;
  for (const char* name : {"attributes", "tags", "human_task"})
    content = Json::WithMember(std::move(content), name, Json());
  return content;
}

struct Placing {
  Status status = Status::kPending;
  std::optional<NotificationId> group;
  bool opens_group = false;
};

// Alone, or with those of a storm that goes on.
Result<Placing> PlaceFor(Session& session, const NewNotification& added, std::int64_t now_us,
                         std::string_view base_url) {
  if (added.group_within_us == 0 || !IsGrouped(added.occasion.kind)) return Placing{};
  const Place& place = added.occasion.place;
  const auto kind = static_cast<std::int64_t>(added.occasion.kind);
  ASSIGN_OR_RETURN(Rows rows, session.Query(kFindGroup, added.account, added.channel, kind, place.name_space,
                                            place.workflow));
  if (!rows.empty()) {
    ASSIGN_OR_RETURN(Group group, GroupFrom(rows[0]));
    if (group.closes_us <= now_us) {
      RETURN_IF_ERROR(Close(session, std::move(group), now_us, base_url));
      ASSIGN_OR_RETURN(rows, session.Query(kFindGroup, added.account, added.channel, kind, place.name_space,
                                           place.workflow));
    }
  }
  if (rows.empty()) return Placing{.status = Status::kPending, .group = {}, .opens_group = true};
  ASSIGN_OR_RETURN(const Group group, GroupFrom(rows[0]));
  return Placing{.status = Status::kGrouped, .group = group.id};
}

Result<void> AddOne(Session& session, const NewNotification& added, std::int64_t now_us,
                    std::string_view base_url) {
  const Occasion& occasion = added.occasion;
  ASSIGN_OR_RETURN(const Rows there, session.Query(kIsThere, added.account, added.channel, occasion.id));
  if (!there.empty()) return {};
  ASSIGN_OR_RETURN(Placing placing, PlaceFor(session, added, now_us, base_url));
  std::optional<std::string> answer;
  if (placing.status == Status::kPending) {
    ASSIGN_OR_RETURN(const Rows pending, session.Query(kPendingOf, added.account, added.channel));
    if (pending[0].Int(0) >= NotificationStore::kBacklogMax) {
      placing.status = Status::kGivenUp;
      answer = Json::Object({{"error", "too many others wait for this channel"}}).Dump();
    }
  }
  const bool is_pending = placing.status == Status::kPending;
  RETURN_IF_ERROR(session.Execute(
      kInsert, added.account, NotificationId::New(), added.channel, occasion.id,
      static_cast<std::int64_t>(occasion.kind), added.rule, occasion.place.name_space,
      occasion.place.workflow, occasion.execution, static_cast<std::int64_t>(placing.status),
      Bounded(added.content).Dump(), placing.group, is_pending ? std::optional(now_us) : std::nullopt, now_us,
      placing.status == Status::kGivenUp ? std::optional(now_us) : std::nullopt, answer));
  if (!placing.opens_group) return {};
  return Put(session, {.account = added.account,
                       .channel = added.channel,
                       .kind = static_cast<std::int64_t>(occasion.kind),
                       .place = occasion.place,
                       .id = NotificationId::New(),
                       .rule = added.rule,
                       .opened_us = now_us,
                       .closes_us = now_us + added.group_within_us});
}

Error NoNotification(const NotificationId& id) {
  return {.code = ErrorCode::kNotFound,
          .message = "no notification '" + id.ToString() + "'",
          .hint = "GET /v1/notifications lists them"};
}

}  // namespace

Result<std::vector<Notification>> NotificationsFrom(const Rows& rows) {
  std::vector<Notification> all;
  for (const Row row : rows) {
    ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
    ASSIGN_OR_RETURN(Json content, ParseJson(row.Text(10)));
    Json answer;
    if (!row.IsNull(16)) {
      ASSIGN_OR_RETURN(answer, ParseJson(row.Text(16)));
    }
    all.push_back(NotificationFrom(row, std::move(account), std::move(content), std::move(answer)));
  }
  return all;
}

// ---- Of people ----

Task<std::vector<Notification>> NotificationStore::List(AccountId account, NotificationFilter filter) {
  const std::int64_t status = filter.status ? static_cast<std::int64_t>(*filter.status) : 0;
  const bool with_grouped = filter.with_grouped || filter.status == Status::kGrouped;
  auto query = database::AsyncQuery(
      db_, kList,
      Params::Of(account, filter.before.value_or(kNewest), status, with_grouped, filter.place.name_space,
                 filter.place.workflow, filter.execution.has_value(),
                 filter.execution.value_or(ExecutionId()), filter.channel.has_value(),
                 filter.channel.value_or(ChannelId()), filter.limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return NotificationsFrom(rows);
}

Task<Notification> NotificationStore::Find(AccountId account, NotificationId id) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(NoNotification(id));
  ASSIGN_OR_CO_RETURN(std::vector<Notification> found, NotificationsFrom(rows));
  co_return std::move(found.front());
}

Task<Notification> NotificationStore::Retry(AccountId account, NotificationId id) {
  Batch batch;
  batch.Add(kRetry, account, id, clock_.Now());
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const auto outcome, co_await std::move(submit));
  auto find = Find(account, id);
  ASSIGN_OR_CO_RETURN(Notification found, co_await std::move(find));
  if (outcome.rows_changed[0] == 0)
    co_return Fail(ErrorCode::kConflict,
                   fmt::format("this notification is {}, not given up", NameOf(found.status)));
  co_return found;
}

Task<std::vector<Notification>> NotificationStore::LastOfEach(AccountId account,
                                                              std::vector<ChannelId> channels) {
  std::vector<Notification> last;
  for (const ChannelId& channel : channels) {
    auto query = database::AsyncQuery(db_, kLast, Params::Of(account, channel));
    ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
    ASSIGN_OR_CO_RETURN(std::vector<Notification> found, NotificationsFrom(rows));
    if (!found.empty()) last.push_back(std::move(found.front()));
  }
  co_return last;
}

// ---- Of all accounts ----

Task<void> NotificationStore::Add(std::vector<NewNotification> all,
                                  std::map<AccountId, std::int64_t> progress) {
  const std::int64_t now_us = clock_.Now().micros();
  auto write = [all = std::move(all), progress = std::move(progress), now_us,
                base_url = base_url_](Session& session) -> Result<void> {
    for (const NewNotification& added : all) RETURN_IF_ERROR(AddOne(session, added, now_us, base_url));
    for (const auto& [account, accepted_us] : progress)
      RETURN_IF_ERROR(session.Execute(kSetProgress, account, accepted_us));
    return {};
  };
  auto done = database::AsyncTransact(db_, std::move(write));
  co_return co_await std::move(done);
}

Task<std::int64_t> NotificationStore::ProgressOf(AccountId account) {
  auto query = database::AsyncQuery(db_, kProgress, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return rows.empty() ? 0 : rows[0].Int(0);
}

Task<std::optional<std::int64_t>> NotificationStore::CloseGroups() {
  const std::int64_t now_us = clock_.Now().micros();
  auto look = database::AsyncQuery(db_, kNextGroup, {});
  ASSIGN_OR_CO_RETURN(const Rows before, co_await std::move(look));
  if (before[0].OptionalInt(0).value_or(INT64_MAX) > now_us) co_return before[0].OptionalInt(0);
  auto next = std::make_shared<std::optional<std::int64_t>>();
  auto write = [next, now_us, base_url = base_url_](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kClosedGroups, now_us, kGroupsAtOnce));
    for (const Row row : rows) {
      ASSIGN_OR_RETURN(Group group, GroupFrom(row));
      RETURN_IF_ERROR(Close(session, std::move(group), now_us, base_url));
    }
    ASSIGN_OR_RETURN(const Rows left, session.Query(kNextGroup));
    *next = left[0].OptionalInt(0);
    return {};
  };
  auto done = database::AsyncTransact(db_, std::move(write));
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return *next;
}

Task<std::vector<Backlog>> NotificationStore::Backlogs(std::optional<Line> after, std::size_t limit) {
  const std::string account = after ? after->first.ToString() : "";  // before all
  const ChannelId channel = after ? after->second : ChannelId();
  auto query = database::AsyncQuery(db_, kBacklogs, Params::Of(account, channel, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return BacklogsFrom(rows);
}

Task<std::vector<Backlog>> NotificationStore::BacklogsOf(AccountId account) {
  auto query = database::AsyncQuery(db_, kBacklogsOf, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return BacklogsFrom(rows);
}

Task<std::vector<Notification>> NotificationStore::Due(AccountId account, ChannelId channel,
                                                       std::size_t limit) {
  auto query = database::AsyncQuery(db_, kDue, Params::Of(account, channel, clock_.Now(), limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return NotificationsFrom(rows);
}

Task<bool> NotificationStore::Claim(Notification notification, std::string life, std::int64_t until_us) {
  Batch batch;
  batch.Add(kClaim, notification.account, notification.id, notification.attempts, life, until_us);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const auto outcome, co_await std::move(submit));
  co_return outcome.rows_changed[0] == 1;
}

Task<void> NotificationStore::Finish(Notification n) {
  Batch batch;
  batch.Add(kFinish, n.account, n.id, n.attempts, static_cast<std::int64_t>(n.status), n.due_us, n.ended_us,
            n.answer.Dump());
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  CO_RETURN_IF_ERROR(co_await std::move(submit));
  co_return Result<void>();
}

Task<void> NotificationStore::ReleaseOthers(std::string life) {
  Batch batch;
  batch.Add(kRelease, life, clock_.Now());
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  CO_RETURN_IF_ERROR(co_await std::move(submit));
  co_return Result<void>();
}

Task<bool> NotificationStore::Forget(std::int64_t before_us, std::int64_t grouped_before_us) {
  Batch batch;
  batch.Add(kForget, before_us, grouped_before_us, kForgottenAtOnce);
  auto submit = database::AsyncSubmit(db_, std::move(batch));
  ASSIGN_OR_CO_RETURN(const auto outcome, co_await std::move(submit));
  co_return outcome.rows_changed[0] == kForgottenAtOnce;
}

}  // namespace elevaite::notifications

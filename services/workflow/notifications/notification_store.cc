#include "services/workflow/notifications/notification_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "infra/database/awaitable.h"
#include "services/workflow/notifications/outbox.h"

namespace elevaite::notifications {
namespace {

using database::Params;
using database::Row;
using database::Rows;
using database::Session;
using database::Sql;

#define ELEVAITE_CHANNEL_SELECT \
  "SELECT account_id, id, settings, created_us, updated_us FROM notification_channels"
constexpr Sql kFindChannel{"notification_channels.find",
                           ELEVAITE_CHANNEL_SELECT " WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kChannels{"notification_channels.list",
                        ELEVAITE_CHANNEL_SELECT " WHERE account_id = ?1 ORDER BY name, id"};
constexpr Sql kAllChannels{"notification_channels.all", ELEVAITE_CHANNEL_SELECT};
constexpr Sql kCountChannels{"notification_channels.count",
                             "SELECT count(*) FROM notification_channels WHERE account_id = ?1"};
constexpr Sql kNamed{"notification_channels.named",
                     "SELECT 1 FROM notification_channels WHERE account_id = ?1 AND name = ?2 AND id <> ?3"};
constexpr Sql kInsertChannel{"notification_channels.insert",
                             "INSERT INTO notification_channels (account_id, id, name, settings, created_us,"
                             " updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"};
constexpr Sql kUpdateChannel{"notification_channels.update",
                             "UPDATE notification_channels SET name = ?3, settings = ?4, updated_us = ?5"
                             " WHERE account_id = ?1 AND id = ?2 AND updated_us = ?6"};
constexpr Sql kDeleteChannel{"notification_channels.delete",
                             "DELETE FROM notification_channels WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kDeletePending{"notifications.delete_of_channel",
                             "DELETE FROM notifications WHERE account_id = ?1 AND channel_id = ?2"};
constexpr Sql kDeleteGroups{"notification_groups.delete_of_channel",
                            "DELETE FROM notification_groups WHERE account_id = ?1 AND channel_id = ?2"};

#define ELEVAITE_RULE_SELECT \
  "SELECT account_id, id, settings, since_us, created_us, updated_us FROM notification_rules"
constexpr Sql kFindRule{"notification_rules.find", ELEVAITE_RULE_SELECT " WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kRules{"notification_rules.list", ELEVAITE_RULE_SELECT " WHERE account_id = ?1 ORDER BY id"};
constexpr Sql kAllRules{"notification_rules.all", ELEVAITE_RULE_SELECT " ORDER BY account_id, id"};
constexpr Sql kCountRules{"notification_rules.count",
                          "SELECT count(*) FROM notification_rules WHERE account_id = ?1"};
constexpr Sql kInsertRule{"notification_rules.insert",
                          "INSERT INTO notification_rules (account_id, id, settings, since_us, created_us,"
                          " updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"};
constexpr Sql kUpdateRule{"notification_rules.update",
                          "UPDATE notification_rules SET settings = ?3, since_us = ?4, updated_us = ?5 WHERE"
                          " account_id = ?1 AND id = ?2 AND updated_us = ?6"};
constexpr Sql kDeleteRule{"notification_rules.delete",
                          "DELETE FROM notification_rules WHERE account_id = ?1 AND id = ?2"};

constexpr Sql kRevision{
    "notification_rules.revision",
    "SELECT (SELECT count(*) FROM notification_channels), (SELECT coalesce(max(updated_us), 0) FROM"
    " notification_channels), (SELECT count(*) FROM notification_rules), (SELECT coalesce(max(updated_us), 0)"
    " FROM notification_rules)"};

constexpr database::QueryOptions kMany{.rows_max = 100'000, .bytes_max = 256U << 20U};

Result<std::pair<AccountId, Channel>> ChannelFrom(const Row& row) {
  ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
  Channel channel{.id = row.IdAt<ChannelId>(1), .created_us = row.Int(3), .updated_us = row.Int(4)};
  ASSIGN_OR_RETURN(const Json settings, ParseJson(row.Text(2)));
  ASSIGN_OR_RETURN(channel.settings, ChannelSettingsFrom(settings));
  return std::pair{std::move(account), std::move(channel)};
}

Result<std::pair<AccountId, Rule>> RuleFrom(const Row& row) {
  ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
  Rule rule{
      .id = row.IdAt<RuleId>(1), .since_us = row.Int(3), .created_us = row.Int(4), .updated_us = row.Int(5)};
  ASSIGN_OR_RETURN(const Json settings, ParseJson(row.Text(2)));
  ASSIGN_OR_RETURN(rule.settings, RuleSettingsFrom(settings));
  return std::pair{std::move(account), std::move(rule)};
}

Result<Plans> PlansFrom(const Rows& channels, const Rows& rules) {
  Plans plans;
  for (const Row row : channels) {
    ASSIGN_OR_RETURN(auto read, ChannelFrom(row));
    plans[read.first].channels.emplace(read.second.id, std::move(read.second));
  }
  for (const Row row : rules) {
    ASSIGN_OR_RETURN(auto read, RuleFrom(row));
    plans[read.first].rules.push_back(std::move(read.second));
  }
  return plans;
}

template <class SomeId>
Error Missing(const SomeId& id, std::string_view what, std::string_view path) {
  return {.code = ErrorCode::kNotFound,
          .message = fmt::format("no {} '{}'", what, id.ToString()),
          .hint = fmt::format("GET /v1/{} lists them", path)};
}
Error NoChannel(const ChannelId& id) { return Missing(id, "channel", "notification-channels"); }
Error NoRule(const RuleId& id) { return Missing(id, "rule", "notification-rules"); }

std::unexpected<Error> Changed(std::string_view what) {
  return Fail(ErrorCode::kConflict, fmt::format("this {} was changed in the meantime", what),
              "read it again, then change it");
}

Result<void> CheckName(Session& session, const AccountId& account, const Channel& channel) {
  ASSIGN_OR_RETURN(const Rows same, session.Query(kNamed, account, channel.settings.name, channel.id));
  if (same.empty()) return {};
  return Fail(ErrorCode::kConflict, fmt::format("another channel is named '{}'", channel.settings.name),
              "give it another name");
}

Result<void> CheckChannels(Session& session, const AccountId& account, const RuleSettings& rule) {
  for (const ChannelId& id : rule.channels) {
    ASSIGN_OR_RETURN(const Rows found, session.Query(kFindChannel, account, id));
    if (found.empty()) return Fail(NoChannel(id));
  }
  return {};
}

// The names of the rules that send to it.
Result<std::string> RulesOf(Session& session, const AccountId& account, const ChannelId& id) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query(kRules, account));
  std::string names;
  for (const Row row : rows) {
    ASSIGN_OR_RETURN(const auto rule, RuleFrom(row));
    const auto& channels = rule.second.settings.channels;
    if (std::ranges::find(channels, id) == channels.end()) continue;
    names += (names.empty() ? "" : ", ") + rule.second.settings.name;
  }
  return names;
}

}  // namespace

// ---- Channels ----

Task<Channel> NotificationStore::Create(AccountId account, ChannelSettings settings) {
  Channel channel{.id = ChannelId::New(), .settings = std::move(settings)};
  channel.created_us = channel.updated_us = clock_.Now().micros();
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows count, session.Query(kCountChannels, account));
    if (count[0].Int(0) >= kChannelsMax)
      return Fail(ErrorCode::kQuotaExceeded, fmt::format("this account has {} channels", kChannelsMax),
                  "delete those that are not used");
    RETURN_IF_ERROR(CheckName(session, account, channel));
    RETURN_IF_ERROR(session.Execute(kInsertChannel, account, channel.id, channel.settings.name,
                                    channel.settings.source.Dump(), channel.created_us));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return channel;
}

Task<Channel> NotificationStore::Update(AccountId account, Channel channel) {
  const std::int64_t before_us = channel.updated_us;
  channel.updated_us = std::max(clock_.Now().micros(), before_us + 1);
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(CheckName(session, account, channel));
    ASSIGN_OR_RETURN(const std::int64_t changed,
                     session.Execute(kUpdateChannel, account, channel.id, channel.settings.name,
                                     channel.settings.source.Dump(), channel.updated_us, before_us));
    if (changed == 1) return {};
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kFindChannel, account, channel.id));
    if (rows.empty()) return Fail(NoChannel(channel.id));
    return Changed("channel");
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return channel;
}

Task<void> NotificationStore::Delete(AccountId account, ChannelId id) {
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const std::string rules, RulesOf(session, account, id));
    if (!rules.empty())
      return Fail(ErrorCode::kConflict, fmt::format("rules send to this channel: {}", rules),
                  "take it out of them first");
    ASSIGN_OR_RETURN(const std::int64_t deleted, session.Execute(kDeleteChannel, account, id));
    if (deleted == 0) return Fail(NoChannel(id));
    RETURN_IF_ERROR(session.Execute(kDeletePending, account, id));
    RETURN_IF_ERROR(session.Execute(kDeleteGroups, account, id));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  co_return co_await std::move(done);
}

Task<Channel> NotificationStore::Find(AccountId account, ChannelId id) {
  auto query = database::AsyncQuery(db_, kFindChannel, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(NoChannel(id));
  ASSIGN_OR_CO_RETURN(auto read, ChannelFrom(rows[0]));
  co_return std::move(read.second);
}

// ---- Rules ----

Task<Rule> NotificationStore::Create(AccountId account, RuleSettings settings) {
  Rule rule{.id = RuleId::New(), .settings = std::move(settings)};
  rule.created_us = rule.updated_us = rule.since_us = clock_.Now().micros();
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows count, session.Query(kCountRules, account));
    if (count[0].Int(0) >= kRulesMax)
      return Fail(ErrorCode::kQuotaExceeded, fmt::format("this account has {} rules", kRulesMax),
                  "delete those that are not used");
    RETURN_IF_ERROR(CheckChannels(session, account, rule.settings));
    RETURN_IF_ERROR(session.Execute(kInsertRule, account, rule.id, rule.settings.source.Dump(), rule.since_us,
                                    rule.created_us));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return rule;
}

Task<Rule> NotificationStore::Update(AccountId account, Rule rule) {
  const std::int64_t before_us = rule.updated_us;
  rule.updated_us = std::max(clock_.Now().micros(), before_us + 1);
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(CheckChannels(session, account, rule.settings));
    ASSIGN_OR_RETURN(const std::int64_t changed,
                     session.Execute(kUpdateRule, account, rule.id, rule.settings.source.Dump(),
                                     rule.since_us, rule.updated_us, before_us));
    if (changed == 1) return {};
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kFindRule, account, rule.id));
    if (rows.empty()) return Fail(NoRule(rule.id));
    return Changed("rule");
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return rule;
}

Task<void> NotificationStore::Delete(AccountId account, RuleId id) {
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const std::int64_t deleted, session.Execute(kDeleteRule, account, id));
    if (deleted == 0) return Fail(NoRule(id));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  co_return co_await std::move(done);
}

Task<Rule> NotificationStore::Find(AccountId account, RuleId id) {
  auto query = database::AsyncQuery(db_, kFindRule, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(NoRule(id));
  ASSIGN_OR_CO_RETURN(auto read, RuleFrom(rows[0]));
  co_return std::move(read.second);
}

// ---- Both ----

Task<Plan> NotificationStore::PlanOf(AccountId account) {
  auto channels = database::AsyncQuery(db_, kChannels, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows channel_rows, co_await std::move(channels));
  auto rules = database::AsyncQuery(db_, kRules, Params::Of(account));
  ASSIGN_OR_CO_RETURN(const Rows rule_rows, co_await std::move(rules));
  ASSIGN_OR_CO_RETURN(Plans plans, PlansFrom(channel_rows, rule_rows));
  co_return std::move(plans[account]);
}

Task<Plans> NotificationStore::AllPlans() {
  auto channels = database::AsyncQuery(db_, kAllChannels, {}, kMany);
  ASSIGN_OR_CO_RETURN(const Rows channel_rows, co_await std::move(channels));
  auto rules = database::AsyncQuery(db_, kAllRules, {}, kMany);
  ASSIGN_OR_CO_RETURN(const Rows rule_rows, co_await std::move(rules));
  co_return PlansFrom(channel_rows, rule_rows);
}

Result<Plans> NotificationStore::AllPlansNow() {
  ASSIGN_OR_RETURN(const Rows channels, db_.QueryAndWait(kAllChannels, {}, kMany));
  ASSIGN_OR_RETURN(const Rows rules, db_.QueryAndWait(kAllRules, {}, kMany));
  return PlansFrom(channels, rules);
}

Task<std::string> NotificationStore::Revision() {
  auto query = database::AsyncQuery(db_, kRevision, {});
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  const Row row = rows[0];
  co_return fmt::format("{} {} {} {}", row.Int(0), row.Int(1), row.Int(2), row.Int(3));
}

}  // namespace elevaite::notifications

#include "services/workflow/webhooks/webhook_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "foundation/digest.h"
#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Blob;
using database::Params;
using database::Rows;
using database::Session;
using database::Sql;

#define ELEVAITE_WEBHOOK_SELECT \
  "SELECT id, namespace, workflow, settings, created_us, updated_us FROM webhooks WHERE account_id = ?1"
constexpr Sql kFind{"webhooks.find", ELEVAITE_WEBHOOK_SELECT " AND id = ?2"};
constexpr Sql kAt{"webhooks.at", ELEVAITE_WEBHOOK_SELECT " AND path = ?2 ORDER BY id"};
constexpr Sql kList{
    "webhooks.list", ELEVAITE_WEBHOOK_SELECT
    " AND (?2 = '' OR workflow = ?2) AND (?3 = '' OR namespace = ?3) AND (path, id) > (?4, ?5)"
    " ORDER BY path, id LIMIT ?6"};
constexpr Sql kCount{"webhooks.count", "SELECT count(*) FROM webhooks WHERE account_id = ?1"};
constexpr Sql kInsert{"webhooks.insert",
                      "INSERT INTO webhooks (account_id, id, namespace, workflow, path, settings, created_us,"
                      " updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)"};
constexpr Sql kUpdate{
    "webhooks.update",
    "UPDATE webhooks SET namespace = ?3, workflow = ?4, path = ?5, settings = ?6, updated_us ="
    " ?7 WHERE account_id = ?1 AND id = ?2 AND updated_us = ?8"};
constexpr Sql kDelete{"webhooks.delete", "DELETE FROM webhooks WHERE account_id = ?1 AND id = ?2"};

constexpr Sql kInsertMethod{
    "webhook_methods.insert",
    "INSERT INTO webhook_methods (account_id, path, method, webhook_id) VALUES (?1, ?2,"
    " ?3, ?4) ON CONFLICT DO NOTHING"};
constexpr Sql kDeleteMethods{"webhook_methods.delete",
                             "DELETE FROM webhook_methods WHERE account_id = ?1 AND webhook_id = ?2"};

constexpr Sql kClaim{
    "webhook_keys.claim",
    "INSERT INTO webhook_keys (account_id, webhook_id, key, execution_id, created_us) VALUES"
    " (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account_id, webhook_id, key) DO UPDATE SET execution_id ="
    " excluded.execution_id, created_us = excluded.created_us WHERE webhook_keys.created_us <="
    " ?6"};
constexpr Sql kClaimed{
    "webhook_keys.find",
    "SELECT execution_id FROM webhook_keys WHERE account_id = ?1 AND webhook_id = ?2 AND key ="
    " ?3"};
// More than one claim adds, so that they do not grow for ever.
constexpr Sql kForgetOld{
    "webhook_keys.forget",
    "DELETE FROM webhook_keys WHERE account_id = ?1 AND webhook_id = ?2 AND key IN (SELECT"
    " key FROM webhook_keys WHERE account_id = ?1 AND webhook_id = ?2 AND created_us <= ?3"
    " ORDER BY created_us LIMIT 10)"};
constexpr Sql kForgetAll{"webhook_keys.forget_all",
                         "DELETE FROM webhook_keys WHERE account_id = ?1 AND webhook_id = ?2"};

Result<Webhook> WebhookFrom(const database::Row& row) {
  Webhook webhook{.id = row.IdAt<WebhookId>(0),
                  .name_space = std::string(row.Text(1)),
                  .workflow = std::string(row.Text(2)),
                  .settings = {},
                  .created_us = row.Int(4),
                  .updated_us = row.Int(5)};
  ASSIGN_OR_RETURN(const Json settings, ParseJson(row.Text(3)));
  ASSIGN_OR_RETURN(webhook.settings, WebhookSettingsFrom(settings));
  return webhook;
}

Result<std::vector<Webhook>> WebhooksFrom(const Rows& rows) {
  std::vector<Webhook> webhooks;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(Webhook webhook, WebhookFrom(row));
    webhooks.push_back(std::move(webhook));
  }
  return webhooks;
}

Error NoWebhook(const WebhookId& id) {
  return {.code = ErrorCode::kNotFound,
          .message = "no webhook '" + id.ToString() + "'",
          .hint = "GET /v1/webhooks lists them"};
}

// Takes the methods at the path, which nobody else may have.
Result<void> TakeMethods(Session& session, const AccountId& account, const Webhook& webhook) {
  for (const std::string& method : webhook.settings.methods) {
    ASSIGN_OR_RETURN(const std::int64_t taken,
                     session.Execute(kInsertMethod, account, webhook.settings.path, method, webhook.id));
    if (taken == 0) {
      return Fail(ErrorCode::kConflict,
                  fmt::format("another webhook answers {} /hooks/{}", method, webhook.settings.path),
                  "choose another path or method; GET /v1/webhooks lists them");
    }
  }
  return {};
}

}  // namespace

Task<Webhook> WebhookStore::Create(AccountId account, Webhook webhook) {
  webhook.id = WebhookId::New();
  webhook.created_us = webhook.updated_us = clock_.Now().micros();
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows count, session.Query(kCount, account));
    if (count[0].Int(0) >= kPerAccountMax)
      return Fail(ErrorCode::kQuotaExceeded, fmt::format("this account has {} webhooks", kPerAccountMax),
                  "delete those that are not used");
    RETURN_IF_ERROR(TakeMethods(session, account, webhook));
    RETURN_IF_ERROR(session.Execute(kInsert, account, webhook.id, webhook.name_space, webhook.workflow,
                                    webhook.settings.path, webhook.settings.source.Dump(),
                                    webhook.created_us));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return webhook;
}

Task<Webhook> WebhookStore::Update(AccountId account, Webhook webhook) {
  const std::int64_t before_us = webhook.updated_us;
  webhook.updated_us = std::max(clock_.Now().micros(), before_us + 1);
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kDeleteMethods, account, webhook.id));
    RETURN_IF_ERROR(TakeMethods(session, account, webhook));
    ASSIGN_OR_RETURN(const std::int64_t changed,
                     session.Execute(kUpdate, account, webhook.id, webhook.name_space, webhook.workflow,
                                     webhook.settings.path, webhook.settings.source.Dump(),
                                     webhook.updated_us, before_us));
    if (changed == 1) return {};
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kFind, account, webhook.id));
    if (rows.empty()) return Fail(NoWebhook(webhook.id));
    return Fail(ErrorCode::kConflict, "this webhook was changed in the meantime",
                "read it again, then change it");
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return webhook;
}

Task<void> WebhookStore::Delete(AccountId account, WebhookId id) {
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const std::int64_t deleted, session.Execute(kDelete, account, id));
    if (deleted == 0) return Fail(NoWebhook(id));
    RETURN_IF_ERROR(session.Execute(kDeleteMethods, account, id));
    RETURN_IF_ERROR(session.Execute(kForgetAll, account, id));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  co_return co_await std::move(done);
}

Task<Webhook> WebhookStore::Find(AccountId account, WebhookId id) {
  auto query = database::AsyncQuery(db_, kFind, Params::Of(account, id));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(NoWebhook(id));
  co_return WebhookFrom(rows[0]);
}

std::string WebhookStore::CursorOf(const Webhook& webhook) {
  return webhook.settings.path + "~" + webhook.id.ToString();  // no path has a tilde
}

Task<std::vector<Webhook>> WebhookStore::List(AccountId account, WebhookFilter filter) {
  std::string path;
  WebhookId id;
  if (!filter.after.empty()) {
    const std::size_t tilde = std::min(filter.after.find('~'), filter.after.size() - 1);
    path = filter.after.substr(0, tilde);
    ASSIGN_OR_CO_RETURN(id, WebhookId::Parse(std::string_view(filter.after).substr(tilde + 1)));
  }
  auto query = database::AsyncQuery(
      db_, kList, Params::Of(account, filter.workflow, filter.name_space, path, id, filter.limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return WebhooksFrom(rows);
}

Task<std::vector<Webhook>> WebhookStore::At(AccountId account, std::string path) {
  auto query = database::AsyncQuery(db_, kAt, Params::Of(account, path));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  co_return WebhooksFrom(rows);
}

Task<ExecutionId> WebhookStore::ClaimKey(AccountId account, WebhookId webhook, std::string key,
                                         std::chrono::seconds window, ExecutionId fresh) {
  auto claimed = std::make_shared<ExecutionId>();
  const auto digest = Sha256(key);
  const std::string hash(reinterpret_cast<const char*>(digest.data()), digest.size());
  const std::int64_t now_us = clock_.Now().micros();
  const std::int64_t old_us = now_us - std::chrono::microseconds(window).count();
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kClaim, account, webhook, Blob{hash}, fresh, now_us, old_us));
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kClaimed, account, webhook, Blob{hash}));
    *claimed = rows[0].IdAt<ExecutionId>(0);
    RETURN_IF_ERROR(session.Execute(kForgetOld, account, webhook, old_us));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return *claimed;
}

}  // namespace elevaite::workflow

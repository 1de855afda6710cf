#include "services/workflow/store.h"

#include <fmt/format.h>

#include "infra/database/awaitable.h"
#include "services/workflow/deployment/deployment_store.h"

namespace elevaite::workflow {
namespace {

using database::Params;
using database::Rows;
using database::Session;
using database::Sql;

constexpr Sql kSelectVersionSource{"versions.source",
                                   "SELECT version, source, format, created_us FROM versions WHERE "
                                   "account_id = ?1 AND name = ?2 AND namespace = ?3 AND version = ?4"};
constexpr Sql kInsertVersion{"versions.insert",
                             "INSERT INTO versions (account_id, namespace, name, version, source, format, "
                             "created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
constexpr Sql kInsertResource{"resources.insert",
                              "INSERT INTO resources (account_id, namespace, name, version, uri, text)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Sql kSelectResources{"resources.find",
                               "SELECT uri, text FROM resources WHERE account_id = ?1 AND name = ?2 AND"
                               " namespace = ?3 AND version = ?4"};
constexpr Sql kSetLatest{"workflows.set_latest",
                         "UPDATE workflows SET latest_version = ?4, updated_us = ?5"
                         " WHERE account_id = ?1 AND name = ?2 AND namespace = ?3"};
constexpr Sql kUpsertWorkflow{
    "workflows.upsert",
    "INSERT INTO workflows (account_id, namespace, name, latest_version, title, summary, tags, created_us, "
    "updated_us)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (account_id, name, namespace) DO UPDATE SET"
    " latest_version = excluded.latest_version, title = excluded.title, summary = excluded.summary, tags = "
    "excluded.tags,"
    " updated_us = excluded.updated_us"};

#define ELEVAITE_WORKFLOW_SELECT                                                                            \
  "SELECT w.namespace, w.name, w.latest_version, w.title, w.summary, w.tags, w.created_us, w.updated_us,"   \
  " (SELECT count(*) FROM versions v WHERE v.account_id = w.account_id AND v.name = w.name AND v.namespace" \
  " = w.namespace), (SELECT count(*) FROM webhooks h WHERE h.account_id = w.account_id AND h.workflow ="    \
  " w.name AND h.namespace = w.namespace), w.current_version, w.canary, w.revision FROM workflows w WHERE " \
  "w.account_id = ?1"
constexpr Sql kResolve{"workflows.resolve", ELEVAITE_WORKFLOW_SELECT
                       " AND w.name = ?2 AND (?3 = '' OR w.namespace = ?3) ORDER BY w.namespace LIMIT 20"};
constexpr Sql kList{
    "workflows.list", ELEVAITE_WORKFLOW_SELECT
    " AND (w.name, w.namespace) > (?2, ?3) AND (lower(w.name) LIKE lower(?4) ESCAPE '\\' OR"
    " lower(coalesce(w.title, '')) LIKE lower(?4) ESCAPE '\\') ORDER BY w.name, w.namespace LIMIT ?5"};
constexpr Sql kSelectVersions{"versions.list",
                              "SELECT version, '', format, created_us FROM versions WHERE account_id = ?1 "
                              "AND name = ?2 AND namespace = ?3 ORDER BY"
                              " created_us DESC LIMIT 1000"};

constexpr Sql kInsertKey{"idempotency_keys.insert",
                         "INSERT INTO idempotency_keys (account_id, namespace, workflow, key, execution_id, "
                         "fingerprint, created_us) VALUES (?1, ?2, ?3,"
                         " ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"};
constexpr Sql kSelectKey{
    "idempotency_keys.find",
    "SELECT execution_id, fingerprint FROM idempotency_keys WHERE account_id = ?1 AND workflow = ?2 AND"
    " namespace = ?3 AND key = ?4"};

// For LIKE.
std::string Containing(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern + "%";
}

VersionRow VersionFrom(const database::Row& row) {
  return {.version = std::string(row.Text(0)),
          .source = std::string(row.Text(1)),
          .format = std::string(row.Text(2)),
          .created_us = row.Int(3),
          .resources = {}};
}

Result<WorkflowRow> WorkflowFrom(const database::Row& row) {
  WorkflowRow workflow{
      .name_space = std::string(row.Text(0)),
      .name = std::string(row.Text(1)),
      .latest_version = std::string(row.Text(2)),
      .deployment = {.revision = row.Int(12), .current = std::string(row.Text(10)), .canary = {}},
      .title = std::string(row.OptionalText(3).value_or("")),
      .summary = std::string(row.OptionalText(4).value_or("")),
      .tags = Json::EmptyObject(),
      .created_us = row.Int(6),
      .updated_us = row.Int(7),
      .versions = row.Int(8),
      .webhooks = row.Int(9)};
  if (const auto tags = row.OptionalText(5)) {
    ASSIGN_OR_RETURN(workflow.tags, ParseJson(*tags));
  }
  if (const auto canary = row.OptionalText(11)) {
    ASSIGN_OR_RETURN(const Json json, ParseJson(*canary));
    ASSIGN_OR_RETURN(workflow.deployment.canary, Canary::FromJson(json));
  }
  return workflow;
}

Result<Published> PublishIn(Session& session, const AccountId& account, const dsl::Program& program,
                            const std::string& source, const std::string& format,
                            const dsl::Resources& resources, std::int64_t now_us, const PublishNote& note,
                            DeploymentAct act) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query(kSelectVersionSource, account, program.name,
                                                  program.name_space, program.version));
  if (!rows.empty()) {
    if (rows[0].Text(1) == source) return Published::kUnchanged;
    return Fail(ErrorCode::kVersionExists,
                fmt::format("{} {} is already published with other content", program.name, program.version),
                "raise document.version: what is published never changes");
  }
  RETURN_IF_ERROR(session.Execute(kInsertVersion, account, program.name_space, program.name, program.version,
                                  source, format, now_us));
  for (const auto& [uri, content] : resources)
    RETURN_IF_ERROR(session.Execute(kInsertResource, account, program.name_space, program.name,
                                    program.version, uri, content));
  const WorkflowName of{account, program.name_space, program.name};
  ASSIGN_OR_RETURN(auto deployment, ReadDeployment(session, of));
  bool activate = note.activate || !deployment;
  if (deployment && act == DeploymentAct::kImport) {
    ASSIGN_OR_RETURN(const auto last, LastAct(session, of));
    activate = last == DeploymentAct::kImport;
  }
  if (!activate) {
    RETURN_IF_ERROR(
        session.Execute(kSetLatest, account, program.name, program.name_space, program.version, now_us));
    return Published::kNew;
  }
  const auto text = [](const std::string& s) { return s.empty() ? std::nullopt : std::optional(s); };
  const auto tags = program.tags.IsObject() ? std::optional(program.tags.Dump()) : std::nullopt;
  RETURN_IF_ERROR(session.Execute(kUpsertWorkflow, account, program.name_space, program.name, program.version,
                                  text(program.title), text(program.summary), tags, now_us));
  Deployment next = deployment.value_or(Deployment{});
  next.current = program.version;
  next.canary = std::nullopt;
  RETURN_IF_ERROR(WriteDeployment(session, of, next, act, {note.who, note.note}, now_us));
  return Published::kNew;
}

Error NoWorkflow(const std::string& reference) {
  return {.code = ErrorCode::kNotFound,
          .message = "no workflow '" + reference + "'",
          .hint = "GET /v1/workflows lists them"};
}

}  // namespace

Result<Published> WorkflowStore::PublishNow(const AccountId& account, const dsl::Program& program,
                                            const std::string& source, const std::string& format,
                                            const dsl::Resources& resources) {
  Published published = Published::kNew;
  RETURN_IF_ERROR(db_.TransactAndWait([&](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(published, PublishIn(session, account, program, source, format, resources,
                                          clock_.Now().micros(), {.who = "import"}, DeploymentAct::kImport));
    return {};
  }));
  return published;
}

Task<Published> WorkflowStore::Publish(AccountId account, std::shared_ptr<const dsl::Program> program,
                                       std::string source, std::string format, dsl::Resources resources,
                                       PublishNote note) {
  auto published = std::make_shared<Published>(Published::kNew);
  const std::int64_t now_us = clock_.Now().micros();
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(*published, PublishIn(session, account, *program, source, format, resources, now_us,
                                           note, DeploymentAct::kPublish));
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return *published;
}

Task<WorkflowRow> WorkflowStore::Resolve(AccountId account, std::string reference) {
  const std::size_t dot = reference.find('.');
  const std::string name_space = dot == std::string::npos ? "" : reference.substr(0, dot);
  const std::string name = dot == std::string::npos ? reference : reference.substr(dot + 1);
  auto query = database::AsyncQuery(db_, kResolve, Params::Of(account, name, name_space));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  if (rows.empty()) co_return Fail(NoWorkflow(reference));
  if (rows.size() > 1) {
    std::string choices;
    for (const auto& row : rows)
      choices += fmt::format("{}{}.{}", choices.empty() ? "" : ", ", row.Text(0), row.Text(1));
    co_return Fail(ErrorCode::kConflict, "several workflows have the name '" + name + "'",
                   "say which: " + choices);
  }
  co_return WorkflowFrom(rows[0]);
}

Task<std::vector<WorkflowRow>> WorkflowStore::List(AccountId account, std::string part, std::string after,
                                                   std::size_t limit) {
  const std::size_t dot = after.find('.');
  const std::string name = after.substr(0, dot);
  const std::string name_space = dot == std::string::npos ? "" : after.substr(dot + 1);
  const std::string pattern = Containing(part);
  auto query = database::AsyncQuery(db_, kList, Params::Of(account, name, name_space, pattern, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<WorkflowRow> page;
  for (const auto& row : rows) {
    ASSIGN_OR_CO_RETURN(WorkflowRow workflow, WorkflowFrom(row));
    page.push_back(std::move(workflow));
  }
  co_return page;
}

Task<std::vector<VersionRow>> WorkflowStore::Versions(AccountId account, std::string name_space,
                                                      std::string name) {
  auto query = database::AsyncQuery(db_, kSelectVersions, Params::Of(account, name, name_space));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<VersionRow> versions;
  for (const auto& row : rows) versions.push_back(VersionFrom(row));
  co_return versions;
}

namespace {

dsl::Resources ResourcesFrom(const Rows& rows) {
  dsl::Resources resources;
  for (const auto& row : rows) resources.emplace(row.Text(0), row.Text(1));
  return resources;
}

Result<VersionRow> OneVersion(const Rows& rows, const std::string& name, const std::string& version) {
  if (!rows.empty()) return VersionFrom(rows[0]);
  return Fail(ErrorCode::kNotFound, fmt::format("{} has no version '{}'", name, version),
              fmt::format("GET /v1/workflows/{}/versions lists them", name));
}

}  // namespace

Task<VersionRow> WorkflowStore::FindVersion(AccountId account, std::string name_space, std::string name,
                                            std::string version) {
  auto query =
      database::AsyncQuery(db_, kSelectVersionSource, Params::Of(account, name, name_space, version));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  ASSIGN_OR_CO_RETURN(VersionRow row, OneVersion(rows, name, version));
  auto more = database::AsyncQuery(db_, kSelectResources, Params::Of(account, name, name_space, version));
  ASSIGN_OR_CO_RETURN(const Rows resources, co_await std::move(more));
  row.resources = ResourcesFrom(resources);
  co_return row;
}

Result<VersionRow> WorkflowStore::FindVersionNow(const AccountId& account, const std::string& name_space,
                                                 const std::string& name, const std::string& version) {
  ASSIGN_OR_RETURN(const Rows rows,
                   db_.QueryAndWait(kSelectVersionSource, Params::Of(account, name, name_space, version)));
  ASSIGN_OR_RETURN(VersionRow row, OneVersion(rows, name, version));
  ASSIGN_OR_RETURN(const Rows resources,
                   db_.QueryAndWait(kSelectResources, Params::Of(account, name, name_space, version)));
  row.resources = ResourcesFrom(resources);
  return row;
}

Task<ExecutionId> WorkflowStore::ClaimKey(AccountId account, std::string name_space, std::string name,
                                          std::string key, std::string fingerprint, ExecutionId fresh) {
  auto claimed = std::make_shared<ExecutionId>();
  const std::int64_t now_us = clock_.Now().micros();
  auto write = [=](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kInsertKey, account, name_space, name, key, fresh, fingerprint, now_us));
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kSelectKey, account, name, name_space, key));
    if (rows[0].Text(1) != fingerprint) {
      return Fail(ErrorCode::kConflict, "this Idempotency-Key was used with another input or version",
                  "use a new key for a new request");
    }
    *claimed = rows[0].IdAt<ExecutionId>(0);
    return {};
  };
  auto done = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(done));
  co_return *claimed;
}

}  // namespace elevaite::workflow

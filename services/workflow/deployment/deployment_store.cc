#include "services/workflow/deployment/deployment_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "infra/database/awaitable.h"

namespace elevaite::workflow {
namespace {

using database::Params;
using database::Rows;
using database::Session;
using database::Sql;

constexpr Sql kFind{"deployments.find",
                    "SELECT current_version, canary, revision FROM workflows"
                    " WHERE account_id = ?1 AND name = ?2 AND namespace = ?3"};
constexpr Sql kUpdate{"deployments.update",
                      "UPDATE workflows SET current_version = ?4, canary = ?5, revision = ?6, updated_us = ?7"
                      " WHERE account_id = ?1 AND name = ?2 AND namespace = ?3"};
constexpr Sql kInsert{"deployments.insert",
                      "INSERT INTO deployments (account_id, namespace, workflow, revision, at_us, act, who, "
                      "note, current_version, canary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
constexpr Sql kForget{"deployments.forget",
                      "DELETE FROM deployments WHERE account_id = ?1 AND workflow = ?2 AND namespace = ?3"
                      " AND revision <= ?4"};
constexpr Sql kHistory{"deployments.history",
                       "SELECT act, who, note, at_us, current_version, canary, revision FROM deployments"
                       " WHERE account_id = ?1 AND workflow = ?2 AND namespace = ?3 AND revision < ?4"
                       " ORDER BY revision DESC LIMIT ?5"};
constexpr Sql kPublished{"versions.published",
                         "SELECT created_us FROM versions WHERE account_id = ?1 AND name = ?2 AND"
                         " namespace = ?3 AND version = ?4"};
constexpr Sql kWithCanary{"deployments.with_canary",
                          "SELECT account_id, namespace, name, current_version, canary, revision"
                          " FROM workflows WHERE canary IS NOT NULL"};

constexpr std::array<std::string_view, 8> kActs{"publish", "activate", "rollback", "canary",
                                                "promote", "stop",     "abort",    "import"};

Result<DeploymentAct> ActFrom(std::string_view name) {
  const auto* const found = std::ranges::find(kActs, name);
  if (found == kActs.end())
    return Fail(ErrorCode::kDataLoss, "a change of a deployment is of an unknown kind");
  return static_cast<DeploymentAct>(found - kActs.begin());
}

// Three columns from `at` on.
Result<Deployment> DeploymentFrom(const database::Row& row, std::size_t at) {
  Deployment deployment{.revision = row.Int(at + 2), .current = std::string(row.Text(at)), .canary = {}};
  if (const auto canary = row.OptionalText(at + 1)) {
    ASSIGN_OR_RETURN(const Json json, ParseJson(*canary));
    ASSIGN_OR_RETURN(deployment.canary, Canary::FromJson(json));
  }
  return deployment;
}

std::optional<std::string> TextOf(const std::optional<Canary>& canary) {
  return canary ? std::optional(canary->ToJson().Dump()) : std::nullopt;
}

Result<std::int64_t> PublishedAt(Session& session, const WorkflowName& of, const std::string& version) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query(kPublished, of.account, of.name, of.name_space, version));
  if (!rows.empty()) return rows[0].Int(0);
  return Fail(ErrorCode::kNotFound, fmt::format("{} has no version '{}'", of.name, version.substr(0, 100)),
              fmt::format("GET /v1/workflows/{}/versions lists them", of.name));
}

Error NoCanary(const WorkflowName& of) {
  return {.code = ErrorCode::kConflict, .message = of.name + " has no canary", .hint = ""};
}

}  // namespace

std::string_view NameOf(DeploymentAct act) { return kActs.at(static_cast<std::size_t>(act)); }

Result<std::optional<Deployment>> ReadDeployment(Session& session, const WorkflowName& of) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query(kFind, of.account, of.name, of.name_space));
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(Deployment deployment, DeploymentFrom(rows[0], 0));
  return deployment;
}

Result<std::optional<DeploymentAct>> LastAct(Session& session, const WorkflowName& of) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query(kHistory, of.account, of.name, of.name_space, INT64_MAX, 1));
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const DeploymentAct act, ActFrom(rows[0].Text(0)));
  return act;
}

Result<void> WriteDeployment(Session& session, const WorkflowName& of, Deployment& deployment,
                             DeploymentAct act, const DeploymentNote& note, std::int64_t now_us) {
  ++deployment.revision;
  const auto canary = TextOf(deployment.canary);
  RETURN_IF_ERROR(session.Execute(kUpdate, of.account, of.name, of.name_space, deployment.current, canary,
                                  deployment.revision, now_us));
  RETURN_IF_ERROR(session.Execute(kInsert, of.account, of.name_space, of.name, deployment.revision, now_us,
                                  NameOf(act), note.who, note.text, deployment.current, canary));
  if (deployment.revision > DeploymentStore::kChangesKept) {
    RETURN_IF_ERROR(session.Execute(kForget, of.account, of.name, of.name_space,
                                    deployment.revision - DeploymentStore::kChangesKept));
  }
  return {};
}

Task<DeploymentChange> DeploymentStore::Do(WorkflowName of, DeploymentNote note,
                                           std::optional<std::int64_t> revision, Change change) {
  auto done = std::make_shared<DeploymentChange>();
  done->note = note;
  done->at_us = clock_.Now().micros();
  auto write = [=](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(auto found, ReadDeployment(session, of));
    if (!found) return Fail(ErrorCode::kNotFound, "no workflow '" + of.name + "'");
    if (revision && *revision != found->revision)
      return Fail(ErrorCode::kConflict,
                  fmt::format("the deployment was changed in the meantime: it is at revision {}, not {}",
                              found->revision, *revision),
                  "read it again, then decide");
    ASSIGN_OR_RETURN(done->act, change(session, *found));
    done->after = *std::move(found);
    return WriteDeployment(session, of, done->after, done->act, note, done->at_us);
  };
  auto transact = database::AsyncTransact(db_, write);
  CO_RETURN_IF_ERROR(co_await std::move(transact));
  co_return *done;
}

Task<DeploymentChange> DeploymentStore::Activate(WorkflowName of, std::string version, DeploymentNote note,
                                                 std::optional<std::int64_t> revision) {
  Change change = [of, version](Session& session, Deployment& deployment) -> Result<DeploymentAct> {
    ASSIGN_OR_RETURN(const std::int64_t published_us, PublishedAt(session, of, version));
    ASSIGN_OR_RETURN(const std::int64_t before_us, PublishedAt(session, of, deployment.current));
    const bool is_older = published_us < before_us;
    deployment.current = version;
    deployment.canary = std::nullopt;
    return is_older ? DeploymentAct::kRollback : DeploymentAct::kActivate;
  };
  return Do(std::move(of), std::move(note), revision, std::move(change));
}

Task<DeploymentChange> DeploymentStore::SetCanary(WorkflowName of, Canary canary, DeploymentNote note,
                                                  std::optional<std::int64_t> revision) {
  canary.since_us = clock_.Now().micros() / 1'000 * 1'000;  // as its text has it
  Change change = [of, canary](Session& session, Deployment& deployment) -> Result<DeploymentAct> {
    RETURN_IF_ERROR(PublishedAt(session, of, canary.version));
    if (canary.version == deployment.current)
      return Fail(ErrorCode::kConflict, canary.version + " is the current version already",
                  "a canary is another version than the current one");
    Canary next = canary;
    if (deployment.canary && deployment.canary->version == next.version)
      next.since_us = deployment.canary->since_us;
    deployment.canary = std::move(next);
    return DeploymentAct::kCanary;
  };
  return Do(std::move(of), std::move(note), revision, std::move(change));
}

Task<DeploymentChange> DeploymentStore::Promote(WorkflowName of, DeploymentNote note,
                                                std::optional<std::int64_t> revision) {
  Change change = [of](Session&, Deployment& deployment) -> Result<DeploymentAct> {
    if (!deployment.canary) return Fail(NoCanary(of));
    deployment.current = deployment.canary->version;
    deployment.canary = std::nullopt;
    return DeploymentAct::kPromote;
  };
  return Do(std::move(of), std::move(note), revision, std::move(change));
}

Task<DeploymentChange> DeploymentStore::Stop(WorkflowName of, DeploymentAct act, DeploymentNote note,
                                             std::optional<std::int64_t> revision) {
  Change change = [of, act](Session&, Deployment& deployment) -> Result<DeploymentAct> {
    if (!deployment.canary) return Fail(NoCanary(of));
    deployment.canary = std::nullopt;
    return act;
  };
  return Do(std::move(of), std::move(note), revision, std::move(change));
}

Task<std::vector<DeploymentChange>> DeploymentStore::History(WorkflowName of, std::int64_t before,
                                                             std::size_t limit) {
  auto query =
      database::AsyncQuery(db_, kHistory, Params::Of(of.account, of.name, of.name_space, before, limit));
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<DeploymentChange> changes;
  for (const auto& row : rows) {
    DeploymentChange change{.act = {},
                            .note = {.who = std::string(row.Text(1)), .text = std::string(row.Text(2))},
                            .at_us = row.Int(3),
                            .after = {}};
    ASSIGN_OR_CO_RETURN(change.act, ActFrom(row.Text(0)));
    ASSIGN_OR_CO_RETURN(change.after, DeploymentFrom(row, 4));
    changes.push_back(std::move(change));
  }
  co_return changes;
}

Task<std::vector<DeploymentStore::Watched>> DeploymentStore::WithCanary() {
  auto query = database::AsyncQuery(db_, kWithCanary, {});
  ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(query));
  std::vector<Watched> all;
  for (const auto& row : rows) {
    ASSIGN_OR_CO_RETURN(const AccountId account, AccountId::Parse(row.Text(0)));
    ASSIGN_OR_CO_RETURN(Deployment deployment, DeploymentFrom(row, 3));
    if (!deployment.canary->abort_when) continue;
    all.push_back(
        {.of = {.account = account, .name_space = std::string(row.Text(1)), .name = std::string(row.Text(2))},
         .deployment = std::move(deployment)});
  }
  co_return all;
}

}  // namespace elevaite::workflow

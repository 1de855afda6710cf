// Which version of a workflow new executions get: /v1/workflows/{name}/deployment, /activate and /canary.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <vector>

#include "services/workflow/api/api.h"
#include "services/workflow/deployment/deployment_store.h"
#include "services/workflow/schedule/scheduler.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kBodyBytesMax = 16U << 10U;
constexpr std::size_t kNoteBytesMax = 1'000;

struct Wanted {
  Json body = Json::EmptyObject();
  std::string version;
  std::string note;
  std::optional<std::int64_t> revision;
};

auto Refuse(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(hint));
}

// What every act takes, and the members that this one takes, too. One that is not known is refused.
Result<Wanted> WantedFrom(std::string_view text, const std::vector<std::string_view>& more) {
  Wanted wanted;
  if (!text.empty()) {
    ASSIGN_OR_RETURN(wanted.body, ParseJson(text));
  }
  if (!wanted.body.IsObject()) return Refuse("the body must be an object");
  for (const auto& [name, value] : wanted.body.AsObject()) {
    const std::string_view key = name.AsString();
    if (key != "note" && key != "by" && key != "revision" && std::ranges::find(more, key) == more.end())
      return Refuse("unknown member '" + std::string(key.substr(0, 40)) + "'",
                    fmt::format("note, by, revision{}{}", more.empty() ? "" : ", ", fmt::join(more, ", ")));
  }
  RETURN_IF_ERROR(CheckNote(wanted.body));
  const Json& note = wanted.body["note"];
  if (!note.IsNull() && (!note.IsString() || note.Size() > kNoteBytesMax))
    return Refuse(fmt::format("`note` must be a text of {} bytes at most", kNoteBytesMax));
  wanted.note = note.StringOr("");
  const Json& revision = wanted.body["revision"];
  if (!revision.IsNull() && !revision.IsInt64()) return Refuse("`revision` must be a number");
  if (revision.IsInt64()) wanted.revision = revision.IntOr(0);
  if (more.empty()) return wanted;
  wanted.version = wanted.body["version"].StringOr("");
  if (wanted.version.empty()) return Refuse("`version` is missing");
  return wanted;
}

Result<Canary> CanaryFrom(const Wanted& wanted) {
  Canary canary{.version = wanted.version,
                .percent = wanted.body["percent"].IntOr(-1),
                .since_us = 0,
                .abort_when = {}};
  if (canary.percent < 0 || canary.percent > 100)
    return Refuse("`percent` must be a number from 0 to 100", "without a fraction");
  if (const Json& when = wanted.body["abort_when"]; !when.IsNull()) {
    ASSIGN_OR_RETURN(canary.abort_when, AbortWhenFrom(when));
  }
  return canary;
}

Json ChangeJson(const DeploymentChange& change) {
  return Json::Object({{"revision", change.after.revision},
                       {"at", Timestamp::FromMicros(change.at_us).ToRfc3339()},
                       {"act", NameOf(change.act)},
                       {"by", change.note.who},
                       {"note", change.note.text.empty() ? Json() : Json(change.note.text)},
                       {"current_version", change.after.current},
                       {"canary", change.after.canary ? change.after.canary->ToJson() : Json()}});
}

class DeploymentRoutes {
 public:
  DeploymentRoutes(DeploymentStore& store, WorkflowService& service) : store_(store), service_(service) {}

  Reply Get(Request& request) {
    auto resolve = RowOf(request);
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    co_return net::JsonResponse(200, DeploymentJson(row));
  }

  Reply History(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
    std::int64_t before = INT64_MAX;
    if (const std::string cursor = request.QueryParameter("cursor").value_or(""); !cursor.empty()) {
      const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), before);
      if (error != std::errc() || end != cursor.data() + cursor.size())
        co_return Refuse("this is no cursor", "pass `next_cursor` of the page before as it is");
    }
    auto resolve = RowOf(request);
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    auto read = store_.History(NameFrom(request, row), before, limit + 1);
    ASSIGN_OR_CO_RETURN(std::vector<DeploymentChange> changes, co_await std::move(read));
    Json next;
    if (changes.size() > limit) {
      changes.resize(limit);
      next = std::to_string(changes.back().after.revision);
    }
    std::vector<Json> items;
    for (const DeploymentChange& change : changes) items.push_back(ChangeJson(change));
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Activate(Request& request) {
    auto act = Act(request, {"version"}, [this](WorkflowName of, Wanted wanted, DeploymentNote note) {
      return store_.Activate(std::move(of), wanted.version, std::move(note), wanted.revision);
    });
    co_return co_await std::move(act);
  }

  Reply SetCanary(Request& request) {
    auto act = Act(request, {"version", "percent", "abort_when"},
                   [this](WorkflowName of, Wanted wanted, DeploymentNote note) {
                     return SetCanaryOf(std::move(of), std::move(wanted), std::move(note));
                   });
    co_return co_await std::move(act);
  }

  Reply Promote(Request& request) {
    auto act = Act(request, {}, [this](WorkflowName of, Wanted wanted, DeploymentNote note) {
      return store_.Promote(std::move(of), std::move(note), wanted.revision);
    });
    co_return co_await std::move(act);
  }

  Reply StopCanary(Request& request) {
    auto act = Act(request, {}, [this](WorkflowName of, Wanted wanted, DeploymentNote note) {
      return store_.Stop(std::move(of), DeploymentAct::kStop, std::move(note), wanted.revision);
    });
    co_return co_await std::move(act);
  }

 private:
  using Doing = std::function<Task<DeploymentChange>(WorkflowName, Wanted, DeploymentNote)>;

  Task<DeploymentChange> SetCanaryOf(WorkflowName of, Wanted wanted, DeploymentNote note) {
    ASSIGN_OR_CO_RETURN(Canary canary, CanaryFrom(wanted));
    auto set = store_.SetCanary(std::move(of), std::move(canary), std::move(note), wanted.revision);
    co_return co_await std::move(set);
  }

  // On the node that keeps the schedules: the current version's may change. A version that does not compile
  // any more must not become one that is started.
  Reply Act(Request& request, std::vector<std::string_view> members, Doing doing) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    auto ask = FromLeader(service_, request, body);
    ASSIGN_OR_CO_RETURN(auto theirs, co_await std::move(ask));
    if (theirs) co_return *std::move(theirs);
    ASSIGN_OR_CO_RETURN(Wanted wanted, WantedFrom(body, members));
    CO_RETURN_IF_ERROR(service_.scheduler().CheckLeads());
    auto resolve = RowOf(request);
    ASSIGN_OR_CO_RETURN(const WorkflowRow before, co_await std::move(resolve));
    const AccountId account = AccountOf(request);
    if (!wanted.version.empty()) {
      auto get = service_.programs().Get(account, before.name_space, before.name, wanted.version);
      CO_RETURN_IF_ERROR(co_await std::move(get));
    }
    DeploymentNote note{.who = WhoOf(request, wanted.body), .text = wanted.note};
    auto act = doing(NameFrom(request, before), std::move(wanted), std::move(note));
    CO_RETURN_IF_ERROR(co_await std::move(act));
    auto again = RowOf(request);
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(again));
    if (row.deployment.current != before.deployment.current) {
      auto deployed = service_.Deployed(account, row);
      CO_RETURN_IF_ERROR(co_await std::move(deployed));
    }
    co_return net::JsonResponse(200, DeploymentJson(row));
  }

  Task<WorkflowRow> RowOf(const Request& request) {
    return service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
  }
  static WorkflowName NameFrom(const Request& request, const WorkflowRow& row) {
    return {AccountOf(request), row.name_space, row.name};
  }
  static Json DeploymentJson(const WorkflowRow& row) {
    Json json = row.deployment.ToJson();
    json = Json::WithMember(std::move(json), "workflow", row.name_space + "." + row.name);
    return Json::WithMember(std::move(json), "latest_version", row.latest_version);
  }

  DeploymentStore& store_;
  WorkflowService& service_;
};

}  // namespace

void AddDeploymentRoutes(net::Router& router, DeploymentStore& store, WorkflowService& service) {
  const auto routes = std::make_shared<DeploymentRoutes>(store, service);
  const auto add = [&](Method method, std::string_view pattern,
                       Reply (DeploymentRoutes::*handler)(Request&)) {
    router.Add(method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kGet, "/v1/workflows/{name}/deployment", &DeploymentRoutes::Get);
  add(Method::kGet, "/v1/workflows/{name}/deployment/history", &DeploymentRoutes::History);
  add(Method::kPost, "/v1/workflows/{name}/activate", &DeploymentRoutes::Activate);
  add(Method::kPost, "/v1/workflows/{name}/canary", &DeploymentRoutes::SetCanary);
  add(Method::kPost, "/v1/workflows/{name}/canary/promote", &DeploymentRoutes::Promote);
  add(Method::kPost, "/v1/workflows/{name}/canary/stop", &DeploymentRoutes::StopCanary);
}

}  // namespace elevaite::workflow

// /v1/workflows: documents and versions.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "net/problem.h"
#include "services/workflow/api/api.h"
#include "services/workflow/execution_view.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kSourceBytesMax = 1U << 20U;

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }

Json SummaryJson(const WorkflowRow& row, const engine::WorkflowActivity& activity) {
  Json last;
  if (activity.last) {
    last = Json::Object({{"id", activity.last->id.ToString()},
                         {"status", engine::NameOf(activity.last->phase)},
                         {"created_at", TimeJson(activity.last->created_us)}});
  }
  return Json::Object({{"name", row.name},
                       {"namespace", row.name_space},
                       {"version", row.latest_version},
                       {"title", TextOrNull(row.title)},
                       {"summary", TextOrNull(row.summary)},
                       {"tags", row.tags},
                       {"versions", row.versions},
                       {"created_at", TimeJson(row.created_us)},
                       {"updated_at", TimeJson(row.updated_us)},
                       {"executions", Json::Object({{"total", activity.total},
                                                    {"active", activity.active},
                                                    {"faulted", activity.faulted}})},
                       {"last_execution", last},
                       {"webhooks", row.webhooks}});
}

class WorkflowRoutes {
 public:
  explicit WorkflowRoutes(WorkflowService& service) : service_(service) {}

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
    const std::string part = request.QueryParameter("query").value_or("");
    if (part.size() > 200)
      co_return Fail(ErrorCode::kInvalidArgument, "query may have 200 characters at most");
    auto list = service_.store().List(AccountOf(request), part, request.QueryParameter("cursor").value_or(""),
                                      limit + 1);
    ASSIGN_OR_CO_RETURN(std::vector<WorkflowRow> rows, co_await std::move(list));
    Json next;
    if (rows.size() > limit) {
      rows.resize(limit);
      next = rows.back().name + "." + rows.back().name_space;
    }
    std::vector<Json> items;
    for (const WorkflowRow& row : rows) {
      auto read = service_.Activity(AccountOf(request), row.name_space, row.name);
      ASSIGN_OR_CO_RETURN(const engine::WorkflowActivity activity, co_await std::move(read));
      items.push_back(SummaryJson(row, activity));
    }
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Publish(Request& request) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string source, co_await std::move(read));
    auto ask = FromLeader(service_, request, source);
    ASSIGN_OR_CO_RETURN(auto theirs, co_await std::move(ask));
    if (theirs) co_return *std::move(theirs);
    auto publish = service_.Publish(AccountOf(request), source);
    auto outcome = co_await std::move(publish);
    if (!outcome && outcome.error().code == ErrorCode::kVersionExists) {
      auto refuse = VersionExists(request, outcome.error(), source);
      co_return co_await std::move(refuse);
    }
    if (!outcome) co_return Fail(outcome.error());
    if (const auto* rejected = std::get_if<Rejected>(&*outcome)) co_return Refuse(request, *rejected);
    const auto& published = std::get<PublishResult>(*outcome);
    auto view = WorkflowJson(AccountOf(request), published.row);
    ASSIGN_OR_CO_RETURN(const Json workflow, co_await std::move(view));
    Response response = net::JsonResponse(published.published == Published::kNew ? 201 : 200, workflow);
    response.headers.Set("location",
                         "/v1/workflows/" + published.row.name + "/versions/" + published.row.latest_version);
    co_return response;
  }

  Reply Get(Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    auto view = WorkflowJson(AccountOf(request), row);
    ASSIGN_OR_CO_RETURN(const Json workflow, co_await std::move(view));
    co_return net::JsonResponse(200, workflow);
  }

  Reply Versions(Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    auto list = service_.store().Versions(AccountOf(request), row.name_space, row.name);
    ASSIGN_OR_CO_RETURN(const std::vector<VersionRow> versions, co_await std::move(list));
    std::vector<Json> items;
    for (const VersionRow& version : versions) {
      items.push_back(Json::Object({{"version", version.version},
                                    {"created_at", TimeJson(version.created_us)},
                                    {"latest", version.version == row.latest_version}}));
    }
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply GetVersion(Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(WorkflowRow row, co_await std::move(resolve));
    row.latest_version = request.PathParameter("version");
    auto view = WorkflowJson(AccountOf(request), row);
    ASSIGN_OR_CO_RETURN(const Json workflow, co_await std::move(view));
    co_return net::JsonResponse(200, workflow);
  }

 private:
  static Response Refuse(const Request& request, const Rejected& rejected) {
    const auto errors =
        std::ranges::count(rejected.diagnostics, dsl::Severity::kError, &dsl::Diagnostic::severity);
    const Error error{.code = ErrorCode::kInvalidWorkflow,
                      .message = fmt::format("the document has {} error{}", errors, errors == 1 ? "" : "s"),
                      .hint = "`diagnostics` lists each with its place and how to fix it"};
    return net::ProblemResponse(error, request,
                                Json::Object({{"diagnostics", DiagnosticsJson(rejected.diagnostics)}}));
  }

  // Offers the next patch version that is free.
  Reply VersionExists(Request& request, Error error, std::string source) {
    const dsl::CompileResult compiled = service_.programs().Check(source);
    const dsl::DocumentSummary& program = *compiled.document;  // it compiled a moment ago
    auto list = service_.store().Versions(AccountOf(request), program.name_space, program.name);
    ASSIGN_OR_CO_RETURN(const std::vector<VersionRow> versions, co_await std::move(list));
    std::string free = NextPatch(program.version);
    while (std::ranges::find(versions, free, &VersionRow::version) != versions.end()) free = NextPatch(free);
    co_return net::ProblemResponse(error, request, Json::Object({{"suggested_version", free}}));
  }

  // 1.2.3 -> 1.2.4; pre-release and build parts are dropped.
  static std::string NextPatch(std::string_view version) {
    version = version.substr(0, version.find_first_of("-+"));
    const std::size_t dot = version.rfind('.');
    std::uint32_t patch = 0;
    if (dot != std::string_view::npos)
      std::from_chars(version.data() + dot + 1, version.data() + version.size(), patch);
    return fmt::format("{}.{}", version.substr(0, dot), patch + 1);
  }

  Task<Json> WorkflowJson(AccountId account, WorkflowRow row) {
    auto find = service_.store().FindVersion(account, row.name_space, row.name, row.latest_version);
    ASSIGN_OR_CO_RETURN(const VersionRow version, co_await std::move(find));
    auto read = service_.Activity(account, row.name_space, row.name);
    ASSIGN_OR_CO_RETURN(const engine::WorkflowActivity activity, co_await std::move(read));
    const dsl::CompileResult compiled = service_.programs().Compile(version.source, version.resources);
    Json view = SummaryJson(row, activity);
    view = Json::WithMember(std::move(view), "source", version.source);
    view = Json::WithMember(std::move(view), "format", version.format);
    view = Json::WithMember(std::move(view), "published_at", TimeJson(version.created_us));
    view = Json::WithMember(std::move(view), "outline", service_.programs().OutlineOf(compiled));
    view = Json::WithMember(std::move(view), "diagnostics", DiagnosticsJson(compiled.diagnostics));
    const Json sample = compiled.program ? compiled.program->metadata["sampleInput"] : Json();
    co_return Json::WithMember(std::move(view), "sample_input", sample);
  }

  WorkflowService& service_;
};

}  // namespace

void AddWorkflowRoutes(net::Router& router, WorkflowService& service) {
  const auto routes = std::make_shared<WorkflowRoutes>(service);
  const auto add = [&](Method method, std::string_view pattern, Reply (WorkflowRoutes::*handler)(Request&),
                       net::RouteOptions options = {}) {
    router.Add(
        method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
        options);
  };
  add(Method::kGet, "/v1/workflows", &WorkflowRoutes::List);
  add(Method::kPost, "/v1/workflows", &WorkflowRoutes::Publish, {.body_bytes_max = kSourceBytesMax});
  add(Method::kGet, "/v1/workflows/{name}", &WorkflowRoutes::Get);
  add(Method::kGet, "/v1/workflows/{name}/versions", &WorkflowRoutes::Versions);
  add(Method::kGet, "/v1/workflows/{name}/versions/{version}", &WorkflowRoutes::GetVersion);
}

}  // namespace elevaite::workflow

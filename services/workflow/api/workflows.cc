// /v1/workflows: documents and versions.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "dsl/tools/diff.h"
#include "net/problem.h"
#include "services/workflow/api/api.h"
#include "services/workflow/execution_view.h"
#include "services/workflow/flow/flow_control.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kSourceBytesMax = 1U << 20U;

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }

// `version`: that the rest is about.
Json SummaryJson(const WorkflowRow& row, const std::string& version,
                 const engine::WorkflowActivity& activity) {
  Json last;
  if (activity.last) {
    last = Json::Object({{"id", activity.last->id.ToString()},
                         {"status", engine::NameOf(activity.last->phase)},
                         {"created_at", TimeJson(activity.last->created_us)}});
  }
  return Json::Object({{"name", row.name},
                       {"namespace", row.name_space},
                       {"version", version},
                       {"current_version", row.deployment.current},
                       {"latest_version", row.latest_version},
                       {"canary", row.deployment.canary ? row.deployment.canary->ToJson() : Json()},
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
      items.push_back(SummaryJson(row, row.deployment.current, activity));
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
    ASSIGN_OR_CO_RETURN(PublishNote note, NoteOf(request));
    auto publish = service_.Publish(AccountOf(request), source, std::move(note));
    auto outcome = co_await std::move(publish);
    if (!outcome && outcome.error().code == ErrorCode::kVersionExists) {
      auto refuse = VersionExists(request, outcome.error(), source);
      co_return co_await std::move(refuse);
    }
    if (!outcome) co_return Fail(outcome.error());
    if (const auto* rejected = std::get_if<Rejected>(&*outcome)) co_return Refuse(request, *rejected);
    const auto& published = std::get<PublishResult>(*outcome);
    auto view = WorkflowJson(AccountOf(request), published.row, published.version);
    ASSIGN_OR_CO_RETURN(const Json workflow, co_await std::move(view));
    Response response = net::JsonResponse(published.published == Published::kNew ? 201 : 200, workflow);
    response.headers.Set("location",
                         "/v1/workflows/" + published.row.name + "/versions/" + published.version);
    co_return response;
  }

  Reply Get(Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    auto view = WorkflowJson(AccountOf(request), row, row.deployment.current);
    ASSIGN_OR_CO_RETURN(const Json workflow, co_await std::move(view));
    co_return net::JsonResponse(200, workflow);
  }

  Reply Versions(Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    auto list = service_.store().Versions(AccountOf(request), row.name_space, row.name);
    ASSIGN_OR_CO_RETURN(const std::vector<VersionRow> versions, co_await std::move(list));
    const bool counts = request.QueryParameter("counts").value_or("") == "true";
    Counted counted;
    if (counts) {
      auto count = CountedOf(AccountOf(request), row);
      ASSIGN_OR_CO_RETURN(counted, co_await std::move(count));
    }
    std::vector<Json> items;
    for (const VersionRow& version : versions) {
      Json item = Json::Object({{"version", version.version},
                                {"created_at", TimeJson(version.created_us)},
                                {"latest", version.version == row.latest_version},
                                {"current", version.version == row.deployment.current},
                                {"canary_percent", PercentOf(row.deployment, version.version)}});
      if (counts) {
        auto add = WithCounts(AccountOf(request), row, std::move(item), counted);
        ASSIGN_OR_CO_RETURN(item, co_await std::move(add));
      }
      items.push_back(std::move(item));
    }
    Json answer = Json::Object({{"items", Json::Array(std::move(items))}});
    if (counts) {
      answer = Json::WithMember(std::move(answer), "counted_since", TimeJson(counted.since_us));
      answer = Json::WithMember(std::move(answer), "counted_all", counted.counts.all);
    }
    co_return net::JsonResponse(200, answer);
  }

  Reply GetVersion(Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    auto view = WorkflowJson(AccountOf(request), row, std::string(request.PathParameter("version")));
    ASSIGN_OR_CO_RETURN(const Json workflow, co_await std::move(view));
    co_return net::JsonResponse(200, workflow);
  }

 private:
  // Of one that nobody has given a canary: the last day.
  struct Counted {
    engine::VersionCounts counts;
    std::map<std::string, std::int64_t> queued;
    std::int64_t since_us = 0;
    std::string current_source;  // read when it is needed first
    std::size_t judged = 0;
  };
  static constexpr std::size_t kJudgedMax = 50;  // versions that are compared for one answer
  static constexpr std::int64_t kDay_us = 86'400'000'000;

  Task<Counted> CountedOf(AccountId account, WorkflowRow row) {
    Counted counted;
    const auto& canary = row.deployment.canary;
    counted.since_us = canary ? canary->since_us : SystemClock().Now().micros() - kDay_us;
    auto count = service_.CountVersions(account, row.name_space, row.name, counted.since_us);
    ASSIGN_OR_CO_RETURN(counted.counts, co_await std::move(count));
    auto waiting = service_.flow().reader().QueuedByVersion(account, row.name_space + "." + row.name);
    ASSIGN_OR_CO_RETURN(counted.queued, co_await std::move(waiting));
    co_return counted;
  }

  static Json PercentOf(const Deployment& deployment, const std::string& version) {
    if (!deployment.canary || deployment.canary->version != version) return {};
    return deployment.canary->percent;
  }

  // Whether what runs on it can be moved to the current version is looked at where something does.
  Task<Json> WithCounts(AccountId account, WorkflowRow row, Json item, Counted& counted) {
    const std::string version(item["version"].AsString());
    const auto& all = counted.counts.versions;
    const auto found = std::ranges::find(all, version, &engine::VersionCount::version);
    const engine::VersionCount count = found == all.end() ? engine::VersionCount{} : *found;
    Json move;
    if (count.unfinished > 0 && version != row.deployment.current && counted.judged++ < kJudgedMax) {
      auto judge = MoveJson(std::move(account), row, version, counted.current_source);
      ASSIGN_OR_CO_RETURN(move, co_await std::move(judge));
    }
    const auto waiting = counted.queued.find(version);
    item = Json::WithMember(std::move(item), "unfinished", count.unfinished);
    item = Json::WithMember(std::move(item), "queued", waiting == counted.queued.end() ? 0 : waiting->second);
    item = Json::WithMember(std::move(item), "oldest_unfinished_at",
                            count.oldest_us ? Json(TimeJson(*count.oldest_us)) : Json());
    item = Json::WithMember(std::move(item), "recent",
                            Json::Object({{"started", count.recent},
                                          {"completed", count.completed},
                                          {"faulted", count.faulted},
                                          {"cancelled", count.cancelled}}));
    co_return Json::WithMember(std::move(item), "move_to_current", move);
  }

  Task<Json> MoveJson(AccountId account, WorkflowRow row, std::string version, std::string& current_source) {
    if (current_source.empty()) {
      auto find = service_.store().FindVersion(account, row.name_space, row.name, row.deployment.current);
      ASSIGN_OR_CO_RETURN(const VersionRow current, co_await std::move(find));
      current_source = current.source;
    }
    auto find = service_.store().FindVersion(account, row.name_space, row.name, version);
    ASSIGN_OR_CO_RETURN(const VersionRow before, co_await std::move(find));
    ASSIGN_OR_CO_RETURN(const auto differences, dsl::tools::Diff(before.source, current_source));
    std::vector<Json> in_the_way;
    for (const dsl::tools::Difference& one : differences) {
      if (KeepsFromMoving(one.code)) in_the_way.push_back(dsl::tools::ToJson(one));
    }
    const bool safe = in_the_way.empty();
    co_return Json::Object({{"safe", safe}, {"in_the_way", Json::Array(std::move(in_the_way))}});
  }

  // What an execution may stand on, so that it has no place in the other version
  // (docs/language/migration.md).
  static bool KeepsFromMoving(dsl::tools::DiffCode code) {
    using enum dsl::tools::DiffCode;
    return code == kTaskRemoved || code == kTaskKind || code == kTaskMoved || code == kOrderChanged;
  }

  static Result<PublishNote> NoteOf(const Request& request) {
    const std::string activate = request.QueryParameter("activate").value_or("true");
    if (activate != "true" && activate != "false")
      return Fail(ErrorCode::kInvalidArgument, "activate must be true or false",
                  "false: what is published is not started before somebody activates it");
    const Json told = Json::Object({{"by", request.QueryParameter("by").value_or("")}});
    RETURN_IF_ERROR(CheckNote(told));
    PublishNote note{.activate = activate == "true",
                     .who = WhoOf(request, told),
                     .note = request.QueryParameter("note").value_or("")};
    if (note.note.size() > 1'000)
      return Fail(ErrorCode::kInvalidArgument, "note may have 1000 bytes at most");
    return note;
  }

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

  Task<Json> WorkflowJson(AccountId account, WorkflowRow row, std::string wanted) {
    auto find = service_.store().FindVersion(account, row.name_space, row.name, wanted);
    ASSIGN_OR_CO_RETURN(const VersionRow version, co_await std::move(find));
    auto read = service_.Activity(account, row.name_space, row.name);
    ASSIGN_OR_CO_RETURN(const engine::WorkflowActivity activity, co_await std::move(read));
    const dsl::CompileResult compiled = service_.programs().Compile(version.source, version.resources);
    Json view = SummaryJson(row, wanted, activity);
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

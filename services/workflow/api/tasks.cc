// /v1/tasks: what people are asked. There is no sign-in yet: who answers is what the request says.
#include <charconv>

#include "foundation/percent.h"
#include "foundation/text.h"
#include "services/workflow/api/api.h"
#include "services/workflow/api/task_requests.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;
using people::Assignment;
using people::Channel;
using people::HumanTask;
using people::HumanTaskFilter;
using people::HumanTaskId;
using people::Inbox;
using people::IsName;
using people::TaskFile;
using people::TaskFileId;
using people::TaskLink;
using people::TaskLinkId;

constexpr std::int64_t kCountMax = 1'000;

Result<HumanTaskId> IdOf(const Request& request) {
  auto id = HumanTaskId::Parse(request.PathParameter("id"));
  if (id) return id;
  return Fail(ErrorCode::kNotFound,
              "no task '" + std::string(request.PathParameter("id").substr(0, 64)) + "'", id.error().message);
}

// "<time>.<id>"
std::string CursorText(const HumanTask& task) {
  return std::to_string(task.sorted_us) + "." + task.id.ToString();
}

Result<HumanTaskFilter::Cursor> CursorFrom(std::string_view text) {
  HumanTaskFilter::Cursor cursor;
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + dot, cursor.sorted_us);
  const auto id = HumanTaskId::Parse(text.substr(std::min(dot + 1, text.size())));
  if (error != std::errc() || end != text.data() + dot || !id)
    return Fail(ErrorCode::kInvalidArgument, "this cursor is none of ours", "take next_cursor as it is");
  cursor.id = *id;
  return cursor;
}

Result<std::string> NameOf(const Request& request, std::string_view parameter) {
  std::string name = request.QueryParameter(parameter).value_or("");
  if (name.empty() || IsName(name)) return name;
  return Fail(ErrorCode::kInvalidArgument, std::string(parameter) + " is longer than 200 bytes, or no name");
}

Result<HumanTaskFilter> FilterFrom(const Request& request) {
  HumanTaskFilter filter;
  ASSIGN_OR_RETURN(filter.limit, LimitOf(request, 50, 200));
  const std::string status = request.QueryParameter("status").value_or("open");
  if (status != "open" && status != "ended")
    return Fail(ErrorCode::kInvalidArgument, "status is open or ended");
  filter.open = status == "open";
  ASSIGN_OR_RETURN(filter.assignee, NameOf(request, "assignee"));
  ASSIGN_OR_RETURN(filter.role, NameOf(request, "role"));
  const std::string workflow = request.QueryParameter("workflow").value_or("");
  const std::size_t dot = workflow.find('.');
  filter.name_space = dot == std::string::npos ? "" : workflow.substr(0, dot);
  filter.workflow = dot == std::string::npos ? workflow : workflow.substr(dot + 1);
  if (const auto execution = request.QueryParameter("execution"); execution && !execution->empty()) {
    ASSIGN_OR_RETURN(filter.execution, ExecutionId::Parse(*execution));
  }
  if (const auto cursor = request.QueryParameter("cursor"); cursor && !cursor->empty()) {
    ASSIGN_OR_RETURN(filter.before, CursorFrom(*cursor));
  }
  return filter;
}

// What is not given is null.
Json TimeJson(std::optional<std::int64_t> time_us) {
  return time_us ? Json(Timestamp::FromMicros(*time_us).ToRfc3339()) : Json();
}

Json LinkJson(const TaskLink& link) {
  return Json::Object({{"id", link.id.ToString()},
                       {"assignee", link.assignee},
                       {"created_at", TimeJson(link.created_us)},
                       {"expires_at", TimeJson(link.expires_us)},
                       {"ended_at", TimeJson(link.revoked_us)},
                       {"seen_at", TimeJson(link.seen_us)}});
}

Result<std::chrono::microseconds> LifetimeFrom(const std::string& text) {
  if (text.empty()) return std::chrono::microseconds(Inbox::kLinkLifetime);
  const auto lifetime = ParseDuration(text);
  if (lifetime && lifetime->count() > 0 && *lifetime <= Inbox::kLinkLifetimeMax) return *lifetime;
  return Fail(ErrorCode::kInvalidArgument, "`expires_in` is how long the link is good: 1h, 7d; at most 90d");
}

Channel ChannelOf(const Request& request) {
  switch (TriggerOf(request)) {
    case engine::Trigger::kStudio: return Channel::kStudio;
    case engine::Trigger::kCommandLine: return Channel::kCommandLine;
    default: return Channel::kApi;
  }
}

class TaskRoutes {
 public:
  explicit TaskRoutes(Inbox& inbox) : inbox_(inbox) {}

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(HumanTaskFilter filter, FilterFrom(request));
    const std::size_t limit = filter.limit++;
    auto list = inbox_.List(AccountOf(request), std::move(filter));
    ASSIGN_OR_CO_RETURN(const std::vector<HumanTask> found, co_await std::move(list));
    std::vector<Json> items;
    for (const HumanTask& task : found) {
      if (items.size() < limit) items.push_back(SummaryJson(task, inbox_.base_url()));
    }
    const Json next = found.size() > limit ? Json(CursorText(found[limit - 1])) : Json();
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Count(Request& request) {
    auto count = inbox_.CountOpen(AccountOf(request), kCountMax);
    ASSIGN_OR_CO_RETURN(const std::int64_t open, co_await std::move(count));
    co_return net::JsonResponse(200, Json::Object({{"open", open}, {"is_more", open == kCountMax}}));
  }

  Reply Get(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    auto view = inbox_.View(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Json json, co_await std::move(view));
    co_return net::JsonResponse(200, json);
  }

  Reply Answer(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    auto read = request.ReadJson(kTaskBody);
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckMembers(body, {"decision", "comment", "by"}, "values"));
    people::Answer answer{.decision = TextOf(body, "decision"),
                          .values = body["values"],
                          .comment = TextOf(body, "comment"),
                          .by = TextOf(body, "by")};
    auto give = inbox_.GiveAnswer(AccountOf(request), id, std::move(answer), ChannelOf(request));
    const auto given = co_await std::move(give);
    if (!given) co_return Refused(given.error(), request);
    co_return net::JsonResponse(200, SummaryJson(*given, inbox_.base_url()));
  }

  Reply Reassign(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    auto read = request.ReadJson(kTaskBody);
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckMembers(body, {"assignee", "role", "by", "reason"}));
    const Assignment to{.assignee = TextOf(body, "assignee"), .role = TextOf(body, "role")};
    for (const std::string* name : {&to.assignee, &to.role}) {
      if (!name->empty() && !IsName(*name))
        co_return Fail(ErrorCode::kInvalidArgument, "assignee and role are names of at most 200 bytes");
    }
    const std::string by = TextOf(body, "by");
    if (!IsName(by)) co_return Fail(ErrorCode::kInvalidArgument, "`by` is missing: who reassigns it");
    const std::string reason = TextOf(body, "reason");
    if (reason.size() > people::Answer::kCommentBytesMax)
      co_return Fail(ErrorCode::kInvalidArgument, "`reason` is longer than 10,000 bytes");
    auto change = inbox_.Reassign(AccountOf(request), id, to, by, reason);
    const auto changed = co_await std::move(change);
    if (!changed) co_return Refused(changed.error(), request);
    co_return net::JsonResponse(200, SummaryJson(*changed, inbox_.base_url()));
  }

  Reply AddFile(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(std::string bytes, co_await std::move(read));
    auto add =
        inbox_.AddFile(AccountOf(request), id, request.QueryParameter("name").value_or(""), std::move(bytes));
    const auto added = co_await std::move(add);
    if (!added) co_return Refused(added.error(), request);
    co_return net::JsonResponse(201, people::ToJson(*added, inbox_.base_url()));
  }

  // What somebody has sent is never shown by the browser as part of this site.
  Reply ReadFile(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    const auto wanted = TaskFileId::Parse(request.PathParameter("file"));
    if (!wanted) co_return Fail(ErrorCode::kNotFound, "this task has no such file", wanted.error().message);
    std::string bytes;
    auto read = inbox_.ReadFile(AccountOf(request), id, *wanted, bytes);
    ASSIGN_OR_CO_RETURN(const TaskFile file, co_await std::move(read));
    Response response{.status = 200, .body = std::move(bytes)};
    response.headers.Set("content-type", file.type);
    response.headers.Set("content-disposition", "attachment; filename*=UTF-8''" + PercentEncode(file.name));
    response.headers.Set("x-content-type-options", "nosniff");
    response.headers.Set("content-security-policy", "sandbox; default-src 'none'");
    response.headers.Set("cache-control", "private, no-store");
    co_return response;
  }

  Reply Links(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    auto list = inbox_.Links(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const std::vector<TaskLink> links, co_await std::move(list));
    std::vector<Json> items;
    for (const TaskLink& link : links) items.push_back(LinkJson(link));
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply MakeLink(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    auto read = request.ReadJson(kTaskBody);
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckMembers(body, {"assignee", "by", "expires_in"}));
    ASSIGN_OR_CO_RETURN(const auto lifetime, LifetimeFrom(TextOf(body, "expires_in")));
    const std::string assignee = TextOf(body, "assignee");
    const std::string by = TextOf(body, "by");
    if ((!assignee.empty() && !IsName(assignee)) || (!by.empty() && !IsName(by)))
      co_return Fail(ErrorCode::kInvalidArgument, "`assignee` and `by` are names of at most 200 bytes");
    auto make = inbox_.MakeLink(AccountOf(request), id, assignee, by, lifetime);
    const auto made = co_await std::move(make);
    if (!made) co_return Refused(made.error(), request);
    Response response = net::JsonResponse(201, Json::WithMember(LinkJson(made->link), "url", made->url));
    response.headers.Set("cache-control", "no-store");
    co_return response;
  }

  Reply RevokeLink(Request& request) {
    ASSIGN_OR_CO_RETURN(const HumanTaskId id, IdOf(request));
    const auto link = TaskLinkId::Parse(request.PathParameter("link"));
    if (!link) co_return Fail(ErrorCode::kNotFound, "this task has no such link", link.error().message);
    auto revoke = inbox_.RevokeLink(AccountOf(request), id, *link);
    CO_RETURN_IF_ERROR(co_await std::move(revoke));
    co_return net::EmptyResponse();
  }

 private:
  Inbox& inbox_;
};

}  // namespace

void AddTaskRoutes(net::Router& router, Inbox& inbox) {
  const auto routes = std::make_shared<TaskRoutes>(inbox);
  const auto add = [&](Method method, std::string_view pattern, Reply (TaskRoutes::*handler)(Request&),
                       const net::RouteOptions& options = kTaskRoute) {
    router.Add(
        method, pattern, [routes, handler](Request& request) { return (*routes.*handler)(request); },
        options);
  };
  add(Method::kGet, "/v1/tasks", &TaskRoutes::List);
  add(Method::kGet, "/v1/tasks/count", &TaskRoutes::Count);
  add(Method::kGet, "/v1/tasks/{id}", &TaskRoutes::Get);
  add(Method::kPost, "/v1/tasks/{id}/answer", &TaskRoutes::Answer);
  add(Method::kPost, "/v1/tasks/{id}/reassign", &TaskRoutes::Reassign);
  add(Method::kPost, "/v1/tasks/{id}/files", &TaskRoutes::AddFile, kFileRoute);
  add(Method::kGet, "/v1/tasks/{id}/files/{file}", &TaskRoutes::ReadFile);
  add(Method::kGet, "/v1/tasks/{id}/links", &TaskRoutes::Links);
  add(Method::kPost, "/v1/tasks/{id}/links", &TaskRoutes::MakeLink);
  add(Method::kDelete, "/v1/tasks/{id}/links/{link}", &TaskRoutes::RevokeLink);
}

}  // namespace elevaite::workflow

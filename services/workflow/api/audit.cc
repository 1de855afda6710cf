// The audit: GET /v1/audit, and what notes the acts of all other routes. An act is written down when it has
// been done and before it is answered; when that fails, so does the request, and may be sent again.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "foundation/utf8.h"
#include "services/workflow/api/api.h"
#include "services/workflow/api/audited.h"
#include "services/workflow/audit/audit_store.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

// Which routes are acts, and of what. `id`: the parameter of the path that names the object; empty: `id` of
// the answer, or its namespace and name; of flow control: the workflow of the body, or the account; of the
// system: the server. `act` ending with a dot: the parameter `act` of the path follows.
struct AuditedRoute {
  Method method;
  std::string_view pattern;
  std::string_view act;
  std::string_view id = "id";
};
constexpr std::array kAudited{
    AuditedRoute{Method::kPost, "/v1/workflows", "workflow.publish", ""},
    AuditedRoute{Method::kPost, "/v1/workflows/{name}/activate", "workflow.activate", "name"},
    AuditedRoute{Method::kPost, "/v1/workflows/{name}/canary", "workflow.canary", "name"},
    AuditedRoute{Method::kPost, "/v1/workflows/{name}/canary/promote", "workflow.promote", "name"},
    AuditedRoute{Method::kPost, "/v1/workflows/{name}/canary/stop", "workflow.stop_canary", "name"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/pause", "execution.pause"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/resume", "execution.resume"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/fork", "execution.fork"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/redrive", "execution.redrive"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/cancel", "execution.cancel"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/restore", "execution.restore"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/migrate", "execution.migrate"},
    AuditedRoute{Method::kDelete, "/v1/executions/{id}", "execution.delete"},
    AuditedRoute{Method::kPost, "/v1/executions/{id}/tasks/{task_id}/{act}", "execution.task."},
    AuditedRoute{Method::kPost, "/v1/operations", "operation.create", ""},
    AuditedRoute{Method::kPost, "/v1/operations/{id}/cancel", "operation.cancel"},
    AuditedRoute{Method::kPost, "/v1/dead-letters/{id}/redrive", "dead_letter.redrive"},
    AuditedRoute{Method::kDelete, "/v1/dead-letters/{id}", "dead_letter.delete"},
    AuditedRoute{Method::kPost, "/v1/schedules", "schedule.create", ""},
    AuditedRoute{Method::kPatch, "/v1/schedules/{id}", "schedule.change"},
    AuditedRoute{Method::kDelete, "/v1/schedules/{id}", "schedule.delete"},
    AuditedRoute{Method::kPost, "/v1/schedules/{id}/pause", "schedule.pause"},
    AuditedRoute{Method::kPost, "/v1/schedules/{id}/resume", "schedule.resume"},
    AuditedRoute{Method::kPost, "/v1/schedules/{id}/trigger", "schedule.trigger"},
    AuditedRoute{Method::kPost, "/v1/schedules/{id}/backfill", "schedule.backfill"},
    AuditedRoute{Method::kPut, "/v1/workflows/{name}/flow", "flow.change", "name"},
    AuditedRoute{Method::kDelete, "/v1/workflows/{name}/flow", "flow.clear", "name"},
    AuditedRoute{Method::kPut, "/v1/flow", "flow.change", ""},
    AuditedRoute{Method::kDelete, "/v1/flow", "flow.clear", ""},
    AuditedRoute{Method::kPost, "/v1/flow/pause", "flow.pause", ""},
    AuditedRoute{Method::kPost, "/v1/flow/resume", "flow.resume", ""},
    AuditedRoute{Method::kPut, "/v1/flow/hosts/{host}", "host.change", "host"},
    AuditedRoute{Method::kDelete, "/v1/flow/hosts/{host}", "host.clear", "host"},
    AuditedRoute{Method::kPost, "/v1/flow/hosts/{host}/close", "host.close", "host"},
    AuditedRoute{Method::kPut, "/v1/retention", "retention.change", ""},
    AuditedRoute{Method::kDelete, "/v1/retention", "retention.clear", ""},
    AuditedRoute{Method::kPost, "/v1/webhooks", "webhook.create", ""},
    AuditedRoute{Method::kPatch, "/v1/webhooks/{id}", "webhook.change"},
    AuditedRoute{Method::kDelete, "/v1/webhooks/{id}", "webhook.delete"},
    AuditedRoute{Method::kPost, "/v1/webhooks/{id}/requests/{request}/replay", "webhook.replay"},
    AuditedRoute{Method::kPost, "/v1/tasks/{id}/answer", "task.answer"},
    AuditedRoute{Method::kPost, "/v1/tasks/{id}/reassign", "task.reassign"},
    AuditedRoute{Method::kPost, "/v1/tasks/{id}/links", "task.make_link"},
    AuditedRoute{Method::kDelete, "/v1/tasks/{id}/links/{link}", "task.revoke_link"},
    AuditedRoute{Method::kPost, "/t/{token}/answer", "task.answer", ""},
    AuditedRoute{Method::kPost, "/v1/notification-channels", "notification_channel.create", ""},
    AuditedRoute{Method::kPatch, "/v1/notification-channels/{id}", "notification_channel.change"},
    AuditedRoute{Method::kDelete, "/v1/notification-channels/{id}", "notification_channel.delete"},
    AuditedRoute{Method::kPost, "/v1/notification-channels/{id}/test", "notification_channel.test"},
    AuditedRoute{Method::kPost, "/v1/notification-rules", "notification_rule.create", ""},
    AuditedRoute{Method::kPatch, "/v1/notification-rules/{id}", "notification_rule.change"},
    AuditedRoute{Method::kDelete, "/v1/notification-rules/{id}", "notification_rule.delete"},
    AuditedRoute{Method::kPost, "/v1/notifications/{id}/retry", "notification.retry"},
    AuditedRoute{Method::kPost, "/v1/system/doctor", "system.examine", ""},
    AuditedRoute{Method::kPost, "/v1/system/doctor/mend", "system.mend", ""},
    AuditedRoute{Method::kDelete, "/v1/system/doctor/{id}", "system.cancel", ""},
};

// Passes on what is read of a body, and keeps it.
class Overheard final : public net::BodySource {
 public:
  explicit Overheard(net::BodySource* source) : source_(source) {}
  boost::asio::awaitable<Result<std::string_view>> ReadSome(std::size_t bytes_max_total) override {
    if (source_ == nullptr) co_return std::string_view();
    auto read = source_->ReadSome(bytes_max_total);
    auto bytes = co_await std::move(read);
    if (bytes) body_.append(*bytes);
    co_return bytes;
  }
  const std::string& body() const { return body_; }

 private:
  net::BodySource* source_;
  std::string body_;
};

std::string_view TextIn(const Json& json, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::string_view text = json[name].StringOr(""); !text.empty()) return text;
  }
  return "";
}

std::string ObjectOf(const AuditedRoute& route, const Request& request, const Response& response,
                     const Json& asked) {
  if (!route.id.empty()) return std::string(request.PathParameter(route.id));
  if (route.act.starts_with("flow.")) {
    const std::string_view workflow = TextIn(asked, {"workflow"});
    return std::string(workflow.empty() ? "account" : workflow);
  }
  if (route.act.starts_with("retention.")) return "account";
  if (route.act.starts_with("system.")) return "server";
  const auto* body = std::get_if<std::string>(&response.body);
  const Result<Json> json = ParseJson(body ? *body : std::string());
  if (!json) return "";
  if (const std::string_view id = TextIn(*json, {"id"}); !id.empty()) return std::string(id);
  std::string name(TextIn(*json, {"namespace"}));
  name += "." + std::string(TextIn(*json, {"name"}));
  if (const std::string_view version = TextIn(*json, {"version", "latest_version"}); !version.empty())
    name += " " + std::string(version);
  return name;
}

// What is larger is not kept: the audit is a list, not the place of what it is about.
Json Shortened(const Json& value) {
  constexpr std::size_t kBytesMax = 4'000;
  const std::string text = value.Dump();
  return text.size() <= kBytesMax ? value : Json::Object({{"left_out_bytes", text.size()}});
}

AuditEntry EntryFor(const AuditedRoute& route, const Request& request, const Response& response,
                    const Json& asked) {
  constexpr std::size_t kNoteBytesMax = 1'000;
  AuditEntry entry{
      .account = AccountOf(request),
      .id = {},
      .who = std::string(TextIn(asked, {"by"})),
      .act = std::string(route.act),
      .object_kind = std::string(route.act.substr(0, route.act.find('.'))),
      .object_id = ObjectOf(route, request, response, asked),
      .note = std::string(Utf8Prefix(TextIn(asked, {"reason", "note", "comment"}), kNoteBytesMax)),
      .request_id = request.request_id};
  if (entry.act == "workflow.publish") {  // its body is the document
    entry.who = request.QueryParameter("by").value_or("");
    entry.note = request.QueryParameter("note").value_or("");
  }
  if (entry.act.ends_with('.')) entry.act += request.PathParameter("act");
  if (const auto* told = std::any_cast<AuditedBy>(&request.context)) {
    entry.who = told->who;
    entry.object_id = told->object_id;
  }
  if (const auto* told = std::any_cast<AuditedChange>(&request.context))
    entry.change = Json::Object({{"before", Shortened(told->before)}, {"after", Shortened(told->after)}});
  if (entry.who.empty()) entry.who = engine::NameOf(TriggerOf(request));
  return entry;
}

Reply Audited(AuditStore& store, const AuditedRoute& route, net::Handler handler, Request& request) {
  Overheard overheard(request.body_source);
  net::BodySource* const source = std::exchange(request.body_source, &overheard);
  Result<Response> response = Fail(ErrorCode::kInternal, "the act was not done");
  try {
    auto handle = handler(request);
    response = co_await std::move(handle);
  } catch (...) {
    request.body_source = source;
    throw;
  }
  request.body_source = source;
  const bool is_done = response && response->status >= 200 && response->status < 300;
  if (!is_done || std::any_cast<AuditedElsewhere>(&request.context)) co_return response;
  // The same once more changes nothing.
  if (route.act == "workflow.publish" && response->status != 201) co_return response;
  const auto asked = ParseJson(overheard.body());  // a document is none, or has none of what is looked for
  const Json body = asked && asked->IsObject() ? *asked : Json::EmptyObject();
  if (body["dry_run"].BoolOr(false)) co_return response;
  auto write = store.Write(EntryFor(route, request, *response, body));
  if (const Result<void> written = co_await std::move(write); !written)
    co_return Fail(
        Error{.code = ErrorCode::kUnavailable,
              .message = "this was done, but could not be noted in the audit: " + written.error().message,
              .retry_after = std::chrono::seconds(1)});
  co_return response;
}

Json EntryJson(const AuditEntry& entry) {
  return Json::Object({{"id", entry.id.ToString()},
                       {"time", Timestamp::FromMicros(entry.time_us).ToRfc3339()},
                       {"who", entry.who},
                       {"act", entry.act},
                       {"object_kind", entry.object_kind},
                       {"object_id", entry.object_id},
                       {"note", entry.note.empty() ? Json() : Json(entry.note)},
                       {"change", entry.change},
                       {"request_id", entry.request_id}});
}

Reply List(AuditStore& store, Request& request) {
  ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
  const auto text = [&request](std::string_view name) { return request.QueryParameter(name).value_or(""); };
  AuditFilter filter{.object_kind = text("object_kind"),
                     .object_id = text("object_id"),
                     .who = text("who"),
                     .act = text("act"),
                     .limit = limit + 1};
  if (const std::string cursor = text("cursor"); !cursor.empty()) {
    ASSIGN_OR_CO_RETURN(filter.before, AuditId::Parse(cursor));
  }
  auto list = store.List(AccountOf(request), std::move(filter));
  ASSIGN_OR_CO_RETURN(const std::vector<AuditEntry> found, co_await std::move(list));
  std::vector<Json> items;
  for (const AuditEntry& entry : found) {
    if (items.size() < limit) items.push_back(EntryJson(entry));
  }
  const Json next = found.size() > limit ? Json(found[limit - 1].id.ToString()) : Json();
  co_return net::JsonResponse(
      200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
}

}  // namespace

net::Handler WithAudit(AuditStore& store, Method method, std::string_view pattern, net::Handler handler) {
  const auto route = std::ranges::find_if(
      kAudited, [&](const AuditedRoute& one) { return one.method == method && one.pattern == pattern; });
  if (route == kAudited.end()) return handler;
  return [&store, &route = *route, handler = std::move(handler)](Request& request) {
    return Audited(store, route, handler, request);
  };
}

void AddAuditRoutes(net::Router& router, AuditStore& store) {
  router.Add(Method::kGet, "/v1/audit", [&store](Request& request) { return List(store, request); });
}

}  // namespace elevaite::workflow

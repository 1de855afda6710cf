// /v1/webhooks: what starts workflows from outside, and the last requests of each.
#include <memory>
#include <utility>
#include <vector>

#include "services/workflow/api/api.h"
#include "services/workflow/webhooks/receiver.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kBodyBytesMax = 256U << 10U;

Json TimeJson(Timestamp time) { return time.ToRfc3339(); }

Json SummaryOf(const SeenRequest& seen) {
  return Json::Object({{"id", seen.id.ToString()},
                       {"at", TimeJson(seen.at)},
                       {"duration_us", seen.duration.count()},
                       {"result", NameOf(seen.result)},
                       {"status", seen.status},
                       {"reason", seen.reason.empty() ? Json() : Json(seen.reason)},
                       {"execution", seen.execution ? Json(seen.execution->ToString()) : Json()}});
}

Json RequestJson(const SeenRequest& seen) {
  std::vector<Json> hidden(seen.hidden.begin(), seen.hidden.end());
  const bool can_be_replayed = seen.body && seen.result != HookResult::kUnauthenticated;
  Json json = SummaryOf(seen);
  for (auto& [name, value] :
       std::vector<Json::Member>{{"method", seen.head["method"]},
                                 {"path", seen.head["path"]},
                                 {"query", seen.head["query"]},
                                 {"headers", seen.head["headers"]},
                                 {"hidden_headers", Json::Array(std::move(hidden))},
                                 {"body_bytes", seen.body_bytes},
                                 {"body", seen.body.value_or(Json())},
                                 {"body_text", seen.raw.empty() ? Json() : Json(seen.raw)},
                                 {"can_be_replayed", can_be_replayed}}) {
    json = Json::WithMember(std::move(json), name, value);
  }
  return json;
}

class WebhookRoutes {
 public:
  WebhookRoutes(WebhookStore& store, WorkflowService& service, Receiver& receiver)
      : store_(store), service_(service), receiver_(receiver) {}

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
    const std::string workflow = request.QueryParameter("workflow").value_or("");
    const std::size_t dot = workflow.find('.');
    WebhookFilter filter{.name_space = dot == std::string::npos ? "" : workflow.substr(0, dot),
                         .workflow = dot == std::string::npos ? workflow : workflow.substr(dot + 1),
                         .after = request.QueryParameter("cursor").value_or(""),
                         .limit = limit + 1};
    auto list = store_.List(AccountOf(request), std::move(filter));
    ASSIGN_OR_CO_RETURN(const std::vector<Webhook> found, co_await std::move(list));
    std::vector<Json> items;
    for (const Webhook& webhook : found) {
      if (items.size() < limit) items.push_back(WebhookJson(AccountOf(request), webhook));
    }
    const Json next = found.size() > limit ? Json(WebhookStore::CursorOf(found[limit - 1])) : Json();
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Create(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckNote(body));
    auto make = WebhookFrom(AccountOf(request), WithoutNote(body), Webhook{});
    ASSIGN_OR_CO_RETURN(Webhook webhook, co_await std::move(make));
    auto create = store_.Create(AccountOf(request), std::move(webhook));
    ASSIGN_OR_CO_RETURN(webhook, co_await std::move(create));
    receiver_.Changed();
    Response response = net::JsonResponse(201, WebhookJson(AccountOf(request), webhook));
    response.headers.Set("location", "/v1/webhooks/" + webhook.id.ToString());
    co_return response;
  }

  Reply Get(Request& request) {
    auto find = WebhookOf(request);
    ASSIGN_OR_CO_RETURN(const Webhook webhook, co_await std::move(find));
    co_return net::JsonResponse(200, WebhookJson(AccountOf(request), webhook));
  }

  // Members that are absent stay as they are; null makes one what it is by default.
  Reply Change(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckNote(body));
    auto find = WebhookOf(request);
    ASSIGN_OR_CO_RETURN(Webhook webhook, co_await std::move(find));
    auto make = WebhookFrom(AccountOf(request), WithoutNote(body), std::move(webhook));
    ASSIGN_OR_CO_RETURN(webhook, co_await std::move(make));
    auto update = store_.Update(AccountOf(request), std::move(webhook));
    ASSIGN_OR_CO_RETURN(webhook, co_await std::move(update));
    receiver_.Changed();
    co_return net::JsonResponse(200, WebhookJson(AccountOf(request), webhook));
  }

  Reply Delete(Request& request) {
    auto ask_why = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const WebhookId id, WebhookId::Parse(request.PathParameter("id")));
    auto erase = store_.Delete(AccountOf(request), id);
    CO_RETURN_IF_ERROR(co_await std::move(erase));
    receiver_.Changed();
    receiver_.recent().Forget(id);
    co_return net::EmptyResponse();
  }

  Reply Requests(Request& request) {
    auto find = WebhookOf(request);
    ASSIGN_OR_CO_RETURN(const Webhook webhook, co_await std::move(find));
    std::vector<Json> items;
    for (const auto& seen : receiver_.recent().Of(webhook.id)) items.push_back(RequestJson(*seen));
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply Replay(Request& request) {
    auto ask_why = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    auto find = WebhookOf(request);
    ASSIGN_OR_CO_RETURN(Webhook webhook, co_await std::move(find));
    ASSIGN_OR_CO_RETURN(const auto id, WebhookRequestId::Parse(request.PathParameter("request")));
    auto replay = receiver_.Replay(AccountOf(request), std::move(webhook), id);
    ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(replay));
    Response response = net::JsonResponse(202, Json::Object({{"execution", started.id.ToString()}}));
    response.headers.Set("location", "/v1/executions/" + started.id.ToString());
    co_return response;
  }

 private:
  Task<Webhook> WebhookOf(Request& request) {
    ASSIGN_OR_CO_RETURN(const WebhookId id, WebhookId::Parse(request.PathParameter("id")));
    auto find = store_.Find(AccountOf(request), id);
    co_return co_await std::move(find);
  }

  // `before` as the body changes it.
  Task<Webhook> WebhookFrom(AccountId account, Json body, Webhook before) {
    if (!body.IsObject()) co_return Fail(ErrorCode::kInvalidArgument, "the body must be an object");
    const bool is_new = before.id.IsNil();
    const Json* workflow = body.Find("workflow");
    if (workflow || is_new) {
      const std::string reference(workflow ? workflow->StringOr("") : "");
      if (reference.empty())
        co_return Fail(ErrorCode::kInvalidArgument, "workflow must be the name of a workflow",
                       "name, or namespace.name");
      auto resolve = service_.store().Resolve(std::move(account), reference);
      ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
      before.name_space = row.name_space;
      before.workflow = row.name;
    }
    Json settings = is_new ? Json::EmptyObject() : before.settings.source;
    for (const auto& [name, value] : body.AsObject()) {
      if (name.AsString() != "workflow") settings = Json::WithMember(std::move(settings), name, value);
    }
    ASSIGN_OR_CO_RETURN(before.settings, WebhookSettingsFrom(settings));
    co_return before;
  }

  Json WebhookJson(const AccountId& account, const Webhook& webhook) const {
    const auto last = receiver_.recent().Last(webhook.id);
    std::vector<Json::Member> members{{"id", webhook.id.ToString()},
                                      {"namespace", webhook.name_space},
                                      {"workflow", webhook.workflow},
                                      {"url", "/hooks/" + webhook.settings.path}};
    for (const auto& member : webhook.settings.source.AsObject()) members.push_back(member);
    members.emplace_back("secret_found", receiver_.HasSecret(account, webhook.settings.authentication));
    members.emplace_back("created_at", TimeJson(Timestamp::FromMicros(webhook.created_us)));
    members.emplace_back("updated_at", TimeJson(Timestamp::FromMicros(webhook.updated_us)));
    members.emplace_back("last_request", last ? SummaryOf(*last) : Json());
    return Json::Object(std::move(members));
  }

  WebhookStore& store_;
  WorkflowService& service_;
  Receiver& receiver_;
};

}  // namespace

void AddWebhookRoutes(net::Router& router, WebhookStore& store, WorkflowService& service,
                      Receiver& receiver) {
  const auto routes = std::make_shared<WebhookRoutes>(store, service, receiver);
  const auto add = [&](Method method, std::string_view pattern, Reply (WebhookRoutes::*handler)(Request&)) {
    router.Add(method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kGet, "/v1/webhooks", &WebhookRoutes::List);
  add(Method::kPost, "/v1/webhooks", &WebhookRoutes::Create);
  add(Method::kGet, "/v1/webhooks/{id}", &WebhookRoutes::Get);
  add(Method::kPatch, "/v1/webhooks/{id}", &WebhookRoutes::Change);
  add(Method::kDelete, "/v1/webhooks/{id}", &WebhookRoutes::Delete);
  add(Method::kGet, "/v1/webhooks/{id}/requests", &WebhookRoutes::Requests);
  add(Method::kPost, "/v1/webhooks/{id}/requests/{request}/replay", &WebhookRoutes::Replay);
}

}  // namespace elevaite::workflow

// What holds for how runs flow, of a workflow (/v1/workflows/{name}/flow) and of the account (/v1/flow/...);
// what waits, and for which gate. All of it is answered by the node that keeps the queue.
#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "services/workflow/api/api.h"
#include "services/workflow/api/audited.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/flow/flow_view.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kBodyBytesMax = 256U << 10U;
constexpr std::size_t kGatesMax = 200;

// namespace.name of ?workflow=; empty: none.
Task<std::string> WorkflowAsked(WorkflowService& service, const Request& request) {
  const std::string reference = request.QueryParameter("workflow").value_or("");
  if (reference.empty()) co_return std::string();
  auto resolve = service.store().Resolve(AccountOf(request), reference);
  ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
  co_return row.name_space + "." + row.name;
}

class FlowRoutes {
 public:
  explicit FlowRoutes(WorkflowService& service) : service_(service) {}

  Reply WorkflowRules(Request& request) {
    auto name = NameOf(request);
    ASSIGN_OR_CO_RETURN(const std::string workflow, co_await std::move(name));
    auto answer = Rules(request, workflow);
    co_return co_await std::move(answer);
  }
  Reply AccountRules(Request& request) { return Rules(request, ""); }

  Reply PutWorkflow(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    auto name = NameOf(request);
    ASSIGN_OR_CO_RETURN(const std::string workflow, co_await std::move(name));
    CO_RETURN_IF_ERROR(CheckNote(body));
    CO_RETURN_IF_ERROR(flow::WorkflowRulesFrom(WithoutNote(body)));
    auto put = Put(request, workflow, body);
    co_return co_await std::move(put);
  }
  Reply PutAccount(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckNote(body));
    CO_RETURN_IF_ERROR(flow::AccountRulesFrom(WithoutNote(body)));
    auto put = Put(request, "", body);
    co_return co_await std::move(put);
  }

  Reply DropWorkflow(Request& request) {
    auto name = NameOf(request);
    ASSIGN_OR_CO_RETURN(const std::string workflow, co_await std::move(name));
    auto drop = Drop(request, workflow);
    co_return co_await std::move(drop);
  }
  Reply DropAccount(Request& request) { return Drop(request, ""); }

  Reply Queue(Request& request) { return ListQueued(service_, request); }

  Reply Gates(Request& request) {
    auto ask = FromLeader(service_, request, "");
    ASSIGN_OR_CO_RETURN(auto told, co_await std::move(ask));
    if (told) co_return *std::move(told);
    auto name = WorkflowAsked(service_, request);
    ASSIGN_OR_CO_RETURN(const std::string workflow, co_await std::move(name));
    auto look = service_.flow().Look(AccountOf(request), workflow, kGatesMax);
    ASSIGN_OR_CO_RETURN(const flow::FlowControl::Overview view, co_await std::move(look));
    std::vector<Json> gates;
    for (const auto& gate : view.gates) gates.push_back(flow::GateJson(gate));
    co_return net::JsonResponse(200, Json::Object({{"queued", static_cast<std::int64_t>(view.depth.queued)},
                                                   {"collecting", static_cast<std::int64_t>(view.collecting)},
                                                   {"running", static_cast<std::int64_t>(view.depth.running)},
                                                   {"items", Json::Array(std::move(gates))}}));
  }

  Reply Pauses(Request& request) {
    auto list = service_.flow().reader().Pauses(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const std::vector<flow::Pause> pauses, co_await std::move(list));
    std::vector<Json> items;
    for (const flow::Pause& pause : pauses) items.push_back(flow::PauseJson(pause));
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply Pause(Request& request) { return Hold(request, Wanted::kPause); }
  Reply Resume(Request& request) { return Hold(request, Wanted::kResume); }

 private:
  // namespace.name of the workflow in the path.
  Task<std::string> NameOf(const Request& request) {
    auto resolve = service_.store().Resolve(AccountOf(request), std::string(request.PathParameter("name")));
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    co_return row.name_space + "." + row.name;
  }

  Reply Rules(Request& request, std::string workflow) {
    auto find = service_.flow().reader().Rules(AccountOf(request), workflow);
    ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
    if (found) co_return net::JsonResponse(200, flow::RulesJson(*found));
    co_return net::JsonResponse(
        200, flow::RulesJson({.account = {}, .workflow = workflow, .definition = Json::EmptyObject()}));
  }

  // The rules that hold now; null: there are none.
  Task<Json> DefinitionOf(AccountId account, std::string workflow) {
    auto find = service_.flow().reader().Rules(std::move(account), std::move(workflow));
    ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
    co_return found ? found->definition : Json();
  }

  Reply Put(Request& request, std::string workflow, Json body) {
    auto ask = FromLeader(service_, request, body.Dump());
    ASSIGN_OR_CO_RETURN(auto told, co_await std::move(ask));
    if (told) co_return *std::move(told);
    auto read = DefinitionOf(AccountOf(request), workflow);
    ASSIGN_OR_CO_RETURN(Json before, co_await std::move(read));
    const flow::StoredRules rules{.account = AccountOf(request),
                                  .workflow = workflow,
                                  .definition = WithoutNote(body),
                                  .updated_us = SystemClock().Now().micros(),
                                  .by = WhoOf(request, body)};
    auto put = service_.flow().Put(rules);
    CO_RETURN_IF_ERROR(co_await std::move(put));
    request.context = AuditedChange{.before = std::move(before), .after = rules.definition};
    co_return net::JsonResponse(200, flow::RulesJson(rules));
  }

  Reply Drop(Request& request, std::string workflow) {
    auto ask_why = NoteSent(request);
    ASSIGN_OR_CO_RETURN(const std::string text, co_await std::move(ask_why));
    auto ask = FromLeader(service_, request, text);
    ASSIGN_OR_CO_RETURN(auto told, co_await std::move(ask));
    if (told) co_return *std::move(told);
    auto read = DefinitionOf(AccountOf(request), workflow);
    ASSIGN_OR_CO_RETURN(Json before, co_await std::move(read));
    auto drop = service_.flow().Drop(AccountOf(request), workflow);
    CO_RETURN_IF_ERROR(co_await std::move(drop));
    request.context = AuditedChange{.before = std::move(before), .after = {}};
    co_return net::EmptyResponse();
  }

  static std::unexpected<Error> Refuse(std::string message) {
    return Fail(
        ErrorCode::kInvalidArgument, std::move(message),
        R"(send {"workflow": "name", "expression": ".customer", "key": "17", "reason": "...", "by": "...", "running": "hold"};)"
        " all may be left out: then it is the whole account");
  }

  enum class Wanted : std::uint8_t { kPause, kResume };
  Task<flow::Pause> PauseFrom(const Request& request, const Json& body, Wanted wanted) {
    if (!body.IsObject()) co_return Refuse("the body must be an object");
    for (const auto& [member, value] : body.AsObject()) {
      const std::string_view key = member.AsString();
      if (key != "workflow" && key != "expression" && key != "key" && key != "reason" && key != "by" &&
          key != "running")
        co_return Refuse("unknown member '" + std::string(key.substr(0, 40)) + "'");
      if (!value.IsString() && !value.IsNull()) co_return Refuse("`" + std::string(key) + "` must be a text");
    }
    flow::Pause pause{.account = AccountOf(request),
                      .note = std::string(body["reason"].StringOr("")),
                      .created_us = SystemClock().Now().micros(),
                      .by = WhoOf(request, body)};
    CO_RETURN_IF_ERROR(CheckNote(body));
    const std::string_view running = body["running"].StringOr("hold");
    if (running != "hold" && running != "finish")
      co_return Refuse("`running` is hold (nothing of what runs begins) or finish (what runs goes on)");
    pause.running = running == "hold" ? flow::Running::kHold : flow::Running::kFinish;
    const std::string reference(body["workflow"].StringOr(""));
    pause.expression = body["expression"].StringOr("");
    pause.key = body["key"].StringOr("");
    if (!pause.expression.empty() && reference.empty())
      co_return Refuse("a key is one of a workflow: name it, too");
    if (pause.expression.empty() != (body.Find("key") == nullptr || body["key"].IsNull()))
      co_return Refuse("`expression` and `key` go together");
    if (pause.key.size() > flow::kKeyBytesMax) co_return Refuse("`key` may have 256 bytes at most");
    if (reference.empty()) co_return pause;
    auto resolve = service_.store().Resolve(pause.account, reference);
    ASSIGN_OR_CO_RETURN(const WorkflowRow row, co_await std::move(resolve));
    pause.workflow = row.name_space + "." + row.name;
    if (pause.expression.empty()) co_return pause;
    if (wanted == Wanted::kResume) {
      auto list = service_.flow().reader().Pauses(pause.account);
      ASSIGN_OR_CO_RETURN(const std::vector<flow::Pause> pauses, co_await std::move(list));
      ASSIGN_OR_CO_RETURN(const flow::Key key, flow::KeyFrom(pause.expression));
      // The rule that had this key may have gone since.
      const auto held = std::ranges::find_if(pauses, [&](const flow::Pause& one) {
        return one.workflow == pause.workflow && key && one.expression == key->text() && one.key == pause.key;
      });
      if (held != pauses.end()) co_return *held;
    }
    auto find = service_.flow().reader().Rules(pause.account, pause.workflow);
    ASSIGN_OR_CO_RETURN(const auto rules, co_await std::move(find));
    const auto named = rules ? flow::KeyNamed(rules->definition, pause.expression) : std::nullopt;
    if (!named)
      co_return Fail(ErrorCode::kInvalidArgument,
                     "no rule of this workflow has the key " + pause.expression.substr(0, 100),
                     "`expression` is that of a rule for concurrency, throttle or fairness");
    pause.expression = *named;
    co_return pause;
  }

  // What it holds, for the audit.
  static Json ScopeJson(const flow::Pause& pause) {
    Json scope = flow::PauseJson(pause);
    for (const char* told : {"reason", "by", "since"}) scope = Json::WithoutMember(std::move(scope), told);
    return scope;
  }

  Reply Hold(Request& request, Wanted wanted) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string text, co_await std::move(read));
    auto ask = FromLeader(service_, request, text);
    ASSIGN_OR_CO_RETURN(auto told, co_await std::move(ask));
    if (told) co_return *std::move(told);
    ASSIGN_OR_CO_RETURN(const Json body, text.empty() ? Result<Json>(Json::EmptyObject()) : ParseJson(text));
    auto make = PauseFrom(request, body, wanted);
    ASSIGN_OR_CO_RETURN(const flow::Pause pause, co_await std::move(make));
    auto done = wanted == Wanted::kPause ? service_.flow().Put(pause) : service_.flow().Drop(pause);
    CO_RETURN_IF_ERROR(co_await std::move(done));
    const Json held = ScopeJson(pause);
    request.context = wanted == Wanted::kPause ? AuditedChange{.before = {}, .after = held}
                                               : AuditedChange{.before = held, .after = {}};
    if (wanted == Wanted::kResume) co_return net::EmptyResponse();
    co_return net::JsonResponse(200, flow::PauseJson(pause));
  }

  WorkflowService& service_;
};

}  // namespace

Reply ListQueued(WorkflowService& service, Request& request) {
  auto ask = FromLeader(service, request, "");
  ASSIGN_OR_CO_RETURN(auto told, co_await std::move(ask));
  if (told) co_return *std::move(told);
  ASSIGN_OR_CO_RETURN(const net::QueryParameters parameters, request.Query());
  for (const auto& [name, text] : parameters) {
    if (name != "workflow" && name != "key" && name != "limit" && name != "cursor" && name != "status")
      co_return Fail(ErrorCode::kInvalidArgument, "what waits in the queue is not found by `" + name + "`",
                     "use workflow, key, limit and cursor");
  }
  auto name = WorkflowAsked(service, request);
  ASSIGN_OR_CO_RETURN(std::string workflow, co_await std::move(name));
  flow::FlowControl::QueueFilter filter{.workflow = std::move(workflow),
                                        .key = request.QueryParameter("key")};
  ASSIGN_OR_CO_RETURN(filter.limit, LimitOf(request, 50, 200));
  if (filter.key && filter.workflow.empty())
    co_return Fail(ErrorCode::kInvalidArgument, "a `key` is one of a workflow",
                   "name it with `workflow`, too");
  const std::string cursor = request.QueryParameter("cursor").value_or("0");
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), filter.after);
  if (error != std::errc() || end != cursor.data() + cursor.size())
    co_return Fail(ErrorCode::kInvalidArgument, "`cursor` is not one that a page before gave");
  auto list = service.flow().ListQueued(AccountOf(request), std::move(filter));
  ASSIGN_OR_CO_RETURN(const flow::FlowControl::QueuedPage page, co_await std::move(list));
  std::vector<Json> items;
  for (const auto& one : page.items) items.push_back(flow::QueuedSummaryJson(one.run, one.waits));
  co_return net::JsonResponse(
      200, Json::Object({{"items", Json::Array(std::move(items))},
                         {"next_cursor", page.next ? Json(std::to_string(*page.next)) : Json()}}));
}

void AddFlowRoutes(net::Router& router, WorkflowService& service) {
  const auto routes = std::make_shared<FlowRoutes>(service);
  const auto add = [&](Method method, std::string_view pattern, Reply (FlowRoutes::*handler)(Request&)) {
    router.Add(method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kGet, "/v1/workflows/{name}/flow", &FlowRoutes::WorkflowRules);
  add(Method::kPut, "/v1/workflows/{name}/flow", &FlowRoutes::PutWorkflow);
  add(Method::kDelete, "/v1/workflows/{name}/flow", &FlowRoutes::DropWorkflow);
  add(Method::kGet, "/v1/flow", &FlowRoutes::AccountRules);
  add(Method::kPut, "/v1/flow", &FlowRoutes::PutAccount);
  add(Method::kDelete, "/v1/flow", &FlowRoutes::DropAccount);
  add(Method::kGet, "/v1/flow/queue", &FlowRoutes::Queue);
  add(Method::kGet, "/v1/flow/gates", &FlowRoutes::Gates);
  add(Method::kGet, "/v1/flow/pauses", &FlowRoutes::Pauses);
  add(Method::kPost, "/v1/flow/pause", &FlowRoutes::Pause);
  add(Method::kPost, "/v1/flow/resume", &FlowRoutes::Resume);
}

}  // namespace elevaite::workflow

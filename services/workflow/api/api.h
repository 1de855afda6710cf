// The routes of the workflow service. Each group adds its own; services/workflow/openapi.yaml describes them
// all.
#pragma once

#include <string>
#include <string_view>

#include "connectors/connector.h"
#include "engine/journal/dead_letters.h"
#include "foundation/clock.h"
#include "foundation/json.h"
#include "net/router.h"
#include "services/workflow/service.h"

namespace elevaite::people {
class Inbox;
}
namespace elevaite::notifications {
struct NotificationDesk;
}
namespace elevaite::hosts {
class HostControl;
}

namespace elevaite::workflow {

class AuditStore;
class OperationStore;
class Operator;
class DeploymentStore;
class Receiver;
class RetentionStore;
struct RetentionPolicy;
class WebhookStore;

using Reply = boost::asio::awaitable<Result<net::Response>>;

void AddWorkflowRoutes(net::Router& router, WorkflowService& service);
void AddDeploymentRoutes(net::Router& router, DeploymentStore& store, WorkflowService& service);
void AddExecutionRoutes(net::Router& router, WorkflowService& service);
void AddScheduleRoutes(net::Router& router, WorkflowService& service);
void AddRepairRoutes(net::Router& router, WorkflowService& service);
void AddDeadLetterRoutes(net::Router& router, engine::DeadLetters& letters, WorkflowService& service);
// The handler, which notes in the audit what it has done if the route is an act.
net::Handler WithAudit(AuditStore& store, net::Method method, std::string_view pattern, net::Handler handler);
void AddAuditRoutes(net::Router& router, AuditStore& store);
void AddOperationRoutes(net::Router& router, OperationStore& store, Operator& works,
                        WorkflowService& service);
void AddFlowRoutes(net::Router& router, WorkflowService& service);
void AddRetentionRoutes(net::Router& router, RetentionStore& store, const RetentionPolicy& policy,
                        bool is_archived);
void AddHostRoutes(net::Router& router, hosts::HostControl& control);
void AddEventRoutes(net::Router& router, WorkflowService& service);
void AddTaskRoutes(net::Router& router, people::Inbox& inbox);
void AddTaskLinkRoutes(net::Router& router, people::Inbox& inbox);
void AddWebhookRoutes(net::Router& router, WebhookStore& store, WorkflowService& service, Receiver& receiver);
void AddNotificationRoutes(net::Router& router, notifications::NotificationDesk desk);
void AddHookRoutes(net::Router& router, Receiver& receiver);
void AddLanguageRoutes(net::Router& router, Programs& programs, const connectors::Registry& registry);
void AddLanguageToolRoutes(net::Router& router, const connectors::Registry& registry);
// /openapi.json and /docs/api.
void AddReferenceRoutes(net::Router& router);

// The description of the API, as a value. CHECKs that the text built in is sound.
const Json& OpenApi();

// ---- Shared by the groups
// ----------------------------------------------------------------------------------------------

// Who asks. There is one account until sign-in exists.
AccountId AccountOf(const net::Request& request);
engine::Trigger TriggerOf(const net::Request& request);
// Who asks and why: {"by": "ada", "reason": "..."} of a body, both of which may be left out. Until sign-in
// exists, who does not say so is called by what it comes through.
Result<void> CheckNote(const Json& body);
std::string WhoOf(const net::Request& request, const Json& body);
// {by, reason}, as it is kept with what an operator does.
Json NoteOf(const net::Request& request, const Json& body);
// What a redrive takes: {"input": ..., "reason": "...", "by": "..."}; all may be left out.
struct RedriveRequest {
  std::optional<Json> input;
  Json body = Json::EmptyObject();
};
Result<RedriveRequest> ParseRedriveRequest(std::string_view body);
// A body that is {by, reason}, or left out.
Task<std::string> NoteSent(net::Request& request);
// What else such a body has.
Json WithoutNote(Json body);
// {id} of the path. kNotFound: there can be no such execution.
Result<ExecutionId> ExecutionIdOf(const net::Request& request);
// `30s`, `1500ms`, `2m`; at most `longest`. Empty: zero.
Result<std::chrono::milliseconds> ParseWait(std::string_view text, std::chrono::milliseconds longest);
// ?limit=: 1 to `most`.
Result<std::size_t> LimitOf(const net::Request& request, std::size_t otherwise, std::size_t most);
// In a cluster one node keeps the schedules and does what may change them: its answer to this request, `body`
// being its body. nullopt: it is this one.
Task<std::optional<net::Response>> FromLeader(WorkflowService& service, net::Request& request,
                                              std::string body);
// A page of what waits in the queue, as /v1/flow/queue has it.
Reply ListQueued(WorkflowService& service, net::Request& request);
Json DiagnosticsJson(const std::vector<dsl::Diagnostic>& diagnostics);

}  // namespace elevaite::workflow

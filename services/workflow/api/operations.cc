// /v1/operations: one act on all executions, and runs that wait, that match a filter. With `dry_run` it only
// says which.
#include <algorithm>
#include <memory>
#include <utility>

#include "services/workflow/api/api.h"
#include "services/workflow/execution_view.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/flow/flow_view.h"
#include "services/workflow/operations/operator.h"
#include "services/workflow/operations/queued.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

constexpr std::size_t kBodyBytesMax = 256U << 10U;
constexpr std::int64_t kPreviewMax = 10'000;  // more are not counted before it begins
constexpr std::size_t kPreviewPage = 1'000;
constexpr std::size_t kExamples = 10;

class OperationRoutes {
 public:
  OperationRoutes(OperationStore& store, Operator& works, WorkflowService& service)
      : store_(store), operator_(works), service_(service) {}

  Reply Create(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckNote(body));
    ASSIGN_OR_CO_RETURN(OperationRequest wanted, OperationFrom(body));
    Operation& operation = wanted.operation;
    operation.account = AccountOf(request);
    operation.id = OperationId::New();
    operation.created_us = operation.updated_us = SystemClock().Now().micros();
    operation.note = NoteOf(request, body);
    if (wanted.dry_run) {
      auto preview = Preview(operation);
      co_return co_await std::move(preview);
    }
    auto insert = store_.Insert(operation);
    CO_RETURN_IF_ERROR(co_await std::move(insert));
    operator_.Wake();
    net::Response response = net::JsonResponse(202, ToJson(operation));
    response.headers.Set("location", "/v1/operations/" + operation.id.ToString());
    co_return response;
  }

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
    OperationFilter filter{.limit = limit + 1};
    if (const auto state = request.QueryParameter("state"); state && !state->empty()) {
      filter.state = OperationStateFromName(*state);
      if (!filter.state)
        co_return Fail(ErrorCode::kInvalidArgument, "unknown state '" + state->substr(0, 40) + "'",
                       "one of running, completed, cancelled");
    }
    if (const auto cursor = request.QueryParameter("cursor"); cursor && !cursor->empty()) {
      ASSIGN_OR_CO_RETURN(filter.before, OperationId::Parse(*cursor));
    }
    auto list = store_.List(AccountOf(request), filter);
    ASSIGN_OR_CO_RETURN(const std::vector<Operation> found, co_await std::move(list));
    std::vector<Json> items;
    for (const Operation& one : found) {
      if (items.size() < limit) items.push_back(ToJson(one));
    }
    const Json next = found.size() > limit ? Json(found[limit - 1].id.ToString()) : Json();
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Get(Request& request) {
    ASSIGN_OR_CO_RETURN(const OperationId id, IdOf(request));
    auto find = store_.Find(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Operation operation, co_await std::move(find));
    co_return net::JsonResponse(200, ToJson(operation));
  }

  Reply Cancel(Request& request) {
    auto ask_why = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const OperationId id, IdOf(request));
    auto cancel = store_.Cancel(AccountOf(request), id, SystemClock().Now().micros());
    CO_RETURN_IF_ERROR(co_await std::move(cancel));
    auto get = Get(request);
    co_return co_await std::move(get);
  }

 private:
  static Result<OperationId> IdOf(const Request& request) {
    auto id = OperationId::Parse(request.PathParameter("id"));
    if (!id)
      return Fail(ErrorCode::kNotFound,
                  "no operation '" + std::string(request.PathParameter("id").substr(0, 64)) + "'",
                  id.error().message);
    return id;
  }

  // How many, counted up to kPreviewMax, and the first.
  struct Matching {
    std::int64_t queued = 0;
    std::int64_t executions = 0;
    bool is_all = true;
    std::vector<Json> examples;

    std::int64_t count() const { return queued + executions; }
    void Show(Json one) {
      if (examples.size() < kExamples) examples.push_back(std::move(one));
    }
  };

  Reply Preview(const Operation& operation) {
    ASSIGN_OR_CO_RETURN(OperationScope scope, ScopeOf(operation));
    Matching matching;
    if (scope.has_queued) {
      auto look = LookInQueue(operation.account, scope, matching);
      CO_RETURN_IF_ERROR(co_await std::move(look));
    }
    if (scope.has_executions) {
      auto look = LookAtExecutions(operation.account, std::move(scope.filter), matching);
      CO_RETURN_IF_ERROR(co_await std::move(look));
    }
    co_return net::JsonResponse(200, Json::Object({{"act", NameOf(operation.act)},
                                                   {"dry_run", true},
                                                   {"count", matching.count()},
                                                   {"queued", matching.queued},
                                                   {"at_least", !matching.is_all},
                                                   {"examples", Json::Array(std::move(matching.examples))}}));
  }

  Task<void> LookInQueue(AccountId account, OperationScope scope, Matching& matching) {
    scope.has_executions = false;  // those that run are counted as executions
    std::optional<QueuedPlace> place = QueuedPlace();
    while (place && matching.count() < kPreviewMax) {
      auto list = ListQueued(service_.flow().reader(), account, scope, *place, kPreviewPage);
      ASSIGN_OR_CO_RETURN(const QueuedPage page, co_await std::move(list));
      for (const auto& run : page.runs) matching.Show(flow::QueuedSummaryJson(run, std::nullopt));
      matching.queued += static_cast<std::int64_t>(page.runs.size());
      place = page.next;
    }
    matching.is_all = !place;
    co_return Result<void>();
  }

  Task<void> LookAtExecutions(AccountId account, engine::ExecutionFilter filter, Matching& matching) {
    filter.limit = engine::ExecutionFilter::kPageMax;
    bool is_end = false;
    while (matching.count() < kPreviewMax && !is_end) {
      auto list = service_.ListExecutions(account, filter);
      ASSIGN_OR_CO_RETURN(const engine::ExecutionPage page, co_await std::move(list));
      for (const auto& record : page.items) matching.Show(ExecutionSummaryJson(record));
      matching.executions += static_cast<std::int64_t>(page.items.size());
      is_end = !page.next;
      filter.after = page.next;
    }
    matching.is_all = matching.is_all && is_end;
    co_return Result<void>();
  }

  OperationStore& store_;
  Operator& operator_;
  WorkflowService& service_;
};

}  // namespace

void AddOperationRoutes(net::Router& router, OperationStore& store, Operator& works,
                        WorkflowService& service) {
  const auto routes = std::make_shared<OperationRoutes>(store, works, service);
  const auto add = [&](Method method, std::string_view pattern, Reply (OperationRoutes::*handler)(Request&)) {
    router.Add(method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kPost, "/v1/operations", &OperationRoutes::Create);
  add(Method::kGet, "/v1/operations", &OperationRoutes::List);
  add(Method::kGet, "/v1/operations/{id}", &OperationRoutes::Get);
  add(Method::kPost, "/v1/operations/{id}/cancel", &OperationRoutes::Cancel);
}

}  // namespace elevaite::workflow

// /v1/operations: one act on all executions that match a filter. With `dry_run` it only says which.
#include <algorithm>
#include <memory>
#include <utility>

#include "services/workflow/api/api.h"
#include "services/workflow/execution_view.h"
#include "services/workflow/operations/operator.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

constexpr std::size_t kBodyBytesMax = 256U << 10U;
constexpr std::int64_t kPreviewMax = 10'000;  // more are not counted before it begins
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

  Reply Preview(const Operation& operation) {
    ASSIGN_OR_CO_RETURN(engine::ExecutionFilter filter, FilterOf(operation));
    filter.limit = engine::ExecutionFilter::kPageMax;
    std::int64_t count = 0;
    bool is_all = false;
    std::vector<Json> examples;
    while (count < kPreviewMax && !is_all) {
      auto list = service_.ListExecutions(operation.account, filter);
      ASSIGN_OR_CO_RETURN(const engine::ExecutionPage page, co_await std::move(list));
      for (const auto& record : page.items) {
        if (examples.size() < kExamples) examples.push_back(ExecutionSummaryJson(record));
      }
      count += static_cast<std::int64_t>(page.items.size());
      is_all = !page.next;
      filter.after = page.next;
    }
    co_return net::JsonResponse(200, Json::Object({{"act", NameOf(operation.act)},
                                                   {"dry_run", true},
                                                   {"count", count},
                                                   {"at_least", !is_all},
                                                   {"examples", Json::Array(std::move(examples))}}));
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

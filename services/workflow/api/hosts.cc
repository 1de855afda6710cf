// The hosts that workflows call: the rules of the account (/v1/flow/hosts/{host}), and what goes on at them.
#include <memory>
#include <utility>
#include <vector>

#include "services/workflow/api/api.h"
#include "services/workflow/api/audited.h"
#include "services/workflow/hosts/host_control.h"
#include "services/workflow/hosts/host_view.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kBodyBytesMax = 16U << 10U;
constexpr std::size_t kCallsShown = 50;

class HostRoutes {
 public:
  explicit HostRoutes(hosts::HostControl& control) : control_(control) {}

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 100, 1'000));
    auto read = control_.store().List(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const std::vector<hosts::StoredRule> stored, co_await std::move(read));
    auto look = control_.HostsOf(AccountOf(request), limit);
    ASSIGN_OR_CO_RETURN(const auto views, co_await std::move(look));
    std::vector<Json> rules;
    for (const hosts::StoredRule& rule : stored) rules.push_back(hosts::RuleJson(rule));
    std::vector<Json> items;
    for (const auto& view : views) items.push_back(hosts::HostJson(view));
    co_return net::JsonResponse(200, Json::Object({{"rules", Json::Array(std::move(rules))},
                                                   {"items", Json::Array(std::move(items))}}));
  }

  Reply Get(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::string pattern, hosts::PatternFrom(request.PathParameter("host")));
    auto find = control_.store().Find(AccountOf(request), pattern);
    ASSIGN_OR_CO_RETURN(auto found, co_await std::move(find));
    if (!found)
      found = hosts::StoredRule{.account = {}, .pattern = pattern, .definition = Json::EmptyObject()};
    co_return net::JsonResponse(200, hosts::RuleJson(*found));
  }

  Reply Put(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(const std::string pattern, hosts::PatternFrom(request.PathParameter("host")));
    const Json definition = WithoutNote(body);
    CO_RETURN_IF_ERROR(CheckNote(body));
    CO_RETURN_IF_ERROR(hosts::LaneRuleFrom(definition));
    auto find = DefinitionOf(AccountOf(request), pattern);
    ASSIGN_OR_CO_RETURN(Json before, co_await std::move(find));
    auto put = control_.Put(AccountOf(request), pattern, definition, WhoOf(request, body));
    ASSIGN_OR_CO_RETURN(const hosts::StoredRule rule, co_await std::move(put));
    request.context = AuditedChange{.before = std::move(before), .after = definition};
    co_return net::JsonResponse(200, hosts::RuleJson(rule));
  }

  Reply Drop(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::string pattern, hosts::PatternFrom(request.PathParameter("host")));
    auto note = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(note));
    auto find = DefinitionOf(AccountOf(request), pattern);
    ASSIGN_OR_CO_RETURN(Json before, co_await std::move(find));
    auto drop = control_.Drop(AccountOf(request), pattern);
    CO_RETURN_IF_ERROR(co_await std::move(drop));
    request.context = AuditedChange{.before = std::move(before), .after = {}};
    co_return net::EmptyResponse();
  }

  Reply Calls(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::string host, hosts::PatternFrom(request.PathParameter("host")));
    auto look = control_.CallsTo(AccountOf(request), host, kCallsShown);
    ASSIGN_OR_CO_RETURN(const auto calls, co_await std::move(look));
    std::vector<Json> items;
    for (const auto& call : calls) items.push_back(hosts::CallJson(call));
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply Close(Request& request) {
    auto note = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(note));
    ASSIGN_OR_CO_RETURN(const std::string host, hosts::PatternFrom(request.PathParameter("host")));
    auto close = control_.CloseCircuit(AccountOf(request), host);
    ASSIGN_OR_CO_RETURN(const bool known, co_await std::move(close));
    if (!known)
      co_return Fail(ErrorCode::kNotFound, "no call to " + host + " is known",
                     "GET /v1/flow/hosts lists the hosts that are called");
    co_return net::EmptyResponse();
  }

 private:
  // The rule that holds now; null: there is none.
  Task<Json> DefinitionOf(AccountId account, std::string pattern) {
    auto find = control_.store().Find(std::move(account), std::move(pattern));
    ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
    co_return found ? found->definition : Json();
  }

  hosts::HostControl& control_;
};

}  // namespace

void AddHostRoutes(net::Router& router, hosts::HostControl& control) {
  const auto routes = std::make_shared<HostRoutes>(control);
  const auto add = [&](Method method, std::string_view pattern, Reply (HostRoutes::*handler)(Request&)) {
    router.Add(method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kGet, "/v1/flow/hosts", &HostRoutes::List);
  add(Method::kGet, "/v1/flow/hosts/{host}", &HostRoutes::Get);
  add(Method::kPut, "/v1/flow/hosts/{host}", &HostRoutes::Put);
  add(Method::kDelete, "/v1/flow/hosts/{host}", &HostRoutes::Drop);
  add(Method::kGet, "/v1/flow/hosts/{host}/calls", &HostRoutes::Calls);
  add(Method::kPost, "/v1/flow/hosts/{host}/close", &HostRoutes::Close);
}

}  // namespace elevaite::workflow

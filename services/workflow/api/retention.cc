// How long the account keeps its executions: /v1/retention.
#include <memory>
#include <utility>

#include "services/workflow/api/api.h"
#include "services/workflow/api/audited.h"
#include "services/workflow/retention/retention_store.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

constexpr std::size_t kBodyBytesMax = 16U << 10U;

class RetentionRoutes {
 public:
  RetentionRoutes(RetentionStore& store, RetentionPolicy policy, bool is_archived)
      : store_(store), policy_(policy), is_archived_(is_archived) {}

  Reply Get(Request& request) {
    auto find = store_.Find(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
    co_return Answer(found.value_or(StoredTimes{.account = {}, .definition = Json::EmptyObject()}));
  }

  Reply Put(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckNote(body));
    const StoredTimes times{.account = AccountOf(request),
                            .definition = WithoutNote(body),
                            .updated_us = SystemClock().Now().micros(),
                            .by = WhoOf(request, body)};
    CO_RETURN_IF_ERROR(policy_.TimesFrom(times.definition));
    auto find = DefinitionOf(times.account);
    ASSIGN_OR_CO_RETURN(Json before, co_await std::move(find));
    auto put = store_.Put(times);
    CO_RETURN_IF_ERROR(co_await std::move(put));
    request.context = AuditedChange{.before = std::move(before), .after = times.definition};
    co_return Answer(times);
  }

  Reply Drop(Request& request) {
    auto note = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(note));
    auto find = DefinitionOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(Json before, co_await std::move(find));
    auto drop = store_.Drop(AccountOf(request));
    CO_RETURN_IF_ERROR(co_await std::move(drop));
    request.context = AuditedChange{.before = std::move(before), .after = {}};
    co_return net::EmptyResponse();
  }

 private:
  // What the account says now; null: nothing.
  Task<Json> DefinitionOf(AccountId account) {
    auto find = store_.Find(std::move(account));
    ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
    co_return found ? found->definition : Json();
  }

  Result<net::Response> Answer(const StoredTimes& stored) const {
    // A bound may have been lowered since: what was chosen is shown as it was, and what holds as it is.
    ASSIGN_OR_RETURN(const AccountTimes times, StoredTimesFrom(stored.definition));
    const engine::RetentionTimes in_force = policy_.InForce(times);
    return net::JsonResponse(
        200, Json::Object({{"rules", stored.definition},
                           {"in_force", TimesJson(in_force)},
                           {"standard", TimesJson(policy_.standard)},
                           {"least", TextOf(policy_.least())},
                           {"most", TextOf(policy_.most())},
                           {"forever", !policy_.IsBounded()},
                           {"archived", is_archived_},
                           {"updated_at", stored.updated_us == 0
                                              ? Json()
                                              : Json(Timestamp::FromMicros(stored.updated_us).ToRfc3339())},
                           {"updated_by", stored.by}}));
  }
  static Json TimesJson(const engine::RetentionTimes& times) {
    return Json::Object({{"completed", TextOf(times.completed)}, {"faulted", TextOf(times.faulted)}});
  }

  RetentionStore& store_;
  const RetentionPolicy policy_;
  const bool is_archived_;
};

}  // namespace

void AddRetentionRoutes(net::Router& router, RetentionStore& store, const RetentionPolicy& policy,
                        bool is_archived) {
  const auto routes = std::make_shared<RetentionRoutes>(store, policy, is_archived);
  const auto add = [&](Method method, Reply (RetentionRoutes::*handler)(Request&)) {
    router.Add(method, "/v1/retention",
               [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kGet, &RetentionRoutes::Get);
  add(Method::kPut, &RetentionRoutes::Put);
  add(Method::kDelete, &RetentionRoutes::Drop);
}

}  // namespace elevaite::workflow

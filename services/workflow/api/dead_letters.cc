#include "engine/journal/dead_letters.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/workflow/api/api.h"
#include "services/workflow/await.h"

namespace elevaite::workflow {
namespace {

using engine::DeadLetter;
using engine::DeadLetterId;
using net::Method;
using net::Request;

Json LetterJson(const DeadLetter& letter) {
  return Json::Object({{"id", letter.id.ToString()},
                       {"execution", letter.execution.ToString()},
                       {"task_id", letter.frame},
                       {"namespace", letter.name_space},
                       {"workflow", letter.workflow},
                       {"version", letter.version},
                       {"ref", letter.reference},
                       {"connector", letter.connector},
                       {"attempts", letter.attempts},
                       {"error", letter.error},
                       {"time", Timestamp::FromMicros(letter.time_us).ToRfc3339()}});
}

Reply List(engine::DeadLetters& letters, Request& request) {
  engine::DeadLetterFilter filter;
  ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
  const std::string workflow = request.QueryParameter("workflow").value_or("");
  const std::size_t dot = workflow.find('.');
  filter.name_space = dot == std::string::npos ? "" : workflow.substr(0, dot);
  filter.workflow = dot == std::string::npos ? workflow : workflow.substr(dot + 1);
  if (const auto cursor = request.QueryParameter("cursor"); cursor && !cursor->empty()) {
    ASSIGN_OR_CO_RETURN(filter.before, DeadLetterId::Parse(*cursor));
  }
  filter.limit = limit + 1;
  auto read = Await<std::vector<DeadLetter>>(
      [&](auto done) { letters.List(AccountOf(request), filter, std::move(done)); });
  ASSIGN_OR_CO_RETURN(const std::vector<DeadLetter> found, co_await std::move(read));
  std::vector<Json> items;
  for (const DeadLetter& letter : found) {
    if (items.size() < limit) items.push_back(LetterJson(letter));
  }
  const Json next = found.size() > limit ? Json(found[limit - 1].id.ToString()) : Json();
  co_return net::JsonResponse(
      200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
}

Reply Delete(engine::DeadLetters& letters, Request& request) {
  ASSIGN_OR_CO_RETURN(const DeadLetterId id, DeadLetterId::Parse(request.PathParameter("id")));
  auto forget = Await<void>([&](auto done) { letters.Delete(AccountOf(request), id, std::move(done)); });
  CO_RETURN_IF_ERROR(co_await std::move(forget));
  co_return net::EmptyResponse();
}

}  // namespace

void AddDeadLetterRoutes(net::Router& router, engine::DeadLetters& letters) {
  router.Add(Method::kGet, "/v1/dead-letters",
             [&letters](Request& request) { return List(letters, request); });
  router.Add(Method::kDelete, "/v1/dead-letters/{id}",
             [&letters](Request& request) { return Delete(letters, request); });
}

}  // namespace elevaite::workflow

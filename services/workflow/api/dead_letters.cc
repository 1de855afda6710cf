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

constexpr std::size_t kBodyBytesMax = 16U << 20U;

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

Task<DeadLetter> Find(engine::DeadLetters& letters, const Request& request) {
  const auto id = DeadLetterId::Parse(request.PathParameter("id"));
  if (!id) co_return Fail(ErrorCode::kNotFound, "no such dead letter", id.error().message);
  auto find = Await<DeadLetter>([&](auto done) { letters.Find(AccountOf(request), *id, std::move(done)); });
  co_return co_await std::move(find);
}

// With what the task was given and what the call was asked for, and how its execution stands; without, when
// that has been forgotten.
Reply Get(engine::DeadLetters& letters, WorkflowService& service, Request& request) {
  auto find = Find(letters, request);
  ASSIGN_OR_CO_RETURN(const DeadLetter letter, co_await std::move(find));
  auto view = service.View(letter.account, letter.execution);
  const Result<Json> execution = co_await std::move(view);
  if (!execution && execution.error().code != ErrorCode::kNotFound) co_return Fail(execution.error());
  Json json = LetterJson(letter);
  const Json known = execution ? *execution : Json();
  json = Json::WithMember(std::move(json), "status", known["status"]);
  if (known["tasks"].IsArray()) {
    for (const Json& task : known["tasks"].AsArray()) {
      if (task["id"].IntOr(0) != letter.frame) continue;
      const Json* raw = task.Find("raw_input");
      json = Json::WithMember(std::move(json), "input", raw ? *raw : task["input"]);
      json = Json::WithMember(std::move(json), "request", task["detail"]["request"]);
    }
  }
  co_return net::JsonResponse(200, json);
}

// The task is done again: where its execution waits for that, or in a new execution that goes on from it.
Task<ExecutionId> GoOnFrom(WorkflowService& service, DeadLetter letter, std::optional<Json> input, Json note,
                           std::string correlation) {
  auto find = service.FindExecution(letter.account, letter.execution);
  ASSIGN_OR_CO_RETURN(const engine::ExecutionRecord record, co_await std::move(find));
  if (!engine::IsFinal(record.phase) && !input) {
    engine::Repair retry{
        .frame = letter.frame, .act = engine::RepairAct::kRetry, .value = {}, .note = std::move(note)};
    auto operate = service.Operate(letter.account, letter.execution, std::move(retry));
    CO_RETURN_IF_ERROR(co_await std::move(operate));
    co_return letter.execution;
  }
  auto fork = service.Fork({.account = letter.account,
                            .from = {.execution = letter.execution, .frame = letter.frame},
                            .input = std::move(input),
                            .note = std::move(note),
                            .correlation = std::move(correlation),
                            .idempotency_key = "redrive " + letter.id.ToString()});
  ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(fork));
  co_return started.id;
}

Reply Redrive(engine::DeadLetters& letters, WorkflowService& service, Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const RedriveRequest wanted, ParseRedriveRequest(body));
  auto find = Find(letters, request);
  ASSIGN_OR_CO_RETURN(const DeadLetter letter, co_await std::move(find));
  auto go_on = GoOnFrom(service, letter, wanted.input, NoteOf(request, wanted.body), request.request_id);
  ASSIGN_OR_CO_RETURN(const ExecutionId goes_on, co_await std::move(go_on));
  auto forget = Await<void>([&](auto done) { letters.Delete(letter.account, letter.id, std::move(done)); });
  // Somebody may have deleted it meanwhile.
  if (const Result<void> gone = co_await std::move(forget);
      !gone && gone.error().code != ErrorCode::kNotFound)
    co_return Fail(gone.error());
  auto view = service.View(letter.account, goes_on);
  ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
  net::Response response = net::JsonResponse(202, execution);
  response.headers.Set("location", "/v1/executions/" + goes_on.ToString());
  co_return response;
}

Reply Delete(engine::DeadLetters& letters, Request& request) {
  auto ask_why = NoteSent(request);
  CO_RETURN_IF_ERROR(co_await std::move(ask_why));
  ASSIGN_OR_CO_RETURN(const DeadLetterId id, DeadLetterId::Parse(request.PathParameter("id")));
  auto forget = Await<void>([&](auto done) { letters.Delete(AccountOf(request), id, std::move(done)); });
  CO_RETURN_IF_ERROR(co_await std::move(forget));
  co_return net::EmptyResponse();
}

}  // namespace

void AddDeadLetterRoutes(net::Router& router, engine::DeadLetters& letters, WorkflowService& service) {
  router.Add(Method::kGet, "/v1/dead-letters",
             [&letters](Request& request) { return List(letters, request); });
  router.Add(Method::kGet, "/v1/dead-letters/{id}",
             [&letters, &service](Request& request) { return Get(letters, service, request); });
  router.Add(Method::kPost, "/v1/dead-letters/{id}/redrive",
             [&letters, &service](Request& request) { return Redrive(letters, service, request); },
             {.body_bytes_max = kBodyBytesMax});
  router.Add(Method::kDelete, "/v1/dead-letters/{id}",
             [&letters](Request& request) { return Delete(letters, request); });
}

}  // namespace elevaite::workflow

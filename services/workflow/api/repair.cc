// What operators do to an execution that runs: /v1/executions/{id}/pause, /resume and
// /tasks/{task_id}/{retry,skip,complete,fail}; and to any: /fork and /redrive. Who asked and why is kept in
// its journal.
#include <charconv>
#include <initializer_list>
#include <limits>

#include "engine/machine/errors.h"
#include "engine/machine/repair.h"
#include "services/workflow/api/api.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

constexpr std::size_t kBodyBytesMax = 16U << 20U;
constexpr std::size_t kErrorBytesMax = 64U << 10U;

// `more`: the member that the act takes beside who and why. One that is not known is refused.
Result<Json> ParseActRequest(std::string_view body, std::string_view more) {
  if (body.empty() && more.empty()) return Json::EmptyObject();
  ASSIGN_OR_RETURN(Json json, ParseJson(body));
  const auto refuse = [&](std::string message) {
    const std::string example = more.empty() ? "" : ", \"" + std::string(more) + "\": ...";
    return Fail(ErrorCode::kInvalidArgument, std::move(message),
                "send {\"reason\": \"...\", \"by\": \"...\"" + example + "}");
  };
  if (!json.IsObject()) return refuse("the body must be an object");
  for (const auto& [name, value] : json.AsObject()) {
    const std::string_view key = name.AsString();
    if (key != "reason" && key != "by" && (more.empty() || key != more))
      return refuse("unknown member '" + std::string(key.substr(0, 40)) + "'");
  }
  RETURN_IF_ERROR(CheckNote(json));
  if (!more.empty() && !json.Find(more)) return refuse("`" + std::string(more) + "` is missing");
  return json;
}

// As a `raise` gives it; what is left out is that of a runtime error.
Result<Json> ErrorFrom(const Json& given) {
  const auto refuse = [](std::string message) {
    return Fail(ErrorCode::kInvalidArgument, std::move(message),
                R"(send {"error": {"type": "https://...", "status": 500, "title": "...", "detail": "..."}})");
  };
  if (!given.IsObject()) return refuse("`error` must be an object");
  if (given.MemoryBytes() > kErrorBytesMax) return refuse("`error` is too large");
  const std::int64_t status = given["status"].IntOr(500);
  if (status < 100 || status > 599) return refuse("`error.status` must be a number from 100 to 599");
  for (const char* text : {"type", "title", "detail"}) {
    if (const Json* value = given.Find(text); value && !value->IsString())
      return refuse("`error." + std::string(text) + "` must be a text");
  }
  const Json error = engine::MakeError("runtime", given["title"].StringOr("Failed by an operator"),
                                       given["detail"].StringOr(""), static_cast<int>(status));
  return given.Find("type") ? Json::WithMember(error, "type", given["type"]) : error;
}

struct ForkWanted {
  PastPoint from;
  std::optional<Json> input;
  Json body;
};

Result<ForkWanted> ParseForkRequest(std::string_view body) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(body));
  const auto refuse = [](std::string message) {
    return Fail(
        ErrorCode::kInvalidArgument, std::move(message),
        R"(send {"task": 4, "input": {...}, "reason": "...", "by": "..."}; `task` is the `id` of a task, or its `ref`)"
        R"( with `visit`, 1 for its first run; all but `task` may be left out)");
  };
  if (!json.IsObject()) return refuse("the body must be an object");
  for (const auto& [name, value] : json.AsObject()) {
    const std::string_view key = name.AsString();
    if (key != "task" && key != "visit" && key != "input" && key != "reason" && key != "by")
      return refuse("unknown member '" + std::string(key.substr(0, 40)) + "'");
  }
  RETURN_IF_ERROR(CheckNote(json));
  ForkWanted wanted{.from = {}, .input = std::nullopt, .body = json};
  const Json& task = json["task"];
  constexpr std::int64_t kFrameMax = std::numeric_limits<engine::FrameId>::max();
  const std::int64_t frame = task.IntOr(0);
  if (task.IsString() && !task.AsString().empty()) {
    wanted.from.task = task.AsString();
  } else if (frame > 0 && frame <= kFrameMax) {
    wanted.from.frame = static_cast<engine::FrameId>(frame);
  } else {
    return refuse("`task` must be the `id` of a task of the execution, or its `ref`");
  }
  if (const Json* visit = json.Find("visit")) {
    if (wanted.from.task.empty() || visit->IntOr(0) < 1)
      return refuse("`visit` must be a number from 1, and goes with the `ref` of a task");
    wanted.from.visit = static_cast<std::size_t>(visit->IntOr(0));
  }
  if (const Json* input = json.Find("input")) wanted.input = *input;
  return wanted;
}

class RepairRoutes {
 public:
  explicit RepairRoutes(WorkflowService& service) : service_(service) {}

  Reply Pause(Request& request) { return OnExecution<engine::Pause>(request); }
  Reply Resume(Request& request) { return OnExecution<engine::Resume>(request); }

  Reply Fork(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(ForkWanted wanted, ParseForkRequest(body));
    const std::string key(request.headers.Get("idempotency-key"));
    if (key.size() > 200)
      co_return Fail(ErrorCode::kInvalidArgument, "Idempotency-Key may have 200 characters at most");
    wanted.from.execution = id;
    ForkExecution fork{.account = AccountOf(request),
                       .from = std::move(wanted.from),
                       .input = std::move(wanted.input),
                       .note = NoteOf(request, wanted.body),
                       .correlation = request.request_id,
                       .idempotency_key = key};
    auto begin = service_.Fork(std::move(fork));
    ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(begin));
    auto view = service_.View(AccountOf(request), started.id);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    net::Response response = net::JsonResponse(202, execution);
    response.headers.Set("location", "/v1/executions/" + started.id.ToString());
    co_return response;
  }

  Reply Redrive(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(const RedriveRequest wanted, ParseRedriveRequest(body));
    auto find = service_.FindExecution(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(engine::ExecutionRecord record, co_await std::move(find));
    record.correlation = request.request_id;
    auto redrive = service_.Redrive(std::move(record), wanted.input, NoteOf(request, wanted.body));
    ASSIGN_OR_CO_RETURN(const ExecutionId goes_on, co_await std::move(redrive));
    auto view = service_.View(AccountOf(request), goes_on);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    net::Response response = net::JsonResponse(202, execution);
    response.headers.Set("location", "/v1/executions/" + goes_on.ToString());
    co_return response;
  }

  Reply Repair(Request& request) {
    const auto act = engine::RepairActFromName(request.PathParameter("act"));
    if (!act)
      co_return Fail(ErrorCode::kNotFound,
                     "no such act: '" + std::string(request.PathParameter("act").substr(0, 40)) + "'",
                     "a task can be tried again (retry), skip, complete or fail");
    ASSIGN_OR_CO_RETURN(const engine::FrameId frame, FrameOf(request));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    const std::string_view more = *act == engine::RepairAct::kComplete ? "output"
                                  : *act == engine::RepairAct::kFail   ? "error"
                                                                       : "";
    ASSIGN_OR_CO_RETURN(const Json wanted, ParseActRequest(body, more));
    Json value = more.empty() ? Json() : wanted[more];
    if (*act == engine::RepairAct::kFail) {
      ASSIGN_OR_CO_RETURN(value, ErrorFrom(value));
    }
    engine::Repair repair{
        .frame = frame, .act = *act, .value = std::move(value), .note = NoteOf(request, wanted)};
    auto answer = Do(request, std::move(repair));
    co_return co_await std::move(answer);
  }

 private:
  template <class Act>
  Reply OnExecution(Request& request) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(const Json wanted, ParseActRequest(body, ""));
    auto answer = Do(request, Act{NoteOf(request, wanted)});
    co_return co_await std::move(answer);
  }

  Reply Do(Request& request, std::variant<engine::Pause, engine::Resume, engine::Repair> act) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto operate = service_.Operate(AccountOf(request), id, std::move(act));
    CO_RETURN_IF_ERROR(co_await std::move(operate));
    auto view = service_.View(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    co_return net::JsonResponse(200, execution);
  }

  static Result<engine::FrameId> FrameOf(const Request& request) {
    const std::string_view text = request.PathParameter("task_id");
    engine::FrameId frame = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), frame);
    if (error != std::errc() || end != text.data() + text.size() || frame == engine::kRootFrame)
      return Fail(ErrorCode::kNotFound, "no task '" + std::string(text.substr(0, 40)) + "'",
                  "`waiting_for` and `tasks` of the execution have the ids of its tasks");
    return frame;
  }

  WorkflowService& service_;
};

}  // namespace

void AddRepairRoutes(net::Router& router, WorkflowService& service) {
  const auto routes = std::make_shared<RepairRoutes>(service);
  const auto add = [&](std::string_view pattern, Reply (RepairRoutes::*handler)(Request&)) {
    router.Add(Method::kPost, pattern,
               [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add("/v1/executions/{id}/pause", &RepairRoutes::Pause);
  add("/v1/executions/{id}/resume", &RepairRoutes::Resume);
  add("/v1/executions/{id}/fork", &RepairRoutes::Fork);
  add("/v1/executions/{id}/redrive", &RepairRoutes::Redrive);
  add("/v1/executions/{id}/tasks/{task_id}/{act}", &RepairRoutes::Repair);
}

}  // namespace elevaite::workflow

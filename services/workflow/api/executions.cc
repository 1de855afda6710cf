// /v1/executions and the start of executions.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <mutex>

#include "engine/lifecycle.h"
#include "foundation/async.h"
#include "foundation/digest.h"
#include "net/problem.h"
#include "net/sse.h"
#include "services/workflow/api/api.h"
#include "services/workflow/briefly.h"
#include "services/workflow/execution_filter.h"
#include "services/workflow/execution_view.h"
#include "services/workflow/peers/peers.h"
#include "services/workflow/rehearsal/recording.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kInputBytesMax = 16U << 20U;
constexpr std::chrono::milliseconds kWaitMax{60'000};

Result<std::uint64_t> NumberOf(std::string_view text, std::string_view what) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > INT64_MAX) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} must be a number", what));
  }
  return number;
}

// Wakes one coroutine when the feed has news, and remembers news that came while nobody waited.
struct News {
  std::mutex mutex;
  OneShot<std::uint64_t> next;  // under mutex

  OneShot<std::uint64_t> Expect() {
    const std::scoped_lock lock(mutex);
    next = OneShot<std::uint64_t>();
    return next;
  }
  void Arrived(std::uint64_t seq) {
    const std::scoped_lock lock(mutex);
    next.Set(seq);
  }
};

struct CancelRequest {
  std::string reason;
  std::chrono::milliseconds grace{0};
};

// A member that is not known is refused: a `force` that nobody reads would be waited for.
Result<CancelRequest> ParseCancelRequest(std::string_view body, std::chrono::milliseconds grace) {
  constexpr std::chrono::hours kGraceMax{1};
  CancelRequest wanted{.reason = {}, .grace = grace};
  if (body.empty()) return wanted;
  ASSIGN_OR_RETURN(const Json json, ParseJson(body));
  const auto refuse = [](std::string message) {
    return Fail(
        ErrorCode::kInvalidArgument, std::move(message),
        R"(send {"reason": "...", "by": "...", "grace": "30s", "force": false}; all may be left out)");
  };
  if (!json.IsObject()) return refuse("the body must be an object");
  for (const auto& [name, value] : json.AsObject()) {
    const std::string_view key = name.AsString();
    if (key != "reason" && key != "by" && key != "grace" && key != "force")
      return refuse("unknown member '" + std::string(key.substr(0, 40)) + "'");
    const bool is_force = key == "force";
    if (is_force ? !value.IsBool() : !value.IsString() && !value.IsNull())
      return refuse("`" + std::string(key) + "` must be " + (is_force ? "true or false" : "a text"));
  }
  RETURN_IF_ERROR(CheckNote(json));
  wanted.reason = json["reason"].StringOr("");
  if (json["grace"].IsString()) {
    ASSIGN_OR_RETURN(wanted.grace, ParseWait(json["grace"].AsString(), kGraceMax));
  }
  if (json["force"].BoolOr(false)) wanted.grace = std::chrono::milliseconds(0);
  return wanted;
}

struct MigrateRequest {
  std::string version;
  Json body;
  bool dry_run = false;
};

// A member that is not known is refused: a `dryRun` that nobody reads would move the execution.
Result<MigrateRequest> ParseMigrateRequest(std::string_view body) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(body));
  const auto refuse = [](std::string message) {
    return Fail(
        ErrorCode::kInvalidArgument, std::move(message),
        R"(send {"version": "2.0.0", "dry_run": true, "reason": "...", "by": "..."}; all but version may be left out)");
  };
  if (!json.IsObject()) return refuse("the body must be an object");
  for (const auto& [name, value] : json.AsObject()) {
    const std::string_view key = name.AsString();
    if (key == "version" && !value.IsString()) return refuse("`version` must be a text");
    if (key == "dry_run" && !value.IsBool()) return refuse("`dry_run` must be true or false");
    if (key != "version" && key != "reason" && key != "by" && key != "dry_run")
      return refuse("unknown member '" + std::string(key.substr(0, 40)) + "'");
  }
  MigrateRequest wanted{.version = std::string(json["version"].StringOr("")),
                        .body = json,
                        .dry_run = json["dry_run"].BoolOr(false)};
  if (wanted.version.empty()) return refuse("`version` is missing");
  RETURN_IF_ERROR(CheckNote(json));
  return wanted;
}

Json MigrationJson(const ExecutionId& id, const engine::Migration& migration, bool dry_run) {
  constexpr std::size_t kListed = 1'000;
  std::vector<Json> tasks;
  for (const engine::MovedTask& task : migration.plan.tasks) {
    if (tasks.size() >= kListed) break;
    tasks.push_back(Json::Object({{"task_id", task.frame}, {"from", task.before}, {"to", task.after}}));
  }
  std::vector<Json> passed;
  for (const std::string& reference : migration.plan.passed) {
    if (passed.size() < kListed) passed.emplace_back(reference);
  }
  return Json::Object({{"id", id.ToString()},
                       {"from", migration.from},
                       {"to", migration.to},
                       {"dry_run", dry_run},
                       {"migrated", migration.done},
                       {"tasks", Json::Array(std::move(tasks))},
                       {"passed", Json::Array(std::move(passed))}});
}

Json ObstaclesJson(const engine::Migration& migration) {
  std::vector<Json> obstacles;
  for (const engine::Obstacle& one : migration.plan.obstacles) {
    obstacles.push_back(Json::Object(
        {{"task", one.task.empty() ? Json() : Json(one.task)}, {"why", one.why}, {"advice", one.advice}}));
  }
  return Json::Object(
      {{"from", migration.from}, {"to", migration.to}, {"obstacles", Json::Array(std::move(obstacles))}});
}

class ExecutionRoutes {
 public:
  explicit ExecutionRoutes(WorkflowService& service) : service_(service) {}

  Reply Start(Request& request) {
    auto read = InputOf(request);
    ASSIGN_OR_CO_RETURN(Json input, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(const auto wait, ParseWait(request.QueryParameter("wait").value_or(""), kWaitMax));
    const std::string key(request.headers.Get("idempotency-key"));
    if (key.size() > 200)
      co_return Fail(ErrorCode::kInvalidArgument, "Idempotency-Key may have 200 characters at most");
    StartRequest start{.account = AccountOf(request),
                       .workflow = std::string(request.PathParameter("name")),
                       .version = request.QueryParameter("version").value_or(""),
                       .input = std::move(input),
                       .trigger = TriggerOf(request),
                       .correlation = request.request_id,
                       .idempotency_key = key,
                       .wait = wait};
    auto launch = service_.Start(std::move(start));
    ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(launch));
    auto view = service_.View(AccountOf(request), started.id);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    const auto phase = engine::PhaseFromName(execution["status"].AsString());
    const bool ended = phase && engine::IsFinal(*phase);
    Response response = net::JsonResponse(ended ? 200 : 202, execution);
    response.headers.Set("location", "/v1/executions/" + started.id.ToString());
    co_return response;
  }

  // Who looks at a list for long asks with the `etag` of what is there: the answer is then up to a second
  // old, shared by all who look at the same list, and empty when nothing has changed.
  Reply List(Request& request) {
    if (request.QueryParameter("status") == "queued") {
      auto list = ListQueued(service_, request);
      co_return co_await std::move(list);
    }
    const std::string seen(request.headers.Get("if-none-match"));
    const std::string key = AccountOf(request).ToString() + "?" + std::string(request.RawQuery());
    auto page = seen.empty() ? std::nullopt : watched_.Find(key);
    if (!page) {
      auto read = ReadList(request);
      ASSIGN_OR_CO_RETURN(page, co_await std::move(read));
      if (!seen.empty()) watched_.Keep(key, *page);
    }
    Response response = (*page)->etag == seen ? net::EmptyResponse(304)
                                              : Response{.status = 200,
                                                         .content_type = "application/json",
                                                         .body = net::SharedBytes{*page, (*page)->body}};
    response.headers.Set("etag", (*page)->etag);
    response.headers.Set("cache-control", "no-store");
    co_return response;
  }

  Reply Get(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto view = service_.View(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    co_return net::JsonResponse(200, execution);
  }

  Reply Cancel(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(CancelRequest wanted, ParseCancelRequest(body, service_.cancel_grace()));
    auto cancel = service_.CancelExecution(AccountOf(request), id, std::move(wanted.reason), wanted.grace);
    CO_RETURN_IF_ERROR(co_await std::move(cancel));
    auto view = service_.View(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    co_return net::JsonResponse(200, execution);
  }

  Reply Delete(Request& request) {
    auto ask_why = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto erase = service_.DeleteExecution(AccountOf(request), id);
    CO_RETURN_IF_ERROR(co_await std::move(erase));
    co_return net::EmptyResponse();
  }

  Reply Restore(Request& request) {
    auto ask_why = NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto bring = service_.BringBack(AccountOf(request), id);
    CO_RETURN_IF_ERROR(co_await std::move(bring));
    auto view = service_.View(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Json execution, co_await std::move(view));
    co_return net::JsonResponse(200, execution);
  }

  Reply Migrate(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(const MigrateRequest wanted, ParseMigrateRequest(body));
    engine::MigrationNote note{.reason = std::string(wanted.body["reason"].StringOr("")),
                               .by = WhoOf(request, wanted.body)};
    auto migrate =
        service_.MigrateExecution(AccountOf(request), id, wanted.version, std::move(note), wanted.dry_run);
    ASSIGN_OR_CO_RETURN(const engine::Migration migration, co_await std::move(migrate));
    if (migration.plan.obstacles.empty())
      co_return net::JsonResponse(200, MigrationJson(id, migration, wanted.dry_run));
    const Error error{.code = ErrorCode::kConflict,
                      .message = fmt::format("this execution cannot be moved from {} to {} as it stands now",
                                             migration.from, migration.to),
                      .hint = "`obstacles` lists what is in the way; nothing was changed"};
    co_return net::ProblemResponse(error, request, ObstaclesJson(migration));
  }

  Reply Events(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto find = service_.TimelineOf(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(Timeline timeline, co_await std::move(find));
    const bool live = request.headers.Get("accept").find("text/event-stream") != std::string_view::npos;
    const std::string resumed(request.headers.Get("last-event-id"));
    const std::string text =
        live && !resumed.empty() ? resumed : request.QueryParameter("after").value_or("0");
    ASSIGN_OR_CO_RETURN(const std::uint64_t after, NumberOf(text, "after"));
    if (live) co_return Live(std::move(timeline), after);

    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 1'000, 5'000));
    auto read = service_.EventsAlong(timeline, after, limit);
    ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
    std::vector<Json> items;
    for (const engine::Event& event : page.events) items.push_back(EventJson(event, *timeline.At(event.seq)));
    const Json next = page.next ? Json(*page.next) : Json();
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_after", next}}));
  }

  // As a case for `elevaite test`.
  Reply Test(Request& request) {
    constexpr std::size_t kBytesMax = 16U << 20U;
    constexpr std::size_t kPage = 2'000;
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    auto find = service_.TimelineOf(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(Timeline timeline, co_await std::move(find));
    rehearsal::Run run;
    std::size_t bytes = 0;
    for (std::optional<std::uint64_t> after = 0; after;) {
      auto read = service_.EventsAlong(timeline, *after, kPage);
      ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
      for (const engine::Event& event : page.events) run.Add(event, timeline.At(event.seq));
      bytes += page.bytes;
      if (bytes > kBytesMax || run.events.size() > rehearsal::kRecordedEventsMax)
        co_return Fail(ErrorCode::kPayloadTooLarge, "the execution is too large to be written as a test",
                       "record a run with less input and fewer rounds");
      after = page.next;
    }
    run.record = timeline.record();
    ASSIGN_OR_CO_RETURN(const rehearsal::Recorded recorded, rehearsal::Record(run, service_.base_url()));
    std::vector<Json> tasks(recorded.tasks.begin(), recorded.tasks.end());
    co_return net::JsonResponse(200, Json::Object({{"file", recorded.file},
                                                   {"source", recorded.source},
                                                   {"tasks", Json::Array(std::move(tasks))}}));
  }

  // The same events as the specification's lifecycle CloudEvents.
  Reply Lifecycle(Request& request) {
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionIdOf(request));
    ASSIGN_OR_CO_RETURN(const std::uint64_t after,
                        NumberOf(request.QueryParameter("after").value_or("0"), "after"));
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 1'000, 5'000));
    auto find = service_.TimelineOf(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(Timeline timeline, co_await std::move(find));
    auto read = service_.EventsAlong(timeline, after, limit);
    ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
    std::vector<Json> told;
    for (const engine::Event& event : page.events) {
      auto some =
          engine::LifecycleEvents(timeline.record(), *timeline.At(event.seq), event, service_.base_url());
      std::ranges::move(some, std::back_inserter(told));
    }
    Response response = net::JsonResponse(200, Json::Array(std::move(told)));
    response.headers.Set("content-type", "application/cloudevents-batch+json");
    if (page.next) response.headers.Set("x-next-after", std::to_string(*page.next));
    co_return response;
  }

 private:
  struct ListPage {
    std::string body;
    std::string etag;
  };
  using SharedPage = std::shared_ptr<const ListPage>;
  static constexpr std::size_t kWatchedMax =
      200;  // different lists in a second; each has some 100 KB at most

  Task<SharedPage> ReadList(Request& request) {
    ASSIGN_OR_CO_RETURN(const net::QueryParameters parameters, request.Query());
    ASSIGN_OR_CO_RETURN(engine::ExecutionFilter filter, FilterFrom(parameters));
    ASSIGN_OR_CO_RETURN(filter.limit, LimitOf(request, 50, engine::ExecutionFilter::kPageMax));
    auto list = service_.ListExecutions(AccountOf(request), std::move(filter));
    ASSIGN_OR_CO_RETURN(const engine::ExecutionPage page, co_await std::move(list));
    std::vector<Json> items;
    for (const auto& record : page.items) items.push_back(ExecutionSummaryJson(record));
    const Json next = page.next ? Json(page.next->ToString()) : Json();
    ListPage made{
        .body = Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}).Dump(),
        .etag = {}};
    made.etag = fmt::format("\"{:.32}\"", Sha256Hex(made.body));
    co_return std::make_shared<const ListPage>(std::move(made));
  }

  static Task<Json> InputOf(Request& request) {
    const std::string type(request.headers.Get("content-type"));
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    if (type.starts_with("text/")) {
      if (FindInvalidUtf8(body) != std::string_view::npos)
        co_return Fail(ErrorCode::kInvalidArgument, "the input is not valid UTF-8");
      co_return Json(body);
    }
    if (body.empty()) co_return Json();
    if (!type.empty() && type.find("json") == std::string::npos) {
      co_return Fail(ErrorCode::kUnsupportedMedia, "the input must be JSON or text",
                     "send content-type: application/json, or text/plain");
    }
    co_return ParseJson(body);
  }

  Response Live(Timeline timeline, std::uint64_t after) {
    return net::EventStream([this, timeline = std::move(timeline), after](net::EventWriter& stream) {
      return Follow(stream, timeline, after);
    });
  }

  boost::asio::awaitable<Result<>> Follow(net::EventWriter& stream, Timeline timeline, std::uint64_t after) {
    const auto news = std::make_shared<News>();
    const auto subscription =
        service_.feed().Subscribe(timeline.record().id, [news](std::uint64_t seq) { news->Arrived(seq); });
    constexpr std::size_t kPage = 500;
    while (true) {
      OneShot<std::uint64_t> next = news->Expect();
      auto read = service_.EventsAlong(timeline, after, kPage);
      ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
      for (const engine::Event& event : page.events) {
        after = event.seq;
        const std::string data = EventJson(event, *timeline.At(event.seq)).Dump();
        auto send = stream.Send({.id = std::to_string(event.seq),
                                 .event = std::string(engine::NameOf(event.type)),
                                 .data = data});
        CO_RETURN_IF_ERROR(co_await std::move(send));
        if (!engine::IsEnd(event.type)) continue;
        auto end = stream.Send({.id = std::to_string(event.seq), .event = "end", .data = "{}"});
        co_return co_await std::move(end);
      }
      if (page.next) continue;
      auto wait = next.WaitUntil(std::chrono::steady_clock::now() + LookAgainAfter(timeline.record().id));
      co_await std::move(wait);
    }
  }

  // The feed does not tell of what other nodes write, and an execution may go to one.
  std::chrono::milliseconds LookAgainAfter(const ExecutionId& id) const {
    if (service_.peers() == nullptr) return std::chrono::seconds(30);
    return service_.IsHere(id) ? std::chrono::seconds(1) : std::chrono::milliseconds(200);
  }

  WorkflowService& service_;
  Briefly<SharedPage> watched_{kWatchedMax};
};

}  // namespace

void AddExecutionRoutes(net::Router& router, WorkflowService& service) {
  const auto routes = std::make_shared<ExecutionRoutes>(service);
  const auto add = [&](Method method, std::string_view pattern, Reply (ExecutionRoutes::*handler)(Request&),
                       net::RouteOptions options = {}) {
    router.Add(
        method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
        options);
  };
  add(Method::kPost, "/v1/workflows/{name}/executions", &ExecutionRoutes::Start,
      {.body_bytes_max = kInputBytesMax, .timeout = std::chrono::seconds(90)});
  add(Method::kGet, "/v1/executions", &ExecutionRoutes::List);
  add(Method::kGet, "/v1/executions/{id}", &ExecutionRoutes::Get);
  add(Method::kDelete, "/v1/executions/{id}", &ExecutionRoutes::Delete);
  add(Method::kGet, "/v1/executions/{id}/events", &ExecutionRoutes::Events);
  add(Method::kGet, "/v1/executions/{id}/lifecycle", &ExecutionRoutes::Lifecycle);
  add(Method::kGet, "/v1/executions/{id}/test", &ExecutionRoutes::Test);
  add(Method::kPost, "/v1/executions/{id}/cancel", &ExecutionRoutes::Cancel);
  add(Method::kPost, "/v1/executions/{id}/restore", &ExecutionRoutes::Restore);
  add(Method::kPost, "/v1/executions/{id}/migrate", &ExecutionRoutes::Migrate);
}

}  // namespace elevaite::workflow

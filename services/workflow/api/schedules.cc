// /v1/schedules: when workflows start by themselves.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/workflow/api/api.h"
#include "services/workflow/api/schedule_view.h"
#include "services/workflow/peers/peers.h"
#include "services/workflow/schedule/input.h"
#include "services/workflow/schedule/scheduler.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kBodyBytesMax = 1U << 20U;
constexpr std::size_t kInputBytesMax = 64U << 10U;
constexpr std::size_t kNoteBytesMax = 1'000;
constexpr std::size_t kIdLengthMax = 63;
constexpr std::size_t kTimesMax = 100;  // of one schedule in an answer
constexpr std::array<std::string_view, 4> kOwnMembers{"id", "workflow", "version", "input"};

std::unexpected<Error> Wrong(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(hint));
}

bool IsIdCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

Result<std::string> CheckedId(std::string_view id) {
  const bool fits = !id.empty() && id.size() <= kIdLengthMax && std::ranges::all_of(id, IsIdCharacter) &&
                    id.front() != '-' && id.back() != '-';
  if (!fits)
    return Wrong("id must have 1 to 63 of a-z, 0-9 and -, and begin and end with a letter or digit",
                 "for example: nightly-report");
  return std::string(id);
}

// "report-x4k9t2": for who gives no id.
std::string FreshId(const std::string& workflow) {
  const std::string text = SystemUuids().Next().ToText();
  return fmt::format("{}-{}", workflow.substr(0, 50), text.substr(text.size() - 6));
}

Result<void> CheckMembers(const Json& body, std::initializer_list<std::string_view> more = {}) {
  if (!body.IsObject()) return Wrong("the body must be an object");
  for (const auto& [key, value] : body.AsObject()) {
    const std::string_view name = key.AsString();
    if (name == "by" || name == "reason" || ScheduleSpec::Knows(name) ||
        std::ranges::find(kOwnMembers, name) != kOwnMembers.end() ||
        std::ranges::find(more, name) != more.end())
      continue;
    const bool is_pause = name == "paused" || name == "note";
    return Wrong(fmt::format("{} is not known", name.substr(0, 80)),
                 is_pause ? "POST .../pause and .../resume change it" : "see /docs/api");
  }
  return {};
}

Result<std::optional<std::int64_t>> TimeIn(const Json& body, const char* name) {
  const Json& value = body[name];
  if (value.IsNull()) return std::nullopt;
  const auto time = Timestamp::Parse(value.StringOr(""));
  if (!time) return Wrong(fmt::format("{} is no time", name), "write it as 2026-11-20T09:00:00Z");
  return time->micros();
}

Result<std::optional<std::int64_t>> TimeParameter(const Request& request, const char* name) {
  const auto text = request.QueryParameter(name);
  if (!text || text->empty()) return std::nullopt;
  return TimeIn(Json::Object({{name, *text}}), name);
}

Result<std::string> NoteIn(const Json& body) {
  const Json& note = body["note"];
  if (!note.IsNull() && (!note.IsString() || note.Size() > kNoteBytesMax))
    return Wrong(fmt::format("note must be a text of {} bytes at most", kNoteBytesMax));
  return std::string(note.StringOr(""));
}

// Whether it is due at all is seen by the scheduler, which knows the time.
Result<Timetable> TimetableOf(const ScheduleSpec& spec, const std::string& seed) {
  auto zone = TimeZone::Load(spec.zone);
  if (!zone) return Wrong("timezone: " + zone.error().message, zone.error().hint);
  ASSIGN_OR_RETURN(Timetable timetable, Timetable::Create(spec, *std::move(zone), seed));
  if (timetable.after_us()) return Wrong("`after` is for documents only", "use every, cron or calendar");
  if (!timetable.has_times())
    return Wrong("times must have at least one entry", "for example: [{\"cron\": \"30 9 * * MON-FRI\"}]");
  return timetable;
}

std::size_t BytesOf(const Json& json) { return json.Dump().size(); }

class ScheduleRoutes {
 public:
  explicit ScheduleRoutes(WorkflowService& service) : service_(service) {}

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, LimitOf(request, 50, 200));
    ASSIGN_OR_CO_RETURN(ScheduleFilter filter, FilterFrom(request));
    ASSIGN_OR_CO_RETURN(const Upcoming upcoming, UpcomingFrom(request));
    filter.limit = limit + 1;
    auto list = service_.scheduler().store().List(AccountOf(request), std::move(filter));
    ASSIGN_OR_CO_RETURN(std::vector<ScheduleRow> rows, co_await std::move(list));
    Json next;
    if (rows.size() > limit) {
      rows.resize(limit);
      next = rows.back().id;
    }
    std::vector<Json> items;
    for (const ScheduleRow& row : rows) {
      auto recent = RecentJson(row, 1);
      ASSIGN_OR_CO_RETURN(const Json last, co_await std::move(recent));
      items.push_back(Json::WithMember(ScheduleJson(row, upcoming), "last", last.At(0)));
    }
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Get(Request& request) {
    ASSIGN_OR_CO_RETURN(const Upcoming upcoming, UpcomingFrom(request));
    auto find = Find(request);
    ASSIGN_OR_CO_RETURN(ScheduleRow row, co_await std::move(find));
    co_return co_await View(200, std::move(row), upcoming);
  }

  Reply Create(Request& request) {
    auto read = Body(request);
    ASSIGN_OR_CO_RETURN(const auto body, co_await std::move(read));
    if (body.answered) co_return *std::move(body.answered);
    CO_RETURN_IF_ERROR(CheckMembers(body.json, {"paused", "note"}));
    ScheduleRow row{.account = AccountOf(request), .kind = ScheduleKind::kTimes};
    auto fill = Fill(std::move(row), body.json);
    ASSIGN_OR_CO_RETURN(row, co_await std::move(fill));
    if (body.json["id"].IsNull())
      row.id = FreshId(row.workflow);
    else {
      ASSIGN_OR_CO_RETURN(row.id, CheckedId(body.json["id"].StringOr("")));
    }
    row.paused = body.json["paused"].BoolOr(false);
    ASSIGN_OR_CO_RETURN(row.note, NoteIn(body.json));
    auto create = service_.scheduler().Create(std::move(row));
    ASSIGN_OR_CO_RETURN(row, co_await std::move(create));
    const std::string id = row.id;
    auto view = View(201, std::move(row), {});
    ASSIGN_OR_CO_RETURN(Response response, co_await std::move(view));
    response.headers.Set("location", "/v1/schedules/" + id);
    co_return response;
  }

  Reply Change(Request& request) {
    auto read = Body(request);
    ASSIGN_OR_CO_RETURN(const auto body, co_await std::move(read));
    if (body.answered) co_return *std::move(body.answered);
    CO_RETURN_IF_ERROR(CheckMembers(body.json));
    auto find = Find(request);
    ASSIGN_OR_CO_RETURN(ScheduleRow row, co_await std::move(find));
    if (!body.json["id"].IsNull() && body.json["id"].StringOr("") != row.id)
      co_return Wrong("the id of a schedule stays", "create another one, and delete this one");
    auto fill = Fill(std::move(row), body.json);
    ASSIGN_OR_CO_RETURN(row, co_await std::move(fill));
    auto change = service_.scheduler().Change(std::move(row));
    ASSIGN_OR_CO_RETURN(row, co_await std::move(change));
    co_return co_await View(200, std::move(row), {});
  }

  Reply Delete(Request& request) {
    auto ask_why = NoteSent(request);
    ASSIGN_OR_CO_RETURN(const std::string text, co_await std::move(ask_why));
    auto ask = FromLeader(service_, request, text);
    ASSIGN_OR_CO_RETURN(auto theirs, co_await std::move(ask));
    if (theirs) co_return *std::move(theirs);
    auto erase = service_.scheduler().Delete(AccountOf(request), IdOf(request));
    CO_RETURN_IF_ERROR(co_await std::move(erase));
    co_return net::EmptyResponse();
  }

  Reply Pause(Request& request) { return SetPaused(request, true); }
  Reply Resume(Request& request) { return SetPaused(request, false); }

  Reply Trigger(Request& request) {
    auto ask_why = NoteSent(request);
    ASSIGN_OR_CO_RETURN(const std::string text, co_await std::move(ask_why));
    auto ask = FromLeader(service_, request, text);
    ASSIGN_OR_CO_RETURN(auto theirs, co_await std::move(ask));
    if (theirs) co_return *std::move(theirs);
    auto trigger = service_.scheduler().Trigger(AccountOf(request), IdOf(request));
    ASSIGN_OR_CO_RETURN(const ExecutionId id, co_await std::move(trigger));
    Response response = net::JsonResponse(201, Json::Object({{"execution", id.ToString()}}));
    response.headers.Set("location", "/v1/executions/" + id.ToString());
    co_return response;
  }

  Reply Backfill(Request& request) {
    auto read = Body(request);
    ASSIGN_OR_CO_RETURN(const auto body, co_await std::move(read));
    if (body.answered) co_return *std::move(body.answered);
    ASSIGN_OR_CO_RETURN(const auto from_us, TimeIn(body.json, "from"));
    ASSIGN_OR_CO_RETURN(const auto until_us, TimeIn(body.json, "until"));
    if (!from_us || !until_us || *until_us < *from_us)
      co_return Wrong("a backfill needs a time `from` and a time `until` that is not before it");
    if (body.json["dry_run"].BoolOr(false)) {
      auto foresee = Foresee(request, *from_us, *until_us);
      co_return co_await std::move(foresee);
    }
    auto fill = service_.scheduler().Backfill(AccountOf(request), IdOf(request), *from_us, *until_us,
                                              body.json["at_once"].BoolOr(false));
    ASSIGN_OR_CO_RETURN(ScheduleRow row, co_await std::move(fill));
    co_return co_await View(202, std::move(row), {});
  }

  // When a draft would start something.
  Reply Preview(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckMembers(body, {"count", "from"}));
    const std::int64_t count = body["count"].IntOr(10);
    if (count < 1 || count > static_cast<std::int64_t>(kTimesMax))
      co_return Wrong(fmt::format("count must be 1 to {}", kTimesMax));
    ASSIGN_OR_CO_RETURN(const auto from_us, TimeIn(body, "from"));
    ASSIGN_OR_CO_RETURN(const ScheduleSpec spec, ScheduleSpec::FromJson(body));
    const std::string seed = AccountOf(request).ToString() + "/" + std::string(body["id"].StringOr(""));
    ASSIGN_OR_CO_RETURN(const Timetable timetable, TimetableOf(spec, seed));
    const auto times =
        timetable.Between(from_us.value_or(SystemClock().Now().micros() + 1),
                          std::numeric_limits<std::int64_t>::max(), static_cast<std::size_t>(count));
    co_return net::JsonResponse(200, Json::Object({{"upcoming", TimesJson(timetable, times)}}));
  }

 private:
  static std::string IdOf(const Request& request) { return std::string(request.PathParameter("id")); }

  static Result<ScheduleFilter> FilterFrom(const Request& request) {
    ScheduleFilter filter;
    const std::string workflow = request.QueryParameter("workflow").value_or("");
    const std::size_t dot = workflow.find('.');
    filter.name_space = dot == std::string::npos ? "" : workflow.substr(0, dot);
    filter.workflow = dot == std::string::npos ? workflow : workflow.substr(dot + 1);
    const std::string paused = request.QueryParameter("paused").value_or("");
    if (!paused.empty() && paused != "true" && paused != "false")
      return Wrong("paused must be true or false");
    if (!paused.empty()) filter.paused = paused == "true";
    filter.part = request.QueryParameter("query").value_or("");
    if (filter.part.size() > 200) return Wrong("query may have 200 characters at most");
    filter.after = request.QueryParameter("cursor").value_or("");
    return filter;
  }

  // ?from=&until=: the times in this range, else the next five.
  static Result<Upcoming> UpcomingFrom(const Request& request) {
    Upcoming upcoming;
    ASSIGN_OR_RETURN(upcoming.from_us, TimeParameter(request, "from"));
    ASSIGN_OR_RETURN(upcoming.until_us, TimeParameter(request, "until"));
    if (upcoming.from_us || upcoming.until_us) upcoming.count = kTimesMax;
    return upcoming;
  }

  struct Sent {
    Json json;
    std::optional<Response> answered{};  // by the node that keeps the schedules
  };
  Task<Sent> Body(Request& request) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string text, co_await std::move(read));
    Sent body{.json = Json::EmptyObject()};
    if (!text.empty()) {
      ASSIGN_OR_CO_RETURN(body.json, ParseJson(text));
    }
    if (!body.json.IsObject()) co_return Wrong("the body must be an object");
    CO_RETURN_IF_ERROR(CheckNote(body.json));
    auto ask = FromLeader(service_, request, text);
    ASSIGN_OR_CO_RETURN(body.answered, co_await std::move(ask));
    co_return std::move(body);
  }

  Task<ScheduleRow> Find(const Request& request) {
    auto find = service_.scheduler().store().Find(AccountOf(request), IdOf(request));
    ASSIGN_OR_CO_RETURN(std::optional<ScheduleRow> row, co_await std::move(find));
    if (!row || row->kind == ScheduleKind::kNone)
      co_return Fail(ErrorCode::kNotFound, fmt::format("no schedule '{}'", IdOf(request).substr(0, 130)),
                     "GET /v1/schedules lists them");
    co_return *std::move(row);
  }

  // The row with what the body says of it; null is what a new one has.
  Task<ScheduleRow> Fill(ScheduleRow row, Json body) {
    if (row.is_documents()) {
      for (const char* name : {"times", "workflow", "version", "input"}) {
        if (body.Find(name) != nullptr)
          co_return Wrong(fmt::format("{} of this schedule follows from its document", name),
                          "publish another version, or make a schedule of your own");
      }
    } else {
      auto target = FillTarget(std::move(row), body);
      ASSIGN_OR_CO_RETURN(row, co_await std::move(target));
    }
    Json spec = row.spec.ToJson();
    for (const auto& [name, value] : body.AsObject()) {
      if (ScheduleSpec::Knows(name.AsString())) spec = Json::WithMember(std::move(spec), name, value);
    }
    const bool is_documents = row.is_documents();
    const Json times = row.spec.times;
    ASSIGN_OR_CO_RETURN(row.spec, ScheduleSpec::FromJson(spec));
    if (is_documents) {
      row.spec.times = times;
      if (body["overlap"].IsNull() && body.Find("overlap") != nullptr)
        row.spec.policy.overlap = Overlap::kAllow;
      auto zone = TimeZone::Load(row.spec.zone);
      if (!zone) co_return Wrong("timezone: " + zone.error().message, zone.error().hint);
    } else {
      CO_RETURN_IF_ERROR(TimetableOf(row.spec, ""));
    }
    co_return std::move(row);
  }

  // What it starts.
  Task<ScheduleRow> FillTarget(ScheduleRow row, Json body) {
    if (body.Find("input") != nullptr) {
      row.input = body["input"];
      row.has_input = !row.input.IsNull();
      if (BytesOf(row.input) > kInputBytesMax) co_return Wrong("input may have 64 KiB at most");
      CO_RETURN_IF_ERROR(CheckInput(row.input));
    }
    for (const char* name : {"workflow", "version"}) {
      if (!body[name].IsNull() && !body[name].IsString())
        co_return Wrong(fmt::format("{} must be a text", name));
    }
    if (body.Find("version") != nullptr) row.version = body["version"].StringOr("");
    const std::string_view workflow = body["workflow"].StringOr("");
    if (workflow.empty() && row.workflow.empty())
      co_return Wrong("workflow is missing", "the name of a published one, or namespace.name");
    if (workflow.empty() && body.Find("version") == nullptr) co_return std::move(row);
    auto resolve = service_.ResolveProgram(
        row.account, workflow.empty() ? row.name_space + "." + row.workflow : std::string(workflow),
        row.version);
    const auto resolved = co_await std::move(resolve);
    if (!resolved && resolved.error().code == ErrorCode::kUnavailable) co_return Fail(resolved.error());
    if (!resolved) co_return Wrong("workflow: " + resolved.error().message, resolved.error().hint);
    row.name_space = resolved->name_space;
    row.workflow = resolved->name;
    co_return std::move(row);
  }

  Reply SetPaused(Request& request, bool paused) {
    auto read = Body(request);
    ASSIGN_OR_CO_RETURN(const auto body, co_await std::move(read));
    if (body.answered) co_return *std::move(body.answered);
    ASSIGN_OR_CO_RETURN(std::string note, NoteIn(body.json));
    auto set = service_.scheduler().SetPaused(AccountOf(request), IdOf(request), paused, std::move(note));
    ASSIGN_OR_CO_RETURN(ScheduleRow row, co_await std::move(set));
    co_return co_await View(200, std::move(row), {});
  }

  Reply Foresee(Request& request, std::int64_t from_us, std::int64_t until_us) {
    auto find = Find(request);
    ASSIGN_OR_CO_RETURN(const ScheduleRow row, co_await std::move(find));
    ASSIGN_OR_CO_RETURN(TimeZone zone, TimeZone::Load(row.spec.zone));
    ASSIGN_OR_CO_RETURN(const Timetable timetable,
                        Timetable::Create(row.spec, std::move(zone), row.account.ToString() + "/" + row.id));
    auto times = timetable.Between(from_us, until_us + 1, Scheduler::kBackfillTimesMax + 1);
    const bool too_many = times.size() > Scheduler::kBackfillTimesMax;
    const std::size_t count = std::min(times.size(), Scheduler::kBackfillTimesMax);
    times.resize(std::min(times.size(), kTimesMax));
    co_return net::JsonResponse(200, Json::Object({{"count", count},
                                                   {"too_many", too_many},
                                                   {"count_max", Scheduler::kBackfillTimesMax},
                                                   {"times", TimesJson(timetable, times)}}));
  }

  Reply View(int status, ScheduleRow row, Upcoming upcoming) {
    auto read = RecentJson(row, Progress::kLogMax);
    ASSIGN_OR_CO_RETURN(Json recent, co_await std::move(read));
    Json view = Json::WithMember(ScheduleJson(row, upcoming), "input", row.input);
    co_return net::JsonResponse(status, Json::WithMember(std::move(view), "recent", std::move(recent)));
  }

  // The newest first, with what became of the executions.
  Task<Json> RecentJson(ScheduleRow row, std::size_t most) {
    std::vector<Json> list;
    for (auto entry = row.progress.log.rbegin(); entry != row.progress.log.rend() && list.size() < most;
         ++entry) {
      RecentEntry recent = RecentFrom(row, *entry);
      if (recent.execution) {
        auto find = service_.FindExecution(row.account, *recent.execution);
        const auto record = co_await std::move(find);
        if (!record && record.error().code != ErrorCode::kNotFound) co_return Fail(record.error());
        const Json status = record ? Json(engine::NameOf(record->phase)) : Json();
        recent.json = Json::WithMember(std::move(recent.json), "status", status);
      }
      list.push_back(std::move(recent.json));
    }
    co_return Json::Array(std::move(list));
  }

  WorkflowService& service_;
};

}  // namespace

void AddScheduleRoutes(net::Router& router, WorkflowService& service) {
  const auto routes = std::make_shared<ScheduleRoutes>(service);
  const auto add = [&](Method method, std::string_view pattern, Reply (ScheduleRoutes::*handler)(Request&)) {
    router.Add(method, pattern, [routes, handler](Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kGet, "/v1/schedules", &ScheduleRoutes::List);
  add(Method::kPost, "/v1/schedules", &ScheduleRoutes::Create);
  add(Method::kPost, "/v1/schedules/preview", &ScheduleRoutes::Preview);
  add(Method::kGet, "/v1/schedules/{id}", &ScheduleRoutes::Get);
  add(Method::kPatch, "/v1/schedules/{id}", &ScheduleRoutes::Change);
  add(Method::kDelete, "/v1/schedules/{id}", &ScheduleRoutes::Delete);
  add(Method::kPost, "/v1/schedules/{id}/pause", &ScheduleRoutes::Pause);
  add(Method::kPost, "/v1/schedules/{id}/resume", &ScheduleRoutes::Resume);
  add(Method::kPost, "/v1/schedules/{id}/trigger", &ScheduleRoutes::Trigger);
  add(Method::kPost, "/v1/schedules/{id}/backfill", &ScheduleRoutes::Backfill);
}

}  // namespace elevaite::workflow

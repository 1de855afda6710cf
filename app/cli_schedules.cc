// elevaite schedules ls|show|apply|pause|resume|trigger|backfill|rm: over the API of a running server.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"
#include "foundation/yaml.h"

namespace elevaite::app {
namespace {

std::string PathOf(const std::string& id, std::string_view rest = "") {
  return "/v1/schedules/" + PercentEncode(id) + std::string(rest);
}

// "30 2 * * MON-FRI", "every 15m": what is most worth knowing of a time.
std::string TimeText(const Json& time) {
  for (const auto& [name, value] : time.AsObject()) {
    if (name.AsString() == "cron") return std::string(value.StringOr(""));
    if (name.AsString() == "offset") continue;
    return fmt::format("{} {}", name.AsString(), value.IsString() ? value.AsString() : value.Dump());
  }
  return "";
}

std::string TimesText(const Json& schedule) {
  std::string text;
  for (const Json& time : schedule["times"].AsArray()) text += (text.empty() ? "" : "; ") + TimeText(time);
  return text;
}

std::string StateText(const Json& schedule) {
  if (!schedule["paused"].BoolOr(false)) return "";
  const std::string_view note = schedule["note"].StringOr("");
  return note.empty() ? "paused" : fmt::format("paused: {}", note);
}

void PrintSchedules(const Json& page) {
  std::vector<std::vector<std::string>> rows{{"ID", "WORKFLOW", "WHEN", "ZONE", "NEXT", "STATE"}};
  for (const Json& one : page["items"].AsArray())
    rows.push_back({std::string(one["id"].StringOr("")), std::string(one["workflow"].StringOr("")),
                    TimesText(one), std::string(one["timezone"].StringOr("")),
                    std::string(one["next_at"].StringOr("")), StateText(one)});
  if (rows.size() == 1) {
    std::puts("nothing starts by itself");
  } else {
    PrintTable(rows);
  }
  if (page["next_cursor"].IsString()) std::puts("there are more: narrow the list with --query or --workflow");
}

void PrintTimes(const Json& times) {
  for (const Json& time : times.AsArray()) {
    fmt::print("  {}  {}\n", time["at"].StringOr(""), Styled(time["local"].StringOr(""), Style::kDim));
    if (const Json& remark = time["remark"]; remark.IsString()) fmt::print("    {}\n", remark.AsString());
  }
}

void PrintSchedule(const Json& one) {
  fmt::print("{}  starts {}.{} {}\n", Styled(one["id"].StringOr(""), Style::kBold),
             one["namespace"].StringOr(""), one["workflow"].StringOr(""),
             one["version"].StringOr("(latest)"));
  fmt::print("{} in {}; overlap {}, catch up {}\n", TimesText(one), one["timezone"].StringOr(""),
             one["overlap"].StringOr(""), one["catch_up"].StringOr(""));
  if (const std::string state = StateText(one); !state.empty())
    fmt::print("{}\n", Styled(state, Style::kYellow));
  if (one["upcoming"].Size() > 0) std::puts("next");
  PrintTimes(one["upcoming"]);
  std::vector<std::vector<std::string>> rows{{"LATELY", "AT", "CAUSE", "EXECUTION"}};
  for (const Json& entry : one["recent"].AsArray()) {
    const std::string_view status = entry["status"].StringOr("");
    rows.push_back({status.empty() ? std::string(entry["what"].StringOr("")) : StatusText(status),
                    std::string(entry["at"].StringOr("")), std::string(entry["cause"].StringOr("")),
                    std::string(entry["execution"].StringOr(""))});
  }
  if (rows.size() > 1) PrintTable(rows);
}

Result<Json> DraftFrom(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, "cannot read " + file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto node = yaml::Read(text);
  if (!node) return Fail(node.error().ToError(file));
  const Json draft = node->value();
  if (!draft["id"].IsString())
    return Fail(ErrorCode::kInvalidArgument, file + " has no `id`",
                "a schedule that is applied again and again is known by its id");
  return draft;
}

// Made, or changed when there is one of its id.
int Apply(ApiClient& client, const ClientOptions& options, const std::string& file) {
  const auto draft = DraftFrom(file);
  if (!draft) return Report(draft.error());
  const std::string id(draft.value()["id"].AsString());
  auto reply = client.Send("POST", "/v1/schedules", *draft);
  const bool is_there = reply && reply->status == 409;
  if (is_there) reply = client.Send("PATCH", PathOf(id), *draft);
  return Show(options, reply,
              [&](const Json&) { fmt::print("{} {}\n", id, is_there ? "changed" : "created"); });
}

}  // namespace

int ListSchedules(const ClientOptions& options, const ScheduleQuery& query) {
  ApiClient client(options.server, {options.by, options.reason});
  net::QueryParameters parameters{{"limit", "200"}};
  if (!query.workflow.empty()) parameters.emplace_back("workflow", query.workflow);
  if (!query.part.empty()) parameters.emplace_back("query", query.part);
  if (query.paused) parameters.emplace_back("paused", "true");
  return Show(options, client.Get("/v1/schedules?" + net::BuildQuery(parameters)), PrintSchedules);
}

int ShowSchedule(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(PathOf(id)), PrintSchedule);
}

int ApplySchedules(const ClientOptions& options, const std::vector<std::string>& files) {
  ApiClient client(options.server, {options.by, options.reason});
  int code = kDone;
  for (const std::string& file : files) {
    if (const int done = Apply(client, options, file); done != kDone) code = done;
  }
  return code;
}

int PauseSchedule(const ClientOptions& options, const std::string& id, const std::string& note) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("POST", PathOf(id, "/pause"), Json::Object({{"note", note}})),
              [&](const Json&) { fmt::print("{} is paused\n", id); });
}

int ResumeSchedule(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("POST", PathOf(id, "/resume"), Json()), [&](const Json& schedule) {
    fmt::print("{} goes on, next at {}\n", id, schedule["next_at"].StringOr("(no time)"));
  });
}

int TriggerSchedule(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("POST", PathOf(id, "/trigger"), Json()),
              [](const Json& started) { fmt::print("{}\n", started["execution"].StringOr("")); });
}

int BackfillSchedule(const ClientOptions& options, const BackfillRequest& backfill) {
  ApiClient client(options.server, {options.by, options.reason});
  const Json body = Json::Object({{"from", backfill.from},
                                  {"until", backfill.until},
                                  {"at_once", backfill.at_once},
                                  {"dry_run", backfill.dry_run}});
  return Show(options, client.Send("POST", PathOf(backfill.id, "/backfill"), body), [&](const Json& answer) {
    if (!backfill.dry_run) {
      fmt::print("{} fills in past times\n", backfill.id);
      return;
    }
    fmt::print("{}{} would start\n", answer["too_many"].BoolOr(false) ? "more than " : "",
               answer["count"].IntOr(0));
    PrintTimes(answer["times"]);
  });
}

int DeleteSchedule(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("DELETE", PathOf(id), Json()),
              [&](const Json&) { fmt::print("{} is deleted\n", id); });
}

}  // namespace elevaite::app

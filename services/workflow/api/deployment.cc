#include "services/workflow/api/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "services/workflow/api/api.h"
#include "services/workflow/schedule/timetable.h"

namespace elevaite::workflow {
namespace {

constexpr std::size_t kUpcomingMax = 5;

Result<void> CheckMembers(const Json& object, std::string_view what,
                          std::initializer_list<std::string_view> known, std::string_view hint) {
  for (const auto& [name, value] : object.AsObject()) {
    if (std::ranges::find(known, name.AsString()) != known.end()) continue;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}{} is not known", what, name.AsString().substr(0, 80)), std::string(hint));
  }
  return {};
}

Result<ScheduleSettings> ScheduleFrom(const Json& schedule) {
  if (!schedule.IsObject()) return Fail(ErrorCode::kInvalidArgument, "schedule must be an object");
  RETURN_IF_ERROR(CheckMembers(schedule, "schedule.",
                               {"timezone", "overlap", "catch_up", "paused", "next_at", "upcoming"},
                               "it has timezone, overlap, catch_up and paused"));
  ScheduleSettings settings;
  if (const Json& zone = schedule["timezone"]; zone.IsString()) {
    settings.zone = zone.AsString();
  } else if (!zone.IsNull()) {
    return Fail(ErrorCode::kInvalidArgument, "schedule.timezone must be a text",
                "for example: Europe/Berlin");
  }
  for (auto [name, target] : {std::pair{"overlap", &settings.overlap},
                              {"catch_up", &settings.catch_up},
                              {"paused", &settings.paused}}) {
    const Json& value = schedule[name];
    if (!value.IsBool() && !value.IsNull())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("schedule.{} must be true or false", name));
    *target = value.BoolOr(*target);
  }
  return settings;
}

Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }

Json UpcomingJson(const ScheduleRow& row, const dsl::Schedule& schedule) {
  const auto timetable = Timetable::Create(schedule, row.settings.zone, row.settings.catch_up);
  std::vector<Json> times;
  if (timetable) {
    for (const std::int64_t us : timetable->Upcoming(*row.due_us, kUpcomingMax))
      times.push_back(TimeJson(us));
  }
  return Json::Array(std::move(times));
}

}  // namespace

Result<ScheduleSettings> DeploymentFrom(const Json& body) {
  if (!body.IsObject() || !body.Find("schedule")) {
    return Fail(ErrorCode::kInvalidArgument, "the body must have a member `schedule`",
                "schedule: {timezone, overlap, catch_up, paused}");
  }
  RETURN_IF_ERROR(CheckMembers(body, "", {"schedule"}, "it has schedule; webhooks are at /v1/webhooks"));
  return ScheduleFrom(*body.Find("schedule"));
}

Json ScheduleJson(const ScheduleRow& row, const dsl::Schedule* schedule) {
  const bool due = row.due_us && !row.settings.paused;
  return Json::Object({{"timezone", row.settings.zone},
                       {"overlap", row.settings.overlap},
                       {"catch_up", row.settings.catch_up},
                       {"paused", row.settings.paused},
                       {"next_at", due ? TimeJson(*row.due_us) : Json()},
                       {"upcoming", due && schedule ? UpcomingJson(row, *schedule) : Json::Array({})}});
}

}  // namespace elevaite::workflow

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

constexpr std::chrono::milliseconds kHookWaitMax{60'000};
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

bool IsHookPath(std::string_view path) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  };
  return !path.empty() && path.size() <= 200 && std::ranges::all_of(path, fits) && path.front() != '/' &&
         path.back() != '/' && path.find("//") == std::string_view::npos &&
         path.find("..") == std::string_view::npos;
}

Result<std::optional<Webhook>> WebhookFrom(const Json& hook) {
  if (hook.IsNull()) return std::nullopt;
  if (!hook.IsObject()) return Fail(ErrorCode::kInvalidArgument, "webhook must be an object or null");
  // `url` may come back as this server told it.
  RETURN_IF_ERROR(
      CheckMembers(hook, "webhook.", {"path", "method", "wait", "url"}, "it has path, method and wait"));
  for (const auto& [name, value] : hook.AsObject()) {
    if (!value.IsString() && !value.IsNull())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("webhook.{} must be a text", name.AsString()));
  }
  Webhook webhook{.path = std::string(hook["path"].StringOr("")),
                  .method = std::string(hook["method"].StringOr("POST"))};
  if (!IsHookPath(webhook.path)) {
    return Fail(ErrorCode::kInvalidArgument,
                "webhook.path must have 1 to 200 letters, digits or any of - _ . /",
                "for example: orders/new");
  }
  if (webhook.method != "POST" && webhook.method != "GET")
    return Fail(ErrorCode::kInvalidArgument, "webhook.method must be POST or GET");
  ASSIGN_OR_RETURN(const auto wait, ParseWait(hook["wait"].StringOr(""), kHookWaitMax));
  webhook.wait_ms = wait.count();
  return webhook;
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

Result<DeploymentChange> DeploymentFrom(const Json& body) {
  if (!body.IsObject() || (!body.Find("webhook") && !body.Find("schedule"))) {
    return Fail(ErrorCode::kInvalidArgument, "the body must have a member `webhook` or `schedule`",
                "webhook: an object, or null to clear it; schedule: {timezone, overlap, catch_up, paused}");
  }
  RETURN_IF_ERROR(CheckMembers(body, "", {"webhook", "schedule"}, "it has webhook and schedule"));
  DeploymentChange change;
  if (const Json* hook = body.Find("webhook")) {
    ASSIGN_OR_RETURN(change.webhook, WebhookFrom(*hook));
  }
  if (const Json* schedule = body.Find("schedule")) {
    ASSIGN_OR_RETURN(change.schedule, ScheduleFrom(*schedule));
  }
  return change;
}

Json WebhookJson(const std::optional<Webhook>& webhook) {
  if (!webhook) return {};
  return Json::Object({{"path", webhook->path},
                       {"method", webhook->method},
                       {"wait", webhook->wait_ms > 0 ? Json(fmt::format("{}ms", webhook->wait_ms)) : Json()},
                       {"url", "/hooks/" + webhook->path}});
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

#include "services/workflow/api/schedule_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace elevaite::workflow {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }

// "02:30", "02:30:15"
std::string ClockText(std::int64_t wall) {
  const std::int64_t second = wall % 60;
  const std::string text = fmt::format("{:02}:{:02}", wall / 3'600 % 24, wall / 60 % 60);
  return second == 0 ? text : fmt::format("{}:{:02}", text, second);
}

// "2026-03-29T03:00:00+02:00"
std::string LocalText(const TimeZone& zone, std::int64_t us) {
  const std::int64_t unix = us / kSecondUs;
  const std::int64_t wall = zone.WallOf(unix);
  const std::int64_t minutes = (wall - unix) / 60;
  std::string text = Timestamp::FromMicros(wall * kSecondUs).ToRfc3339(Timestamp::Precision::kSeconds);
  text.pop_back();  // the Z
  return fmt::format("{}{}{:02}:{:02}", text, minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     std::abs(minutes) % 60);
}

std::string RemarkOn(const ClockChange& change, const std::string& local) {
  if (change.kind == ClockChange::Kind::kRepeated)
    return fmt::format("Clocks show {} twice on this day; it starts the first time", ClockText(change.wall));
  return fmt::format("Clocks jump over {} on this day; it starts right behind the gap, at {}",
                     ClockText(change.wall), local.substr(11, 5));
}

Json UpcomingJson(const ScheduleRow& row, const Upcoming& upcoming) {
  const auto due_us = row.progress.due_us;
  auto zone = TimeZone::Load(row.spec.zone);
  if (!due_us || row.paused || !zone) return Json::EmptyArray();
  const auto timetable = Timetable::Create(row.spec, *std::move(zone), row.account.ToString() + "/" + row.id);
  if (!timetable) return Json::EmptyArray();
  if (row.kind != ScheduleKind::kTimes) return TimesJson(*timetable, {*due_us});
  const std::int64_t from_us = std::max(*due_us, upcoming.from_us.value_or(*due_us));
  const std::int64_t until_us = upcoming.until_us.value_or(std::numeric_limits<std::int64_t>::max());
  return TimesJson(*timetable, timetable->Between(from_us, until_us, upcoming.count));
}

std::string_view NameOf(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::kAfter: return "after";
    case ScheduleKind::kEvents: return "events";
    default: return "times";
  }
}

Json OpenJson(const Progress& progress) {
  std::vector<Json> ids;
  for (const Progress::Open& one : progress.open) ids.emplace_back(one.id.ToString());
  return Json::Array(std::move(ids));
}

Json BackfillsJson(const Progress& progress) {
  std::vector<Json> list;
  for (const Progress::Backfill& one : progress.backfills)
    list.push_back(Json::Object({{"asked_at", TimeJson(one.asked_us)},
                                 {"next_from", TimeJson(one.next_us)},
                                 {"until", TimeJson(one.until_us)},
                                 {"at_once", one.at_once}}));
  return Json::Array(std::move(list));
}

// What EventTrigger keeps, counted.
Json CollectedJson(const Progress& progress) {
  const Json& trigger = progress.collected["trigger"];
  std::int64_t events = 0;
  std::int64_t starts = 0;
  if (trigger["collections"].IsArray()) {
    for (const Json& one : trigger["collections"].AsArray()) {
      events += one["read"].IsArray() ? std::ssize(one["read"].AsArray()) : 0;
      ++starts;
    }
  }
  return Json::Object({{"events", events}, {"starts", starts}, {"forgotten", trigger["forgotten"].IntOr(0)}});
}

}  // namespace

Json TimesJson(const Timetable& timetable, const std::vector<std::int64_t>& times) {
  std::vector<Json> list;
  for (const std::int64_t us : times) {
    const std::string local = LocalText(timetable.zone(), us);
    Json time = Json::Object(
        {{"at", TimeJson(us)}, {"starts_at", TimeJson(timetable.StartsAt(us))}, {"local", local}});
    if (const auto change = timetable.ClockChangeAt(us)) {
      const bool skipped = change->kind == ClockChange::Kind::kSkipped;
      time = Json::WithMember(std::move(time), "clock", skipped ? "skipped" : "repeated");
      time = Json::WithMember(std::move(time), "remark", RemarkOn(*change, local));
    }
    list.push_back(std::move(time));
  }
  return Json::Array(std::move(list));
}

Json ScheduleJson(const ScheduleRow& row, const Upcoming& upcoming) {
  const bool is_due = row.progress.due_us && !row.paused;
  std::vector<Json::Member> members{
      {"id", row.id},
      {"origin", row.is_documents() ? "document" : "object"},
      {"kind", NameOf(row.kind)},
      {"namespace", row.name_space},
      {"workflow", row.workflow},
      {"version", row.version.empty() ? Json() : Json(row.version)},
      {"has_input", row.has_input},
      {"paused", row.paused},
      {"note", row.note},
      {"next_at", is_due ? TimeJson(*row.progress.due_us) : Json()},
      {"upcoming", UpcomingJson(row, upcoming)},
      {"running", OpenJson(row.progress)},
      {"backfills", BackfillsJson(row.progress)},
      {"collected", row.kind == ScheduleKind::kEvents ? CollectedJson(row.progress) : Json()},
      {"created_at", row.created_us > 0 ? TimeJson(row.created_us) : Json()},
      {"updated_at", row.updated_us > 0 ? TimeJson(row.updated_us) : Json()}};
  const Json spec = row.spec.ToJson();
  for (const Json::Member& member : spec.AsObject()) members.push_back(member);
  return Json::Object(std::move(members));
}

RecentEntry RecentFrom(const ScheduleRow& row, const Progress::Entry& entry) {
  RecentEntry recent;
  if (entry.what == Progress::What::kStarted) recent.execution = entry.occasion().IdFor(row.account, row.id);
  recent.json = Json::Object({{"what", NameOf(entry.what)},
                              {"cause", NameOf(entry.cause)},
                              {"at", TimeJson(entry.time_us)},
                              {"execution", recent.execution ? Json(recent.execution->ToString()) : Json()}});
  return recent;
}

}  // namespace elevaite::workflow

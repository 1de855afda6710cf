#include "services/workflow/notifications/occasion.h"

#include <algorithm>
#include <array>

#include "engine/machine/labels.h"
#include "foundation/clock.h"
#include "foundation/utf8.h"
#include "services/workflow/execution_view.h"

namespace elevaite::notifications {
namespace {

using engine::EventHub;
using engine::EventType;

constexpr std::size_t kErrorTextBytesMax = 2'000;

struct KindRow {
  Kind kind;
  std::string_view name;
  std::string_view event;       // "": it is made from no event
  EventHub::EventTypes of = 0;  // the journal's
};
constexpr std::array<KindRow, 11> kKinds{{
    {Kind::kFailed, "execution.failed", "io.serverlessworkflow.workflow.faulted.v1",
     EventHub::Bit(EventType::kExecutionFaulted)},
    {Kind::kCompleted, "execution.completed", "io.serverlessworkflow.workflow.completed.v1",
     EventHub::Bit(EventType::kExecutionCompleted)},
    {Kind::kCancelled, "execution.cancelled", "io.serverlessworkflow.workflow.cancelled.v1",
     EventHub::Bit(EventType::kExecutionCancelled)},
    {Kind::kWaiting, "execution.waiting", ""},
    {Kind::kParked, "execution.parked", "io.serverlessworkflow.task.suspended.v1",
     EventHub::Bit(EventType::kTaskParked)},
    {Kind::kTaskOpened, "task.opened", "elevaite.human.created"},
    {Kind::kTaskReminder, "task.reminder", "elevaite.human.reminder"},
    {Kind::kTaskEscalated, "task.escalated", "elevaite.human.escalated"},
    {Kind::kTaskOverdue, "task.overdue", "elevaite.human.expired"},
    {Kind::kSchedulePaused, "schedule.paused", "elevaite.schedule.paused"},
    {Kind::kTest, "test", ""},
}};

const KindRow& RowOf(Kind kind) { return *std::ranges::find(kKinds, kind, &KindRow::kind); }

// "<workflow>-<execution>.<namespace>"
Place PlaceIn(std::string_view instance, std::string_view execution) {
  const std::size_t at = instance.find("-" + std::string(execution) + ".");
  if (at == std::string_view::npos) return {};
  return {.name_space = std::string(instance.substr(at + execution.size() + 2)),
          .workflow = std::string(instance.substr(0, at))};
}

Json Shortened(const Json& text) {
  return text.IsString() ? Json(Utf8Prefix(text.AsString(), kErrorTextBytesMax)) : Json();
}

Json ErrorJson(const Json& error) {
  if (!error.IsObject()) return {};
  return Json::Object({{"type", Shortened(error["type"])},
                       {"status", error["status"].IsNumber() ? error["status"] : Json()},
                       {"title", Shortened(error["title"])},
                       {"detail", Shortened(error["detail"])}});
}

Json HumanTaskJson(const Json& task) {
  return Json::Object({{"id", task["id"]},
                       {"title", task["title"]},
                       {"assignee", task["assignee"]},
                       {"role", task["role"]},
                       {"deadline", task["deadline"]},
                       {"url", task["href"]}});
}

void ReadLifecycle(const Json& data, Occasion& occasion) {
  const std::string execution = occasion.execution ? occasion.execution->ToString() : "";
  const Json& instance = occasion.kind == Kind::kParked ? data["workflow"] : data["name"];
  occasion.place = PlaceIn(instance.StringOr(""), execution);
  std::vector<Json::Member> details;
  if (const Json error = ErrorJson(data["error"]); !error.IsNull()) details.emplace_back("error", error);
  if (data["task"].IsString()) details.emplace_back("task", data["task"]);
  occasion.details = Json::Object(std::move(details));
}

void ReadHuman(const Json& data, Occasion& occasion) {
  const Json& task = data["task"];
  occasion.place = {.name_space = std::string(task["namespace"].StringOr("")),
                    .workflow = std::string(task["workflow"].StringOr(""))};
  occasion.details = Json::Object({{"human_task", HumanTaskJson(task)}, {"task", task["ref"]}});
}

void ReadSchedule(const Json& data, Occasion& occasion) {
  occasion.place = {.name_space = std::string(data["namespace"].StringOr("")),
                    .workflow = std::string(data["workflow"].StringOr(""))};
  occasion.details = Json::Object(
      {{"schedule", Json::Object({{"id", data["schedule"]}, {"note", Shortened(data["note"])}})}});
}

Json TimeJson(std::int64_t us) { return us == 0 ? Json() : Json(Timestamp::FromMicros(us).ToRfc3339()); }

std::string UrlOf(const Occasion& occasion, std::string_view base_url) {
  const std::string base(base_url);
  if (const Json& url = occasion.details["human_task"]["url"]; url.IsString())
    return std::string(url.AsString());
  if (const Json& id = occasion.details["schedule"]["id"]; id.IsString())
    return base + "/schedules/" + std::string(id.AsString());
  if (occasion.execution) return base + "/executions/" + occasion.execution->ToString();
  return base + "/notifications";
}

}  // namespace

std::string_view NameOf(Kind kind) { return RowOf(kind).name; }

std::optional<Kind> KindFromName(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &KindRow::name);
  return found == kKinds.end() || found->kind == Kind::kTest ? std::nullopt : std::optional(found->kind);
}

std::string NamesOfKinds() {
  std::string names;
  for (const KindRow& row : kKinds) {
    if (row.kind != Kind::kTest) names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  return names;
}

bool IsGrouped(Kind kind) { return kind <= Kind::kParked; }

std::vector<std::string> EventTypesOf(const Kinds& kinds) {
  std::vector<std::string> types;
  for (const Kind kind : kinds) {
    if (const std::string_view event = RowOf(kind).event; !event.empty()) types.emplace_back(event);
  }
  return types;
}

EventHub::EventTypes JournalEventsOf(const Kinds& kinds) {
  EventHub::EventTypes all = 0;
  for (const Kind kind : kinds) all |= RowOf(kind).of;
  return all;
}

std::optional<Occasion> OccasionOf(const Json& event) {
  const auto row = std::ranges::find(kKinds, event["type"].StringOr("-"), &KindRow::event);
  if (row == kKinds.end()) return std::nullopt;
  const auto time = Timestamp::Parse(event["time"].StringOr(""));
  Occasion occasion{.kind = row->kind,
                    .id = std::string(event["id"].StringOr("")),
                    .time_us = time ? time->micros() : 0,
                    .place = {},
                    .execution = std::nullopt};
  if (auto execution = ExecutionId::Parse(event["subject"].StringOr(""))) occasion.execution = *execution;
  if (row->kind == Kind::kSchedulePaused) {
    ReadSchedule(event["data"], occasion);
  } else if (row->kind >= Kind::kTaskOpened) {
    ReadHuman(event["data"], occasion);
  } else {
    ReadLifecycle(event["data"], occasion);
  }
  // Anybody may send an event of such a type; one that says not where it belongs tells nothing.
  if (occasion.id.empty() || occasion.id.size() > 200 || occasion.place.workflow.empty()) return std::nullopt;
  return occasion;
}

Json ContentOf(const Occasion& occasion, const engine::ExecutionRecord* record, std::string_view base_url) {
  Json execution;
  Json tags = Json::EmptyObject();
  Json attributes = Json::EmptyObject();
  if (record != nullptr) {
    const Json summary = workflow::ExecutionSummaryJson(*record);
    execution = Json::Object({{"id", summary["id"]},
                              {"status", summary["status"]},
                              {"started_at", summary["started_at"]},
                              {"finished_at", summary["finished_at"]},
                              {"duration_ms", summary["duration_ms"]}});
    tags = summary["tags"];
    attributes = summary["attributes"];
  } else if (occasion.execution) {
    execution = Json::Object({{"id", occasion.execution->ToString()}});
  }
  std::vector<Json::Member> members{
      {"id", occasion.id},
      {"type", NameOf(occasion.kind)},
      {"time", TimeJson(occasion.time_us)},
      {"workflow", Json::Object({{"namespace", occasion.place.name_space},
                                 {"name", occasion.place.workflow},
                                 {"version", record == nullptr ? Json() : Json(record->version)}})},
      {"execution", execution},
      {"tags", tags},
      {"attributes", attributes}};
  for (const char* detail : {"error", "task", "human_task", "schedule", "waiting"})
    members.emplace_back(detail, occasion.details[detail]);
  members.emplace_back("count", 1);
  members.emplace_back("url", UrlOf(occasion, base_url));
  return Json::Object(std::move(members));
}

}  // namespace elevaite::notifications

// ScheduleSpec: what somebody wants of a schedule, as the API takes it and the table keeps it.
//
//   {timezone: "Europe/Berlin", times: [{cron: "30 2 * * *"}, {every: "15m", offset: "5m"},
//    {calendar: {days: -1, at: "18:00"}}], exclude: [{date: "2026-12-25"}], jitter: "30s",
//    start_at: "2026-01-01T00:00:00Z", end_at: null, overlap: "skip", catch_up: "one", catch_up_window: "1h",
//    pause_on_failure: false, description: ""}
//
// The times of a document's own schedule stand here too, as they follow from it: also {after: "10m"} and
// {on: ["type"]}, which nobody else may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dsl/program.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::workflow {

// What becomes of a start while an execution that the schedule started still runs.
enum class Overlap : std::uint8_t {
  kSkip,         // it is left out
  kBufferOne,    // one waits for the end, the others are left out
  kBufferAll,    // each waits for the end of the one before
  kCancelOther,  // what runs is cancelled; it starts when that has cleaned up
  kAllow,        // both run
};
std::string_view NameOf(Overlap overlap);

// What becomes of times that were missed because nothing served the schedule: by one start, each, or none.
enum class CatchUp : std::uint8_t { kOne, kAll, kNone };
std::string_view NameOf(CatchUp catch_up);

struct Policy {
  Overlap overlap = Overlap::kSkip;
  CatchUp catch_up = CatchUp::kOne;
  std::optional<std::int64_t> window_us{};  // what was missed by more is left out; nullopt: no bound
  bool pause_on_failure = false;

  friend bool operator==(const Policy&, const Policy&) = default;
};

struct ScheduleSpec {
  static constexpr std::int64_t kJitterMaxUs = 86'400'000'000;
  static constexpr std::size_t kDescriptionBytesMax = 1'000;

  std::string zone = "UTC";
  Json times = Json::EmptyArray();    // see timetable.h
  Json exclude = Json::EmptyArray();  // see exclusions.h
  std::int64_t jitter_us = 0;
  std::optional<std::int64_t> start_us{};
  std::optional<std::int64_t> end_us{};
  Policy policy{};
  std::string description;

  // Reads what is there of the members above; others are not looked at. Checks all but times and exclusions,
  // which Timetable::Create does. kInvalidArgument says which member is wrong.
  static Result<ScheduleSpec> FromJson(const Json& json);
  Json ToJson() const;
  // Whether both are due at the same times.
  bool HasTimesOf(const ScheduleSpec& other) const;
  // Whether a member of this name is one of them.
  static bool Knows(std::string_view member);
};

// `times` of a document's schedule; an interval counts from `published_us`.
Json TimesOf(const dsl::Schedule& schedule, std::int64_t published_us);

}  // namespace elevaite::workflow

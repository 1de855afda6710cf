#include "services/workflow/schedule/schedule_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/machine/consumption.h"
#include "foundation/clock.h"
#include "foundation/text.h"
#include "foundation/utf8.h"

namespace elevaite::workflow {
namespace {

constexpr std::array<std::string_view, 5> kOverlaps{"skip", "buffer_one", "buffer_all", "cancel_other",
                                                    "allow"};
constexpr std::array<std::string_view, 3> kCatchUps{"one", "all", "none"};
constexpr std::array<std::string_view, 11> kMembers{
    "timezone", "times",    "exclude",         "jitter",           "start_at",   "end_at",
    "overlap",  "catch_up", "catch_up_window", "pause_on_failure", "description"};

std::unexpected<Error> Wrong(std::string_view member, const std::string& why, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", member, why), std::move(hint));
}

template <class Enum, std::size_t N>
Result<void> ReadName(const Json& json, std::string_view member, const std::array<std::string_view, N>& names,
                      Enum& target) {
  const Json& value = json[member];
  if (value.IsNull()) return {};
  const auto found = std::ranges::find(names, value.StringOr(""));
  if (found == names.end())
    return Wrong(member, fmt::format("cannot be {}", Utf8Prefix(value.Dump(), 40)),
                 fmt::format("one of {}", fmt::join(names, ", ")));
  target = static_cast<Enum>(found - names.begin());
  return {};
}

Result<void> ReadText(const Json& json, std::string_view member, std::size_t bytes_max, std::string& target) {
  const Json& value = json[member];
  if (value.IsNull()) return {};
  if (!value.IsString() || value.Size() > bytes_max)
    return Wrong(member, fmt::format("must be a text of {} bytes at most", bytes_max));
  target = value.AsString();
  return {};
}

Result<std::optional<std::int64_t>> DurationAt(const Json& json, std::string_view member) {
  const Json& value = json[member];
  if (value.IsNull()) return std::nullopt;
  const auto duration = ParseDuration(value.StringOr(""));
  if (!value.IsString() || !duration)
    return Wrong(member, fmt::format("cannot be {}", Utf8Prefix(value.Dump(), 40)),
                 "write it as 30s, 15m, 1h30m or 2d");
  return duration->count();
}

Result<std::optional<std::int64_t>> TimeAt(const Json& json, std::string_view member) {
  const Json& value = json[member];
  if (value.IsNull()) return std::nullopt;
  const auto time = Timestamp::Parse(value.StringOr(""));
  if (!time)
    return Wrong(member, fmt::format("cannot be {}", Utf8Prefix(value.Dump(), 40)),
                 "write it as 2026-11-20T09:00:00Z, years up to 9999");
  return time->micros();
}

Json TimeOrNull(std::optional<std::int64_t> us) {
  return us ? Json(Timestamp::FromMicros(*us).ToRfc3339()) : Json();
}
std::string DurationText(std::int64_t us) { return FormatDuration(std::chrono::microseconds(us)); }

}  // namespace

std::string_view NameOf(Overlap overlap) { return kOverlaps[static_cast<std::size_t>(overlap)]; }
std::string_view NameOf(CatchUp catch_up) { return kCatchUps[static_cast<std::size_t>(catch_up)]; }

Result<ScheduleSpec> ScheduleSpec::FromJson(const Json& json) {
  ScheduleSpec spec;
  RETURN_IF_ERROR(ReadText(json, "timezone", 64, spec.zone));
  RETURN_IF_ERROR(ReadText(json, "description", kDescriptionBytesMax, spec.description));
  if (!json["times"].IsNull()) spec.times = json["times"];
  spec.exclude = json["exclude"].IsNull() ? Json::EmptyArray() : json["exclude"];
  ASSIGN_OR_RETURN(const auto jitter_us, DurationAt(json, "jitter"));
  spec.jitter_us = jitter_us.value_or(0);
  if (spec.jitter_us > kJitterMaxUs) return Wrong("jitter", "may be a day at most");
  ASSIGN_OR_RETURN(spec.start_us, TimeAt(json, "start_at"));
  ASSIGN_OR_RETURN(spec.end_us, TimeAt(json, "end_at"));
  if (spec.start_us && spec.end_us && *spec.end_us < *spec.start_us)
    return Wrong("end_at", "is before start_at");
  RETURN_IF_ERROR(ReadName(json, "overlap", kOverlaps, spec.policy.overlap));
  RETURN_IF_ERROR(ReadName(json, "catch_up", kCatchUps, spec.policy.catch_up));
  ASSIGN_OR_RETURN(spec.policy.window_us, DurationAt(json, "catch_up_window"));
  if (const Json& pause = json["pause_on_failure"]; pause.IsBool()) {
    spec.policy.pause_on_failure = pause.AsBool();
  } else if (!pause.IsNull()) {
    return Wrong("pause_on_failure", "must be true or false");
  }
  return spec;
}

Json ScheduleSpec::ToJson() const {
  return Json::Object({{"timezone", zone},
                       {"times", times},
                       {"exclude", exclude},
                       {"jitter", jitter_us > 0 ? Json(DurationText(jitter_us)) : Json()},
                       {"start_at", TimeOrNull(start_us)},
                       {"end_at", TimeOrNull(end_us)},
                       {"overlap", NameOf(policy.overlap)},
                       {"catch_up", NameOf(policy.catch_up)},
                       {"catch_up_window", policy.window_us ? Json(DurationText(*policy.window_us)) : Json()},
                       {"pause_on_failure", policy.pause_on_failure},
                       {"description", description}});
}

bool ScheduleSpec::HasTimesOf(const ScheduleSpec& other) const {
  return zone == other.zone && times == other.times && exclude == other.exclude &&
         jitter_us == other.jitter_us && start_us == other.start_us && end_us == other.end_us;
}

bool ScheduleSpec::Knows(std::string_view member) {
  return std::ranges::find(kMembers, member) != kMembers.end();
}

Json TimesOf(const dsl::Schedule& schedule, std::int64_t published_us) {
  if (schedule.every_us) {
    const std::int64_t offset_us = published_us % *schedule.every_us;
    return Json::Array(
        {Json::Object({{"every", DurationText(*schedule.every_us)}, {"offset", DurationText(offset_us)}})});
  }
  if (!schedule.cron.empty()) return Json::Array({Json::Object({{"cron", schedule.cron}})});
  if (schedule.after_us) return Json::Array({Json::Object({{"after", DurationText(*schedule.after_us)}})});
  std::vector<Json> types;
  for (const std::string& type : engine::TypesOf(*schedule.on)) types.emplace_back(type);
  return Json::Array({Json::Object({{"on", Json::Array(std::move(types))}})});
}

}  // namespace elevaite::workflow

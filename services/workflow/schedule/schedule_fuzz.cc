// Property: any text is a schedule or is refused with an error; what a schedule has written is read back the
// same; its times go strictly forward, lie between its start and its end, and jitter moves none behind the
// next.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/workflow/schedule/timetable.h"

namespace {

using namespace elevaite;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckTimes(const workflow::ScheduleSpec& spec, const workflow::Timetable& timetable) {
  std::int64_t at = 1'774'746'000'000'000;  // 2026-03-29T01:00:00Z, when Berlin sets its clocks
  for (int i = 0; i < 3; ++i) {
    const auto next = timetable.Next(at);
    if (!next) return;
    Require(*next > at);
    Require(!spec.start_us || *next >= *spec.start_us);
    Require(!spec.end_us || *next <= *spec.end_us);
    const std::int64_t starts_us = timetable.StartsAt(*next);
    Require(starts_us >= *next && starts_us - *next <= spec.jitter_us);
    const auto behind = timetable.Next(*next);
    Require(!behind || starts_us < *behind);
    (void)timetable.ClockChangeAt(*next);
    at = *next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  const auto spec = workflow::ScheduleSpec::FromJson(*json);
  if (!spec) {
    Require(!spec.error().message.empty());
    return 0;
  }
  const auto again = workflow::ScheduleSpec::FromJson(spec->ToJson());
  Require(again && again->ToJson() == spec->ToJson());
  static const TimeZone zone = TimeZone::Load("Europe/Berlin").value_or(TimeZone::Utc());
  const auto timetable = workflow::Timetable::Create(*spec, zone, "seed");
  if (timetable)
    CheckTimes(*spec, *timetable);
  else
    Require(!timetable.error().message.empty());
  return 0;
}

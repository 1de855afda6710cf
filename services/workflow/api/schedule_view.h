// Schedules as people see them. Private to services/workflow/api.
#pragma once

#include <cstdint>
#include <optional>

#include "foundation/json.h"
#include "services/workflow/schedule/schedule_store.h"
#include "services/workflow/schedule/timetable.h"

namespace elevaite::workflow {

// Which of the times to come are wanted: at most `count` from `from_us` on, and before `until_us`.
struct Upcoming {
  std::optional<std::int64_t> from_us;
  std::optional<std::int64_t> until_us;
  std::size_t count = 5;
};

// [{at, starts_at, local, clock, remark}]: `at` is when it is due, `starts_at` later by the jitter.
Json TimesJson(const Timetable& timetable, const std::vector<std::int64_t>& times);

// All but the recent runs, which are somewhere else. `next_at` and `upcoming` are those that the schedule
// will start if nothing changes.
Json ScheduleJson(const ScheduleRow& row, const Upcoming& upcoming);

// An entry of its log, and the execution if one was started.
struct RecentEntry {
  Json json;  // {what, cause, at, execution}
  std::optional<ExecutionId> execution;
};
RecentEntry RecentFrom(const ScheduleRow& row, const Progress::Entry& entry);

}  // namespace elevaite::workflow

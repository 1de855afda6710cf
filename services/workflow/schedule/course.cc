#include "services/workflow/schedule/course.h"

#include <algorithm>

namespace elevaite::workflow {
namespace {

using Act = Decision::Act;

// What should have started before this is not made up for; nullopt: all of it is.
std::optional<std::int64_t> HorizonOf(const Policy& policy, std::int64_t served_since_us) {
  if (policy.catch_up == CatchUp::kNone) return served_since_us - DueTime::kGraceUs;
  if (!policy.window_us) return std::nullopt;
  return served_since_us - std::max(DueTime::kGraceUs, *policy.window_us);
}

Act ActOf(Overlap overlap, Busy busy) {
  if (busy == Busy::kNo || overlap == Overlap::kAllow) return Act::kStart;
  if (busy == Busy::kBackfilling) return Act::kHold;
  switch (overlap) {
    case Overlap::kSkip: return Act::kSkip;
    case Overlap::kCancelOther: return Act::kCancelOther;
    default: return Act::kHold;
  }
}

// With a place for one that waits, what was due meanwhile has had its start.
bool WaitsForOne(Overlap overlap) {
  return overlap == Overlap::kBufferOne || overlap == Overlap::kCancelOther;
}

}  // namespace

Decision Decide(const Timetable& timetable, const Policy& policy, const DueTime& due) {
  const std::int64_t starts_us = timetable.StartsAt(due.due_us);
  const auto horizon_us = HorizonOf(policy, due.served_since_us);
  if (horizon_us && starts_us < *horizon_us)
    return {Act::kMiss, timetable.Next(std::max(due.due_us, *horizon_us - 1))};
  const Act act = ActOf(policy.overlap, due.busy);
  if (act == Act::kHold || act == Act::kCancelOther) return {act, due.due_us};
  const bool was_missed = starts_us < due.served_since_us - DueTime::kGraceUs;
  const bool stands_for_all =
      (was_missed && policy.catch_up == CatchUp::kOne) || (act == Act::kStart && WaitsForOne(policy.overlap));
  return {act, timetable.Next(stands_for_all ? std::max(due.due_us, due.now_us) : due.due_us)};
}

}  // namespace elevaite::workflow

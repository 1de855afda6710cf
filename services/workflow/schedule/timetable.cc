#include "services/workflow/schedule/timetable.h"

#include <algorithm>
#include <utility>

namespace elevaite::workflow {

Result<Timetable> Timetable::Create(const dsl::Schedule& schedule, const std::string& zone, bool catch_up) {
  ASSIGN_OR_RETURN(TimeZone found, TimeZone::Load(zone));
  std::optional<dsl::Cron> cron;
  if (!schedule.cron.empty()) {
    auto parsed = dsl::Cron::Parse(schedule.cron);
    if (!parsed) return Fail(ErrorCode::kInvalidArgument, parsed.error().message, parsed.error().hint);
    cron = *std::move(parsed);
  }
  return Timetable(schedule, std::move(cron), std::move(found), catch_up);
}

std::optional<std::int64_t> Timetable::First(std::int64_t now_us) const {
  if (schedule_->every_us) return now_us + *schedule_->every_us;
  if (schedule_->after_us) return now_us;
  return NextByCron(now_us);
}

std::optional<std::int64_t> Timetable::NextByCron(std::int64_t after_us) const {
  if (!cron_) return std::nullopt;
  const auto next = cron_->Next(Timestamp::FromMicros(after_us), zone_);
  return next ? std::optional(next->micros()) : std::nullopt;
}

std::optional<std::int64_t> Timetable::Next(std::int64_t due_us, std::int64_t now_us) const {
  if (schedule_->every_us) {
    const std::int64_t every_us = *schedule_->every_us;
    const std::int64_t passed = now_us < due_us ? 0 : (now_us - due_us) / every_us;
    return due_us + (passed + 1) * every_us;
  }
  return NextByCron(std::max(due_us, now_us));
}

std::vector<std::int64_t> Timetable::Upcoming(std::int64_t due_us, std::size_t count) const {
  std::vector<std::int64_t> times;
  for (std::optional next(due_us); next && times.size() < count; next = Next(*next, *next))
    times.push_back(*next);
  return times;
}

std::optional<std::int64_t> Timetable::AfterEnd(std::int64_t ended_us) const {
  if (!schedule_->after_us) return std::nullopt;
  return ended_us + *schedule_->after_us;
}

}  // namespace elevaite::workflow

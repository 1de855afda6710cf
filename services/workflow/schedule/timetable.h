// When a schedule of time is due: pure, so that days and time zones can be tested without waiting for them.
//
// `every` counts from when the version was published; `cron` is read in the deployment's time zone; `after`
// is due at once, and then that long after each execution has ended. Times that were missed (the server was
// down, the schedule paused) are made up for by one start, or by none.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dsl/cron.h"
#include "dsl/program.h"
#include "foundation/time_zone.h"

namespace elevaite::workflow {

class Timetable {
 public:
  // A start that is later than this was missed.
  static constexpr std::int64_t kGraceUs = 60'000'000;

  // `schedule` must outlive the timetable. kInvalidArgument: no such time zone.
  static Result<Timetable> Create(const dsl::Schedule& schedule, const std::string& zone, bool catch_up);

  // The first start of a schedule that begins now; nullopt: time does not start it.
  std::optional<std::int64_t> First(std::int64_t now_us) const;
  // Whether what was due is started now, and when the next start is due. nullopt: `after` waits for the end,
  // or there is none.
  bool StartsNow(std::int64_t due_us, std::int64_t now_us) const {
    return catch_up_ || now_us - due_us <= kGraceUs;
  }
  std::optional<std::int64_t> Next(std::int64_t due_us, std::int64_t now_us) const;
  // After an execution has ended.
  std::optional<std::int64_t> AfterEnd(std::int64_t ended_us) const;
  // What is due, and as many starts after it as time alone decides: none after an `after`.
  std::vector<std::int64_t> Upcoming(std::int64_t due_us, std::size_t count) const;
  bool WaitsForEnd() const { return schedule_->after_us.has_value(); }

 private:
  Timetable(const dsl::Schedule& schedule, std::optional<dsl::Cron> cron, TimeZone zone, bool catch_up)
      : schedule_(&schedule), cron_(std::move(cron)), zone_(std::move(zone)), catch_up_(catch_up) {}

  std::optional<std::int64_t> NextByCron(std::int64_t after_us) const;

  const dsl::Schedule* schedule_;
  std::optional<dsl::Cron> cron_;
  TimeZone zone_;
  bool catch_up_;
};

}  // namespace elevaite::workflow

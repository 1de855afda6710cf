// Timetable: when a schedule is due. Pure, so that days and time zones can be tested without waiting for
// them.
//
// `times` is a list of
//   {cron: "30 2 * * *"}              dsl/cron.h
//   {every: "15m", offset: "5m"}      counted from 1970-01-01T00:00:00Z plus the offset, whatever clocks do
//   {calendar: {days: -1, at: "18:00"}}     calendar.h
// A time that several of them give counts once. Clocks that are set: as NextInstant says
// (foundation/time_zone.h). A document's schedule may also have {after: "10m"}, due so long after each
// execution has ended, or {on: [...]}, which time does not start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "dsl/cron.h"
#include "foundation/time_zone.h"
#include "services/workflow/schedule/calendar.h"
#include "services/workflow/schedule/exclusions.h"
#include "services/workflow/schedule/schedule_spec.h"

namespace elevaite::workflow {

// What clocks that are set do to a due time.
struct ClockChange {
  enum class Kind : std::uint8_t {
    kSkipped,   // `wall` does not exist on that day
    kRepeated,  // `wall` comes twice; this is the first time
  };
  Kind kind;
  std::int64_t wall;  // in seconds
};

class Timetable {
 public:
  static constexpr std::size_t kTimesMax = 20;
  static constexpr std::int64_t kShortestUs = 1'000'000;
  // How much is looked at to find the next time that no exclusion takes: each look is at a day or a run of
  // minutes, and at all exclusions. With the most of these (Exclusions::kMax) it reaches a year; a schedule
  // that leaves out more in a row is over.
  static constexpr std::size_t kLooksMax = 400'000;

  // `zone` is that of the spec. `seed`: what the jitter follows from, beside the due time. kInvalidArgument
  // says which of the times or exclusions is wrong.
  static Result<Timetable> Create(const ScheduleSpec& spec, TimeZone zone, std::string_view seed);

  // The first due time behind `after_us`; nullopt: none up to the end of the schedule or the year 9999.
  std::optional<std::int64_t> Next(std::int64_t after_us) const;
  // The due times in [from_us, until_us), at most `most`.
  std::vector<std::int64_t> Between(std::int64_t from_us, std::int64_t until_us, std::size_t most) const;
  // When what is due then starts: later by the jitter, but before the next due time. The same each time.
  std::int64_t StartsAt(std::int64_t due_us) const;
  std::optional<ClockChange> ClockChangeAt(std::int64_t due_us) const;

  const TimeZone& zone() const { return zone_; }
  // Of {after}: from the end of an execution to the next start.
  std::optional<std::int64_t> after_us() const { return after_us_; }
  bool has_times() const { return !entries_.empty(); }

 private:
  struct Interval {
    std::int64_t every_us;
    std::int64_t offset_us;
  };
  // Small, for there may be very many: most have one interval or one expression.
  using Entry = std::variant<Interval, std::shared_ptr<const dsl::Cron>, std::shared_ptr<const Calendar>>;

  explicit Timetable(TimeZone zone) : zone_(std::move(zone)) {}
  Result<void> ReadTimes(const Json& times);
  Result<void> ReadTime(const Json& time, const std::string& what);
  Result<void> ReadInterval(const Json& time, const std::string& what);
  std::optional<std::int64_t> NextEntry(std::int64_t after_us) const;
  // Behind what is left out together with this time; nullopt: it is not.
  std::optional<std::int64_t> BehindExclusion(std::int64_t due_us) const;

  TimeZone zone_;
  std::vector<Entry> entries_;
  std::shared_ptr<const Exclusions> exclusions_;  // null: none
  std::optional<std::int64_t> after_us_;
  std::optional<std::int64_t> start_us_;
  std::optional<std::int64_t> end_us_;
  std::int64_t jitter_us_ = 0;
  std::uint64_t seed_ = 0;
};

}  // namespace elevaite::workflow

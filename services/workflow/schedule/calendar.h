// Calendar: times named by their days and their clock times, as people write them down: the 1st and the last
// day of each quarter at 9:00 and 17:30. All that is given of a day must fit, unlike in a cron expression.
//
// Days are counted since 1970, wall times are seconds as in foundation/time_zone.h.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::workflow {

// A set of days. Nothing given: every day.
class DayRule {
 public:
  static constexpr int kFirstYear = 1970;
  static constexpr int kLastYear = 9999;
  static constexpr std::size_t kYearsMax = 100;
  static constexpr std::size_t kDatesMax = 1'000;

  // {years: [2026], months: [1, 12], days: [1, -1], weekdays: ["MON"]}, or {dates: ["2026-12-24"]}. Members
  // that are not of days are not looked at. kInvalidArgument says which member is wrong (`what` stands before
  // its name); also for days that never are.
  static Result<DayRule> FromJson(const Json& json, const std::string& what);

  bool Fits(std::int64_t day) const;
  // The first one at or behind `day`.
  std::optional<std::int64_t> Next(std::int64_t day) const;

 private:
  Result<void> ReadDates(const Json& dates, const std::string& what);
  Result<void> ReadFields(const Json& json, const std::string& what);
  bool FitsYear(int year) const;
  std::optional<std::int64_t> NextInYear(int year, std::int64_t day) const;

  std::vector<std::int64_t> dates_;  // sorted; empty: the fields count
  std::vector<std::int16_t> years_;  // sorted; empty: any
  std::uint16_t months_ = 0;         // bit n: month n; 0: any
  std::uint32_t days_ = 0;           // bit n: day n of the month
  std::uint32_t days_from_end_ = 0;  // bit 1: the last one
  std::uint8_t weekdays_ = 0;        // bit 0: Sunday; 0: any
};

class Calendar {
 public:
  static constexpr std::size_t kClockTimesMax = 100;

  // {at: ["09:00", "17:30:15"], ...days}. `at`: one time or a list; absent: midnight.
  static Result<Calendar> FromJson(const Json& json, const std::string& what);

  // The first time at or behind `wall`.
  std::optional<std::int64_t> NextWall(std::int64_t wall) const;

 private:
  DayRule days_;
  std::vector<std::int32_t> clock_times_;  // seconds of the day, sorted; at least one
};

// kInvalidArgument when there is a member that neither days nor calendars have.
Result<void> CheckCalendarMembers(const Json& json, const std::string& what);

// "2026-12-24": days since 1970.
Result<std::int64_t> ParseDay(std::string_view text);

}  // namespace elevaite::workflow

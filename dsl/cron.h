// Cron: when a schedule is due, in a time zone.
//
//   minute hour day-of-month month day-of-week        "30 9 * * MON-FRI"
//   second minute hour day-of-month month day-of-week "*/10 * * * * *"
//   @yearly @annually @monthly @weekly @daily @midnight @hourly
//
// Fields: second and minute 0-59, hour 0-23, day of month 1-31, month 1-12 or JAN-DEC, day of week 0-7 or
// SUN-SAT (0 and 7 are Sunday); upper or lower case. Each is a list, separated by commas, of
//   *  ?          every value (both mean the same)
//   5  MON        one value
//   9-17          a range; its end is not before its begin
//   */15  9-17/2  every so many values of the range;  5/10 is 5-59/10
// day of month also: L (the last day), L-3 (three days before), 15W (the weekday, Monday to Friday, nearest
// to the 15th, in the same month), LW (the last weekday); day of week also: FRI#2 (the second Friday of the
// month), FRIL (the last one).
//
// Days, as in Vixie's cron: if both day fields are restricted, a day is due that fits either of them; if one
// of them begins with `*` or is `?`, it must fit both. So `0 0 13 * FRI` is each 13th and each Friday.
//
// Clocks that are set (daylight saving): a time that the clock jumps over is due once, at the first instant
// behind the gap; a time that the clock shows twice is due the first time only. So `30 2 * * *` in Berlin is
// due at 03:00 on the last Sunday of March, and `0 * * * *` skips the second 02:00 in October.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/clock.h"
#include "foundation/time_zone.h"

namespace elevaite::dsl {

struct CronError {
  std::string message;      // "`61` is no minute: it is 0 to 59"
  std::string hint;         // may be empty
  std::uint32_t begin = 0;  // byte offsets of what is wrong in the expression
  std::uint32_t end = 0;
};

class Cron {
 public:
  static constexpr std::size_t kTextBytesMax = 256;

  // What can never be due ("0 0 30 2 *") is an error, too.
  static std::expected<Cron, CronError> Parse(std::string_view text);

  // The first time behind `after`; nothing behind the year 9999.
  std::optional<Timestamp> Next(Timestamp after, const TimeZone& zone) const;

  // The same for what a clock on the wall shows, in seconds (foundation/time_zone.h): the first time at or
  // behind `wall`.
  std::optional<std::int64_t> NextWall(std::int64_t wall) const;
  // Whether it is due in the minute of that wall time, at whatever second.
  bool NamesMinute(std::int64_t wall) const;
  // The minutes of a day: an element each hour, a bit each minute of it.
  using DayMinutes = std::array<std::uint64_t, 24>;
  // Adds those of that day (since 1970) that it names.
  void AddMinutes(std::int64_t day, DayMinutes& minutes) const;

 private:
  friend class CronParser;

  bool IsDue(std::int64_t day) const;  // days since 1970
  std::optional<std::int64_t> NextTimeOfDay(std::int64_t seconds) const;
  bool FitsDayOfMonth(unsigned day, unsigned days, unsigned weekday) const;
  bool FitsDayOfWeek(unsigned day, unsigned days, unsigned weekday) const;
  bool IsEverDue() const;

  // Bit n: the value n.
  std::uint64_t seconds_ = 1;
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t nearest_weekdays_ = 0;           // 15W
  std::uint64_t days_before_last_ = 0;           // L is bit 0, L-3 bit 3
  bool last_weekday_of_month_ = false;           // LW
  std::uint64_t weekdays_ = 0;                   // Sunday is bit 0
  std::uint64_t last_weekdays_ = 0;              // FRIL
  std::array<std::uint64_t, 6> nth_weekdays_{};  // FRI#2 is bit 5 of [2]
  bool any_day_of_month_ = false;                // the field begins with * or ?
  bool any_day_of_week_ = false;
};

}  // namespace elevaite::dsl

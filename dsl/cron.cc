#include "dsl/cron.h"

#include <bit>
#include <chrono>

namespace elevaite::dsl {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kSecondUs = 1'000'000;
// Weekdays and dates repeat after 400 years: what is not due in such a time never is.
constexpr std::int64_t kCycleDays = 146'097;
constexpr std::int64_t kLastDay = 2'932'896;  // 9999-12-31

bool Has(std::uint64_t set, unsigned value) { return (set >> value & 1U) != 0; }

// The lowest member that is at least `from`, or -1.
int NextOf(std::uint64_t set, int from) {
  if (from > 63) return -1;
  const std::uint64_t rest = set & ~std::uint64_t{0} << from;
  return rest == 0 ? -1 : std::countr_zero(rest);
}

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) { return (a >= 0 ? a : a - b + 1) / b; }

bool IsWorkday(unsigned weekday) { return weekday >= 1 && weekday <= 5; }

struct Date {
  unsigned month, day, days, weekday;  // days: of the month; weekday: Sunday is 0
};

Date DateOf(std::int64_t day) {
  using namespace std::chrono;
  const sys_days at{std::chrono::days(day)};
  const year_month_day date(at);
  const year_month_day_last last(date.year() / date.month() / std::chrono::last);
  return {static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
          static_cast<unsigned>(last.day()), weekday(at).c_encoding()};
}

// The day of the month that `15W` means, given one day of the month and its weekday.
unsigned NearestWorkday(unsigned wanted, unsigned day, unsigned days, unsigned weekday) {
  const unsigned at = (weekday + 35 + wanted - day) % 7;
  if (at == 6) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (at == 0) return wanted < days ? wanted + 1 : wanted - 2;
  return wanted;
}

}  // namespace

bool Cron::FitsDayOfMonth(unsigned day, unsigned days, unsigned weekday) const {
  if (Has(days_, day) || Has(days_before_last_, days - day)) return true;
  if (!IsWorkday(weekday)) return false;
  if (last_weekday_of_month_ && (day == days || (weekday == 5 && day + 2 >= days))) return true;
  // Only days at most two days off can mean this one.
  for (unsigned wanted = day > 2 ? day - 2 : 1; wanted <= day + 2 && wanted <= days; ++wanted) {
    if (Has(nearest_weekdays_, wanted) && NearestWorkday(wanted, day, days, weekday) == day) return true;
  }
  return false;
}

bool Cron::FitsDayOfWeek(unsigned day, unsigned days, unsigned weekday) const {
  return Has(weekdays_, weekday) || (Has(last_weekdays_, weekday) && day + 7 > days) ||
         Has(nth_weekdays_[(day - 1) / 7 + 1], weekday);
}

bool Cron::IsDue(std::int64_t day) const {
  const Date date = DateOf(day);
  if (!Has(months_, date.month)) return false;
  const bool of_month = FitsDayOfMonth(date.day, date.days, date.weekday);
  const bool of_week = FitsDayOfWeek(date.day, date.days, date.weekday);
  return any_day_of_month_ || any_day_of_week_ ? of_month && of_week : of_month || of_week;
}

bool Cron::IsEverDue() const {
  for (std::int64_t day = 0; day < kCycleDays; ++day) {
    if (IsDue(day)) return true;
  }
  return false;
}

// The first due second of a day at or behind `seconds`.
std::optional<std::int64_t> Cron::NextTimeOfDay(std::int64_t seconds) const {
  const int from_hour = static_cast<int>(seconds / 3600);
  for (int hour = NextOf(hours_, from_hour); hour >= 0; hour = NextOf(hours_, hour + 1)) {
    const int from_minute = hour == from_hour ? static_cast<int>(seconds / 60 % 60) : 0;
    for (int minute = NextOf(minutes_, from_minute); minute >= 0; minute = NextOf(minutes_, minute + 1)) {
      const bool same = hour == from_hour && minute == static_cast<int>(seconds / 60 % 60);
      const int second = NextOf(seconds_, same ? static_cast<int>(seconds % 60) : 0);
      if (second >= 0) return hour * 3600LL + minute * 60LL + second;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> Cron::NextWall(std::int64_t wall) const {
  std::int64_t day = FloorDivide(wall, kDay);
  std::int64_t from = wall - day * kDay;
  for (; day <= kLastDay; ++day, from = 0) {
    if (!IsDue(day)) continue;
    if (const auto time = NextTimeOfDay(from)) return day * kDay + *time;
  }
  return std::nullopt;
}

bool Cron::NamesMinute(std::int64_t wall) const {
  const std::int64_t day = FloorDivide(wall, kDay);
  const auto minute = static_cast<unsigned>((wall - day * kDay) / 60);
  return Has(hours_, minute / 60) && Has(minutes_, minute % 60) && IsDue(day);
}

void Cron::AddMinutes(std::int64_t day, DayMinutes& minutes) const {
  if (!IsDue(day)) return;
  for (unsigned hour = 0; hour < minutes.size(); ++hour) {
    if (Has(hours_, hour)) minutes.at(hour) |= minutes_;
  }
}

std::optional<Timestamp> Cron::Next(Timestamp after, const TimeZone& zone) const {
  const std::int64_t after_seconds = FloorDivide(after.micros(), kSecondUs);
  if (after_seconds > kLastDay * kDay) return std::nullopt;
  const auto unix = NextInstant(zone, after_seconds, [this](std::int64_t wall) { return NextWall(wall); });
  return unix ? std::optional(Timestamp::FromMicros(*unix * kSecondUs)) : std::nullopt;
}

}  // namespace elevaite::dsl

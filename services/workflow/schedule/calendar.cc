#include "services/workflow/schedule/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "foundation/clock.h"
#include "foundation/utf8.h"

namespace elevaite::workflow {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr int kCycleYears = 400;  // then weekdays and dates repeat
constexpr std::array<std::string_view, 7> kWeekdays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

using std::chrono::year_month_day;

std::int64_t DayOf(const year_month_day& date) {
  return std::chrono::sys_days(date).time_since_epoch().count();
}

year_month_day DateOf(std::int64_t day) {
  return year_month_day(std::chrono::sys_days(std::chrono::days(day)));
}

unsigned DaysIn(int year, unsigned month) {
  using namespace std::chrono;
  return static_cast<unsigned>(
      year_month_day_last(std::chrono::year(year) / std::chrono::month(month) / last).day());
}

std::unexpected<Error> Wrong(const std::string& what, std::string_view member, const std::string& why,
                             std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}.{} {}", what, member, why), std::move(hint));
}

std::string Shown(const Json& value) { return std::string(Utf8Prefix(value.Dump(), 40)); }

// Numbers of a member that is one of them or a list.
Result<std::vector<std::int64_t>> Numbers(const Json& json, const std::string& what, std::string_view member,
                                          std::int64_t low, std::int64_t high, std::size_t most) {
  std::vector<std::int64_t> numbers;
  const Json& value = json[member];
  if (value.IsNull()) return numbers;
  const Json list = value.IsArray() ? value : Json::Array({value});
  if (list.Size() == 0 || list.Size() > most)
    return Wrong(what, member, fmt::format("must have 1 to {} values", most));
  for (const Json& one : list.AsArray()) {
    const std::int64_t number = one.IntOr(0);
    if (!one.IsInt64() || number == 0 || number < low || number > high)
      return Wrong(what, member, fmt::format("cannot be {}", Shown(one)),
                   low < 0 ? fmt::format("1 to {}, or -1 (the last) to {}", high, low)
                           : fmt::format("a number from {} to {}", low, high));
    numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<std::uint8_t> Weekdays(const Json& json, const std::string& what) {
  std::uint8_t set = 0;
  const Json& value = json["weekdays"];
  if (value.IsNull()) return set;
  const Json list = value.IsArray() ? value : Json::Array({value});
  if (list.Size() == 0) return Wrong(what, "weekdays", "must have at least one day");
  for (const Json& one : list.AsArray()) {
    const auto found = std::ranges::find(kWeekdays, one.StringOr(""));
    if (found == kWeekdays.end())
      return Wrong(what, "weekdays", fmt::format("cannot be {}", Shown(one)),
                   "MON, TUE, WED, THU, FRI, SAT, SUN");
    set |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(found - kWeekdays.begin()));
  }
  return set;
}

// "09:00", "17:30:15"
std::optional<std::int32_t> ClockTime(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9') return std::nullopt;
    if (i % 3 != 2) parts[i / 3] = parts[i / 3] * 10 + (text[i] - '0');
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return parts[0] * 3600 + parts[1] * 60 + parts[2];
}

}  // namespace

Result<std::int64_t> ParseDay(std::string_view text) {
  const auto midnight = Timestamp::Parse(std::string(text) + "T00:00:00Z");
  if (!midnight || text.size() != 10)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no date", Utf8Prefix(text, 40)),
                "write it as 2026-12-24");
  return midnight->micros() / 1'000'000 / kDaySeconds;
}

Result<void> CheckCalendarMembers(const Json& json, const std::string& what) {
  constexpr std::array<std::string_view, 6> kMembers{"years", "months", "days", "weekdays", "dates", "at"};
  for (const auto& [name, value] : json.AsObject()) {
    if (std::ranges::find(kMembers, name.AsString()) == kMembers.end())
      return Wrong(what, Utf8Prefix(name.AsString(), 40), "is not known",
                   fmt::format("one of {}", fmt::join(kMembers, ", ")));
  }
  return {};
}

// ---- Days ----

Result<DayRule> DayRule::FromJson(const Json& json, const std::string& what) {
  DayRule rule;
  if (const Json& dates = json["dates"]; !dates.IsNull()) {
    for (const char* other : {"years", "months", "days", "weekdays"}) {
      if (!json[other].IsNull()) return Wrong(what, other, "cannot stand beside `dates`");
    }
    RETURN_IF_ERROR(rule.ReadDates(dates, what));
    return rule;
  }
  RETURN_IF_ERROR(rule.ReadFields(json, what));
  if (!rule.Next(DayOf(std::chrono::year(kFirstYear) / 1 / 1)))
    return Fail(ErrorCode::kInvalidArgument, what + " is never due: there is no such day",
                "look at its days, months and years");
  return rule;
}

Result<void> DayRule::ReadDates(const Json& dates, const std::string& what) {
  const Json list = dates.IsArray() ? dates : Json::Array({dates});
  if (list.Size() == 0 || list.Size() > kDatesMax)
    return Wrong(what, "dates", fmt::format("must have 1 to {} dates", kDatesMax));
  for (const Json& one : list.AsArray()) {
    const auto day = ParseDay(one.StringOr(""));
    if (!day) return Wrong(what, "dates", fmt::format("cannot be {}", Shown(one)), day.error().hint);
    dates_.push_back(*day);
  }
  std::ranges::sort(dates_);
  return {};
}

Result<void> DayRule::ReadFields(const Json& json, const std::string& what) {
  ASSIGN_OR_RETURN(const auto years, Numbers(json, what, "years", kFirstYear, kLastYear, kYearsMax));
  for (const std::int64_t year : years) years_.push_back(static_cast<std::int16_t>(year));
  ASSIGN_OR_RETURN(const auto months, Numbers(json, what, "months", 1, 12, 12));
  for (const std::int64_t month : months) months_ |= static_cast<std::uint16_t>(1U << month);
  ASSIGN_OR_RETURN(const auto days, Numbers(json, what, "days", -31, 31, 62));
  for (const std::int64_t day : days) (day > 0 ? days_ : days_from_end_) |= 1U << std::abs(day);
  ASSIGN_OR_RETURN(weekdays_, Weekdays(json, what));
  return {};
}

bool DayRule::FitsYear(int year) const { return years_.empty() || std::ranges::binary_search(years_, year); }

bool DayRule::Fits(std::int64_t day) const {
  if (!dates_.empty()) return std::ranges::binary_search(dates_, day);
  const year_month_day date = DateOf(day);
  const auto month = static_cast<unsigned>(date.month());
  if (!FitsYear(static_cast<int>(date.year()))) return false;
  if (months_ != 0 && (months_ >> month & 1U) == 0) return false;
  if (days_ != 0 || days_from_end_ != 0) {
    const auto of_month = static_cast<unsigned>(date.day());
    const unsigned from_end = DaysIn(static_cast<int>(date.year()), month) - of_month + 1;
    if ((days_ >> of_month & 1U) == 0 && (days_from_end_ >> from_end & 1U) == 0) return false;
  }
  if (weekdays_ == 0) return true;
  const std::chrono::weekday weekday{std::chrono::sys_days(date)};
  return (weekdays_ >> weekday.c_encoding() & 1U) != 0;
}

// Goes over months that do not fit without looking at their days.
std::optional<std::int64_t> DayRule::NextInYear(int year, std::int64_t day) const {
  for (unsigned month = 1; month <= 12; ++month) {
    if (months_ != 0 && (months_ >> month & 1U) == 0) continue;
    const std::int64_t first = DayOf(std::chrono::year(year) / std::chrono::month(month) / 1);
    const std::int64_t behind = first + DaysIn(year, month);
    for (std::int64_t at = std::max(first, day); at < behind; ++at) {
      if (Fits(at)) return at;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> DayRule::Next(std::int64_t day) const {
  if (!dates_.empty()) {
    const auto found = std::ranges::lower_bound(dates_, day);
    return found == dates_.end() ? std::nullopt : std::optional(*found);
  }
  const int from = std::max(static_cast<int>(DateOf(day).year()), kFirstYear);
  if (!years_.empty()) {
    for (const int year : years_) {
      if (year < from) continue;
      if (const auto found = NextInYear(year, day)) return found;
    }
    return std::nullopt;
  }
  for (int year = from; year <= std::min(from + kCycleYears, kLastYear); ++year) {
    if (const auto found = NextInYear(year, day)) return found;
  }
  return std::nullopt;
}

// ---- Times ----

Result<Calendar> Calendar::FromJson(const Json& json, const std::string& what) {
  Calendar calendar;
  RETURN_IF_ERROR(CheckCalendarMembers(json, what));
  ASSIGN_OR_RETURN(calendar.days_, DayRule::FromJson(json, what));
  const Json& at = json["at"];
  const Json list = at.IsNull() ? Json::Array({"00:00"}) : at.IsArray() ? at : Json::Array({at});
  if (list.Size() == 0 || list.Size() > kClockTimesMax)
    return Wrong(what, "at", fmt::format("must have 1 to {} times", kClockTimesMax));
  for (const Json& one : list.AsArray()) {
    const auto time = ClockTime(one.StringOr(""));
    if (!time)
      return Wrong(what, "at", fmt::format("cannot be {}", Shown(one)), "write it as 09:00 or 17:30:15");
    calendar.clock_times_.push_back(*time);
  }
  std::ranges::sort(calendar.clock_times_);
  return calendar;
}

std::optional<std::int64_t> Calendar::NextWall(std::int64_t wall) const {
  std::int64_t day = (wall >= 0 ? wall : wall - kDaySeconds + 1) / kDaySeconds;
  if (days_.Fits(day)) {
    const auto later = std::ranges::lower_bound(clock_times_, wall - day * kDaySeconds);
    if (later != clock_times_.end()) return day * kDaySeconds + *later;
  }
  const auto next = days_.Next(day + 1);
  return next ? std::optional(*next * kDaySeconds + clock_times_.front()) : std::nullopt;
}

}  // namespace elevaite::workflow

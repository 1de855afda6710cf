#include "services/workflow/schedule/exclusions.h"

#include <fmt/format.h>

#include <algorithm>

namespace elevaite::workflow {
namespace {

constexpr const char* kForms =
    "one of {date: \"2026-12-25\"}, {from: \"2026-12-24\", to: \"2027-01-01\"}, {calendar: {weekdays: "
    "[\"SAT\"]}} and {cron: \"* 22 * * *\"}";

bool HasSeconds(std::string_view cron) {
  std::size_t fields = 0;
  bool in_field = false;
  for (const char c : cron) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank && !in_field) ++fields;
    in_field = !blank;
  }
  return fields == 6;
}

Result<std::int64_t> DayAt(const Json& one, const char* member, const std::string& what) {
  auto day = ParseDay(one[member].StringOr(""));
  if (!day)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}.{}: {}", what, member, day.error().message),
                day.error().hint);
  return day;
}

Result<dsl::Cron> CronAt(const Json& one, const std::string& what) {
  const std::string_view text = one["cron"].StringOr("");
  auto cron = dsl::Cron::Parse(text);
  if (!cron)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}.cron: {}", what, cron.error().message),
                cron.error().hint);
  if (HasSeconds(text))
    return Fail(ErrorCode::kInvalidArgument, what + ".cron names seconds",
                "what is left out are whole minutes: write five fields");
  return *std::move(cron);
}

}  // namespace

Result<Exclusions> Exclusions::FromJson(const Json& json) {
  Exclusions exclusions;
  if (!json.IsArray()) return Fail(ErrorCode::kInvalidArgument, "exclude must be a list", kForms);
  if (json.Size() > kMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("exclude may have {} entries at most", kMax),
                "several days in a row are one entry with `from` and `to`");
  for (std::size_t i = 0; i < json.Size(); ++i)
    RETURN_IF_ERROR(exclusions.Read(json.At(i), fmt::format("exclude[{}]", i)));
  exclusions.SortDays();
  return exclusions;
}

Result<void> Exclusions::Read(const Json& one, const std::string& what) {
  const std::size_t members = one.Size();
  if (one.IsObject() && members == 1 && one["cron"].IsString()) {
    ASSIGN_OR_RETURN(dsl::Cron cron, CronAt(one, what));
    crons_.push_back(std::move(cron));
    return {};
  }
  if (one.IsObject() && members == 1 && one["calendar"].IsObject()) {
    const Json& calendar = one["calendar"];
    if (!calendar["at"].IsNull())
      return Fail(ErrorCode::kInvalidArgument, what + ".calendar.at: only whole days can be left out so",
                  "use {cron: ...} for a time of the day");
    RETURN_IF_ERROR(CheckCalendarMembers(calendar, what + ".calendar"));
    ASSIGN_OR_RETURN(DayRule rule, DayRule::FromJson(calendar, what + ".calendar"));
    rules_.push_back(std::move(rule));
    return {};
  }
  return ReadDays(one, what);
}

Result<void> Exclusions::ReadDays(const Json& one, const std::string& what) {
  if (one.IsObject() && one.Size() == 1 && one.Find("date") != nullptr) {
    ASSIGN_OR_RETURN(const std::int64_t day, DayAt(one, "date", what));
    days_.emplace_back(day, day);
    return {};
  }
  if (one.IsObject() && one.Size() == 2 && one.Find("from") != nullptr && one.Find("to") != nullptr) {
    ASSIGN_OR_RETURN(const std::int64_t first, DayAt(one, "from", what));
    ASSIGN_OR_RETURN(const std::int64_t last, DayAt(one, "to", what));
    if (last < first) return Fail(ErrorCode::kInvalidArgument, what + ".to is before its from");
    days_.emplace_back(first, last);
    return {};
  }
  return Fail(ErrorCode::kInvalidArgument, what + " is not known", kForms);
}

void Exclusions::SortDays() {
  std::ranges::sort(days_);
  std::vector<std::pair<std::int64_t, std::int64_t>> apart;
  for (const auto& range : days_) {
    if (!apart.empty() && range.first <= apart.back().second + 1)
      apart.back().second = std::max(apart.back().second, range.second);
    else
      apart.push_back(range);
  }
  days_ = std::move(apart);
}

bool Exclusions::HasDay(std::int64_t day) const {
  const auto behind = std::ranges::upper_bound(days_, day, {}, &std::pair<std::int64_t, std::int64_t>::first);
  if (behind != days_.begin() && std::prev(behind)->second >= day) return true;
  return std::ranges::any_of(rules_, [day](const DayRule& rule) { return rule.Fits(day); });
}

bool Exclusions::HasMinute(std::int64_t wall) const {
  return std::ranges::any_of(crons_, [wall](const dsl::Cron& cron) { return cron.NamesMinute(wall); });
}

std::int64_t Exclusions::FreeMinuteBehind(std::int64_t wall) const {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  const std::int64_t day = (wall >= 0 ? wall : wall - kDay + 1) / kDay;
  dsl::Cron::DayMinutes left_out{};
  for (const dsl::Cron& cron : crons_) cron.AddMinutes(day, left_out);
  const std::int64_t end = (day + 1) * kDay;
  std::int64_t free = wall - (wall - day * kDay) % kMinute + kMinute;
  for (; free < end; free += kMinute) {
    const std::int64_t time = free - day * kDay;
    const std::uint64_t hour = left_out.at(static_cast<std::size_t>(time / kHour));
    if ((hour >> static_cast<unsigned>(time % kHour / kMinute) & 1U) == 0) break;
  }
  return free;
}

}  // namespace elevaite::workflow

#include "services/workflow/schedule/timetable.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "foundation/digest.h"
#include "foundation/text.h"
#include "foundation/utf8.h"

namespace elevaite::workflow {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kLastUs = 253'402'300'799'999'999;  // 9999-12-31T23:59:59.999999Z

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) { return (a >= 0 ? a : a - b + 1) / b; }

std::unexpected<Error> Wrong(const std::string& what, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, what, std::move(hint));
}

Result<std::int64_t> DurationAt(const Json& time, const char* member, const std::string& what) {
  const auto duration = ParseDuration(time[member].StringOr(""));
  if (!duration)
    return Wrong(fmt::format("{}.{} cannot be {}", what, member, Utf8Prefix(time[member].Dump(), 40)),
                 "write it as 30s, 15m, 1h30m or 2d");
  return duration->count();
}

// splitmix64, so that neighbouring times are spread well.
std::uint64_t Mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

std::uint64_t SeedFrom(std::string_view text) {
  std::uint64_t seed = 0;
  const auto digest = Sha256(text);
  for (std::size_t i = 0; i < 8; ++i) seed = seed << 8U | digest[i];
  return seed;
}

template <class Set>  // a Cron or a Calendar
std::optional<std::int64_t> NextOf(const Set& set, const TimeZone& zone, std::int64_t after_us) {
  const auto unix = NextInstant(zone, FloorDivide(after_us, kSecondUs),
                                [&set](std::int64_t wall) { return set.NextWall(wall); });
  return unix ? std::optional(*unix * kSecondUs) : std::nullopt;
}

}  // namespace

// ---- Reading ----

Result<Timetable> Timetable::Create(const ScheduleSpec& spec, TimeZone zone, std::string_view seed) {
  Timetable timetable(std::move(zone));
  RETURN_IF_ERROR(timetable.ReadTimes(spec.times));
  if (spec.exclude != Json::EmptyArray()) {
    ASSIGN_OR_RETURN(Exclusions exclusions, Exclusions::FromJson(spec.exclude));
    timetable.exclusions_ = std::make_shared<const Exclusions>(std::move(exclusions));
  }
  timetable.start_us_ = spec.start_us;
  timetable.end_us_ = spec.end_us;
  timetable.jitter_us_ = spec.jitter_us;
  if (spec.jitter_us > 0) timetable.seed_ = SeedFrom(seed);
  return timetable;
}

Result<void> Timetable::ReadTimes(const Json& times) {
  if (!times.IsArray())
    return Wrong("times must be a list", "for example: [{\"cron\": \"30 9 * * MON-FRI\"}]");
  if (times.Size() > kTimesMax) return Wrong(fmt::format("times may have {} entries at most", kTimesMax));
  entries_.reserve(times.Size());
  for (std::size_t i = 0; i < times.Size(); ++i)
    RETURN_IF_ERROR(ReadTime(times.At(i), fmt::format("times[{}]", i)));
  return {};
}

Result<void> Timetable::ReadTime(const Json& time, const std::string& what) {
  if (const Json* every = time.Find("every"); every && time.Size() <= 2) return ReadInterval(time, what);
  if (!time.IsObject() || time.Size() != 1)
    return Wrong(what + " must have one of cron, every and calendar", "write two times as two entries");
  if (const Json& cron = time["cron"]; cron.IsString()) {
    auto parsed = dsl::Cron::Parse(cron.AsString());
    if (!parsed) return Wrong(fmt::format("{}.cron: {}", what, parsed.error().message), parsed.error().hint);
    entries_.emplace_back(std::make_shared<const dsl::Cron>(*std::move(parsed)));
    return {};
  }
  if (time["calendar"].IsObject()) {
    ASSIGN_OR_RETURN(Calendar calendar, Calendar::FromJson(time["calendar"], what + ".calendar"));
    entries_.emplace_back(std::make_shared<const Calendar>(std::move(calendar)));
    return {};
  }
  if (time.Find("after") != nullptr) {
    ASSIGN_OR_RETURN(after_us_, DurationAt(time, "after", what));
    return {};
  }
  if (time.Find("on") != nullptr) return {};
  return Wrong(what + " is not known", "one of {cron: \"...\"}, {every: \"15m\"} and {calendar: {...}}");
}

Result<void> Timetable::ReadInterval(const Json& time, const std::string& what) {
  Interval interval{};
  ASSIGN_OR_RETURN(interval.every_us, DurationAt(time, "every", what));
  if (interval.every_us < kShortestUs) return Wrong(what + ".every must be a second at least");
  if (time.Find("offset") != nullptr) {
    ASSIGN_OR_RETURN(interval.offset_us, DurationAt(time, "offset", what));
    if (interval.offset_us >= interval.every_us) return Wrong(what + ".offset must be less than its every");
  } else if (time.Size() != 1) {
    return Wrong(what + " may have `offset` beside `every`, and nothing else");
  }
  entries_.emplace_back(interval);
  return {};
}

// ---- Times ----

std::optional<std::int64_t> Timetable::NextEntry(std::int64_t after_us) const {
  std::optional<std::int64_t> first;
  for (const Entry& entry : entries_) {
    std::optional<std::int64_t> next;
    if (const auto* interval = std::get_if<Interval>(&entry)) {
      const std::int64_t passed = FloorDivide(after_us - interval->offset_us, interval->every_us);
      next = (passed + 1) * interval->every_us + interval->offset_us;
    } else if (const auto* cron = std::get_if<std::shared_ptr<const dsl::Cron>>(&entry)) {
      next = NextOf(**cron, zone_, after_us);
    } else {
      next = NextOf(*std::get<std::shared_ptr<const Calendar>>(entry), zone_, after_us);
    }
    if (next && *next <= kLastUs && (!first || *next < *first)) first = next;
  }
  return first;
}

std::optional<std::int64_t> Timetable::Next(std::int64_t after_us) const {
  if (after_us >= kLastUs) return std::nullopt;
  if (start_us_) after_us = std::max(after_us, *start_us_ - 1);
  const std::size_t cost = exclusions_ ? exclusions_->cost() : 0;
  for (std::size_t looks = 0; looks < kLooksMax; looks += cost) {
    const auto due = NextEntry(after_us);
    if (!due || (end_us_ && *due > *end_us_)) return std::nullopt;
    const auto behind = BehindExclusion(*due);
    if (!behind) return due;
    after_us = *behind - 1;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Timetable::BehindExclusion(std::int64_t due_us) const {
  if (!exclusions_) return std::nullopt;
  const std::int64_t unix = FloorDivide(due_us, kSecondUs);
  const std::int64_t wall = zone_.WallOf(unix);
  const std::int64_t day = FloorDivide(wall, kDaySeconds);
  if (exclusions_->HasDay(day)) {
    const std::int64_t midnight = zone_.InstantOf((day + 1) * kDaySeconds).unix;
    return std::max(midnight, unix + 1) * kSecondUs;
  }
  if (!exclusions_->HasMinute(wall)) return std::nullopt;
  // As the clock shows it, and as time passes. When clocks are set between, it is looked again at the sooner.
  const std::int64_t free = exclusions_->FreeMinuteBehind(wall);
  const std::int64_t passed = unix + free - wall;
  const std::int64_t shown = zone_.InstantOf(free).unix;
  return (shown > unix ? std::min(passed, shown) : passed) * kSecondUs;
}

std::vector<std::int64_t> Timetable::Between(std::int64_t from_us, std::int64_t until_us,
                                             std::size_t most) const {
  std::vector<std::int64_t> times;
  for (auto next = Next(from_us - 1); next && *next < until_us && times.size() < most; next = Next(*next))
    times.push_back(*next);
  return times;
}

std::int64_t Timetable::StartsAt(std::int64_t due_us) const {
  if (jitter_us_ == 0) return due_us;
  std::int64_t room_us = jitter_us_;
  if (const auto next = Next(due_us)) room_us = std::min(room_us, *next - due_us);
  const std::uint64_t random = Mixed(seed_ ^ static_cast<std::uint64_t>(due_us));
  return due_us + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(room_us));
}

// Intervals do not look at clocks.
std::optional<ClockChange> Timetable::ClockChangeAt(std::int64_t due_us) const {
  const std::int64_t unix = FloorDivide(due_us, kSecondUs);
  const std::int64_t wall = zone_.WallOf(unix);
  const std::int64_t before = zone_.WallOf(unix - 1);
  const bool is_twice = zone_.InstantOf(wall).kind == TimeZone::Kind::kTwice;
  for (const Entry& entry : entries_) {
    const auto next_wall = [&entry](std::int64_t from) -> std::optional<std::int64_t> {
      if (const auto* cron = std::get_if<std::shared_ptr<const dsl::Cron>>(&entry))
        return (*cron)->NextWall(from);
      if (const auto* calendar = std::get_if<std::shared_ptr<const Calendar>>(&entry))
        return (*calendar)->NextWall(from);
      return std::nullopt;
    };
    const auto skipped = next_wall(before + 1);
    if (skipped && *skipped < wall) return ClockChange{ClockChange::Kind::kSkipped, *skipped};
    if (is_twice && next_wall(wall) == wall) return ClockChange{ClockChange::Kind::kRepeated, wall};
  }
  return std::nullopt;
}

}  // namespace elevaite::workflow

#include "foundation/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "foundation/text.h"
#include "foundation/time_zone_file.h"

namespace elevaite {
namespace {

constexpr std::size_t kFileBytesMax = 1U << 20U;
// After so many seconds weekdays and dates repeat: 400 Gregorian years.
constexpr std::int64_t kCycle = 146'097LL * 86'400;
// No two offsets of a zone differ by more.
constexpr std::int64_t kOffsetRange = 26 * 3600;

bool IsZoneName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '/' &&
         name.find("..") == std::string_view::npos && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                  c == '+' || c == '-' || c == '/' || c == '.';
         });
}

// The zones of the world's places, for suggestions: third column of zone1970.tab.
std::vector<std::string> ReadPlaces(std::string_view folder) {
  std::vector<std::string> places;
  std::ifstream in(std::filesystem::path(folder) / "zone1970.tab");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    const auto first = line.find('\t');
    const auto second = first == std::string::npos ? first : line.find('\t', first + 1);
    if (second == std::string::npos) continue;
    const auto end = std::min(line.find('\t', second + 1), line.size());
    places.push_back(line.substr(second + 1, end - second - 1));
  }
  return places;
}

std::string Suggest(std::string_view name, std::string_view folder) {
  const std::vector<std::string> places = ReadPlaces(folder);
  const std::vector<std::string_view> views(places.begin(), places.end());
  const std::string meant = DidYouMean(name, views);
  return meant.empty() ? "names are those of the IANA database: Europe/Berlin, America/New_York, UTC" : meant;
}

}  // namespace

struct TimeZone::Rep {
  std::string name;
  ZoneTable table;

  // The last transition at or before `unix`, or the end of the table if there is none.
  std::int64_t OffsetAt(std::int64_t unix) const {
    const auto& all = table.transitions;
    if (table.repeats && !all.empty() && unix > all.back().unix)
      unix -= ((unix - all.back().unix) / kCycle + 1) * kCycle;
    const auto behind = std::ranges::upper_bound(all, unix, {}, &ZoneTransition::unix);
    return behind == all.begin() ? table.first_offset : std::prev(behind)->offset;
  }
};

TimeZone TimeZone::Utc() { return TimeZone(std::make_shared<const Rep>(Rep{.name = "UTC", .table = {}})); }

Result<TimeZone> TimeZone::Parse(std::string name, std::string_view bytes) {
  ASSIGN_OR_RETURN(auto table, ReadZoneFile(bytes));
  return TimeZone(std::make_shared<const Rep>(Rep{std::move(name), std::move(table)}));
}

Result<TimeZone> TimeZone::Load(std::string_view name, std::string_view folder) {
  if (name == "UTC") return Utc();
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Fail(ErrorCode::kUnavailable, fmt::format("there is no time zone database at {}", folder),
                "install the package tzdata");
  }
  const auto path = std::filesystem::path(folder) / name;
  if (!IsZoneName(name) || !std::filesystem::is_regular_file(path, ignored) ||
      std::filesystem::file_size(path, ignored) > kFileBytesMax) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("there is no time zone '{}'", name.substr(0, 64)),
                Suggest(name, folder));
  }
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  return Parse(std::string(name), bytes);
}

const std::string& TimeZone::name() const { return rep_->name; }

std::int64_t TimeZone::WallOf(std::int64_t unix) const { return unix + rep_->OffsetAt(unix); }

// Of the offsets in force around that time, those under which the wall shows it are right.
TimeZone::Instant TimeZone::InstantOf(std::int64_t wall) const {
  const std::int64_t before = rep_->OffsetAt(wall - kOffsetRange);
  const std::int64_t after = rep_->OffsetAt(wall + kOffsetRange);
  const bool with_before = rep_->OffsetAt(wall - before) == before;
  const bool with_after = rep_->OffsetAt(wall - after) == after;
  if (with_before && with_after && before != after)
    return {Kind::kTwice, std::min(wall - before, wall - after)};
  if (with_before) return {Kind::kOnce, wall - before};
  if (with_after) return {Kind::kOnce, wall - after};
  // The clock jumps over it: find the jump between the two instants at which it would be.
  std::int64_t low = wall - std::max(before, after);
  std::int64_t high = wall - std::min(before, after);
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (WallOf(middle) > wall) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return {Kind::kNever, low};
}

// Later wall times never mean earlier instants, so the first wall time whose instant lies behind `after` is
// it. A few may lie before it: those of an hour that the clock shows for the second time.
std::optional<std::int64_t> NextInstant(const TimeZone& zone, std::int64_t after, const NextWall& next_wall) {
  std::int64_t wall = zone.WallOf(after) + 1;
  while (const auto next = next_wall(wall)) {
    const std::int64_t unix = zone.InstantOf(*next).unix;
    if (unix > after) return unix;
    wall = *next + 1;
  }
  return std::nullopt;
}

}  // namespace elevaite

// TimeZone: what clocks on a wall show, by the IANA time zone database of the system (package tzdata).
//
// Read straight from its files (TZif, RFC 8536) with the rule at their end for the years to come: a few
// hundred lines, while Debian's library for it (date-tz) throws, reads its whole database and knows no rule
// after 2037.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite {

// Immutable; may be shared by threads; copying is O(1).
class TimeZone {
 public:
  static constexpr std::string_view kFolder = "/usr/share/zoneinfo";

  static TimeZone Utc();
  // "Europe/Berlin", "UTC". Errors: kInvalidArgument for a name that is not known (with a suggestion),
  // kUnavailable if the database is not there. Reads a file.
  static Result<TimeZone> Load(std::string_view name, std::string_view folder = kFolder);
  // From the bytes of a TZif file.
  static Result<TimeZone> Parse(std::string name, std::string_view bytes);

  const std::string& name() const;

  // All times are in seconds: `unix` since 1970 UTC, `wall` the same for what the clock shows there.
  std::int64_t WallOf(std::int64_t unix) const;

  enum class Kind : std::uint8_t { kOnce, kNever, kTwice };
  struct Instant {
    Kind kind = Kind::kOnce;
    // kTwice: the first of both. kNever (the clock jumps over it): the first instant behind the gap.
    std::int64_t unix = 0;
  };
  Instant InstantOf(std::int64_t wall) const;

 private:
  struct Rep;
  explicit TimeZone(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  std::shared_ptr<const Rep> rep_;
};

// The first wall time of a set at or behind the one given; nullopt: none.
using NextWall = std::function<std::optional<std::int64_t>(std::int64_t)>;

// The first instant behind `after` at which a clock there shows a wall time of the set. A wall time that the
// clock jumps over counts at the first instant behind the gap; one that it shows twice counts the first time
// only.
std::optional<std::int64_t> NextInstant(const TimeZone& zone, std::int64_t after, const NextWall& next_wall);

}  // namespace elevaite

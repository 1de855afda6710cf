// Small things with text: suggestions for mistyped names, durations and sizes for people, ISO 8601 durations.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite {

// How many insertions, deletions, changes and swaps of neighbours make `a` into `b`; above `limit` the answer
// is limit + 1 and the work stops early. Bytes, not code points. O(|a| * |b|); texts above 256 bytes count as
// entirely different.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit);

// The candidate that `word` was probably meant to be: at most a third of its letters differ (one letter in
// short words). The first one wins among equals.
std::optional<std::string_view> ClosestMatch(std::string_view word,
                                             std::span<const std::string_view> candidates);
// "did you mean 'server.port'?" or nothing.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates);

// "250us", "1h30m", "2d": whole numbers of d h m s ms us, largest first, each at most once. The shortest
// exact form.
std::string FormatDuration(std::chrono::microseconds duration);
// Reads the same, also "1.5s" and "0"; no blanks, no sign. Up to 100 years.
Result<std::chrono::microseconds> ParseDuration(std::string_view text);

// Exact: "16MiB", "1.5KiB", "1001". FormatBytesRough is for people: "1.0KiB".
std::string FormatBytes(std::uint64_t bytes);
std::string FormatBytesRough(std::uint64_t bytes);
// "512", "16MiB", "10MB", "1.5GiB"; B, KiB, MiB, GiB, TiB (1024) and KB, MB, GB, TB (1000). Below 2^63.
Result<std::uint64_t> ParseBytes(std::string_view text);

// ISO 8601: "PT1H30M", "P1DT12H", "P2W", "PT0.25S". Years and months are refused, since they have no fixed
// length. The last part may have a fraction. A day is 24 hours. Up to 100 years.
Result<std::chrono::microseconds> ParseIsoDuration(std::string_view text);
std::string FormatIsoDuration(std::chrono::microseconds duration);  // "P1DT2H", "PT0S", "PT1.5S"

}  // namespace elevaite

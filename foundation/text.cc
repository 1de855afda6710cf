#include "foundation/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace elevaite {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kWordMax = 256;
constexpr std::int64_t kHundredYears = 36'525LL * 86'400 * 1'000'000;

struct Unit {
  std::string_view name;
  std::int64_t size;
};
constexpr std::array<Unit, 6> kDurationUnits{{{"d", 86'400'000'000},
                                              {"h", 3'600'000'000},
                                              {"m", 60'000'000},
                                              {"s", 1'000'000},
                                              {"ms", 1'000},
                                              {"us", 1}}};
constexpr std::array<Unit, 9> kByteUnits{{{"TiB", 1LL << 40U},
                                          {"GiB", 1LL << 30U},
                                          {"MiB", 1LL << 20U},
                                          {"KiB", 1LL << 10U},
                                          {"TB", 1'000'000'000'000},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"KB", 1'000},
                                          {"B", 1}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A decimal number from the front of a text, kept as whole and fraction so that "0.1" of a unit is exact.
struct Decimal {
  std::int64_t whole = 0;
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;

  // nullopt above `limit`; what is finer than the unit is cut off.
  std::optional<std::int64_t> Times(std::int64_t unit, std::int64_t limit) const {
    const auto total =
        static_cast<__int128>(whole) * unit + static_cast<__int128>(numerator) * unit / denominator;
    if (total > limit) return std::nullopt;
    return static_cast<std::int64_t>(total);
  }
};

std::optional<Decimal> TakeDecimal(std::string_view& text) {
  Decimal number;
  std::size_t at = 0;
  for (; at < text.size() && IsDigit(text[at]); ++at) {
    if (at >= 18) return std::nullopt;
    number.whole = number.whole * 10 + (text[at] - '0');
  }
  if (at == 0) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    const std::size_t first = ++at;
    for (; at < text.size() && IsDigit(text[at]); ++at) {
      if (at - first >= 12) return std::nullopt;
      number.numerator = number.numerator * 10 + (text[at] - '0');
      number.denominator *= 10;
    }
    if (at == first) return std::nullopt;
  }
  text.remove_prefix(at);
  return number;
}

std::string_view TakeLetters(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && !IsDigit(text[length]) && text[length] != '.') ++length;
  const std::string_view letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

std::optional<std::int64_t> DurationOf(std::string_view text) {
  if (text == "0") return 0;
  std::int64_t total = 0;
  std::size_t next = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto number = TakeDecimal(text);
    if (!number) return std::nullopt;
    const std::string_view name = TakeLetters(text);
    while (next < kDurationUnits.size() && kDurationUnits[next].name != name) ++next;
    if (next == kDurationUnits.size()) return std::nullopt;
    const auto part = number->Times(kDurationUnits[next++].size, kHundredYears);
    if (!part) return std::nullopt;
    total += *part;
  }
  if (total > kHundredYears) return std::nullopt;
  return total;
}

// The parts of an ISO duration must come in this order; time parts after the 'T'.
struct IsoPart {
  char letter;
  bool time;
  std::int64_t size;
};
constexpr std::array<IsoPart, 5> kIsoParts{{{'W', false, 7LL * 86'400'000'000},
                                            {'D', false, 86'400'000'000},
                                            {'H', true, 3'600'000'000},
                                            {'M', true, 60'000'000},
                                            {'S', true, 1'000'000}}};

std::optional<std::int64_t> IsoDurationOf(std::string_view text, bool& calendar) {
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t total = 0;
  std::size_t next = 0;
  bool time = false;
  bool any = false;
  bool fraction = false;
  while (!text.empty()) {
    if (text.front() == 'T' && !time) {
      time = true;
      any = false;  // a 'T' wants something after it
      text.remove_prefix(1);
      continue;
    }
    const auto number = TakeDecimal(text);
    if (!number || text.empty() || fraction) return std::nullopt;
    const char letter = text.front();
    text.remove_prefix(1);
    calendar = calendar || (!time && (letter == 'Y' || letter == 'M'));
    while (next < kIsoParts.size() && (kIsoParts[next].letter != letter || kIsoParts[next].time != time))
      ++next;
    if (next == kIsoParts.size()) return std::nullopt;
    const auto part = number->Times(kIsoParts[next++].size, kHundredYears);
    if (!part) return std::nullopt;
    total += *part;
    fraction = number->denominator > 1;
    any = true;
  }
  if (!any || total > kHundredYears) return std::nullopt;
  return total;
}

std::string Shown(std::string_view text) { return "'" + std::string(text.substr(0, 40)) + "'"; }

}  // namespace

// Optimal string alignment: three rows of the table are enough to know swaps.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t lengths = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (a.size() > kWordMax || b.size() > kWordMax || lengths > limit) return limit + 1;
  std::vector<std::size_t> two_up(b.size() + 1);
  std::vector<std::size_t> up(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_up, up);
    std::swap(up, row);
    row[0] = i;
    std::size_t best = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      row[k] = std::min({up[k] + 1, row[k - 1] + 1, up[k - 1] + (a[i - 1] == b[k - 1] ? 0U : 1U)});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        row[k] = std::min(row[k], two_up[k - 2] + 1);
      best = std::min(best, row[k]);
    }
    if (best > limit) return limit + 1;
  }
  return std::min(row[b.size()], limit + 1);
}

std::optional<std::string_view> ClosestMatch(std::string_view word,
                                             std::span<const std::string_view> candidates) {
  std::optional<std::string_view> best;
  std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = EditDistance(word, candidate, limit);
    if (distance > limit || distance >= std::max<std::size_t>(candidate.size(), 1)) continue;
    best = candidate;
    if (distance == 0) break;
    limit = distance - 1;
  }
  return best;
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto match = ClosestMatch(word, candidates);
  return match ? "did you mean '" + std::string(*match) + "'?" : std::string();
}

std::string FormatDuration(microseconds duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text = rest < 0 ? "-" : "";
  rest = rest < 0 ? -rest : rest;
  for (const Unit& unit : kDurationUnits) {
    if (rest < unit.size) continue;
    text += fmt::format("{}{}", rest / unit.size, unit.name);
    rest %= unit.size;
  }
  return text;
}

Result<microseconds> ParseDuration(std::string_view text) {
  if (const auto micros = DurationOf(text)) return microseconds(*micros);
  return Fail(ErrorCode::kInvalidArgument, Shown(text) + " is not a duration",
              "write it like 500ms, 30s, 1h30m or 7d");
}

std::string FormatBytes(std::uint64_t bytes) {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto unit = static_cast<std::uint64_t>(kByteUnits[i].size);
    if (bytes < unit) continue;
    if (bytes % unit == 0) return fmt::format("{}{}", bytes / unit, kByteUnits[i].name);
    if (bytes * 2 % unit == 0) return fmt::format("{}.5{}", bytes / unit, kByteUnits[i].name);
  }
  return fmt::format("{}", bytes);
}

std::string FormatBytesRough(std::uint64_t bytes) {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto unit = static_cast<std::uint64_t>(kByteUnits[i].size);
    if (bytes >= unit)
      return fmt::format("{:.1f}{}", static_cast<double>(bytes) / static_cast<double>(unit),
                         kByteUnits[i].name);
  }
  return fmt::format("{}B", bytes);
}

Result<std::uint64_t> ParseBytes(std::string_view text) {
  std::string_view rest = text;
  if (const auto number = TakeDecimal(rest)) {
    for (const Unit& unit : kByteUnits) {
      if (rest != unit.name && !(rest.empty() && unit.size == 1)) continue;
      if (const auto bytes = number->Times(unit.size, INT64_MAX)) return static_cast<std::uint64_t>(*bytes);
    }
  }
  return Fail(ErrorCode::kInvalidArgument, Shown(text) + " is not a size",
              "write it like 512, 64KiB, 16MiB or 2GB");
}

Result<microseconds> ParseIsoDuration(std::string_view text) {
  bool calendar = false;
  if (const auto micros = IsoDurationOf(text, calendar)) return microseconds(*micros);
  if (calendar) {
    return Fail(ErrorCode::kInvalidArgument,
                Shown(text) + " uses years or months, which have no fixed length",
                "use days or weeks: P30D, P52W");
  }
  return Fail(ErrorCode::kInvalidArgument, Shown(text) + " is not an ISO 8601 duration up to 100 years",
              "write it like PT30S, PT1H30M or P7D");
}

std::string FormatIsoDuration(microseconds duration) {
  const std::int64_t total = duration.count() < 0 ? -duration.count() : duration.count();
  std::string text = duration.count() < 0 ? "-P" : "P";
  const std::int64_t days = total / 86'400'000'000;
  std::int64_t rest = total % 86'400'000'000;
  if (days > 0) text += fmt::format("{}D", days);
  if (rest == 0) return days > 0 ? text : "PT0S";
  text += 'T';
  if (rest >= 3'600'000'000) text += fmt::format("{}H", rest / 3'600'000'000);
  rest %= 3'600'000'000;
  if (rest >= 60'000'000) text += fmt::format("{}M", rest / 60'000'000);
  rest %= 60'000'000;
  if (rest == 0) return text;
  text += fmt::format("{}", rest / 1'000'000);
  if (rest % 1'000'000 != 0) {
    std::string fraction = fmt::format(".{:06}", rest % 1'000'000);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  return text += 'S';
}

}  // namespace elevaite

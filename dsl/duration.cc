#include "dsl/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

struct Unit {
  std::string_view key;   // in an object
  std::string_view sign;  // for people
  std::int64_t microseconds;
};
constexpr Unit kUnits[] = {
    {"days", "d", 86'400'000'000}, {"hours", "h", 3'600'000'000}, {"minutes", "min", 60'000'000},
    {"seconds", "s", 1'000'000},   {"milliseconds", "ms", 1'000},
};

std::unexpected<DurationError> Refuse(std::string message, std::string hint = {}) {
  return std::unexpected(DurationError{std::move(message), std::move(hint)});
}

std::unexpected<DurationError> TooLong() { return Refuse("the duration is longer than 100 years"); }

// What people write instead: 30s, 5m, 1h30m, 500ms, 1d, "30 seconds". The ISO text that they mean.
std::optional<std::string> MeantByShorthand(std::string_view text) {
  std::string days;
  std::string time;
  std::size_t i = 0;
  while (i < text.size()) {
    while (i < text.size() && (text[i] == ' ' || text[i] == ',')) ++i;
    const std::size_t digits = i;
    while (i < text.size() && (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '.')) ++i;
    if (i == digits) return std::nullopt;
    const std::string number(text.substr(digits, i - digits));
    while (i < text.size() && text[i] == ' ') ++i;
    const std::size_t letters = i;
    while (i < text.size() && std::isalpha(static_cast<unsigned char>(text[i]))) ++i;
    std::string unit(text.substr(letters, i - letters));
    for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (unit == "d" || unit == "day" || unit == "days") {
      days = number + "D";
    } else if (unit == "h" || unit == "hr" || unit == "hrs" || unit == "hour" || unit == "hours") {
      time += number + "H";
    } else if (unit == "m" || unit == "min" || unit == "mins" || unit == "minute" || unit == "minutes") {
      time += number + "M";
    } else if (unit == "s" || unit == "sec" || unit == "secs" || unit == "second" || unit == "seconds") {
      time += number + "S";
    } else if (unit == "ms" || unit == "millis" || unit == "milliseconds") {
      if (number.size() > 9 || number.find('.') != std::string::npos) return std::nullopt;
      time += fmt::format("{:g}S", std::stod(number) / 1000);
    } else {
      return std::nullopt;
    }
  }
  if (days.empty() && time.empty()) return std::nullopt;
  return "P" + days + (time.empty() ? "" : "T" + time);
}

// Adds `number` units; false when that passes the bound.
bool AddIso(std::string_view number, std::int64_t unit_us, std::int64_t& total) {
  const std::size_t point = number.find_first_of(".,");
  const std::string_view whole = number.substr(0, point);
  std::int64_t value = 0;
  for (char c : whole) {
    value = value * 10 + (c - '0');
    if (value > kDurationMaxUs / unit_us) return false;
  }
  total += value * unit_us;
  if (point != std::string_view::npos) {
    std::int64_t scale = unit_us;
    std::int64_t rest = 0;
    for (char c : number.substr(point + 1)) {
      // A fraction's digit is worth scale/10 microseconds; days divide evenly to below one microsecond.
      rest += (c - '0') * scale / 10;
      scale /= 10;
      if (scale == 0) break;
    }
    total += rest;
  }
  return total <= kDurationMaxUs;
}

std::expected<std::int64_t, DurationError> ParseObject(const Json& value) {
  if (value.Size() == 0) return Refuse("an empty duration", "write for example {seconds: 30}");
  std::int64_t total = 0;
  for (const Json::Member& member : value.AsObject()) {
    const std::string_view key = member.key.AsString();
    const auto* unit = std::ranges::find(kUnits, key, &Unit::key);
    if (unit == std::end(kUnits)) {
      std::string_view keys[std::size(kUnits)];
      std::ranges::transform(kUnits, keys, &Unit::key);
      const auto near = Nearest(key, keys);
      return Refuse(fmt::format("a duration has no {}", Quote(key)),
                    near ? fmt::format("did you mean `{}`?", *near) : "it takes " + ListOf(keys, "and"));
    }
    if (!member.value.IsInt64() || member.value.AsInt64() < 0) {
      const bool is_expression = member.value.StringOr("").find("${") != std::string_view::npos;
      return Refuse(
          fmt::format("`{}` takes a whole number from 0 on", key),
          is_expression ? fmt::format("compute the whole duration: ${{ {{{}: ...}} }}", key) : std::string());
    }
    if (member.value.AsInt64() > kDurationMaxUs / unit->microseconds) return TooLong();
    total += member.value.AsInt64() * unit->microseconds;
    if (total > kDurationMaxUs) return TooLong();
  }
  return total;
}

}  // namespace

std::expected<std::int64_t, DurationError> ParseIsoDuration(std::string_view text) {
  const auto bad = [&]() -> std::unexpected<DurationError> {
    const auto meant = MeantByShorthand(text);
    return Refuse(fmt::format("{} is no ISO 8601 duration", Quote(text)),
                  meant ? fmt::format("write {}", *meant)
                        : "write for example PT30S, PT5M, PT2H, P1D or {seconds: 30}");
  };
  if (!text.starts_with('P')) return bad();
  std::size_t i = 1;
  bool in_time = false;
  bool any = false;
  std::size_t rank = 0;  // units must descend: W D H M S
  std::int64_t total = 0;
  while (i < text.size()) {
    if (text[i] == 'T') {
      if (in_time || i + 1 == text.size()) return bad();
      in_time = true;
      ++i;
      continue;
    }
    const std::size_t begin = i;
    std::size_t points = 0;
    while (i < text.size() &&
           (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '.' || text[i] == ',')) {
      if (!std::isdigit(static_cast<unsigned char>(text[i]))) ++points;
      ++i;
    }
    const std::string_view number = text.substr(begin, i - begin);
    const bool well_formed = !number.empty() && points <= 1 &&
                             std::isdigit(static_cast<unsigned char>(number.front())) &&
                             std::isdigit(static_cast<unsigned char>(number.back()));
    if (!well_formed || i == text.size()) return bad();
    const char unit = text[i++];
    if (!in_time && (unit == 'Y' || unit == 'M')) {
      return Refuse(fmt::format("{}: years and months have no fixed length", Quote(text)),
                    unit == 'M' ? "for minutes write PT...M; for months count the days: P30D"
                                : "count the days: P365D");
    }
    struct IsoUnit {
      char sign;
      bool time;
      std::size_t rank;
      std::int64_t microseconds;
    };
    static constexpr IsoUnit kIso[] = {{'W', false, 1, 604'800'000'000},
                                       {'D', false, 2, 86'400'000'000},
                                       {'H', true, 3, 3'600'000'000},
                                       {'M', true, 4, 60'000'000},
                                       {'S', true, 5, 1'000'000}};
    const auto* found =
        std::ranges::find_if(kIso, [&](const IsoUnit& u) { return u.sign == unit && u.time == in_time; });
    if (found == std::end(kIso) || found->rank <= rank) return bad();
    rank = found->rank;
    any = true;
    if (!AddIso(number, found->microseconds, total)) return TooLong();
  }
  if (!any) return bad();
  return total;
}

std::expected<std::int64_t, DurationError> ParseDuration(const Json& value) {
  if (value.IsString()) return ParseIsoDuration(value.AsString());
  if (value.IsObject()) return ParseObject(value);
  if (value.IsNumber()) {
    return Refuse("a duration has a unit", fmt::format("write {{seconds: {0}}} or PT{0}S", value.Dump()));
  }
  return Refuse("a duration is an ISO 8601 text or an object", "write for example PT30S or {seconds: 30}");
}

std::string DescribeDuration(std::int64_t microseconds) {
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = microseconds / unit.microseconds;
    if (count == 0) continue;
    microseconds -= count * unit.microseconds;
    if (!text.empty()) text += ' ';
    text += fmt::format("{} {}", count, unit.sign);
  }
  return text.empty() ? "0 s" : text;
}

}  // namespace elevaite::dsl

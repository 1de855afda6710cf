#include "dsl/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <utility>

#include "dsl/suggest.h"
#include "foundation/text.h"

namespace elevaite::dsl {
namespace {

struct Unit {
  std::string_view key;
  std::int64_t microseconds;
};
constexpr Unit kUnits[] = {
    {"days", 86'400'000'000}, {"hours", 3'600'000'000}, {"minutes", 60'000'000},
    {"seconds", 1'000'000},   {"milliseconds", 1'000},
};

std::unexpected<DurationError> Refuse(std::string message, std::string hint = {}) {
  return std::unexpected(DurationError{std::move(message), std::move(hint)});
}

std::unexpected<DurationError> TooLong() { return Refuse("the duration is longer than 100 years"); }

// What people write instead ("30s", "1h 30 min", "2 days") as the ISO text that they mean.
std::optional<std::string> MeantByShorthand(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"days", "d"},    {"day", "d"},     {"hours", "h"},  {"hour", "h"}, {"hrs", "h"},
      {"hr", "h"},      {"minutes", "m"}, {"minute", "m"}, {"mins", "m"}, {"min", "m"},
      {"seconds", "s"}, {"second", "s"},  {"secs", "s"},   {"sec", "s"},  {"milliseconds", "ms"},
      {"millis", "ms"}, {"weeks", "w"},   {"week", "w"}};
  if (text.size() > 64) return std::nullopt;
  std::string plain;
  std::string word;
  const auto take_word = [&] {
    const auto* found =
        std::ranges::find(kWords, word, &std::pair<std::string_view, std::string_view>::first);
    plain += found == std::end(kWords) ? std::string_view(word) : found->second;
    word.clear();
  };
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalpha(byte) != 0) {
      word += static_cast<char>(std::tolower(byte));
    } else {
      take_word();
      if (c != ' ' && c != ',') plain += c;
    }
  }
  take_word();
  const auto duration = elevaite::ParseDuration(plain);
  if (!duration || plain == "0") return std::nullopt;
  return FormatIsoDuration(*duration);
}

std::expected<std::int64_t, DurationError> ParseIso(std::string_view text) {
  const auto value = ParseIsoDuration(text);
  if (value) return value->count();
  if (text.starts_with('P') && text.find_first_of("YM") < text.find('T')) {
    return Refuse(fmt::format("{}: years and months have no fixed length", Quote(text)),
                  text.find('M') < text.find('T')
                      ? "for minutes write PT...M; for months count the days: P30D"
                      : "count the days: P365D");
  }
  const auto meant = MeantByShorthand(text);
  return Refuse(
      fmt::format("{} is no ISO 8601 duration of at most 100 years", Quote(text)),
      meant ? fmt::format("write {}", *meant) : "write for example PT30S, PT5M, PT2H, P1D or {seconds: 30}");
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

std::expected<std::int64_t, DurationError> ParseDuration(const Json& value) {
  if (value.IsString()) return ParseIso(value.AsString());
  if (value.IsObject()) return ParseObject(value);
  if (value.IsNumber()) {
    return Refuse("a duration has a unit", fmt::format("write {{seconds: {0}}} or PT{0}S", value.Dump()));
  }
  return Refuse("a duration is an ISO 8601 text or an object", "write for example PT30S or {seconds: 30}");
}

}  // namespace elevaite::dsl

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "dsl/cron.h"
#include "foundation/text.h"
#include "foundation/utf8.h"

namespace elevaite::dsl {
namespace {

constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  std::string_view name;  // "minute"
  int min;
  int max;
  std::span<const std::string_view> names{};  // of min, min + 1 ...
};

constexpr Field kSecond{"second", 0, 59};
constexpr Field kMinute{"minute", 0, 59};
constexpr Field kHour{"hour", 0, 23};
constexpr Field kDayOfMonth{"day of the month", 1, 31};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kDayOfWeek{"day of the week", 0, 7, kWeekdays};

struct Macro {
  std::string_view name;
  std::string_view meaning;
};
constexpr Macro kMacros[] = {{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
                             {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
                             {"@hourly", "0 * * * *"}};

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Quote(std::string_view text) { return fmt::format("`{}`", Utf8Prefix(text, 40)); }

std::string ValuesOf(const Field& field) {
  if (field.names.empty()) return fmt::format("it is {} to {}", field.min, field.max);
  return fmt::format("it is {} to {}, or {} to {}", field.min, field.max, field.names.front(),
                     field.names.back());
}

}  // namespace

class CronParser {
 public:
  explicit CronParser(std::string_view text) : text_(text) {}

  std::expected<Cron, CronError> Run();

 private:
  using Set = std::uint64_t;

  bool Fields(std::string_view text);
  bool DayOfMonth(std::string_view text);
  bool DayOfWeek(std::string_view text);
  bool List(const Field& field, std::string_view text, Set& set);
  bool Range(const Field& field, std::string_view text, Set& set);
  bool Value(const Field& field, std::string_view text, int& value);
  bool SpecialDayOfMonth(std::string_view text, bool& special);
  bool SpecialDayOfWeek(std::string_view text, bool& special);

  bool Fail(std::string_view at, std::string message, std::string hint = {}) {
    const bool inside = at.data() >= text_.data() && at.data() + at.size() <= text_.data() + text_.size();
    const auto begin = inside ? static_cast<std::uint32_t>(at.data() - text_.data()) : 0;
    const auto size = static_cast<std::uint32_t>(inside ? at.size() : text_.size());
    error_ = {std::move(message), std::move(hint), begin, begin + size};
    return false;
  }

  std::string_view text_;
  Cron cron_;
  CronError error_;
};

namespace {

std::vector<std::string_view> Split(std::string_view text, std::string_view separators, bool keep_empty) {
  std::vector<std::string_view> parts;
  for (bool more = true; more;) {
    const auto end = text.find_first_of(separators);
    more = end != std::string_view::npos;
    const std::string_view part = text.substr(0, end);
    if (keep_empty || !part.empty()) parts.push_back(part);
    if (more) text.remove_prefix(end + 1);
  }
  return parts;
}

std::string CountHint(std::size_t count) {
  if (count == 7) return "a field for years is not supported";
  return "the fields are [second] minute hour day-of-month month day-of-week";
}

}  // namespace

std::expected<Cron, CronError> CronParser::Run() {
  if (text_.size() > Cron::kTextBytesMax) {
    Fail(text_, fmt::format("a cron expression has {} characters at most", Cron::kTextBytesMax));
    return std::unexpected(error_);
  }
  const auto words = Split(text_, " \t", false);
  std::string_view text = text_;
  if (words.size() == 1 && words.front().starts_with('@')) {
    const auto macro = std::ranges::find(kMacros, words.front(), &Macro::name);
    if (macro == std::end(kMacros)) {
      std::vector<std::string_view> names;
      for (const Macro& one : kMacros) names.push_back(one.name);
      const std::string meant = DidYouMean(words.front(), names);
      Fail(words.front(), Quote(words.front()) + " is not known",
           meant.empty() ? "known are @yearly, @monthly, @weekly, @daily and @hourly" : meant);
      return std::unexpected(error_);
    }
    text = macro->meaning;
  }
  if (!Fields(text)) return std::unexpected(error_);
  if (!cron_.IsEverDue()) {
    Fail(text_, "this is never due: there is no such day", "look at the days of the month and the months");
    return std::unexpected(error_);
  }
  return cron_;
}

bool CronParser::Fields(std::string_view text) {
  const auto fields = Split(text, " \t", false);
  if (fields.size() != 5 && fields.size() != 6) {
    return Fail(text_,
                fmt::format("a cron expression has 5 fields, or 6 with seconds, not {}", fields.size()),
                CountHint(fields.size()));
  }
  const std::size_t first = fields.size() - 5;
  if (first == 1) {
    cron_.seconds_ = 0;
    if (!List(kSecond, fields[0], cron_.seconds_)) return false;
  }
  return List(kMinute, fields[first], cron_.minutes_) && List(kHour, fields[first + 1], cron_.hours_) &&
         DayOfMonth(fields[first + 2]) && List(kMonth, fields[first + 3], cron_.months_) &&
         DayOfWeek(fields[first + 4]);
}

bool CronParser::DayOfMonth(std::string_view text) {
  cron_.any_day_of_month_ = text.starts_with('*') || text.starts_with('?');
  for (const std::string_view part : Split(text, ",", true)) {
    bool special = false;
    if (!SpecialDayOfMonth(part, special)) return false;
    if (!special && !Range(kDayOfMonth, part, cron_.days_)) return false;
  }
  return true;
}

bool CronParser::DayOfWeek(std::string_view text) {
  cron_.any_day_of_week_ = text.starts_with('*') || text.starts_with('?');
  for (const std::string_view part : Split(text, ",", true)) {
    bool special = false;
    if (!SpecialDayOfWeek(part, special)) return false;
    if (!special && !Range(kDayOfWeek, part, cron_.weekdays_)) return false;
  }
  cron_.weekdays_ |= cron_.weekdays_ >> 7U & 1U;  // 7 is Sunday too
  return true;
}

bool CronParser::List(const Field& field, std::string_view text, Set& set) {
  for (const std::string_view part : Split(text, ",", true)) {
    if (!Range(field, part, set)) return false;
  }
  return true;
}

bool CronParser::Range(const Field& field, std::string_view text, Set& set) {
  if (text.empty()) return Fail(text, fmt::format("a {} is missing beside a comma", field.name));
  const auto slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  int begin = field.min;
  int end = field.max;
  if (range != "*" && range != "?") {
    const auto dash = range.find('-');
    if (!Value(field, range.substr(0, dash), begin)) return false;
    if (dash != std::string_view::npos) {
      if (!Value(field, range.substr(dash + 1), end)) return false;
    } else if (slash == std::string_view::npos) {
      end = begin;
    }
    if (end < begin) {
      return Fail(range, Quote(range) + " ends before it begins",
                  fmt::format("write it as two: {}-{},{}-{}", begin, field.max, field.min, end));
    }
  }
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const bool good = !digits.empty() && digits.size() <= 2 && std::ranges::all_of(digits, IsDigit);
    step = 0;
    for (const char c : good ? digits : "") step = step * 10 + (c - '0');
    if (step == 0)
      return Fail(digits, fmt::format("{} is no step", Quote(digits)), "*/15 means every 15th value");
  }
  // As 0 and 7 are the same day, `*` has it once.
  if (&field == &kDayOfWeek && (range == "*" || range == "?")) end = 6;
  for (int value = begin; value <= end; value += step) set |= Set{1} << static_cast<unsigned>(value);
  return true;
}

bool CronParser::Value(const Field& field, std::string_view text, int& value) {
  if (!text.empty() && text.size() <= 2 && std::ranges::all_of(text, IsDigit)) {
    value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    if (value >= field.min && value <= field.max) return true;
  }
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), Upper);
  const auto name = std::ranges::find(field.names, upper);
  if (name != field.names.end()) {
    value = field.min + static_cast<int>(name - field.names.begin());
    return true;
  }
  if (text == "L" && &field == &kDayOfWeek)
    return Fail(text, "`L` needs a day here", "FRIL is the last Friday of the month, SAT is Saturday");
  return Fail(text, fmt::format("{} is no {}: {}", Quote(text), field.name, ValuesOf(field)));
}

// L, L-3, LW, 15W
bool CronParser::SpecialDayOfMonth(std::string_view text, bool& special) {
  special = true;
  int value = 0;
  if (text == "L") {
    cron_.days_before_last_ |= 1;
    return true;
  }
  if (text == "LW") {
    cron_.last_weekday_of_month_ = true;
    return true;
  }
  if (text.starts_with("L-")) {
    if (!Value(kDayOfMonth, text.substr(2), value)) return false;
    cron_.days_before_last_ |= Set{1} << static_cast<unsigned>(value);
    return true;
  }
  if (text.size() > 1 && text.ends_with('W')) {
    if (!Value(kDayOfMonth, text.substr(0, text.size() - 1), value)) return false;
    cron_.nearest_weekdays_ |= Set{1} << static_cast<unsigned>(value);
    return true;
  }
  special = false;
  return true;
}

// FRIL, 5L, FRI#2
bool CronParser::SpecialDayOfWeek(std::string_view text, bool& special) {
  special = true;
  int value = 0;
  if (text.size() > 1 && (text.ends_with('L') || text.ends_with('l'))) {
    if (!Value(kDayOfWeek, text.substr(0, text.size() - 1), value)) return false;
    cron_.last_weekdays_ |= Set{1} << static_cast<unsigned>(value % 7);
    return true;
  }
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    if (!Value(kDayOfWeek, text.substr(0, hash), value)) return false;
    const std::string_view nth = text.substr(hash + 1);
    if (nth.size() != 1 || nth[0] < '1' || nth[0] > '5')
      return Fail(nth, fmt::format("{} is no place in a month: it is 1 to 5", Quote(nth)));
    cron_.nth_weekdays_[static_cast<std::size_t>(nth[0] - '0')] |= Set{1} << static_cast<unsigned>(value % 7);
    return true;
  }
  special = false;
  return true;
}

std::expected<Cron, CronError> Cron::Parse(std::string_view text) { return CronParser(text).Run(); }

}  // namespace elevaite::dsl

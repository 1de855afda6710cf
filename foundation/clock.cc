#include "foundation/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace elevaite {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr std::int64_t kFirst =
    sys_days(std::chrono::year(0) / 1 / 1).time_since_epoch().count() * kMicrosPerDay;
constexpr std::int64_t kLast =
    (sys_days(std::chrono::year(9999) / 12 / 31).time_since_epoch().count() + 1) * kMicrosPerDay - 1;

// Reads fixed-width fields from the front of a text.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  std::optional<int> Number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  bool Skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char last() const { return last_; }
  bool AtEnd() const { return rest_.empty(); }

  // ".123456789" to microseconds; nothing is 0; -1 when malformed.
  std::int64_t Fraction() {
    if (!Skip(".")) return 0;
    std::int64_t micros = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits < 6) micros = micros * 10 + (rest_[digits] - '0');
    }
    if (digits == 0 || digits > 9) return -1;
    rest_.remove_prefix(digits);
    for (std::size_t i = digits; i < 6; ++i) micros *= 10;
    return micros;
  }

 private:
  std::string_view rest_;
  char last_ = '\0';
};

std::optional<Timestamp> ParseRfc3339(std::string_view text) {
  Fields in(text);
  const auto year = in.Number(4);
  if (!year || !in.Skip("-")) return std::nullopt;
  const auto month = in.Number(2);
  if (!month || !in.Skip("-")) return std::nullopt;
  const auto day = in.Number(2);
  if (!day || !in.Skip("Tt ")) return std::nullopt;
  const auto hour = in.Number(2);
  if (!hour || *hour > 23 || !in.Skip(":")) return std::nullopt;
  const auto minute = in.Number(2);
  if (!minute || *minute > 59 || !in.Skip(":")) return std::nullopt;
  const auto second = in.Number(2);
  if (!second || *second > 59) return std::nullopt;
  const std::int64_t fraction = in.Fraction();
  if (fraction < 0 || !in.Skip("Zz+-")) return std::nullopt;
  std::int64_t offset_minutes = 0;
  if (in.last() == '+' || in.last() == '-') {
    const bool west = in.last() == '-';
    const auto hours = in.Number(2);
    if (!hours || *hours > 23 || !in.Skip(":")) return std::nullopt;
    const auto minutes = in.Number(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset_minutes = (west ? -1 : 1) * (*hours * 60 + *minutes);
  }
  if (!in.AtEnd()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t seconds = sys_days(date).time_since_epoch().count() * 86'400LL + *hour * 3600LL +
                               *minute * 60LL + *second - offset_minutes * 60;
  return Timestamp::FromMicros(seconds * kMicrosPerSecond + fraction);
}

class RealClock final : public Clock {
 public:
  Timestamp Now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp::FromMicros(std::chrono::duration_cast<microseconds>(since_epoch).count());
  }
  Instant Monotonic() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

std::string Timestamp::ToRfc3339(Precision precision) const {
  const std::chrono::sys_time<microseconds> time{microseconds(std::clamp(micros_, kFirst, kLast))};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  const std::int64_t fraction = clock.subseconds().count();
  if (precision == Precision::kMillis) text += fmt::format(".{:03}", fraction / 1000);
  if (precision == Precision::kMicros) text += fmt::format(".{:06}", fraction);
  return text += 'Z';
}

Result<Timestamp> Timestamp::Parse(std::string_view text) {
  if (const auto time = ParseRfc3339(text)) return *time;
  return Fail(ErrorCode::kInvalidArgument, "'" + std::string(text.substr(0, 40)) + "' is not a time",
              "write it like 2026-11-20T21:52:00Z (RFC 3339)");
}

Clock& SystemClock() {
  static RealClock clock;
  return clock;
}

}  // namespace elevaite

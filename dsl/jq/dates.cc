// Dates: always UTC, never the machine's zone; `now` is what the caller says.
//
// A broken-down time is jq's: [year, month 0-11, day, hours, minutes, seconds with fraction, weekday, day of
// the year].
#include <cmath>
#include <ctime>

#include "dsl/jq/natives.h"

namespace elevaite::jq {
namespace {

// Days since 1970-01-01 of a civil date (proleptic Gregorian); month may be outside 0-11.
std::int64_t DaysFromCivil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year += month / 12;
  month %= 12;
  if (month < 0) {
    month += 12;
    --year;
  }
  // Count years from March, so that the leap day is the last of its year.
  const std::int64_t shifted = month >= 2 ? month - 2 : month + 10;
  if (month < 2) --year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * shifted + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

std::tm CivilFromSeconds(std::int64_t seconds) {
  std::tm tm{};
  std::int64_t days = seconds / 86'400;
  std::int64_t rest = seconds % 86'400;
  if (rest < 0) {
    rest += 86'400;
    --days;
  }
  tm.tm_hour = static_cast<int>(rest / 3600);
  tm.tm_min = static_cast<int>(rest / 60 % 60);
  tm.tm_sec = static_cast<int>(rest % 60);
  tm.tm_wday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  tm.tm_mday = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  tm.tm_mon = static_cast<int>(month < 10 ? month + 2 : month - 10);
  const std::int64_t year = year_of_era + era * 400 + (tm.tm_mon < 2 ? 1 : 0);
  tm.tm_year = static_cast<int>(year - 1900);
  tm.tm_yday = static_cast<int>(days - DaysFromCivil(year, 0, 1));
  tm.tm_zone = "UTC";
  return tm;
}

std::int64_t SecondsFromCivil(const std::tm& tm) {
  return DaysFromCivil(tm.tm_year + std::int64_t{1900}, tm.tm_mon, tm.tm_mday) * 86'400 +
         tm.tm_hour * std::int64_t{3600} + tm.tm_min * std::int64_t{60} + tm.tm_sec;
}

constexpr double kSecondsMax = 60'000'000'000'000.0;  // the year 1.9 million, either way

bool BrokenDown(Context& context, double seconds, std::tm& tm) {
  if (!(std::abs(seconds) <= kSecondsMax)) {
    return context.Fail("error converting number of seconds since epoch to datetime");
  }
  tm = CivilFromSeconds(static_cast<std::int64_t>(std::floor(seconds)));
  return true;
}

bool TmFromArray(Context& context, const Json& input, const char* name, std::tm& tm) {
  const std::string message = std::string(name) + " requires parsed datetime inputs";
  tm = {};
  tm.tm_mday = 1;
  tm.tm_zone = "UTC";
  int* fields[] = {&tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                   &tm.tm_min,  &tm.tm_sec, &tm.tm_wday, &tm.tm_yday};
  if (input.Size() == 0) return context.Fail(message);
  for (std::size_t i = 0; i < std::min<std::size_t>(input.Size(), 8); ++i) {
    const Json& field = input.AsArray()[i];
    if (!field.IsNumber() || !(std::abs(field.AsDouble()) < 1e9)) return context.Fail(message);
    *fields[i] = static_cast<int>(std::trunc(field.AsDouble()));
  }
  tm.tm_year -= 1900;
  if (std::abs(static_cast<std::int64_t>(tm.tm_year)) > 1'900'000) return context.Fail(message);
  return true;
}

bool ToArray(Context& context, const std::tm& tm, const Json& seconds, Json& out) {
  return MakeArray(context,
                   {Json(std::int64_t{tm.tm_year} + 1900), Json(tm.tm_mon), Json(tm.tm_mday),
                    Json(tm.tm_hour), Json(tm.tm_min), seconds, Json(tm.tm_wday), Json(tm.tm_yday)},
                   out);
}

bool Gmtime(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsNumber()) return context.Fail("gmtime() requires a number");
  std::tm tm{};
  const double seconds = input.AsDouble();
  if (!BrokenDown(context, seconds, tm)) return false;
  const double fraction = seconds - std::floor(seconds);
  return ToArray(context, tm, Number(tm.tm_sec + fraction), out);
}

bool Mktime(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsArray()) return context.Fail("mktime requires array inputs");
  std::tm tm{};
  if (!TmFromArray(context, input, "mktime", tm)) return false;
  out = SecondsFromCivil(tm);
  return true;
}

// %s would ask the machine's zone: it is filled in before libc sees the format.
std::string WithoutEpoch(std::string_view format, const std::tm& tm) {
  std::string result;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      result += format[i];
    } else if (format[i + 1] == 's') {
      result += std::to_string(SecondsFromCivil(tm));
      ++i;
    } else {
      result += format[i];
      result += format[++i];
    }
  }
  return result;
}

// A field width ("%999999999d") would make libc write that many bytes.
bool HasWidth(std::string_view format) {
  for (std::size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    while (i < format.size() && std::string_view("_-^#+EO").find(format[i]) != std::string_view::npos) ++i;
    if (i < format.size() && format[i] >= '0' && format[i] <= '9') return true;
  }
  return false;
}

bool Format(Context& context, const Json& input, const Json& format, const char* name, Json& out) {
  if (!input.IsNumber() && !input.IsArray())
    return context.Fail(std::string(name) + " requires parsed datetime inputs");
  if (!format.IsString()) return context.Fail(std::string(name) + " requires a string format");
  std::tm tm{};
  if (input.IsNumber() ? !BrokenDown(context, input.AsDouble(), tm) : !TmFromArray(context, input, name, tm))
    return false;
  if (input.IsArray()) {  // weekday and day of the year follow from the date where they are not given
    const std::tm exact = CivilFromSeconds(SecondsFromCivil(tm));
    if (input.Size() < 7) tm.tm_wday = exact.tm_wday;
    if (input.Size() < 8) tm.tm_yday = exact.tm_yday;
  }
  if (HasWidth(format.AsString()))
    return context.Fail(std::string(name) + ": field widths are not available");
  const std::string text = WithoutEpoch(format.AsString(), tm);
  if (text.size() > 4096 || text.find('\0') != std::string::npos) {
    return context.Fail(std::string(name) + ": the format is too long");
  }
  if (text.empty()) {
    out = Json("");
    return true;
  }
  std::string buffer(text.size() * 32 + 64, '\0');
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), text.c_str(), &tm);
  buffer.resize(length);
  if (FindInvalidUtf8(buffer) != std::string::npos)
    return context.Fail(std::string(name) + ": unknown conversion");
  out = Json(buffer);
  return context.ChargeText(length);
}

bool Strftime(Context& context, Json& input, Json* arguments, Json& out) {
  return Format(context, input, arguments[0], "strftime/1", out);
}
bool Strflocaltime(Context& context, Json& input, Json* arguments, Json& out) {
  return Format(context, input, arguments[0], "strflocaltime/1", out);
}

bool Strptime(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsString()) return context.Fail("strptime/1 requires string inputs and arguments");
  if (!arguments[0].IsString()) return context.Fail("strptime/1 requires string inputs and arguments");
  const std::string text(input.AsString());
  const std::string format(arguments[0].AsString());
  if (text.size() > 4096 || format.size() > 4096) return context.Fail("strptime/1: the text is too long");
  const auto mismatch = [&] {
    return context.Fail("date \"" + text + "\" does not match format \"" + format + "\"");
  };
  std::tm tm{};
  tm.tm_mday = 1;
  if (format == "%s") {  // libc would convert with the machine's zone
    Json seconds;
    if (!NumberFromWord(text, seconds) || !BrokenDown(context, seconds.AsDouble(), tm)) return mismatch();
  } else {
    if (format.find("%s") != std::string::npos || text.find('\0') != std::string::npos) return mismatch();
    const char* end = ::strptime(text.c_str(), format.c_str(), &tm);
    if (end == nullptr || *end != '\0') return mismatch();
    if (std::abs(static_cast<std::int64_t>(tm.tm_year)) > 1'900'000) return mismatch();
  }
  const std::tm exact = CivilFromSeconds(SecondsFromCivil(tm));
  tm.tm_wday = exact.tm_wday;
  tm.tm_yday = exact.tm_yday;
  return ToArray(context, tm, Json(tm.tm_sec), out);
}

bool Now(Context& context, Json&, Json*, Json& out) {
  out = Number(static_cast<double>(context.now_us()) / 1e6);
  return true;
}

constexpr Native kNatives[] = {
    {"gmtime", 0, false, Gmtime},
    {"localtime", 0, false, Gmtime},
    {"mktime", 0, false, Mktime},
    {"strftime", 1, false, Strftime},
    {"strflocaltime", 1, false, Strflocaltime},
    {"strptime", 1, false, Strptime},
    {"now", 0, false, Now},
};

}  // namespace

std::span<const Native> DateNatives() { return kNatives; }

}  // namespace elevaite::jq

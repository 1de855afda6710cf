#include "dsl/cron.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>

namespace elevaite::dsl {
namespace {

Timestamp At(std::string_view utc) {
  const auto time = Timestamp::Parse(utc);
  EXPECT_TRUE(time) << utc;
  return time.value_or(Timestamp());
}

TimeZone Zone(std::string_view name) {
  auto zone = TimeZone::Load(name);
  EXPECT_TRUE(zone) << name;
  return zone.value_or(TimeZone::Utc());
}

// The next `count` times, in UTC to the second, separated by blanks.
std::string Times(std::string_view text, std::string_view after, int count, std::string_view zone = "UTC") {
  const auto cron = Cron::Parse(text);
  EXPECT_TRUE(cron) << text << ": " << (cron ? "" : cron.error().message);
  if (!cron) return "";
  std::string times;
  Timestamp at = At(after);
  for (int i = 0; i < count; ++i) {
    const auto next = cron->Next(at, Zone(zone));
    if (!next) return times + " none";
    at = *next;
    times += (i > 0 ? " " : "") + at.ToRfc3339(Timestamp::Precision::kSeconds);
  }
  return times;
}

struct Case {
  std::string_view text;
  std::string_view after;
  std::string_view times;
};

TEST(Cron, FindsTheNextTimes) {
  const Case cases[] = {
      {"30 9 * * *", "2026-01-01T09:29:59Z", "2026-01-01T09:30:00Z 2026-01-02T09:30:00Z"},
      {"30 9 * * *", "2026-01-01T09:30:00Z", "2026-01-02T09:30:00Z 2026-01-03T09:30:00Z"},
      {"*/15 8-9 * * *", "2026-01-01T09:30:00Z", "2026-01-01T09:45:00Z 2026-01-02T08:00:00Z"},
      {"5/20 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z 2026-01-01T00:25:00Z"},
      {"0 9 * * mon-FRI", "2026-01-02T10:00:00Z", "2026-01-05T09:00:00Z 2026-01-06T09:00:00Z"},
      {"0 0 1 jan,JUL *", "2026-01-02T00:00:00Z", "2026-07-01T00:00:00Z 2027-01-01T00:00:00Z"},
      {"*/20 59 23 * * *", "2026-12-31T23:59:20Z", "2026-12-31T23:59:40Z 2027-01-01T23:59:00Z"},
      {"0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z"},
      {"0 0 * * 5-7", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z"},
      {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
      {"0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z 2108-02-29T00:00:00Z"},
      // Either day field, if both are restricted; both, if one begins with a star.
      {"0 0 13 * FRI", "2026-02-10T00:00:00Z", "2026-02-13T00:00:00Z 2026-02-20T00:00:00Z"},
      {"0 0 */13 * FRI", "2026-02-01T00:00:00Z", "2026-02-27T00:00:00Z 2026-03-27T00:00:00Z"},
      {"0 0 ? * FRI", "2026-02-01T00:00:00Z", "2026-02-06T00:00:00Z 2026-02-13T00:00:00Z"},
      {"0 0 L * *", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z 2026-03-31T00:00:00Z"},
      {"0 0 L-3 * *", "2026-01-31T00:00:00Z", "2026-02-25T00:00:00Z 2026-03-28T00:00:00Z"},
      {"0 0 LW * *", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z"},
      {"0 0 15W * *", "2026-02-01T00:00:00Z", "2026-02-16T00:00:00Z 2026-03-16T00:00:00Z"},
      {"0 0 1W * *", "2026-07-31T00:00:00Z", "2026-08-03T00:00:00Z 2026-09-01T00:00:00Z"},
      {"0 0 31W * *", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z 2026-03-31T00:00:00Z"},
      {"0 0 * * FRI#2", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z 2026-02-13T00:00:00Z"},
      {"0 0 * * 5#5", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z 2026-05-29T00:00:00Z"},
      {"0 0 * * FRIL", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z"},
      {"0 0 * * 0L", "2026-01-01T00:00:00Z", "2026-01-25T00:00:00Z 2026-02-22T00:00:00Z"},
      {"@daily", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z"},
      {"@hourly", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z 2026-01-01T02:00:00Z"},
      {"@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z"},
      {"@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z 2028-01-01T00:00:00Z"},
      {"  0\t0  1 1 *  ", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z 2028-01-01T00:00:00Z"},
      {"0 0 1 1 *", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z 1971-01-01T00:00:00Z"},
      {"0 0 1 1 *", "1960-06-01T00:00:00Z", "1961-01-01T00:00:00Z 1962-01-01T00:00:00Z"},
  };
  for (const Case& one : cases) EXPECT_EQ(Times(one.text, one.after, 2), one.times) << one.text;
}

TEST(Cron, ATimeInAGapIsDueOnceBehindIt) {
  EXPECT_EQ(Times("30 2 * * *", "2026-03-28T00:00:00Z", 3, "Europe/Berlin"),
            "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  // 02:00, :15, :30, :45 and 03:00 are one instant.
  EXPECT_EQ(Times("*/15 * * * *", "2026-03-29T00:40:00Z", 3, "Europe/Berlin"),
            "2026-03-29T00:45:00Z 2026-03-29T01:00:00Z 2026-03-29T01:15:00Z");
  EXPECT_EQ(Times("30 2 * * *", "2026-03-07T12:00:00Z", 2, "America/New_York"),
            "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
  // Midnight does not exist: Beirut sets its clocks then.
  EXPECT_EQ(Times("0 0 * * *", "2026-03-27T23:00:00Z", 2, "Asia/Beirut"),
            "2026-03-28T22:00:00Z 2026-03-29T21:00:00Z");
}

TEST(Cron, ATimeThatComesTwiceIsDueOnce) {
  EXPECT_EQ(Times("30 2 * * *", "2026-10-24T12:00:00Z", 2, "Europe/Berlin"),
            "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  EXPECT_EQ(Times("0 * * * *", "2026-10-24T23:30:00Z", 3, "Europe/Berlin"),
            "2026-10-25T00:00:00Z 2026-10-25T02:00:00Z 2026-10-25T03:00:00Z");
  // Asked in the middle of the second time.
  EXPECT_EQ(Times("* * * * * *", "2026-10-25T01:30:00Z", 1, "Europe/Berlin"), "2026-10-25T02:00:00Z");
  EXPECT_EQ(Times("45 1 * * *", "2026-04-04T00:00:00Z", 2, "Australia/Lord_Howe"),
            "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z");
}

TEST(Cron, ADayMayBeMissing) {
  EXPECT_EQ(Times("0 12 * * *", "2011-12-29T00:00:00Z", 3, "Pacific/Apia"),
            "2011-12-29T22:00:00Z 2011-12-30T10:00:00Z 2011-12-30T22:00:00Z");
}

TEST(Cron, EndsWithTheYear9999) {
  EXPECT_EQ(Times("0 0 1 1 *", "9998-06-01T00:00:00Z", 2), "9999-01-01T00:00:00Z none");
}

struct Wrong {
  std::string_view text;
  std::string_view error;  // begin-end message (hint)
};

TEST(Cron, SaysWhatIsWrongAndWhere) {
  const Wrong cases[] = {
      {"",
       "0-0 a cron expression has 5 fields, or 6 with seconds, not 0 (the fields are [second] minute hour "
       "day-of-month month day-of-week)"},
      {"* * * *",
       "0-7 a cron expression has 5 fields, or 6 with seconds, not 4 (the fields are [second] minute "
       "hour day-of-month month day-of-week)"},
      {"0 0 0 1 1 ? 2026",
       "0-16 a cron expression has 5 fields, or 6 with seconds, not 7 (a field for years is not supported)"},
      {"61 * * * *", "0-2 `61` is no minute: it is 0 to 59 ()"},
      {"0 24 * * *", "2-4 `24` is no hour: it is 0 to 23 ()"},
      {"0 0 0 * *", "4-5 `0` is no day of the month: it is 1 to 31 ()"},
      {"0 0 * JANU *", "6-10 `JANU` is no month: it is 1 to 12, or JAN to DEC ()"},
      {"0 0 * * 8", "8-9 `8` is no day of the week: it is 0 to 7, or SUN to SAT ()"},
      {"0 0 * * L", "8-9 `L` needs a day here (FRIL is the last Friday of the month, SAT is Saturday)"},
      {"0 0 * * FRI-MON", "8-15 `FRI-MON` ends before it begins (write it as two: 5-7,0-1)"},
      {"1,,2 * * * *", "2-2 a minute is missing beside a comma ()"},
      {"*/0 * * * *", "2-3 `0` is no step (*/15 means every 15th value)"},
      {"*/x * * * *", "2-3 `x` is no step (*/15 means every 15th value)"},
      {"0 0 * * 1#6", "10-11 `6` is no place in a month: it is 1 to 5 ()"},
      {"0 0 30 2 *",
       "0-10 this is never due: there is no such day (look at the days of the month and the months)"},
      {"0 0 31 4,6,9,11 *",
       "0-17 this is never due: there is no such day (look at the days of the month and the months)"},
      {"0 0 31W 2 *",
       "0-11 this is never due: there is no such day (look at the days of the month and the months)"},
      {"@dayly", "0-6 `@dayly` is not known (did you mean '@daily'?)"},
      {"@reboot", "0-7 `@reboot` is not known (known are @yearly, @monthly, @weekly, @daily and @hourly)"},
  };
  for (const Wrong& one : cases) {
    const auto cron = Cron::Parse(one.text);
    ASSERT_FALSE(cron) << one.text;
    const CronError& error = cron.error();
    EXPECT_EQ(std::to_string(error.begin) + "-" + std::to_string(error.end) + " " + error.message + " (" +
                  error.hint + ")",
              one.error);
  }
  EXPECT_FALSE(Cron::Parse(std::string(300, '*')));
}

// Random values for each field, checked against a minute-by-minute walk.
TEST(Cron, AgreesWithAWalkThroughAllMinutes) {
  using namespace std::chrono;
  std::mt19937 random(42);
  const auto pick = [&](int min, int max, int count) {
    std::set<int> values;
    for (int i = 0; i < count; ++i) values.insert(std::uniform_int_distribution(min, max)(random));
    return values;
  };
  const auto join = [](const std::set<int>& values) {
    std::string text;
    for (const int value : values) text += (text.empty() ? "" : ",") + std::to_string(value);
    return text.empty() ? "*" : text;
  };
  for (int round = 0; round < 300; ++round) {
    const auto minutes = pick(0, 59, 2);
    const auto hours = pick(0, 23, 2);
    const auto days = pick(1, 31, round % 3);
    const auto weekdays = pick(0, 6, round % 2);
    const std::string text = join(minutes) + " " + join(hours) + " " + join(days) + " * " + join(weekdays);
    const auto cron = Cron::Parse(text);
    ASSERT_TRUE(cron) << text;
    std::int64_t minute = std::uniform_int_distribution(0, 40'000'000)(random);
    const auto next = cron->Next(Timestamp::FromMicros(minute * 60'000'000), TimeZone::Utc());
    ASSERT_TRUE(next) << text;
    for (++minute;; ++minute) {
      const sys_days day =
          floor<std::chrono::days>(sys_time<std::chrono::minutes>(std::chrono::minutes(minute)));
      const bool of_month = days.contains(static_cast<int>(static_cast<unsigned>(year_month_day(day).day())));
      const bool of_week = weekdays.contains(static_cast<int>(weekday(day).c_encoding()));
      const bool due_day = days.empty() || weekdays.empty()
                               ? (days.empty() || of_month) && (weekdays.empty() || of_week)
                               : of_month || of_week;
      if (due_day && hours.contains(static_cast<int>(minute / 60 % 24)) &&
          minutes.contains(static_cast<int>(minute % 60)))
        break;
    }
    EXPECT_EQ(next->micros(), minute * 60'000'000) << text;
  }
}

TEST(Cron, GoesStrictlyForwardInEveryZone) {
  for (const char* name :
       {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut"}) {
    const TimeZone zone = Zone(name);
    for (const char* text : {"*/7 * * * *", "30 2 * * *", "0 0 L * *", "*/13 */3 * * SUN"}) {
      const auto cron = Cron::Parse(text);
      ASSERT_TRUE(cron);
      Timestamp at = At("2026-03-01T00:00:00Z");
      for (int i = 0; i < 3'000; ++i) {
        const auto next = cron->Next(at, zone);
        ASSERT_TRUE(next && *next > at) << name << " " << text << " " << at.ToRfc3339();
        // Nothing was left out: asked a second before, it is the same.
        ASSERT_EQ(cron->Next(*next - std::chrono::seconds(1), zone), next) << name << " " << text;
        at = *next;
      }
    }
  }
}

}  // namespace
}  // namespace elevaite::dsl

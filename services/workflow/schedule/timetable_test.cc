#include "services/workflow/schedule/timetable.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace elevaite::workflow {
namespace {

std::int64_t At(std::string_view text) { return Timestamp::Parse(text)->micros(); }
std::string Text(std::optional<std::int64_t> us) {
  return us ? Timestamp::FromMicros(*us).ToRfc3339(Timestamp::Precision::kSeconds) : "never";
}

Result<Timetable> Make(std::string_view json, std::string_view seed = "s") {
  const auto parsed = ParseJson(json);
  EXPECT_TRUE(parsed) << json;
  ASSIGN_OR_RETURN(const ScheduleSpec spec, ScheduleSpec::FromJson(*parsed));
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(spec.zone));
  return Timetable::Create(spec, std::move(zone), seed);
}

Timetable Of(std::string_view json, std::string_view seed = "s") {
  auto timetable = Make(json, seed);
  EXPECT_TRUE(timetable) << json << ": " << timetable.error().ToString();
  return *std::move(timetable);
}

std::string ErrorOf(std::string_view json) {
  const auto timetable = Make(json);
  return timetable ? "none" : timetable.error().message;
}

// The next `count` times behind `after`.
std::string Times(std::string_view json, std::string_view after, int count) {
  const Timetable timetable = Of(json);
  std::string text;
  std::optional<std::int64_t> at = At(after);
  for (int i = 0; i < count && at; ++i) {
    at = timetable.Next(*at);
    text += (i > 0 ? " " : "") + Text(at);
  }
  return text;
}

TEST(Timetable, AnIntervalKeepsItsBeat) {
  EXPECT_EQ(Times(R"({"times": [{"every": "15m"}]})", "2026-01-01T10:07:00Z", 2),
            "2026-01-01T10:15:00Z 2026-01-01T10:30:00Z");
  EXPECT_EQ(Times(R"({"times": [{"every": "1h", "offset": "5m"}]})", "2026-01-01T10:05:00Z", 2),
            "2026-01-01T11:05:00Z 2026-01-01T12:05:00Z");
  EXPECT_EQ(Times(R"({"times": [{"every": "1h"}]})", "1969-12-31T22:30:00Z", 2),
            "1969-12-31T23:00:00Z 1970-01-01T00:00:00Z");
}

TEST(Timetable, AnIntervalOfADocumentCountsFromItsPublication) {
  const std::int64_t published_us = At("2026-01-01T10:23:17Z");
  const Json times = TimesOf(dsl::Schedule{.every_us = 3'600'000'000}, published_us);
  const Timetable hourly = Of(Json::Object({{"times", times}}).Dump());
  EXPECT_EQ(Text(hourly.Next(published_us)), "2026-01-01T11:23:17Z");
}

TEST(Timetable, CronIsReadInItsZone) {
  const std::string berlin = R"({"timezone": "Europe/Berlin", "times": [{"cron": "30 2 * * *"}]})";
  EXPECT_EQ(Times(berlin, "2026-01-01T12:00:00Z", 1), "2026-01-02T01:30:00Z");
  EXPECT_EQ(Times(berlin, "2026-03-28T12:00:00Z", 2), "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  EXPECT_EQ(Times(berlin, "2026-10-24T12:00:00Z", 2), "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
}

TEST(Timetable, SaysWhatClocksThatAreSetDoToATime) {
  const Timetable berlin = Of(R"({"timezone": "Europe/Berlin", "times": [{"cron": "30 2 * * *"}]})");
  const auto gap = berlin.ClockChangeAt(At("2026-03-29T01:00:00Z"));
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->kind, ClockChange::Kind::kSkipped);
  EXPECT_EQ(gap->wall % 86'400, 2 * 3'600 + 30 * 60);
  const auto twice = berlin.ClockChangeAt(At("2026-10-25T00:30:00Z"));
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->kind, ClockChange::Kind::kRepeated);
  EXPECT_FALSE(berlin.ClockChangeAt(At("2026-03-30T00:30:00Z")));
  const Timetable three = Of(R"({"timezone": "Europe/Berlin", "times": [{"cron": "0 3 * * *"}]})");
  EXPECT_FALSE(three.ClockChangeAt(At("2026-03-29T01:00:00Z"))) << "three o'clock is there";
}

TEST(Timetable, ACalendarFitsAllThatIsGiven) {
  EXPECT_EQ(Times(R"({"times": [{"calendar": {"days": [1, -1], "at": ["09:00", "17:30:15"]}}]})",
                  "2026-01-31T10:00:00Z", 3),
            "2026-01-31T17:30:15Z 2026-02-01T09:00:00Z 2026-02-01T17:30:15Z");
  EXPECT_EQ(Times(R"({"times": [{"calendar": {"days": 13, "weekdays": "FRI"}}]})", "2026-01-01T00:00:00Z", 3),
            "2026-02-13T00:00:00Z 2026-03-13T00:00:00Z 2026-11-13T00:00:00Z");
  EXPECT_EQ(Times(R"({"times": [{"calendar": {"months": 2, "days": 29}}]})", "2026-01-01T00:00:00Z", 2),
            "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z");
  EXPECT_EQ(Times(R"({"times": [{"calendar": {"months": 2, "days": 29}}]})", "2096-03-01T00:00:00Z", 1),
            "2104-02-29T00:00:00Z");
  EXPECT_EQ(Times(R"({"times": [{"calendar": {"dates": ["2026-12-24", "2026-01-02"], "at": "08:00"}}]})",
                  "2026-01-01T00:00:00Z", 3),
            "2026-01-02T08:00:00Z 2026-12-24T08:00:00Z never");
  EXPECT_EQ(Times(R"({"times": [{"calendar": {"years": [2026, 9999], "months": 12, "days": 31}}]})",
                  "2026-12-31T00:00:00Z", 2),
            "9999-12-31T00:00:00Z never");
}

TEST(Timetable, ACalendarTakesTheClocksAsCronDoes) {
  EXPECT_EQ(Times(R"({"timezone": "America/New_York", "times": [{"calendar": {"at": "02:30"}}]})",
                  "2026-03-07T12:00:00Z", 2),
            "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
  EXPECT_EQ(Times(R"({"timezone": "America/New_York", "times": [{"calendar": {"at": "01:30"}}]})",
                  "2026-10-31T12:00:00Z", 2),
            "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
}

TEST(Timetable, TimesThatSeveralEntriesGiveCountOnce) {
  EXPECT_EQ(Times(R"({"times": [{"every": "30m"}, {"cron": "0 * * * *"}, {"calendar": {"at": "10:10"}}]})",
                  "2026-01-01T09:45:00Z", 3),
            "2026-01-01T10:00:00Z 2026-01-01T10:10:00Z 2026-01-01T10:30:00Z");
}

TEST(Timetable, BeginsAndEnds) {
  const std::string bounded =
      R"({"times": [{"every": "1h"}], "start_at": "2026-01-01T12:00:00Z", "end_at": "2026-01-01T13:00:00Z"})";
  EXPECT_EQ(Times(bounded, "2026-01-01T00:00:00Z", 3), "2026-01-01T12:00:00Z 2026-01-01T13:00:00Z never");
  EXPECT_EQ(
      Times(R"({"times": [{"every": "1d"}], "start_at": "9999-12-30T12:00:00Z"})", "2026-01-01T00:00:00Z", 2),
      "9999-12-31T00:00:00Z never");
  EXPECT_EQ(Times(R"({"times": [{"cron": "0 0 * * *"}], "start_at": "9999-12-31T12:00:00Z"})",
                  "2026-01-01T00:00:00Z", 1),
            "never");
}

TEST(Timetable, LeavesOutWhatIsExcluded) {
  EXPECT_EQ(Times(R"({"times": [{"cron": "0 9 * * *"}], "exclude": [{"date": "2026-12-25"},
                      {"from": "2026-12-26", "to": "2026-12-27"}, {"calendar": {"weekdays": "MON"}}]})",
                  "2026-12-24T12:00:00Z", 2),
            "2026-12-29T09:00:00Z 2026-12-30T09:00:00Z");
  EXPECT_EQ(Times(R"({"times": [{"every": "20m"}], "exclude": [{"cron": "0-30 22-23,0-5 * * *"}]})",
                  "2026-01-01T21:30:00Z", 3),
            "2026-01-01T21:40:00Z 2026-01-01T22:40:00Z 2026-01-01T23:40:00Z");
  EXPECT_EQ(Times(R"({"timezone": "Pacific/Auckland", "times": [{"every": "12h"}],
                      "exclude": [{"date": "2026-01-02"}]})",
                  "2026-01-01T00:00:00Z", 2),
            "2026-01-02T12:00:00Z 2026-01-03T00:00:00Z")
      << "the 2nd of January is a day in Auckland";
}

TEST(Timetable, GoesOverYearsThatAreExcludedWithoutLookingAtEachSecond) {
  EXPECT_EQ(
      Times(
          R"({"times": [{"cron": "* * * * * *"}], "exclude": [{"from": "2026-01-02", "to": "2125-12-31"}]})",
          "2026-01-01T23:59:58Z", 2),
      "2026-01-01T23:59:59Z 2126-01-01T00:00:00Z");
  EXPECT_EQ(Times(R"({"times": [{"cron": "* * * * *"}], "exclude": [{"cron": "* * * * *"}]})",
                  "2026-01-01T00:00:00Z", 1),
            "never");
}

// 1,000 expressions, each of a minute or two of the night, and a schedule that is due each minute.
TEST(Timetable, TakesAThousandExclusionsByExpressions) {
  std::vector<Json> crons;
  for (int i = 0; i < 1'000; ++i) {
    const int minute = i % 360;
    crons.push_back(Json::Object({{"cron", fmt::format("{} {} * * *", minute % 60, minute / 60)}}));
  }
  const Json json = Json::Object(
      {{"times", Json::Array({Json::Object({{"cron", "* * * * *"}})})}, {"exclude", Json::Array(crons)}});
  EXPECT_EQ(Times(json.Dump(), "2026-01-01T23:58:00Z", 2), "2026-01-01T23:59:00Z 2026-01-02T06:00:00Z");
}

TEST(Timetable, TheRunOfAnExpressionEndsWhereTheClockSaysSo) {
  const auto times = [](std::string_view exclude, std::string_view after) {
    return Times(fmt::format(R"({{"timezone": "Europe/Berlin", "times": [{{"every": "10m"}}],
                                  "exclude": [{{"cron": "{}"}}]}})",
                             exclude),
                 after, 2);
  };
  // Forward at 01:00Z, from 02:00 to 03:00: the run from 01:30 to 03:59 is an hour shorter.
  EXPECT_EQ(times("30-59 1 * * *", "2026-03-29T00:20:00Z"), "2026-03-29T01:00:00Z 2026-03-29T01:10:00Z");
  EXPECT_EQ(times("* 1-3 * * *", "2026-03-28T23:50:00Z"), "2026-03-29T02:00:00Z 2026-03-29T02:10:00Z");
  // Back at 01:00Z, from 03:00 to 02:00: what is left out of that hour is so twice, and nothing else.
  EXPECT_EQ(times("30-59 2 * * *", "2026-10-25T00:20:00Z"), "2026-10-25T01:00:00Z 2026-10-25T01:10:00Z");
  EXPECT_EQ(times("30-59 2 * * *", "2026-10-25T01:20:00Z"), "2026-10-25T02:00:00Z 2026-10-25T02:10:00Z");
  EXPECT_EQ(times("* 2 * * *", "2026-10-24T23:50:00Z"), "2026-10-25T02:00:00Z 2026-10-25T02:10:00Z");
}

TEST(Timetable, TakesAThousandExclusions) {
  std::vector<Json> days;
  for (int i = 0; i < 1'000; ++i) {
    const auto day = Timestamp::FromMicros((20'454LL + 2LL * i) * 86'400'000'000);  // from 2026-01-01 on
    days.push_back(Json::Object({{"date", day.ToRfc3339().substr(0, 10)}}));
  }
  const auto json = [&days] {
    return Json::Object({{"times", Json::Array({Json::Object({{"cron", "0 0 * * *"}})})},
                         {"exclude", Json::Array(days)}})
        .Dump();
  };
  const Timetable timetable = Of(json());
  std::int64_t at = At("2025-12-31T12:00:00Z");
  for (int i = 0; i < 1'000; ++i) {
    const auto next = timetable.Next(at);
    ASSERT_TRUE(next);
    ASSERT_EQ((*next / 86'400'000'000) % 2, 1) << Text(next);
    at = *next;
  }
  days.push_back(Json::Object({{"date", "2040-01-01"}}));
  EXPECT_EQ(ErrorOf(json()), "exclude may have 1000 entries at most");
}

TEST(Timetable, JitterStaysInItsBoundsAndKeepsTheOrder) {
  for (const char* seed : {"a", "b", "default/nightly"}) {
    const Timetable timetable =
        Of(R"({"times": [{"every": "1m"}, {"cron": "10 */7 * * * *"}], "jitter": "5m"})", seed);
    std::optional<std::int64_t> due = timetable.Next(At("2026-01-01T00:00:00Z"));
    std::int64_t before_us = 0;
    std::int64_t sum_us = 0;
    for (int i = 0; i < 2'000; ++i) {
      const std::int64_t starts_us = timetable.StartsAt(*due);
      const auto next = timetable.Next(*due);
      ASSERT_GE(starts_us, *due);
      ASSERT_LT(starts_us, *next) << "not behind the next one";
      ASSERT_GT(starts_us, before_us);
      ASSERT_EQ(starts_us, timetable.StartsAt(*due)) << "the same each time";
      sum_us += starts_us - *due;
      before_us = starts_us;
      due = next;
    }
    EXPECT_GT(sum_us / 2'000, 15'000'000) << "it is spread";
  }
  const Timetable daily = Of(R"({"times": [{"cron": "0 0 * * *"}], "jitter": "10s"})");
  for (std::int64_t day = 20'000; day < 20'500; ++day) {
    const std::int64_t late_us = daily.StartsAt(day * 86'400'000'000) - day * 86'400'000'000;
    ASSERT_TRUE(late_us >= 0 && late_us < 10'000'000) << late_us;
  }
}

// Random entries in zones with odd clocks, against a walk through all minutes.
TEST(Timetable, AgreesWithAWalkThroughAllMinutes) {
  std::mt19937 random(7);
  const auto pick = [&random](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  const char* zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "UTC"};
  for (int round = 0; round < 60; ++round) {
    const std::string zone_name = zones[round % 5];
    const int hour = pick(0, 4);
    const int minute = pick(0, 59);
    const int weekday = pick(0, 6);
    const char* names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
    const std::string json =
        fmt::format(R"({{"timezone": "{}", "times": [{{"calendar": {{"at": "{:02}:{:02}"}}}}],
                         "exclude": [{{"calendar": {{"weekdays": "{}"}}}}]}})",
                    zone_name, hour, minute, names[weekday]);
    const Timetable timetable = Of(json);
    const TimeZone zone = TimeZone::Load(zone_name).value();
    const std::int64_t start =
        At(round % 2 == 0 ? "2026-03-01T00:00:00Z" : "2026-09-25T00:00:00Z") / 1'000'000;
    std::vector<std::int64_t> expected;
    std::set<std::int64_t> seen;  // walls
    std::int64_t before = zone.WallOf(start - 60);
    for (std::int64_t unix = start; unix < start + 50LL * 86'400; unix += 60) {
      const std::int64_t wall = zone.WallOf(unix);
      bool due = false;
      for (std::int64_t at = std::min(before + 60, wall); at <= wall; at += 60) {
        if (at % 86'400 == hour * 3'600 + minute * 60 && seen.insert(at).second) due = true;
      }
      before = wall;
      const std::int64_t day = wall / 86'400;
      if (due && (day + 4) % 7 != weekday) expected.push_back(unix * 1'000'000);
    }
    EXPECT_EQ(timetable.Between(start * 1'000'000, (start + 50LL * 86'400) * 1'000'000, 100), expected)
        << json;
  }
}

TEST(Timetable, WhatIsWrongIsRefusedByName) {
  EXPECT_EQ(ErrorOf(R"({"times": [{"calendar": {"months": 2, "days": [30, 31]}}]})"),
            "times[0].calendar is never due: there is no such day");
  EXPECT_EQ(ErrorOf(R"({"times": [{"cron": "0 0 31 2 *"}]})"),
            "times[0].cron: this is never due: there is no such day");
  EXPECT_EQ(ErrorOf(R"({"times": [{"cron": "0 0 1 1 *"}, {"cron": "61 * * * *"}]})"),
            "times[1].cron: `61` is no minute: it is 0 to 59");
  EXPECT_EQ(ErrorOf(R"({"times": [{"every": "500ms"}]})"), "times[0].every must be a second at least");
  EXPECT_EQ(ErrorOf(R"({"times": [{"every": "1m", "offset": "1m"}]})"),
            "times[0].offset must be less than its every");
  EXPECT_EQ(ErrorOf(R"({"times": [{"every": "1m", "cron": "* * * * *"}]})"),
            "times[0] may have `offset` beside `every`, and nothing else");
  EXPECT_EQ(ErrorOf(R"({"times": [{"calendar": {"years": 10000}}]})"),
            "times[0].calendar.years cannot be 10000");
  EXPECT_EQ(ErrorOf(R"({"times": [{"calendar": {"hour": 3}}]})"), "times[0].calendar.hour is not known");
  EXPECT_EQ(ErrorOf(R"({"times": [{"calendar": {"at": "24:00"}}]})"),
            "times[0].calendar.at cannot be \"24:00\"");
  EXPECT_EQ(ErrorOf(R"({"times": [{"calendar": {"dates": "2026-02-30"}}]})"),
            "times[0].calendar.dates cannot be \"2026-02-30\"");
  EXPECT_EQ(ErrorOf(R"({"times": [7]})"), "times[0] must have one of cron, every and calendar");
  EXPECT_EQ(ErrorOf(R"({"times": {}})"), "times must be a list");
  EXPECT_EQ(ErrorOf(R"({"times": [], "exclude": [{"date": "2026-13-01"}]})"),
            "exclude[0].date: '2026-13-01' is no date");
  EXPECT_EQ(ErrorOf(R"({"times": [], "exclude": [{"from": "2026-02-01", "to": "2026-01-01"}]})"),
            "exclude[0].to is before its from");
  EXPECT_EQ(ErrorOf(R"({"times": [], "exclude": [{"cron": "* * * * * *"}]})"),
            "exclude[0].cron names seconds");
  EXPECT_EQ(ErrorOf(R"({"times": [], "exclude": ["2026-01-01"]})"), "exclude[0] is not known");
  EXPECT_EQ(ErrorOf(R"({"times": [], "jitter": "25h"})"), "jitter may be a day at most");
  EXPECT_EQ(ErrorOf(R"({"times": [], "end_at": "10000-01-01T00:00:00Z"})"),
            "end_at cannot be \"10000-01-01T00:00:00Z\"");
  EXPECT_EQ(ErrorOf(R"({"times": [], "overlap": "queue"})"), "overlap cannot be \"queue\"");
  EXPECT_EQ(Make(R"({"times": [], "timezone": "Mars/Olympus"})").error().code, ErrorCode::kInvalidArgument);
}

TEST(Timetable, WhatItReadsItWritesTheSame) {
  const Json json = *ParseJson(R"({"timezone": "Europe/Berlin", "times": [{"cron": "30 2 * * *"}],
      "exclude": [{"date": "2026-12-25"}], "jitter": "30s", "start_at": "2026-01-01T00:00:00.000Z", "end_at": null,
      "overlap": "buffer_all", "catch_up": "all", "catch_up_window": "1h", "pause_on_failure": true,
      "description": "Nightly"})");
  EXPECT_EQ(ScheduleSpec::FromJson(json)->ToJson(), json);
}

}  // namespace
}  // namespace elevaite::workflow

#include "services/workflow/schedule/timetable.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

std::int64_t At(std::string_view text) { return Timestamp::Parse(text)->micros(); }
std::string Text(std::optional<std::int64_t> us) {
  return us ? Timestamp::FromMicros(*us).ToRfc3339(Timestamp::Precision::kSeconds) : "never";
}

Timetable Of(const dsl::Schedule& schedule, const std::string& zone = "UTC", bool catch_up = true) {
  return Timetable::Create(schedule, zone, catch_up).value();
}

TEST(Timetable, EveryBeginsOneIntervalLaterAndKeepsItsBeat) {
  const dsl::Schedule schedule{.every_us = 3'600'000'000};
  const Timetable hourly = Of(schedule);
  EXPECT_EQ(Text(hourly.First(At("2026-01-01T10:00:00Z"))), "2026-01-01T11:00:00Z");
  EXPECT_EQ(Text(hourly.Next(At("2026-01-01T11:00:00Z"), At("2026-01-01T11:00:02Z"))),
            "2026-01-01T12:00:00Z");
}

TEST(Timetable, MissedTimesOfEveryAreOneStart) {
  const dsl::Schedule schedule{.every_us = 3'600'000'000};
  const Timetable hourly = Of(schedule);
  const std::int64_t due_us = At("2026-01-01T11:00:00Z");
  const std::int64_t now_us = At("2026-01-01T15:30:00Z");
  EXPECT_TRUE(hourly.StartsNow(due_us, now_us));
  EXPECT_EQ(Text(hourly.Next(due_us, now_us)), "2026-01-01T16:00:00Z");
  EXPECT_FALSE(Of(schedule, "UTC", false).StartsNow(due_us, now_us));
  EXPECT_TRUE(Of(schedule, "UTC", false).StartsNow(due_us, due_us + 1'000'000))
      << "a second late is not missed";
}

TEST(Timetable, CronIsReadInTheZoneOfTheDeployment) {
  const dsl::Schedule schedule{.cron = "30 2 * * *"};
  const Timetable berlin = Of(schedule, "Europe/Berlin");
  EXPECT_EQ(Text(berlin.First(At("2026-01-01T12:00:00Z"))), "2026-01-02T01:30:00Z");
  // 2026-03-29: the clock jumps from 02:00 to 03:00.
  EXPECT_EQ(Text(berlin.First(At("2026-03-28T12:00:00Z"))), "2026-03-29T01:00:00Z");
  // 2026-10-25: 02:30 comes twice, the first time counts.
  const auto autumn = berlin.First(At("2026-10-24T12:00:00Z"));
  EXPECT_EQ(Text(autumn), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Text(berlin.Next(*autumn, *autumn)), "2026-10-26T01:30:00Z");
}

TEST(Timetable, AfterIsDueAtOnceAndThenAfterEachEnd) {
  const dsl::Schedule schedule{.after_us = 60'000'000};
  const Timetable after = Of(schedule);
  const std::int64_t now_us = At("2026-01-01T10:00:00Z");
  EXPECT_EQ(after.First(now_us), now_us);
  EXPECT_EQ(after.Next(now_us, now_us), std::nullopt);
  EXPECT_EQ(Text(after.AfterEnd(now_us)), "2026-01-01T10:01:00Z");
}

TEST(Timetable, ForetellsWhatTimeAloneDecides) {
  const auto texts = [](const dsl::Schedule& schedule) {
    std::vector<std::string> found;
    for (const std::int64_t us : Of(schedule).Upcoming(At("2026-01-31T03:00:00Z"), 3))
      found.push_back(Text(us));
    return found;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts({.cron = "0 3 * * *"}),
            (Texts{"2026-01-31T03:00:00Z", "2026-02-01T03:00:00Z", "2026-02-02T03:00:00Z"}));
  EXPECT_EQ(texts({.every_us = 60'000'000}),
            (Texts{"2026-01-31T03:00:00Z", "2026-01-31T03:01:00Z", "2026-01-31T03:02:00Z"}));
  EXPECT_EQ(texts({.after_us = 60'000'000}), (Texts{"2026-01-31T03:00:00Z"}));
}

TEST(Timetable, AnUnknownZoneIsRefused) {
  const dsl::Schedule schedule{.cron = "0 0 * * *"};
  EXPECT_EQ(Timetable::Create(schedule, "Mars/Olympus", true).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace elevaite::workflow

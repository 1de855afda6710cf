#include "foundation/time_zone.h"

#include <gtest/gtest.h>

#include "foundation/clock.h"

namespace elevaite {
namespace {

std::int64_t Unix(std::string_view utc) {
  const auto time = Timestamp::Parse(utc);
  EXPECT_TRUE(time) << utc;
  return time->micros() / 1'000'000;
}

TimeZone Zone(std::string_view name) {
  auto zone = TimeZone::Load(name);
  EXPECT_TRUE(zone) << name << ": " << (zone ? "" : zone.error().message);
  return zone.value_or(TimeZone::Utc());
}

std::string Wall(std::string_view zone, std::string_view utc) {
  return Timestamp::FromMicros(Zone(zone).WallOf(Unix(utc)) * 1'000'000)
      .ToRfc3339(Timestamp::Precision::kSeconds)
      .substr(0, 19);
}

TEST(TimeZone, ShowsWhatClocksThereShow) {
  EXPECT_EQ(Wall("Europe/Berlin", "2026-01-15T12:00:00Z"), "2026-01-15T13:00:00");
  EXPECT_EQ(Wall("Europe/Berlin", "2026-07-15T12:00:00Z"), "2026-07-15T14:00:00");
  EXPECT_EQ(Wall("America/New_York", "2026-03-08T06:59:59Z"), "2026-03-08T01:59:59");
  EXPECT_EQ(Wall("America/New_York", "2026-03-08T07:00:00Z"), "2026-03-08T03:00:00");
  EXPECT_EQ(Wall("Asia/Kolkata", "2026-01-01T00:00:00Z"), "2026-01-01T05:30:00");
  EXPECT_EQ(Wall("Australia/Lord_Howe", "2026-01-01T00:00:00Z"), "2026-01-01T11:00:00");
  EXPECT_EQ(Wall("Etc/GMT+5", "2026-01-01T00:00:00Z"), "2025-12-31T19:00:00");
  EXPECT_EQ(Wall("Europe/London", "1900-01-01T00:00:00Z"), "1900-01-01T00:00:00");
}

TEST(TimeZone, KnowsTheRuleForYearsToCome) {
  EXPECT_EQ(Wall("Europe/Berlin", "2099-07-15T12:00:00Z"), "2099-07-15T14:00:00");
  EXPECT_EQ(Wall("Europe/Berlin", "2099-12-15T12:00:00Z"), "2099-12-15T13:00:00");
  EXPECT_EQ(Wall("America/New_York", "3125-07-01T00:00:00Z"), "3125-06-30T20:00:00");
  EXPECT_EQ(Wall("Australia/Sydney", "2500-01-15T00:00:00Z"), "2500-01-15T11:00:00");
}

TEST(TimeZone, ATimeThatTheClockJumpsOverIsTheFirstInstantBehindTheGap) {
  const TimeZone berlin = Zone("Europe/Berlin");
  const auto gap = berlin.InstantOf(Unix("2026-03-29T02:30:00Z"));
  EXPECT_EQ(gap.kind, TimeZone::Kind::kNever);
  EXPECT_EQ(gap.unix, Unix("2026-03-29T01:00:00Z"));
  EXPECT_EQ(berlin.InstantOf(Unix("2026-03-29T03:00:00Z")).kind, TimeZone::Kind::kOnce);
  // A whole day is missing: Samoa went over the date line.
  const auto samoa = Zone("Pacific/Apia").InstantOf(Unix("2011-12-30T12:00:00Z"));
  EXPECT_EQ(samoa.kind, TimeZone::Kind::kNever);
  EXPECT_EQ(samoa.unix, Unix("2011-12-30T10:00:00Z"));
}

TEST(TimeZone, ATimeThatTheClockShowsTwiceIsTheFirst) {
  const auto berlin = Zone("Europe/Berlin").InstantOf(Unix("2026-10-25T02:30:00Z"));
  EXPECT_EQ(berlin.kind, TimeZone::Kind::kTwice);
  EXPECT_EQ(berlin.unix, Unix("2026-10-25T00:30:00Z"));
  const auto lord_howe = Zone("Australia/Lord_Howe").InstantOf(Unix("2026-04-05T01:45:00Z"));  // half an hour
  EXPECT_EQ(lord_howe.kind, TimeZone::Kind::kTwice);
  EXPECT_EQ(lord_howe.unix, Unix("2026-04-04T14:45:00Z"));
}

TEST(TimeZone, EveryInstantComesBackFromItsWallTime) {
  for (const char* name :
       {"Europe/Berlin", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran", "Pacific/Chatham"}) {
    const TimeZone zone = Zone(name);
    for (std::int64_t t = Unix("2015-01-01T00:00:00Z"); t < Unix("2045-01-01T00:00:00Z"); t += 7'919) {
      const auto back = zone.InstantOf(zone.WallOf(t));
      ASSERT_NE(back.kind, TimeZone::Kind::kNever) << name << " " << t;
      ASSERT_LE(back.unix, t) << name;
      if (back.kind == TimeZone::Kind::kOnce) ASSERT_EQ(back.unix, t) << name;
    }
  }
}

TEST(TimeZone, RefusesNamesThatAreNone) {
  for (const char* name :
       {"", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Nowhere", "zone1970.tab"}) {
    EXPECT_FALSE(TimeZone::Load(name)) << name;
  }
  EXPECT_EQ(TimeZone::Load("Europe/Berln").error().hint, "did you mean 'Europe/Berlin'?");
  EXPECT_EQ(TimeZone::Load("Europe/Berlin", "/nonexistent").error().code, ErrorCode::kUnavailable);
}

// One transition, to 1:00 ahead at second 1000, and a rule.
std::string File(std::string_view rule) {
  const std::string empty("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
  const std::string none(24, '\0');
  std::string counts("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\4", 24);
  std::string data(
      "\0\0\0\0\0\0\3\xe8"
      "\1"
      "\0\0\0\0\0\0"
      "\0\0\x0e\x10\1\0"
      "AAA\0",
      25);
  return "TZif2" + empty + none + "TZif2" + empty + counts + data + "\n" + std::string(rule) + "\n";
}

TEST(TimeZone, ReadsRulesOfAllForms) {
  const auto zone = TimeZone::Parse("x", File("AAA-1"));
  ASSERT_TRUE(zone) << zone.error().message;
  EXPECT_EQ(zone->WallOf(999), 999);
  EXPECT_EQ(zone->WallOf(1000), 4600);
  const auto julian = TimeZone::Parse("x", File("<-03>3<-02>,J60/0,300/-1:30"));
  ASSERT_TRUE(julian) << julian.error().message;
  EXPECT_EQ(julian->WallOf(Unix("2028-03-01T02:59:59Z")), Unix("2028-02-29T23:59:59Z"));
  EXPECT_EQ(julian->WallOf(Unix("2028-03-01T03:00:00Z")), Unix("2028-03-01T01:00:00Z"));
  EXPECT_EQ(julian->WallOf(Unix("2027-10-28T00:30:00Z")), Unix("2027-10-27T21:30:00Z"));
}

TEST(TimeZone, RefusesBrokenFiles) {
  const std::string good = File("AAA-1");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(TimeZone::Parse("x", std::string_view(good).substr(0, size))) << size;
  }
  for (const char* rule :
       {"AAA", "A-1", "AAA-1BBB", "AAA-1BBB,M13.1.0,M1.1.0", "AAA-1BBB,M1.1.0,M2.6.0", "AAA-99"}) {
    EXPECT_FALSE(TimeZone::Parse("x", File(rule))) << rule;
  }
}

}  // namespace
}  // namespace elevaite

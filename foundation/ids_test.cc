#include "foundation/ids.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <unordered_set>
#include <vector>

namespace elevaite {
namespace {

TEST(Clock, WritesAndReadsRfc3339) {
  const Timestamp time = Timestamp::FromMicros(1'795'211'520'123'456);
  EXPECT_EQ(time.ToRfc3339(), "2026-11-20T21:52:00.123Z");
  EXPECT_EQ(time.ToRfc3339(Timestamp::Precision::kSeconds), "2026-11-20T21:52:00Z");
  EXPECT_EQ(time.ToRfc3339(Timestamp::Precision::kMicros), "2026-11-20T21:52:00.123456Z");
  EXPECT_EQ(Timestamp::FromMicros(-1).ToRfc3339(), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(Timestamp::FromMicros(-1).millis(), -1);
  EXPECT_EQ(Timestamp::Max().ToRfc3339(), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(Timestamp::Parse("2026-11-20T21:52:00.123456Z").value(), time);
  EXPECT_EQ(Timestamp::Parse("2026-11-20T23:22:00.123456789+01:30").value(), time);
  EXPECT_EQ(Timestamp::Parse("2024-02-29t00:00:00z").value().micros(), 1'709'164'800'000'000);
  EXPECT_EQ(Timestamp::Parse("0000-01-01T00:00:00Z").value().ToRfc3339(), "0000-01-01T00:00:00.000Z");
  SeededRandom random(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto any =
        Timestamp::FromMicros(static_cast<std::int64_t>(random.Below(253'402'300'800'000'000ULL)));
    EXPECT_EQ(Timestamp::Parse(any.ToRfc3339(Timestamp::Precision::kMicros)).value(), any);
  }
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026-11-20", "2026-11-20T21:52:00", "2026-13-20T21:52:00Z", "2025-02-29T00:00:00Z",
        "2026-11-20T24:00:00Z", "2026-11-20T21:52:60Z", "2026-11-20T21:52:00.Z",
        "2026-11-20T21:52:00.1234567890Z", "2026-11-20T21:52:00Zx", "2026-11-20T21:52:00+0100",
        "+026-11-20T21:52:00Z", "2026-11-20T21:52:00+24:00"}) {
    EXPECT_FALSE(Timestamp::Parse(text)) << text;
  }
}

TEST(Clock, SimulatedTimeMovesWhenToldTo) {
  SimulatedClock clock;
  const auto start = clock.Now();
  const auto instant = clock.Monotonic();
  clock.Advance(std::chrono::seconds(5));
  EXPECT_EQ(clock.Now() - start, std::chrono::seconds(5));
  clock.Jump(start);
  EXPECT_EQ(clock.Now(), start);
  EXPECT_EQ(clock.Monotonic() - instant, std::chrono::seconds(5));
  EXPECT_GT(SystemClock().Now(), Timestamp::Parse("2024-01-01T00:00:00Z").value());
}

TEST(Random, SeededSequencesRepeatAndBoundsHold) {
  SeededRandom a(1);
  SeededRandom b(1);
  SeededRandom c(2);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Next(), c.Next());
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(a.Below(10));
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_EQ(*seen.rbegin(), 9U);
  EXPECT_EQ(a.Below(1), 0U);
  std::array<std::byte, 13> bytes{};
  SystemRandom().Fill(bytes);
  EXPECT_NE(bytes, (std::array<std::byte, 13>{}));
  EXPECT_NE(SystemRandom().Next(), SystemRandom().Next());
}

TEST(Ids, AreVersion7AndCarryTheirTime) {
  SimulatedClock clock(Timestamp::FromMillis(0x017F22E279B0));
  SeededRandom random(1);
  const Uuid uuid = UuidGenerator(clock, random).Next();
  EXPECT_EQ(uuid.bytes[0], 0x01);
  EXPECT_EQ(uuid.bytes[5], 0xB0);
  EXPECT_EQ(uuid.bytes[6] >> 4U, 7);
  EXPECT_EQ(uuid.bytes[8] >> 6U, 2);
  EXPECT_EQ(uuid.time(), clock.Now());
}

TEST(Ids, GrowWithinAMillisecondAndWhenTheClockGoesBack) {
  SimulatedClock clock;
  SeededRandom random(3);
  UuidGenerator generator(clock, random);
  Uuid last;
  for (int i = 0; i < 200'000; ++i) {
    if (i == 100'000) clock.Jump(clock.Now() - std::chrono::hours(1));
    if (i % 1000 == 0) clock.Advance(std::chrono::milliseconds(1));
    const Uuid next = generator.Next();
    ASSERT_LT(last, next);
    ASSERT_LT(last.ToText(), next.ToText());
    last = next;
  }
}

TEST(Ids, AreUniqueAcrossThreads) {
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& list : made) {
    threads.emplace_back([&list] {
      for (int i = 0; i < 20'000; ++i) list.push_back(SystemUuids().Next());
    });
  }
  for (auto& thread : threads) thread.join();
  std::unordered_set<Uuid> all;
  for (const auto& list : made) all.insert(list.begin(), list.end());
  EXPECT_EQ(all.size(), 80'000U);
}

TEST(Ids, HaveExactlyOneText) {
  const ExecutionId id = ExecutionId::New();
  const std::string text = id.ToString();
  EXPECT_EQ(text.size(), 30U);
  EXPECT_EQ(ExecutionId::Parse(text).value(), id);
  EXPECT_EQ(Uuid::FromBytes(id.uuid().AsBytes()).value(), id.uuid());
  EXPECT_EQ(Uuid{}.ToText(), std::string(26, '0'));
  Uuid ones;
  ones.bytes.fill(0xFF);
  EXPECT_EQ(ones.ToText(), "7" + std::string(25, 'z'));
  EXPECT_EQ(Uuid::FromText(ones.ToText()).value(), ones);
  std::string upper = text;
  upper[6] = 'A';
  for (const std::string& bad : {std::string(), "wf_" + text.substr(4), text + "0", text.substr(0, 29), upper,
                                 "exe_8" + std::string(25, '0'), "exe_" + std::string(25, '0') + "u"}) {
    const auto parsed = ExecutionId::Parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(ExecutionId::Parse("wf_1").error().message, "'wf_1' is not the id of an execution");
  EXPECT_EQ(ExecutionId::Parse("wf_1").error().hint, "it begins with 'exe_'");
}

TEST(Ids, AccountsAreNamesFitForHostNames) {
  for (const char* good : {"default", "a", "acme-2", "0"})
    EXPECT_EQ(AccountId::Parse(good).value().ToString(), good);
  EXPECT_TRUE(AccountId::Parse(std::string(63, 'a')));
  for (const std::string& bad :
       {std::string(), std::string("-a"), std::string("a-"), std::string("A"), std::string("a_b"),
        std::string("a.b"), std::string(64, 'a'), std::string("a/../b"), std::string("ä")}) {
    EXPECT_FALSE(AccountId::Parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace elevaite

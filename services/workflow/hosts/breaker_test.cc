// The circuit to a host: when it opens, how it closes again, and what it does not listen to.
#include "services/workflow/hosts/breaker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace elevaite::hosts {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using State = Breaker::State;

constexpr CallEnd kGood{.verdict = Verdict::kGood};
constexpr CallEnd kBad{.verdict = Verdict::kBad};

class BreakerTest : public ::testing::Test {
 protected:
  Breaker::Permit Begin() {
    const auto permit = breaker_.Take(rule_, now_);
    EXPECT_TRUE(permit);
    return permit.value_or(Breaker::Permit());
  }
  void Call(CallEnd end, int times = 1) {
    for (int i = 0; i < times; ++i) breaker_.End(rule_, Begin(), end, now_);
  }
  State state() const { return breaker_.state(now_); }

  BreakerRule rule_{.in_a_row = 3};
  Breaker breaker_;
  Time now_ = Time() + minutes(100);
};

TEST_F(BreakerTest, OpensAfterSoManyFailuresInARow) {
  Call(kBad, 2);
  Call(kGood);
  Call(kBad, 2);
  EXPECT_EQ(state(), State::kClosed);
  Call(kBad);
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_EQ(breaker_.until(), now_ + seconds(30));
  EXPECT_FALSE(breaker_.Take(rule_, now_));
  EXPECT_EQ(breaker_.opened(), 1U);
}

TEST_F(BreakerTest, WhatSaysNothingOfTheHostChangesNothing) {
  Call(kBad, 2);
  Call({.verdict = Verdict::kNone}, 10);
  EXPECT_EQ(breaker_.in_a_row(), 2U);
  Call(kBad);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, LetsProbesOutAndClosesWhenTheyAreGood) {
  rule_.probes = 2;
  Call(kBad, 3);
  now_ += seconds(30);
  EXPECT_EQ(state(), State::kHalfOpen);
  const auto first = Begin();
  const auto second = Begin();
  EXPECT_FALSE(breaker_.Take(rule_, now_)) << "two probes and no more";
  breaker_.End(rule_, first, kGood, now_);
  EXPECT_EQ(state(), State::kHalfOpen);
  EXPECT_FALSE(breaker_.Take(rule_, now_)) << "one that was good needs no other in its place";
  breaker_.End(rule_, second, kGood, now_);
  EXPECT_EQ(state(), State::kClosed);
  EXPECT_EQ(breaker_.since(now_), now_);
  EXPECT_EQ(breaker_.in_a_row(), 0U);
}

TEST_F(BreakerTest, OpensAgainWhenAProbeFails) {
  Call(kBad, 3);
  now_ += seconds(30);
  Call(kBad);
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_EQ(breaker_.until(), now_ + seconds(30));
}

TEST_F(BreakerTest, AProbeThatIsCancelledMakesRoomForAnother) {
  Call(kBad, 3);
  now_ += seconds(30);
  Call({.verdict = Verdict::kNone});
  EXPECT_EQ(state(), State::kHalfOpen);
  Call(kGood);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, OpensWhenTooLargeAShareOfTheWindowFails) {
  rule_ = {.percent = 50, .calls_min = 10, .window = seconds(10)};
  Call(kGood, 5);
  Call(kBad, 4);
  EXPECT_EQ(state(), State::kClosed) << "nine calls are too few";
  Call(kBad);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, ForgetsWhatIsOlderThanTheWindow) {
  rule_ = {.percent = 50, .calls_min = 10, .window = seconds(10)};
  Call(kBad, 9);
  now_ += seconds(11);
  Call(kBad, 9);
  EXPECT_EQ(state(), State::kClosed);
  Call(kBad);
  EXPECT_EQ(state(), State::kOpen);
}

TEST_F(BreakerTest, RestsForAsLongAsTheHostAsksButNotLongerThanTheRuleLetsIt) {
  Call({.verdict = Verdict::kBad, .retry_after = seconds(7)});
  EXPECT_EQ(breaker_.until(), now_ + seconds(7));
  now_ += seconds(7);
  Call({.verdict = Verdict::kBad, .retry_after = std::chrono::hours(9)});
  EXPECT_EQ(breaker_.until(), now_ + minutes(5));
}

TEST_F(BreakerTest, TheHostsWishCanBeLeftUnheard) {
  rule_.retry_after_max = seconds(0);
  Call({.verdict = Verdict::kBad, .retry_after = seconds(7)});
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, CallsFromBeforeItOpenedDecideNothing) {
  const auto slow_good = Begin();
  const auto slow_bad = Begin();
  Call(kBad, 3);
  breaker_.End(rule_, slow_good, kGood, now_);
  EXPECT_EQ(state(), State::kOpen);
  now_ += seconds(30);
  const auto probe = Begin();
  breaker_.End(rule_, slow_bad, kBad, now_);
  EXPECT_EQ(state(), State::kHalfOpen);
  breaker_.End(rule_, probe, kGood, now_);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, OneThatComesBackLaterMayAskForALongerRest) {
  const auto late = Begin();
  Call({.verdict = Verdict::kBad, .retry_after = seconds(5)});
  breaker_.End(rule_, late, {.verdict = Verdict::kBad, .retry_after = seconds(20)}, now_);
  EXPECT_EQ(breaker_.until(), now_ + seconds(20));
}

TEST_F(BreakerTest, ClosedByHandItHoldsNothingAgainstTheHost) {
  Call(kBad, 3);
  breaker_.Close(now_);
  EXPECT_EQ(state(), State::kClosed);
  Call(kBad, 2);
  EXPECT_EQ(state(), State::kClosed);
}

TEST_F(BreakerTest, ARuleWithFewerProbesMayHaveHadThemAlready) {
  rule_.probes = 3;
  Call(kBad, 3);
  now_ += seconds(30);
  Call(kGood, 2);
  EXPECT_EQ(state(), State::kHalfOpen);
  rule_.probes = 2;
  breaker_.Adopt(rule_, now_);
  EXPECT_EQ(state(), State::kClosed);
  EXPECT_TRUE(breaker_.Take(rule_, now_));
}

TEST_F(BreakerTest, ARuleWithFewerProbesWaitsForThoseThatAreMissing) {
  rule_.probes = 3;
  Call(kBad, 3);
  now_ += seconds(30);
  Call(kGood);
  rule_.probes = 2;
  breaker_.Adopt(rule_, now_);
  EXPECT_EQ(state(), State::kHalfOpen);
  Call(kGood);
  EXPECT_EQ(state(), State::kClosed);
}

// Whatever comes in whatever order: never more probes out than the rule says, and after enough good calls it
// is closed.
TEST(Breaker, NeverGetsStuckAndNeverLetsTooManyProbesOut) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    BreakerRule rule{.in_a_row = static_cast<std::uint32_t>(below(3)),
                     .percent = static_cast<std::uint32_t>(below(2) * 60),
                     .calls_min = 4,
                     .window = seconds(2),
                     .open = milliseconds(500),
                     .probes = 1 + static_cast<std::uint32_t>(below(3))};
    Breaker breaker;
    Time now = Time() + minutes(1);
    std::vector<Breaker::Permit> out;
    for (int step = 0; step < 400; ++step) {
      now += milliseconds(below(200));
      const auto probes = std::ranges::count_if(
          out, [&](const auto& permit) { return permit.is_probe && permit.era == breaker.Joined().era; });
      if (breaker.state(now) == State::kHalfOpen) ASSERT_LE(probes, rule.probes) << "seed " << seed;
      if (below(2) == 0) {
        if (const auto permit = breaker.Take(rule, now)) out.push_back(*permit);
      } else if (!out.empty()) {
        const std::size_t which = below(out.size());
        CallEnd end{.verdict = static_cast<Verdict>(below(3))};
        if (below(8) == 0) end.retry_after = milliseconds(below(3'000));
        breaker.End(rule, out[which], end, now);
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(which));
      }
    }
    for (const auto& permit : out) breaker.End(rule, permit, {.verdict = Verdict::kNone}, now);
    now += minutes(6);
    for (std::uint32_t i = 0; i < rule.probes; ++i) {
      const auto permit = breaker.Take(rule, now);
      ASSERT_TRUE(permit) << "seed " << seed;
      breaker.End(rule, *permit, {.verdict = Verdict::kGood}, now);
    }
    ASSERT_EQ(breaker.state(now), State::kClosed) << "seed " << seed;
  }
}

}  // namespace
}  // namespace elevaite::hosts

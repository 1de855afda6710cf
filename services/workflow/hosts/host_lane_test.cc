// The lane of one host: turns, bounds, places that are given back.
#include "services/workflow/hosts/host_lane.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace elevaite::hosts {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Answer = HostLane::Answer;
using Tickets = std::vector<Ticket>;

constexpr CallEnd kGood{.verdict = Verdict::kGood};
constexpr CallEnd kBad{.verdict = Verdict::kBad};

class HostLaneTest : public ::testing::Test {
 protected:
  Answer Arrive(Ticket ticket, Time until = kNever) { return lane_.Arrive(ticket, until, now_); }
  Tickets Go() { return lane_.Look(now_).go; }
  void Use(LaneRule rule) { lane_.SetRule(std::move(rule), now_); }

  HostLane lane_;
  Time now_ = Time() + minutes(100);
};

TEST_F(HostLaneTest, WithoutARuleAllGo) {
  for (Ticket ticket = 1; ticket <= 100; ++ticket) EXPECT_EQ(Arrive(ticket), Answer::kGo);
  EXPECT_EQ(lane_.running(), 100U);
  EXPECT_EQ(lane_.WakeAt(now_), kNever);
}

TEST_F(HostLaneTest, LetsSoManyOutAndTheRestInTheirOrder) {
  Use({.concurrency = 2});
  EXPECT_EQ(Arrive(1), Answer::kGo);
  EXPECT_EQ(Arrive(2), Answer::kGo);
  EXPECT_EQ(Arrive(3), Answer::kWait);
  EXPECT_EQ(Arrive(4), Answer::kWait);
  EXPECT_EQ(Go(), Tickets());
  lane_.Leave(2, kGood, now_);
  EXPECT_EQ(Arrive(5), Answer::kWait) << "nobody overtakes those that wait";
  EXPECT_EQ(Go(), Tickets({3}));
  lane_.Leave(4, {}, now_);  // cancelled while it waited
  lane_.Leave(1, kGood, now_);
  EXPECT_EQ(Go(), Tickets({5}));
}

TEST_F(HostLaneTest, ASmallerLimitStopsNobodyAndALargerOneCountsAtOnce) {
  Use({.concurrency = 3});
  for (Ticket ticket = 1; ticket <= 5; ++ticket) Arrive(ticket);
  Use({.concurrency = 1});
  lane_.Leave(1, kGood, now_);
  lane_.Leave(2, kGood, now_);
  EXPECT_EQ(Go(), Tickets());
  lane_.Leave(3, kGood, now_);
  EXPECT_EQ(Go(), Tickets({4}));
  Use({});
  EXPECT_EQ(Go(), Tickets({5}));
}

TEST_F(HostLaneTest, KeepsThePace) {
  Use({.rate = flow::PaceLimit{.interval_us = 1'000'000, .burst = 2}});
  EXPECT_EQ(Arrive(1), Answer::kGo);
  EXPECT_EQ(Arrive(2), Answer::kGo);
  EXPECT_EQ(Arrive(3), Answer::kWait);
  EXPECT_EQ(lane_.WakeAt(now_), now_ + seconds(1));
  now_ += milliseconds(999);
  EXPECT_EQ(Go(), Tickets());
  now_ += milliseconds(1);
  EXPECT_EQ(Go(), Tickets({3}));
}

TEST_F(HostLaneTest, RefusesMoreThanMayWait) {
  Use({.concurrency = 1, .waiting_max = 1});
  Arrive(1);
  EXPECT_EQ(Arrive(2), Answer::kWait);
  EXPECT_EQ(Arrive(3), Answer::kFull);
}

TEST_F(HostLaneTest, GivesUpWhatWaitsTooLong) {
  Use({.concurrency = 1, .wait_max = seconds(10)});
  Arrive(1);
  Arrive(2);
  Arrive(3, now_ + seconds(2));
  EXPECT_EQ(lane_.WakeAt(now_), now_ + seconds(2));
  now_ += seconds(2);
  auto decisions = lane_.Look(now_);
  ASSERT_EQ(decisions.refused.size(), 1U);
  EXPECT_EQ(decisions.refused[0], std::pair(Ticket(3), Refusal::kOverdue));
  now_ += seconds(8);
  decisions = lane_.Look(now_);
  ASSERT_EQ(decisions.refused.size(), 1U);
  EXPECT_EQ(decisions.refused[0].first, 2U);
  EXPECT_EQ(lane_.waiting(), 0U);
}

TEST_F(HostLaneTest, AnOpenCircuitRefusesAlsoWhatWaits) {
  Use({.concurrency = 1, .breaker = BreakerRule{.in_a_row = 1}});
  Arrive(1);
  Arrive(2);
  lane_.Leave(1, kBad, now_);
  const auto decisions = lane_.Look(now_);
  EXPECT_EQ(decisions.go, Tickets());
  ASSERT_EQ(decisions.refused.size(), 1U);
  EXPECT_EQ(decisions.refused[0], std::pair(Ticket(2), Refusal::kOpen));
  EXPECT_EQ(Arrive(3), Answer::kOpen);
  now_ += seconds(30);
  EXPECT_EQ(Arrive(4), Answer::kGo) << "the probe";
  EXPECT_EQ(Arrive(5), Answer::kOpen);
  lane_.Leave(4, kGood, now_);
  EXPECT_EQ(Arrive(6), Answer::kGo);
}

TEST_F(HostLaneTest, OrLetsItWaitUntilItMayClose) {
  Use({.breaker = BreakerRule{.in_a_row = 1, .open = seconds(5), .when_open = WhenOpen::kWait}});
  Arrive(1);
  lane_.Leave(1, kBad, now_);
  EXPECT_EQ(Arrive(2), Answer::kWait);
  EXPECT_EQ(Arrive(3), Answer::kWait);
  EXPECT_EQ(lane_.WakeAt(now_), now_ + seconds(5));
  now_ += seconds(5);
  EXPECT_EQ(Go(), Tickets({2})) << "one tries it";
  EXPECT_EQ(Go(), Tickets());
  lane_.Leave(2, kGood, now_);
  EXPECT_EQ(Go(), Tickets({3}));
}

TEST_F(HostLaneTest, ClosedByHandItLetsWaitingCallsOut) {
  Use({.breaker = BreakerRule{.in_a_row = 1, .when_open = WhenOpen::kWait}});
  Arrive(1);
  lane_.Leave(1, kBad, now_);
  Arrive(2);
  lane_.CloseCircuit(now_);
  EXPECT_EQ(Go(), Tickets({2}));
}

TEST_F(HostLaneTest, WhatOthersMayBeMakingHoldsItsPlaceUntilTheyWouldHaveSaidSo) {
  Use({.concurrency = 2});
  lane_.ArriveAgain(1, now_ + seconds(5), kNever, now_);
  lane_.ArriveAgain(2, now_ + seconds(5), kNever, now_);
  lane_.ArriveAgain(3, now_ + seconds(5), kNever, now_);
  EXPECT_EQ(Arrive(4), Answer::kWait);
  EXPECT_TRUE(lane_.Claim(2, now_));
  EXPECT_FALSE(lane_.Claim(2, now_));
  EXPECT_EQ(Go(), Tickets());
  now_ += seconds(5);
  EXPECT_EQ(Go(), Tickets({1})) << "2 is out, and of those that are not 1 came first";
  EXPECT_EQ(lane_.running(), 2U);
  EXPECT_TRUE(lane_.Claim(3, now_)) << "late, but it is out all the same";
  lane_.Leave(1, kGood, now_);
  EXPECT_EQ(Go(), Tickets());
  lane_.Leave(2, kGood, now_);
  EXPECT_EQ(Go(), Tickets({4}));
}

// Random histories under rules that change: no place is lost, none is given twice, nobody who may go waits
// for ever, and the limit holds for all who come after it.
TEST(HostLane, LosesNoPlaceWhateverHappens) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    HostLane lane;
    Time now = Time() + minutes(1);
    std::set<Ticket> out;
    std::set<Ticket> waiting;
    Ticket last = 0;
    const auto any_of = [&](const std::set<Ticket>& set) {
      return *std::next(set.begin(), static_cast<std::ptrdiff_t>(below(set.size())));
    };
    const auto look = [&] {
      const std::size_t before = lane.running();
      const auto decisions = lane.Look(now);
      for (const Ticket ticket : decisions.go) {
        ASSERT_TRUE(waiting.erase(ticket)) << "seed " << seed;
        out.insert(ticket);
      }
      for (const auto& [ticket, why] : decisions.refused) ASSERT_TRUE(waiting.erase(ticket));
      if (!decisions.go.empty() && lane.rule().concurrency)
        ASSERT_LE(lane.running(),
                  std::max<std::size_t>(before, static_cast<std::size_t>(*lane.rule().concurrency)));
    };
    for (int step = 0; step < 500; ++step) {
      now += milliseconds(below(50));
      switch (below(7)) {
        case 0:
        case 1:
          switch (lane.Arrive(++last, below(3) == 0 ? now + milliseconds(below(500)) : kNever, now)) {
            case Answer::kGo: out.insert(last); break;
            case Answer::kWait: waiting.insert(last); break;
            default: break;
          }
          break;
        case 2:
        case 3:
          if (!out.empty()) {
            const Ticket ticket = any_of(out);
            lane.Leave(ticket, {.verdict = static_cast<Verdict>(below(3))}, now);
            out.erase(ticket);
          }
          break;
        case 4:
          if (!waiting.empty()) {
            const Ticket ticket = any_of(waiting);
            if (below(2) == 0 && lane.Claim(ticket, now)) {
              out.insert(ticket);
            } else {
              lane.Leave(ticket, {}, now);
            }
            waiting.erase(ticket);
          }
          break;
        case 5: {
          LaneRule rule;
          if (below(3) != 0) rule.concurrency = 1 + static_cast<std::int64_t>(below(4));
          if (below(3) == 0) rule.rate = flow::PaceLimit{.interval_us = 20'000, .burst = 2};
          if (below(2) == 0)
            rule.breaker = BreakerRule{.in_a_row = 2,
                                       .open = milliseconds(100),
                                       .when_open = below(2) == 0 ? WhenOpen::kFail : WhenOpen::kWait};
          rule.wait_max = milliseconds(300 + below(3'000));
          lane.SetRule(rule, now);
          break;
        }
        default: look();
      }
      ASSERT_EQ(lane.running() + lane.waiting(), out.size() + waiting.size()) << "seed " << seed;
    }
    // All that is out ends well; then, as time goes by, nobody is left.
    for (int round = 0; round < 2'000 && !lane.IsIdle(); ++round) {
      for (const Ticket ticket : std::exchange(out, {})) lane.Leave(ticket, kGood, now);
      if (lane.waiting() > 0) {
        look();
        if (out.empty() && lane.waiting() > 0) {
          ASSERT_NE(lane.WakeAt(now), kNever) << "nobody would look again: seed " << seed;
          now = std::max(now, lane.WakeAt(now));
        }
      }
    }
    ASSERT_TRUE(lane.IsIdle()) << "seed " << seed;
    ASSERT_TRUE(waiting.empty()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace elevaite::hosts

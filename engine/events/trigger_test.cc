#include "engine/events/trigger.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/testing/functions.h"

namespace elevaite::engine {
namespace {

constexpr std::string_view kByOrder =
    "schedule: {on: {all: [{with: {type: paid}, correlate: {order: {from: .data.order}}},"
    " {with: {type: packed}, correlate: {order: {from: .data.order}}}]}}\n";
constexpr std::string_view kBoth = "schedule: {on: {all: [{with: {type: paid}}, {with: {type: packed}}]}}\n";
constexpr std::string_view kMany =
    "schedule: {on: {any: [{with: {type: paid}}], until: '${ length == 20000 }'}}\n";
constexpr std::int64_t kDayUs = 86'400'000'000;

class TriggerTest : public ::testing::Test {
 protected:
  void Open(std::string_view head) {
    trigger_.emplace(TestProgram("- s: {set: {x: 1}}\n", head), MachineLimits());
  }
  // The process, and another one goes on with what was stored.
  void Restart(std::string_view head) {
    const Json stored = trigger_->ToJson();
    Open(head);
    trigger_->Restore(stored);
  }
  // What it starts with; empty: nothing.
  std::string Send(std::string_view type, int order) {
    StoredEvent event{
        .account = AccountId::Default(), .position = ++position_, .accepted_us = now_us_, .event = {}};
    event.event = Json::Object({{"specversion", "1.0"},
                                {"id", std::to_string(position_)},
                                {"source", "/test"},
                                {"type", type},
                                {"data", Json::Object({{"order", order}})}});
    const auto input = trigger_->Offer(event, now_us_);
    return input ? input->Dump() : "";
  }

  std::optional<EventTrigger> trigger_;
  std::int64_t position_ = 0;
  std::int64_t now_us_ = 1'700'000'000'000'000;
};

TEST_F(TriggerTest, EachCorrelationIsCollectedApart) {
  Open(kByOrder);
  EXPECT_EQ(Send("paid", 1), "");
  EXPECT_EQ(Send("paid", 2), "");
  EXPECT_EQ(Send("packed", 3), "");
  EXPECT_EQ(Send("packed", 2), R"([{"order":2},{"order":2}])");
  Restart(kByOrder);
  EXPECT_EQ(Send("paid", 3), R"([{"order":3},{"order":3}])");
  EXPECT_EQ(Send("packed", 2), "") << "the first of a new one";
  EXPECT_EQ(Send("packed", 1), R"([{"order":1},{"order":1}])");
  EXPECT_EQ(trigger_->forgotten(), 0);
}

TEST_F(TriggerTest, WhatNeverComesTogetherIsForgottenAndCounted) {
  Open(kByOrder);
  Send("paid", 1);
  now_us_ += 31 * kDayUs;
  Send("paid", 2);
  EXPECT_EQ(trigger_->forgotten(), 1);
  EXPECT_EQ(Send("packed", 1), "");
  EXPECT_EQ(Send("packed", 2), R"([{"order":2},{"order":2}])");
  const int many = static_cast<int>(EventTrigger::kCollectionsMax) + 10;
  for (int order = 10; order < 10 + many; ++order) Send("paid", order);
  Restart(kByOrder);
  EXPECT_EQ(trigger_->forgotten(), 12) << "the oldest: packed 1, and the first of these";
  EXPECT_EQ(Send("packed", 10), "");
  EXPECT_NE(Send("packed", 9 + many), "");
}

TEST_F(TriggerTest, WithoutACorrelationThereIsOneCollection) {
  Open(kBoth);
  EXPECT_EQ(Send("paid", 1), "");
  EXPECT_EQ(Send("paid", 2), "") << "not wanted";
  now_us_ += 365 * kDayUs;
  Restart(kBoth);
  EXPECT_EQ(Send("packed", 3), R"([{"order":1},{"order":3}])");
  EXPECT_EQ(Send("packed", 4), "");
}

TEST_F(TriggerTest, TooManyForOneStartAreCountedToo) {
  Open(kMany);
  for (int i = 0; i <= static_cast<int>(EventTrigger::kEventsMax); ++i) EXPECT_EQ(Send("paid", i), "");
  EXPECT_EQ(trigger_->forgotten(), static_cast<std::int64_t>(EventTrigger::kEventsMax) + 1);
  Restart(kMany);
  EXPECT_EQ(trigger_->ToJson()["collections"].AsArray().size(), 0U);
}

TEST_F(TriggerTest, TakesUpWhatWasStoredWhenThereWasOneCollection) {
  Open(kBoth);
  trigger_->Restore(ParseJson(R"({"taken": {"filled": [true, false], "correlations": null},
    "until": {"filled": [], "correlations": null}, "read": [{"order": 7}], "seen": [5], "position": 5})")
                        .value());
  position_ = 5;
  EXPECT_EQ(Send("packed", 8), R"([{"order":7},{"order":8}])");
}

}  // namespace
}  // namespace elevaite::engine

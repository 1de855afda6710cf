#include "services/workflow/schedule/course.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

using Act = Decision::Act;

constexpr std::int64_t kMinuteUs = 60'000'000;
const std::int64_t kNoonUs = Timestamp::Parse("2026-01-01T12:00:00Z")->micros();

// Due each ten minutes.
class Course : public testing::Test {
 protected:
  static std::int64_t After(std::int64_t minutes) { return kNoonUs + minutes * kMinuteUs; }

  // What becomes of what is due at noon.
  std::string DecideAt(std::int64_t now, std::int64_t served_since, Busy busy = Busy::kNo) {
    const Decision decision = Decide(
        timetable_, policy_,
        {.due_us = kNoonUs, .now_us = After(now), .served_since_us = After(served_since), .busy = busy});
    const char* acts[] = {"start", "skip", "miss", "hold", "cancel"};
    return fmt::format("{} {}", acts[static_cast<int>(decision.act)],
                       decision.next_us ? (*decision.next_us - kNoonUs) / kMinuteUs : -1);
  }

  ScheduleSpec spec_{.times = Json::Array({Json::Object({{"every", "10m"}})})};
  Timetable timetable_ = Timetable::Create(spec_, TimeZone::Utc(), "").value();
  Policy policy_;
};

TEST_F(Course, WhatIsDueStartsAndTheNextOneFollows) { EXPECT_EQ(DecideAt(0, -60), "start 10"); }

TEST_F(Course, WhatIsLateWhileItIsServedWasNotMissed) {
  policy_.catch_up = CatchUp::kNone;
  EXPECT_EQ(DecideAt(25, -60), "start 10");
}

TEST_F(Course, OneStartStandsForAllThatWereMissed) { EXPECT_EQ(DecideAt(65, 65), "start 70"); }

TEST_F(Course, EachMissedTimeStarts) {
  policy_.catch_up = CatchUp::kAll;
  EXPECT_EQ(DecideAt(65, 65), "start 10");
}

TEST_F(Course, MissedTimesAreLeftOut) {
  policy_.catch_up = CatchUp::kNone;
  EXPECT_EQ(DecideAt(65, 65), "miss 70");
  EXPECT_EQ(DecideAt(1, 1), "start 10") << "a minute late is not missed";
  EXPECT_EQ(DecideAt(61, 61), "miss 60") << "nor is that of an hour later";
}

TEST_F(Course, WhatLiesBeyondTheWindowIsLeftOut) {
  policy_.window_us = 30 * kMinuteUs;
  EXPECT_EQ(DecideAt(65, 65), "miss 40");
  EXPECT_EQ(DecideAt(30, 30), "start 40");
  policy_.catch_up = CatchUp::kAll;
  EXPECT_EQ(DecideAt(65, 65), "miss 40");
  EXPECT_EQ(DecideAt(30, 30), "start 10");
  policy_.window_us = 0;
  EXPECT_EQ(DecideAt(1, 1), "start 10") << "a minute late is in any window";
}

TEST_F(Course, EachOverlapHasItsWay) {
  const std::pair<Overlap, const char*> cases[] = {{Overlap::kSkip, "skip 10"},
                                                   {Overlap::kBufferOne, "hold 0"},
                                                   {Overlap::kBufferAll, "hold 0"},
                                                   {Overlap::kCancelOther, "cancel 0"},
                                                   {Overlap::kAllow, "start 10"}};
  for (const auto& [overlap, expected] : cases) {
    policy_.overlap = overlap;
    EXPECT_EQ(DecideAt(0, -60, Busy::kYes), expected);
  }
}

TEST_F(Course, WhatWasHeldStartsAtTheEnd) {
  policy_.overlap = Overlap::kBufferAll;
  EXPECT_EQ(DecideAt(35, -60), "start 10") << "the others wait behind it";
  policy_.overlap = Overlap::kBufferOne;
  EXPECT_EQ(DecideAt(35, -60), "start 40") << "it stands for the others";
  policy_.overlap = Overlap::kCancelOther;
  EXPECT_EQ(DecideAt(35, -60), "start 40");
}

TEST_F(Course, WhatIsDueDuringABackfillWaitsInsteadOfBeingLost) {
  policy_.overlap = Overlap::kSkip;
  EXPECT_EQ(DecideAt(0, -60, Busy::kBackfilling), "hold 0");
  policy_.overlap = Overlap::kCancelOther;
  EXPECT_EQ(DecideAt(0, -60, Busy::kBackfilling), "hold 0");
  policy_.overlap = Overlap::kAllow;
  EXPECT_EQ(DecideAt(0, -60, Busy::kBackfilling), "start 10");
}

}  // namespace
}  // namespace elevaite::workflow

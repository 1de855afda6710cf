#include "engine/admission/admission.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace elevaite::engine {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// One queue before a server of a fixed rate, in steps of a millisecond.
class Model {
 public:
  explicit Model(double served_per_ms) : served_per_ms_(served_per_ms) {}

  struct Seen {
    double admitted = 0;
    double offered = 0;
    milliseconds longest{0};  // wait of what was served
  };
  Seen Offer(double per_ms, milliseconds time) {
    Seen seen;
    for (int i = 0; i < time.count(); ++i) {
      clock_.Advance(milliseconds(1));
      for (free_ = std::min(free_ + served_per_ms_, 2 * served_per_ms_);
           free_ >= 1 && !queue_.empty() && !stalled_; free_ -= 1) {
        const auto waited =
            std::chrono::duration_cast<microseconds>(clock_.Monotonic() - queue_.front().since);
        queue_.pop_front();
        admission_.Dequeued();
        admission_.Took(milliseconds(1));
        seen.longest = std::max(seen.longest, std::chrono::duration_cast<milliseconds>(waited));
      }
      for (coming_ += per_ms; coming_ >= 1; coming_ -= 1) {
        seen.offered += 1;
        auto ticket = admission_.Admit();
        if (!ticket) continue;
        queue_.push_back({clock_.Monotonic(), *std::move(ticket)});
        admission_.Enqueued();
        seen.admitted += 1;
      }
    }
    return seen;
  }
  void Stall() { stalled_ = true; }
  void GoOn() { stalled_ = false; }
  Admission& admission() { return admission_; }

 private:
  const double served_per_ms_;
  SimulatedClock clock_;
  Admission admission_{{.few = 5}, clock_};
  struct Waiting {
    Admission::Time since;
    Admission::Ticket ticket;
  };
  std::deque<Waiting> queue_;
  bool stalled_ = false;
  double free_ = 0;
  double coming_ = 0;
};

TEST(Admission, RefusesNothingBelowTheRateThatIsServed) {
  Model model(10);
  const auto seen = model.Offer(8, milliseconds(10'000));
  EXPECT_EQ(seen.admitted, seen.offered);
  EXPECT_EQ(model.admission().refused(), 0);
}

TEST(Admission, ABurstPasses) {
  Model model(10);
  model.Offer(1, milliseconds(1'000));
  const auto burst = model.Offer(30, milliseconds(60));
  EXPECT_EQ(burst.admitted, burst.offered);
}

TEST(Admission, KeepsTheDelayOfWhatItTakesAtTwiceTheRate) {
  Model model(10);
  model.Offer(5, milliseconds(1'000));
  model.Offer(20, milliseconds(3'000));  // until it has found the share
  const auto seen = model.Offer(20, milliseconds(10'000));
  EXPECT_NEAR(seen.admitted / seen.offered, 0.5, 0.03);  // no more is refused than must be
  EXPECT_LE(seen.longest, milliseconds(45));
}

TEST(Admission, HoldsAgainstAFlood) {
  Model model(10);
  model.Offer(200, milliseconds(4'000));
  const auto seen = model.Offer(200, milliseconds(10'000));
  EXPECT_NEAR(seen.admitted / 100'000, 1, 0.1);
  EXPECT_LE(seen.longest, milliseconds(100));
}

TEST(Admission, SeesAStallWithinMoments) {
  Model model(10);
  model.Offer(8, milliseconds(1'000));
  model.Stall();
  const auto seen = model.Offer(8, milliseconds(1'000));
  EXPECT_LE(seen.admitted, 8 * 35);  // twice the target, and a little
  model.GoOn();
  model.Offer(8, milliseconds(500));  // what has waited
  const auto after = model.Offer(8, milliseconds(1'000));
  EXPECT_EQ(after.admitted, after.offered);
}

TEST(Admission, ASlowDiskIsNoStall) {
  SimulatedClock clock;
  Admission admission({.few = 0}, clock);
  std::deque<Admission::Ticket> written;
  for (int commit = 0; commit < 100; ++commit) {  // each takes 60 ms, and what comes meanwhile is in the next
    for (int i = 0; i < 20; ++i) {
      clock.Advance(milliseconds(3));
      auto ticket = admission.Admit();
      if (commit > 10) {
        EXPECT_TRUE(ticket) << commit;
      }
      if (ticket) written.push_back(*std::move(ticket));
    }
    written.erase(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(written.size() / 2));
  }
}

// What comes during one commit is in the next, so it may wait for as long as one takes.
TEST(Admission, WaitingForASlowDiskIsNoOverload) {
  constexpr int kCommit = 12;  // milliseconds
  SimulatedClock clock;
  Admission admission({.few = 5}, clock);
  std::vector<Admission::Ticket> waiting;
  std::vector<Admission::Ticket> in_commit;
  for (int i = 0; i < 20'000; ++i) {
    clock.Advance(milliseconds(1));
    for (int each = 0; each < 8; ++each) {
      auto ticket = admission.Admit();
      if (!ticket) continue;
      waiting.push_back(*std::move(ticket));
      admission.Enqueued();
    }
    if (i % kCommit != 0) continue;
    admission.Took(milliseconds(kCommit));
    in_commit = std::exchange(waiting, {});
    for (std::size_t taken = 0; taken < in_commit.size(); ++taken) admission.Dequeued();
  }
  EXPECT_EQ(admission.refused(), 0U);
}

TEST(Admission, ForgetsWhenTheLoadIsGone) {
  Model model(10);
  model.Offer(100, milliseconds(4'000));
  EXPECT_GT(model.admission().refused_share(), 0.5);
  model.Offer(1, milliseconds(10'000));
  EXPECT_EQ(model.admission().refused_share(), 0);
}

// Of an admission whose threads are late, with so many before each; kInternal when it refuses nobody.
Error RefusalOf(Admission& admission, SimulatedClock& clock, std::uint64_t before = 0) {
  admission.Took(milliseconds(1));
  for (int i = 0; i < 2'000; ++i) {
    clock.Advance(milliseconds(15));
    admission.Late(milliseconds(100), admission.asked() - before);
    if (auto answer = admission.Admit(); !answer) return answer.error();
  }
  return {.code = ErrorCode::kInternal};
}

TEST(Admission, RefusesNobodyWhileFewAreUnderWay) {
  SimulatedClock clock;
  Admission admission({.few = 2}, clock);
  EXPECT_EQ(RefusalOf(admission, clock).code, ErrorCode::kInternal);
  const auto one = admission.Admit();
  auto two = admission.Admit();
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(admission.Admit());
  two->reset();
  EXPECT_TRUE(admission.Admit());
}

// Commits are quick, so few are under way at any time; what is slow is to get to what clients have sent.
TEST(Admission, ManyThatWaitForAnIoThreadAreNotFew) {
  SimulatedClock clock;
  Admission calm({.few = 10}, clock);
  EXPECT_EQ(RefusalOf(calm, clock, 9).code, ErrorCode::kInternal)
      << "the machine is slow, not we have too much to do";
  Admission full({.few = 10}, clock);
  EXPECT_EQ(RefusalOf(full, clock, 11).code, ErrorCode::kUnavailable);
}

TEST(Admission, TellsWhenToTryAgain) {
  SimulatedClock clock;
  Admission admission({.few = 0}, clock);
  const Error error = RefusalOf(admission, clock);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.retry_after, std::chrono::seconds(1));
}

TEST(Admission, NothingPassesWhileSearchesAreTooFarBehind) {
  SimulatedClock clock;
  Admission admission({.behind_max = milliseconds(500)}, clock);
  Admission patient({}, clock);
  const Admission::Time since = clock.Monotonic();
  admission.Behind(since);
  patient.Behind(since);
  clock.Advance(milliseconds(500));
  EXPECT_TRUE(admission.Admit());
  clock.Advance(milliseconds(1));
  const auto refused = admission.Admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(1));
  EXPECT_EQ(admission.refused(), 1U);
  admission.Behind(since + milliseconds(100));
  EXPECT_TRUE(admission.Admit());
  clock.Advance(std::chrono::hours(1));
  EXPECT_FALSE(admission.Admit());
  EXPECT_TRUE(patient.Admit());
  admission.Behind(std::nullopt);
  EXPECT_TRUE(admission.Admit());
}

}  // namespace
}  // namespace elevaite::engine

// What a partition does with commands, and with commits that fail.
#include "engine/testing/partition_fixture.h"

namespace elevaite::engine {
namespace {

TEST_F(PartitionTest, AnswersAStartOnlyAfterItsCommit) {
  Start("- a: {set: {x: 1}}\n");
  partition_->Handle(std::move(posted_.front()));
  posted_.clear();
  partition_->Flush();
  EXPECT_TRUE(accepted_.empty());
  Round();
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_TRUE(accepted_[0]);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].output["x"], Json(1));
  EXPECT_EQ(partition_->active(), 0U);
}

TEST_F(PartitionTest, DoesNotRunAnExecutionAgainWhoseIdIsShared) {
  const ExecutionId id = Start("- a: {set: {x: 1}}\n");
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
  posted_.push_back(
      StartCommand{.record = {.account = AccountId::Default(), .id = id, .workflow = "t", .version = "1.0.0"},
                   .program = programs_.program,
                   .input = {},
                   .accepted = [this](Result<void> result) { accepted_.push_back(std::move(result)); },
                   .finished = {},
                   .shared_id = true});
  Round();
  ASSERT_EQ(accepted_.size(), 2U);
  ASSERT_FALSE(accepted_[1]);
  EXPECT_EQ(accepted_[1].error().code, ErrorCode::kConflict);
  EXPECT_EQ(partition_->active(), 0U);
  EXPECT_EQ(journal_.disk.at(id).events.size(), 1U);
}

TEST_F(PartitionTest, LetsNoEffectOutBeforeItsCommit) {
  Start("- c: {call: ping}\n");
  partition_->Handle(std::move(posted_.front()));
  posted_.clear();
  partition_->Flush();
  EXPECT_TRUE(activities_.held.empty());
  Round();
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(PartitionTest, CommitsManyExecutionsAtOnce) {
  for (int i = 0; i < 100; ++i) Start("- a: {set: {x: 1}}\n");
  Round();
  EXPECT_EQ(outcomes_.size(), 100U);
  EXPECT_EQ(partition_->counters().commits, 1U);
}

// The answer to the first try was lost on its way from another node.
TEST_F(PartitionTest, AStartThatMayHaveBegunIsAcceptedThoughItHasEndedSince) {
  const ExecutionId id = Start("- a: {set: {x: 1}}\n");
  Round();
  std::vector<std::optional<Outcome>> ends;
  StartCommand again{
      .record = {.account = AccountId::Default(), .id = id, .workflow = "t", .version = "1.0.0"},
      .program = programs_.program,
      .input = {},
      .accepted = [this](Result<void> result) { accepted_.push_back(std::move(result)); },
      .finished = [&](const std::optional<Outcome>& outcome) { ends.push_back(outcome); }};
  MayHaveBegun(again);
  posted_.push_back(std::move(again));
  Round();
  ASSERT_EQ(accepted_.size(), 2U);
  EXPECT_TRUE(accepted_[1]);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_FALSE(ends[0]) << "whether and how it has ended is on disk";
  EXPECT_EQ(outcomes_.size(), 1U) << "it has run once";
}

TEST_F(PartitionTest, AFullDiskRefusesStartsAndForgetsThem) {
  const ExecutionId id = Start("- w: {wait: {hours: 1}}\n");
  Round(true);
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_EQ(accepted_[0].error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(partition_->active(), 0U);
  EXPECT_FALSE(journal_.disk.contains(id));
  EXPECT_TRUE(partition_->failure());
  Start("- a: {set: {x: 1}}\n");
  Round(true);
  EXPECT_FALSE(accepted_.back()) << "refused at once while the disk is full";
  clock_.Advance(std::chrono::seconds(2));
  Round();
  EXPECT_FALSE(partition_->failure());
  Start("- a: {set: {x: 1}}\n");
  Round();
  EXPECT_TRUE(accepted_.back());
}

// A journal with a full queue refuses at once what comes, while it still writes what came before.
TEST_F(PartitionTest, ARefusalMayComeBeforeTheAnswersToEarlierCommits) {
  const auto hand_in = [&] {
    partition_->Handle(std::move(posted_.front()));
    posted_.pop_front();
    partition_->Flush();
  };
  const ExecutionId first = Start("- c: {call: ping}\n");
  hand_in();
  const ExecutionId second = Start("- c: {call: ping}\n");
  hand_in();
  ASSERT_EQ(journal_.waiting.size(), 2U);
  journal_.waiting.pop_back();
  partition_->Committed(2, elevaite::Fail(ErrorCode::kUnavailable, "too many writes are waiting"));
  EXPECT_EQ(partition_->commits_in_flight(), 1U);
  ASSERT_EQ(accepted_.size(), 1U) << "who is refused need not wait for the first";
  EXPECT_EQ(accepted_[0].error().message, "too many writes are waiting");
  EXPECT_TRUE(accepted_[0].error().retry_after);
  Start("- a: {set: {x: 1}}\n");
  hand_in();
  ASSERT_EQ(accepted_.size(), 2U) << "nor who comes then";
  EXPECT_FALSE(accepted_[1]);
  Round();
  ASSERT_EQ(accepted_.size(), 3U);
  EXPECT_TRUE(accepted_[2]);
  EXPECT_TRUE(journal_.disk.contains(first));
  EXPECT_FALSE(journal_.disk.contains(second));
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(PartitionTest, WhoWatchesAStartThatFailsIsToldThatItDoesNotRun) {
  const ExecutionId id = Start("- w: {wait: {hours: 1}}\n");
  std::vector<std::optional<Outcome>> ends;
  posted_.push_back(WatchCommand{
      .account = AccountId::Default(), .id = id, .finished = [&](std::optional<Outcome> outcome) {
        ends.push_back(std::move(outcome));
      }});
  Round(true);
  EXPECT_FALSE(accepted_.at(0));
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_FALSE(ends[0]);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(PartitionTest, AResultThatCouldNotBeWrittenIsNotLostAndNotAskedForAgain) {
  const ExecutionId id = Start("- c: {call: ping}\n- d: {set: '${ {got: .} }'}\n");
  Round();
  ASSERT_EQ(activities_.held.size(), 1U);
  activities_.held[0].done(ActivitySuccess{Json("pong")});
  Round(true);
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_EQ(partition_->active(), 1U);
  for (int i = 0; i < 3; ++i) {  // still full
    clock_.Advance(std::chrono::seconds(2));
    Round(true);
  }
  clock_.Advance(std::chrono::seconds(2));
  Round();
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].output["got"], Json("pong"));
  EXPECT_EQ(activities_.held.size(), 1U);
  EXPECT_TRUE(journal_.disk.at(id).record.finished_us);
}

TEST_F(PartitionTest, TimersOfOneInstantLeaveRoomForCommands) {
  constexpr std::size_t kMany = 1'200;
  for (std::size_t i = 0; i < kMany; ++i) Start("- w: {wait: {seconds: 1}}\n");
  Round();
  clock_.Advance(std::chrono::seconds(1));
  const ExecutionId late = Start("- a: {set: {x: 1}}\n");
  Round();
  EXPECT_LT(outcomes_.size(), kMany / 2);
  EXPECT_TRUE(journal_.disk.at(late).record.finished_us);
  EXPECT_LE(*partition_->NextDueUs(), clock_.Now().micros()) << "the rest is not left lying";
  for (int i = 0; i < 5; ++i) Round();
  EXPECT_EQ(outcomes_.size(), kMany + 1);
}

TEST_F(PartitionTest, ATimerThatFiredWhileTheDiskWasFullFiresAgain) {
  Start("- w: {wait: {seconds: 1}}\n- d: {set: {done: true}}\n");
  Round();
  clock_.Advance(std::chrono::seconds(1));
  Round(true);
  EXPECT_TRUE(outcomes_.empty());
  clock_.Advance(std::chrono::seconds(2));
  Round();
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
}

TEST_F(PartitionTest, ATimerWhoseStepFailedIsNotLostWhenTheClockIsSetBack) {
  Start("- w: {wait: {seconds: 1}}\n- d: {set: {done: true}}\n");
  Round();
  clock_.Advance(std::chrono::seconds(1));
  Round(true);
  clock_.Jump(clock_.Now() - std::chrono::seconds(600));
  for (int i = 0; i < 700 && outcomes_.empty(); ++i) {
    clock_.Advance(std::chrono::seconds(1));
    Round();
  }
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(PartitionTest, ACancelThatCouldNotBeWrittenIsToldAndTheExecutionGoesOn) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  Result<void> cancelled;
  posted_.push_back(CancelCommand{AccountId::Default(), id, "x",
                                  [&](Result<void> result) { cancelled = std::move(result); }});
  Round(true);
  EXPECT_FALSE(cancelled);
  clock_.Advance(std::chrono::seconds(6));
  Round();
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].phase, Phase::kCompleted);
}

TEST_F(PartitionTest, AResultThatCameWhileACancelWasNotWrittenCountsWhenThatFails) {
  const ExecutionId id = Start("- c: {call: ping}\n- d: {set: '${ {got: .} }'}\n");
  Round();
  ASSERT_EQ(activities_.held.size(), 1U);
  std::vector<Result<void>> answers;
  posted_.push_back(CancelCommand{
      .account = AccountId::Default(), .id = id, .reason = "", .done = [&](Result<void> result) {
        answers.push_back(std::move(result));
      }});
  activities_.held[0].done(ActivitySuccess{Json("pong")});  // stale, if only the cancel were written
  Round(true);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(answers[0]);
  clock_.Advance(std::chrono::seconds(2));
  Round();
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].output["got"], Json("pong"));
}

TEST_F(PartitionTest, WhatHasEndedInMemoryIsCalledEndedWhenThatIsWritten) {
  const ExecutionId id = Start("- c: {call: ping}\n");
  Round();
  std::vector<Result<void>> answers;
  const auto cancel = [&] {
    posted_.push_back(CancelCommand{
        .account = AccountId::Default(), .id = id, .reason = "", .done = [&](Result<void> result) {
          answers.push_back(std::move(result));
        }});
  };
  activities_.held[0].done(ActivitySuccess{Json("pong")});
  cancel();
  Round(true);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].error().code, ErrorCode::kResourceExhausted) << "it has not ended";
  clock_.Advance(std::chrono::seconds(2));
  partition_->FireTimers();  // the result again
  cancel();
  Round();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].error().code, ErrorCode::kNotFound);
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(PartitionTest, OtherAccountsCannotCancelOrWatch) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  Result<void> cancelled;
  bool unknown = false;
  const AccountId other = AccountId::Parse("other").value();
  posted_.push_back(
      CancelCommand{other, id, "x", [&](Result<void> result) { cancelled = std::move(result); }});
  posted_.push_back(WatchCommand{other, id, [&](std::optional<Outcome> outcome) { unknown = !outcome; }});
  Round();
  EXPECT_EQ(cancelled.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(unknown);
}

// As a client does that asks for the end of a long execution again and again.
TEST_F(PartitionTest, WhoHasWaitedLongEnoughIsForgotten) {
  const ExecutionId id = Start("- w: {wait: {hours: 1}}\n");
  Round();
  const auto calls = std::make_shared<int>(0);
  const auto watch = [&](Clock::Instant until) {
    posted_.push_back(WatchCommand{.account = AccountId::Default(),
                                   .id = id,
                                   .finished = [calls](const std::optional<Outcome>&) { ++*calls; },
                                   .waits_until = until});
    Round();
  };
  watch(Clock::Instant::max());
  for (int i = 0; i < 1'000; ++i) {
    watch(clock_.Monotonic() + std::chrono::seconds(1));
    clock_.Advance(std::chrono::milliseconds(500));
  }
  EXPECT_LT(calls.use_count(), 20);
  clock_.Advance(std::chrono::hours(1));
  Round();
  EXPECT_GE(*calls, 1) << "who waits for as long as it takes is told";
  EXPECT_EQ(calls.use_count(), 1);
}

TEST_F(PartitionTest, AStartWithASharedIdIsNotWrittenAgainWhenItHasEnded) {
  const ExecutionId id = Start("- a: {set: {x: 1}}\n");
  Round();
  Result<void> again;
  posted_.push_back(
      StartCommand{.record = {.account = AccountId::Default(), .id = id, .workflow = "t", .version = "1.0.0"},
                   .program = programs_.program,
                   .input = Json(),
                   .accepted = [&](Result<void> result) { again = std::move(result); },
                   .finished = {},
                   .shared_id = true});
  Round();
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(partition_->failure());
}

}  // namespace
}  // namespace elevaite::engine

// What a partition reads back, of processes that have ended in order or died.
#include "engine/testing/partition_fixture.h"

namespace elevaite::engine {
namespace {

TEST_F(PartitionTest, GoesOnAfterARestartWhereItWas) {
  Start("- c: {call: ping, with: {n: '${ .n }'}}\n- w: {wait: {seconds: 3}}\n- d: {set: '${ {got: .} }'}\n",
        Json::Object({{"n", 7}}));
  Start("- c: {call: ping, with: {n: '${ .n }'}}\n- w: {wait: {seconds: 3}}\n- d: {set: '${ {got: .} }'}\n",
        Json::Object({{"n", 8}}));
  Round();
  activities_.held[0].done(ActivitySuccess{Json("pong")});
  Round();
  activities_.held.clear();
  posted_.clear();
  Open();  // the process died
  ASSERT_TRUE(RecoverAll(journal_, *partition_, Predecessor::kReleased));
  EXPECT_EQ(partition_->active(), 2U);
  ASSERT_EQ(activities_.held.size(), 1U) << "only the call without a result is made again";
  EXPECT_EQ(activities_.held[0].task.request["n"], Json(8));
  clock_.Advance(std::chrono::seconds(4));
  Round();
  Round();
  EXPECT_EQ(partition_->active(), 1U);
}

class RecoveringTest : public PartitionTest {
 protected:
  // Three wait for a call; then the process dies, and the next one has read none of them.
  RecoveringTest() {
    for (int i = 0; i < 3; ++i) ids_.push_back(Start("- c: {call: ping, with: {n: 1}}\n"));
    Round();
    activities_.held.clear();
    outcomes_.clear();
    Open();
    recovery_.emplace(journal_, *partition_, 0, 1);
    EXPECT_TRUE(recovery_->Begin(Predecessor::kReleased));
  }

  void ReadAll() {
    while (recovery_->goes_on()) ASSERT_TRUE(recovery_->ReadPage(1));
    Round();
  }
  void Complete(const ExecutionId& id) {
    const auto of =
        std::ranges::find(activities_.held, id, [](const auto& held) { return held.task.execution; });
    ASSERT_NE(of, activities_.held.end());
    of->done(ActivitySuccess{Json("pong")});
    Round();
  }

  std::vector<ExecutionId> ids_;
  std::optional<Recovery> recovery_;
};

TEST_F(RecoveringTest, ReadsAPageAtATimeAndEachExecutionOnce) {
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(recovery_->ReadPage(1));
    EXPECT_EQ(partition_->active(), i);
    EXPECT_EQ(activities_.held.size(), i);
    if (recovery_->goes_on()) Round();
  }
  EXPECT_EQ(recovery_->executions(), 3U);
}

TEST_F(RecoveringTest, WhatACommandIsAboutIsReadAtOnce) {
  Result<void> cancelled = elevaite::Fail(ErrorCode::kInternal, "no answer");
  posted_.push_back(CancelCommand{
      .account = AccountId::Default(), .id = ids_[2], .reason = "", .done = [&](Result<void> result) {
        cancelled = std::move(result);
      }});
  Round();
  EXPECT_TRUE(cancelled);
  std::optional<Outcome> seen;
  posted_.push_back(WatchCommand{
      .account = AccountId::Default(), .id = ids_[1], .finished = [&](std::optional<Outcome> outcome) {
        seen = std::move(outcome);
      }});
  Round();
  EXPECT_FALSE(seen);
  EXPECT_EQ(partition_->active(), 1U);
  Complete(ids_[1]);
  EXPECT_TRUE(seen && seen->phase == Phase::kCompleted);
  ReadAll();  // neither of the two comes back
  EXPECT_EQ(partition_->active(), 1U);
  EXPECT_EQ(activities_.held.size(), 3U) << "one call of each";
}

TEST_F(RecoveringTest, NobodyElsesExecutionIsRead) {
  ErrorCode code = ErrorCode::kInternal;
  posted_.push_back(CancelCommand{.account = AccountId::Parse("other").value(),
                                  .id = ids_[0],
                                  .reason = "",
                                  .done = [&](const Result<void>& result) { code = result.error().code; }});
  Round();
  EXPECT_EQ(code, ErrorCode::kNotFound);
  ReadAll();
  EXPECT_EQ(partition_->active(), 3U);
}

TEST_F(RecoveringTest, TheSameStartOnceMoreSharesTheFateOfTheFirst) {
  Result<void> accepted = elevaite::Fail(ErrorCode::kInternal, "no answer");
  posted_.push_back(StartCommand{
      .record = {.account = AccountId::Default(), .id = ids_[0], .workflow = "t", .version = "1.0.0"},
      .program = programs_.program,
      .input = {},
      .accepted = [&](Result<void> result) { accepted = std::move(result); },
      .finished = {},
      .shared_id = true});
  Round();
  EXPECT_TRUE(accepted);
  EXPECT_EQ(partition_->active(), 1U);
  ReadAll();
  EXPECT_EQ(partition_->active(), 3U);
  EXPECT_EQ(activities_.held.size(), 3U);
}

TEST_F(RecoveringTest, AnInputThatComesEarlyIsPutOff) {
  posted_.push_back(InputCommand{ids_[1], Cancel{.reason = "early"}});
  posted_.push_back(InputCommand{ExecutionId::New(), Cancel{.reason = "of nobody"}});
  Round();
  EXPECT_EQ(partition_->active(), 0U);
  ReadAll();
  EXPECT_EQ(partition_->active(), 2U);
  EXPECT_EQ(journal_.disk.at(ids_[1]).record.phase, Phase::kCancelled);
}

TEST_F(RecoveringTest, ATenureThatEndsBeforeAllIsReadHandsOnWhatWasPutOff) {
  posted_.push_back(InputCommand{ids_[1], Cancel{.reason = "early"}});
  Round();
  const std::vector<Command> left = partition_->Close();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(std::get<InputCommand>(left[0]).id, ids_[1]);
}

TEST_F(RecoveringTest, WhatCannotBeUnderstoodIsLeftAlone) {
  journal_.disk.at(ids_[1]).events = {"?"};
  ReadAll();
  EXPECT_EQ(partition_->active(), 2U);
  EXPECT_EQ(journal_.disk.at(ids_[1]).events, std::vector<std::string>{"?"});
}

// A value that is out of reach, a document that is gone, a row that is no row: whatever it is, it is of one.
TEST_F(RecoveringTest, WhatCannotBeReadIsSetAsideAndTheOthersGoOn) {
  journal_.disk.at(ids_[0]).damage = Error{.code = ErrorCode::kUnavailable, .message = "out of reach"};
  journal_.disk.at(ids_[2]).damage = Error{.code = ErrorCode::kInternal, .message = "?"};
  ReadAll();
  EXPECT_EQ(partition_->active(), 1U);
  EXPECT_FALSE(recovery_->goes_on());
  Complete(ids_[1]);
  EXPECT_EQ(journal_.disk.at(ids_[1]).record.phase, Phase::kCompleted);
}

TEST_F(RecoveringTest, WhatWasSetAsideGoesOnWhenItCanBeRead) {
  journal_.disk.at(ids_[0]).damage = Error{.code = ErrorCode::kUnavailable, .message = "out of reach"};
  ReadAll();
  EXPECT_EQ(partition_->active(), 2U);
  // Who asks for it meanwhile hears why.
  Result<void> cancelled;
  posted_.push_back(CancelCommand{
      .account = AccountId::Default(), .id = ids_[0], .reason = "", .done = [&](Result<void> result) {
        cancelled = std::move(result);
      }});
  Round();
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().message, "out of reach");
  // What is told to it waits for it.
  posted_.push_back(InputCommand{ids_[0], Cancel{.reason = "early"}});
  Round();
  clock_.Advance(std::chrono::seconds(31));
  Round();
  EXPECT_EQ(partition_->active(), 2U) << "it cannot be read yet";
  journal_.disk.at(ids_[0]).damage.reset();
  clock_.Advance(std::chrono::seconds(31));
  Round();
  Round();
  EXPECT_EQ(journal_.disk.at(ids_[0]).record.phase, Phase::kCancelled);
}

// It was written well, and cannot be read now that a commit has failed: that is no reason to let others wait.
TEST_F(PartitionTest, WhatCannotBeReadAfterAFailedCommitIsSetAside) {
  const ExecutionId damaged = Start("- a: {call: ping}\n- b: {call: ping}\n");
  const ExecutionId good = Start("- a: {call: ping}\n- b: {call: ping}\n");
  Round();
  ASSERT_EQ(activities_.held.size(), 2U);
  const auto complete_one = [this] {
    const auto held = std::move(activities_.held.front());
    activities_.held.pop_front();
    held.done(ActivitySuccess{Json("pong")});
  };
  complete_one();
  complete_one();
  Round(true);
  ASSERT_TRUE(partition_->failure());
  auto& events = journal_.disk.at(damaged).events;
  const auto written = std::exchange(events, {"?"});
  clock_.Advance(std::chrono::seconds(2));
  Round();
  EXPECT_FALSE(partition_->failure());
  EXPECT_EQ(partition_->active(), 1U);
  Round();
  EXPECT_EQ(activities_.held.size(), 1U) << "the other one goes on, and its result was not lost";
  EXPECT_TRUE(outcomes_.empty());
  events = written;
  clock_.Advance(std::chrono::seconds(31));
  Round();
  Round();
  EXPECT_EQ(partition_->active(), 2U);
  while (!activities_.held.empty()) {
    complete_one();
    Round();
    Round();
  }
  EXPECT_EQ(journal_.disk.at(damaged).record.phase, Phase::kCompleted);
  EXPECT_EQ(journal_.disk.at(good).record.phase, Phase::kCompleted);
  EXPECT_EQ(outcomes_.size(), 2U) << "who waited for its end is told";
}

TEST_F(RecoveringTest, WhatNobodyCanReadAtTheMomentIsReadAgainAsAPage) {
  programs_.failure = Error{.code = ErrorCode::kUnavailable, .message = "no database"};
  EXPECT_FALSE(recovery_->ReadPage(1));
  programs_.failure.reset();
  ReadAll();
  EXPECT_EQ(partition_->active(), 3U);
}

TEST_F(RecoveringTest, AnExecutionWithoutItsDocumentIsSetAside) {
  programs_.failure = Error{.code = ErrorCode::kNotFound, .message = "there is no such version"};
  ASSERT_TRUE(recovery_->ReadPage(1));
  programs_.failure.reset();
  ReadAll();
  EXPECT_EQ(partition_->active(), 2U);
  clock_.Advance(std::chrono::seconds(31));
  Round();
  EXPECT_EQ(partition_->active(), 3U) << "it was published again";
}

TEST_F(PartitionTest, CancelsAtRecoveryWhatACancelledTaskRan) {
  const ExecutionId parent = Start("- r: {run: {workflow: {namespace: t, name: u, version: '1.0.0'}}}\n");
  Round();
  const FrameId frame = activities_.held.at(0).task.frame;
  const ExecutionId awaited = StartChild(parent, frame);
  const ExecutionId on_its_own = StartChild(parent, std::nullopt);
  Round();
  Die();
  EXPECT_EQ(activities_.held.size(), 3U) << "the parent waits for its child: all go on";
  posted_.push_back(CancelCommand{AccountId::Default(), parent, "", [](Result<void>) {}});
  Round();
  EXPECT_EQ(activities_.cancelled, std::vector<FrameId>{frame});
  Die();  // before the child was told
  ASSERT_EQ(activities_.held.size(), 1U) << "what the abandoned one called is not called again";
  EXPECT_EQ(activities_.held[0].task.execution, on_its_own);
  Round(true);  // the disk is full: it is tried again
  clock_.Advance(std::chrono::seconds(2));
  Round();
  Round();
  EXPECT_EQ(journal_.disk.at(awaited).record.phase, Phase::kCancelled);
  EXPECT_EQ(journal_.disk.at(on_its_own).record.phase, Phase::kRunning);
}

TEST_F(PartitionTest, CancelsAtRecoveryWhatATimedOutTaskRan) {
  const ExecutionId parent = Start(
      "- r: {try: [{s: {run: {workflow: {namespace: t, name: u, version: '1.0.0'}}, timeout: {after: "
      "{seconds: "
      "1}}}}], catch: {}}\n- w: {wait: {hours: 1}}\n");
  Round();
  const ExecutionId awaited = StartChild(parent, activities_.held.at(0).task.frame);
  Round();
  clock_.Advance(std::chrono::seconds(1));
  Round();
  EXPECT_EQ(journal_.disk.at(awaited).record.phase, Phase::kRunning);
  Die();
  Round();
  EXPECT_EQ(journal_.disk.at(awaited).record.phase, Phase::kCancelled);
  EXPECT_EQ(journal_.disk.at(parent).record.phase, Phase::kWaiting);
}

TEST_F(PartitionTest, ALongRunIsReadBackFromItsSnapshot) {
  const std::string big(2'000, 'x');
  const ExecutionId id = Start(
      "- l: {for: {in: '${ [range(600)] }'}, do: [{a: {set: '${ . + {n: $item} }'}}]}\n- w: {wait: {hours: "
      "1}}\n",
      Json::Object({{"text", big}}));
  for (int i = 0; i < 20; ++i) Round();
  const StoredExecution& stored = journal_.disk.at(id);
  EXPECT_TRUE(stored.snapshot);
  posted_.clear();
  Open();
  ASSERT_TRUE(RecoverAll(journal_, *partition_, Predecessor::kReleased));
  clock_.Advance(std::chrono::hours(2));
  Round();
  Round();
  EXPECT_EQ(partition_->active(), 0U);
  EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kCompleted);
  EXPECT_FALSE(journal_.disk.at(id).snapshot) << "nobody needs it any more";
}

TEST_F(PartitionTest, WhatAProcessDiedWithIsCountedAndGivenOutAgain) {
  Start("- c: {call: ping}\n");
  Round();
  const std::string key = activities_.held[0].task.IdempotencyKey();
  Die(Predecessor::kDied);
  EXPECT_TRUE(activities_.held.empty()) << "not before it is counted on disk";
  Round();
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 2U);
  EXPECT_EQ(activities_.held[0].task.IdempotencyKey(), key);
  Die(Predecessor::kReleased);
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 2U) << "who stops in good order loses nothing";
}

TEST_F(PartitionTest, WhatAWorkerDiedWithIsCountedAndGivenOutAgain) {
  Start("- c: {call: ping}\n");
  Round();
  EXPECT_FALSE(activities_.held[0].task.resumed);
  activities_.held[0].done(AttemptLost{});
  Round();
  ASSERT_EQ(activities_.held.size(), 2U);
  EXPECT_EQ(activities_.held[1].task.attempt, 2U);
  activities_.held[0].done(ActivitySuccess{Json("late")});  // the worker was not dead after all
  Round();
  EXPECT_EQ(partition_->active(), 1U) << "of an attempt that is over";
  activities_.held[1].done(ActivitySuccess{Json("pong")});
  Round();
  EXPECT_EQ(partition_->active(), 0U);
}

TEST_F(PartitionTest, WhatWorkersDoHasNotDiedWithItsOwner) {
  options_.activities_outlive_owner = true;
  Start("- c: {call: ping}\n");
  Round();
  Die(Predecessor::kDied);
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 1U) << "the worker may still have it";
  EXPECT_TRUE(activities_.held[0].task.resumed);
}

TEST_F(PartitionTest, ATaskThatEndsTheProcessEachTimeIsADeadLetter) {
  const ExecutionId id = Start("- c: {call: ping}\n");
  for (int death = 1; death <= 5; ++death) {
    clock_.Advance(std::chrono::minutes(2));
    Round();
    Round();
    ASSERT_EQ(activities_.held.size(), 1U) << death;
    Die(Predecessor::kDied);
  }
  ASSERT_TRUE(journal_.dead_letters.empty());
  Round();
  EXPECT_TRUE(activities_.held.empty());
  ASSERT_EQ(journal_.dead_letters.size(), 1U);
  const DeadLetter& letter = journal_.dead_letters[0];
  EXPECT_EQ(letter.execution, id);
  EXPECT_EQ(letter.reference, "/do/0/c");
  EXPECT_EQ(letter.connector, "ping");
  EXPECT_EQ(letter.attempts, 5U);
  EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kFaulted);
  EXPECT_EQ(partition_->active(), 0U);
}

TEST_F(PartitionTest, ALossWhoseCommitFailsIsCountedWhenThereIsRoomAgain) {
  Start("- c: {call: ping}\n");
  Round();
  Die(Predecessor::kDied);
  Round(true);
  EXPECT_TRUE(activities_.held.empty());
  clock_.Advance(std::chrono::seconds(2));
  Round();
  Round();
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 2U);
}

TEST_F(PartitionTest, AWorkflowThatATaskRunsIsFoundAgainAndNotCounted) {
  Start("- r: {run: {workflow: {namespace: a, name: b, version: '1.0.0'}}}\n");
  Round();
  for (int death = 0; death < 9; ++death) Die(Predecessor::kDied);
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 1U);
}

}  // namespace
}  // namespace elevaite::engine

// Executions that run under pauses of their account, their workflow or their key.
#include "engine/holds/holds.h"

#include "engine/testing/partition_fixture.h"

namespace elevaite::engine {
namespace {

constexpr const char* kTwoCalls = "- a: {call: ping}\n- b: {call: ping}\n- c: {set: done}\n";
constexpr const char* kCleansUp =
    "- t: {try: [{c: {call: ping}}], catch: {errors: {with: {type: 'urn:elevaite:errors:cancelled'}},"
    " do: [{u: {call: pong}}]}}\n";

Json J(std::string_view text) { return ParseJson(text).value(); }

Hold OfAccount() {
  return {.account = AccountId::Default(),
          .scope = Json::Object({{"workflow", Json()}}),
          .note = J(R"({"by":"ada","reason":"their database is down"})")};
}
Hold OfWorkflow(std::string workflow) {
  Hold hold = OfAccount();
  hold.workflow = std::move(workflow);
  hold.scope = Json::Object({{"workflow", hold.workflow}});
  return hold;
}

class HoldTest : public PartitionTest {
 protected:
  void Use(std::vector<Hold> holds) {
    current_ = std::make_shared<const Holds>(std::move(holds));
    partition_->Use(current_);
  }
  void Lift() { Use({}); }

  // A process that dies and one that knows what holds before it reads anything back.
  void DieAndKnow(Predecessor predecessor) {
    activities_.held.clear();
    posted_.clear();
    settled_.clear();
    Open();
    partition_->Use(current_);
    ASSERT_TRUE(RecoverAll(journal_, *partition_, predecessor));
  }

  void Settle() {
    do Round();
    while (!posted_.empty() ||
           (partition_->NextDueUs() && *partition_->NextDueUs() <= clock_.Now().micros()));
  }
  void Pass(std::int64_t us) {
    clock_.Advance(std::chrono::microseconds(us));
    Settle();
  }
  void Answer(ActivityOutcome outcome = ActivitySuccess{"pong"}) {
    ASSERT_FALSE(activities_.held.empty());
    const auto held = activities_.held.front();
    activities_.held.pop_front();
    held.done(std::move(outcome));
    Settle();
  }

  Result<void> Operate(const ExecutionId& id, std::variant<Pause, Resume, Repair> act) {
    Result<void> answer = elevaite::Fail(ErrorCode::kInternal, "no answer");
    posted_.push_back(OperateCommand{.account = AccountId::Default(),
                                     .id = id,
                                     .act = std::move(act),
                                     .done = [&answer](Result<void> result) { answer = std::move(result); }});
    Settle();
    return answer;
  }

  State StateOf(const ExecutionId& id) {
    State state;
    for (const std::string& row : journal_.disk.at(id).events) {
      for (const Event& event : DecodeEvents(row).value()) Apply(state, *programs_.program, event);
    }
    return state;
  }
  bool IsHeldNow(const ExecutionId& id) { return IsPausedByHold(StateOf(id)); }

  std::shared_ptr<const Holds> current_;
};

TEST_F(HoldTest, WhatIsUnderWayEndsAndNothingNewBegins) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  Settle();
  EXPECT_EQ(StateOf(id).seq, 3U) << "nothing is written before something happens";
  Answer();
  EXPECT_TRUE(activities_.held.empty()) << "b has not begun";
  const State state = StateOf(id);
  EXPECT_EQ(CurrentPhase(*programs_.program, state), Phase::kSuspended);
  EXPECT_EQ(state.paused->note["reason"], Json("their database is down"));
  EXPECT_EQ(partition_->held(), 1U);

  Lift();
  Settle();
  EXPECT_EQ(partition_->held(), 0U);
  Answer();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].output, Json("done"));
}

TEST_F(HoldTest, WhatOnlyWaitsIsNotTouched) {
  const ExecutionId id = Start("- w: {wait: PT1H}\n- a: {call: ping}\n");
  Settle();
  const std::uint64_t before = StateOf(id).seq;
  Use({OfAccount()});
  Settle();
  Lift();
  Settle();
  EXPECT_EQ(StateOf(id).seq, before);

  Use({OfAccount()});
  Pass(3'600'000'000);
  EXPECT_TRUE(IsHeldNow(id)) << "the wait has ended, and the call does not begin";
  EXPECT_TRUE(activities_.held.empty());
  Lift();
  Settle();
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, WhatIsOnItsWayThroughACommitIsNotGivenOut) {
  const ExecutionId id = Start(kTwoCalls);
  partition_->Handle(std::move(posted_.front()));
  posted_.clear();
  partition_->Flush();
  Use({OfAccount()});
  Settle();
  EXPECT_TRUE(activities_.held.empty());
  EXPECT_FALSE(IsHeldNow(id)) << "its attempt counts as under way";
  Lift();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U);
  Answer();
  Answer();
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(HoldTest, WhatStartsUnderAHoldBeginsNoTask) {
  Use({OfAccount()});
  const ExecutionId id = Start(kTwoCalls, J(R"({"n":1})"));
  Settle();
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_TRUE(accepted_[0]);
  EXPECT_TRUE(activities_.held.empty());
  EXPECT_TRUE(IsHeldNow(id));
  Lift();
  Settle();
  Answer();
  Answer();
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(HoldTest, ConcernsItsWorkflowAndItsKey) {
  Hold part = OfWorkflow(".t");
  part.key = {.name = ".customer", .value = "17", .of = [](const Json& input) {
                return std::optional(input["customer"].Dump());
              }};
  const ExecutionId held = Start(kTwoCalls, J(R"({"customer":17})"));
  const ExecutionId free = Start(kTwoCalls, J(R"({"customer":18})"));
  Settle();
  Use({OfWorkflow(".other"), part});
  Answer();
  Answer();
  EXPECT_TRUE(IsHeldNow(held));
  EXPECT_FALSE(IsHeldNow(free));
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, GoesOnOnlyWhenNoHoldIsLeft) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount(), OfWorkflow(".t")});
  Answer();
  Use({OfWorkflow(".t")});
  Settle();
  EXPECT_TRUE(IsHeldNow(id));
  Lift();
  Settle();
  EXPECT_FALSE(IsHeldNow(id));
}

TEST_F(HoldTest, ARetryWaitsForItsEnd) {
  Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  Answer(ActivityFailure{J(R"({"type":"https://example.com/outage","status":503})"), 500'000});
  Pass(60'000'000);
  EXPECT_TRUE(activities_.held.empty());
  Lift();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 2U);
}

TEST_F(HoldTest, ATimeoutStandsStillFromWhenSomethingIsHeldBack) {
  Start("- both: {do: [{a: {call: ping}}, {b: {call: ping}}], timeout: {after: PT10S}}\n");
  Settle();
  Use({OfAccount()});
  Pass(4'000'000);
  Answer();
  Pass(100'000'000);
  EXPECT_TRUE(outcomes_.empty());
  Lift();
  Settle();
  Pass(5'000'000);
  EXPECT_TRUE(outcomes_.empty()) << "nine of its ten seconds are used";
  Pass(2'000'000);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].phase, Phase::kFaulted);
}

// ---- People ----

TEST_F(HoldTest, WhatAPersonHasPausedIsNotResumedWithTheOthers) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  Answer();
  ASSERT_TRUE(IsHeldNow(id));
  EXPECT_TRUE(Operate(id, Pause{J(R"({"by":"bob"})")}));
  Lift();
  Settle();
  EXPECT_EQ(CurrentPhase(*programs_.program, StateOf(id)), Phase::kSuspended);
  EXPECT_TRUE(Operate(id, Resume{J(R"({"by":"bob"})")}));
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, APersonCannotResumeWhatAHoldHasPausedButTakesBackHisOwn) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  EXPECT_TRUE(Operate(id, Pause{J(R"({"by":"bob"})")}));
  Use({OfAccount()});
  Answer();
  EXPECT_FALSE(IsHeldNow(id)) << "it is paused already";
  EXPECT_TRUE(Operate(id, Resume{J(R"({"by":"bob"})")}));
  EXPECT_TRUE(IsHeldNow(id));
  EXPECT_TRUE(activities_.held.empty());
  const auto refused = Operate(id, Resume{J(R"({"by":"bob"})")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  Lift();
  Settle();
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, ARetryOfAnOperatorIsGivenOutAtItsEnd) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  activities_.held.clear();
  EXPECT_TRUE(Operate(id, Repair{.frame = 1, .act = RepairAct::kRetry, .value = {}, .note = J("{}")}));
  EXPECT_EQ(activities_.cancelled.size(), 1U);
  EXPECT_TRUE(activities_.held.empty());
  Lift();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U) << "once, and the newest attempt";
  EXPECT_EQ(activities_.held[0].task.attempt, 2U);
}

TEST_F(HoldTest, ACancelCleansUpWhateverHolds) {
  const ExecutionId id = Start(kCleansUp);
  Settle();
  Use({OfAccount()});
  bool cancelled = false;
  posted_.push_back(CancelCommand{.account = AccountId::Default(),
                                  .id = id,
                                  .reason = "enough",
                                  .done = [&](const Result<void>& result) { cancelled = result.has_value(); },
                                  .deadline_us = clock_.Now().micros() + 60'000'000});
  Settle();
  EXPECT_TRUE(cancelled);
  ASSERT_EQ(activities_.held.size(), 2U);
  EXPECT_EQ(activities_.held[1].task.connector, "pong");
  activities_.held.pop_front();
  Answer();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].phase, Phase::kCancelled);
  EXPECT_EQ(partition_->held(), 0U);
}

// ---- Deaths and full disks ----

TEST_F(HoldTest, ACrashDoesNotLetAnythingSlipThrough) {
  const ExecutionId under_way = Start(kTwoCalls);
  const ExecutionId touched = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  activities_.held.pop_front();
  Answer();
  ASSERT_TRUE(IsHeldNow(touched));
  DieAndKnow(Predecessor::kDied);
  Pass(600'000'000);
  EXPECT_TRUE(activities_.held.empty());
  EXPECT_TRUE(IsHeldNow(under_way)) << "its attempt is lost";
  Lift();
  Settle();
  EXPECT_EQ(activities_.held.size(), 2U);
}

TEST_F(HoldTest, WhatAnOwnerGaveBackIsNotDoneAgainUnderAHold) {
  Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  DieAndKnow(Predecessor::kReleased);
  Settle();
  EXPECT_TRUE(activities_.held.empty());
  Lift();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.attempt, 1U);
}

TEST_F(HoldTest, OneThatIsLiftedWhileNobodyLivesIsLifted) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  Answer();
  ASSERT_TRUE(IsHeldNow(id));
  current_.reset();
  DieAndKnow(Predecessor::kDied);
  Settle();
  EXPECT_FALSE(IsHeldNow(id));
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, APauseThatCannotBeWrittenIsNotTriedAgainWhenNothingHoldsAnyMore) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  activities_.held.front().done(ActivitySuccess{"pong"});
  activities_.held.pop_front();
  Round(true);
  Lift();
  Pass(1'500'000);
  EXPECT_FALSE(IsHeldNow(id));
  EXPECT_EQ(activities_.held.size(), 1U) << "the result was kept";
}

// It was kept back by the hold, and nobody awaited it in the state that then was not written.
TEST_F(HoldTest, ACallIsNotLostWithTheStepThatCalledItOff) {
  Start(kTwoCalls);
  partition_->Handle(std::move(posted_.front()));
  posted_.pop_front();
  partition_->Flush();
  Use({OfAccount()});
  Round();
  ASSERT_TRUE(activities_.held.empty()) << "kept back";
  const ExecutionId id = journal_.disk.begin()->first;
  Result<void> cancelled;
  posted_.push_back(CancelCommand{
      .account = AccountId::Default(), .id = id, .reason = "", .done = [&](Result<void> result) {
        cancelled = std::move(result);
      }});
  Lift();
  Round(true);
  ASSERT_FALSE(cancelled);
  Pass(1'500'000);
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, AResumeThatCannotBeWrittenIsTriedAgain) {
  const ExecutionId id = Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  Answer();
  Lift();
  Round(true);
  EXPECT_TRUE(IsHeldNow(id));
  Pass(1'500'000);
  EXPECT_FALSE(IsHeldNow(id));
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(HoldTest, ItsEndIsTakenInSmallSteps) {
  constexpr std::size_t kMany = 1'000;
  for (std::size_t i = 0; i < kMany; ++i) Start(kTwoCalls);
  Settle();
  Use({OfAccount()});
  for (std::size_t i = 0; i < kMany; ++i) activities_.held[i].done(ActivitySuccess{"pong"});
  activities_.held.clear();
  Settle();
  ASSERT_EQ(partition_->held(), kMany);
  Lift();
  Round();
  EXPECT_GT(partition_->held(), kMany / 2);
  EXPECT_LT(partition_->held(), kMany);
  Settle();
  EXPECT_EQ(partition_->held(), 0U);
  EXPECT_EQ(activities_.held.size(), kMany);
}

// ---- What holds ----

TEST(HoldBoard, TheReadingCountsThatBeganLater) {
  std::size_t changes = 0;
  HoldBoard board([&] { ++changes; });
  const std::uint64_t first = board.BeginReading();
  const std::uint64_t second = board.BeginReading();
  board.Set(second, Holds({OfAccount()}));
  board.Set(first, Holds());
  EXPECT_FALSE(board.now()->empty());
  EXPECT_EQ(changes, 1U);
  const std::uint64_t version = board.version();
  board.Set(board.BeginReading(), Holds({OfAccount()}));
  EXPECT_EQ(board.version(), version) << "the same as before";
}

}  // namespace
}  // namespace elevaite::engine

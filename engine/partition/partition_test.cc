// A partition with a journal that fails when told, on a simulated clock: nothing here has threads.
#include "engine/partition/partition.h"
#include "engine/partition/recovery.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>

#include "engine/testing/functions.h"
#include "engine/testing/memory_event_store.h"
#include "engine/testing/memory_journal.h"

namespace elevaite::engine {
namespace {

class HeldActivities final : public Activities {
 public:
  void Schedule(ActivityTask task, Done done) override { held.push_back({std::move(task), std::move(done)}); }
  void Cancel(const ExecutionId&, FrameId frame, std::string_view, std::int64_t) override {
    cancelled.push_back(frame);
  }

  struct Held {
    ActivityTask task;
    Done done;
  };
  std::deque<Held> held;
  std::vector<FrameId> cancelled;
};

class OneProgram final : public ProgramSource {
 public:
  Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord& record) override {
    const auto found = of.find(record.id);
    return found == of.end() ? program : found->second;
  }
  std::shared_ptr<const dsl::Program> program;
  std::map<ExecutionId, std::shared_ptr<const dsl::Program>> of;        // where it differs
  std::map<std::string, std::shared_ptr<const dsl::Program>> versions;  // that executions were moved to
};

class PartitionTest : public ::testing::Test {
 protected:
  PartitionTest() { Open(); }

  void Open() {
    partition_ = std::make_unique<Partition>(
        options_, clock_, random_, journal_, activities_, programs_, hub_, feed_,
        [this](Command command) { posted_.push_back(std::move(command)); },
        [this](std::uint64_t commit, Result<void> result) {
          settled_.emplace_back(commit, std::move(result));
        });
  }

  // What the thread of a partition does in a round.
  void Round(bool disk_full = false) {
    while (!posted_.empty()) {
      Command command = std::move(posted_.front());
      posted_.pop_front();
      partition_->Handle(std::move(command));
    }
    partition_->FireTimers();
    partition_->Flush();
    journal_.Settle(disk_full);
    while (!settled_.empty()) {
      auto [commit, result] = std::move(settled_.front());
      settled_.pop_front();
      partition_->Committed(commit, std::move(result));
    }
  }

  ExecutionId Start(std::string_view tasks, Json input = Json()) {
    programs_.program = TestProgram(tasks);
    const ExecutionId id = ExecutionId::New();
    posted_.push_back(StartCommand{
        .record = {.account = AccountId::Default(), .id = id, .workflow = "t", .version = "1.0.0"},
        .program = programs_.program,
        .input = std::move(input),
        .accepted = [this](Result<void> result) { accepted_.push_back(std::move(result)); },
        .finished =
            [this](const std::optional<Outcome>& outcome) {
              if (outcome) outcomes_.push_back(*outcome);
            }});
    return id;
  }

  // A workflow that a task of `parent` runs. `frame`: the task awaits it.
  ExecutionId StartChild(const ExecutionId& parent, std::optional<FrameId> frame) {
    const ExecutionId id = ExecutionId::New();
    programs_.of[id] = TestProgram("- c: {call: ping}\n");
    posted_.push_back(StartCommand{.record = {.account = AccountId::Default(),
                                              .id = id,
                                              .workflow = "u",
                                              .version = "1.0.0",
                                              .parent = parent,
                                              .depth = 1,
                                              .parent_frame = frame},
                                   .program = programs_.of[id],
                                   .input = {},
                                   .accepted = [](const Result<void>&) {},
                                   .finished = {}});
    return id;
  }

  // The answer comes with a later Round.
  std::shared_ptr<Result<Migration>> Migrate(const ExecutionId& id, std::string_view tasks,
                                             const std::string& version, bool dry_run = false,
                                             const AccountId& account = AccountId::Default()) {
    auto program = std::make_shared<dsl::Program>(*TestProgram(tasks));
    program->version = version;
    programs_.versions[version] = program;
    auto answer = std::make_shared<Result<Migration>>(elevaite::Fail(ErrorCode::kInternal, "no answer"));
    posted_.push_back(
        MigrateCommand{.account = account,
                       .id = id,
                       .program = program,
                       .note = {},
                       .dry_run = dry_run,
                       .done = [answer](Result<Migration> result) { *answer = std::move(result); }});
    return answer;
  }

  // The process, and another one reads back what is on disk.
  void Die(Predecessor predecessor = Predecessor::kReleased) {
    activities_.held.clear();
    posted_.clear();
    settled_.clear();
    Open();
    ASSERT_TRUE(RecoverAll(journal_, *partition_, predecessor));
  }

  PartitionOptions options_;
  SimulatedClock clock_;
  SeededRandom random_{1};
  MemoryEventStore events_;
  MemoryJournal journal_{&events_};
  EventHub hub_{{}, events_, clock_};
  HeldActivities activities_;
  OneProgram programs_;
  LiveFeed feed_;
  std::deque<Command> posted_;
  std::deque<std::pair<std::uint64_t, Result<void>>> settled_;
  std::vector<Result<void>> accepted_;
  std::vector<Outcome> outcomes_;
  std::unique_ptr<Partition> partition_;
};

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
  EXPECT_TRUE(accepted_.empty());
  EXPECT_EQ(partition_->commits_in_flight(), 1U);
  Round();
  ASSERT_EQ(accepted_.size(), 2U);
  EXPECT_TRUE(accepted_[0]);
  EXPECT_EQ(accepted_[1].error().message, "too many writes are waiting");
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

constexpr const char* kNewTasks =
    "- x: {set: {x: 1}}\n- w: {wait: {seconds: 5}}\n- n: {set: {at: '${ $task.reference }'}}\n";

TEST_F(PartitionTest, AMoveIsOneCommitThatIsReadBackWithoutTheOldVersion) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  const auto moved = Migrate(id, kNewTasks, "2.0.0");
  Round();
  ASSERT_TRUE(moved->has_value());
  EXPECT_TRUE((*moved)->done);
  const StoredExecution& stored = journal_.disk.at(id);
  EXPECT_EQ(stored.record.version, "2.0.0");
  ASSERT_EQ(stored.record.migrations.size(), 1U);
  EXPECT_EQ(stored.record.migrations[0].from, "1.0.0");
  EXPECT_TRUE(stored.snapshot);
  EXPECT_TRUE(stored.events.empty()) << "nothing that belongs to the old version is folded again";
  programs_.program = programs_.versions.at("2.0.0");
  Die();
  clock_.Advance(std::chrono::seconds(5));
  Round();
  EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kCompleted);
}

TEST_F(PartitionTest, AMoveThatCouldNotBeWrittenIsToldAndTheExecutionGoesOnWhereItWas) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n- o: {set: {old: true}}\n");
  Round();
  const auto moved = Migrate(id, kNewTasks, "2.0.0");
  Round(true);
  ASSERT_FALSE(moved->has_value());
  EXPECT_EQ(moved->error().code, ErrorCode::kResourceExhausted);
  clock_.Advance(std::chrono::seconds(6));
  Round();
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].output["old"], Json(true));
  EXPECT_EQ(journal_.disk.at(id).record.version, "1.0.0");
}

TEST_F(PartitionTest, WhatIsUnderWayReachesTheNewVersion) {
  const ExecutionId id = Start("- c: {call: ping}\n- o: {set: {old: true}}\n");
  Round();
  Migrate(id, "- x: {set: {x: 1}}\n- c: {call: ping}\n- n: {set: '${ {new: .} }'}\n", "2.0.0");
  activities_.held.at(0).done(ActivitySuccess{Json("pong")});  // in the same round
  Round();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].output["new"], Json("pong"));
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(PartitionTest, OnlySaysWhatAMoveWouldMean) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  const auto dry = Migrate(id, kNewTasks, "2.0.0", true);
  const auto blocked = Migrate(id, "- o: {set: {x: 1}}\n", "3.0.0");
  const auto same = Migrate(id, "- w: {wait: {seconds: 5}}\n", "1.0.0");
  const std::uint64_t commits = partition_->counters().commits;
  Round();
  ASSERT_TRUE(dry->has_value() && blocked->has_value() && same->has_value());
  EXPECT_EQ((*dry)->plan.tasks.size(), 1U);
  EXPECT_EQ((*blocked)->plan.obstacles.size(), 1U);
  EXPECT_TRUE((*same)->plan.obstacles.empty());
  for (const auto& one : {dry, blocked, same}) EXPECT_FALSE((*one)->done);
  EXPECT_EQ(partition_->counters().commits, commits);
  EXPECT_EQ(journal_.disk.at(id).record.version, "1.0.0");
}

TEST_F(PartitionTest, MovesOnlyWhatRunsAndOnlyForItsAccount) {
  const ExecutionId ended = Start("- a: {set: {x: 1}}\n");
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  const auto late = Migrate(ended, kNewTasks, "2.0.0");
  const auto foreign = Migrate(id, kNewTasks, "2.0.0", false, AccountId::Parse("other").value());
  Round();
  EXPECT_EQ(late->error().code, ErrorCode::kNotFound);
  EXPECT_EQ(foreign->error().code, ErrorCode::kNotFound);
}

TEST_F(PartitionTest, AnExecutionIsMovedSoOftenAndNoMore) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  for (std::size_t i = 0; i < kMigrationsMax; ++i) {
    const auto moved = Migrate(id, "- w: {wait: {seconds: 5}}\n", "2.0." + std::to_string(i));
    Round();
    ASSERT_TRUE(moved->has_value() && (*moved)->done);
  }
  const auto one_more = Migrate(id, "- w: {wait: {seconds: 5}}\n", "3.0.0");
  Round();
  ASSERT_TRUE(one_more->has_value());
  EXPECT_EQ((*one_more)->plan.obstacles.size(), 1U);
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

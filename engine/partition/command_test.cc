// Commands of operators that come again because their answer was lost.
#include "engine/machine/repair.h"
#include "engine/testing/partition_fixture.h"

namespace elevaite::engine {
namespace {

using Act = std::variant<Pause, Resume, Repair>;

class CommandTest : public PartitionTest {
 protected:
  using Answer = std::shared_ptr<std::optional<Result<void>>>;

  // The answer comes with a later Round.
  Answer Post(const ExecutionId& id, Act act) {
    auto answer = std::make_shared<std::optional<Result<void>>>();
    posted_.push_back(
        OperateCommand{.account = AccountId::Default(),
                       .id = id,
                       .act = std::move(act),
                       .done = [answer](Result<void> result) { answer->emplace(std::move(result)); }});
    return answer;
  }
  bool IsDone(const ExecutionId& id, Act act) {
    const Answer answer = Post(id, std::move(act));
    Round();
    return answer->has_value() && (*answer)->has_value();
  }
  std::size_t Count(const ExecutionId& id, EventType type) {
    std::size_t count = 0;
    for (const std::string& row : journal_.disk.at(id).events) {
      for (const Event& event : *DecodeEvents(row)) count += event.type == type ? 1 : 0;
    }
    return count;
  }

  static Repair Retry(CommandNumber command) {
    return {
        .frame = 1, .act = RepairAct::kRetry, .value = {}, .note = Json::EmptyObject(), .command = command};
  }
};

TEST_F(CommandTest, ARetryThatComesAgainIsAnsweredAndNotDoneAgain) {
  const ExecutionId id = Start("- c: {call: ping}\n");
  Round();
  EXPECT_TRUE(IsDone(id, Retry(7)));
  EXPECT_TRUE(IsDone(id, Retry(7)));
  ASSERT_EQ(activities_.held.size(), 2U);
  EXPECT_EQ(activities_.held.back().task.attempt, 2U);
  EXPECT_TRUE(IsDone(id, Retry(8))) << "another one";
  EXPECT_EQ(activities_.held.size(), 3U);
  EXPECT_TRUE(IsDone(id, Retry(0)) && IsDone(id, Retry(0))) << "who gives no number means each";
  EXPECT_EQ(activities_.held.size(), 5U);
}

TEST_F(CommandTest, ANewOwnerKnowsWhatTheOneBeforeHasDone) {
  const ExecutionId id = Start("- c: {call: ping}\n");
  Round();
  EXPECT_TRUE(IsDone(id, Retry(7)));
  Die();
  const std::size_t retried = Count(id, EventType::kTaskRepaired);
  EXPECT_TRUE(IsDone(id, Retry(7)));
  EXPECT_EQ(Count(id, EventType::kTaskRepaired), retried);
}

TEST_F(CommandTest, ASnapshotKeepsWhatWasDone) {
  options_.snapshot_bytes_min = 1;
  Open();
  const ExecutionId id = Start("- c: {call: ping}\n");
  Round();
  EXPECT_TRUE(IsDone(id, Retry(7)));
  const auto snapshot_has_it = [&] {
    const auto& snapshot = journal_.disk.at(id).snapshot;
    return snapshot && DecodeState(*snapshot)->HasDone(7);
  };
  for (CommandNumber other = 8; !snapshot_has_it() && other < 40; ++other) IsDone(id, Retry(other));
  ASSERT_TRUE(snapshot_has_it());
  Die();
  const std::size_t given_out = activities_.held.size();
  EXPECT_TRUE(IsDone(id, Retry(7)));
  EXPECT_EQ(activities_.held.size(), given_out);
}

TEST_F(CommandTest, APauseThatComesAgainDoesNotUndoAResume) {
  const ExecutionId id = Start("- c: {call: ping}\n");
  Round();
  EXPECT_TRUE(IsDone(id, Pause{Json::EmptyObject(), 7}));
  EXPECT_TRUE(IsDone(id, Resume{Json::EmptyObject(), 8}));
  EXPECT_TRUE(IsDone(id, Pause{Json::EmptyObject(), 7}));
  EXPECT_TRUE(IsDone(id, Resume{Json::EmptyObject(), 8}));
  EXPECT_EQ(Count(id, EventType::kExecutionPaused), 1U);
  EXPECT_EQ(Count(id, EventType::kExecutionResumed), 1U);
}

TEST_F(CommandTest, TheSecondIsAnsweredWithTheCommitOfTheFirst) {
  const ExecutionId id = Start("- c: {call: ping}\n");
  Round();
  const Answer first = Post(id, Retry(7));
  const Answer second = Post(id, Retry(7));
  Round(true);
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_FALSE((*first)->has_value() || (*second)->has_value()) << "nothing of it is on disk";
  clock_.Advance(std::chrono::seconds(2));
  Round();
  EXPECT_TRUE(IsDone(id, Retry(7))) << "what was not done is done when it comes again";
  EXPECT_EQ(Count(id, EventType::kTaskRepaired), 1U);
}

TEST_F(CommandTest, AMoveThatComesAgainIsAnsweredAsDone) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  auto program =
      std::make_shared<dsl::Program>(*TestProgram("- w: {wait: {seconds: 5}}\n- s: {set: {x: 1}}\n"));
  program->version = "2.0.0";
  const auto move = [&] {
    std::optional<Result<Migration>> answer;
    posted_.push_back(
        MigrateCommand{.account = AccountId::Default(),
                       .id = id,
                       .program = program,
                       .note = {.reason = {}, .by = "test", .command = 7},
                       .dry_run = false,
                       .done = [&answer](Result<Migration> result) { answer = std::move(result); }});
    Round();
    return answer;
  };
  ASSERT_TRUE(move().value()->done);
  programs_.program = program;
  Die();
  const auto other = Migrate(id, "- w: {wait: {seconds: 5}}\n", "3.0.0");
  Round();
  ASSERT_TRUE(other->has_value() && (*other)->done);
  ASSERT_EQ(journal_.disk.at(id).record.version, "3.0.0");
  const auto again = move();
  ASSERT_TRUE(again && again->has_value());
  EXPECT_TRUE((*again)->done);
  EXPECT_EQ((*again)->from, "1.0.0");
  EXPECT_EQ((*again)->to, "2.0.0");
  EXPECT_EQ(journal_.disk.at(id).record.version, "3.0.0") << "where somebody else has moved it since";
}

TEST_F(CommandTest, OnlyTheLastCommandsAreRemembered) {
  const ExecutionId id = Start("- w: {wait: {seconds: 5}}\n");
  Round();
  for (std::size_t i = 1; i <= State::kCommandsMax + 1; ++i)
    EXPECT_TRUE(IsDone(id, Pause{Json::EmptyObject(), static_cast<CommandNumber>(i)}));
  EXPECT_TRUE(IsDone(id, Pause{Json::EmptyObject(), 2}));
  EXPECT_EQ(Count(id, EventType::kExecutionPaused), State::kCommandsMax + 1);
  EXPECT_TRUE(IsDone(id, Pause{Json::EmptyObject(), 1}));
  EXPECT_EQ(Count(id, EventType::kExecutionPaused), State::kCommandsMax + 2);
}

}  // namespace
}  // namespace elevaite::engine

// Running executions that are moved to another version.
#include "engine/testing/partition_fixture.h"

namespace elevaite::engine {
namespace {

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

}  // namespace
}  // namespace elevaite::engine

#include "services/workflow/peers/command_json.h"

#include <gtest/gtest.h>

#include <limits>

namespace elevaite::workflow {
namespace {

using engine::Command;

Result<ReceivedCommand> Through(const Command& command) {
  const auto json = CommandToJson(command);
  EXPECT_TRUE(json);
  return CommandFromJson(ParseJson(json->Dump()).value());
}

TEST(CommandJson, AStartKeepsAllButItsProgramAndCallbacks) {
  engine::StartCommand start{.record = {.account = AccountId::Default(),
                                        .id = ExecutionId::New(),
                                        .name_space = "shop",
                                        .workflow = "order",
                                        .version = "1.2.3",
                                        .trigger = engine::Trigger::kSubflow,
                                        .correlation = "request 1",
                                        .parent = ExecutionId::New(),
                                        .depth = 3,
                                        .parent_frame = 17},
                             .program = {},
                             .input = Json::Object({{"n", 1}, {"text", "é\n"}}),
                             .accepted = {},
                             .finished = {},
                             .shared_id = true};
  const auto received = Through(start);
  ASSERT_TRUE(received) << received.error().ToString();
  const auto& other = std::get<engine::StartCommand>(received->command);
  EXPECT_EQ(other.record.id, start.record.id);
  EXPECT_EQ(other.record.account, start.record.account);
  EXPECT_EQ(other.record.name_space, "shop");
  EXPECT_EQ(other.record.workflow, "order");
  EXPECT_EQ(other.record.version, "1.2.3");
  EXPECT_EQ(other.record.trigger, engine::Trigger::kSubflow);
  EXPECT_EQ(other.record.correlation, "request 1");
  EXPECT_EQ(other.record.parent, start.record.parent);
  EXPECT_EQ(other.record.depth, 3U);
  EXPECT_EQ(other.record.parent_frame, start.record.parent_frame);
  EXPECT_EQ(other.input, start.input);
  EXPECT_TRUE(other.shared_id);
  EXPECT_EQ(received->record.version, "1.2.3");
  EXPECT_EQ(IdOf(received->command), start.record.id);
}

// The past itself is not sent: the owner reads it.
TEST(CommandJson, AForkSaysWhereItComesFrom) {
  engine::Past past{.execution = ExecutionId::New()};
  past.request.began.seq = 17;
  past.request.input = Json();
  past.request.note = Json::Object({{"by", "api"}, {"reason", "why"}});
  engine::StartCommand start{.record = {.account = AccountId::Default(),
                                        .id = ExecutionId::New(),
                                        .trigger = engine::Trigger::kFork},
                             .program = {},
                             .input = {},
                             .accepted = {},
                             .finished = {},
                             .past = std::make_shared<const engine::Past>(past)};
  const auto received = Through(start);
  ASSERT_TRUE(received && received->past);
  EXPECT_EQ(received->past->point.execution, past.execution);
  EXPECT_EQ(received->past->point.seq, 17U);
  EXPECT_EQ(received->past->input, Json()) << "null is an input, too";
  EXPECT_EQ(received->past->note, past.request.note);
  start.past.reset();
  EXPECT_FALSE(Through(start)->past);
}

TEST(CommandJson, WhatOperatorsDoArrivesAsItWas) {
  const ExecutionId id = ExecutionId::New();
  const Json note = Json::Object({{"by", "api"}, {"reason", "why"}});
  const auto through = [&](std::variant<engine::Pause, engine::Resume, engine::Repair> act) {
    const auto received = Through(
        engine::OperateCommand{.account = AccountId::Default(), .id = id, .act = std::move(act), .done = {}});
    return std::get<engine::OperateCommand>(received->command);
  };
  EXPECT_EQ(std::get<engine::Pause>(through(engine::Pause{note}).act).note, note);
  EXPECT_EQ(std::get<engine::Resume>(through(engine::Resume{note}).act).note, note);
  constexpr engine::CommandNumber kNumber = std::numeric_limits<engine::CommandNumber>::max();
  EXPECT_EQ(std::get<engine::Pause>(through(engine::Pause{note, kNumber}).act).command, kNumber);
  EXPECT_EQ(std::get<engine::Resume>(through(engine::Resume{note, kNumber}).act).command, kNumber);
  const auto repair = std::get<engine::Repair>(
      through(engine::Repair{7, engine::RepairAct::kComplete, 42, note, kNumber}).act);
  EXPECT_EQ(repair.frame, 7U);
  EXPECT_EQ(repair.act, engine::RepairAct::kComplete);
  EXPECT_EQ(repair.value, Json(42));
  EXPECT_EQ(repair.note, note);
  EXPECT_EQ(repair.command, kNumber);
}

TEST(CommandJson, ResultsAndCancellationsArriveAsTheyWere) {
  const ExecutionId id = ExecutionId::New();
  const auto completed = Through(engine::InputCommand{id, engine::ActivityCompleted{7, 2, Json("out")}});
  const auto& done =
      std::get<engine::ActivityCompleted>(std::get<engine::InputCommand>(completed->command).input);
  EXPECT_EQ(done.frame, 7U);
  EXPECT_EQ(done.attempt, 2U);
  EXPECT_EQ(done.output, Json("out"));
  const auto failed =
      Through(engine::InputCommand{id, engine::ActivityFailed{8, 3, Json::Object({{"status", 503}}), 1'000}});
  const auto& failure =
      std::get<engine::ActivityFailed>(std::get<engine::InputCommand>(failed->command).input);
  EXPECT_EQ(failure.attempt, 3U);
  EXPECT_EQ(failure.error["status"], Json(503));
  EXPECT_EQ(failure.retry_in_us, 1'000);
  const auto cancelled = Through(engine::CancelCommand{AccountId::Default(), id, "enough", {}, 2'000'000});
  EXPECT_EQ(std::get<engine::CancelCommand>(cancelled->command).reason, "enough");
  EXPECT_EQ(std::get<engine::CancelCommand>(cancelled->command).deadline_us, 2'000'000);
}

// A timer that has fired here is set again by the new owner, from what is stored.
TEST(CommandJson, WhatTheOwnerKnowsByItselfIsNotSent) {
  const ExecutionId id = ExecutionId::New();
  EXPECT_FALSE(CommandToJson(engine::InputCommand{id, engine::TimerFired{1}}));
  EXPECT_FALSE(CommandToJson(engine::InputCommand{id, engine::Continue{}}));
  EXPECT_FALSE(CommandToJson(engine::InputCommand{id, engine::EventReceived{1, 2, Json()}}));
}

TEST(CommandJson, OutcomesMovesAndErrorsComeBack) {
  const engine::Outcome outcome{.phase = engine::Phase::kFaulted, .output = {}, .error = Json("e")};
  const auto told = OutcomeFromJson(OutcomeToJson(outcome));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->phase, engine::Phase::kFaulted);
  EXPECT_EQ(told->error, Json("e"));

  engine::Migration migration{.from = "1.0.0", .to = "2.0.0", .plan = {}, .done = true};
  migration.plan.tasks.push_back({3, "/do/0/a", "/do/1/a"});
  migration.plan.obstacles.push_back({"/do/0/a", "why", "advice"});
  migration.plan.passed = {"/do/0/new"};
  const auto moved = MigrationFromJson(MigrationToJson(migration));
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->done);
  EXPECT_EQ(moved->plan.tasks.at(0).after, "/do/1/a");
  EXPECT_EQ(moved->plan.obstacles.at(0).advice, "advice");
  EXPECT_EQ(moved->plan.passed, migration.plan.passed);

  const Error error = ErrorFromJson(ErrorToJson({.code = ErrorCode::kUnavailable,
                                                 .message = "busy",
                                                 .hint = "wait",
                                                 .detail = "private",
                                                 .retry_after = std::chrono::seconds(2)}));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.message, "busy");
  EXPECT_EQ(error.detail, "");
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds(2'000));
}

TEST(CommandJson, RefusesWhatIsNoCommand) {
  for (const char* text :
       {"{}", "[]", "1", R"({"command": "boom"})", R"({"command": "start"})",
        R"({"command": "start", "record": {"account": "default", "id": "x"}})",
        R"({"command": "cancel", "id": "0198c0de-0000-7000-8000-000000000000"})",
        R"({"command": "input", "id": "0198c0de-0000-7000-8000-000000000000", "input": "timer"})",
        R"({"command": "watch", "account": "../x", "id": "0198c0de-0000-7000-8000-000000000000"})"})
    EXPECT_FALSE(CommandFromJson(ParseJson(text).value())) << text;
  EXPECT_FALSE(MigrationFromJson(Json::EmptyObject()));
  EXPECT_FALSE(OutcomeFromJson(Json()));
}

}  // namespace
}  // namespace elevaite::workflow

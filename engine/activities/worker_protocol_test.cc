#include "engine/activities/worker_protocol.h"

#include <gtest/gtest.h>

namespace elevaite::engine {
namespace {

Json Through(const Json& json) { return *ParseJson(json.Dump(), kWorkerJson); }

TEST(WorkerProtocol, ATaskArrivesAsItWas) {
  const ActivityTask task{
      .account = *AccountId::Parse("acme"),
      .execution = ExecutionId::New(),
      .frame = 17,
      .attempt = 3,
      .connector = "http",
      .request = *ParseJson(R"({"n": 1.10, "big": 18446744073709551615, "t": "é\n"})"),
      .reference = "/do/1/fetch",
      .workflow = "order",
      .correlation = "request 1",
      .depth = 2,
      .bounds = {.queued_us = 1, .attempt_us = 2, .heartbeat_us = 3, .work = WorkClass::kLong}};
  const auto other = TaskFromJson(Through(TaskToJson(task)));
  ASSERT_TRUE(other) << other.error().ToString();
  EXPECT_EQ(other->account, task.account);
  EXPECT_EQ(other->execution, task.execution);
  EXPECT_EQ(other->frame, 17U);
  EXPECT_EQ(other->attempt, 3U);
  EXPECT_EQ(other->connector, "http");
  EXPECT_EQ(other->request.Dump(), task.request.Dump());
  EXPECT_EQ(other->reference, "/do/1/fetch");
  EXPECT_EQ(other->workflow, "order");
  EXPECT_EQ(other->correlation, "request 1");
  EXPECT_EQ(other->depth, 2U);
  EXPECT_EQ(other->bounds.queued_us, 1);
  EXPECT_EQ(other->bounds.attempt_us, 2);
  EXPECT_EQ(other->bounds.heartbeat_us, 3);
  EXPECT_EQ(other->bounds.work, WorkClass::kLong);
  EXPECT_EQ(other->IdempotencyKey(), task.IdempotencyKey());
}

TEST(WorkerProtocol, ADeepValueArrives) {
  Json deep;
  for (int i = 0; i < 10'000; ++i) deep = Json::Array({deep});
  const ActivityTask task{.account = AccountId::Default(), .connector = "http", .request = deep};
  const auto other = TaskFromJson(Through(TaskToJson(task)));
  ASSERT_TRUE(other) << other.error().ToString();
  EXPECT_EQ(other->request.Depth(), 10'000U);
}

TEST(WorkerProtocol, ResultsArriveAsTheyWere) {
  const Attempt attempt{ExecutionId::New(), 7, 2};
  const auto through = [&](ActivityOutcome outcome) {
    const Json body = Json::Object(
        {{"worker", "w"}, {"results", Json::Array({ToJson(AttemptResult{attempt, std::move(outcome)})})}});
    auto results = ResultsFromJson(Through(body));
    EXPECT_TRUE(results);
    EXPECT_EQ(results->worker, "w");
    EXPECT_FALSE(results->leaves);
    EXPECT_EQ(results->results.at(0).attempt, attempt);
    return std::move(results->results.at(0).outcome);
  };
  EXPECT_EQ(std::get<ActivitySuccess>(through(ActivitySuccess{Json("out")})).output, Json("out"));
  EXPECT_TRUE(std::get<ActivitySuccess>(through(ActivitySuccess{Json()})).output.IsNull());
  const Json error = Json::Object({{"status", 503}});
  const auto failure = std::get<ActivityFailure>(through(ActivityFailure{error, 1'000}));
  EXPECT_EQ(failure.error, error);
  EXPECT_EQ(failure.retry_in_us, 1'000);
  EXPECT_FALSE(std::get<ActivityFailure>(through(ActivityFailure{error, std::nullopt})).retry_in_us);
  const auto told = std::get<ActivityFailure>(
      through(ActivityFailure{error, std::nullopt, Contact::kAnswered, 30'000'000}));
  EXPECT_EQ(told.contact, Contact::kAnswered);
  EXPECT_EQ(told.retry_after_us, 30'000'000);
  EXPECT_TRUE(std::holds_alternative<AttemptLost>(through(AttemptLost{})));
}

TEST(WorkerProtocol, PullsAndHeartbeatsArriveAsTheyWere) {
  const auto pull =
      PullFromJson(Through(ToJson(Pull{.worker = "w", .name = "n", .number = 9, .slots = {8, 2}})));
  ASSERT_TRUE(pull);
  EXPECT_EQ(pull->number, 9U);
  EXPECT_EQ(pull->slots, (Slots{8, 2}));
  const Attempt held{ExecutionId::New(), 1, 1};
  const Attempt claimed{ExecutionId::New(), 2, 4};
  const auto beat = HeartbeatFromJson(Through(ToJson(Heartbeat{
      .worker = "w", .name = "n", .engine = "e", .pulled = 4, .holds = {held}, .claims = {claimed}})));
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->engine, "e");
  EXPECT_EQ(beat->pulled, 4U);
  EXPECT_EQ(beat->holds, std::vector<Attempt>{held});
  EXPECT_EQ(beat->claims, std::vector<Attempt>{claimed});
}

TEST(WorkerProtocol, RefusesWhatIsNot) {
  const std::string id = ExecutionId::New().ToString();
  for (const std::string& text :
       {std::string("{}"), std::string("[]"), std::string("null"), std::string(R"({"worker": 1})"),
        std::string(R"({"worker": "w", "name": "n", "pull": -1, "slots": {"quick": 1, "long": 1}})"),
        std::string(R"({"worker": "w", "name": "n", "pull": 1, "slots": {"quick": 1}})"),
        std::string(R"({"worker": "w", "name": "n", "pull": 1, "slots": {"quick": 10001, "long": 0}})"),
        R"({"worker": "w", "name": ")" + std::string(201, 'x') +
            R"(", "pull": 1, "slots": {"quick": 1, "long": 1}})"}) {
    const auto json = ParseJson(text);
    EXPECT_FALSE(PullFromJson(*json)) << text;
    EXPECT_FALSE(HeartbeatFromJson(*json)) << text;
    EXPECT_FALSE(ResultsFromJson(*json)) << text;
    EXPECT_FALSE(TaskFromJson(*json)) << text;
  }
  for (const char* attempt : {R"(["exe_x", 1, 1])", R"([1, 2, 3])", "{}", "[]"})
    EXPECT_FALSE(AttemptsFromJson(Json::Array({*ParseJson(attempt)}))) << attempt;
  EXPECT_FALSE(AttemptsFromJson(Json::Array({Json::Array({id, 4'294'967'296, 1})})));
  EXPECT_FALSE(
      ResultsFromJson(*ParseJson(R"({"worker": "w", "results": [{"attempt": [")" + id + R"(", 1, 1]}]})")));
}

}  // namespace
}  // namespace elevaite::engine

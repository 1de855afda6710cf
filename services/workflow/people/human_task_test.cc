// What time and people do to a task, without a clock or a database.
#include "services/workflow/people/human_task.h"

#include <gtest/gtest.h>

namespace elevaite::people {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kAsked = 500'000 * kHour;

HumanTask Asked(std::string_view with) {
  HumanTask task{.account = AccountId::Default(), .execution = ExecutionId::New(), .frame = 7};
  task.id = HumanTaskIdOf(task.execution, task.frame);
  task.connector = "human.approve";
  task.question = ParseJson(with).value();
  const auto question = Question::From(task.connector, task.question, kAsked);
  EXPECT_TRUE(question) << question.error().ToString();
  Create(task, *question, kAsked);
  return task;
}

std::string Names(const HumanActs& acts) {
  std::string names;
  for (const HumanAct& act : acts) names += act.name + " ";
  return names;
}

TEST(HumanTask, HasTheSameIdForTheSameFrame) {
  const ExecutionId execution = ExecutionId::New();
  EXPECT_EQ(HumanTaskIdOf(execution, 3), HumanTaskIdOf(execution, 3));
  EXPECT_NE(HumanTaskIdOf(execution, 3), HumanTaskIdOf(execution, 4));
}

TEST(HumanTask, TimeRemindsThenEscalatesThenEndsIt) {
  HumanTask task = Asked(R"({"title": "Go?", "assignee": "ana", "reminders": ["PT1H", "PT2H"],
    "escalations": [{"after": "PT3H", "role": "managers"}], "deadline": {"after": "PT4H", "decision": "expired"}})");
  EXPECT_EQ(Names(Advance(task, kAsked + kHour - 1)), "");
  EXPECT_EQ(Names(Advance(task, kAsked + kHour)), "reminded ");
  EXPECT_EQ(Names(Advance(task, kAsked + kHour)), "");
  EXPECT_EQ(Names(Advance(task, kAsked + 2 * kHour)), "reminded ");
  EXPECT_EQ(task.reminders, 2);
  EXPECT_EQ(Names(Advance(task, kAsked + 3 * kHour)), "escalated ");
  EXPECT_EQ(task.to, (Assignment{.assignee = "", .role = "managers"}));
  EXPECT_EQ(Names(Advance(task, kAsked + 4 * kHour)), "expired ");
  EXPECT_EQ(task.status, HumanTask::Status::kExpired);
  const auto outcome = OutcomeOf(task);
  ASSERT_TRUE(std::holds_alternative<engine::ActivitySuccess>(outcome));
  const Json& output = std::get<engine::ActivitySuccess>(outcome).output;
  EXPECT_EQ(output["decision"], Json("expired"));
  EXPECT_TRUE(output["by"].IsNull());
  EXPECT_EQ(task.acts, 5);
}

TEST(HumanTask, WhatWasMissedIsMadeUpForOnce) {
  HumanTask task = Asked(R"({"title": "Go?", "reminders": {"every": "PT1H", "max": 10},
    "escalations": [{"after": "PT2H", "assignee": "bo"}, {"after": "PT3H", "assignee": "cy"}]})");
  EXPECT_EQ(Names(Advance(task, kAsked + 5 * kHour)), "escalated escalated reminded ");
  EXPECT_EQ(task.to.assignee, "cy");
  EXPECT_EQ(task.reminders, 5);
  EXPECT_EQ(task.acts_left.size(), 5U);
}

TEST(HumanTask, ADeadlineWithoutADecisionIsATimeout) {
  HumanTask task = Asked(R"({"title": "Go?", "deadline": {"after": "PT4H"}})");
  EXPECT_EQ(Names(Advance(task, kAsked + 9 * kHour)), "expired ");
  const auto outcome = OutcomeOf(task);
  ASSERT_TRUE(std::holds_alternative<engine::ActivityFailure>(outcome));
  const auto& failure = std::get<engine::ActivityFailure>(outcome);
  EXPECT_EQ(failure.error["status"], Json(408));
  EXPECT_FALSE(failure.retry_in_us);
}

TEST(HumanTask, AnAnswerSaysWhatWhoAndWhen) {
  HumanTask task = Asked(R"({"title": "Go?"})");
  const Answer answer{.decision = "approve", .values = Json(), .comment = "fine", .by = "ana"};
  const HumanActs acts = TakeAnswer(task, answer, Channel::kLink, kAsked + kHour);
  ASSERT_EQ(acts.size(), 1U);
  EXPECT_EQ(acts[0].actor, "ana");
  EXPECT_EQ(acts[0].detail["by_way_of"], Json("link"));
  EXPECT_TRUE(task.acts_left.empty());
  EXPECT_EQ(task.outcome["comment"], Json("fine"));
  EXPECT_EQ(EventOf(task, acts[0], "http://x")["type"], Json("elevaite.human.answered"));
}

TEST(HumanTask, OneThatIsReopenedKeepsWhatIsLeftOfItsTime) {
  HumanTask task = Asked(R"({"title": "Go?", "reminders": ["PT1H", "PT3H"], "deadline": {"after": "PT4H"}})");
  CancelTask(task, kAsked + kHour);
  EXPECT_FALSE(task.is_open());
  Reopen(task, *Question::From(task.connector, task.question, task.created_us), kAsked + 2 * kHour);
  EXPECT_TRUE(task.is_open());
  EXPECT_FALSE(task.ended_us);
  EXPECT_EQ(task.acts_left.size(), 2U);
}

}  // namespace
}  // namespace elevaite::people

// Pausing, parking and repairing: each step also checks that the journal alone gives the state.
#include "engine/machine/repair.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/testing/trial.h"

namespace elevaite::engine {
namespace {

Json J(std::string_view text) { return ParseJson(text).value(); }
const Json kNote = J(R"({"by":"ada","reason":"look"})");
const Json kOutage = J(R"({"type":"https://example.com/outage","status":503})");

Input Succeed(const ScheduleActivity& call) { return ActivityCompleted{call.frame, call.attempt, "pong"}; }
Input Break(const ScheduleActivity& call) { return ActivityFailed{call.frame, call.attempt, kOutage, {}}; }

std::size_t Count(const Trial& run, EventType type) {
  return static_cast<std::size_t>(std::ranges::count(run.events(), type, &Event::type));
}

// Of the document.
const Trial::Options kParking{.metadata = "{elevaite: {onError: park}}"};

// ---- Pause ----

TEST(Pause, KeepsTheResultOfWhatIsUnderWayAndBeginsNothing) {
  Trial run("- a: {call: ping}\n- b: {call: pong}\n");
  run.Feed(Start{J("{}")}).Feed(Pause{kNote});
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
  run.Feed(ActivityCompleted{1, 1, "done"});
  EXPECT_EQ(run.Names(), "a") << "its result is kept";
  EXPECT_EQ(run.calls().size(), 1U) << "b has not begun";
  run.OnCall(Succeed).Feed(Resume{kNote}).GoOn();
  EXPECT_EQ(run.state().phase, Phase::kCompleted);
  EXPECT_EQ(run.calls().size(), 2U);
  EXPECT_EQ(run.state().output, Json("pong"));
}

TEST(Pause, LetsAWaitEndButNoAttemptBegin) {
  Trial run(
      "- both: {fork: {branches: [{w: {wait: PT1S}}, {c: {call: ping}}]}}\n"
      "- after: {set: done}\n");
  run.OnCall([](const ScheduleActivity& call) -> Input {
    if (call.attempt == 1) return ActivityFailed{call.frame, call.attempt, kOutage, 500'000};
    return Succeed(call);
  });
  run.Feed(Start{J("{}")}).Feed(Pause{kNote}).GoOn();
  EXPECT_EQ(run.Names(), "w");
  EXPECT_EQ(run.calls().size(), 1U);
  run.Feed(Resume{kNote}).GoOn();
  EXPECT_EQ(run.calls().size(), 2U);
  EXPECT_EQ(run.state().output, Json("done"));
}

TEST(Pause, DoesNotDecideBetweenAWaitAndItsTimeout) {
  Trial run("- w: {wait: PT10S, timeout: {after: PT5S}}\n");
  run.Feed(Start{J("{}")}).Feed(Pause{kNote}).Pass(100'000'000).FireDue();
  EXPECT_EQ(run.Names(), "");
  run.Feed(Resume{kNote}).GoOn();
  EXPECT_EQ(run.state().phase, Phase::kFaulted) << "as without the pause";
}

TEST(Pause, DoesNotCountAgainstTimeouts) {
  Trial run("- a: {call: ping, timeout: {after: PT10S}}\n", {.head = "timeout: {after: PT20S}\n"});
  run.Feed(Start{J("{}")}).Pass(5'000'000).Feed(Pause{kNote}).Pass(100'000'000).GoOn();
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended) << "no deadline has ended it";
  run.Feed(Resume{kNote}).Pass(4'000'000).FireDue();
  EXPECT_EQ(run.state().phase, Phase::kRunning) << "nine of its ten seconds are used";
  run.Pass(2'000'000).FireDue();
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
}

TEST(Pause, ASecondOneReplacesTheNoteAndNotTheBegin) {
  Trial run("- a: {call: ping}\n");
  run.Feed(Start{J("{}")}).Feed(Pause{kNote});
  const std::int64_t since_us = run.state().paused->since_us;
  run.Pass(1'000'000).Feed(Pause{J(R"({"by":"bob"})")});
  EXPECT_EQ(run.state().paused->note["by"], Json("bob"));
  EXPECT_EQ(run.state().paused->since_us, since_us);
}

TEST(Pause, ACancelEndsItAndCleansUp) {
  Trial run(
      "- t: {try: [{c: {call: ping}}], catch: {errors: {with: {type: 'urn:elevaite:errors:cancelled'}},"
      " do: [{u: {call: pong}}]}}\n");
  run.Feed(Start{J("{}")}).Feed(Pause{kNote});
  run.OnCall(Succeed).Feed(Cancel{.reason = "enough", .deadline_us = run.now_us() + 60'000'000}).GoOn();
  EXPECT_EQ(run.Names(), "u");
  EXPECT_EQ(run.state().phase, Phase::kCancelled);
}

TEST(Pause, OfWhatHasEndedChangesNothing) {
  Trial run("- a: {set: done}\n");
  run.Start(J("{}"));
  const std::size_t events = run.events().size();
  run.Feed(Pause{kNote}).Feed(Resume{kNote});
  EXPECT_EQ(run.events().size(), events);
}

// ---- Park ----

TEST(Park, ACallWhoseErrorNothingCatchesWaitsForAnOperator) {
  Trial run("- a: {call: ping, metadata: {elevaite: {onError: park}}}\n- b: {set: '${ . + \"!\" }'}\n");
  run.OnCall(Break).Start(J("{}"));
  ASSERT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
  EXPECT_EQ(run.state().frames.at(1).error["status"], Json(503));
  run.OnCall(Succeed).Feed(Repair{1, RepairAct::kRetry, {}, kNote}).GoOn();
  EXPECT_EQ(run.state().output, Json("pong!"));
  EXPECT_EQ(Count(run, EventType::kTaskRepaired), 1U);
}

TEST(Park, AllThatWaitForAnOperatorAreRepairedAtOnce) {
  Trial run("- f: {fork: {branches: [{a: {call: ping}}, {b: {call: pong}}, {w: {wait: PT1S}}]}}\n", kParking);
  run.OnCall(Break).Start(J("{}"));
  ASSERT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
  run.OnCall(Succeed).Feed(Repair{kRootFrame, RepairAct::kRetry, {}, kNote}).GoOn();
  EXPECT_EQ(run.state().phase, Phase::kCompleted);
  EXPECT_EQ(Count(run, EventType::kTaskRepaired), 2U);

  Trial fails("- f: {fork: {branches: [{a: {call: ping}}, {b: {call: pong}}]}}\n", kParking);
  fails.OnCall(Break).Start(J("{}"));
  fails.Feed(Repair{kRootFrame, RepairAct::kFail, kOutage, kNote}).GoOn();
  EXPECT_EQ(fails.state().phase, Phase::kFaulted) << "the first ends the other with it";
  EXPECT_EQ(Count(fails, EventType::kTaskRepaired), 1U);

  Trial waits("- w: {wait: PT1S}\n");
  waits.Feed(Start{J("{}")});
  EXPECT_TRUE(ObstacleTo(waits.program(), waits.state(), kRootFrame, RepairAct::kRetry));
}

TEST(Park, WhatACatchTakesIsNotParked) {
  Trial run(
      "- t: {try: [{a: {call: ping, metadata: {elevaite: {onError: park}}}}], catch: {do: [{s: {set: "
      "saved}}]}}\n");
  run.OnCall(Break).Start(J("{}"));
  EXPECT_EQ(run.state().output, Json("saved"));
}

TEST(Park, AfterTheLastRunOfARetryOnly) {
  Trial run(
      "- t: {try: [{a: {call: ping, metadata: {elevaite: {onError: park}}}}],"
      " catch: {retry: {delay: PT1S, limit: {attempt: {count: 2}}}}}\n");
  run.OnCall(Break).Start(J("{}"));
  EXPECT_EQ(run.calls().size(), 3U);
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
}

TEST(Park, OfADocumentHoldsForAllItsTasksButThoseThatSayOtherwise) {
  constexpr std::string_view kTasks =
      "- a: {call: ping}\n- b: {call: pong, metadata: {elevaite: {onError: fail}}}\n";
  Trial run(kTasks, kParking);
  run.OnCall(Break).Start(J("{}"));
  ASSERT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
  run.Feed(Repair{1, RepairAct::kSkip, {}, kNote}).GoOn();
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
}

TEST(Park, ATaskThatCannotBeginPausesTheExecution) {
  Trial run("- a: {set: '${ .missing.x | error }'}\n", kParking);
  run.Start(J("{}"));
  ASSERT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
  EXPECT_EQ(run.state().paused->note["task"], Json("/do/0/a"));
  run.Feed(Resume{kNote});
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended) << "tried again, it failed again";
  EXPECT_EQ(Count(run, EventType::kExecutionPaused), 2U);
}

TEST(Park, ARaisedErrorIsTheWorkflowsOwnWish) {
  Trial run("- a: {raise: {error: {type: 'https://example.com/no', status: 400}}}\n", kParking);
  run.Start(J("{}"));
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
}

TEST(Park, LostAttemptsParkWithoutADeadLetter) {
  Trial run("- a: {call: ping}\n", kParking);
  run.limits().attempts_lost_max = 1;
  run.OnCall([](const ScheduleActivity& call) -> Input { return ActivityLost{call.frame, call.attempt}; });
  run.Start(J("{}"));
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
  EXPECT_EQ(run.buried(), 0U);
}

TEST(Park, ItsDeadlineDoesNotEndIt) {
  Trial run("- a: {call: ping, timeout: {after: PT10S}}\n", kParking);
  run.OnCall(Break).Start(J("{}")).Pass(20'000'000).FireDue();
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kSuspended);
}

// ---- Repair ----

TEST(Repair, CompletesACallByHandAsItsOutput) {
  Trial run("- a: {call: ping, output: {as: .name}}\n- b: {set: '${ . + \"!\" }'}\n");
  run.Feed(Start{J("{}")}).Feed(Repair{1, RepairAct::kComplete, J(R"({"name":"ada"})"), kNote});
  EXPECT_EQ(run.state().output, Json("ada!"));
  run.Feed(ActivityCompleted{1, 1, "late"});
  EXPECT_EQ(run.state().output, Json("ada!")) << "its own answer is no longer wanted";
}

TEST(Repair, FailsATaskSoThatItsCatchRunsAndNothingParks) {
  Trial run("- t: {try: [{a: {call: ping}}], catch: {as: e, do: [{s: {set: '${ $e.status }'}}]}}\n",
            kParking);
  run.Feed(Start{J("{}")}).Feed(Repair{2, RepairAct::kFail, kOutage, kNote});
  EXPECT_EQ(run.state().output, Json(503));
  Trial alone("- a: {call: ping}\n", kParking);
  alone.Feed(Start{J("{}")}).Feed(Repair{1, RepairAct::kFail, kOutage, kNote});
  EXPECT_EQ(alone.state().phase, Phase::kFaulted);
}

TEST(Repair, SkipsAListWithAllThatRunsInIt) {
  Trial run("- outer: {do: [{a: {call: ping}}, {b: {call: ping}}]}\n- after: {set: '${ .n + 1 }'}\n");
  run.Feed(Start{J(R"({"n":1})")}).Feed(Repair{1, RepairAct::kSkip, {}, kNote});
  EXPECT_EQ(run.state().output, Json(2));
  EXPECT_EQ(Count(run, EventType::kTaskCancelled), 1U);
}

TEST(Repair, EndsAWaitByHand) {
  Trial run("- w: {wait: P100D}\n- after: {set: done}\n");
  run.Feed(Start{J("{}")}).Feed(Repair{1, RepairAct::kComplete, J("{}"), kNote});
  EXPECT_EQ(run.state().output, Json("done"));
}

TEST(Repair, TriesAgainAtOnceWhatWaitsForItsNextAttempt) {
  Trial run("- a: {call: ping}\n");
  run.OnCall([](const ScheduleActivity& call) -> Input {
    if (call.attempt == 1) return ActivityFailed{call.frame, call.attempt, kOutage, 3'600'000'000};
    return Succeed(call);
  });
  run.Feed(Start{J("{}")}).Handle().Feed(Repair{1, RepairAct::kRetry, {}, kNote}).Handle();
  EXPECT_EQ(run.state().output, Json("pong"));
  EXPECT_LT(run.now_us(), 3'600'000'000);
}

TEST(Repair, ReplacesAnAttemptThatHangs) {
  Trial run("- a: {call: ping}\n");
  run.Feed(Start{J("{}")}).Feed(Repair{1, RepairAct::kRetry, {}, kNote});
  EXPECT_EQ(run.calls().size(), 2U);
  run.Feed(ActivityCompleted{1, 1, "of the first"});
  EXPECT_EQ(run.state().phase, Phase::kRunning);
  run.Feed(ActivityCompleted{1, 2, "of the second"});
  EXPECT_EQ(run.state().output, Json("of the second"));
}

TEST(Repair, SaysWhatIsInTheWay) {
  Trial run("- w: {wait: PT1H}\n");
  run.Feed(Start{J("{}")});
  EXPECT_TRUE(ObstacleTo(run.program(), run.state(), 1, RepairAct::kRetry));
  EXPECT_FALSE(ObstacleTo(run.program(), run.state(), 1, RepairAct::kSkip));
  EXPECT_TRUE(ObstacleTo(run.program(), run.state(), 9, RepairAct::kSkip));
  EXPECT_TRUE(ObstacleTo(run.program(), run.state(), kRootFrame, RepairAct::kSkip));
  const std::size_t events = run.events().size();
  run.Feed(Repair{9, RepairAct::kSkip, {}, kNote});
  EXPECT_EQ(run.events().size(), events);
}

}  // namespace
}  // namespace elevaite::engine

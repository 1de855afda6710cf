// What the machine does, task kind by task kind. Every step of every run here also checks that folding the
// events gives the state, and that a snapshot taken at that moment has the same future.
#include "engine/machine/machine.h"

#include <gtest/gtest.h>

#include "engine/testing/functions.h"
#include "engine/testing/trial.h"

namespace elevaite::engine {
namespace {

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}
constexpr std::string_view kSnapshotOfFormat2 =
    "0201040203c0843d027b7d046e756c6c046e756c6c046e756c6c030000ffffffff0fc0843d027b7d027b7d027b"
    "7d00046e756c6c000000046e756c6c0001000000046e756c6c000000010000c0843d027b7d027b7d027b7d0004"
    "6e756c6c000000046e756c6c0001000000046e756c6c000000020101c0843d027b7d027b7d027b7d00046e756c"
    "6c000000046e756c6c000101c0843d00077b226e223a317d0000000000";

Json J(std::string_view text) { return ParseJson(text).value(); }

Input Succeed(const ScheduleActivity& call, Json output) {
  return ActivityCompleted{call.frame, call.attempt, std::move(output)};
}

TEST(Machine, RunsTasksInOrderAndPassesData) {
  Trial run("- a: {set: {x: '${ .n + 1 }'}}\n- b: {set: '${ {y: (.x * 2)} }'}\n");
  run.Start(J(R"({"n":1})"));
  EXPECT_EQ(run.state().phase, Phase::kCompleted);
  EXPECT_EQ(run.state().output, J(R"({"y":4})"));
  EXPECT_EQ(run.steps(), 1U) << "pure tasks need one step";
}

TEST(Machine, TransformsInputOutputAndContext) {
  Trial run(
      "- a: {input: {from: '${ .deep }'}, set: '${ {got: $input.v} }', output: {as: '${ {out: .got} }'}, "
      "export: {as: '${ {kept: .out} }'}}\n"
      "- b: {set: '${ {was: $context.kept, prior: .out, id: $workflow.id, task: $task.name} }'}\n",
      "input: {from: '${ {deep: .} }'}\noutput: {as: '${ {final: .} }'}\n");
  run.Start(J(R"({"v":7})"));
  EXPECT_EQ(run.state().output, J(R"({"final":{"was":7,"prior":7,"id":"exe_test","task":"b"}})"));
}

TEST(Machine, SkipsATaskWhoseConditionIsFalse) {
  Trial run("- a: {if: '${ .go }', set: {ran: true}}\n- b: {set: '${ . + {b: 1} }'}\n");
  run.Start(J(R"({"go":false})"));
  EXPECT_EQ(run.state().output, J(R"({"go":false,"b":1})"));
}

TEST(Machine, SwitchJumpsToTheFirstMatchElseTheDefaultElseGoesOn) {
  const char* tasks =
      "- pick: {switch: [{other: {then: z}}, {big: {when: '${ .n > 10 }', then: x}}, {mid: {when: '${ .n > 5 "
      "}', then: y}}]}\n"
      "- x: {set: big, then: end}\n- y: {set: mid, then: end}\n- z: {set: other}\n";
  EXPECT_EQ(Trial(tasks).Start(J(R"({"n":11})")).state().output, J("\"big\""));
  EXPECT_EQ(Trial(tasks).Start(J(R"({"n":6})")).state().output, J("\"mid\""));
  EXPECT_EQ(Trial(tasks).Start(J(R"({"n":1})")).state().output, J("\"other\""));
  EXPECT_EQ(Trial("- pick: {switch: [{big: {when: '${ . > 10 }', then: x}}], then: end}\n- x: {set: big}\n")
                .Start(3)
                .state()
                .output,
            Json(3));
}

TEST(Machine, ForThreadsTheOutputOfEachRoundIntoTheNext) {
  Trial run(
      "- sum: {for: {each: n, at: i, in: '${ .list }'}, do: [{add: {set: '${ {list, total: ((.total // 0) + "
      "$n * ($i + 1))} }'}}]}\n");
  run.Start(J(R"({"list":[1,2,3]})"));
  EXPECT_EQ(run.state().output["total"], Json(14));
}

TEST(Machine, ForStopsWhenWhileIsFalseAndDoesNothingForAnEmptyList) {
  Trial run(
      "- loop: {for: {in: '${ [1,2,3,4] }'}, while: '${ $item < 3 }', do: [{keep: {set: '${ . + [$item] "
      "}'}}]}\n");
  EXPECT_EQ(run.Start(J("[]")).state().output, J("[1,2]"));
  Trial empty("- loop: {for: {in: '${ [] }'}, do: [{never: {set: '${ 1 }'}}]}\n");
  EXPECT_EQ(empty.Start(J("{\"a\":1}")).state().output, J("{\"a\":1}"));
}

TEST(Machine, ExitLeavesTheListAndEndEndsTheWorkflowFromAnyDepth) {
  Trial run(
      "- loop: {for: {in: '${ [1,2,3] }'}, do: [{keep: {set: '${ . + [$item] }', then: exit}}, {never: {set: "
      "'${ 3 }'}}]}\n- after: {set: '${ {seen: .} }'}\n");
  EXPECT_EQ(run.Start(J("[]")).state().output, J(R"({"seen":[1,2,3]})"));
  Trial end(
      "- outer: {do: [{inner: {fork: {branches: [{b: {set: {done: true}, then: end}}, {c: {wait: {hours: "
      "1}}}]}}}]}\n- never: {set: '${ 3 }'}\n");
  end.Start(J("{}"));
  EXPECT_EQ(end.state().output, J(R"({"done":true})"));
  EXPECT_EQ(end.now_us(), 1'000'000) << "the waiting branch is cancelled";
}

TEST(Machine, ForkJoinsTheOutputsInTheOrderOfTheBranches) {
  Trial run(
      "- f: {fork: {branches: [{slow: {do: [{w: {wait: {seconds: 2}}}, {s: {set: slow}}]}}, {fast: {set: "
      "fast}}]}}\n");
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, J(R"(["slow","fast"])"));
  EXPECT_EQ(run.now_us(), 3'000'000);
}

TEST(Machine, ForkCompeteTakesTheFirstAndCancelsTheRest) {
  Trial run(
      "- f: {fork: {compete: true, branches: [{slow: {wait: {seconds: 5}}}, {quick: {do: [{w: {wait: "
      "{seconds: 1}}}, {q: {set: quick}}]}}]}}\n");
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, J("\"quick\""));
  EXPECT_EQ(run.now_us(), 2'000'000);
}

TEST(Machine, ForkFaultsWithTheBranchThatFaultsButCompeteWaitsForAnother) {
  const char* broken = "{broken: {raise: {error: {type: 'urn:x', status: 500, title: T}}}}";
  Trial joined(std::string("- f: {fork: {branches: [") + broken + ", {w: {wait: {hours: 1}}}]}}\n");
  EXPECT_EQ(joined.Start(J("{}")).state().phase, Phase::kFaulted);
  EXPECT_EQ(joined.state().error["instance"], Json("/do/0/f/fork/branches/0/broken"));
  Trial compete(std::string("- f: {fork: {compete: true, branches: [") + broken +
                ", {w: {wait: {seconds: 1}}}]}}\n");
  EXPECT_EQ(compete.Start(J("{}")).state().phase, Phase::kCompleted);
  Trial hopeless(std::string("- f: {fork: {compete: true, branches: [") + broken +
                 ", {worse: {raise: {error: {type: 'urn:y', status: 501, title: T}}}}]}}\n");
  EXPECT_EQ(hopeless.Start(J("{}")).state().error["status"], Json(500));
}

TEST(Machine, BranchesWriteTheirOwnContextAndTheJoinMergesThem) {
  Trial run(
      "- before: {set: '${ 3 }', export: {as: '${ {a: 0, b: 0} }'}}\n"
      "- f: {fork: {branches: [{one: {do: [{w: {wait: {seconds: 1}}}, {e: {set: '${ 1 }', export: {as: '${ "
      "$context + {a: 1} }'}}}, {seen: {set: '${ $context }'}}]}},"
      " {two: {set: '${ 2 }', export: {as: '${ $context + {b: 2, c: 3} }'}}}]}}\n"
      "- after: {set: '${ [., $context] }'}\n");
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, J(R"([[{"a":1,"b":0},2],{"a":1,"b":2,"c":3}])"));
}

TEST(Machine, CatchesByTypeAndStatusWithTheErrorInItsVariable) {
  const char* tasks =
      "- t: {try: [{r: {raise: {error: {type: 'urn:x', status: 404, title: Gone}}}}],"
      " catch: {errors: {with: {status: 404}}, as: e, do: [{c: {set: '${ {title: $e.title, where: "
      "$e.instance} }'}}]}}\n";
  EXPECT_EQ(Trial(tasks).Start(J("{}")).state().output, J(R"({"title":"Gone","where":"/do/0/t/try/0/r"})"));
  Trial other(
      "- t: {try: [{r: {raise: {error: {type: 'urn:x', status: 500, title: T}}}}], catch: {errors: {with: "
      "{status: 404}}, do: [{c: {set: '${ 1 }'}}]}}\n");
  EXPECT_EQ(other.Start(J("{}")).state().phase, Phase::kFaulted);
}

TEST(Machine, RetriesWithBackOffUntilItWorks) {
  Trial run(
      "- t: {try: [{c: {call: ping, with: {n: 1}}}], catch: {errors: {with: {status: 503}},"
      " retry: {delay: {seconds: 1}, backoff: {exponential: {}}, limit: {attempt: {count: 5}}}}}\n");
  int left = 3;
  run.OnCall([&](const ScheduleActivity& call) -> Input {
    if (left-- > 0)
      return ActivityFailed{call.frame, call.attempt, J(R"({"type":"urn:x","status":503})"), std::nullopt};
    return Succeed(call, "pong");
  });
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, J("\"pong\""));
  EXPECT_EQ(run.now_us(), 1'000'000 + (1 + 2 + 4) * 1'000'000);
  EXPECT_EQ(run.calls().size(), 4U);
}

TEST(Machine, GivesUpAfterTheLimitAndRunsTheCatchList) {
  Trial run(
      "- t: {try: [{c: {call: ping}}], catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: 3}}},"
      " do: [{undo: {set: '${ {undone: true, why: $error.status} }'}}]}}\n");
  run.OnCall([](const ScheduleActivity& call) {
    return ActivityFailed{call.frame, call.attempt, J(R"({"status":500})"), std::nullopt};
  });
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, J(R"({"undone":true,"why":500})"));
  EXPECT_EQ(run.calls().size(), 4U) << "count is the number of retries after the first run";
}

TEST(Machine, FaultsWithTheLastErrorWhenRetriesAreUsedUpAndThereIsNoCatchList) {
  Trial run(
      "- t: {try: [{c: {call: ping}}], catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: "
      "2}}}}}\n");
  run.OnCall([](const ScheduleActivity& call) {
    return ActivityFailed{call.frame, call.attempt, J(R"({"status":500})"), std::nullopt};
  });
  EXPECT_EQ(run.Start(J("{}")).state().phase, Phase::kFaulted);
  EXPECT_EQ(run.state().error["instance"], Json("/do/0/t/try/0/c"));
}

TEST(Machine, AConnectorsOwnRetryRunsTheSameRequestAgain) {
  Trial run("- c: {call: ping, with: {v: '${ .v }'}}\n");
  run.OnCall([](const ScheduleActivity& call) -> Input {
    if (call.attempt < 3) return ActivityFailed{call.frame, call.attempt, J("{}"), 2'000'000};
    return Succeed(call, call.attempt);
  });
  run.Start(J(R"({"v":1})"));
  EXPECT_EQ(run.state().output, Json(3));
  EXPECT_EQ(run.calls(), (std::vector<std::string>(3, R"({"v":1})")));
  EXPECT_EQ(run.now_us(), 5'000'000);
}

TEST(Machine, FillsTheInputIntoAUriTemplate) {
  Trial run(
      "- c: {call: ping, with: {endpoint: 'http://x/{id}/{name}{gone}', n: '${ .id }'}}\n- d: {call: ping, "
      "with: {endpoint: {uri: 'http://x/{list}'}}}\n");
  run.OnCall([](const ScheduleActivity& call) { return Succeed(call, J(R"({"list":[1]})")); });
  run.Start(J(R"({"id":7,"name":"a b/c"})"));
  EXPECT_EQ(run.calls().at(0), R"({"endpoint":"http://x/7/a%20b%2Fc","n":7})");
  EXPECT_EQ(run.state().error["type"],
            Json("https://open-workflow-specification.org/spec/1.0.0/errors/expression"));
}

TEST(Machine, AnExpressionThatFailsIsAnErrorOfTheTask) {
  Trial run("- a: {set: '${ .x.y.z | error(\"no\") }'}\n");
  run.Start(J("{}"));
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
  EXPECT_EQ(run.state().error["type"],
            Json("https://open-workflow-specification.org/spec/1.0.0/errors/expression"));
  EXPECT_EQ(run.state().error["instance"], Json("/do/0/a"));
}

TEST(Machine, WaitsForAComputedDuration) {
  Trial run("- w: {wait: '${ {seconds: .n} }'}\n");
  run.Start(J(R"({"n":90})"));
  EXPECT_EQ(run.now_us(), 91'000'000);
  EXPECT_EQ(Trial("- w: {wait: '${ .n }'}\n").Start(J(R"({"n":"soon"})")).state().phase, Phase::kFaulted);
}

TEST(Machine, WaitsForPeopleAsForEvents) {
  Trial run("- f: {fork: {branches: [{a: {call: human.approve, with: {title: Go?}}}, {c: {call: ping}}]}}\n");
  run.Feed(engine::Start{J("{}")});
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kRunning);
  Trial asks("- a: {call: human.approve, with: {title: Go?}}\n");
  asks.Feed(engine::Start{J("{}")});
  EXPECT_EQ(CurrentPhase(asks.program(), asks.state()), Phase::kWaiting);
}

TEST(Machine, CancelEndsEverythingThatRuns) {
  Trial run("- f: {fork: {branches: [{w: {wait: {hours: 1}}}, {c: {call: ping}}]}}\n");
  run.Feed(engine::Start{J("{}")});
  EXPECT_EQ(CurrentPhase(run.program(), run.state()), Phase::kRunning);
  run.Feed(Cancel{"not needed"});
  EXPECT_EQ(run.state().phase, Phase::kCancelled);
  EXPECT_EQ(run.state().error, Json("not needed"));
  EXPECT_TRUE(run.state().frames.empty());
  run.Feed(Cancel{"again"});
}

constexpr const char* kCleansUp =
    "- t:\n"
    "    try: [{w: {wait: {hours: 1}}}]\n"
    "    catch:\n"
    "      errors: {with: {type: 'urn:elevaite:errors:cancelled'}}\n"
    "      do: [{nap: {wait: {seconds: 5}}}, {c: {set: cleaned}}]\n";

Cancel GentleCancel(std::int64_t grace_us) {
  return {.reason = "enough", .deadline_us = 1'000'000 + grace_us};
}

TEST(Machine, ACancelThatIsAwaitedRunsTheCleanupAndEndsCancelled) {
  Trial run(kCleansUp);
  run.Feed(engine::Start{J("{}")}).Feed(GentleCancel(60'000'000));
  EXPECT_EQ(run.state().phase, Phase::kRunning);
  ASSERT_TRUE(run.state().cancelling);
  run.GoOn();
  EXPECT_EQ(run.state().phase, Phase::kCancelled);
  EXPECT_EQ(run.state().error, Json("enough"));
  EXPECT_EQ(run.Names(), "nap c");
  EXPECT_EQ(run.events().back().number, 0U);
}

TEST(Machine, ACleanupThatTakesTooLongIsCutShort) {
  Trial run(kCleansUp);
  run.Feed(engine::Start{J("{}")}).Feed(GentleCancel(2'000'000)).GoOn();
  EXPECT_EQ(run.state().phase, Phase::kCancelled);
  EXPECT_EQ(run.now_us(), 3'000'000);
  EXPECT_EQ(run.Names(), "");
  EXPECT_EQ(run.events().back().number, 1U);
}

TEST(Machine, OnlyTheFirstOfAParentsGentleCancelsCountsButAnyOthersSecondEndsIt) {
  for (const bool by_parent : {true, false}) {
    Trial run(kCleansUp);
    Cancel cancel = GentleCancel(60'000'000);
    cancel.by_parent = by_parent;
    run.Feed(engine::Start{J("{}")}).Feed(cancel);
    ++cancel.deadline_us;
    run.Feed(cancel);
    EXPECT_EQ(IsFinal(run.state().phase), !by_parent);
  }
}

TEST(Machine, ACancelThatComesTwiceIsOne) {
  Trial run(kCleansUp);
  run.Feed(engine::Start{J("{}")}).Feed(GentleCancel(60'000'000)).Feed(GentleCancel(60'000'000)).GoOn();
  EXPECT_EQ(run.Names(), "nap c");
}

TEST(Machine, AnAwaitedWorkflowIsCancelledFirstAndItsEndLetsTheParentGoOn) {
  Trial run(
      "- t:\n"
      "    try: [{r: {run: {workflow: {namespace: a, name: b, version: '1.0.0'}}}}]\n"
      "    catch: {errors: {with: {type: 'urn:elevaite:errors:cancelled'}}, do: [{c: {set: cleaned}}]}\n");
  run.Feed(engine::Start{J("{}")}).Feed(GentleCancel(60'000'000));
  EXPECT_EQ(run.Names(), "");
  ASSERT_FALSE(IsFinal(run.state().phase));
  run.Feed(ActivityFailed{2, 1, J(R"({"title":"cancelled"})"), {}}).GoOn();
  EXPECT_EQ(run.Names(), "c");
  EXPECT_EQ(run.state().phase, Phase::kCancelled);
}

// As format 2 has it: a try whose call is under way.
TEST(Codec, ReadsASnapshotOfAnOlderFormat) {
  const auto program =
      TestProgram("- t: {try: [{c: {call: ping, with: {n: 1}}}], catch: {do: [{s: {set: saved}}]}}\n");
  const std::string old = Unhex(kSnapshotOfFormat2);
  auto state = DecodeState(old);
  ASSERT_TRUE(state) << state.error().ToString();
  EXPECT_EQ(state->frames.at(2).attempt, 1U);
  EXPECT_EQ(state->frames.at(2).lost, 0U);
  EXPECT_FALSE(state->cancelling);
  const auto effects = PendingEffects(*program, *state);
  ASSERT_EQ(effects.size(), 1U);
  const Transition transition =
      Step(*program, *state, ActivityFailed{2, 1, J(R"({"status":500})"), {}}, 2'000'000, 0.5, {}, {});
  EXPECT_EQ(state->output, Json("saved"));
  EXPECT_FALSE(transition.events.empty());
}

TEST(Machine, DropsResultsThatComeTooLate) {
  Trial run(
      "- f: {fork: {compete: true, branches: [{c: {call: ping}}, {w: {wait: {seconds: 1}}}]}}\n- w2: {wait: "
      "{seconds: 1}}\n");
  run.Feed(engine::Start{J("{}")});
  const std::size_t events = run.events().size();
  run.Feed(ActivityCompleted{99, 1, 1});
  run.Feed(TimerFired{99});
  EXPECT_EQ(run.events().size(), events);
}

Input Lose(const ScheduleActivity& call) { return ActivityLost{call.frame, call.attempt}; }

TEST(Machine, ALostAttemptIsMadeAgainWithTheSameRequest) {
  Trial run("- c: {call: ping, with: {n: '${ .n }'}}\n");
  run.OnCall([](const ScheduleActivity& call) { return call.attempt == 1 ? Lose(call) : Succeed(call, 7); });
  run.Start(J(R"({"n":3})"));
  EXPECT_EQ(run.state().output, Json(7));
  EXPECT_EQ(run.calls(), (std::vector<std::string>{R"({"n":3})", R"({"n":3})"}));
  EXPECT_EQ(run.now_us(), 1'000'000) << "the first loss is made good at once";
}

TEST(Machine, ATaskWhoseAttemptsAreLostAgainAndAgainFaults) {
  Trial run("- c: {call: ping}\n");
  run.OnCall(Lose);
  run.Start(J("{}"));
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
  EXPECT_EQ(run.state().error["type"], Json("urn:elevaite:errors:attempts-lost"));
  EXPECT_EQ(run.state().error["status"], Json(500));
  EXPECT_EQ(run.state().error["instance"], Json("/do/0/c"));
  EXPECT_EQ(run.calls().size(), 5U);
  EXPECT_EQ(run.buried(), 1U);
  EXPECT_EQ(run.now_us(), 1'000'000 + 2'000'000 + 8'000'000 + 32'000'000) << "the pauses grow";
}

TEST(Machine, AnAnswerBetweenTwoLossesBeginsTheCountAnew) {
  Trial run("- c: {call: ping}\n");
  run.limits().attempts_lost_max = 2;
  run.OnCall([](const ScheduleActivity& call) -> Input {
    if (call.attempt == 2) return ActivityFailed{call.frame, call.attempt, J(R"({"status":503})"), 1'000};
    return call.attempt < 4 ? Lose(call) : Succeed(call, "done");
  });
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, Json("done"));
  EXPECT_EQ(run.buried(), 0U);
}

TEST(Machine, ATryMayCatchThatATaskWasGivenUp) {
  Trial run(
      "- t: {try: [{c: {call: ping}}], catch: {errors: {with: {type: "
      "'urn:elevaite:errors:attempts-lost'}}, do: [{s: {set: saved}}]}}\n");
  run.limits().attempts_lost_max = 1;
  run.OnCall(Lose);
  run.Start(J("{}"));
  EXPECT_EQ(run.state().output, Json("saved"));
  EXPECT_EQ(run.buried(), 1U) << "it is a dead letter all the same";
}

TEST(Machine, DropsALossThatIsNoNews) {
  Trial run("- c: {call: ping}\n");
  run.Feed(engine::Start{J("{}")}).Feed(ActivityLost{1, 1});
  const std::size_t events = run.events().size();
  run.Feed(ActivityLost{1, 1}).Feed(ActivityLost{9, 1});
  EXPECT_EQ(run.events().size(), events);
}

TEST(Machine, AnEndlessLoopOfPureTasksEndsAtTheLimitInSlices) {
  Trial run("- a: {if: '${ . >= 0 }', set: '${ . + 1 }', then: a}\n");
  run.limits().tasks_max = 5'000;
  run.Start(0);
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
  EXPECT_EQ(run.state().error["title"], Json("Too many tasks"));
  EXPECT_GT(run.steps(), 15U) << "others get their turn in between";
}

TEST(Machine, AValueThatDoublesEachRoundIsStopped) {
  Trial run("- loop: {for: {in: '${ [range(100)] }'}, do: [{d: {set: '${ [., .] }'}}]}\n");
  run.limits().value_bytes_max = 1U << 20U;
  run.Start("x");
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
  EXPECT_EQ(run.state().error["title"], Json("A value is too large"));
}

TEST(Machine, ForOverAHundredThousandItemsTakesBoundedSteps) {
  Trial run("- loop: {for: {in: '${ [range(20000)] }'}, do: [{d: {set: '${ . + 1 }'}}]}\n");
  run.Start(0);
  EXPECT_EQ(run.state().output, Json(20000));
}

TEST(Codec, RefusesBytesThatAreNoJournal) {
  EXPECT_FALSE(DecodeEvents(""));
  EXPECT_FALSE(DecodeEvents("\x01\x01\x01\xff"));
  EXPECT_FALSE(DecodeEvents("\x02\x01\x01\x01"));
  EXPECT_FALSE(DecodeState(std::string_view("\x01\x07", 2)));
}

}  // namespace
}  // namespace elevaite::engine

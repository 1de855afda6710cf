// Forks of past executions: each step also checks that the journal alone gives the state, and that something
// will move it.
#include "engine/machine/fork.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/testing/migration_run.h"
#include "engine/testing/random_tasks.h"

namespace elevaite::engine {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kLater = 1'000 * kSecond;

constexpr std::string_view kTwoCalls =
    "- a: {call: ping, with: {n: '${ . }'}}\n"
    "- b: {call: ping, with: {n: '${ . }'}}\n"
    "- c: {set: '${ . + 100 }'}\n";

TEST(Fork, GoesOnFromATaskWithWhatWasDoneBefore) {
  MigrationRun past(TestProgram(kTwoCalls));
  EXPECT_EQ(past.Start(1).Finish(), Json(107));
  MigrationRun run(TestProgram(kTwoCalls));
  run.ForkFrom(past.events(), past.BeginOf("b"), kLater).Settle();
  ASSERT_EQ(run.calls().size(), 1U) << "only b is called again";
  EXPECT_EQ(run.calls().front().request, Json::Object({{"n", 3}}));
  EXPECT_EQ(run.Finish(), Json(107));
}

TEST(Fork, GivesTheTaskAnotherInput) {
  MigrationRun past(TestProgram(kTwoCalls));
  past.Start(1).Finish();
  MigrationRun run(TestProgram(kTwoCalls));
  run.ForkFrom(past.events(), past.BeginOf("b"), kLater, Json(10)).Settle();
  EXPECT_EQ(run.calls().front().request, Json::Object({{"n", 10}}));
  EXPECT_EQ(run.Finish(), Json(121));
  const Event& forked = run.events().at(past.BeginOf("b"));
  ASSERT_EQ(forked.type, EventType::kExecutionForked);
  EXPECT_EQ((*forked.data)["execution"], Json("exe_past"));
  EXPECT_EQ((*forked.data)["task"], Json("/do/1/b"));
  EXPECT_EQ((*forked.data)["edited"], Json(true));
  EXPECT_EQ((*forked.data)["by"], Json("test"));
}

TEST(Fork, KnowsTheRunsOfATaskInALoopApart) {
  constexpr std::string_view kLoop =
      "- l: {for: {in: '${ [1, 2, 3] }', each: n}, do: [{s: {set: '${ . * 10 + $n }'}}]}\n";
  MigrationRun past(TestProgram(kLoop));
  EXPECT_EQ(past.Start(0).Finish(), Json(123));
  for (const auto& [visit, output] : {std::pair{1U, 7'123}, {2U, 723}, {3U, 73}}) {
    MigrationRun run(TestProgram(kLoop));
    run.ForkFrom(past.events(), past.BeginOf("s", visit), kLater, Json(7));
    EXPECT_EQ(run.Finish(), Json(output));
  }
}

TEST(Fork, BeginsAgainWhatRanBesideAndGivesWaitsWhatTheyHadLeft) {
  constexpr std::string_view kBeside =
      "- f:\n"
      "    fork:\n"
      "      branches:\n"
      "        - w: {wait: PT10S}\n"
      "        - other: {call: ping, with: {n: 5}, timeout: {after: PT30S}}\n"
      "        - mine: {do: [{first: {wait: PT4S}}, {then: {call: ping, with: {n: 1}}}]}\n";
  MigrationRun past(TestProgram(kBeside, "timeout: {after: PT60S}\n"));
  past.Start();
  ASSERT_EQ(past.calls().size(), 1U);
  const std::int64_t begun_us = past.now_us();
  past.Pass(4 * kSecond);
  for (const auto& [due_us, frame] : std::set(past.timers())) {
    if (due_us == begun_us + 4 * kSecond) past.Feed(TimerFired{frame});
  }
  ASSERT_EQ(past.calls().size(), 2U) << "`then` runs, beside `other`";

  MigrationRun run(TestProgram(kBeside, "timeout: {after: PT60S}\n"));
  run.ForkFrom(past.events(), past.BeginOf("then"), kLater).Settle();
  ASSERT_EQ(run.calls().size(), 2U);
  std::set<std::int64_t> left;
  for (const auto& [due_us, frame] : run.timers()) left.insert((due_us - kLater) / kSecond);
  EXPECT_EQ(left, (std::set<std::int64_t>{6, 26, 56}));
}

TEST(Fork, AtATaskThatWasSkippedOrNeverHadAFrame) {
  constexpr std::string_view kTasks =
      "- a: {set: '${ . + 1 }'}\n"
      "- b: {if: '${ . > 5 }', set: big}\n"
      "- c: {switch: [{up: {when: '${ . == \"big\" }', then: d}}, {down: {then: exit}}]}\n"
      "- d: {set: '${ . + \"!\" }'}\n";
  MigrationRun past(TestProgram(kTasks));
  EXPECT_EQ(past.Start(1).Finish(), Json(2));
  MigrationRun skipped(TestProgram(kTasks));
  skipped.ForkFrom(past.events(), past.BeginOf("b"), kLater, Json(6));
  EXPECT_EQ(skipped.Finish(), Json("big!"));
  MigrationRun chooses(TestProgram(kTasks));
  chooses.ForkFrom(past.events(), past.BeginOf("c"), kLater, Json("big"));
  EXPECT_EQ(chooses.Finish(), Json("big!"));
}

TEST(Fork, OfAForkIsAnotherFork) {
  MigrationRun past(TestProgram(kTwoCalls));
  past.Start(1).Finish();
  MigrationRun fork(TestProgram(kTwoCalls));
  EXPECT_EQ(fork.ForkFrom(past.events(), past.BeginOf("b"), kLater, Json(10)).Finish(), Json(121));
  MigrationRun again(TestProgram(kTwoCalls));
  EXPECT_EQ(again.ForkFrom(fork.events(), fork.BeginOf("c"), 2 * kLater).Finish(), Json(121));
  MigrationRun back(TestProgram(kTwoCalls));
  EXPECT_EQ(back.ForkFrom(fork.events(), fork.BeginOf("a"), 2 * kLater).Finish(), Json(107))
      << "before what was edited";
}

State Before(const MigrationRun& run, const dsl::Program& program, std::size_t at) {
  State state;
  for (std::size_t i = 0; i < at; ++i) Apply(state, program, run.events()[i]);
  return state;
}

TEST(Fork, SaysWhyItCannotBe) {
  const auto branches =
      TestProgram("- f: {fork: {branches: [{x: {set: {v: 1}}}, {y: {call: ping, with: {n: 1}}}]}}\n");
  MigrationRun past(branches);
  past.Start().Finish();
  const std::size_t y = past.BeginOf("y");
  EXPECT_FALSE(ObstacleToFork(*branches, Before(past, *branches, y), past.events()[y], false));
  EXPECT_TRUE(ObstacleToFork(*branches, Before(past, *branches, y), past.events()[y], true))
      << "a branch has no input of its own";
  EXPECT_TRUE(ObstacleToFork(*branches, Before(past, *branches, y + 1), past.events()[y + 1], false))
      << "no task begins with that";

  const auto cleans = TestProgram(
      "- t: {try: [{c: {call: ping, with: {n: 1}}}], catch: {errors: {with: {type:"
      " 'urn:elevaite:errors:cancelled'}}, do: [{u: {set: {v: 1}}}]}}\n");
  MigrationRun cancelled(cleans);
  cancelled.Start();
  cancelled.Feed(Cancel{.reason = "enough", .deadline_us = cancelled.now_us() + 60 * kSecond});
  cancelled.Settle();
  while (!cancelled.ended() && cancelled.Move()) {
  }
  const std::size_t u = cancelled.BeginOf("u");
  EXPECT_TRUE(ObstacleToFork(*cleans, Before(cancelled, *cleans, u), cancelled.events()[u], false));
}

// Of random programs: whichever task the fork goes on with, it ends as the past does.
TEST(ForkProperty, WithoutAnotherInputItEndsAsThePast) {
  constexpr int kPrograms = 150;
  int forks = 0;
  for (std::uint32_t seed = 1; seed <= kPrograms && !testing::Test::HasFailure(); ++seed) {
    RandomTasks generate(seed);
    const Json tasks = generate.List(3);
    const auto program = TestProgram("  " + tasks.Dump() + "\n");
    ASSERT_TRUE(program);
    const MachineLimits limits{.tasks_per_step = 1 + generate.Below(3)};
    MigrationRun past(program, limits);
    past.Feed(Start{Json(1)});
    const Json expected = past.Finish();
    State state;
    for (std::size_t at = 0; at < past.events().size(); ++at) {
      const Event& event = past.events()[at];
      if (BeginsTask(state, event) && (forks < 2'000 || generate.Below(10) == 0)) {
        ++forks;
        MigrationRun run(program, limits);
        run.ForkFrom(past.events(), at, past.now_us() + kSecond);
        ASSERT_EQ(run.Finish(), expected) << "seed " << seed << ", event " << at << "\n" << tasks.Dump();
      }
      Apply(state, *program, event);
    }
  }
  EXPECT_GT(forks, 1'000);
}

}  // namespace
}  // namespace elevaite::engine

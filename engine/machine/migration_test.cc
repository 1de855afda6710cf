// Which executions can be moved to another version, and how they go on there.
#include "engine/machine/migration.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/testing/migration_run.h"

namespace elevaite::engine {
namespace {

Json J(std::string_view text) { return ParseJson(text).value(); }

// An execution of `before` that has been started (and settled) with 1 is moved to `after`: what it gives at
// the end, or the obstacles.
struct Case {
  const char* name;
  const char* before;
  const char* after;
  const char* gives;          // JSON; null: it is not moved
  const char* obstacle = "";  // the whole text of the obstacles, one a line
  int moves = 0;              // timers and calls before it is moved
};

const Case kCases[] = {
    {"the next tasks are those of the new version", "- w: {wait: {seconds: 1}}\n- b: {set: '${ . + 1 }'}\n",
     "- w: {wait: {seconds: 1}}\n- b: {set: '${ . + 10 }'}\n- c: {set: '${ . * 2 }'}\n", "22"},
    {"tasks inserted ahead are not run, those inserted behind are",
     "- a: {set: '${ . + 1 }'}\n- w: {wait: {seconds: 1}}\n- b: {set: '${ . + 1 }'}\n",
     "- x: {set: '${ 100 }'}\n- a: {set: '${ . + 1 }'}\n- w: {wait: {seconds: 1}}\n- y: {set: '${ . * 10 "
     "}'}\n- b: {set: '${ . + 1 "
     "}'}\n",
     "21"},
    {"tasks that are gone elsewhere do not matter",
     "- a: {set: '${ . + 1 }'}\n- w: {wait: {seconds: 1}}\n- b: {set: '${ . + 1 }'}\n",
     "- w: {wait: {seconds: 1}}\n", "2"},
    {"a renamed task is found by its definition", "- w: {wait: {seconds: 1}}\n- b: {set: '${ . + 1 }'}\n",
     "- nap: {wait: {seconds: 1}}\n- b: {set: '${ . + 2 }'}\n", "3"},
    {"of two that could be the new name none is taken", "- w: {wait: {seconds: 1}}\n",
     "- nap: {wait: {seconds: 1}}\n- doze: {wait: {seconds: 1}}\n", nullptr,
     "/do/0/w is not in that version\n"},
    {"a task that is gone", "- w: {wait: {seconds: 1}}\n", "- a: {set: {x: 1}}\n", nullptr,
     "/do/0/w is not in that version\n"},
    {"a task in another list", "- w: {wait: {seconds: 1}}\n", "- d: {do: [{w: {wait: {seconds: 1}}}]}\n",
     nullptr, "/do/0/w is not in its list any more; there is one of its name at /do/0/d/do/0/w\n"},
    {"a task of another kind", "- w: {wait: {seconds: 1}}\n", "- w: {call: ping}\n", nullptr,
     "/do/0/w is of another kind: wait became call\n"},
    {"a task that would run twice", "- a: {set: '${ . + 1 }'}\n- w: {wait: {seconds: 1}}\n",
     "- w: {wait: {seconds: 1}}\n- a: {set: '${ . + 1 }'}\n", nullptr,
     "/do/0/a would run again: it follows /do/0/w in that version, where the execution is\n"},
    {"a task that would never run", "- w: {wait: {seconds: 1}}\n- a: {set: '${ . + 1 }'}\n",
     "- a: {set: '${ . + 1 }'}\n- w: {wait: {seconds: 1}}\n", nullptr,
     "/do/1/a would never run: it stands before /do/1/w in that version, where the execution is\n"},
    {"a wait ends when it would have ended", "- w: {wait: {seconds: 1}}\n",
     "- w: {wait: {hours: 1}}\n- t: {set: '${ $task.startedAt.epoch.seconds }'}\n", "2"},
    {"a call under way stays, and its output is that of the new version",
     "- c: {call: ping, with: {n: '${ . }'}}\n",
     "- c: {call: ping, with: {n: '${ . + 100 }'}, output: {as: '${ . * 2 }'}}\n", "6"},
    {"a call of another function", "- c: {call: ping}\n", "- c: {call: pong}\n", nullptr,
     "/do/0/c calls pong in that version, and a call of ping is under way\n"},
    {"another workflow", "- r: {run: {workflow: {namespace: t, name: u, version: '1.0.0'}}}\n",
     "- r: {run: {workflow: {namespace: t, name: v, version: '1.0.0'}}}\n", nullptr,
     "/do/0/r runs another workflow in that version, or awaits it otherwise, and u is running\n"},
    {"another version of a workflow under way",
     "- r: {run: {workflow: {namespace: t, name: u, version: '1.0.0'}}}\n",
     "- r: {run: {workflow: {namespace: t, name: u, version: '2.0.0'}}}\n- a: {set: '${ . + 1 }'}\n", "2"},
    {"inside do, for and try",
     "- d: {do: [{l: {for: {in: '${ [1, 2, 3] }'}, do: [{t: {try: [{w: {wait: {seconds: 1}}}, {a: {set: "
     "'${ . + $item }'}}], catch: {}}}]}}]}\n",
     "- d: {do: [{x: {set: '${ 0 }'}}, {l: {for: {each: n, in: '${ [] }'}, do: [{t: {try: [{w: {wait: "
     "{seconds: 1}}}, {a: {set: "
     "'${ . + 10 * $n }'}}], catch: {}}}]}}]}\n",
     // Of the rounds 1 to 3 one is done; the items stay, their variable has the new name.
     "52", "", 1},
    {"inside catch",
     "- t: {try: [{r: {raise: {error: {type: 'urn:x', status: 500, title: X}}}}], catch: {do: [{w: {wait: "
     "{seconds: 1}}}]}}\n",
     "- t: {try: [{n: {set: '${ 7 }'}}], catch: {as: e, do: [{w: {wait: {seconds: 1}}}, {s: {set: '${ "
     "$e.status }'}}]}}\n",
     "500"},
    {"a retry that is due runs the new list",
     "- t: {try: [{r: {raise: {error: {type: 'urn:x', status: 500, title: X}}}}], catch: {retry: {delay: "
     "{seconds: 1}, limit: "
     "{attempt: {count: 3}}}}}\n",
     "- t: {try: [{n: {set: '${ 7 }'}}], catch: {}}\n", "7"},
    {"runs that are no longer limited",
     "- t: {try: [{w: {wait: {seconds: 5}}}], catch: {retry: {delay: {seconds: 1}, limit: {attempt: {count: "
     "3, duration: {seconds: "
     "1}}}}}}\n",
     "- t: {try: [{w: {wait: {seconds: 5}}}], catch: {}}\n", "1"},
    {"a deadline stays", "- d: {do: [{w: {wait: {seconds: 5}}}], timeout: {after: {seconds: 1}}}\n",
     "- t: {do: [{d: {do: [{w: {wait: {seconds: 5}}}]}}]}\n", nullptr,
     "/do/0/d is not in its list any more; there is one of its name at /do/0/t/do/0/d\n"},
    {"branches of a fork are found by their names",
     "- f: {fork: {branches: [{a: {wait: {seconds: 1}}}, {b: {do: [{w: {wait: {seconds: 2}}}, {s: {set: '${ "
     ". + 1 }'}}]}}]}}\n",
     "- f: {fork: {branches: [{b: {do: [{w: {wait: {seconds: 2}}}, {s: {set: '${ . + 2 }'}}]}}, {a: {wait: "
     "{seconds: 1}}}, {c: {set: "
     "'${ . + 3 }'}}]}}\n",
     "[3,1,4]", "", 1},
    {"a branch that is gone", "- f: {fork: {branches: [{a: {wait: {seconds: 1}}}, {b: {set: '${ . }'}}]}}\n",
     "- f: {fork: {branches: [{a: {wait: {seconds: 1}}}]}}\n", nullptr,
     "/do/0/f/fork/branches/1/b is not in that version\n"},
    {"a new branch before those that run", "- f: {fork: {branches: [{a: {wait: {seconds: 1}}}]}}\n",
     "- f: {fork: {branches: [{x: {set: '${ . }'}}, {a: {wait: {seconds: 1}}}]}}\n", nullptr,
     "/do/0/f/fork/branches/0/a has begun, and a new branch stands before it\n"},
    {"a fork that becomes a race", "- f: {fork: {branches: [{a: {wait: {seconds: 1}}}]}}\n",
     "- f: {fork: {compete: true, branches: [{a: {wait: {seconds: 1}}}]}}\n", nullptr,
     "/do/0/f has another `compete`, and its branches have begun\n"},
    {"only the outermost obstacle is told", "- d: {do: [{w: {wait: {seconds: 1}}}]}\n",
     "- e: {set: {x: 1}}\n", nullptr, "/do/0/d is not in that version\n"},
};

class MigrationCase : public testing::TestWithParam<Case> {};

TEST_P(MigrationCase, MovesOrSaysWhyNot) {
  const Case& one = GetParam();
  MigrationRun run(TestProgram(one.before));
  run.Start(Json(1));
  for (int i = 0; i < one.moves; ++i) ASSERT_TRUE(run.Move());
  const std::string before = EncodeState(run.state());
  EXPECT_EQ(run.MoveTo(TestProgram(one.after)), one.obstacle);
  if (one.gives) {
    EXPECT_EQ(run.Finish().Dump(), one.gives);
  } else {
    EXPECT_EQ(EncodeState(run.state()), before) << "nothing is half-done";
  }
}

INSTANTIATE_TEST_SUITE_P(Migration, MigrationCase, testing::ValuesIn(kCases), [](const auto& info) {
  std::string name = info.param.name;
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

TEST(Migration, TellsWhatMovesAndWhatIsPassed) {
  MigrationRun run(TestProgram("- a: {set: '${ . }'}\n- d: {do: [{w: {wait: {seconds: 1}}}]}\n"));
  run.Start();
  const auto plan = run.PlanTo(
      TestProgram("- n: {set: '${ . }'}\n- a: {set: '${ . }'}\n- d: {do: [{w: {wait: {seconds: 1}}}]}\n"));
  ASSERT_EQ(plan.tasks.size(), 2U);
  EXPECT_EQ(plan.tasks[0].before + plan.tasks[0].after, "/do/1/d/do/2/d");
  EXPECT_EQ(plan.tasks[1].before + plan.tasks[1].after, "/do/1/d/do/0/w/do/2/d/do/0/w");
  EXPECT_EQ(plan.passed, std::vector<std::string>{"/do/0/n"});
}

TEST(Migration, RunsThatAreNoLongerLimitedHaveNoTimer) {
  MigrationRun run(
      TestProgram("- t: {try: [{w: {wait: {seconds: 5}}}], catch: {retry: {delay: {seconds: 1}, limit: "
                  "{attempt: {count: 3, duration: "
                  "{seconds: 1}}}}}}\n"));
  run.Start();
  EXPECT_EQ(run.timers().size(), 2U);
  EXPECT_EQ(run.MoveTo(TestProgram("- t: {try: [{w: {wait: {seconds: 5}}}], catch: {}}\n")), "");
  EXPECT_EQ(run.timers().size(), 1U);
}

TEST(Migration, ATimeoutThatRunsStays) {
  MigrationRun run(TestProgram("- d: {do: [{w: {wait: {seconds: 5}}}], timeout: {after: {seconds: 1}}}\n"));
  run.Start();
  EXPECT_EQ(run.MoveTo(TestProgram("- d: {do: [{w: {wait: {seconds: 5}}}]}\n")), "");
  run.Move();
  EXPECT_EQ(run.state().phase, Phase::kFaulted);
  EXPECT_EQ(run.state().error["status"], Json(408));
  EXPECT_EQ(run.now_us(), 2'000'000);
}

TEST(Migration, ACallWithSecretsIsMadeAnewOnlyAsItWas) {
  const std::string head = "use: {secrets: [s]}\n";
  MigrationRun run(TestProgram("- c: {call: ping, with: {key: '${ $secrets.s }', n: 1}}\n", head));
  run.Start();
  const char* obstacle =
      "/do/0/c is defined in another way, and its request, which holds secrets, is made anew for each "
      "attempt\n";
  EXPECT_EQ(run.MoveTo(TestProgram("- c: {call: ping, with: {key: '${ $secrets.s }', n: 2}}\n", head)),
            obstacle);
  EXPECT_EQ(run.MoveTo(TestProgram("- c: {call: ping, with: {n: 1}}\n", head)), obstacle);
  EXPECT_EQ(run.MoveTo(TestProgram(
                "- c: {call: ping, with: {key: '${ $secrets.s }', n: 1}}\n- d: {set: '${ . + 1 }'}\n", head)),
            "");
  EXPECT_EQ(run.Finish(), Json(4));
}

constexpr const char* kListen = "- l: {listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}}}\n";

Json EventOf(const char* type) {
  return Json::Object({{"type", type}, {"source", "/s"}, {"id", type}, {"data", type}});
}

TEST(Migration, AListenThatHasTakenEventsGoesOnWithThem) {
  MigrationRun run(TestProgram(kListen));
  run.Start();
  run.Send(EventOf("b"));
  EXPECT_EQ(run.MoveTo(TestProgram(std::string(kListen) + "- s: {set: '${ {got: .} }'}\n")), "");
  run.Send(EventOf("a"));
  EXPECT_EQ(run.state().output, J(R"({"got":["b","a"]})"));
}

TEST(Migration, AListenThatHasTakenEventsMustWantTheSame) {
  MigrationRun run(TestProgram(kListen));
  run.Start();
  run.Send(EventOf("b"));
  EXPECT_EQ(run.MoveTo(TestProgram("- l: {listen: {to: {one: {with: {type: c}}}}}\n")),
            "/do/0/l listens for other events in that version, or handles them otherwise, and has taken some "
            "already\n");
}

TEST(Migration, AListenThatHasTakenNothingListensForWhatTheNewVersionWants) {
  MigrationRun run(TestProgram(kListen));
  run.Start();
  EXPECT_EQ(
      run.MoveTo(TestProgram(
          "- l: {listen: {to: {one: {with: {type: c}}}}, foreach: {do: [{s: {set: '${ {it: .} }'}}]}}\n")),
      "");
  ASSERT_EQ(run.subscribed().size(), 1U);
  EXPECT_EQ(run.subscribed()[0].types, std::vector<std::string>{"c"});
  run.Send(EventOf("c"));
  EXPECT_EQ(run.state().output, J(R"([{"it":"c"}])"));
}

TEST(Migration, InsideARoundOfForeach) {
  const auto with = [](std::string_view rest) {
    return TestProgram(
        "- l: {listen: {to: {any: [{with: {type: a}}], until: '${ length == 2 }'}}, foreach: {item: it, do: "
        "[{w: {wait: "
        "{seconds: 1}}}" +
        std::string(rest) + "]}}\n");
  };
  MigrationRun run(with(""));
  run.Start();
  run.Send(EventOf("a"));
  EXPECT_EQ(run.MoveTo(with(", {s: {set: '${ {moved: $it} }'}}")), "");
  run.Send(EventOf("a"));
  EXPECT_EQ(run.Finish(), J(R"([{"moved":"a"},{"moved":"a"}])"));
}

TEST(Migration, InsideAFunctionThatIsStillCalled) {
  const auto head = [](std::string_view body) {
    return "use: {functions: {f: {do: [{w: {wait: {seconds: 1}}}, {s: {set: '" + std::string(body) +
           "'}}]}, g: {set: {x: 1}}}}\n";
  };
  MigrationRun run(TestProgram("- c: {call: f, with: {n: 4}}\n", head("${ .n }")));
  run.Start();
  EXPECT_EQ(run.MoveTo(TestProgram("- c: {call: g}\n", head("${ .n }"))),
            "/use/functions/f is not in that version\n");
  EXPECT_EQ(run.MoveTo(TestProgram("- c: {call: f, with: {n: 9}}\n", head("${ .n + 1 }"))), "");
  EXPECT_EQ(run.Finish(), Json(5));
}

constexpr const char* kExtension =
    "use: {extensions: [{e: {extend: wait, before: [{b: {set: '${ . }'}}], after: [{p: {wait: {seconds: "
    "1}}}]}}]}\n";

TEST(Migration, ATaskInsideExtensions) {
  MigrationRun run(TestProgram(
      "- w: {wait: {seconds: 1}, then: z}\n- y: {set: '${ 0 }'}\n- z: {set: '${ . + 1 }'}\n", kExtension));
  run.Start(Json(1));
  run.Move();  // the task is done; what comes after it waits
  EXPECT_EQ(run.MoveTo(TestProgram("- w: {wait: {seconds: 1}, then: z}\n- z: {set: '${ . + 1 }'}\n")),
            "/do/0/w has fewer extensions around it\n");
  EXPECT_EQ(run.MoveTo(TestProgram("- w: {wait: {seconds: 1}, then: z}\n- y: {set: '${ 0 }'}\n- x: {set: '${ "
                                   "0 }'}\n- z: {set: '${ . + "
                                   "2 }'}\n",
                                   kExtension)),
            "");
  EXPECT_EQ(run.Finish(), Json(3));
}

TEST(Migration, AJumpThatWaitsForAnExtension) {
  const char* head = "use: {extensions: [{e: {extend: switch, after: [{p: {wait: {seconds: 1}}}]}}]}\n";
  const char* choice = "- c: {switch: [{one: {when: '${ true }', then: z}}]}\n";
  MigrationRun run(
      TestProgram(choice + std::string("- y: {set: '${ 0 }'}\n- z: {set: '${ . + 1 }'}\n"), head));
  run.Start(Json(1));
  EXPECT_EQ(run.MoveTo(TestProgram(choice + std::string("- z: {set: '${ . + 1 }'}\n"), head)), "");
  EXPECT_EQ(
      run.MoveTo(TestProgram(
          choice + std::string("- y: {set: '${ 0 }'}\n- x: {set: '${ 0 }'}\n- z: {set: '${ . + 2 }'}\n"),
          head)),
      "");
  EXPECT_EQ(run.Finish(), Json(3));
}

TEST(Migration, ATaskThatGetsExtensions) {
  MigrationRun run(TestProgram("- w: {wait: {seconds: 1}}\n"));
  run.Start();
  EXPECT_EQ(run.MoveTo(TestProgram("- w: {wait: {seconds: 1}}\n", kExtension)),
            "/do/0/w has more extensions around it\n");
}

TEST(Migration, BetweenTasksTheNextOneCounts) {
  const MachineLimits one_task{.tasks_per_step = 1};
  const char* before = "- a: {set: '${ . + 1 }'}\n- b: {set: '${ . + 1 }'}\n- c: {set: '${ . + 1 }'}\n";
  MigrationRun run(TestProgram(before), one_task);
  run.Feed(Start{Json(0)});
  EXPECT_EQ(run.MoveTo(TestProgram("- a: {set: '${ . + 1 }'}\n- c: {set: '${ . + 1 }'}\n")),
            "/do/1/b is not in that version\n");
  EXPECT_EQ(run.MoveTo(TestProgram(
                "- b: {set: '${ . + 10 }'}\n- n: {set: '${ . + 100 }'}\n- c: {set: '${ . + 1 }'}\n")),
            "");
  EXPECT_EQ(run.Finish(), Json(112));
}

TEST(Migration, TheJournalSaysWhatWasDone) {
  MigrationRun run(TestProgram("- w: {wait: {seconds: 1}}\n"));
  run.Start();
  EXPECT_EQ(run.MoveTo(TestProgram("- x: {set: '${ . }'}\n- w: {wait: {seconds: 1}}\n")), "");
  const Event& event = run.events().back();
  EXPECT_EQ(NameOf(event.type), "execution.migrated");
  EXPECT_EQ(*event.data, J(R"({"from":"1.0.0","to":"1.0.0","reason":"because","by":"test"})"));
}

}  // namespace
}  // namespace elevaite::engine

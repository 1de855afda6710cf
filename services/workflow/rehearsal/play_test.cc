#include "services/workflow/rehearsal/play.h"

#include <gmock/gmock.h>

#include "services/workflow/rehearsal/testing.h"

namespace elevaite::rehearsal {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kAsk =
    "- ask: {call: http, with: {method: get, endpoint: 'https://shop.example/orders'}}\n";

TEST(Play, ComparesTheOutput) {
  const auto program = ProgramOf("- add: {set: {sum: '${ .a + .b }', list: [1, 2]}}\n");
  EXPECT_EQ(
      Judged(
          CaseOf("- name: x\n  given: {input: {a: 1, b: 2}}\n  expect: {output: {sum: 3, list: [1, 2]}}\n"),
          program),
      "");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given: {input: {a: 1, b: 2}}\n  expect: {output: {sum: 4, list: [1], "
                          "more: 0}}\n"),
                   program),
            "output: output differs\n"
            "  {\"path\":\"/sum\",\"expected\":4,\"actual\":3}\n"
            "  {\"path\":\"/list/1\",\"actual\":2}\n"
            "  {\"path\":\"/more\",\"expected\":0}\n");
}

TEST(Play, ExpectsCompletionUnlessToldOtherwise) {
  const auto program = ProgramOf("- no: {raise: {error: {type: 'urn:x', status: 418, title: No}}}\n");
  EXPECT_THAT(Judged(CaseOf("- name: x\n"), program),
              HasSubstr("status: expected completed, but it is faulted: {\"type\":\"urn:x\""));
  EXPECT_EQ(Judged(CaseOf("- {name: x, expect: {status: faulted}}\n"), program), "");
  EXPECT_EQ(Judged(CaseOf("- {name: x, expect: {error: {type: 'urn:x', status: 418}}}\n"), program), "");
  EXPECT_THAT(Judged(CaseOf("- {name: x, expect: {error: {type: timeout}}}\n"), program),
              HasSubstr("error: error differs\n  {\"path\":\"/type\""));
}

TEST(Play, MonthsTakeNoTime) {
  const auto program =
      ProgramOf("- pause: {wait: P90D}\n- go: {set: {at: '${ $task.startedAt.iso8601 }'}}\n");
  const Case test = CaseOf(
      "- name: x\n  given: {at: '2026-01-01T00:00:00Z'}\n"
      "  expect: {output: {at: '2026-04-01T00:00:00.000Z'}, duration: P90D}\n");
  const Played played = Play(test, program, {});
  EXPECT_TRUE(Judge(test, played).empty());
  EXPECT_LT(played.took, std::chrono::seconds(1));
  EXPECT_EQ(Judged(CaseOf("- {name: x, expect: {duration: P91D}}\n"), program),
            "duration: expected 91d, but it took 90d\n");
}

TEST(Play, AnswersOfPeopleMayComeTooLate) {
  const auto program = ProgramOf(
      "- ask: {call: human.approve, with: {title: Go?, deadline: {after: P2D, decision: expired}}}\n"
      "- say: {set: {was: '${ .decision }'}}\n");
  const auto said = [&](const std::string& delay) {
    return Judged(
        CaseOf("- name: x\n  given: {mocks: [{call: human.approve, output: {decision: approve}, delay: " +
               delay + "}]}\n  expect: {output: {was: expired}, duration: P2D}\n"),
        program);
  };
  EXPECT_EQ(said("P3D"), "");
  EXPECT_NE(said("P1D"), "");
  const auto without =
      ProgramOf("- ask: {call: human.approve, with: {title: Go?, deadline: {after: P2D}}}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given: {mocks: [{call: human.approve, output: {}, delay: P3D}]}\n"
                          "  expect: {error: {type: timeout, status: 408}, duration: P2D}\n"),
                   without),
            "");
  const auto wrong = ProgramOf("- ask: {call: human.approve, with: {title: '${ \"\" }'}}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given: {mocks: [{call: human.approve, output: {}}]}\n"
                          "  expect: {error: {type: validation}}\n"),
                   wrong),
            "");
}

TEST(Play, AnswersInTurnAndThenNoMore) {
  const auto twice = ProgramOf(
      std::string(kAsk) + "- then: {call: http, with: {method: get, endpoint: 'https://shop.example/x'}}\n");
  const std::string answers =
      "- name: x\n  given:\n    mocks:\n      - {call: http, answers: [{output: {n: 1}}, {output: {n: 2}}]}\n"
      "  expect: {output: {n: 2}}\n";
  EXPECT_EQ(Judged(CaseOf(answers), twice), "");
  const std::string one =
      "- name: x\n  given:\n    mocks:\n      - {call: http, answers: [{output: {n: 1}}]}\n  expect: "
      "{output: {n: 1}}\n";
  EXPECT_THAT(Judged(CaseOf(one), twice),
              HasSubstr("play: the call of task `then` (http) has no answer: all answers"));
  EXPECT_EQ(
      Judged(
          CaseOf("- name: x\n  given:\n    mocks:\n      - {call: http, output: 7}\n  expect: {output: 7}\n"),
          twice),
      "");
}

TEST(Play, ACallWithoutAMockShowsOneToAdd) {
  EXPECT_EQ(Judged(CaseOf("- name: x\n"), ProgramOf(kAsk)),
            "play: the call of task `ask` (http) has no answer\n"
            "  it asks: {\"method\": \"get\", \"endpoint\": \"https://shop.example/orders\"}\n"
            "  add to given.mocks:\n"
            "    - task: ask\n"
            "      output: {}\n");
}

TEST(Play, PicksTheMockByItsCondition) {
  const auto program = ProgramOf(
      "- each:\n    for: {in: '${ .ids }', each: id}\n    do:\n"
      "      - ask: {call: http, with: {method: get, endpoint: '${ \"https://shop.example/\\($id)\" }'},"
      " output: {as: '${ [.] }'}}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given:\n    input: {ids: [1, 2]}\n    mocks:\n"
                          "      - {task: ask, when: '.endpoint | endswith(\"/2\")', output: two}\n"
                          "      - {task: ask, when: '.endpoint | endswith(\"/1\")', output: one}\n"
                          "  expect: {output: [two]}\n"),
                   program),
            "");
}

TEST(Play, RetriesSeeEachAnswer) {
  const auto program = ProgramOf("- safe:\n    try:\n  " + std::string("    ") + std::string(kAsk) +
                                 "    catch:\n      errors: {with: {status: 503}}\n"
                                 "      retry: {delay: PT1M, limit: {attempt: {count: 3}}}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given:\n    mocks:\n"
                          "      - {task: ask, answers: [{error: {type: communication, status: 503}}, "
                          "{output: ok, delay: PT10S}]}\n"
                          "  expect: {output: ok, duration: PT70S, ran: [safe, ask, ask]}\n"),
                   program),
            "");
}

TEST(Play, ADelayMeetsTheTimeoutOfItsTask) {
  const auto program = ProgramOf(
      "- ask: {call: http, with: {method: get, endpoint: 'https://a.example'}, timeout: {after: PT30S}}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given: {mocks: [{task: ask, output: 1, delay: PT1M}]}\n"
                          "  expect: {error: {type: timeout}, duration: PT30S}\n"),
                   program),
            "");
}

TEST(Play, ADelayMeetsTheBoundOfAnAttempt) {
  const auto program = ProgramOf(
      "- ask:\n    call: http\n    with: {method: get, endpoint: 'https://a.example'}\n"
      "    metadata: {elevaite: {timeouts: {attempt: PT5S}}}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  given: {mocks: [{task: ask, output: 1, delay: PT1M}]}\n"
                          "  expect: {error: {type: timeout}, duration: PT5S}\n"),
                   program),
            "");
}

TEST(Play, ChecksWhatWasAskedFor) {
  const auto program = ProgramOf(
      "- send: {call: http, with: {method: post, endpoint: 'https://a.example', body: {n: '${ .n }'}}}\n");
  const auto judged = [&](const std::string& calls) {
    return Judged(
        CaseOf("- name: x\n  given: {input: {n: 3}, mocks: [{task: send, output: 1}]}\n  expect: {calls: " +
               calls + "}\n"),
        program);
  };
  EXPECT_EQ(judged("[{task: send, call: http, request: {method: post, body: {n: 3}}}]"), "");
  EXPECT_EQ(judged("[{request: {body: {n: 4}}}]"),
            "calls: call 1 by task `send` asks for something else\n"
            "  {\"path\":\"/body/n\",\"expected\":4,\"actual\":3}\n");
  EXPECT_EQ(judged("[]"), "calls: expected 0 calls, but 1 were made: send (http)\n");
  EXPECT_EQ(judged("[{task: other}]"), "calls: call 1 is by task `send` (http)\n");
}

TEST(Play, SecretsAreNotShown) {
  const auto program = ProgramOf(
      "- ask: {call: http, with: {method: get, endpoint: 'https://a.example', headers: {key: '${ "
      "$secrets.apiKey }'}}}\n",
      "main", "use: {secrets: [apiKey]}\n");
  const std::string failed = Judged(CaseOf("- name: x\n  given: {secrets: {apiKey: hunter2}}\n"), program);
  EXPECT_THAT(failed, HasSubstr("(secret)"));
  EXPECT_THAT(failed, ::testing::Not(HasSubstr("hunter2")));
}

TEST(Play, EventsComeWhenSomethingListensOrInTime) {
  const auto program = ProgramOf(
      "- order: {listen: {to: {one: {with: {type: order}}}}}\n"
      "- tell: {emit: {event: {with: {source: 'https://a.example', type: told, data: {n: 1}}}}}\n"
      "- pause: {wait: P1D}\n- paid: {listen: {to: {one: {with: {type: paid}}}}}\n");
  EXPECT_EQ(
      Judged(
          CaseOf("- name: x\n  when:\n    events:\n      - {type: order, data: {n: 1}}\n"
                 "      - {type: paid, after: P3D, data: {paid: true}}\n"
                 "  expect: {duration: P3D, output: [{paid: true}], events: [{type: told, data: {n: 1}}]}\n"),
          program),
      "");
  EXPECT_EQ(Judged(CaseOf("- name: x\n  when: {events: [{type: order}]}\n"), program),
            "status: expected completed, but it is waiting: task `paid` waits for an event\n");
}

TEST(Play, Cancels) {
  const auto program = ProgramOf("- pause: {wait: PT1H}\n- go: {set: {x: 1}}\n");
  EXPECT_EQ(Judged(CaseOf("- {name: x, when: {cancel: {after: PT5M}}, expect: {status: cancelled, never: "
                          "[go], duration: PT5M}}\n"),
                   program),
            "");
}

TEST(Play, TheScheduleStartsItAsTimePasses) {
  const auto program = ProgramOf("- go: {set: {x: 1}}\n", "main", "schedule: {cron: '30 2 * * *'}\n");
  // In the first night there is no 02:30.
  EXPECT_EQ(
      Judged(
          CaseOf(
              "- name: x\n  given: {at: '2026-03-28T12:00:00Z', zone: Europe/Zurich}\n  when: {passes: P3D}\n"
              "  expect: {output: {x: 1}, starts: ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z', "
              "'2026-03-31T00:30:00Z']}\n"),
          program),
      "");
  EXPECT_EQ(Judged(CaseOf("- {name: x, when: {passes: PT1M}, expect: {starts: []}}\n"), program), "");
  EXPECT_EQ(Judged(CaseOf("- {name: x, when: {passes: PT1M}}\n"), program),
            "play: nothing has started the workflow\n");
}

TEST(Play, WorkflowsThatTasksRunAreRealOrMocked) {
  const auto child = ProgramOf("- double: {set: {n: '${ .n * 2 }'}}\n", "child");
  const auto parent = ProgramOf(
      "- run: {run: {workflow: {namespace: test, name: child, version: latest, input: {n: '${ .n }'}}}}\n");
  EXPECT_EQ(Judged(CaseOf("- {name: x, given: {input: {n: 4}}, expect: {output: {n: 8}, calls: []}}\n"),
                   parent, {child}),
            "");
  EXPECT_EQ(Judged(CaseOf("- {name: x, given: {input: {n: 4}, mocks: [{workflow: child, output: 5}]}, "
                          "expect: {output: 5}}\n"),
                   parent, {child}),
            "");
  EXPECT_THAT(Judged(CaseOf("- name: x\n"), parent), HasSubstr("- workflow: test.child\n"));
}

TEST(Play, AWorkflowForEachItem) {
  const auto child = ProgramOf(
      "- check: {if: '${ . == 3 }', raise: {error: {type: 'urn:three', status: 400}}}\n- double: {set: '${ . "
      "* 2 }'}\n",
      "child");
  const auto parent = ProgramOf(
      "- all: {call: flow.map, with: {items: '${ .items }', concurrency: 2, workflow: {namespace: test, "
      "name: child}}}\n");
  EXPECT_EQ(Judged(CaseOf("- {name: x, given: {input: {items: [1, 2, 5]}}, expect: {output: [2, 4, 10]}}\n"),
                   parent, {child}),
            "");
  EXPECT_EQ(
      Judged(
          CaseOf("- {name: x, given: {input: {items: [1, 3, 5]}}, expect: {error: {type: 'urn:three'}}}\n"),
          parent, {child}),
      "");
}

TEST(Play, WhatNeverEndsIsStopped) {
  const auto endless =
      ProgramOf("- a: {set: {x: 1}}\n- b: {switch: [{again: {when: '${ .x == 1 }', then: a}}]}\n");
  EXPECT_THAT(Judged(CaseOf("- name: x\n"), endless, {}, {.tasks_max = 1'000}),
              HasSubstr("status: expected completed, but it is faulted"));
  EXPECT_THAT(Judged(CaseOf("- name: x\n"), endless, {},
                     {.wall_time = std::chrono::milliseconds(20), .tasks_max = 1'000'000'000}),
              HasSubstr("play: the case took longer than 20ms"));
  const auto waits = ProgramOf("- a: {wait: P100D}\n- b: {set: {x: 1}, then: a}\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n"), waits),
            "play: the case has not ended after 100 years of its time\n");
  EXPECT_EQ(Judged(CaseOf("- name: x\n"), waits, {}, {.moves_max = 10}),
            "play: the clock was moved 10 times and the case has not ended\n");
}

}  // namespace
}  // namespace elevaite::rehearsal

#include "services/workflow/rehearsal/recording.h"

#include <gmock/gmock.h>

#include "services/workflow/rehearsal/replay.h"
#include "services/workflow/rehearsal/testing.h"

namespace elevaite::rehearsal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kServer = "https://flows.example";

Recorded RecordOf(const Played& played) {
  auto recorded = Record(played.stage->run(*played.main), kServer);
  if (!recorded) ADD_FAILURE() << recorded.error().message;
  return recorded ? *std::move(recorded) : Recorded{};
}

// Plays the case, records the run, plays the record: it must pass, and differ in nothing. Gives the record.
std::string RoundTrip(std::string_view text, const std::shared_ptr<const dsl::Program>& program,
                      const std::vector<std::shared_ptr<const dsl::Program>>& others = {}) {
  const Case test = CaseOf(text);
  const Played played = Play(test, program, others);
  EXPECT_EQ(played.trouble, "");
  const Recorded recorded = RecordOf(played);
  const Case again = CaseOf(recorded.source);
  EXPECT_EQ(Judged(again, program, others), "") << recorded.source;
  const Played replayed = Play(again, program, others);
  EXPECT_TRUE(CompareReplay(again, recorded.tasks, replayed).empty()) << recorded.source;
  EXPECT_EQ(replayed.ended_us - replayed.started_us, played.ended_us - played.started_us) << recorded.source;
  return recorded.source;
}

constexpr std::string_view kAsk =
    "- ask: {call: http, with: {method: get, endpoint: 'https://shop.example/orders'}}\n";

TEST(Recording, HasInputAnswersAndOutput) {
  const std::string source =
      RoundTrip("- name: x\n  given: {input: {n: 1}, mocks: [{task: ask, output: {id: 7}, delay: PT2S}]}\n",
                ProgramOf(std::string(kAsk) + "- then: {set: '${ . + {done: true} }'}\n"));
  EXPECT_THAT(source,
              HasSubstr("      - task: ask\n        output:\n          id: 7\n        delay: PT2S\n"));
  EXPECT_THAT(source, HasSubstr("    output:\n      id: 7\n      done: true\n"));
  EXPECT_THAT(source, HasSubstr("          endpoint: https://shop.example/orders\n"));
}

TEST(Recording, HasEachAttempt) {
  RoundTrip(
      "- name: x\n  given:\n    mocks:\n"
      "      - {task: ask, answers: [{error: {type: communication, status: 503}}, {error: {type: "
      "timeout}}]}\n",
      ProgramOf("- safe:\n    try:\n      " + std::string(kAsk) +
                "    catch:\n      errors: {with: {status: 503}}\n      retry: {delay: PT1M, limit: "
                "{attempt: {count: 3}}}\n"));
}

TEST(Recording, OfATaskWithOutputAsHasWhatItGives) {
  const auto program = ProgramOf(
      "- ask: {call: http, with: {method: get, endpoint: 'https://a.example'}, output: {as: '${ .items | "
      "length }'}}\n");
  const std::string source =
      RoundTrip("- name: x\n  given: {mocks: [{task: ask, output: {items: [1, 2, 3]}}]}\n", program);
  EXPECT_THAT(source, HasSubstr("gives: 3\n"));
}

TEST(Recording, ACallThatGivesBackItsInput) {
  RoundTrip("- name: x\n  given: {input: {n: 1}, mocks: [{task: ask, output: {n: 1}}]}\n", ProgramOf(kAsk));
}

TEST(Recording, TasksOfTheSameNameAreToldApart) {
  const auto program = ProgramOf(
      "- a: {do: [{ask: {call: http, with: {method: get, endpoint: 'https://a.example/1'}}}]}\n"
      "- b: {do: [{ask: {call: http, with: {method: get, endpoint: 'https://a.example/2'}}}]}\n");
  const std::string source = RoundTrip(
      "- name: x\n  given: {mocks: [{call: http, answers: [{output: 1}, {output: 2}]}]}\n", program);
  EXPECT_THAT(source, HasSubstr("- task: /do/0/a/do/0/ask\n"));
}

TEST(Recording, HasEventsByWhatTheirListenersWant) {
  const auto program = ProgramOf(
      "- order: {listen: {to: {one: {with: {type: order, source: 'https://a.example'}}}}}\n"
      "- paid: {listen: {to: {all: [{with: {type: paid}}, {with: {type: sent}}]}, read: envelope}, output: "
      "{as: '${ map(.data) }'}}\n");
  RoundTrip(
      "- name: x\n  when:\n    events:\n      - {type: order, source: 'https://a.example', after: P1D, data: "
      "{n: 1}}\n"
      "      - {type: sent, after: P2D, data: s}\n      - {type: paid, after: P3D, data: p}\n",
      program);
}

TEST(Recording, OfWhatWasCancelled) {
  RoundTrip(
      "- name: x\n  given: {mocks: [{task: ask, output: 1, delay: PT10M}]}\n  when: {cancel: {after: PT1M, "
      "reason: enough}}\n",
      ProgramOf(kAsk));
}

TEST(Recording, TheBranchThatLostNeverAnswers) {
  RoundTrip(
      "- name: x\n  given: {mocks: [{task: slow, output: 1, delay: PT10M}, {task: fast, output: 2, delay: "
      "PT1S}]}\n",
      ProgramOf("- race:\n    fork:\n      compete: true\n      branches:\n"
                "        - slow: {call: http, with: {method: get, endpoint: 'https://a.example'}}\n"
                "        - fast: {call: http, with: {method: get, endpoint: 'https://b.example'}}\n"));
}

TEST(Recording, WorkflowsThatItRanAreMocks) {
  const auto child = ProgramOf("- double: {set: {n: '${ .n * 2 }'}}\n", "child");
  const auto parent = ProgramOf(
      "- run: {run: {workflow: {namespace: test, name: child, version: latest, input: {n: '${ .n }'}}}}\n");
  RoundTrip("- {name: x, given: {input: {n: 4}}}\n", parent, {child});
}

TEST(Recording, HasNoSecrets) {
  const auto program = ProgramOf(
      "- ask: {call: http, with: {method: get, endpoint: 'https://a.example', headers: {key: '${ "
      "$secrets.apiKey }'}}}\n",
      "main", "use: {secrets: [apiKey]}\n");
  const std::string source = RoundTrip(
      "- name: x\n  given: {secrets: {apiKey: hunter2}, mocks: [{task: ask, output: 1}]}\n", program);
  EXPECT_THAT(source, Not(HasSubstr("hunter2")));
  EXPECT_THAT(source, HasSubstr("apiKey: (secret)"));
}

TEST(Recording, KeepsTheAddressOfTheServerThatItAsked) {
  const auto program = ProgramOf(
      "- ask: {call: http, with: {method: get, endpoint: '${ $runtime.metadata.baseUrl + \"/health\" }'}}\n");
  const std::string source = RoundTrip(
      "- name: x\n  given: {baseUrl: 'https://flows.example', mocks: [{task: ask, output: 1}]}\n", program);
  EXPECT_THAT(source, HasSubstr("    baseUrl: https://flows.example\n"));
}

TEST(Recording, RefusesWhatHasNotEndedOrIsTooLarge) {
  const auto waits = ProgramOf("- hear: {listen: {to: {one: {with: {type: x}}}}}\n");
  const Case test = CaseOf("- name: x\n");
  const Played played = Play(test, waits, {});
  EXPECT_EQ(Record(played.stage->run(*played.main), kServer).error().code, ErrorCode::kConflict);
  const auto big = ProgramOf("- a: {set: '${ \"x\" * 1100000 }'}\n");
  const Played large = Play(test, big, {});
  EXPECT_EQ(Record(large.stage->run(*large.main), kServer).error().code, ErrorCode::kPayloadTooLarge);
}

// ---- Against another version ----

std::string Differences(const std::shared_ptr<const dsl::Program>& after) {
  const auto before = ProgramOf(
      "- ask: {call: http, with: {method: get, endpoint: 'https://shop.example/orders'}}\n"
      "- tell: {call: http, with: {method: post, endpoint: 'https://mail.example', body: {id: '${ .id }'}}}\n"
      "- end: {set: {text: sent}}\n");
  const Case test =
      CaseOf("- name: x\n  given: {mocks: [{task: ask, output: {id: 7}}, {task: tell, output: ok}]}\n");
  const Recorded recorded = RecordOf(Play(test, before, {}));
  const Case again = CaseOf(recorded.source);
  std::string text;
  for (const Failure& failure : CompareReplay(again, recorded.tasks, Play(again, after, {}))) {
    text += failure.about + ": " + failure.message + "\n";
    for (const Difference& difference : failure.differences) text += "  " + ToJson(difference).Dump() + "\n";
  }
  return text;
}

TEST(Replay, SaysWhichCallsWouldDiffer) {
  EXPECT_EQ(
      Differences(ProgramOf(
          "- tell: {call: http, with: {method: post, endpoint: 'https://mail.example', body: {id: 8}}}\n"
          "- end: {set: {text: sent}}\n")),
      "tasks: task 1 was `ask` and would be `tell`\n"
      "calls: the call of task `ask` (http) would not be made\n"
      "calls: task `tell` would ask for something else\n"
      "  {\"path\":\"/body/id\",\"expected\":7,\"actual\":8}\n");
}

TEST(Replay, SaysWhatIsNew) {
  EXPECT_THAT(Differences(ProgramOf(
                  "- ask: {call: http, with: {method: get, endpoint: 'https://shop.example/orders'}}\n"
                  "- check: {call: http, with: {method: get, endpoint: 'https://shop.example/check'}}\n")),
              HasSubstr("tasks: task 2 was `tell` and would be `check`\n"
                        "play: the call of task `check` (http) has no answer\n"));
}

TEST(Replay, SaysThatTheOutputDiffers) {
  EXPECT_EQ(Differences(ProgramOf(
                "- ask: {call: http, with: {method: get, endpoint: 'https://shop.example/orders'}}\n"
                "- tell: {call: http, with: {method: post, endpoint: 'https://mail.example', body: {id: '${ "
                ".id }'}}}\n"
                "- end: {set: {text: gone}}\n- more: {set: '${ . }'}\n")),
            "tasks: task `more` would run after the last one\n"
            "output: output differs\n"
            "  {\"path\":\"/text\",\"expected\":\"sent\",\"actual\":\"gone\"}\n");
}

}  // namespace
}  // namespace elevaite::rehearsal

#include "dsl/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dsl/outline.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const TestFunctions& Functions() {
  static const TestFunctions functions;
  return functions;
}

CompileResult CompilePart(std::string_view part, const Limits& limits = {}) {
  return Compile(WholeExample(part), {.functions = &Functions(), .limits = limits});
}

std::shared_ptr<const Program> ProgramOf(std::string_view part) {
  CompileResult result = CompilePart(part);
  for (const Diagnostic& diagnostic : result.diagnostics) ADD_FAILURE() << ToText(diagnostic);
  return result.program;
}

std::string FirstMessage(const CompileResult& result) {
  return result.diagnostics.empty() ? "" : ToText(result.diagnostics.front());
}

TEST(Compile, LaysTasksOutInTheOrderOfTheTextWithTheirPlaces) {
  const auto program = ProgramOf(R"(do:
  - load:
      for: {each: order, at: n, in: .orders}
      while: $n < 3
      do:
        - save/it: {set: {id: '${ $order.id }'}, then: exit}
  - both:
      fork:
        compete: true
        branches:
          - left: {wait: PT1S}
          - right: {wait: PT2S}
  - end it: {raise: {error: {type: 'https://example.com/e', status: 400}}}
)");
  ASSERT_NE(program, nullptr);
  ASSERT_EQ(program->all.size(), 6U);
  EXPECT_THAT(program->tasks, ElementsAre(0U, 2U, 5U));
  const Task& loop = program->all[0];
  EXPECT_EQ(loop.kind, TaskKind::kFor);
  EXPECT_EQ(loop.reference, "/do/0/load");
  EXPECT_EQ(loop.line, 7U);
  EXPECT_EQ(loop.column, 5U);
  EXPECT_EQ(loop.parent, kNoTask);
  const auto& body = std::get<ForTask>(loop.body);
  EXPECT_EQ(body.each, "order");
  EXPECT_EQ(body.at, "n");
  ASSERT_NE(body.in.expression(), nullptr);
  EXPECT_EQ(body.in.expression()->text(), ".orders");
  ASSERT_TRUE(body.while_condition);
  EXPECT_THAT(body.while_condition->program().variables(), ElementsAre("n"));
  const Task& save = program->all[1];
  EXPECT_EQ(save.reference, "/do/0/load/do/0/save~1it");
  EXPECT_EQ(save.parent, 0U);
  EXPECT_EQ(save.then.kind, Flow::Kind::kExit);
  EXPECT_EQ(save.definition["then"], Json("exit"));
  const auto& fork = std::get<ForkTask>(program->all[2].body);
  EXPECT_TRUE(fork.compete);
  EXPECT_THAT(fork.branches, ElementsAre(3U, 4U));
  EXPECT_EQ(program->all[4].position, 1U);
  EXPECT_EQ(program->all[4].reference, "/do/1/both/fork/branches/1/right");
  EXPECT_EQ(std::get<WaitTask>(program->all[4].body).duration.microseconds, 2'000'000);
}

TEST(Compile, ResolvesJumpsToPositions) {
  const auto program = ProgramOf(R"(do:
  - choose:
      switch:
        - big: {when: .n > 9, then: last}
        - other: {then: end}
  - middle: {set: {x: 1}, then: choose}
  - last: {if: .again, set: {x: 2}, then: middle}
)");
  ASSERT_NE(program, nullptr);
  const auto& cases = std::get<SwitchTask>(program->all[0].body).cases;
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].then.kind, Flow::Kind::kTask);
  EXPECT_EQ(cases[0].then.position, 2U);
  EXPECT_FALSE(cases[1].when);
  EXPECT_EQ(cases[1].then.kind, Flow::Kind::kEnd);
  EXPECT_EQ(program->all[1].then.position, 0U);
  EXPECT_EQ(program->all[2].then.position, 1U);
}

TEST(Compile, ReadsTryWithANamedRetryPolicy) {
  const auto program = ProgramOf(R"(use:
  retries:
    often:
      when: $problem.status >= 500
      delay: {seconds: 3}
      backoff: {exponential: {factor: 1.5, max: PT1M}}
      limit: {attempt: {count: 5}, duration: PT10M}
      jitter: {from: PT0.1S, to: PT1S}
do:
  - attempt:
      try:
        - load: {call: http, with: {method: get, endpoint: 'https://example.com'}}
      catch:
        errors: {with: {type: https://serverlessworkflow.io/dsl/errors/types/communication, status: 503}}
        as: problem
        exceptWhen: $problem.detail == "no"
        retry: often
        do:
          - note: {set: {why: '${ $problem.title }'}}
        then: done
  - skipped: {set: {x: 1}}
  - done: {set: {x: 2}}
)");
  ASSERT_NE(program, nullptr);
  const auto& body = std::get<TryTask>(program->all[0].body);
  EXPECT_THAT(body.tasks, ElementsAre(1U));
  EXPECT_THAT(body.catch_tasks, ElementsAre(2U));
  EXPECT_EQ(program->all[2].reference, "/do/0/attempt/catch/do/0/note");
  EXPECT_EQ(body.as, "problem");
  EXPECT_EQ(
      body.error_filter.Dump(),
      R"({"type":"https://open-workflow-specification.org/spec/1.0.0/errors/communication","status":503})");
  EXPECT_EQ(body.catch_then.position, 2U);
  ASSERT_TRUE(body.retry);
  EXPECT_EQ(body.retry->attempts_max, 5U);
  EXPECT_EQ(body.retry->delay.microseconds, 3'000'000);
  EXPECT_EQ(body.retry->backoff, RetryPolicy::Backoff::kExponential);
  EXPECT_DOUBLE_EQ(body.retry->factor, 1.5);
  EXPECT_EQ(body.retry->delay_max_us, 60'000'000);
  EXPECT_EQ(body.retry->total_us, 600'000'000);
  EXPECT_EQ(body.retry->jitter_from_us, 100'000);
  EXPECT_EQ(body.retry->jitter_to_us, 1'000'000);
}

TEST(Compile, LeavesTheTasksOwnThenToTheTaskWhereACatchHasNone) {
  const auto program = ProgramOf(R"(do:
  - attempt:
      try: [{a: {set: {x: 1}}}]
      catch: {}
      then: end
)");
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(program->all[0].then.kind, Flow::Kind::kEnd);
  EXPECT_EQ(std::get<TryTask>(program->all[0].body).catch_then.kind, Flow::Kind::kContinue);
  EXPECT_TRUE(std::get<TryTask>(program->all[0].body).error_filter.IsNull());
}

TEST(Compile, KeepsLiteralsAsTheyAreAndComputesTheRest) {
  const auto program = ProgramOf(R"(do:
  - literal: {set: {n: 9007199254740993, d: 1.10, list: [a, {b: null}]}}
  - computed: {set: '${ .n }'}
  - mixed: {set: {a: 1, b: ['${ $workflow.input.y }']}}
  - pause: {wait: '${ .b[0] }'}
)");
  ASSERT_NE(program, nullptr);
  const auto& literal = std::get<SetTask>(program->all[0].body).value;
  ASSERT_NE(literal.literal(), nullptr);
  EXPECT_EQ(literal.literal()->Dump(), R"({"n":9007199254740993,"d":1.10,"list":["a",{"b":null}]})");
  const auto& computed = std::get<SetTask>(program->all[1].body).value;
  ASSERT_NE(computed.expression(), nullptr);
  EXPECT_EQ(computed.expression()->text(), " .n ");
  EXPECT_FALSE(std::get<SetTask>(program->all[2].body).value.IsLiteral());
  EXPECT_TRUE(std::get<WaitTask>(program->all[3].body).duration.computed);
}

TEST(Compile, NormalisesTheTypesOfRaisedErrors) {
  const auto program = ProgramOf(R"(use:
  errors:
    late: {type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout', status: 408}
do:
  - a: {raise: {error: late}}
)");
  ASSERT_NE(program, nullptr);
  const auto& error = std::get<RaiseTask>(program->all[0].body).error;
  jq::EvaluationOptions options;
  class NoVariables : public Scope {
    Json Variable(std::string_view) const override { return {}; }
  } scope;
  const auto value = error.Evaluate(Json(), EvaluationContext{scope, options});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->Dump(),
            R"({"type":"https://open-workflow-specification.org/spec/1.0.0/errors/timeout","status":408})");
}

TEST(Compile, SaysWhatTheDocumentIsEvenWithErrors) {
  const CompileResult result = Compile(R"(document:
  dsl: '1.0.3'
  namespace: shop
  name: orders
  version: 1.2.3
  title: Orders
  metadata: {sampleInput: {id: 7}}
do:
  - a: {sett: {x: 1}}
)");
  EXPECT_EQ(result.program, nullptr);
  ASSERT_TRUE(result.document);
  EXPECT_EQ(result.document->name_space, "shop");
  EXPECT_EQ(result.document->name, "orders");
  EXPECT_EQ(result.document->version, "1.2.3");
  EXPECT_EQ(result.document->metadata["sampleInput"]["id"], Json(7));
  EXPECT_EQ(result.format, Format::kYaml);
}

TEST(Compile, OutlinesTasksWithALineOfSubstanceEach) {
  const CompileResult result = CompilePart(R"(do:
  - load: {if: .go, call: http, with: {method: get, endpoint: {uri: 'https://example.com/{id}'}}, then: each}
  - each:
      for: {each: order, in: .orders}
      do: [{think: {call: llm.generate, with: {model: small, prompt: hi}}}]
  - choose:
      switch: [{big: {when: .n > 9, then: end}}, {other: {then: continue}}]
  - both:
      fork: {compete: true, branches: [{l: {wait: PT90S}}, {r: {set: {a: 1, b: 2}}}]}
  - attempt:
      try: [{a: {do: [{b: {set: '${ .x }'}}]}}]
      catch:
        errors: {with: {type: 'https://open-workflow-specification.org/spec/1.0.0/errors/communication', status: 503}}
        retry: {delay: PT1S, limit: {attempt: {count: 5}}}
        do: [{c: {raise: {error: {type: 'https://example.com/sold-out', status: 409}}}}]
  - later: {listen: {to: {any: []}}}
)");
  ASSERT_NE(result.syntax, nullptr);
  const Json outline = Outline(*result.syntax, Functions());
  const Json& tasks = outline["tasks"];
  EXPECT_EQ(
      tasks.At(0).Dump(),
      R"({"ref":"/do/0/load","name":"load","kind":"call","detail":"GET https://example.com/{id}","icon":"globe",)"
      R"("line":7,"column":5,"if":".go","then":"each"})");
  EXPECT_EQ(tasks.At(1)["detail"], Json("each order in .orders"));
  EXPECT_EQ(tasks.At(1)["children"].At(0)["detail"], Json("llm.generate with small"));
  EXPECT_EQ(
      tasks.At(2)["cases"].Dump(),
      R"([{"name":"big","when":".n > 9","then":"end"},{"name":"other","when":null,"then":"continue"}])");
  EXPECT_EQ(tasks.At(2)["detail"], Json("2 cases"));
  EXPECT_EQ(tasks.At(3)["compete"], Json(true));
  EXPECT_EQ(tasks.At(3)["detail"], Json("2 branches, the first wins"));
  EXPECT_EQ(tasks.At(3)["branches"].At(0)["detail"], Json("1m30s"));
  EXPECT_EQ(tasks.At(3)["branches"].At(1)["detail"], Json("a, b"));
  EXPECT_EQ(tasks.At(4)["detail"], Json("catches communication 503, retries 5 times"));
  EXPECT_EQ(tasks.At(4)["retry"].Dump(), R"({"limit":5})");
  EXPECT_EQ(tasks.At(4)["catch"].At(0)["detail"], Json("sold-out 409"));
  EXPECT_EQ(tasks.At(4)["children"].At(0)["children"].At(0)["detail"], Json("${ .x }"));
  EXPECT_EQ(tasks.At(5)["kind"], Json("listen"));
}

TEST(Compile, OutlinesASagaAsItIsWritten) {
  const CompileResult result = CompilePart(R"(do:
  - trip:
      call: flow.saga
      with:
        steps:
          - flight:
              do: [{book: {set: {x: 1}}}]
              undo: [{free: {set: {x: 2}}}]
          - hotel:
              do: [{stay: {set: {x: 3}}}]
              undo: [{leave: {set: {x: 4}}}]
          - car: {do: [{drive: {set: {x: 5}}}]}
)");
  const Json saga = Outline(*result.syntax, Functions())["tasks"].At(0);
  EXPECT_EQ(saga["role"].Dump() + saga["detail"].Dump(), "\"saga\"\"3 steps\"");
  std::string steps;
  for (const Json& step : saga["children"].AsArray()) {
    steps += std::string(step["ref"].AsString()) + " " + std::string(step["role"].AsString());
    for (const char* list : {"children", "catch"}) {
      for (const Json& task : step[list].AsArray()) steps += " " + std::string(task["ref"].AsString());
    }
    steps += "\n";
  }
  EXPECT_EQ(steps,
            "/do/0/trip/with/steps/0/flight step /do/0/trip/with/steps/0/flight/do/0/book"
            " /do/0/trip/with/steps/0/flight/undo/0/free\n"
            "/do/0/trip/with/steps/1/hotel step /do/0/trip/with/steps/1/hotel/do/0/stay"
            " /do/0/trip/with/steps/1/hotel/undo/0/leave\n"
            "/do/0/trip/with/steps/2/car step /do/0/trip/with/steps/2/car/do/0/drive\n");
}

TEST(Compile, OutlinesEventsAndProcesses) {
  const CompileResult result = CompilePart(R"(do:
  - tell: {emit: {event: {with: {type: com.example.told}}}}
  - hear:
      listen: {to: {any: [{with: {type: com.example.paid}}, {with: {source: x}}]}}
      foreach: {item: event, do: [{note: {set: {x: 1}}}]}
  - child: {run: {workflow: {namespace: shop, name: ship, version: '1.0.0'}, await: false}}
  - script: {run: {script: {language: js, code: x}}}
)");
  ASSERT_NE(result.syntax, nullptr);
  const Json tasks = Outline(*result.syntax, Functions())["tasks"];
  EXPECT_EQ(tasks.At(0)["detail"], Json("com.example.told"));
  EXPECT_EQ(tasks.At(1)["detail"], Json("com.example.paid or an event"));
  EXPECT_EQ(tasks.At(1)["children"].At(0)["name"], Json("note"));
  EXPECT_EQ(tasks.At(2)["detail"], Json("workflow shop/ship, not awaited"));
  EXPECT_EQ(tasks.At(3)["detail"], Json("script js"));
}

TEST(Compile, IsTheSameForTheSameDocumentInJson) {
  const CompileResult result = Compile(
      R"({"document":{"dsl":"1.0.3","namespace":"a","name":"b","version":"1.0.0"},"do":[{"x":{"set":{"y":"${ .z }"}}}]})");
  ASSERT_NE(result.program, nullptr) << FirstMessage(result);
  EXPECT_EQ(result.format, Format::kJson);
  EXPECT_EQ(result.program->all[0].column, 81U);
}

TEST(Compile, ReadsCharactersThatJsonWritesAsTwoEscapes) {
  const CompileResult result =
      Compile(R"({"document":{"dsl":"1.0.3","namespace":"a","name":"b","version":"1.0.0"},)"
              R"("do":[{"x":{"set":{"y":"\\ud83d \uD83D\uDE00"}}}]})");
  ASSERT_NE(result.program, nullptr) << FirstMessage(result);
  const auto& value = std::get<SetTask>(result.program->all[0].body).value;
  ASSERT_NE(value.literal(), nullptr);
  EXPECT_EQ((*value.literal())["y"], Json("\\ud83d \xF0\x9F\x98\x80"));
}

}  // namespace
}  // namespace elevaite::dsl

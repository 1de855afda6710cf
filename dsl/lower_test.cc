// What Lower makes of events, processes, functions, extensions, authentication and schedules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "dsl/compile.h"
#include "dsl/schema/schema.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

using testing::ElementsAre;

std::shared_ptr<const Program> ProgramOf(std::string_view part, const CompileOptions& options = {}) {
  static const TestFunctions functions;
  CompileOptions all = options;
  all.functions = &functions;
  const CompileResult result = Compile(WholeExample(part), all);
  for (const Diagnostic& diagnostic : result.diagnostics) {
    if (diagnostic.severity == Severity::kError) ADD_FAILURE() << ToText(diagnostic);
  }
  return result.program;
}

class Variables : public Scope {
 public:
  explicit Variables(std::map<std::string, Json, std::less<>> values) : values_(std::move(values)) {}
  Json Variable(std::string_view name) const override {
    const auto found = values_.find(name);
    return found == values_.end() ? Json() : found->second;
  }

 private:
  std::map<std::string, Json, std::less<>> values_;
};

std::string Evaluated(const Template& value, const Json& input = {},
                      std::map<std::string, Json, std::less<>> variables = {}) {
  const Variables scope(std::move(variables));
  const auto result = value.Evaluate(input, EvaluationContext{scope, {}});
  return result ? result->Dump() : "failed: " + result.error().message;
}

std::string Visible(const Template& value, const Json& input = {}) {
  const Variables scope({});
  const auto result = value.EvaluateVisible(input, EvaluationContext{scope, {}});
  return result ? result->Dump() : "failed: " + result.error().message;
}

TEST(Lower, ReadsEventStrategies) {
  const auto program = ProgramOf(R"(do:
  - wait:
      listen:
        to:
          any:
            - with: {type: com.example.paid, data: '${ .total > 3 }'}
              correlate: {order: {from: .data.id, expect: '${ .id }'}, room: {from: .room}}
          until: {one: {with: {type: com.example.closed}}}
        read: envelope
      foreach:
        item: event
        do: [{note: {set: {x: '${ $event.id }'}}}]
        output: {as: .x}
)");
  ASSERT_NE(program, nullptr);
  const auto& task = std::get<ListenTask>(program->all[0].body);
  EXPECT_EQ(task.to.mode, EventStrategy::Mode::kAny);
  EXPECT_EQ(task.read, EventRead::kEnvelope);
  ASSERT_EQ(task.to.filters.size(), 1U);
  const EventFilter& filter = task.to.filters[0];
  ASSERT_EQ(filter.with.size(), 2U);
  EXPECT_EQ(filter.with[0].literal, Json("com.example.paid"));
  EXPECT_FALSE(filter.with[0].expression);
  EXPECT_EQ(filter.with[1].name, "data");
  ASSERT_TRUE(filter.with[1].expression);
  ASSERT_EQ(filter.correlate.size(), 2U);
  EXPECT_EQ(filter.correlate[0].from.text(), ".data.id");
  EXPECT_TRUE(filter.correlate[0].expect);
  EXPECT_FALSE(filter.correlate[1].expect);
  EXPECT_FALSE(task.to.until_condition);
  ASSERT_NE(task.to.until_events, nullptr);
  EXPECT_EQ(task.to.until_events->mode, EventStrategy::Mode::kOne);
  EXPECT_FALSE(task.to.EndsWithFirst());
  ASSERT_TRUE(task.each);
  EXPECT_THAT(task.each->tasks, ElementsAre(1U));
  EXPECT_TRUE(task.each->output_as);
  EXPECT_EQ(program->all[1].reference, "/do/0/wait/foreach/do/0/note");
}

TEST(Lower, WritesProcessesAsCallsAndWorkflowsAsRuns) {
  const auto program = ProgramOf(R"(do:
  - shell: {run: {shell: {command: 'echo ${HOME}', arguments: ['${ .x }']}, await: false, return: code}}
  - child: {run: {workflow: {namespace: shop, name: ship, version: latest, input: {id: '${ .id }'}}}}
)");
  ASSERT_NE(program, nullptr);
  const auto& shell = std::get<CallTask>(program->all[0].body);
  EXPECT_EQ(program->all[0].kind, TaskKind::kRun);
  EXPECT_EQ(shell.function, "run.shell");
  EXPECT_EQ(Evaluated(shell.arguments, Json::Object({{"x", "a"}})),
            R"({"command":"echo ${HOME}","arguments":["a"],"await":false,"return":"code"})");
  const auto& child = std::get<RunTask>(program->all[1].body);
  EXPECT_EQ(child.name_space + "/" + child.name + ":" + child.version, "shop/ship:");
  EXPECT_TRUE(child.await);
  EXPECT_TRUE(child.has_input);
}

TEST(Lower, ReplacesNamesOfAuthenticationsAndHidesWhatTheyHold) {
  const auto program = ProgramOf(R"(use:
  secrets: [login]
  authentications: {shop: {basic: {use: login}}}
do:
  - named: {call: http, with: {method: get, endpoint: {uri: 'https://example.com/{id}', authentication: {use: shop}}}}
  - inline: {call: grpc, with: {proto: {endpoint: x}, service: {name: a, host: b, authentication: {bearer: {token: '${ .token }'}}}, method: m}}
)");
  ASSERT_NE(program, nullptr);
  const Template& named = std::get<CallTask>(program->all[0].body).arguments;
  const Json input = Json::Object({{"id", 7}, {"token", "t"}});
  EXPECT_EQ(
      Evaluated(named, input, {{"secrets", *ParseJson(R"({"login": {"username": "u", "password": "p"}})")}}),
      R"({"method":"get","endpoint":{"uri":"https://example.com/7","authentication":)"
      R"({"basic":{"username":"u","password":"p"}}}})");
  EXPECT_EQ(Visible(named, input),
            R"x({"method":"get","endpoint":{"uri":"https://example.com/7","authentication":"(secret)"}})x");
  const Template& inner = std::get<CallTask>(program->all[1].body).arguments;
  EXPECT_NE(Evaluated(inner, input).find(R"("bearer":{"token":"t"})"), std::string::npos);
  EXPECT_EQ(Visible(inner, input).find("\"t\""), std::string::npos);
}

TEST(Lower, WritesFunctionsOutWhereTheyAreCalled) {
  const auto program = ProgramOf(R"yaml(use:
  functions:
    greet: {input: {from: .who}, set: {text: '${ "Hello \(.)" }'}}
do:
  - one: {call: greet, with: {who: '${ .name }'}, then: end}
  - two: {call: greet}
)yaml");
  ASSERT_NE(program, nullptr);
  ASSERT_EQ(program->all.size(), 4U);
  const Task& call = program->all[0];
  EXPECT_EQ(call.kind, TaskKind::kFunction);
  EXPECT_EQ(call.then.kind, Flow::Kind::kEnd);
  const auto& function = std::get<FunctionTask>(call.body);
  EXPECT_THAT(function.tasks, ElementsAre(1U));
  EXPECT_EQ(Evaluated(function.arguments, Json::Object({{"name", "Ada"}})), R"({"who":"Ada"})");
  EXPECT_EQ(program->all[1].name, "greet");
  EXPECT_EQ(program->all[1].reference, "/use/functions/greet");
  EXPECT_EQ(program->all[1].parent, 0U);
  EXPECT_TRUE(program->all[1].input_from);
  EXPECT_EQ(Evaluated(std::get<FunctionTask>(program->all[2].body).arguments), "{}");
}

TEST(Lower, WeavesExtensionsAroundTheTasksTheyMatchTheFirstOutermost) {
  const auto program = ProgramOf(R"(use:
  extensions:
    - outer: {extend: all, when: '$task.name == "b"', before: [{o: {set: {x: 1}}}]}
    - inner: {extend: set, after: [{i: {set: {x: 2}}}]}
do:
  - b: {if: .go, set: {x: 3}, then: end}
  - w: {wait: PT1S}
)");
  ASSERT_NE(program, nullptr);
  ASSERT_EQ(program->tasks.size(), 2U);
  const Task& outer = program->all[program->tasks[0]];
  ASSERT_EQ(outer.kind, TaskKind::kExtended);
  EXPECT_EQ(outer.name, "b");
  EXPECT_EQ(outer.then.kind, Flow::Kind::kEnd);
  EXPECT_FALSE(outer.condition);
  const auto& around = std::get<ExtendedTask>(outer.body);
  EXPECT_TRUE(around.when);
  ASSERT_EQ(around.before.size(), 1U);
  EXPECT_EQ(program->all[around.before[0]].kind, TaskKind::kSet);
  EXPECT_EQ(program->all[around.before[0]].reference, "/use/extensions/0/outer/before/0/o");
  ASSERT_EQ(around.tasks.size(), 1U);
  const Task& inner = program->all[around.tasks[0]];
  ASSERT_EQ(inner.kind, TaskKind::kExtended);
  EXPECT_EQ(inner.parent, outer.index);
  EXPECT_EQ(inner.then.kind, Flow::Kind::kContinue);
  const auto& close = std::get<ExtendedTask>(inner.body);
  EXPECT_EQ(close.after.size(), 1U);
  const Task& task = program->all[close.tasks[0]];
  EXPECT_EQ(task.kind, TaskKind::kSet);
  EXPECT_TRUE(task.condition);
  EXPECT_EQ(task.then.kind, Flow::Kind::kContinue);
  EXPECT_EQ(task.position, 0U);
  const Task& wait = program->all[program->tasks[1]];
  EXPECT_EQ(wait.kind, TaskKind::kExtended);
  EXPECT_EQ(wait.position, 1U);
}

TEST(Lower, NamesPositionsOfTheOuterListWhereACaseInsideAnExtensionGoesOn) {
  const auto program = ProgramOf(R"(use:
  extensions: [{log: {extend: switch, before: [{o: {set: {x: 1}}}]}}]
do:
  - choose: {switch: [{a: {when: .x, then: continue}}, {b: {when: .y, then: exit}}, {c: {then: last}}]}
  - middle: {set: {x: 1}}
  - last: {set: {x: 1}}
)");
  ASSERT_NE(program, nullptr);
  const auto& around = std::get<ExtendedTask>(program->all[program->tasks[0]].body);
  const auto& cases = std::get<SwitchTask>(program->all[around.tasks[0]].body).cases;
  EXPECT_EQ(cases[0].then.kind, Flow::Kind::kTask);
  EXPECT_EQ(cases[0].then.position, 1U);
  EXPECT_EQ(cases[1].then.kind, Flow::Kind::kTask);
  EXPECT_EQ(cases[1].then.position, 3U);
  EXPECT_EQ(cases[2].then.position, 2U);
}

TEST(Lower, ReadsTimeoutsSchedulesAndSecrets) {
  const auto program = ProgramOf(R"(use:
  secrets: [a, b]
  timeouts: {short: {after: PT5S}}
timeout: {after: PT1H}
schedule: {cron: '0 6 * * 1-5'}
do:
  - a: {set: {x: 1}, timeout: short}
  - b: {try: [{x: {set: {x: 1}}}], catch: {retry: {limit: {attempt: {count: 2, duration: PT3S}}}}}
)");
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(program->timeout->microseconds, 3'600'000'000);
  EXPECT_EQ(program->all[0].timeout->microseconds, 5'000'000);
  ASSERT_TRUE(program->schedule);
  EXPECT_EQ(program->schedule->cron, "0 6 * * 1-5");
  EXPECT_THAT(program->secrets, ElementsAre("a", "b"));
  EXPECT_EQ(std::get<TryTask>(program->all[1].body).retry->attempt_us, 3'000'000);
}

TEST(Lower, CompilesSchemasAndSharesThoseOfFunctions) {
  const auto program = ProgramOf(R"(input: {schema: {document: {type: object, required: [id]}}}
use:
  functions:
    f: {set: {x: 1}, output: {schema: {document: {type: object}}}}
do:
  - a: {call: f, export: {as: ., schema: {document: {type: object}}}}
  - b: {call: f}
)");
  ASSERT_NE(program, nullptr);
  ASSERT_NE(program->input_schema, nullptr);
  EXPECT_EQ(program->input_schema->Validate(Json::EmptyObject()).size(), 1U);
  EXPECT_NE(program->all[0].export_schema, nullptr);
  ASSERT_NE(program->all[1].output_schema, nullptr);
  EXPECT_EQ(program->all[1].output_schema, program->all[3].output_schema);
}

TEST(Lower, TriesTextsAsExpressionsInLooseMode) {
  const auto program = ProgramOf(R"(evaluate: {mode: loose}
do:
  - a: {set: {x: .name, y: hello world, z: '${ .name }', n: 5}}
)");
  ASSERT_NE(program, nullptr);
  const Template& value = std::get<SetTask>(program->all[0].body).value;
  EXPECT_EQ(Evaluated(value, Json::Object({{"name", "Ada"}})),
            R"({"x":"Ada","y":"hello world","z":"Ada","n":5})");
  EXPECT_EQ(Evaluated(value, Json(3)), "failed: jq: Cannot index number with string (\"name\")");
}

TEST(Lower, LeavesTheExpressionsOfSubscriptionsAsTheyAreWritten) {
  const auto program = ProgramOf(R"(do:
  - a:
      call: asyncapi
      with:
        document: {endpoint: 'https://example.com/asyncapi.json'}
        operation: receive
        subscription:
          filter: '${ .kind == "a" }'
          consume: {amount: 2}
          foreach: {item: message, do: [{note: {set: {m: '${ $message }'}}}]}
)");
  ASSERT_NE(program, nullptr);
  ASSERT_EQ(program->all.size(), 1U);
  const auto& call = std::get<CallTask>(program->all[0].body);
  ASSERT_NE(call.arguments.literal(), nullptr);
  const Json& subscription = (*call.arguments.literal())["subscription"];
  EXPECT_EQ(subscription["filter"], Json("${ .kind == \"a\" }"));
  EXPECT_EQ(subscription["foreach"]["do"].At(0)["note"]["set"]["m"], Json("${ $message }"));
}

}  // namespace
}  // namespace elevaite::dsl

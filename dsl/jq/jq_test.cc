#include "dsl/jq/jq.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace elevaite::jq {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Program Compiled(std::string_view text, std::vector<std::string> variables = {}) {
  auto program = Program::Compile(text, {.variables = std::move(variables)});
  CHECK(program.has_value());
  return *program;
}

std::expected<Json, EvaluationError> First(std::string_view text, Json input = {},
                                           EvaluationOptions options = {}) {
  return EvaluateFirst(Compiled(text), std::move(input), {}, options);
}

EvaluationError ErrorOf(std::string_view text, EvaluationOptions options = {}) {
  auto result = First(text, {}, options);
  CHECK(!result.has_value());
  return result.error();
}

CompileError CompileErrorOf(std::string_view text, CompileOptions options = {}) {
  const auto program = Program::Compile(text, options);
  CHECK(!program.has_value());
  return program.error();
}

// ---- Compiling
// ---------------------------------------------------------------------------------------------------------

TEST(JqCompile, SaysWhereTheErrorIs) {
  const CompileError error = CompileErrorOf(".a | foo(1)");
  EXPECT_EQ(error.message, "foo/1 is not defined");
  EXPECT_EQ(error.span.begin, 5U);
  EXPECT_EQ(error.span.end, 8U);
}

TEST(JqCompile, SuggestsWhatWasMeant) {
  EXPECT_EQ(CompileErrorOf("lenght").hint, "did you mean length?");
  EXPECT_EQ(CompileErrorOf("def total: 1; totl").hint, "did you mean total?");
  EXPECT_EQ(CompileErrorOf("mpa(.)").hint, "did you mean map?");
  EXPECT_EQ(CompileErrorOf("map").hint, "there is map/1");
  EXPECT_THAT(CompileErrorOf("$contxt", {.variables = {"context", "input"}}).hint,
              HasSubstr("did you mean $context?"));
  EXPECT_THAT(CompileErrorOf("$nothing", {.variables = {"context", "input"}}).hint,
              HasSubstr("$input, $context"));
}

TEST(JqCompile, ExplainsWhatIsLeftOut) {
  for (const char* text : {"input", "inputs", "env", "$ENV", "halt", "input_filename", "get_search_list",
                           "import \"a\" as a; .", "include \"a\"; .", "modulemeta"}) {
    EXPECT_FALSE(CompileErrorOf(text).hint.empty()) << text;
  }
}

TEST(JqCompile, NamesTheVariablesThatAreUsed) {
  const Program program = Compiled("$b + $d", {"a", "b", "c", "d"});
  EXPECT_THAT(program.variables(), ElementsAre("b", "d"));
  const Json values[] = {1, 2};
  EXPECT_EQ(EvaluateFirst(program, Json(), values, {}).value(), Json(3));
}

TEST(JqCompile, BindsArgumentsAtRunTime) {
  const Program program = Compiled("[.[] | select(. > $limit)]", {"limit"});
  const Json input = Json::Array({1, 5, 9});
  for (const auto& [limit, left] : {std::pair{0, 3U}, std::pair{4, 2U}, std::pair{9, 0U}}) {
    const Json values[] = {limit};
    EXPECT_EQ(EvaluateFirst(program, input, values, {})->Size(), left);
  }
}

TEST(JqCompile, LimitsDepthAndSize) {
  EXPECT_THAT(CompileErrorOf(std::string(100'000, '(')).message, HasSubstr("bytes"));
  for (const char* one :
       {"(",       "[",   "{a:",     "-",       "try ",          "1 as $x | ", "label $x | ",
        "def f: ", "if ", "\"\\(",   "1 // ",   "reduce ",       "foreach ",   ".[",
        "{(",      "f(",  "{\"a\":", ". as [[", "@base64 \"\\(", "{a:reduce ", "if . then "}) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += one;
    CompileOptions options;
    options.text_bytes_max = 1U << 20U;
    EXPECT_FALSE(Program::Compile(text, options)) << one;
  }
  std::string pipes = ".";
  for (int i = 0; i < 5000; ++i) pipes += " | .";
  EXPECT_EQ(First(pipes, Json(7)).value(), Json(7));
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) sum += "+1";
  EXPECT_EQ(First(sum).value(), Json(5001));
  std::string commas = "[1";
  for (int i = 0; i < 5000; ++i) commas += ",.";
  EXPECT_EQ(First(commas + "] | length").value(), Json(5001));
}

TEST(JqCompile, ListsAllBuiltins) {
  std::set<std::pair<std::string_view, int>> seen;
  for (const Builtin& builtin : Builtins()) {
    EXPECT_TRUE(seen.emplace(builtin.name, builtin.arity).second) << builtin.name;
    EXPECT_FALSE(builtin.description.empty());
    std::string call(builtin.name);
    for (int i = 0; i < builtin.arity; ++i) call += i == 0 ? "(." : "; .";
    if (builtin.arity > 0) call += ")";
    const auto program = Program::Compile(call);
    EXPECT_TRUE(program) << call << ": " << program.error().message;
  }
  EXPECT_GT(seen.size(), 180U);
}

// ---- Running
// -----------------------------------------------------------------------------------------------------------

TEST(JqRun, GivesOutputsOneByOne) {
  const Program program = Compiled(".[] | . * 2");
  Evaluation run(program, Json::Array({1, 2}), {}, {});
  EXPECT_EQ(**run.Next(), Json(2));
  EXPECT_EQ(**run.Next(), Json(4));
  EXPECT_FALSE(run.Next()->has_value());
  EXPECT_FALSE(run.Next()->has_value());
}

TEST(JqRun, StaysAtTheEndAfterAnError) {
  const Program program = Compiled("1, error(\"x\"), 2");
  Evaluation run(program, Json(), {}, {});
  EXPECT_EQ(**run.Next(), Json(1));
  const auto error = run.Next();
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().value, Json("x"));
  EXPECT_EQ(error.error().message, "jq: x");
  EXPECT_EQ(error.error().kind, EvaluationError::Kind::kRaised);
  EXPECT_FALSE(run.Next()->has_value());
}

TEST(JqRun, TellsWhereAnErrorWasRaised) {
  const EvaluationError error = ErrorOf("1 | {a: 2} | .a.b");
  EXPECT_THAT(error.message, HasSubstr("Cannot index number"));
  EXPECT_EQ(error.span.begin, 13U);
  EXPECT_EQ(error.span.end, 17U);
}

TEST(JqRun, HasNullForNoOutput) { EXPECT_TRUE(First("empty")->IsNull()); }

TEST(JqRun, TellsTheTimeOfTheCaller) {
  EXPECT_EQ(First("now", {}, {.now_us = 1'500'000}).value(), Json(1.5));
}

TEST(JqRun, RecursesWithoutTheStack) {
  const EvaluationOptions slow{.budget = {.time_max = std::chrono::seconds(60)}};  // under a sanitizer
  EXPECT_EQ(First("def f: if . == 0 then 0 else (. - 1 | f) + 1 end; 200000 | f", {}, slow).value(),
            Json(200'000));
  EXPECT_EQ(First("last(range(1e5) as $i | label $x | $i)", {}, slow).value(), Json(99'999));
}

// ---- Budgets
// -----------------------------------------------------------------------------------------------------------

// Memory and steps are what is tested; a sanitizer on a busy machine may take its time.
constexpr EvaluationOptions kSmall{.budget = {.steps_max = 200'000'000,
                                              .bytes_max = 8U << 20U,
                                              .time_max = std::chrono::milliseconds(120'000)}};

TEST(JqBudget, TailCallsAndGeneratorsRunInBoundedMemory) {
  const char* const kFilters[] = {
      "def f: if . > 1000000 then . else . + 1 | f end; 0 | f",
      "last(range(1e6))",
      "reduce range(1e6) as $i (0; . + $i)",
      "last(limit(1000000; repeat(1)))",
      "def f($n): if $n == 0 then 1 else f($n - 1) end; f(300000)",
      "def f(g): if . > 300000 then . else (. + 1 | f(g)) end; 0 | f(1)",
      "0 | until(. > 1000000; . + 1)",
      "last(0 | while(. < 500000; . + 1))",
      "last(foreach range(1e6) as $i (0; . + $i))",
      "reduce range(300000) as $i ({}; .n += $i) | .n",
      "reduce range(300000) as $i (null; \"x\" * 1000) | length",
      "first(range(1e9))",
      "[range(100000)] | length",
      "last(range(300000) | try (if . % 2 == 0 then error(\"x\") else . end) catch 1)",
      "isempty(range(1e9) | select(. > 300000)), 1",
      "reduce range(100000) as $i ([]; . + [$i]) | length",
      "reduce range(100000) as $i ([]; .[$i] = $i) | length",
  };
  for (const char* filter : kFilters) {
    const auto result = First(filter, {}, kSmall);
    EXPECT_TRUE(result) << filter << ": " << result.error().message;
  }
}

TEST(JqBudget, EndsWhatWouldGoOnForEver) {
  const EvaluationOptions options{.budget = {.steps_max = 300'000, .bytes_max = 8U << 20U}};
  const char* const kFilters[] = {
      "def f: f; f",
      "def f: f | f; f",
      "def f: 1 + f; f",
      "last(repeat(1))",
      "[range(1e12)] | length",
      "last(range(0; 1; 1e-30))",
      "reduce range(40) as $i (1; [., .]) | tojson",
      "reduce range(40) as $i (1; [., .])",
      "reduce range(40) as $i ([1, 1]; .[0] = . | .[1] = .[0])",
      "[range(50000)] - [range(50000; 100000)]",
      "[range(20000)] as $big | last(range(1e9) | $big + [.])",
      "reduce range(40) as $i (1; [., .]) | flatten",
      "(reduce range(40) as $i (1; [., .])) as $a | (reduce range(40) as $i (1; [., .])) as $b | $a == $b",
      "def a: reduce range(40) as $i (1; [., .]); a as $a | a as $b | $a | contains($b)",
      "[limit(30; repeat([range(30)]))] | [combinations] | length",
      "last(def f: (1, 2) | f; f)",
      "\"a\" | until(false; . + .)",
      "try (def f: f; f) catch 1",
      "[range(1e12)]?",
      "(def f: f; f) // 1",
      "first(range(1e12) | select(false))",
      "label $x | repeat(1) | empty",
      "null | last(path(recurse(.a)))",
      "[paths] as $p | reduce range(1e9) as $i (.; .[$i] = 1)",
      "limit(1e12; repeat(1)) | empty",
      "[splits(\"a\")] | repeat(.) | empty",
  };
  for (const char* filter : kFilters) {
    const auto start = std::chrono::steady_clock::now();
    const auto result = First(filter, Json("aXa"), options);
    ASSERT_FALSE(result) << filter << ": " << result->Dump().substr(0, 100);
    if (std::string_view(filter).find("paths") == std::string_view::npos) {
      EXPECT_EQ(result.error().kind, EvaluationError::Kind::kBudget)
          << filter << ": " << result.error().message;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << filter;
  }
}

TEST(JqBudget, LimitsBytesBeforeTheyAreAllocated) {
  const EvaluationOptions options{.budget = {.bytes_max = 1U << 20U}};
  for (const char* filter : {"\"abc\" * 100000000", ".[100000000] = 1", "[range(1e6)]",
                             "reduce range(1e6) as $i (\"\"; . + \"abcdefgh\")",
                             "[limit(200; repeat(\"x\" * 10000))] | join(\",\") | length", "def f: [., f]; f",
                             "[range(1000)] | map([range(1000)])"}) {
    const EvaluationError error = ErrorOf(filter, options);
    EXPECT_EQ(error.kind, EvaluationError::Kind::kBudget) << filter << ": " << error.message;
  }
}

TEST(JqBudget, LimitsTimeOutputsAndRegularExpressions) {
  EXPECT_THAT(ErrorOf("def f: f; f",
                      {.budget = {.steps_max = 1ULL << 60U, .time_max = std::chrono::milliseconds(20)}})
                  .message,
              HasSubstr("ms"));
  const Program program = Compiled("repeat(1)");
  Evaluation run(program, Json(), {}, {.budget = {.outputs_max = 3}});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run.Next()->has_value());
  EXPECT_EQ(run.Next().error().kind, EvaluationError::Kind::kBudget);
  const auto error = First("test(\"^(a|a)*(a|a)*(a|a)*b?$\")", Json(std::string(40, 'a') + "c"));
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().kind, EvaluationError::Kind::kBudget);
}

TEST(JqBudget, StopsWhenCancelled) {
  const std::atomic<bool> cancelled = true;
  EXPECT_EQ(ErrorOf("def f: f; f", {.cancelled = &cancelled}).kind, EvaluationError::Kind::kCancelled);
}

TEST(JqBudget, NeverEndsTheProcess) {
  // What kills or hangs older implementations.
  for (const char* filter : {".[nan:1]",
                             "(-infinite) % (-1)",
                             "strftime([])",
                             ".[999999999] = 0",
                             "[limit(-1; 1)]",
                             "implode",
                             "[nan] | implode",
                             "\"%\" | strptime(\"%\")",
                             "[1e300, 1, 1, 0, 0, 0, 0, 0] | mktime",
                             "1e300 | todate",
                             "0 | strftime(\"%999999999d\")",
                             "[] | transpose | first(.[])",
                             "\"x\" | ascii",
                             "[[1e9]] | flatten(1e18)",
                             "infinite | range(.; 0)",
                             "{} | .[\"a\", \"b\"] |= empty",
                             "try error(error(error)) catch .",
                             "ltrimstr(1)",
                             "\"\" | test(\"(?<n>\")",
                             "@base32d",
                             "-9223372036854775808 % -1, (-9223372036854775808 | abs)",
                             "tojson | fromjson",
                             "reduce range(10235) as $i (1; [.]) | [[[[[[.]]]]]]",
                             "reduce range(10235) as $i (1; {a: .}) | {b: {c: {d: {e: .}}}}",
                             "[[range(20000)] | map([0])] | getpath([range(9000)])"}) {
    for (const Json& input : {Json(), Json("a"), Json(1), Json::Array({1}), Json::Object({{"a", 1}})}) {
      (void)First(filter, input, {.budget = {.steps_max = 1'000'000, .bytes_max = 16U << 20U}});
    }
  }
}

}  // namespace
}  // namespace elevaite::jq

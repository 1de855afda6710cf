// Hostile documents: each is refused in bounded time, with a diagnostic that says why.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dsl/compile.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

const TestFunctions& Functions() {
  static const TestFunctions functions;
  return functions;
}

CompileResult CompilePart(std::string_view part) {
  return Compile(WholeExample(part), {.functions = &Functions()});
}

std::string FirstMessage(const CompileResult& result) {
  return result.diagnostics.empty() ? "" : ToText(result.diagnostics.front());
}

class HostileDocuments : public testing::Test {
 protected:
  void Check(const std::string& document, std::string_view code, std::string_view text = "") {
    const auto begin = std::chrono::steady_clock::now();
    const CompileResult result = Compile(document, {.functions = &Functions()});
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(result.program, nullptr);
    ASSERT_FALSE(result.diagnostics.empty());
    EXPECT_EQ(TextOf(result.diagnostics.front().code), code) << FirstMessage(result);
    EXPECT_NE(FirstMessage(result).find(text), std::string::npos) << FirstMessage(result);
    EXPECT_LT(FirstMessage(result).size(), 600U);
    EXPECT_LE(result.diagnostics.size(), Diagnostics::kMax);
    // Generous: sanitizers run this as well.
    EXPECT_LT(took, std::chrono::seconds(10));
  }
  static std::string Repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
  }
};

TEST_F(HostileDocuments, TooManyBytes) { Check(std::string(2U << 20U, 'x'), "DSL0001", "at most 1048576"); }

TEST_F(HostileDocuments, AliasesThatMultiply) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + Repeat(last + ", ", 9) + last + "]\n";
  }
  Check(bomb + "do: []\n", "DSL0004");
}

TEST_F(HostileDocuments, DeepNesting) {
  Check("do: " + Repeat("[", 300'000), "DSL0004");
  Check("do: " + Repeat("{a: ", 100'000), "DSL0004");
  std::string tasks = "do:\n";
  for (int i = 0; i < 120; ++i) {
    tasks += std::string(static_cast<std::size_t>(i) * 4 + 2, ' ') + "- a:\n";
    tasks += std::string(static_cast<std::size_t>(i) * 4 + 6, ' ') + "do:\n";
  }
  Check(tasks, "DSL0004");
}

TEST_F(HostileDocuments, ATremendousKey) {
  Check(WholeExample("do:\n  - a: {? " + std::string(1'000'000, 'k') + " : 1}\n"), "DSL0202");
  Check(WholeExample("do:\n  - ? " + std::string(1'000'000, 'k') + "\n    : {sett: 1}\n"), "DSL0202");
}

TEST_F(HostileDocuments, AHundredThousandTasks) {
  const auto tasks = [](std::size_t count) {
    return "do:\n- a: &t {set: {x: 1}}\n" + Repeat("- b: *t\n", count);
  };
  Check(WholeExample(tasks(20'000)), "DSL0006", "more than 10000 tasks");
  Check(WholeExample(tasks(100'000)), "DSL0004");
  std::string nested = "do:\n";
  for (int i = 0; i < 40; ++i)
    nested += "- g" + std::to_string(i) + ": {do: [" + Repeat("{a: {wait: PT1S}}, ", 400) + "]}\n";
  Check(WholeExample(nested), "DSL0204");
}

TEST_F(HostileDocuments, ExpressionsRepeatedByAliasesAreCompiledOnce) {
  std::string list = "do:\n- a:\n    set:\n      x0: &x0 ['${ $nope | length }', '${ .a | length }']\n";
  for (int i = 1; i <= 15; ++i) {
    const std::string last = std::to_string(i - 1);
    list +=
        "      x" + std::to_string(i) + ": &x" + std::to_string(i) + " [*x" + last + ", *x" + last + "]\n";
  }
  Check(WholeExample(list), "DSL0302");
}

TEST_F(HostileDocuments, ThousandsOfErrorsAreCountedAndNotListed) {
  std::string tasks = "do:\n";
  for (int i = 0; i < 9'000; ++i)
    tasks += "- t" + std::to_string(i) + ": {set: {x: 1}, then: nowhere" + std::to_string(i) + "}\n";
  const CompileResult result = CompilePart(tasks);
  EXPECT_EQ(result.diagnostics.size(), Diagnostics::kMax);
  EXPECT_EQ(result.dropped, 9'000U - Diagnostics::kMax);
}

TEST_F(HostileDocuments, BytesThatAreNoText) {
  Check(std::string("do:\n  - a: \xff\xfe\n"), "DSL0002");
  Check(std::string("do:\n  - a: {set: {x: \"\0\"}}\n", 26), "DSL0002");
}

TEST_F(HostileDocuments, FunctionsThatMultiply) {
  std::string functions = "use:\n  functions:\n    f0: {set: {x: 1}}\n";
  for (int i = 1; i <= 12; ++i) {
    functions += fmt::format("    f{}: {{do: [", i);
    for (int call = 0; call < 10; ++call) functions += fmt::format("{{c{}: {{call: f{}}}}}, ", call, i - 1);
    functions += "]}\n";
  }
  Check(WholeExample(functions + "do:\n  - go: {call: f12}\n"), "DSL0006",
        "with its functions and extensions");
}

TEST_F(HostileDocuments, ExtensionsThatMultiply) {
  std::string extensions = "use:\n  extensions:\n";
  for (int i = 0; i < 60; ++i)
    extensions += fmt::format("    - e{}: {{extend: all, before: [{{a: {{set: {{x: 1}}}}}}]}}\n", i);
  std::string tasks = "do:\n";
  for (int i = 0; i < 1'000; ++i) tasks += fmt::format("  - t{}: {{set: {{x: 1}}}}\n", i);
  Check(WholeExample(extensions + tasks), "DSL0006", "with its functions and extensions");
}

TEST_F(HostileDocuments, FunctionsThatCallEachOtherDeeply) {
  std::string functions = "use:\n  functions:\n    f0: {set: {x: 1}}\n";
  for (int i = 1; i < 3'000; ++i)
    functions += fmt::format("    f{}: {{do: [{{c: {{call: f{}}}}}]}}\n", i, i - 1);
  Check(WholeExample(functions + "do:\n  - go: {call: f2999}\n"), "DSL0004", "more than 64 deep");
}

TEST_F(HostileDocuments, TooManyExtensions) {
  std::string extensions = "use:\n  extensions:\n";
  for (int i = 0; i < 5'000; ++i)
    extensions += fmt::format("    - e{}: {{extend: all, before: [{{a: {{set: {{x: 1}}}}}}]}}\n", i);
  Check(WholeExample(extensions + "do:\n  - go: {set: {x: 1}}\n"), "DSL0004", "at most 64 extensions");
}

TEST_F(HostileDocuments, TremendousKeysInEveryKindOfMapping) {
  const std::string key = "? " + std::string(200'000, 'k') + " : 1";
  Check(WholeExample("do:\n  - a: {call: http, with: {" + key + "}}\n"), "DSL0503");
  Check(WholeExample("use: {" + key + "}\ndo: [{a: {set: {x: 1}}}]\n"), "DSL0101");
  Check(WholeExample("do:\n  - a: {listen: {to: {one: {" + key + "}}}}\n"), "DSL0101");
}

TEST_F(HostileDocuments, StrategiesAndSchemasNestedDeeply) {
  Check(WholeExample("do:\n  - a: {listen: {to: " + Repeat("{any: [], until: ", 90) + ".x" + Repeat("}", 90) +
                     "}}\n"),
        "DSL0107", "no `until` of their own");
  std::string schema = Repeat("{items: ", 150) + "{type: objekt}" + Repeat("}", 150);
  Check(WholeExample("input: {schema: {document: " + schema + "}}\ndo: [{a: {set: {x: 1}}}]\n"), "DSL0217");
}

TEST_F(HostileDocuments, FiltersWhoseFunctionsMultiply) {
  std::string filter = "def f0: .; ";
  for (int i = 1; i < 8; ++i) {
    const std::string call = fmt::format("f{}", i - 1);
    filter += fmt::format("def f{}: {}{}; ", i, Repeat(call + " | ", 60), call);
  }
  // `.b` alone is warned of: that the rest ended is what is tested.
  const CompileResult result =
      CompilePart("do:\n  - a: {set: {a: 1}}\n  - b: {set: {x: '${ " + filter + "f7 }', y: '${ .b }'}}\n");
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(TextOf(result.diagnostics[0].code), "DSL0311");
}

TEST_F(HostileDocuments, FiltersOfLongChains) {
  for (const std::string& filter : {Repeat(". | ", 15'000) + ".", ". |= (" + Repeat(". | ", 15'000) + ".)",
                                    "def f: " + Repeat(". | ", 15'000) + "f; f"})
    EXPECT_NE(CompilePart("do:\n  - a: {set: {x: '${ " + filter + " }'}}\n").program, nullptr);
}

TEST_F(HostileDocuments, FiltersThatBacktrackAreOnlyCompiled) {
  Check(WholeExample("do:\n  - a: {listen: {to: {one: {with: {type: '(a+)+" + std::string(20'000, 'b') +
                     "'}}}}}\n"),
        "DSL0216");
}

// It compiles, in bounded time: data that grows in loops inside loops, and from task to task.
void CompilesSoon(const std::string& part) {
  const auto begin = std::chrono::steady_clock::now();
  const CompileResult result = CompilePart(part);
  EXPECT_NE(result.program, nullptr) << FirstMessage(result);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(HostileDocuments, LoopsInLoopsWhoseDataGrows) {
  std::string inner =
      "{b: {set: {x: '${ {a: .x, b: .} }', y: '${ [$context, .] }'}, export: {as: '[$context, .]'}}}";
  for (int i = 0; i < 40; ++i) {
    inner = fmt::format(
        "{{a{0}: {{for: {{each: i{0}, in: '[.x, $context]'}}, do: [{1}, {{s: {{set: {{x: '${{ . "
        "}}'}}}}}}]}}}}",
        i, inner);
  }
  CompilesSoon("do:\n  - " + inner + "\n");
}

TEST_F(HostileDocuments, ContextsThatGrowFromTaskToTask) {
  std::string tasks = "do:\n";
  for (int i = 0; i < 4'000; ++i)
    tasks += fmt::format(
        "  - t{0}: {{set: {{k{0}: '${{ $context.k{1} }}'}}, export: {{as: '$context + .'}}}}\n", i, i / 2);
  CompilesSoon(tasks);
}

TEST_F(HostileDocuments, TasksInTasksInFunctionsInFunctions) {
  std::string functions = "use:\n  functions:\n    f0: {set: {x: '${ .x }'}}\n";
  for (int i = 1; i < 60; ++i) {
    functions +=
        fmt::format("    f{}: {}{{call: f{}}}{}\n", i, Repeat("{do: [{a: ", 30), i - 1, Repeat("}]}", 30));
  }
  CompilesSoon(functions + "do:\n  - go: {call: f59}\n");
}

}  // namespace
}  // namespace elevaite::dsl

#include "dsl/diagnostic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "dsl/compile.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

// Limits that the examples of the codes about limits pass; the usual ones would make long examples.
Limits LimitsFor(Code code) {
  Limits limits;
  if (code == Code::kSourceTooLarge) limits.source_bytes_max = 200;
  if (code == Code::kTooComplex) limits.depth_max = 12;
  if (code == Code::kTooManyTasks) limits.tasks_max = 3;
  return limits;
}

// What the examples about addresses find there.
const Resources& Published() {
  static const Resources resources{
      {"https://example.com/functions/log/1.0.0/function.yaml", "set: {line: '${ .message }'}"},
      {"https://example.com/functions/broken/1.0.0/function.yaml", "sett: {x: 1}"}};
  return resources;
}

std::vector<std::string> CodesOf(const CompileResult& result) {
  std::vector<std::string> codes;
  for (const Diagnostic& diagnostic : result.diagnostics) codes.push_back(TextOf(diagnostic.code));
  return codes;
}

std::string TextOfAll(const CompileResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) text += ToText(diagnostic) + "\n";
  return text;
}

class DiagnosticExamples : public testing::TestWithParam<Code> {};

TEST_P(DiagnosticExamples, TheBadOneGivesExactlyItsCodeAndTheGoodOneNone) {
  const CodeInfo& info = InfoOf(GetParam());
  const TestFunctions functions;
  const CompileOptions options{.functions = &functions,
                               .resources = info.code == Code::kFetchedFunction ? &Published() : nullptr,
                               .is_offline = info.code == Code::kNotFetched,
                               .limits = LimitsFor(info.code)};

  const CompileResult bad = Compile(WholeExample(info.bad), options);
  const CompileResult good = Compile(WholeExample(info.good), options);

  EXPECT_THAT(CodesOf(bad), testing::ElementsAre(TextOf(info.code))) << TextOfAll(bad);
  EXPECT_EQ(bad.program == nullptr, info.severity == Severity::kError);
  EXPECT_THAT(CodesOf(good), testing::IsEmpty()) << TextOfAll(good);
  EXPECT_NE(good.program, nullptr);
}

std::vector<Code> EveryCode() {
  std::vector<Code> codes;
  for (const CodeInfo& info : AllCodes()) codes.push_back(info.code);
  return codes;
}
INSTANTIATE_TEST_SUITE_P(Table, DiagnosticExamples, testing::ValuesIn(EveryCode()),
                         [](const auto& test) { return TextOf(test.param); });

TEST(Diagnostic, HasCodesInAscendingOrderWithTitleAndExplanation) {
  int last = 0;
  for (const CodeInfo& info : AllCodes()) {
    EXPECT_GT(static_cast<int>(info.code), last);
    last = static_cast<int>(info.code);
    EXPECT_FALSE(info.title.empty());
    EXPECT_FALSE(info.explanation.empty());
  }
}

TEST(Diagnostic, ItsPageIsTheOneGeneratedFromTheTable) {
  std::ifstream file(std::string(ELEVAITE_SOURCE_DIR) + "/docs/language/diagnostics.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), RenderDiagnosticDocs()) << "run: dsl_docs > docs/language/diagnostics.md";
}

TEST(Diagnostic, KeepsOneOfTheSameCodeAtTheSamePlaceAndCountsWhatIsTooMuch) {
  Diagnostics diagnostics;
  for (int i = 0; i < 3; ++i) diagnostics.Add(Code::kEmpty, {{2, 3}, {2, 4}}, "/do", "twice");
  for (std::uint32_t i = 0; i < 200; ++i)
    diagnostics.Add(Code::kEmpty, {{300 - i, 1}, {300 - i, 1}}, "", "many");

  EXPECT_TRUE(diagnostics.Full());
  EXPECT_EQ(diagnostics.dropped(), 101U);
  const auto list = std::move(diagnostics).Take();
  ASSERT_EQ(list.size(), Diagnostics::kMax);
  EXPECT_EQ(list.front().message, "twice");
}

TEST(Diagnostic, ErrorsTakeThePlaceOfWarnings) {
  Diagnostics diagnostics;
  for (std::uint32_t i = 1; i <= 150; ++i)
    diagnostics.Add(Code::kUnreachable, {{i, 1}, {i, 1}}, "", "warning");
  EXPECT_FALSE(diagnostics.HasErrors());
  diagnostics.Add(Code::kEmpty, {{7, 9}, {7, 9}}, "", "error");

  EXPECT_TRUE(diagnostics.HasErrors());
  EXPECT_EQ(diagnostics.dropped(), 51U);
  const auto list = std::move(diagnostics).Take();
  ASSERT_EQ(list.size(), Diagnostics::kMax);
  EXPECT_EQ(std::ranges::count(list, Severity::kError, &Diagnostic::severity), 1);
}

TEST(Diagnostic, IsWrittenAsJsonAndAsALine) {
  const Diagnostic diagnostic{Code::kUnknownKey,    Severity::kError, "`for` has no key `i`",
                              "did you mean `in`?", {7, 5, 7, 6},     "/do/0/a/for/i"};
  EXPECT_EQ(
      ToJson(diagnostic).Dump(),
      R"({"code":"DSL0101","severity":"error","message":"`for` has no key `i`","hint":"did you mean `in`?","line":7,)"
      R"("column":5,"end_line":7,"end_column":6,"pointer":"/do/0/a/for/i"})");
  EXPECT_EQ(ToText(diagnostic), "7:5 error DSL0101: `for` has no key `i` (did you mean `in`?)");
}

}  // namespace
}  // namespace elevaite::dsl

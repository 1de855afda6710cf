// The specification's own examples, which the environment variable OWS_EXAMPLES names: all of them compile,
// with exactly these remarks. Without the variable the test is skipped.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

// Warnings and hints, by line; what is not named here has none.
const std::map<std::string, std::string>& Remarks() {
  static const std::map<std::string, std::string> remarks{
      // A literal that looks like an expression: `.customer` outside a field typed as expression.
      {"conditional-task.yaml", "21 DSL0307, 22 DSL0307"},
      {"run-subflow.yaml", "14 DSL0307"},
      {"try-catch-then.yaml", "30 DSL0307"},
      // A client secret in the document.
      {"authentication-oauth2.yaml", "22 DSL0113"},
      {"authentication-oidc.yaml", "19 DSL0113"},
      // The output of `listen` is a list, which has no members.
      {"for.yaml", "21 DSL0312"},
      {"accumulate-room-readings.yaml", "24 DSL0312, 25 DSL0602"},
      // A function at an address, checked without the network.
      {"call-custom-function-cataloged.yaml", "8 DSL0508"},
  };
  return remarks;
}

std::string RemarksOf(const CompileResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    if (!text.empty()) text += ", ";
    text += std::to_string(diagnostic.span.line) + " " + TextOf(diagnostic.code);
  }
  return text;
}

TEST(SpecificationExamples, CompileWithTheRemarksThatAreExpected) {
  const char* folder = std::getenv("OWS_EXAMPLES");
  if (folder == nullptr) GTEST_SKIP() << "OWS_EXAMPLES does not name the folder of the examples";
  const TestFunctions functions;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();

    const CompileResult result = Compile(text.str(), {.functions = &functions, .is_offline = true});

    const std::string name = entry.path().filename();
    const auto expected = Remarks().find(name);
    EXPECT_EQ(RemarksOf(result), expected == Remarks().end() ? "" : expected->second) << name;
    EXPECT_NE(result.program, nullptr) << name;
    ASSERT_NE(result.syntax, nullptr) << name;
    EXPECT_GT(Outline(*result.syntax, functions)["tasks"].Size(), 0U) << name;
  }
  EXPECT_EQ(count, 68);
}

}  // namespace
}  // namespace elevaite::dsl

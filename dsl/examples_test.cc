// The specification's own examples: each compiles, or is refused for nothing but parts that this version does
// not support. The folder is named by the environment variable OWS_EXAMPLES; without it the test is skipped.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

TEST(SpecificationExamples, CompileOrAreRefusedOnlyForUnsupportedParts) {
  const char* folder = std::getenv("OWS_EXAMPLES");
  if (folder == nullptr) GTEST_SKIP() << "OWS_EXAMPLES does not name the folder of the examples";
  const TestFunctions functions;
  int compiled = 0;
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();

    const CompileResult result = Compile(text.str(), {.functions = &functions});

    for (const Diagnostic& diagnostic : result.diagnostics) {
      const bool is_other_error =
          diagnostic.severity == Severity::kError && diagnostic.code != Code::kUnsupported;
      EXPECT_FALSE(is_other_error) << entry.path().filename() << ": " << ToText(diagnostic);
    }
    (result.program ? compiled : refused) += 1;
    ASSERT_NE(result.syntax, nullptr) << entry.path();
    EXPECT_GT(Outline(*result.syntax, functions)["tasks"].Size(), 0U) << entry.path();
  }
  std::cout << compiled << " examples compile, " << refused << " need parts that are not supported\n";
  EXPECT_GE(compiled + refused, 60);
  EXPECT_GE(compiled, 15);
}

}  // namespace
}  // namespace elevaite::dsl

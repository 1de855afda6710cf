// Runs text scripts: jq's own (when the environment variable JQ_TESTS names their folder) and those of
// testdata/.
//
// A case is one line of program, one line of JSON input and a line for each output, separated by blank lines
// and comments.
// %%FAIL before the program: it must not compile. In our own scripts a last line `%%ERROR text` expects that
// error message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "dsl/jq/jq.h"

namespace elevaite::jq {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string file;
  std::size_t line = 0;
  bool must_fail = false;
  std::string program;
  std::string input;
  std::vector<std::string> outputs;
  std::optional<std::string> error;
};

std::vector<Case> ReadCases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  std::ifstream in(path);
  std::string text;
  std::size_t line = 0;
  bool inside = false;
  bool fail_next = false;
  while (std::getline(in, text)) {
    ++line;
    const std::size_t start = text.find_first_not_of(" \t");
    if (start == std::string::npos || text[start] == '#') {
      inside = false;
      continue;
    }
    if (!inside && text.starts_with("%%FAIL")) {
      fail_next = true;
      continue;
    }
    if (!inside) {
      inside = true;
      cases.push_back(
          {.file = path.filename().string(), .line = line, .must_fail = fail_next, .program = text});
      fail_next = false;
      if (cases.back().must_fail) continue;
      if (!std::getline(in, cases.back().input)) break;
      ++line;
      continue;
    }
    if (text.starts_with("%%ERROR ")) {
      cases.back().error = text.substr(8);
    } else {
      cases.back().outputs.push_back(text);
    }
  }
  return cases;
}

// JSON as jq reads it: through its own fromjson, which takes nan and the like.
std::expected<Json, std::string> ReadValue(std::string text) {
  static const auto parser = Program::Compile("fromjson");
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  auto value = EvaluateFirst(*parser, Json(text), {}, {});
  if (!value) return std::unexpected(value.error().message);
  return *value;
}

// What went wrong, or nothing.
std::optional<std::string> ProblemOf(const Case& one) {
  const auto program = Program::Compile(one.program);
  if (one.must_fail) return program ? std::optional<std::string>("it compiles") : std::nullopt;
  if (!program) return "does not compile: " + program.error().message;
  const auto input = ReadValue(one.input);
  if (!input) return "bad input: " + input.error();
  Evaluation evaluation(
      *program, *input, {},
      {.budget = {.time_max = std::chrono::milliseconds(20'000)}, .now_us = 1'425'599'621'000'000});
  for (std::size_t i = 0;; ++i) {
    auto next = evaluation.Next();
    if (!next) {
      if (i < one.outputs.size()) return "error instead of output: " + next.error().message;
      if (one.error && next.error().message != "jq: " + *one.error)
        return "another error: " + next.error().message;
      return std::nullopt;
    }
    if (!*next) {
      if (i < one.outputs.size()) return "too few outputs: " + std::to_string(i);
      if (one.error) return "no error";
      return std::nullopt;
    }
    if (i >= one.outputs.size()) return "too many outputs: " + (*next)->Dump();
    const auto expected = ReadValue(one.outputs[i]);
    if (!expected) return "bad expectation: " + expected.error();
    if (**next != *expected) return "got " + (*next)->Dump() + ", expected " + expected->Dump();
  }
}

// A section of docs/language/jq.md.
std::string DocumentedIn(const std::string& heading) {
  std::ifstream in(JQ_DOCUMENTATION);
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  const std::size_t begin = page.find("\n## " + heading + "\n");
  CHECK(begin != std::string::npos);
  return page.substr(begin, page.find("\n## ", begin + 1) - begin);
}

TEST(JqScripts, OurOwnPass) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(JQ_TESTDATA)) {
    if (entry.path().extension() != ".test") continue;
    for (const Case& one : ReadCases(entry.path())) {
      ++count;
      const auto problem = ProblemOf(one);
      EXPECT_FALSE(problem) << one.file << ":" << one.line << ": " << one.program << "\n  "
                            << problem.value_or("");
    }
  }
  EXPECT_GE(count, 300U);
  EXPECT_THAT(DocumentedIn("Tests"), HasSubstr(std::to_string(count) + " cases of our own"));
}

// "jq.test: program" of the cases that docs/language/jq.md excuses, each under its reason.
std::set<std::string> Excused() {
  std::set<std::string> excused;
  std::istringstream section(DocumentedIn("Tests"));
  bool inside = false;
  for (std::string line; std::getline(section, line);) {
    if (line == "```") {
      inside = !inside;
    } else if (inside) {
      excused.insert(line);
    }
  }
  return excused;
}

TEST(JqScripts, JqsOwnPassButForModulesAndInput) {
  const char* folder = std::getenv("JQ_TESTS");
  if (folder == nullptr) GTEST_SKIP() << "JQ_TESTS does not name the folder of jq's *.test files";
  std::size_t count = 0;
  std::set<std::string> failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".test") continue;
    for (const Case& one : ReadCases(entry.path())) {
      ++count;
      const auto problem = ProblemOf(one);
      if (!problem) continue;
      const std::string name = one.file + ": " + one.program;
      failed.insert(name);
      EXPECT_TRUE(Excused().contains(name)) << name << "\n  " << problem->substr(0, 300);
    }
  }
  const std::size_t passed = count - failed.size();
  EXPECT_GE(passed, 850U) << "of " << count;
  EXPECT_EQ(failed, Excused());
  EXPECT_THAT(DocumentedIn("Tests"), HasSubstr("of the " + std::to_string(count) + " cases of jq 1.8.2, " +
                                               std::to_string(passed) + " pass"));
}

}  // namespace
}  // namespace elevaite::jq

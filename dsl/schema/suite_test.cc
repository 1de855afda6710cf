// Tests that are not part of the project, when environment variables name their folders:
//   JSON_SCHEMA_SUITE  the JSON-Schema-Test-Suite (tests/draft2020-12, remotes)
//   OWS_SCHEMA         workflow.json of the Serverless Workflow DSL; with OWS_EXAMPLES its examples, too
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "dsl/schema/schema.h"
#include "foundation/yaml.h"

namespace elevaite::schema {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Json ReadJson(const fs::path& path) {
  auto parsed = ParseJson(ReadText(path), {.allow_duplicate_keys = true});
  EXPECT_TRUE(parsed) << path;
  return parsed.value_or(Json());
}

std::map<std::string, Json, std::less<>> ReadRemotes(const fs::path& folder) {
  std::map<std::string, Json, std::less<>> remotes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    if (entry.path().extension() == ".json")
      remotes["http://localhost:1234/" + name] = ReadJson(entry.path());
  }
  return remotes;
}

std::string Text(const Json& value) { return std::string(value.AsString()); }

struct Count {
  std::size_t tests = 0;
  std::size_t passed = 0;
};

Count RunFile(const fs::path& file, const CompileOptions& options) {
  Count count;
  const Json groups = ReadJson(file);
  for (const Json& group : groups.AsArray()) {
    const auto schema = Schema::Compile(group["schema"], options);
    for (const Json& test : group["tests"].AsArray()) {
      ++count.tests;
      const bool valid = schema && schema->Validate(test["data"]).empty();
      if (schema && valid == test["valid"].AsBool()) {
        ++count.passed;
        continue;
      }
      std::printf("%s: %s: %s: %s\n", file.filename().c_str(), Text(group["description"]).c_str(),
                  Text(test["description"]).c_str(),
                  schema ? (valid ? "is valid" : "is not valid") : schema.error().message.c_str());
    }
  }
  return count;
}

Count RunFolder(const fs::path& folder, const CompileOptions& options) {
  Count sum;
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  for (const fs::path& file : files) {
    const Count count = RunFile(file, options);
    sum.tests += count.tests;
    sum.passed += count.passed;
  }
  std::printf("%s: %zu of %zu tests pass\n", folder.c_str(), sum.passed, sum.tests);
  return sum;
}

TEST(SchemaSuite, AllRequiredTestsOf202012Pass) {
  const char* suite = std::getenv("JSON_SCHEMA_SUITE");
  if (suite == nullptr) GTEST_SKIP() << "JSON_SCHEMA_SUITE does not name the folder of the test suite";
  CompileOptions options{.documents = ReadRemotes(fs::path(suite) / "remotes")};
  const fs::path tests = fs::path(suite) / "tests/draft2020-12";
  const Count required = RunFolder(tests, options);
  EXPECT_GE(required.tests, 1'200U);
  EXPECT_EQ(required.passed, required.tests);
  RunFolder(tests / "optional", options);
  options.assert_formats = true;
  RunFolder(tests / "optional/format", options);
}

TEST(SchemaSuite, TheWorkflowSchemaTakesItsExamples) {
  const char* file = std::getenv("OWS_SCHEMA");
  const char* examples = std::getenv("OWS_EXAMPLES");
  if (file == nullptr || examples == nullptr) GTEST_SKIP() << "OWS_SCHEMA or OWS_EXAMPLES is not set";
  const auto schema = Schema::Compile(ReadJson(file));
  ASSERT_TRUE(schema) << schema.error().pointer << ": " << schema.error().message;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(examples)) {
    if (entry.path().extension() != ".yaml") continue;
    const auto document = yaml::Read(ReadText(entry.path()));
    ASSERT_TRUE(document) << entry.path();
    const auto violations = schema->Validate(document->value());
    EXPECT_TRUE(violations.empty()) << entry.path() << ": " << violations.front().message;
    const Json broken = Json::WithoutMember(document->value(), "do");
    EXPECT_FALSE(schema->Validate(broken).empty()) << entry.path();
    ++count;
  }
  std::printf("%zu examples are valid\n", count);
  EXPECT_GE(count, 60U);
}

}  // namespace
}  // namespace elevaite::schema

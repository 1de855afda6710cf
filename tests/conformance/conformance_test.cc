// Runs the scenarios: ours (features/*.feature) and those of the specification's kit (from the folder
// OWS_CTK), each as it is and once more with a crash after every commit. What flows through every run must be
// of the types that the compiler inferred. `--counts` prints
// docs/language/conformance.md instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "tests/conformance/data_flow.h"
#include "tests/conformance/steps.h"
#include "tests/conformance/suite.h"

namespace elevaite::conformance {
namespace {

const std::string kRoot = ELEVAITE_SOURCE_DIR;
constexpr std::size_t kScenariosOfKit = 21;

StubServer& Stub() {
  static StubServer stub;
  return stub;
}

class ScenarioTest : public testing::Test {
 public:
  ScenarioTest(std::string file, Scenario scenario, bool crashes)
      : file_(std::move(file)), scenario_(std::move(scenario)), crashes_(crashes) {}

  void TestBody() override {
    Steps steps(Stub(), crashes_);
    for (const Step& step : scenario_.steps) {
      const Result<void> done = steps.Do(step);
      if (!done) {
        GTEST_FAIL() << file_ << ":" << step.line << ": " << scenario_.name << "\n  " << step.text << "\n  "
                     << done.error().message;
      }
    }
    for (const auto& [id, run] : steps.world().runs()) {
      for (const std::string& value : UnexpectedValues(run, steps.world().functions()))
        ADD_FAILURE() << file_ << ": " << scenario_.name << "\n  " << value;
    }
  }

 private:
  std::string file_;
  Scenario scenario_;
  bool crashes_;
};

std::string TestName(std::string name) {
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

void Register(const std::string& prefix, const Feature& feature) {
  const std::string topic = prefix + feature.file.substr(0, feature.file.find('.'));
  std::map<std::string, int> seen;
  for (const Scenario& scenario : feature.scenarios) {
    std::string name = TestName(scenario.name);
    if (const int before = seen[name]++; before > 0) name += "_" + std::to_string(before + 1);
    for (const bool crashes : {false, true}) {
      testing::RegisterTest(
          (topic + (crashes ? ".crashing" : "")).c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
          [=]() -> testing::Test* { return new ScenarioTest(feature.file, scenario, crashes); });
    }
  }
}

std::vector<Feature> Own() {
  auto features = ReadFeatures(kRoot + "/tests/conformance/features");
  if (!features) std::fprintf(stderr, "%s\n", features.error().message.c_str());
  return features.value_or(std::vector<Feature>());
}

TEST(Suite, HasAUniqueNameForEachScenario) {
  std::set<std::string> names;
  for (const Feature& feature : Own()) {
    for (const Scenario& scenario : feature.scenarios)
      EXPECT_TRUE(names.insert(scenario.name).second)
          << feature.file << ": '" << scenario.name << "' is there twice";
  }
  EXPECT_GE(names.size(), 200U);
}

TEST(Suite, HasAScenarioForEachTagOfTheSemantics) {
  std::set<std::string> tags;
  for (const Feature& feature : Own()) {
    for (const Scenario& scenario : feature.scenarios)
      tags.insert(scenario.tags.begin(), scenario.tags.end());
  }
  const auto named = TagsIn(ReadText(kRoot + "/docs/language/semantics.md"));
  EXPECT_FALSE(named.empty());
  for (const std::string& tag : named) EXPECT_TRUE(tags.contains(tag)) << "no scenario is tagged @" << tag;
}

TEST(Suite, IsCountedOnThePage) {
  EXPECT_EQ(ReadText(kRoot + "/docs/language/conformance.md"), RenderPage(Own()))
      << "print it anew: conformance_test --counts > docs/language/conformance.md";
}

TEST(Suite, HasTheWholeKit) {
  const char* folder = std::getenv("OWS_CTK");
  if (folder == nullptr)
    GTEST_SKIP() << "OWS_CTK names no folder: the specification's own scenarios are not run";
  const auto features = ReadFeatures(folder);
  ASSERT_TRUE(features.has_value()) << features.error().message;
  std::size_t count = 0;
  for (const Feature& feature : *features) count += feature.scenarios.size();
  EXPECT_EQ(count, kScenariosOfKit);
}

int Main(int argc, char** argv) {
  const std::vector<Feature> own = Own();
  if (own.empty()) return 2;
  if (argc == 2 && std::string_view(argv[1]) == "--counts") {
    std::fputs(RenderPage(own).c_str(), stdout);
    return 0;
  }
  testing::InitGoogleTest(&argc, argv);
  for (const Feature& feature : own) Register("", feature);
  if (const char* folder = std::getenv("OWS_CTK")) {
    for (const Feature& feature : ReadFeatures(folder).value_or(std::vector<Feature>()))
      Register("kit.", feature);
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace elevaite::conformance

int main(int argc, char** argv) { return elevaite::conformance::Main(argc, argv); }

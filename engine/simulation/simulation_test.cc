// The engine under simulation: many seeds without a finding, the same seed twice, and bugs planted on
// purpose, each of which must be found.
#include <gtest/gtest.h>

#include <set>

#include "engine/simulation/generator.h"
#include "engine/simulation/reference.h"
#include "engine/simulation/run.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/shrink.h"
#include "foundation/log.h"

namespace elevaite::simulation {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ELEVAITE_IS_SLOW 1
#endif
#endif
#ifdef ELEVAITE_IS_SLOW
constexpr std::uint64_t kSeeds = 300;
#else
constexpr std::uint64_t kSeeds = 2'000;
#endif
constexpr std::uint64_t kSeedsToFind = 3'000;  // a planted bug

TEST(Simulation, KeepsItsRulesForEverySeed) {
  SetLogLevel(LogLevel::kOff);
  Coverage coverage;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario scenario = MakeScenario(seed);
    const auto report = PlayScenario(scenario);
    ASSERT_TRUE(report) << "seed " << seed << ": " << report.error().message;
    if (report->violation) {
      const Scenario small = Shrink(scenario, *report->violation, {});
      FAIL() << Describe(small, {}) << "./dev sim --seeds 1 --seed " << seed;
    }
    coverage.Add(report->coverage);
  }
  // What is simulated is also met.
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind)
    EXPECT_GT(coverage.faults[kind], 0U) << NameOf(static_cast<FaultKind>(kind));
  EXPECT_GT(coverage.crashes, kSeeds / 3);
  EXPECT_GT(coverage.crashes_inside_steps, kSeeds / 10);
  EXPECT_GT(coverage.takeovers, kSeeds / 20);
  EXPECT_GT(coverage.drains, kSeeds / 50);
  EXPECT_GT(coverage.compared, kSeeds);
  EXPECT_GT(coverage.completed, kSeeds);
  EXPECT_GT(coverage.faulted, kSeeds / 3);
  EXPECT_GT(coverage.cancelled, kSeeds / 10);
  EXPECT_GT(coverage.buried, kSeeds / 100);
  EXPECT_GT(coverage.objects, kSeeds);
  EXPECT_GT(coverage.losses, kSeeds / 50);
  EXPECT_GT(coverage.held, kSeeds / 10);
  EXPECT_GT(coverage.forks, kSeeds / 4);
  // One in some 120 seeds: a few hundred may have none.
  if (kSeeds >= 2'000) EXPECT_GT(coverage.refused, kSeeds / 400);
}

TEST(Simulation, GivesTheSameRunForTheSameSeed) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto once = PlayScenario(MakeScenario(seed), {.keeps_trace = true});
    const auto again = PlayScenario(MakeScenario(seed), {.keeps_trace = true});
    ASSERT_TRUE(once && again);
    EXPECT_EQ(once->trace_hash, again->trace_hash);
    EXPECT_EQ(once->trace, again->trace);
    hashes.insert(once->trace_hash);
  }
  EXPECT_EQ(hashes.size(), 50U);
}

// The process dies with the call, which is given up; the retry listens for a second event, of which the
// reference knows nothing.
TEST(Simulation, SendsMoreEventsToAnExecutionThatWasGivenUp) {
  const Json document =
      ParseJson(R"json({"document": {"dsl": "1.0.3", "namespace": "sim", "name": "main", "version": "1.0.0"},
    "do": [{"a": {"try": [{"b": {"listen": {"to": {"one": {"with": {"type": "signal-0",
                                            "subject": "${ . == $workflow.id }"}}}}}},
                          {"c": {"call": "work", "with": {"n": 1}}}],
                  "catch": {"retry": {"delay": {"seconds": 1}, "limit": {"attempt": {"count": 3}}}}}}]})json")
          .value();
  Scenario scenario{.workflows = {{.name = "main", .document = document}},
                    .launches = {{.input = Json::Object({{"n", 1}})}},
                    .knobs = {.attempts_lost_max = 1}};
  std::uint64_t given_up = 0;
  for (scenario.seed = 1; scenario.seed <= 200; ++scenario.seed) {
    scenario.faults = {{.kind = FaultKind::kCrash, .at_step = 1 + scenario.seed % 40}};
    const auto report = PlayScenario(scenario);
    ASSERT_TRUE(report);
    ASSERT_FALSE(report->violation) << "seed " << scenario.seed << ": " << report->violation->what;
    given_up += report->coverage.buried;
  }
  EXPECT_GT(given_up, 0U);
}

class PlantedBug : public ::testing::TestWithParam<MutationName> {};

TEST_P(PlantedBug, IsFound) {
  for (std::uint64_t seed = 1; seed <= kSeedsToFind; ++seed) {
    const auto report = PlayScenario(MakeScenario(seed), {.mutation = GetParam().mutation});
    ASSERT_TRUE(report);
    if (!report->violation) continue;
    RecordProperty("seeds", static_cast<int>(seed));
    return;
  }
  FAIL() << GetParam().name << " is not found in " << kSeedsToFind << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Simulation, PlantedBug, ::testing::ValuesIn(kMutations), [](const auto& instance) {
  std::string name(instance.param.name);
  std::erase(name, '-');
  return name;
});

std::size_t SizeOf(const Scenario& scenario) {
  std::size_t size = scenario.faults.size();
  for (const auto& workflow : scenario.workflows) size += workflow.document.Dump().size();
  return size;
}

TEST(Shrink, GivesASmallerScenarioThatBreaksTheSameRule) {
  const RunOptions options{.mutation = Mutation::kEarlyDone};
  Scenario scenario = MakeScenario(1);
  std::optional<Violation> violation;
  while (!violation) {
    scenario = MakeScenario(scenario.seed + 1);
    violation = PlayScenario(scenario, options)->violation;
  }
  const Scenario small = Shrink(scenario, *violation, options);
  const auto report = PlayScenario(small, options);
  ASSERT_TRUE(report && report->violation);
  EXPECT_EQ(report->violation->rule, violation->rule);
  EXPECT_LT(SizeOf(small), SizeOf(scenario));
  EXPECT_NE(Describe(small, options).find(violation->rule), std::string::npos);
}

TEST(Generator, MakesEveryKindOfTask) {
  std::string all;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    for (const Workflow& workflow : MakeScenario(seed).workflows) all += workflow.document.Dump();
  }
  for (const char* key :
       {"set",   "do",    "switch",  "for",       "fork", "compete", "try",     "retry",  "catch",
        "raise", "wait",  "call",    "functions", "emit", "listen",  "foreach", "until",  "run",
        "await", "items", "timeout", "then",      "if",   "input",   "output",  "export", "while"})
    EXPECT_NE(all.find("\"" + std::string(key) + "\":"), std::string::npos) << key;
}

// The reference must not be right only because the engine is wrong in the same way.
TEST(Reference, WalksThroughADocument) {
  const Json document = ParseJson(R"json({"do": [
    {"a": {"set": {"n": "${ .n + 1 }"}, "export": {"as": "{c: .n}"}}},
    {"b": {"if": ".n > 100", "set": {"n": 0}}},
    {"c": {"for": {"each": "x", "at": "i", "in": "[10, 20]"}, "do": [{"d": {"set": {"n": "${ .n + $x + $i }"}}}]}},
    {"e": {"try": [{"f": {"raise": {"error": {"type": "t", "status": 503}}}}],
           "catch": {"as": "err", "do": [{"g": {"set": {"n": "${ .n + $err.status }"}}}]}}},
    {"h": {"fork": {"branches": [{"i": {"set": {"n": "${ .n }"}}}, {"j": {"set": {"n": "${ $context.c }"}}}]},
           "output": {"as": "{n: (map(.n) | add)}"}}},
    {"k": {"switch": [{"x": {"when": ".n == 0", "then": "continue"}}, {"y": {"then": "m"}}]}},
    {"l": {"set": {"n": 0}}},
    {"m": {"set": {"n": "${ .n * 2 }"}, "then": "end"}},
    {"o": {"set": {"n": 0}}}]})json")
                            .value();
  const std::vector<Workflow> workflows{{.name = "w", .document = document}};
  const Expected expected = RunReference(workflows, workflows[0], Json::Object({{"n", 1}}));
  EXPECT_EQ(expected.phase, engine::Phase::kCompleted);
  EXPECT_EQ(expected.output, Json::Object({{"n", 2 * (2 + 10 + 21 + 503 + 2)}}));
  EXPECT_FALSE(expected.is_timed);
}

TEST(Reference, SaysWhatDependsOnTime) {
  const Json document = ParseJson(R"json({"do": [{"f": {"fork": {"branches": [
    {"a": {"raise": {"error": {"type": "t", "status": 500}}}},
    {"b": {"raise": {"error": {"type": "t", "status": 501}}}}]}}}]})json")
                            .value();
  const std::vector<Workflow> workflows{{.name = "w", .document = document}};
  EXPECT_TRUE(RunReference(workflows, workflows[0], Json::Object({{"n", 1}})).is_timed);
}

}  // namespace
}  // namespace elevaite::simulation

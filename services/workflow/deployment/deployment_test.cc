#include "services/workflow/deployment/deployment.h"

#include <gtest/gtest.h>

#include "services/workflow/derived_id.h"

namespace elevaite::workflow {
namespace {

Deployment With(std::int64_t percent) {
  return {.revision = 1, .current = "1.0.0", .canary = Canary{.version = "2.0.0", .percent = percent}};
}

int CanariesAmong(const std::vector<ExecutionId>& ids, std::int64_t percent) {
  int canaries = 0;
  for (const ExecutionId& id : ids) canaries += With(percent).VersionFor(id) == "2.0.0" ? 1 : 0;
  return canaries;
}

TEST(Deployment, GivesTheCanaryItsShareOfNewIds) {
  std::vector<ExecutionId> fresh;
  std::vector<ExecutionId> derived;
  for (int i = 0; i < 20'000; ++i) {
    fresh.push_back(ExecutionId::New());  // one after the other, in few milliseconds
    derived.push_back(DerivedId(1'700'000'000'000'000, "schedule/" + std::to_string(i)));
  }
  for (const auto& ids : {fresh, derived}) {
    EXPECT_EQ(CanariesAmong(ids, 0), 0);
    EXPECT_EQ(CanariesAmong(ids, 100), 20'000);
    // Within five standard deviations.
    EXPECT_NEAR(CanariesAmong(ids, 1), 200, 71);
    EXPECT_NEAR(CanariesAmong(ids, 10), 2'000, 213);
    EXPECT_NEAR(CanariesAmong(ids, 50), 10'000, 354);
  }
}

TEST(Deployment, GivesAnIdTheSameVersionAgain) {
  for (int i = 0; i < 1'000; ++i) {
    const ExecutionId id = ExecutionId::New();
    EXPECT_EQ(With(30).VersionFor(id), With(30).VersionFor(id));
  }
}

TEST(Deployment, AHigherShareKeepsThoseThatHadTheCanary) {
  for (int i = 0; i < 5'000; ++i) {
    const ExecutionId id = ExecutionId::New();
    if (With(20).VersionFor(id) == "2.0.0") EXPECT_EQ(With(60).VersionFor(id), "2.0.0");
  }
}

TEST(Deployment, WithoutACanaryAllGetTheCurrentVersion) {
  const Deployment deployment{.revision = 3, .current = "1.0.0", .canary = std::nullopt};
  EXPECT_EQ(deployment.VersionFor(ExecutionId::New()), "1.0.0");
}

TEST(Deployment, ACanaryIsReadBack) {
  const Canary canary{.version = "2.0.0",
                      .percent = 7,
                      .since_us = 1'700'000'000'123'000,
                      .abort_when = AbortWhen{.failure_ratio = 0.25, .runs = 40}};
  EXPECT_EQ(*Canary::FromJson(canary.ToJson()), canary);
  const Canary plain{.version = "2.0.0", .percent = 0, .since_us = 0, .abort_when = std::nullopt};
  EXPECT_EQ(*Canary::FromJson(plain.ToJson()), plain);
}

TEST(AbortWhenTest, RefusesWhatIsNoBound) {
  for (const char* bad : {"1", "{}", R"({"failure_ratio": 0})", R"({"failure_ratio": 1})",
                          R"({"failure_ratio": "0.2"})", R"({"failure_ratio": 0.2, "runs": 0})",
                          R"({"failure_ratio": 0.2, "runs": 1001})", R"({"failure_ratio": 0.2, "run": 5})",
                          R"({"failure_ratio": 1e400})", R"({"failure_ratio": 0.2, "runs": 2.5})"}) {
    const auto json = ParseJson(bad);
    if (json) EXPECT_FALSE(AbortWhenFrom(*json)) << bad;
  }
  EXPECT_EQ(AbortWhenFrom(*ParseJson(R"({"failure_ratio": 0.5})"))->runs, 20);
}

TEST(WhyAbortTest, WaitsForEnoughRunsThenComparesWithTheCurrentVersion) {
  const AbortWhen when{.failure_ratio = 0.2, .runs = 10};
  struct Case {
    const char* what;
    Ended canary;
    Ended current;
    bool stops;
  };
  for (const Case& one : {
           Case{"none has ended", {0, 0}, {100, 0}, false},
           Case{"too few have ended", {0, 9}, {100, 0}, false},
           Case{"it does well", {10, 0}, {100, 0}, false},
           Case{"as many as allowed", {8, 2}, {100, 0}, false},
           Case{"more than allowed", {7, 3}, {100, 0}, true},
           Case{"the current one fails as much", {7, 3}, {70, 30}, false},
           Case{"the current one fails a little less", {7, 3}, {71, 29}, true},
           Case{"too few of the current one to compare with", {7, 3}, {0, 9}, true},
           Case{"there is nothing to compare with", {0, 10}, {0, 0}, true},
       }) {
    EXPECT_EQ(WhyAbort(when, one.canary, one.current).has_value(), one.stops) << one.what;
  }
  EXPECT_EQ(*WhyAbort(when, {7, 3}, {95, 5}),
            "3 of 10 runs of the canary failed (30 %, more than 20 %); of the current version 5 of 100");
}

}  // namespace
}  // namespace elevaite::workflow

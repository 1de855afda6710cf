#include "engine/activities/flow_map.h"

#include <gtest/gtest.h>

namespace elevaite::engine {
namespace {

FlowMap Of(std::size_t items, std::size_t concurrency, bool collects_errors = false) {
  return {.workflow = "test.part",
          .version = "",
          .items = std::vector<Json>(items),
          .concurrency = concurrency,
          .collects_errors = collects_errors};
}

ActivityFailure Failed(int status) {
  return {.error = Json::Object({{"status", status}}), .retry_in_us = {}};
}

TEST(MapProgress, GivesOutputsInTheOrderOfItems) {
  MapProgress progress(Of(3, 2));
  EXPECT_EQ(progress.lanes(), 2U);
  EXPECT_EQ(progress.Next().value().index, 0U);
  EXPECT_EQ(progress.Next().value().index, 1U);
  EXPECT_FALSE(progress.Take(1, ActivitySuccess{"b"}));
  EXPECT_EQ(progress.Next().value().index, 2U);
  EXPECT_FALSE(progress.Next());
  EXPECT_FALSE(progress.Take(2, ActivitySuccess{"c"}));
  EXPECT_FALSE(progress.Take(0, ActivitySuccess{"a"}));
  const ActivityOutcome outcome = std::move(progress).Outcome();
  EXPECT_EQ(std::get<ActivitySuccess>(outcome).output, Json::Array({"a", "b", "c"}));
}

TEST(MapProgress, StopsAtTheFirstErrorOnce) {
  MapProgress progress(Of(5, 3));
  for (int i = 0; i < 3; ++i) progress.Next();
  EXPECT_TRUE(progress.Take(1, Failed(422)));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  EXPECT_FALSE(progress.Take(3, std::nullopt));
  EXPECT_FALSE(progress.Next());
  EXPECT_FALSE(progress.Take(0, Failed(500))) << "what still ran was told to end already";
  const ActivityOutcome outcome = std::move(progress).Outcome();
  EXPECT_EQ(std::get<ActivityFailure>(outcome).error["status"], Json(422));
}

TEST(MapProgress, CollectsErrorsAndGoesOn) {
  MapProgress progress(Of(2, 1, true));
  progress.Next();
  EXPECT_FALSE(progress.Take(0, Failed(422)));
  EXPECT_EQ(progress.Next().value().index, 1U);
  EXPECT_FALSE(progress.Take(1, ActivitySuccess{7}));
  const ActivityOutcome outcome = std::move(progress).Outcome();
  EXPECT_EQ(std::get<ActivitySuccess>(outcome).output,
            Json::Array(
                {Json::Object({{"error", Json::Object({{"status", 422}})}}), Json::Object({{"output", 7}})}));
}

// The second life of a map that had stopped: what it had cancelled comes before the one that had failed.
TEST(MapProgress, LooksBehindWhatWasCancelledForTheError) {
  MapProgress progress(Of(9, 1));
  EXPECT_FALSE(progress.Next().value().only_if_begun);
  EXPECT_TRUE(progress.Take(0, ChildCancelled{}));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  EXPECT_FALSE(progress.Take(1, ActivitySuccess{"b"}));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  EXPECT_TRUE(progress.Take(2, Failed(422)));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  const ActivityOutcome outcome = std::move(progress).Outcome();
  EXPECT_EQ(std::get<ActivityFailure>(outcome).error["status"], Json(422));
}

TEST(MapProgress, IsCancelledWhenNothingElseHadFailed) {
  MapProgress progress(Of(9, 1));
  progress.Next();
  EXPECT_TRUE(progress.Take(0, ChildCancelled{}));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  EXPECT_FALSE(progress.Take(1, std::nullopt)) << "it was never begun, so none after it";
  EXPECT_FALSE(progress.Next());
  const ActivityOutcome outcome = std::move(progress).Outcome();
  EXPECT_EQ(std::get<ActivityFailure>(outcome).error["title"], Json("The workflow was cancelled"));
}

// It may be the second life of one that had begun some.
TEST(MapProgress, EndsWhatWasBegunWhenItHasFailedOtherwise) {
  MapProgress progress(Of(4, 1, true));
  EXPECT_TRUE(progress.Fail(Json("cancelled")));
  EXPECT_FALSE(progress.Fail(Json("again")));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  EXPECT_FALSE(progress.Take(0, ChildCancelled{}));
  EXPECT_TRUE(progress.Next().value().only_if_begun);
  EXPECT_FALSE(progress.Take(1, std::nullopt)) << "it was never begun, so none after it";
  EXPECT_FALSE(progress.Next());
}

}  // namespace
}  // namespace elevaite::engine

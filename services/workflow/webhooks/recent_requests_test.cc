#include "services/workflow/webhooks/recent_requests.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

SeenRequest At(std::int64_t us, std::size_t body_bytes = 1) {
  return {.at = Timestamp::FromMicros(us),
          .result = HookResult::kStarted,
          .status = 202,
          .body = Json(std::string(body_bytes, 'x'))};
}

TEST(RecentRequests, AreTheLastFiftyTheNewestFirst) {
  RecentRequests recent;
  const WebhookId a = WebhookId::New();
  const WebhookId b = WebhookId::New();
  EXPECT_EQ(recent.Last(a), nullptr);
  for (int i = 0; i < 60; ++i) recent.Add(a, At(i));
  recent.Add(b, At(100));
  const auto all = recent.Of(a);
  ASSERT_EQ(all.size(), RecentRequests::kKept);
  EXPECT_EQ(all.front()->at.micros(), 59);
  EXPECT_EQ(all.back()->at.micros(), 10);
  EXPECT_EQ(recent.Last(a)->at.micros(), 59);
  EXPECT_EQ(recent.Find(a, all[3]->id), all[3]);
  EXPECT_EQ(recent.Find(b, all[3]->id), nullptr);
  EXPECT_EQ(recent.Count(HookResult::kStarted), 61U);
  recent.Forget(a);
  EXPECT_TRUE(recent.Of(a).empty());
  EXPECT_EQ(recent.Of(b).size(), 1U);
}

TEST(RecentRequests, OfAllTogetherTakeNoMoreThanTheirRoom) {
  RecentRequests recent;
  std::vector<WebhookId> ids;
  std::size_t bytes = 0;
  for (int i = 0; i < 40; ++i) ids.push_back(WebhookId::New());
  for (int i = 0; i < 2000; ++i) recent.Add(ids[static_cast<std::size_t>(i) % ids.size()], At(i, 60'000));
  std::int64_t oldest = 2000;
  for (const WebhookId& id : ids) {
    for (const auto& request : recent.Of(id)) {
      bytes += request->body->MemoryBytes();
      oldest = std::min(oldest, request->at.micros());
    }
  }
  EXPECT_LE(bytes, RecentRequests::kBytesMax);
  EXPECT_GT(bytes, RecentRequests::kBytesMax / 2);
  // Those that went were the oldest.
  EXPECT_NEAR(static_cast<double>(2000 - oldest), static_cast<double>(bytes) / 60'000, 20);
}

}  // namespace
}  // namespace elevaite::workflow

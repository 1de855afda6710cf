#include "services/workflow/webhooks/payload.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

TEST(WebhookBody, IsReadByItsType) {
  EXPECT_EQ(*BodyOf("application/json", R"({"a": 1})"), Json::Object({{"a", 1}}));
  EXPECT_EQ(*BodyOf("Application/JSON; charset=utf-8", "[1]"), Json::Array({1}));
  EXPECT_EQ(*BodyOf("application/cloudevents+json", "1"), Json(1));
  EXPECT_EQ(*BodyOf("text/plain", "1"), Json("1"));
  EXPECT_EQ(*BodyOf("application/xml", "<a/>"), Json("<a/>"));
  EXPECT_EQ(*BodyOf("", "{}"), Json::EmptyObject());
  EXPECT_EQ(*BodyOf("", "{"), Json("{"));
  EXPECT_EQ(*BodyOf("application/x-www-form-urlencoded", "a=1&b=x+y&a=2&a=%C3%BC"),
            Json::Object({{"a", Json::Array({"1", "2", "ü"})}, {"b", "x y"}}));
  for (const char* type : {"", "application/json", "image/png"}) EXPECT_EQ(*BodyOf(type, ""), Json()) << type;
}

TEST(WebhookBody, ThatIsNotWhatItSays) {
  EXPECT_EQ(BodyOf("application/json", "{").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(BodyOf("application/json", "\xff").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(BodyOf("text/plain", "\xff").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(BodyOf("", "\xff").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(BodyOf("application/x-www-form-urlencoded", "a=%zz").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(BodyOf("image/png", "x").error().code, ErrorCode::kUnsupportedMedia);
  EXPECT_EQ(BodyOf("multipart/form-data; boundary=x", "x").error().code, ErrorCode::kUnsupportedMedia);
  EXPECT_EQ(BodyOf("nonsense", "x").error().code, ErrorCode::kUnsupportedMedia);
}

TEST(WebhookHead, HasNoCredentials) {
  net::Request request;
  request.method = net::Method::kPost;
  request.target = "/hooks/a?x=1";
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "X-Hub-Signature-256", "X-Kept"})
    request.headers.Add(name, "value");
  request.headers.Add("x-latin", "\xe9");
  const auto settings = WebhookSettingsFrom(
      Json::Object({{"path", "a"}, {"authentication", Json::Object({{"type", "github"}, {"secret", "s"}})}}));
  const auto head = HeadOf(request, settings->authentication);
  ASSERT_TRUE(head) << head.error().ToString();
  EXPECT_EQ((*head)["headers"], Json::Object({{"x-kept", "value"}}));
  EXPECT_EQ((*head)["method"], Json("POST"));
  EXPECT_EQ((*head)["query"], Json::Object({{"x", "1"}}));
  EXPECT_EQ(HiddenHeaders(request, settings->authentication),
            (std::vector<std::string>{"authorization", "cookie", "x-api-key", "x-hub-signature-256"}));
}

}  // namespace
}  // namespace elevaite::workflow

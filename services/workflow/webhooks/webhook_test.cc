#include "services/workflow/webhooks/webhook.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

Result<WebhookSettings> Read(std::string_view text) {
  const auto json = ParseJson(text);
  EXPECT_TRUE(json) << text;
  return WebhookSettingsFrom(*json);
}

TEST(WebhookSettings, TheLeastIsAPath) {
  const auto settings = Read(R"({"path": "orders/new"})");
  ASSERT_TRUE(settings) << settings.error().ToString();
  EXPECT_EQ(settings->methods, std::vector<std::string>{"POST"});
  EXPECT_TRUE(settings->enabled);
  EXPECT_EQ(settings->body_bytes_max, 1U << 20U);
  EXPECT_EQ(settings->source["authentication"], Json::Object({{"type", "none"}}));
}

// What is stored and shown means what was sent.
TEST(WebhookSettings, ReadingWhatIsShownGivesTheSame) {
  for (
      const char* text :
      {R"({"path": "a", "methods": ["PUT", "GET", "PUT"], "description": "d", "enabled": false, "capture": true})",
       R"({"path": "a", "authentication": {"type": "github", "secret": "s"}, "body_max": "16MiB"})",
       R"({"path": "a", "authentication": {"type": "stripe", "secret": "s", "tolerance": "1m"}})",
       R"({"path": "a", "authentication": {"type": "header", "secret": "s", "header": "X-Token"}})",
       R"({"path": "a", "authentication": {"type": "hmac", "secret": "s", "header": "X", "algorithm": "sha512",
            "encoding": "base64", "prefix": "p=", "timestamp_header": "T", "content": "{timestamp}{body}"}})",
       R"({"path": "a", "filter": "${ .body.a == 1 }", "deduplicate": {"key": ".body.id"}})",
       R"({"path": "a", "deduplicate": {"header": "X-Id", "window": "7d"}, "response": {"wait": "10s", "status": 201,
            "headers": {"X-A": "${ .a }"}, "body": {"id": "${ .id }", "list": [1, "${ $request.path }"]}}})"}) {
    const auto settings = Read(text);
    ASSERT_TRUE(settings) << text << settings.error().ToString();
    const auto again = WebhookSettingsFrom(settings->source);
    ASSERT_TRUE(again) << settings->source << again.error().ToString();
    EXPECT_EQ(again->source, settings->source);
  }
}

TEST(WebhookSettings, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({})", "path must have"},
      {R"([])", "the body must be an object"},
      {R"({"path": 5})", "path must be a text"},
      {R"({"path": "/a"})", "path must have"},
      {R"({"path": "a//b"})", "path must have"},
      {R"({"path": "a/../b"})", "path must have"},
      {R"({"path": "a b"})", "path must have"},
      {R"({"path": "ä"})", "path must have"},
      {R"({"path": "a", "zzz": 1})", "zzz is not known"},
      {R"({"path": "a", "methods": []})", "methods must be a list"},
      {R"({"path": "a", "methods": "POST"})", "methods must be a list"},
      {R"({"path": "a", "methods": ["POST", "HEAD"]})", "methods must be a list"},
      {R"({"path": "a", "enabled": "yes"})", "enabled must be true or false"},
      {R"({"path": "a", "body_max": "50MB"})", "body_max is not a size"},
      {R"({"path": "a", "body_max": 5})", "body_max is not a size"},
      {R"({"path": "a", "body_max": "0"})", "body_max is not a size"},
      {R"({"path": "a", "authentication": "github"})", "authentication must be an object"},
      {R"({"path": "a", "authentication": {"type": "magic"}})", "authentication.type is not 'magic'"},
      {R"({"path": "a", "authentication": {"type": "github"}})", "authentication.secret must be the name"},
      {R"({"path": "a", "authentication": {"type": "github", "secret": "hush hush"}})",
       "authentication.secret must be"},
      {R"({"path": "a", "authentication": {"type": "hmac", "secret": "s"}})",
       "authentication.header is missing"},
      {R"({"path": "a", "authentication": {"type": "hmac", "secret": "s", "header": "a b"}})",
       "authentication.header"},
      {R"({"path": "a", "authentication": {"type": "hmac", "secret": "s", "header": "x", "content": "{timestamp}.{body}"}})",
       "authentication.content"},
      {R"({"path": "a", "authentication": {"type": "hmac", "secret": "s", "header": "x", "content": "none"}})",
       "authentication.content"},
      {R"({"path": "a", "authentication": {"type": "slack", "secret": "s", "tolerance": "0s"}})",
       "authentication.tolerance"},
      {R"({"path": "a", "authentication": {"type": "slack", "secret": "s", "tolerance": "2d"}})",
       "authentication.tolerance"},
      {R"({"path": "a", "filter": ".a |"})", "filter is no jq expression"},
      {R"({"path": "a", "filter": "$secrets.x"})", "filter is no jq expression"},
      {R"({"path": "a", "deduplicate": {}})", "deduplicate.header or"},
      {R"({"path": "a", "deduplicate": {"header": "x", "key": ".a"}})", "deduplicate.header or"},
      {R"({"path": "a", "deduplicate": {"header": "x", "window": "31d"}})", "deduplicate.window"},
      {R"({"path": "a", "response": {"wait": "61s"}})", "response.wait"},
      {R"({"path": "a", "response": {"status": 200}})", "response.status needs response.wait"},
      {R"({"path": "a", "response": {"wait": "1s", "status": 199}})", "response.status must be"},
      {R"({"path": "a", "response": {"wait": "1s", "status": "200"}})", "response.status must be"},
      {R"({"path": "a", "response": {"wait": "1s", "headers": {"set-cookie": "a=b"}}})",
       "response.headers cannot set"},
      {R"({"path": "a", "response": {"wait": "1s", "headers": {"Content-Security-Policy": ""}}})",
       "response.headers cannot set"},
      {R"({"path": "a", "response": {"wait": "1s", "headers": {"X-Content-Type-Options": "a"}}})",
       "response.headers cannot set"},
      {R"({"path": "a", "response": {"wait": "1s", "headers": {"transfer-encoding": "chunked"}}})",
       "response.headers cannot set"},
      {R"({"path": "a", "response": {"wait": "1s", "body": "id: ${ .id }"}})",
       "response.body has an expression inside"},
      {R"({"path": "a", "response": {"wait": "1s", "body": ["${ .id + }"]}})",
       "response.body is no jq expression"},
  };
  for (const auto& [text, message] : wrong) {
    const auto settings = Read(text);
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(settings.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_TRUE(settings.error().message.starts_with(message)) << text << "\n" << settings.error().message;
  }
}

}  // namespace
}  // namespace elevaite::workflow

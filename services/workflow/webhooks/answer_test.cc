#include "services/workflow/webhooks/answer.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

const ExecutionId kId = ExecutionId::New();

Result<net::Response> Map(std::string_view response, const Json& output) {
  const auto settings =
      WebhookSettingsFrom(Json::Object({{"path", "a"}, {"response", *ParseJson(response)}}));
  EXPECT_TRUE(settings) << settings.error().ToString();
  const engine::Outcome outcome{.phase = engine::Phase::kCompleted, .output = output, .error = {}};
  return EndedAnswer(settings->answer, outcome, kId, true, Json::Object({{"path", "in"}}));
}

TEST(WebhookAnswer, IsTheOutputUnlessItIsMapped) {
  const auto response = Map(R"({"wait": "1s"})", Json::Object({{"a", "é"}}));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(std::get<std::string>(response->body), R"({"a":"é"})");
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_EQ(response->headers.Get("x-execution-id"), kId.ToString());
  EXPECT_EQ(response->headers.Get("content-security-policy"), "sandbox; default-src 'none'");
}

TEST(WebhookAnswer, IsMapped) {
  const auto response = Map(R"({"wait": "1s", "status": "${ .code }",
      "headers": {"Location": "${ \"/orders/\" + (.id | tostring) }", "x-number": "${ .id }", "x-none": "${ .none }"},
      "body": {"id": "${ .id }", "at": "${ $request.path }", "run": "${ $execution.id }", "plain": [1, "text"]}})",
                            Json::Object({{"code", 201}, {"id", 7}}));
  ASSERT_TRUE(response) << response.error().ToString() << response.error().detail;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->headers.Get("location"), "/orders/7");
  EXPECT_EQ(response->headers.Get("x-number"), "7");
  EXPECT_FALSE(response->headers.Has("x-none"));
  EXPECT_EQ(std::get<std::string>(response->body),
            R"({"id":7,"at":"in","run":")" + kId.ToString() + R"(","plain":[1,"text"]})");
}

TEST(WebhookAnswer, ATextOfAnotherTypeGoesOutAsItIs) {
  const auto response = Map(R"({"wait": "1s", "headers": {"content-type": "text/xml"}, "body": "${ .xml }"})",
                            Json::Object({{"xml", "<a/>"}}));
  ASSERT_TRUE(response);
  EXPECT_EQ(std::get<std::string>(response->body), "<a/>");
  EXPECT_EQ(response->headers.Get("content-type"), "text/xml");
  const auto none = Map(R"({"wait": "1s", "status": 204})", Json("x"));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(none->body));
}

TEST(WebhookAnswer, ThatCannotBeMade) {
  for (const auto& [response, output] :
       {std::pair{R"({"wait": "1s", "status": "${ .code }"})", Json::Object({{"code", 700}})},
        {R"({"wait": "1s", "status": "${ .code }"})", Json::Object({{"code", "200"}})},
        {R"({"wait": "1s", "body": "${ .a.b }"})", Json::Object({{"a", 5}})},
        {R"({"wait": "1s", "body": "${ [range(1e9)] | length }"})", Json()}}) {
    const auto answer = Map(response, output);
    ASSERT_FALSE(answer) << response;
    EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
    EXPECT_NE(answer.error().detail, "");
  }
}

// Line breaks cannot make a second header.
TEST(WebhookAnswer, HeadersStayOneLine) {
  const auto response =
      Map(R"({"wait": "1s", "headers": {"x-a": "${ .a }"}})", Json::Object({{"a", "1\r\nset-cookie: b"}}));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.Get("x-a"), "1  set-cookie: b");
  EXPECT_FALSE(response->headers.Has("set-cookie"));
}

TEST(WebhookAnswer, TheErrorOfAWorkflowIsNotToldToCallers) {
  const engine::Outcome outcome{
      .phase = engine::Phase::kFaulted, .output = {}, .error = Json("the password is x")};
  const auto response = EndedAnswer({}, outcome, kId, false, {});
  EXPECT_EQ(response->status, 502);
  EXPECT_EQ(std::get<std::string>(response->body).find("password"), std::string::npos);
  EXPECT_EQ(response->headers.Get("x-webhook-duplicate"), "true");
}

}  // namespace
}  // namespace elevaite::workflow

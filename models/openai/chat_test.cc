#include "models/openai/chat.h"

#include <gtest/gtest.h>

namespace elevaite::models::openai {
namespace {

Json J(std::string_view text) { return ParseJson(text).value(); }

TEST(ChatRequest, MakesMessagesOfAPromptAndKeepsGivenOnes) {
  EXPECT_EQ(ChatRequest(J(R"({"prompt":"Hi"})"), "small").value(),
            J(R"({"model":"small","messages":[{"role":"user","content":"Hi"}]})"));
  const Json given =
      J(R"({"messages":[{"role":"system","content":"s"}],"model":"big","temperature":0.2,"max_tokens":5})");
  EXPECT_EQ(ChatRequest(given, "small").value()["model"], Json("big"));
  EXPECT_EQ(ChatRequest(given, "small").value()["messages"], given["messages"]);
  EXPECT_EQ(ChatRequest(given, "small").value()["max_tokens"], Json(5));
}

TEST(ChatRequest, AsksForJsonWhenThereIsASchema) {
  const Json request = ChatRequest(J(R"({"prompt":"x","schema":{"type":"object"}})"), "m").value();
  EXPECT_EQ(request["response_format"]["json_schema"]["schema"], J(R"({"type":"object"})"));
}

TEST(ChatRequest, RefusesWhatSaysNothing) {
  for (const char* bad : {"{}", R"({"messages":[]})", R"({"prompt":5})", "null"})
    EXPECT_FALSE(ChatRequest(J(bad), "m")) << bad;
}

TEST(ChatAnswer, ReadsTextUsageAndValue) {
  const Json response =
      J(R"({"model":"m","choices":[{"finish_reason":"stop","message":{"content":"```json\n{\"a\":1}\n```"}}],
                              "usage":{"prompt_tokens":3,"completion_tokens":4}})");
  EXPECT_EQ(ChatAnswer(response, true).value()["value"], J(R"({"a":1})"));
  EXPECT_EQ(ChatAnswer(response, false).value()["usage"], J(R"({"input_tokens":3,"output_tokens":4})"));
}

TEST(ChatAnswer, SaysWhenTheAnswerCannotBeUsed) {
  EXPECT_FALSE(ChatAnswer(J("{}"), false));
  EXPECT_FALSE(ChatAnswer(J(R"({"choices":[{"message":{"content":"no json"}}]})"), true));
  EXPECT_FALSE(ChatAnswer(J(R"({"choices":[{"message":{"content":"```"}}]})"), true));
}

}  // namespace
}  // namespace elevaite::models::openai

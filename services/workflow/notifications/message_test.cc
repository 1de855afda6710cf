// What goes over the wire, and that nothing of a workflow gets out of its place in it.
#include "services/workflow/notifications/message.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "foundation/base64.h"
#include "services/workflow/webhooks/signature.h"

namespace elevaite::notifications {
namespace {

const Json kContent =
    ParseJson(R"({"id": "exe_1.7", "type": "execution.failed", "time": "2026-11-26T20:15:00Z",
  "workflow": {"namespace": "shop", "name": "orders", "version": "1.0.0"}, "execution": {"id": "exe_1"},
  "error": {"title": "Payment failed", "detail": "<b> & co"}, "count": 1,
  "url": "https://flows.example/executions/exe_1"})")
        .value();

std::string Decoded(std::string_view base64) {
  std::string text;
  for (const char c : base64) {
    if (c == '\r' || c == '\n' || c == '=') continue;
    text += c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return ReadBase64Url(text).value_or("?");
}

Result<Wording> Compiled(std::string_view text) { return Wording::Compile(text); }
std::string For(std::string_view text) { return Compiled(text)->For(kContent, 1'000); }

TEST(NotificationWording, PutsExpressionsIntoTexts) {
  EXPECT_EQ(For("plain"), "plain");
  EXPECT_EQ(For("${ .workflow.name } of ${.workflow.namespace}!"), "orders of shop!");
  EXPECT_EQ(For("${ {a: {b: .count}} }"), R"({"a":{"b":1}})");
  EXPECT_EQ(For(R"(${ "}\(.count)}" })"), "}1}");
  EXPECT_EQ(For("$${ .count } ${ .nothing }."), "${ .count } .");
  EXPECT_EQ(For("${ .count | error }x"), "(?)x") << "a message with a hole is better than none";
  EXPECT_EQ(For("${ last(range(1e9)) }"), "(?)") << "nor does it take for ever";
  EXPECT_EQ(Compiled("ü ${ .workflow.name }")->For(kContent, 1), "");
}

TEST(NotificationWording, SaysWhichExpressionIsWrong) {
  for (const char* text : {"${ .a", "${ .a + }", "${ $secrets.x }", "${ nosuch }"}) {
    const auto compiled = Compiled(text);
    ASSERT_FALSE(compiled) << text;
    EXPECT_NE(compiled.error().message.find("is no expression"), std::string::npos)
        << compiled.error().message;
  }
  std::string many;
  for (int i = 0; i < 60; ++i) many += "${ 1 }";
  EXPECT_FALSE(Compiled(many));
  EXPECT_FALSE(Compiled(std::string(10'000, 'x')));
}

TEST(NotificationWording, HasWordsOfItsOwn) {
  const Words words = WordsFor(kContent, nullptr, nullptr);
  EXPECT_EQ(words.subject, "shop.orders failed");
  EXPECT_EQ(
      words.body,
      "- Workflow: shop.orders 1.0.0\n- Run: exe_1\n- Error: Payment failed\n- Detail: <b> & co\n- Time: "
      "2026-11-26T20:15:00Z\n\nhttps://flows.example/executions/exe_1\n");
  const Json many = Json::WithMember(Json::WithMember(kContent, "count", 42), "window_s", 300);
  EXPECT_EQ(WordsFor(many, nullptr, nullptr).subject, "shop.orders: 42 runs failed in 5m");
}

TEST(NotificationWebhook, IsSignedAsItsReceiversExpect) {
  const std::string body = WebhookBody(kContent);
  EXPECT_EQ(ParseJson(body).value()["type"], Json("execution.failed"));
  const Json secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const auto headers = WebhookHeaders("ntf_1", 1'700'000'000'000'000, body, &secret);
  ASSERT_TRUE(headers) << headers.error().ToString();
  EXPECT_EQ(headers->Get("webhook-timestamp"), "1700000000");
  // By the other half, which checks what others send us.
  const workflow::Authentication authentication{.scheme = workflow::Scheme::kStandard};
  const auto check = [&](const Json& key, std::string_view text) {
    return workflow::CheckSender(authentication, key, *headers, text,
                                 Timestamp::FromMicros(1'700'000'010'000'000));
  };
  EXPECT_TRUE(check(secret, body));
  EXPECT_FALSE(check(secret, body + " "));
  EXPECT_FALSE(check(Json("whsec_AAAA"), body));
}

// The example of the specification's own libraries.
TEST(NotificationWebhook, GivesTheSignatureThatIsKnown) {
  const Json secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const auto headers = WebhookHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330'000'000,
                                      R"({"test": 2432232314})", &secret);
  EXPECT_EQ(headers->Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(NotificationWebhook, SignsWithEachSecretWhileItIsChanged) {
  const Json both = Json::Array({"old", "new"});
  const auto headers = WebhookHeaders("m", 1'000'000, "{}", &both);
  const std::string_view signatures = headers->Get("webhook-signature");
  EXPECT_EQ(std::ranges::count(signatures, ' '), 1);
  for (const Json& bad : {Json(""), Json(7), Json::Array({"a", ""}), Json("whsec_!"), Json("whsec_")}) {
    const auto refused = WebhookHeaders("m", 1'000'000, "{}", &bad);
    ASSERT_FALSE(refused) << bad.Dump();
    EXPECT_EQ(refused.error().message.find("whsec_!"), std::string::npos);
  }
  EXPECT_FALSE(WebhookHeaders("m", 1, "{}", nullptr)->Has("webhook-signature"));
}

TEST(NotificationSlack, EscapesTexts) {
  EXPECT_EQ(SlackEscaped("<!channel> & <http://x|y>", 1'000), "&lt;!channel&gt; &amp; &lt;http://x|y&gt;");
  EXPECT_LE(SlackEscaped(std::string(5'000, '<'), 2'900).size(), 2'900U);
  EXPECT_EQ(SlackEscaped("aaü", 8), "aaü");
  EXPECT_EQ(SlackEscaped("aaaü", 8), "aaaü");
  EXPECT_EQ(SlackEscaped("aaaaü", 8), "aaaa");
  const Json body = ParseJson(SlackBody(WordsFor(kContent, nullptr, nullptr), kContent)).value();
  EXPECT_EQ(body["blocks"].At(0)["text"]["text"], Json("shop.orders failed"));
  const std::string section(body["blocks"].At(1)["text"]["text"].AsString());
  EXPECT_NE(section.find("&lt;b&gt; &amp; co"), std::string::npos) << section;
  EXPECT_EQ(section.find("https://"), std::string::npos) << "the link is a button";
  EXPECT_EQ(body["blocks"].At(2)["elements"].At(0)["url"], Json("https://flows.example/executions/exe_1"));
}

std::string MailOf(const std::string& subject, const std::string& body) {
  return MailMessage({.from = "flows@x.example",
                      .to = {"a@x.example", "b@x.example"},
                      .id = "ntf_1",
                      .domain = "x.example",
                      .time_us = 1'795'724'100'000'000},
                     {.subject = subject, .body = body});
}

std::string HeadOf(const std::string& mail) { return mail.substr(0, mail.find("\r\n\r\n")); }

TEST(NotificationMail, IsAMessageWithItsText) {
  const std::string mail = MailOf("shop.orders failed", "Grüße\n.\nend\n");
  const std::string head = HeadOf(mail);
  EXPECT_NE(head.find("Date: Thu, 26 Nov 2026 20:15:00 +0000\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("\r\nTo: a@x.example,\r\n b@x.example\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nSubject: shop.orders failed\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nMessage-ID: <ntf_1@x.example>\r\n"), std::string::npos);
  EXPECT_EQ(Decoded(mail.substr(head.size() + 4)), "Grüße\r\n.\r\nend\r\n");
}

TEST(NotificationMail, LetsNothingIntoItsHead) {
  for (const std::string& subject :
       {std::string("x\r\nBcc: evil@x.example"), std::string("x\nBcc: evil@x.example\n\nbody"),
        std::string("x\rBcc: y"), std::string("=?utf-8?B?QmNjOiBldmls?="),
        std::string(500, 'a') + "\r\nBcc: y", std::string("ü\r\nBcc: y"), std::string("\0\r\nBcc: y", 10)}) {
    const std::string head = HeadOf(MailOf(subject, "b"));
    std::size_t headers = 0;
    for (std::size_t at = 0; at < head.size();) {
      const std::size_t end = std::min(head.find("\r\n", at), head.size());
      const std::string line = head.substr(at, end - at);
      EXPECT_LE(line.size(), 78U) << line;
      for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
      if (!line.starts_with(' ')) ++headers;
      EXPECT_FALSE(line.starts_with("Bcc")) << head;
      at = end + 2;
    }
    EXPECT_EQ(headers, 9U) << head;
  }
}

}  // namespace
}  // namespace elevaite::notifications

#include "services/workflow/webhooks/signature.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

Authentication Of(const std::string& text) {
  const auto settings =
      WebhookSettingsFrom(Json::Object({{"path", "x"}, {"authentication", *ParseJson(text)}}));
  EXPECT_TRUE(settings) << settings.error().ToString() << settings.error().hint;
  return settings ? settings->authentication : Authentication{};
}

// "" when the sender is known.
std::string Check(const Authentication& authentication, const Json& secret, const net::Headers& headers,
                  std::string_view body, std::int64_t at_seconds = 0) {
  const auto known =
      CheckSender(authentication, secret, headers, body, Timestamp::FromMicros(at_seconds * 1'000'000));
  return known ? "" : known.error().ToString();
}

const Authentication kGithub = Of(R"({"type": "github", "secret": "s"})");
const Authentication kSlack = Of(R"({"type": "slack", "secret": "s"})");
const Authentication kStripe = Of(R"({"type": "stripe", "secret": "s"})");
const Authentication kStandard = Of(R"({"type": "standard", "secret": "s"})");

// docs.github.com, "Testing the webhook payload validation".
TEST(Signature, Github) {
  const Json secret("It's a Secret to Everybody");
  const std::string signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  EXPECT_EQ(Check(kGithub, secret, {{"X-Hub-Signature-256", signature}}, "Hello, World!"), "");
  EXPECT_NE(Check(kGithub, secret, {{"X-Hub-Signature-256", signature}}, "Hello, World?"), "");
  EXPECT_NE(Check(kGithub, Json("another"), {{"X-Hub-Signature-256", signature}}, "Hello, World!"), "");
  EXPECT_NE(Check(kGithub, secret, {{"X-Hub-Signature-256", signature.substr(7)}}, "Hello, World!"), "");
  EXPECT_NE(Check(kGithub, secret, {{"X-Hub-Signature-256", "sha256="}}, "Hello, World!"), "");
  EXPECT_NE(Check(kGithub, secret, {{"X-Hub-Signature", signature}}, "Hello, World!"), "");
  EXPECT_NE(Check(kGithub, secret, {}, "Hello, World!"), "");
}

// docs.slack.dev, "Verifying requests from Slack".
TEST(Signature, Slack) {
  const Json secret("8f742231b10e8888abcd99yyyzzz85a5");
  const std::string body =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_"
      "name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
      "https%"
      "3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
      "398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const auto headers = [](std::string_view time) {
    return net::Headers{
        {"x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
        {"x-slack-request-timestamp", time}};
  };
  EXPECT_EQ(Check(kSlack, secret, headers("1531420618"), body, 1531420618), "");
  EXPECT_EQ(Check(kSlack, secret, headers("1531420618"), body, 1531420618 + 300), "");
  EXPECT_EQ(Check(kSlack, secret, headers("1531420618"), body, 1531420618 - 300), "");
  EXPECT_EQ(Check(kSlack, secret, headers("1531420618"), body, 1531420618 + 301),
            "unauthenticated: the signature is 301 s old; at most 300 s are allowed");
  EXPECT_EQ(Check(kSlack, secret, headers("1531420618"), body, 1531420618 - 301),
            "unauthenticated: the signature is 301 s ahead; at most 300 s are allowed");
  EXPECT_NE(Check(kSlack, secret, headers("1531420619"), body, 1531420618), "");
  for (const char* time :
       {"", "x", "-1", "+1531420618", "1531420618 ", "1531420618.0", "99999999999999999999"})
    EXPECT_NE(Check(kSlack, secret, headers(time), body, 1531420618), "") << time;
}

// The example of Svix, from which the specification comes.
TEST(Signature, Standard) {
  const Json secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const std::string body = R"({"test": 2432232314})";
  const std::string right = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  const auto check = [&](std::string_view signature, std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                         const Json& key = Json("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")) {
    return Check(kStandard, key,
                 {{"webhook-id", id}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", signature}},
                 body, 1614265330);
  };
  EXPECT_EQ(check(right), "");
  EXPECT_EQ(check("v1,AAAA v1a,zzzz " + right), "");
  EXPECT_NE(check("v2," + right.substr(3)), "");
  EXPECT_NE(check(right, "msg_another"), "");
  EXPECT_NE(check(right, "msg_p5jXN8AQM9LWM0D4loKWxJek", Json("whsec_!!")), "");
  EXPECT_EQ(check(right, "msg_p5jXN8AQM9LWM0D4loKWxJek", Json::Array({"new", secret})), "");
  EXPECT_NE(Check(kStandard, secret, {{"webhook-signature", right}}, body, 1614265330), "");
}

TEST(Signature, Stripe) {
  const Json secret("whsec_test");
  const std::string body = R"({"id":"evt_1"})";
  const auto check = [&](std::string_view header, std::int64_t now = 1492774577) {
    return Check(kStripe, secret, {{"stripe-signature", header}}, body, now);
  };
  const std::string code = "7656fc2882a7ca0a651666b36bf2f2f22ee204f54f608f227498a2419f2890b2";
  EXPECT_EQ(check("t=1492774577,v1=" + code), "");
  EXPECT_EQ(check("t=1492774577,v1=" + std::string(64, '0') + ",v1=" + code + ",v0=00"), "");
  EXPECT_EQ(check("t=1492774577, v1=" + code), "");
  EXPECT_NE(check("t=1492774577,v1=" + std::string(64, '0')), "");
  EXPECT_NE(check("t=1492774577,v0=" + code), "");
  EXPECT_NE(check("v1=" + code), "");
  EXPECT_NE(check("t=1492774578,v1=" + code), "");
  EXPECT_NE(check("t=1492774577,v1=" + code, 1492774577 + 301), "");
  EXPECT_NE(check(""), "");
  EXPECT_NE(check(",,,=,t=,v1="), "");
  // Of more signatures than that nobody needs, only the first are looked at.
  std::string many = "t=1492774577";
  for (int i = 0; i < 16; ++i) many += ",v1=00";
  EXPECT_NE(check(many + ",v1=" + code), "");
}

TEST(Signature, OfTheFormThatIsSaid) {
  const Json secret("hush");
  const std::string body = R"({"id":1})";
  const Authentication base64 =
      Of(R"({"type": "hmac", "secret": "s", "header": "X-Shop-Hmac", "encoding": "base64"})");
  EXPECT_EQ(Check(base64, secret, {{"x-shop-hmac", "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="}}, body),
            "");
  EXPECT_NE(Check(base64, secret, {{"x-shop-hmac", "vnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="}}, body),
            "");
  const Authentication timed = Of(
      R"({"type": "hmac", "secret": "s", "header": "x-sig", "algorithm": "sha1", "prefix": "v1:",
          "timestamp_header": "x-at", "content": "{timestamp}:{body}", "tolerance": "10s"})");
  const std::string code = "d601003e2fef47516f23c23dbd7529c4c7688646";
  EXPECT_EQ(Check(timed, secret, {{"x-sig", "v1:" + code}, {"x-at", "1000"}}, body, 1010), "");
  EXPECT_EQ(Check(timed, secret, {{"x-sig", "v1:D601003E2FEF47516F23C23DBD7529C4C7688646"}, {"x-at", "1000"}},
                  body, 1010),
            "");
  EXPECT_NE(Check(timed, secret, {{"x-sig", "v1:" + code}, {"x-at", "1000"}}, body, 1011), "");
  EXPECT_NE(Check(timed, secret, {{"x-sig", "v1:" + code}}, body, 1000), "");
  EXPECT_EQ(SecretHeader(timed), "x-sig");
}

// A body may have the marks of the form in it.
TEST(Signature, TheContentIsFilledInOnce) {
  const Authentication timed =
      Of(R"({"type": "hmac", "secret": "s", "header": "x-sig", "timestamp_header": "x-at"})");
  for (const std::string body : {"{timestamp}", "{body}", "{body}{timestamp}.{body}", ""}) {
    const std::string code = Hex(Hmac(HashKind::kSha256, "k", "5." + body));
    EXPECT_EQ(Check(timed, Json("k"), {{"x-sig", code}, {"x-at", "5"}}, body), "") << body;
  }
}

TEST(Signature, SecretsInAHeader) {
  const Authentication header = Of(R"({"type": "header", "secret": "s", "header": "X-Gitlab-Token"})");
  EXPECT_EQ(Check(header, Json("abc"), {{"x-gitlab-token", "abc"}}, ""), "");
  EXPECT_EQ(Check(header, Json::Array({"new", "abc"}), {{"x-gitlab-token", "abc"}}, ""), "");
  for (const char* wrong : {"", "ab", "abd", "abcd", "ABC"})
    EXPECT_NE(Check(header, Json("abc"), {{"x-gitlab-token", wrong}}, ""), "") << wrong;
  EXPECT_EQ(Check(header, Json("abc"), {}, ""), "unauthenticated: the request has no header x-gitlab-token");
  EXPECT_TRUE(IsByHeadAlone(header.scheme));
}

TEST(Signature, UserNameAndPassword) {
  const Authentication basic = Of(R"({"type": "basic", "secret": "s"})");
  const Json login = Json::Object({{"username", "Aladdin"}, {"password", "open sesame"}});
  for (const Json& secret : {login, Json("Aladdin:open sesame")}) {
    EXPECT_EQ(Check(basic, secret, {{"authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}, ""), "");
    EXPECT_EQ(Check(basic, secret, {{"authorization", "basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}, ""), "");
    for (const char* wrong :
         {"", "Basic", "Basic ", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic QWxhZGRpbjpvcGVu"})
      EXPECT_NE(Check(basic, secret, {{"authorization", wrong}}, ""), "") << wrong;
  }
}

// An empty secret would let in everybody who knows that it is empty.
TEST(Signature, ASecretThatIsNoneLetsNobodyIn) {
  const std::string code = "sha256=" + Hex(Hmac(HashKind::kSha256, "", "x"));
  for (const Json& secret :
       {Json(), Json(""), Json::Array({}), Json::Array({"a", ""}), Json(5), Json::EmptyObject()}) {
    EXPECT_TRUE(Check(kGithub, secret, {{"x-hub-signature-256", code}}, "x").starts_with("unavailable"))
        << secret;
  }
  EXPECT_TRUE(
      Check(Of(R"({"type": "basic", "secret": "s"})"), Json("nocolon"), {}, "").starts_with("unavailable"));
}

}  // namespace
}  // namespace elevaite::workflow

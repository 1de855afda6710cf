#include "connectors/http/authentication.h"

#include <gmock/gmock.h>

#include <atomic>

#include "connectors/http/jwt.h"
#include "connectors/http/test_keys.h"
#include "connectors/http/test_server.h"

namespace elevaite::connectors::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Json Object(std::initializer_list<Json::Member> members) { return Json::Object(members); }

Json Login(std::string_view scheme, std::string_view password = "open sesame") {
  return Object({{Json(scheme), Object({{"username", "ali"}, {"password", password}})}});
}

TEST(BasicAuthentication, SendsNameAndPassword) {
  Stub stub([](const Seen& seen) {
    return seen.Header("authorization") == "Basic YWxpOm9wZW4gc2VzYW1l"
               ? Status(200, "in")
               : Status(401, "not with " + seen.Header("authorization"));
  });
  Caller caller;
  EXPECT_EQ(Describe(caller.Get(stub.Url("/"), Login("basic"))), "success: \"in\"");
  EXPECT_EQ(Describe(caller.Get(stub.Url("/"), Login("basic", "wrong one"))),
            "authentication 401: The server refuses the credentials: " + stub.Url() +
                " answered 401 to a request with basic authentication");
}

TEST(BearerAuthentication, SendsTheToken) {
  Stub stub([](const Seen& seen) {
    return Status(seen.Header("authorization") == "Bearer t0ken" ? 200 : 403, "x");
  });
  Caller caller;
  const auto policy = [](std::string_view token) { return Object({{"bearer", Object({{"token", token}})}}); };
  EXPECT_EQ(Describe(caller.Get(stub.Url("/"), policy("t0ken"))), "success: \"x\"");
  EXPECT_THAT(Describe(caller.Get(stub.Url("/"), policy("other"))),
              StartsWith("authorization 403: The server does not allow this"));
}

TEST(Authentication, NeverShowsInRequestOrErrors) {
  Stub stub([](const Seen& seen) {
    if (seen.path == "/echo")
      return Status(500, "you sent " + seen.Header("authorization") + " as open sesame, open%20sesame");
    return Status(200, "fine");
  });
  Caller caller;
  const Json with =
      Object({{"method", "get"},
              {"output", "response"},
              {"endpoint", Object({{"uri", stub.Url("/")}, {"authentication", Login("basic")}})}});
  const Json response = caller.Invoke(with).value_or(Json());
  EXPECT_EQ(response["content"], Json("fine"));
  EXPECT_EQ(response["request"]["headers"]["authorization"], Json());
  const std::string error = Describe(caller.Get(stub.Url("/echo?p=open%20sesame"), Login("basic")));
  EXPECT_THAT(error, HasSubstr("you sent Basic *** as ***, ***"));
  EXPECT_THAT(error, Not(HasSubstr("sesame")));
  EXPECT_THAT(error, Not(HasSubstr("YWxpOm9wZW4gc2VzYW1l")));
}

TEST(Authentication, NeverShowsInAnAddressThatCannotBeReached) {
  Caller caller;
  const std::string error = Describe(caller.Get("http://127.0.0.1:1/login/open%20sesame", Login("basic")));
  EXPECT_THAT(error, StartsWith("communication "));
  EXPECT_THAT(error, HasSubstr("http://127.0.0.1:1/login/***"));
}

TEST(Authentication, ATextWithAShortCredentialIsHidden) {
  Stub stub([](const Seen&) { return Status(500, "no x here"); });
  Caller caller;
  EXPECT_THAT(Describe(caller.Get(stub.Url("/"), Login("basic", "x"))),
              testing::EndsWith(stub.Url("/") + ": ***"));
}

TEST(Authentication, APolicyThatIsNotCompleteIsAConfigurationError) {
  Stub stub([](const Seen&) { return Status(200, "x"); });
  Caller caller;
  const std::pair<Json, std::string> cases[] = {
      {Object({{"basic", Object({{"username", "u"}})}}), "`authentication.basic.password` must be a text"},
      {Object({{"basic", Object({{"username", "a:b"}, {"password", "p"}})}}),
       "`authentication.basic.username` cannot hold a colon"},
      {Object({{"bearer", Object({{"token", Json::EmptyObject()}})}}),
       "`authentication.bearer.token` must be a text"},
      {Object({{"digest", Object({{"username", "u"}})}}), "`authentication.digest.password` must be a text"},
      {Object({{"use", "x"}}), "the authentication policy that `use` names was not found"},
      {Json("x"), "`authentication` must hold one of basic, bearer, digest, oauth2 and oidc"},
  };
  for (const auto& [policy, message] : cases) {
    EXPECT_EQ(Describe(caller.Get(stub.Url("/"), policy)),
              "configuration 400: The call is not set up right: " + message);
  }
  EXPECT_TRUE(stub.seen().empty());
}

// What a member of the `authorization` field says.
std::string Member(const std::string& header, const std::string& name) {
  auto at = header.find(" " + name + "=");
  if (at == std::string::npos) return "";
  at += name.size() + 2;
  const bool quoted = header[at] == '"';
  const auto end = header.find(quoted ? '"' : ',', at + 1);
  return quoted ? header.substr(at + 1, end - at - 1) : header.substr(at, end - at);
}

// A server that gives out nonces, each good for so many requests.
struct DigestServer {
  std::string algorithm = "SHA-256";
  unsigned uses_max = 100;
  bool says_stale = true;
  int nonces = 0;
  unsigned used = 0;

  net::Response operator()(const Seen& seen) {
    const std::string header = seen.Header("authorization");
    if (!header.starts_with("Digest ")) return Ask(false);
    const std::string nonce = Member(header, "nonce");
    if (nonce != Nonce() || used == uses_max) return Ask(says_stale);
    ++used;
    const unsigned long count = std::stoul(Member(header, "nc"), nullptr, 16);
    const DigestChallenge challenge{.realm = "r", .nonce = nonce, .algorithm = algorithm, .qop_auth = true};
    const std::string cnonce = Member(header, "cnonce");
    const std::string expected = WriteDigest(challenge, {.username = "ali",
                                                         .password = "open sesame",
                                                         .method = seen.method,
                                                         .target = seen.target,
                                                         .cnonce = cnonce,
                                                         .count = used});
    const bool right = count == used && Member(header, "response") == Member(expected, "response") &&
                       Member(header, "uri") == seen.target;
    return right ? Status(200, "in") : Ask(false);
  }
  std::string Nonce() const { return "nonce-" + std::to_string(nonces); }
  net::Response Ask(bool stale) {
    ++nonces;
    used = 0;
    return Status(401, "who?", "www-authenticate",
                  "Digest realm=\"r\", qop=\"auth\", algorithm=" + algorithm + ", nonce=\"" + Nonce() + "\"" +
                      (stale ? ", stale=true" : ""));
  }
};

TEST(DigestAuthentication, AnswersEachAlgorithmAndKeepsTheNonce) {
  for (const char* algorithm : {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"}) {
    Stub stub(DigestServer{.algorithm = algorithm});
    Caller caller;
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(Describe(caller.Get(stub.Url("/a?b=c"), Login("digest"))), "success: \"in\"") << algorithm;
    // Asked once; then the nonce counts on.
    ASSERT_EQ(stub.seen().size(), 4U);
    EXPECT_EQ(Member(stub.seen().back().Header("authorization"), "nc"), "00000003");
  }
}

TEST(DigestAuthentication, TakesANewNonceWhenTheOldOneIsStale) {
  for (const bool says_stale : {true, false}) {
    Stub stub(DigestServer{.uses_max = 1, .says_stale = says_stale});
    Caller caller;
    EXPECT_EQ(Describe(caller.Get(stub.Url("/"), Login("digest"))), "success: \"in\"");
    EXPECT_EQ(Describe(caller.Get(stub.Url("/"), Login("digest"))), "success: \"in\"");
    EXPECT_EQ(stub.seen().size(), 4U);
  }
}

TEST(DigestAuthentication, SendsTheBodyAgain) {
  Stub stub(DigestServer{});
  Caller caller;
  const Json with =
      Object({{"method", "post"},
              {"endpoint", Object({{"uri", stub.Url("/")}, {"authentication", Login("digest")}})},
              {"body", Json::Array({1, 2})}});
  EXPECT_EQ(Describe(caller.Invoke(with)), "success: \"in\"");
  EXPECT_EQ(stub.seen().at(1).body, "[1,2]");
}

TEST(DigestAuthentication, WrongCredentialsEndAfterOneTry) {
  Stub stub(DigestServer{});
  Caller caller;
  EXPECT_THAT(Describe(caller.Get(stub.Url("/"), Login("digest", "wrong"))),
              StartsWith("authentication 401"));
  EXPECT_EQ(stub.seen().size(), 2U);
  Stub endless([](const Seen&) {
    return Status(401, "", "www-authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true");
  });
  EXPECT_THAT(Describe(caller.Get(endless.Url("/"), Login("digest"))), StartsWith("authentication 401"));
  EXPECT_EQ(endless.seen().size(), 3U);
}

// An authority and a resource in one: tokens are "token-1", "token-2" ...
struct OauthServer {
  std::string life = "3600";
  std::string token_path = "/oauth2/token";
  std::string more;       // into the token's answer: `,"refresh_token": "r"`
  std::string url;        // its own, for the discovery
  std::string not_taken;  // a token that the resource refuses
  int tokens = 0;

  net::Response operator()(const Seen& seen) {
    if (seen.path == "/.well-known/openid-configuration")
      return net::JsonResponse(200, Object({{"issuer", url}, {"token_endpoint", url + token_path}}));
    if (seen.path == token_path) {
      ++tokens;
      return Status(200, "{\"access_token\": \"token-" + std::to_string(tokens) +
                             "\", \"token_type\": \"bearer\"" +
                             (life.empty() ? "" : ", \"expires_in\": " + life) + more + "}");
    }
    const std::string sent = seen.Header("authorization");
    if (!sent.starts_with("Bearer token-") || sent == "Bearer " + not_taken) return Status(401, "no");
    return Status(200, sent);
  }
};

Json Oauth2(const std::string& authority, std::vector<Json::Member> more = {}, Json client = Json()) {
  if (client.IsNull()) client = Object({{"id", "me"}, {"secret", "s3cr3t/="}});
  std::vector<Json::Member> members{
      {"authority", authority}, {"grant", "client_credentials"}, {"client", client}};
  for (Json::Member& one : more) members.push_back(std::move(one));
  return Object({{"oauth2", Json::Object(std::move(members))}});
}

TEST(Oauth2, GetsATokenAndKeepsIt) {
  Stub stub(OauthServer{});
  Caller caller;
  const Json policy =
      Oauth2(stub.Url(), {{"scopes", Json::Array({"a", "b"})}, {"audiences", Json::Array({"x", "y"})}});
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), policy)), "success: \"Bearer token-1\"");
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), policy)), "success: \"Bearer token-1\"");
  EXPECT_EQ(stub.Count("/oauth2/token"), 1U);
  const Seen asked = stub.seen().at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.Header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(asked.Form(), Object({{"grant_type", "client_credentials"},
                                  {"scope", "a b"},
                                  {"audience", "x y"},
                                  {"client_id", "me"},
                                  {"client_secret", "s3cr3t/="}}));
  EXPECT_EQ(asked.Header("authorization"), "");
}

TEST(Oauth2, AsksAgainShortlyBeforeATokenExpires) {
  Stub stub(OauthServer{.life = "100"});
  Caller caller;
  const Json policy = Oauth2(stub.Url());
  caller.Get(stub.Url("/r"), policy);
  caller.clock.Advance(std::chrono::seconds(89));
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), policy)), "success: \"Bearer token-1\"");
  caller.clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), policy)), "success: \"Bearer token-2\"");
}

TEST(Oauth2, AnotherAccountOrPolicyHasAnotherToken) {
  Stub stub(OauthServer{});
  Caller caller;
  const Json with =
      Object({{"method", "get"},
              {"endpoint", Object({{"uri", stub.Url("/r")}, {"authentication", Oauth2(stub.Url())}})}});
  EXPECT_EQ(Describe(caller.Invoke(with)), "success: \"Bearer token-1\"");
  EXPECT_EQ(Describe(caller.Invoke(with, *AccountId::Parse("other"))), "success: \"Bearer token-2\"");
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), Oauth2(stub.Url(), {{"scopes", Json::Array({"s"})}}))),
            "success: \"Bearer token-3\"");
}

TEST(Oauth2, ATokenThatIsRefusedIsReplacedOnce) {
  Stub stub(OauthServer{.not_taken = "token-1"});
  Caller caller;
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), Oauth2(stub.Url()))), "success: \"Bearer token-2\"");
  Stub never([](const Seen& seen) {
    return seen.path == "/oauth2/token" ? Status(200, "{\"access_token\": \"t\"}") : Status(401, "no");
  });
  EXPECT_THAT(Describe(caller.Get(never.Url("/r"), Oauth2(never.Url()))), StartsWith("authentication 401"));
  EXPECT_EQ(never.Count("/oauth2/token"), 2U);
  EXPECT_EQ(never.Count("/r"), 2U);
}

TEST(Oauth2, ManyCallsWaitForOneToken) {
  Stub stub([server = std::make_shared<OauthServer>()](const Seen& seen) {
    if (seen.path == "/oauth2/token") std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return (*server)(seen);
  });
  Caller caller;
  const Json with =
      Object({{"method", "get"},
              {"endpoint", Object({{"uri", stub.Url("/r")}, {"authentication", Oauth2(stub.Url())}})}});
  for (const Outcome& one : caller.InvokeTogether(with, 20))
    EXPECT_EQ(Describe(one), "success: \"Bearer token-1\"");
  EXPECT_EQ(stub.Count("/oauth2/token"), 1U);
}

TEST(Oauth2, WritesItsRequestAsJsonWhenAsked) {
  Stub stub(OauthServer{});
  Caller caller;
  const Json policy = Oauth2(stub.Url(), {{"request", Object({{"encoding", "application/json"}})},
                                          {"audiences", Json::Array({"x", "y"})}});
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), policy)), "success: \"Bearer token-1\"");
  const Seen asked = stub.seen().at(0);
  EXPECT_EQ(asked.Header("content-type"), "application/json");
  EXPECT_EQ(ParseJson(asked.body).value_or(Json())["audience"], Json::Array({"x", "y"}));
}

TEST(Oauth2, SendsWhatEachGrantNeeds) {
  Stub stub(OauthServer{.token_path = "/realm/t"});
  Caller caller;
  const auto form = [&](std::vector<Json::Member> members) {
    members.emplace_back("authority", stub.Url("/realm/"));
    members.emplace_back("endpoints", Object({{"token", "t"}}));
    const auto outcome = caller.Get(stub.Url("/r"), Object({{"oauth2", Json::Object(std::move(members))}}));
    EXPECT_TRUE(outcome) << Describe(outcome);
    const auto seen = stub.seen();
    return seen.at(seen.size() - 2).Form();
  };
  EXPECT_EQ(form({{"grant", "password"}, {"username", "u"}, {"password", "pass word"}}),
            Object({{"grant_type", "password"}, {"username", "u"}, {"password", "pass word"}}));
  EXPECT_EQ(
      form({{"grant", "refresh_token"}, {"subject", Object({{"token", "r"}, {"type", "refresh_token"}})}}),
      Object({{"grant_type", "refresh_token"}, {"refresh_token", "r"}}));
  EXPECT_EQ(form({{"grant", "urn:ietf:params:oauth:grant-type:token-exchange"},
                  {"subject", Object({{"token", "s"}, {"type", "st"}})},
                  {"actor", Object({{"token", "a"}, {"type", "at"}})}}),
            Object({{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                    {"subject_token", "s"},
                    {"subject_token_type", "st"},
                    {"actor_token", "a"},
                    {"actor_token_type", "at"}}));
}

TEST(Oauth2, ARefreshTokenIsReplacedByItsSuccessor) {
  Stub stub(OauthServer{.life = "1", .more = ",\"refresh_token\": \"next\""});
  Caller caller;
  const Json policy =
      Object({{"oauth2", Object({{"authority", stub.Url()},
                                 {"grant", "refresh_token"},
                                 {"subject", Object({{"token", "first"}, {"type", "t"}})}})}});
  caller.Get(stub.Url("/r"), policy);
  caller.clock.Advance(std::chrono::seconds(10));
  caller.Get(stub.Url("/r"), policy);
  EXPECT_EQ(stub.seen().at(0).Form()["refresh_token"], Json("first"));
  EXPECT_EQ(stub.seen().at(2).Form()["refresh_token"], Json("next"));
}

TEST(Oauth2, AuthenticatesTheClientInEachWay) {
  Stub stub(OauthServer{});
  Caller caller;
  const auto asked = [&](Json client) {
    const auto outcome = caller.Get(stub.Url("/r"), Oauth2(stub.Url(), {}, std::move(client)));
    EXPECT_TRUE(outcome) << Describe(outcome);
    const auto seen = stub.seen();
    return seen.at(seen.size() - 2);
  };
  const Seen basic =
      asked(Object({{"id", "a b"}, {"secret", "s:/"}, {"authentication", "client_secret_basic"}}));
  EXPECT_EQ(basic.Header("authorization"), "Basic YSUyMGI6cyUzQSUyRg==");  // a%20b:s%3A%2F
  EXPECT_EQ(basic.Form(), Object({{"grant_type", "client_credentials"}}));
  EXPECT_EQ(asked(Object({{"id", "me"}, {"authentication", "none"}})).Form()["client_id"], Json("me"));

  const auto check_claims = [&](const Json& form) {
    EXPECT_EQ(form["client_assertion_type"], Json("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    EXPECT_EQ(form["client_secret"], Json());
    const Json claims = ClaimsOf(form["client_assertion"].StringOr("")).value_or(Json());
    EXPECT_EQ(claims["iss"], Json("me"));
    EXPECT_EQ(claims["sub"], Json("me"));
    EXPECT_EQ(claims["aud"], Json(stub.Url("/oauth2/token")));
    EXPECT_EQ(claims["iat"], Json(caller.clock.Now().micros() / 1'000'000));
    EXPECT_EQ(claims["exp"].IntOr(0) - claims["iat"].IntOr(0), 60);
    EXPECT_GE(claims["jti"].StringOr("").size(), 32U);
  };
  const Json by_secret =
      asked(Object({{"id", "me"}, {"secret", "shared"}, {"authentication", "client_secret_jwt"}})).Form();
  check_claims(by_secret);
  EXPECT_TRUE(HasSecretSignature(by_secret["client_assertion"].StringOr("..."), "shared"));
  for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kP256, KeyKind::kEd25519}) {
    const TestKey key(kind);
    const Json by_key =
        asked(Object({{"id", "me"}, {"secret", key.pem()}, {"authentication", "private_key_jwt"}})).Form();
    check_claims(by_key);
    EXPECT_TRUE(key.Verifies(by_key["client_assertion"].StringOr("...")));
  }
  const Json given =
      asked(Object({{"id", "me"}, {"assertion", "a.b.c"}, {"authentication", "private_key_jwt"}})).Form();
  EXPECT_EQ(given["client_assertion"], Json("a.b.c"));
}

TEST(Oauth2, SaysWhatAPolicyLacks) {
  Stub stub(OauthServer{});
  Caller caller;
  const auto error = [&](Json policy) { return Describe(caller.Get(stub.Url("/r"), std::move(policy))); };
  const std::string prefix = "configuration 400: The authentication is not complete: ";
  EXPECT_THAT(error(Oauth2("id.example")),
              StartsWith(prefix + "`authority` must be an absolute http or https URL"));
  EXPECT_THAT(error(Oauth2("/relative")),
              StartsWith(prefix + "`authority` must be an absolute http or https URL"));
  EXPECT_THAT(error(Oauth2(stub.Url(), {{"grant", "authorization_code"}})), HasSubstr("a workflow has none"));
  EXPECT_THAT(error(Oauth2(stub.Url(), {{"grant", "password"}})),
              HasSubstr("needs `username` and `password`"));
  EXPECT_THAT(error(Oauth2(stub.Url(), {}, Object({{"id", "me"}}))),
              HasSubstr("needs `client.id` and `client.secret`"));
  EXPECT_THAT(
      error(Oauth2(stub.Url(), {},
                   Object({{"id", "me"}, {"secret", "no key"}, {"authentication", "private_key_jwt"}}))),
      HasSubstr("the private key is no PEM text"));
  EXPECT_TRUE(stub.seen().empty());
}

TEST(Oauth2, TellsWhyThereIsNoTokenWithoutTheServersWords) {
  std::string body;
  int status = 400;
  Stub stub([&](const Seen& seen) { return Status(seen.path == "/oauth2/token" ? status : 200, body); });
  Caller caller;
  const auto error = [&](int answer, std::string text) {
    stub.Change([&] {
      status = answer;
      body = std::move(text);
    });
    return Describe(caller.Get(stub.Url("/r"), Oauth2(stub.Url())));
  };
  const std::string prefix = "authentication 401: No access token was given: ";
  EXPECT_EQ(error(400, R"({"error": "invalid_client", "error_description": "s3cr3t/= is wrong"})"),
            prefix + stub.Url() + " answered 400 (invalid_client)");
  EXPECT_EQ(error(401, R"({"error": "s3cr3t/="})"), prefix + stub.Url() + " answered 401");
  EXPECT_EQ(error(200, "{}"), prefix + "the answer of " + stub.Url() + " holds no `access_token`");
  EXPECT_EQ(error(200, "<html>"), prefix + "the answer of " + stub.Url() + " holds no `access_token`");
  EXPECT_THAT(error(200, R"({"access_token": "t", "token_type": "mac"})"), HasSubstr("no bearer token"));
  EXPECT_THAT(error(503, "s3cr3t/="), StartsWith("communication 503: The token server failed"));
}

TEST(Oauth2, ChecksTheIssuerOfATokenWhenAsked) {
  const auto token = [](std::string_view issuer) { return SignWithSecret(Object({{"iss", issuer}}), "k"); };
  std::string given;
  Stub stub([&](const Seen& seen) {
    return seen.path == "/oauth2/token" ? Status(200, "{\"access_token\": \"" + given + "\"}")
                                        : Status(200, "in");
  });
  const Json policy = Oauth2(stub.Url(), {{"issuers", Json::Array({"https://good.example"})}});
  const auto ask = [&](const std::string& next) {
    stub.Change([&] { given = next; });
    Caller caller;
    return Describe(caller.Get(stub.Url("/r"), policy));
  };
  EXPECT_EQ(ask(token("https://good.example")), "success: \"in\"");
  EXPECT_THAT(ask(token("https://bad.example")), HasSubstr("issued by nobody of `issuers`"));
  EXPECT_THAT(ask("opaque"), HasSubstr("issued by nobody of `issuers`"));
}

Json Oidc(const std::string& authority, std::vector<Json::Member> more = {}) {
  std::vector<Json::Member> members{{"authority", authority},
                                    {"grant", "client_credentials"},
                                    {"client", Object({{"id", "me"}, {"secret", "secret"}})}};
  for (Json::Member& one : more) members.push_back(std::move(one));
  return Object({{"oidc", Json::Object(std::move(members))}});
}

TEST(Oidc, FindsTheTokenEndpointByDiscovery) {
  auto server = std::make_shared<OauthServer>();
  server->token_path = "/hidden/token";
  Stub stub([server](const Seen& seen) { return (*server)(seen); });
  stub.Change([&] { server->url = stub.Url(); });
  Caller caller;
  EXPECT_EQ(Describe(caller.Get(stub.Url("/r"), Oidc(stub.Url("/")))), "success: \"Bearer token-1\"");
  EXPECT_EQ(stub.Count("/hidden/token"), 1U);
}

TEST(Oidc, RefusesAnAuthorityThatIsAnother) {
  auto server = std::make_shared<OauthServer>();
  server->url = "https://evil.example";
  Stub stub([server](const Seen& seen) { return (*server)(seen); });
  Caller caller;
  EXPECT_THAT(Describe(caller.Get(stub.Url("/r"), Oidc(stub.Url()))),
              HasSubstr("the authority calls itself 'https://evil.example'"));
  Stub silent([](const Seen&) { return Status(404, "nothing"); });
  EXPECT_THAT(Describe(caller.Get(stub.Url("/r"), Oidc(silent.Url()))),
              StartsWith("communication 404: The authority does not describe itself"));
}

TEST(Oauth2, TokensAreFetchedThroughTheEgressGuard) {
  Stub stub([](const Seen&) { return Status(200, "{\"access_token\": \"t\"}"); });
  Caller caller({"10.0.0.0/8"});
  EXPECT_THAT(Describe(caller.Get("http://127.0.0.1:1/", Oauth2(stub.Url()))),
              StartsWith("authorization 403"));
  EXPECT_TRUE(stub.seen().empty());
}

}  // namespace
}  // namespace elevaite::connectors::http

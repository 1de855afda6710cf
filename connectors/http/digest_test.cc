#include "connectors/http/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace elevaite::connectors::http {
namespace {

using testing::HasSubstr;
using testing::Not;

net::Headers Asked(std::initializer_list<std::string_view> values) {
  net::Headers headers;
  for (const std::string_view value : values) headers.Add("www-authenticate", value);
  return headers;
}

constexpr std::string_view kRfc =
    R"(realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
    R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";

DigestAnswer RfcAnswer() {
  return {.username = "Mufasa",
          .password = "Circle of Life",
          .method = "GET",
          .target = "/dir/index.html",
          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
          .count = 1};
}

std::string Answer(std::string_view challenge, const DigestAnswer& answer = RfcAnswer()) {
  const auto read = ReadDigestChallenge(Asked({challenge}));
  EXPECT_TRUE(read) << challenge;
  return read ? WriteDigest(*read, answer) : "";
}

// RFC 7616, section 3.9.1.
TEST(Digest, AnswersTheExamplesOfTheRfc) {
  const std::string md5 = Answer("Digest algorithm=MD5, " + std::string(kRfc));
  EXPECT_THAT(md5, HasSubstr("response=\"8ca523f5e9506fed4657c9700eebdbec\""));
  EXPECT_THAT(md5, HasSubstr("nc=00000001"));
  EXPECT_THAT(md5, HasSubstr("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""));
  EXPECT_THAT(md5, HasSubstr("uri=\"/dir/index.html\""));
  EXPECT_THAT(md5, Not(HasSubstr("Circle")));
  EXPECT_THAT(Answer("Digest algorithm=SHA-256, " + std::string(kRfc)),
              HasSubstr("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
}

// RFC 2617, section 3.5, and its form without qop (RFC 2069).
TEST(Digest, AnswersOlderServers) {
  const DigestAnswer answer{.username = "Mufasa",
                            .password = "Circle Of Life",
                            .method = "GET",
                            .target = "/dir/index.html",
                            .cnonce = "0a4f113b",
                            .count = 1};
  EXPECT_THAT(
      Answer(
          R"(Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")",
          answer),
      HasSubstr("response=\"6629fae49393a05397450978507c4ef1\""));
  const std::string old =
      Answer(R"(Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")", answer);
  EXPECT_THAT(old, HasSubstr("response=\"670fd8c2df070c60b045671b8b24ff02\""));
  EXPECT_THAT(old, Not(HasSubstr("cnonce")));
}

TEST(Digest, ASessionUsesTheFirstNonceAndOurs) {
  const std::string plain = Answer("Digest algorithm=MD5, " + std::string(kRfc));
  const std::string session = Answer("Digest algorithm=MD5-sess, " + std::string(kRfc));
  EXPECT_THAT(session, HasSubstr("algorithm=MD5-sess"));
  EXPECT_NE(plain.substr(plain.find("response=")), session.substr(session.find("response=")));
  // By another implementation.
  EXPECT_THAT(session, HasSubstr("response=\"e783283f46242139c486a698fec7211d\""));
}

TEST(Digest, HidesTheNameWhenAsked) {
  const std::string answer = Answer("Digest algorithm=MD5, userhash=true, " + std::string(kRfc));
  EXPECT_THAT(answer, Not(HasSubstr("Mufasa")));
  EXPECT_THAT(answer, HasSubstr("userhash=true"));
}

TEST(Digest, TakesTheStrongestChallengeThatItKnows) {
  const auto challenge = ReadDigestChallenge(Asked(
      {R"(Basic realm="x", Digest realm="a", nonce="1", algorithm=MD5, Digest realm="b", nonce="2", algorithm=SHA-256)",
       R"(Digest realm="c", nonce="3", algorithm=SHA3-256)"}));
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->realm, "b");
  EXPECT_EQ(ReadDigestChallenge(Asked({R"(digest REALM="q\"uoted, x", nonce=n, stale=TRUE)"}))->realm,
            "q\"uoted, x");
  EXPECT_TRUE(ReadDigestChallenge(Asked({R"(Digest realm="x", nonce="n", stale=TRUE)"}))->stale);
}

TEST(Digest, RefusesWhatItCannotMeet) {
  for (const char* text :
       {"", "Basic realm=\"x\"", "Digest", "Digest realm=\"x\"", "Digest nonce=\"n\", qop=\"auth-int\"",
        "Digest nonce=\"n\", algorithm=unknown", "=,=,\"", "Digest nonce=\"", ",,,,"}) {
    EXPECT_FALSE(ReadDigestChallenge(Asked({text}))) << text;
  }
}

}  // namespace
}  // namespace elevaite::connectors::http

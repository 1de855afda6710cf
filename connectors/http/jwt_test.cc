#include "connectors/http/jwt.h"

#include <gtest/gtest.h>

#include "connectors/http/test_keys.h"

namespace elevaite::connectors::http {
namespace {

const Json kClaims = Json::Object({{"iss", "client"}, {"exp", 1'800'000'000}});

TEST(Jwt, IsSignedByASecret) {
  const std::string token = SignWithSecret(kClaims, "a secret of the client");
  EXPECT_TRUE(HasSecretSignature(token, "a secret of the client"));
  EXPECT_FALSE(HasSecretSignature(token, "another"));
  EXPECT_EQ(ClaimsOf(token), kClaims);
}

TEST(Jwt, IsSignedByEachKindOfKey) {
  for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kP256, KeyKind::kEd25519}) {
    const TestKey key(kind);
    const TestKey other(kind);
    const auto token = SignWithKey(kClaims, key.pem());
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_TRUE(key.Verifies(*token));
    EXPECT_FALSE(other.Verifies(*token));
    EXPECT_EQ(ClaimsOf(*token), kClaims);
  }
}

TEST(Jwt, RefusesKeysThatAreNone) {
  EXPECT_EQ(SignWithKey(kClaims, "").error().message, "the private key is no PEM text, or it is encrypted");
  EXPECT_FALSE(SignWithKey(kClaims, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(SignWithKey(kClaims, TestKey(KeyKind::kP384).pem()));
}

TEST(Jwt, ReadsOnlyWhatHasItsForm) {
  for (const char* text : {"", "a.b", "a.!.c", "a.YQ.c", "opaque-token"})
    EXPECT_FALSE(ClaimsOf(text)) << text;
}

}  // namespace
}  // namespace elevaite::connectors::http

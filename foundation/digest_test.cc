#include "foundation/digest.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

// The examples of FIPS 180-4.
TEST(Digest, Sha256OfKnownTexts) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 2202 and RFC 4231, test case 2; RFC 4231, test case 6 (a key longer than a block).
TEST(Digest, HmacOfKnownTexts) {
  const std::string_view text = "what do ya want for nothing?";
  EXPECT_EQ(Hex(Hmac(HashKind::kSha1, "Jefe", text)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(Hex(Hmac(HashKind::kSha256, "Jefe", text)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(Hmac(HashKind::kSha512, "Jefe", text)),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  EXPECT_EQ(Hex(Hmac(HashKind::kSha256, std::string(131, '\xaa'),
                     "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace elevaite

#include "foundation/base64.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

TEST(Base64, WritesTheVectorsOfTheRfc) {
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foo"), "Zm9v");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64Encode("\xff\xfe"), "//4=");
  EXPECT_EQ(Base64Url("\xff\xfe"), "__4");
}

TEST(Base64, ReadsBackWhatItWrote) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(ReadBase64Url(Base64Url(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  for (const char* bad : {"a", "abcde", "ab=", "a+b/", "ab c"}) EXPECT_FALSE(ReadBase64Url(bad)) << bad;
}

}  // namespace
}  // namespace elevaite

#include "foundation/percent.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

TEST(PercentEncode, LeavesOnlyWhatIsUnreserved) {
  EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(PercentEncode("a b/c?d=%&+"), "a%20b%2Fc%3Fd%3D%25%26%2B");
  EXPECT_EQ(PercentEncode("\u00e9"), "%C3%A9");
  EXPECT_EQ(PercentEncode(std::string_view("\0\x7f", 2)), "%00%7F");
  EXPECT_EQ(PercentEncode(""), "");
}

}  // namespace
}  // namespace elevaite

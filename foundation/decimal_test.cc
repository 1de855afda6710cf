#include "foundation/decimal.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

Decimal Of(std::string_view text) { return DecimalOf(Json::NumberFromText(text)); }

TEST(Decimal, HoldsTheDigitsWithoutZerosAtTheEnds) {
  EXPECT_EQ(Of("-120.50").digits, "1205");
  EXPECT_EQ(Of("-120.50").point, 3);
  EXPECT_TRUE(Of("-120.50").negative);
  EXPECT_EQ(Of("0.0012e2").digits, "12");
  EXPECT_EQ(Of("0.0012e2").point, 0);
  EXPECT_TRUE(Of("-0.0").IsZero());
  EXPECT_EQ(DecimalOf(Json(0.1)).digits, "1");
}

TEST(Decimal, KnowsIntegersHoweverTheyAreWritten) {
  for (const char* text : {"0", "1.0", "1e3", "12.5e1", "1e400", "123456789012345678901234567890"}) {
    EXPECT_TRUE(Of(text).IsInteger()) << text;
  }
  for (const char* text : {"0.5", "1e-1", "1e-400", "12345678901234567890.1"}) {
    EXPECT_FALSE(Of(text).IsInteger()) << text;
  }
}

TEST(Decimal, ComparesToTheLastDigit) {
  EXPECT_EQ(Compare(Of("0.1"), Of("1e-1")), 0);
  EXPECT_LT(Compare(Of("0.1"), Of("0.1000000000000000055511151231257827")), 0);
  EXPECT_LT(Compare(Of("-1e400"), Of("-1e399")), 0);
  EXPECT_GT(Compare(Of("0"), Of("-0.5")), 0);
}

TEST(Decimal, MultiplesAreExact) {
  EXPECT_TRUE(IsMultipleOf(Of("0.3"), Of("0.1")));
  EXPECT_TRUE(IsMultipleOf(Of("-4.02"), Of("0.01")));
  EXPECT_TRUE(IsMultipleOf(Of("9007199254740993"), Of("3")));
  EXPECT_FALSE(IsMultipleOf(Of("9007199254740993"), Of("2")));
  EXPECT_TRUE(IsMultipleOf(Of("1e1000"), Of("0.5")));
  EXPECT_TRUE(IsMultipleOf(Of("0"), Of("7")));
  EXPECT_FALSE(IsMultipleOf(Of("1e308"), Of("0.123456789")));
  EXPECT_FALSE(IsMultipleOf(Of("0.00751"), Of("0.0001")));
  EXPECT_FALSE(IsMultipleOf(Of("10"), Of("3e1")));
  EXPECT_TRUE(IsMultipleOf(Of("120"), Of("3e1")));
  EXPECT_TRUE(IsMultipleOf(Of("999999999999999999e5"), Of("999999999999999999")));
}

}  // namespace
}  // namespace elevaite

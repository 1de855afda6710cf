#include "foundation/markup.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

TEST(EscapeMarkup, LeavesNothingThatOpensATagOrEndsAValue) {
  EXPECT_EQ(EscapeMarkup("<a b=\"c\">it's</a> & more"),
            "&lt;a b=&quot;c&quot;&gt;it&apos;s&lt;/a&gt; &amp; more");
  EXPECT_EQ(EscapeMarkup("\u00e9 \n"), "\u00e9 \n");
  EXPECT_EQ(EscapeMarkup(""), "");
}

}  // namespace
}  // namespace elevaite

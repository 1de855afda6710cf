#include "dsl/jq/jq.h"

#include <gtest/gtest.h>

namespace elevaite::jq {
namespace {

TEST(Jq, Compiles) {
  const auto program = Program::Compile(".a");
  ASSERT_TRUE(program);
}

}  // namespace
}  // namespace elevaite::jq

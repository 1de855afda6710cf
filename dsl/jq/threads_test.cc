// A program is compiled once and run by many threads at a time.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "dsl/jq/jq.h"

namespace elevaite::jq {
namespace {

constexpr const char* kFilter =
    "[recurse(if . < 50 then . + 1 else empty end)] | map(select(. % 2 == 0 and (tostring | "
    "test(\"[0-9]\")))) "
    "| add";

// How often `work` was true, in four threads of fifty rounds each.
template <class Work>
int CountRight(const Work& work) {
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) right += work() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return right;
}

bool GivesTheSum(const Program& program) {
  return EvaluateFirst(program, Json(0), {}, {}).value() == Json(650);
}

TEST(JqThreads, ShareAProgram) {
  const Program program = Program::Compile(kFilter).value();
  EXPECT_EQ(CountRight([&] { return GivesTheSum(program); }), 200);
}

// The functions that are written in jq are compiled on first use, here by all of them at once.
TEST(JqThreads, CompileAtTheSameTime) {
  EXPECT_EQ(CountRight([] { return GivesTheSum(Program::Compile(kFilter).value()); }), 200);
}

}  // namespace
}  // namespace elevaite::jq

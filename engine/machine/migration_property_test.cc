// Of random programs and random moments: moving to the same program changes nothing, and tasks that do
// nothing, put in anywhere, leave the result as it is.
#include <gtest/gtest.h>

#include "engine/testing/migration_run.h"
#include "engine/testing/random_tasks.h"

namespace elevaite::engine {
namespace {

constexpr int kPrograms = 500;

std::string WithoutSeq(State state) {
  state.seq = 0;
  return EncodeState(state);
}

// As far as it was after so many moves; at most until just before its end.
void Advance(MigrationRun& run, std::uint32_t moves) {
  run.Feed(Start{Json(1)});
  for (std::uint32_t i = 0; i < moves && !run.ended(); ++i) run.Move();
}

TEST(MigrationProperty, TasksThatDoNothingChangeNothing) {
  int moved = 0;
  for (std::uint32_t seed = 1; seed <= kPrograms && !testing::Test::HasFailure(); ++seed) {
    RandomTasks generate(seed);
    const Json tasks = generate.List(3);
    const auto program = TestProgram("  " + tasks.Dump() + "\n");
    const auto same = TestProgram("  " + tasks.Dump() + "\n");
    const auto longer = TestProgram("  " + generate.WithMore(tasks).Dump() + "\n");
    ASSERT_TRUE(program && longer);
    const MachineLimits limits{.tasks_per_step = 1 + generate.Below(3)};
    MigrationRun undisturbed(program, limits);
    Advance(undisturbed, 0);
    const Json expected = undisturbed.Finish();

    MigrationRun run(program, limits);
    Advance(run, generate.Below(30));
    if (run.ended()) continue;
    ++moved;
    const std::string before = WithoutSeq(run.state());
    ASSERT_EQ(run.MoveTo(same), "") << "seed " << seed;
    ASSERT_EQ(WithoutSeq(run.state()), before) << "seed " << seed;
    ASSERT_EQ(run.MoveTo(longer), "") << "seed " << seed << "\n" << tasks.Dump();
    ASSERT_EQ(run.Finish(), expected) << "seed " << seed << "\n" << tasks.Dump();
  }
  EXPECT_GT(moved, kPrograms / 3);
}

}  // namespace
}  // namespace elevaite::engine

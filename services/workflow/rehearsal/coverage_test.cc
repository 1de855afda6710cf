#include "services/workflow/rehearsal/coverage.h"

#include <gtest/gtest.h>

#include <string>

#include "services/workflow/rehearsal/testing.h"

namespace elevaite::rehearsal {
namespace {

constexpr std::string_view kTasks =
    "- choose:\n    switch:\n      - big: {when: '${ .n > 9 }', then: large}\n      - rest: {then: loop}\n"
    "- large: {set: '${ . + {large: true} }'}\n"
    "- loop:\n    for: {in: '${ .items }'}\n    do:\n      - keep: {if: '${ $item > 0 }', set: '${ . }'}\n"
    "- safe:\n    try:\n      - may: {if: '${ .n == 13 }', raise: {error: {type: 'urn:x', status: 400}}}\n"
    "    catch: {do: [{handle: {set: '${ . }'}}]}\n";

// {task: what} of what was never reached.
std::string Never(const std::vector<std::string>& inputs) {
  const auto program = ProgramOf(kTasks);
  Coverage coverage;
  coverage.Expect(program);
  for (const std::string& input : inputs)
    coverage.Add(*Play(CaseOf("- name: x\n  given: {input: " + input + "}\n"), program, {}).stage);
  EXPECT_EQ(coverage.workflows().size(), 1U);
  std::string text;
  const Json told = ToJson(*coverage.workflows()[0]);
  for (const Json& one : told["never"].AsArray())
    text += std::string(one["task"].AsString()) + ": " + std::string(one["what"].AsString()) + "\n";
  return text;
}

TEST(Coverage, NamesWhatWasNeverReached) {
  EXPECT_EQ(Never({"{n: 1, items: [1, -1]}"}),
            "choose: case big\n"
            "large: task\n"
            "loop: no round\nloop: one round\n"
            "safe: error caught\n"
            "may: task\nhandle: task\n");
}

TEST(Coverage, OfAllCasesTogether) {
  EXPECT_EQ(Never({"{n: 1, items: []}", "{n: 10, items: [1]}", "{n: 13, items: [1, 0]}"}), "");
}

TEST(Coverage, OfNothingIsNothing) {
  const std::string never = Never({});
  EXPECT_EQ(never,
            "choose: task\nlarge: task\nloop: task\nkeep: task\nsafe: task\nmay: task\nhandle: task\n");
}

}  // namespace
}  // namespace elevaite::rehearsal

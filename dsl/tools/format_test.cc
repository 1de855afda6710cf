#include "dsl/tools/format.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "dsl/tools/random_document.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {
namespace {

std::string Formatted(std::string_view text) {
  const auto formatted = Format(text);
  return formatted ? *formatted : "error: " + formatted.error().ToString();
}

TEST(Format, BracketsBecomeBlocks) {
  EXPECT_EQ(
      Formatted("document: {dsl: '1.0.3', tags: {}, list: [1, [a, b], {c: d}]}\ndo: []\n"),
      "document:\n  dsl: '1.0.3'\n  tags: {}\n  list:\n    - 1\n    - - a\n      - b\n    - c: d\ndo: []\n");
}

TEST(Format, IndentationIsTwoSpacesALevel) {
  EXPECT_EQ(Formatted("do:\n- a:\n        set:\n            x:   1\n- b:\n    wait: PT1S\n"),
            "do:\n  - a:\n      set:\n        x: 1\n  - b:\n      wait: PT1S\n");
}

TEST(Format, CommentsKeepTheirPlaces) {
  EXPECT_EQ(
      Formatted(
          "\n\n#head\n\n\ndo:     # tasks\n\n# first\n- a:  # one\n     set: {x: 1, # why\n           y: 2}  "
          " # both\n     # of a\n# of do\n\n\n# about b\n-   # dash\n  b: # two\n    1\n# end\n"),
      "#head\n\ndo: # tasks\n  # first\n  - a: # one\n      set:\n        x: 1 # why\n        y: 2 # both\n  "
      "    # of a\n  # of do\n\n  # about b\n  - # dash\n    b: 1 # two\n# end\n");
}

TEST(Format, TextsStayAsTheyAre) {
  EXPECT_EQ(Formatted("a: |-  # literal\n      one\n        two\n\n      three\nb: >\n   folded\n   "
                      "text\n\nc: \"x\n   y\"\nd: plain\n  goes on\n"),
            "a: |-  # literal\n  one\n    two\n\n  three\nb: >\n  folded\n  text\n\nc: \"x\n  y\"\nd: "
            "plain\n  goes on\n");
}

TEST(Format, AnchorsTagsAndMarkersStay) {
  EXPECT_EQ(Formatted("%YAML 1.2\n---\na: &x {b: !!str 1}\nc: *x\nd: [*x, &y z, *y]\n...\n"),
            "%YAML 1.2\n---\na: &x\n  b: !!str 1\nc: *x\nd:\n  - *x\n  - &y z\n  - *y\n...\n");
}

TEST(Format, Json) {
  EXPECT_EQ(Formatted(R"({"a":[1,2.50,{}],"b":"\u00e9"})"),
            "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": \"é\"\n}\n");
}

TEST(Format, BrokenTextIsRefused) {
  EXPECT_EQ(Formatted("a: [").substr(0, 24), "error: invalid_workflow:");
  EXPECT_EQ(Formatted("? a\n: b\n").substr(0, 24), "error: invalid_argument:");
}

void CheckFolder(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto once = Format(text);
    ASSERT_TRUE(once.has_value()) << entry.path() << once.error().message;
    EXPECT_EQ(Formatted(*once), *once) << entry.path();
  }
}

TEST(Format, TheProjectsExamples) { CheckFolder(ELEVAITE_SOURCE_DIR "/examples"); }

TEST(Format, TheSpecificationsExamples) {
  const char* folder = std::getenv("OWS_EXAMPLES");
  if (folder == nullptr) GTEST_SKIP() << "OWS_EXAMPLES names no folder";
  CheckFolder(folder);
}

RC_GTEST_PROP(FormatProperty, KeepsTheValueAndAllCommentsAndIsIdempotent, (std::uint32_t seed)) {
  const RandomDocument document = DocumentGenerator(seed).Yaml();
  RC_LOG() << document.text;
  const auto formatted = Format(document.text);
  if (!formatted) RC_FAIL(formatted.error().message);
  RC_LOG() << "----\n" << *formatted;
  RC_ASSERT(yaml::Read(*formatted)->value().Dump() == document.value.Dump());
  for (const auto& [comment, owner] : document.comments) {
    if (formatted->find(comment) == std::string::npos) RC_FAIL("lost " + comment);
  }
  RC_ASSERT(Formatted(*formatted) == *formatted);
}

}  // namespace
}  // namespace elevaite::dsl::tools

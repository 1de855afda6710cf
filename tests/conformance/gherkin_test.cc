#include "tests/conformance/gherkin.h"

#include <gtest/gtest.h>

#include "tests/conformance/pattern.h"
#include "tests/conformance/suite.h"

namespace elevaite::conformance {
namespace {

constexpr std::string_view kWhole = R"(# a comment
@all
Feature: Loops
  A description
  of two lines.

  Background:
    Given a clock

  @first @other
  Scenario: One
    And given a text:
      """yaml
      a:
        b: 1

      c: 2
      """
    When the table is
      | name | value |
      | a\|b | 1     |
    # another comment
    Then all is well

  Scenario Outline: <n> times
    When it runs <n> times
    Examples:
      | n |
      | 1 |
      | 2 |
)";

TEST(Gherkin, ReadsBackgroundTagsDocStringsTablesAndOutlines) {
  const auto feature = ReadFeature(kWhole, "x.feature");

  ASSERT_TRUE(feature.has_value()) << feature.error().message;
  EXPECT_EQ(feature->name, "Loops");
  ASSERT_EQ(feature->scenarios.size(), 3U);
  const Scenario& one = feature->scenarios[0];
  EXPECT_EQ(one.tags, (std::vector<std::string>{"all", "first", "other"}));
  ASSERT_EQ(one.steps.size(), 4U);
  EXPECT_EQ(one.steps[0].text, "a clock");
  EXPECT_EQ(one.steps[1].text, "a text:");
  EXPECT_EQ(one.steps[1].doc, "a:\n  b: 1\n\nc: 2\n");
  EXPECT_EQ(one.steps[1].media_type, "yaml");
  EXPECT_EQ(one.steps[2].table, (std::vector<Row>{{"name", "value"}, {"a|b", "1"}}));
  EXPECT_EQ(one.steps[3].line, 23);
  EXPECT_EQ(feature->scenarios[2].name, "2 times");
  EXPECT_EQ(feature->scenarios[2].steps.back().text, "it runs 2 times");
}

TEST(Gherkin, NamesFileAndLineOfWhatItCannotRead) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Scenario: a\n", "x:1: a scenario stands after"},
      {"Feature: f\nScenario: a\n  Whenever it runs\n", "x:3: a step begins with"},
      {"Feature: f\nScenario: a\n  Given b\n  \"\"\"\n  c\n", "x:5: the doc string of line 4 is not closed"},
      {"Feature: f\nScenario: a\n  Given b\n  | 1 | 2 |\n  | 1 |\n",
       "x:5: this row has 1 cells, the first has 2"},
      {"Feature: f\nScenario Outline: a\n  Given b\n", "x:3: the outline 'a' has no examples"},
      {"# nothing\n", "x:1: no `Feature:`"},
      {"Feature: f\n| a |\n", "x:2: a table belongs to a step"},
      {"Feature: f\nFeature: g\n", "x:2: a second"},
      {"Feature: f\nScenario: a\nBackground:\n", "x:3: `Background:` stands before"},
  };
  for (const auto& [text, message] : cases) {
    const auto feature = ReadFeature(text, "x");
    ASSERT_FALSE(feature.has_value()) << text;
    EXPECT_TRUE(feature.error().message.starts_with(message)) << feature.error().message;
  }
}

TEST(Pattern, TakesParametersOut) {
  EXPECT_EQ(MatchStep("the secret {text} is {text}", "the secret 'a b' is ''"),
            (std::vector<std::string>{"a b", ""}));
  EXPECT_EQ(MatchStep("{number} {word} pass", "1.5 seconds pass"),
            (std::vector<std::string>{"1.5", "seconds"}));
  EXPECT_EQ(MatchStep("it runs", "it runs"), std::vector<std::string>());
  EXPECT_FALSE(MatchStep("it runs", "it runs on"));
  EXPECT_FALSE(MatchStep("{word} runs", "it runs on"));
  EXPECT_FALSE(MatchStep("is {text}", "is 'a"));
}

TEST(Suite, FindsTheTagsOfAPage) {
  EXPECT_EQ(TagsIn("A [list-x], a [link](a-b.md), `[]`, [a b], [for-each-2]."),
            (std::vector<std::string>{"list-x", "for-each-2"}));
}

}  // namespace
}  // namespace elevaite::conformance

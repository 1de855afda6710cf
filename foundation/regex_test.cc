#include "foundation/regex.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

TEST(Regex, FindsTheFirstMatchAndItsGroups) {
  const auto regex = Regex::Compile("(?<year>\\d{4})-(\\d\\d)?");
  ASSERT_TRUE(regex);
  Regex::Groups groups;
  const std::string text = "on 2024- and 2025-07";
  EXPECT_EQ(regex->Search(text, 0, &groups).outcome, Regex::Outcome::kMatch);
  EXPECT_EQ(groups[0].begin, 3);
  EXPECT_EQ(groups[2].begin, -1);
  EXPECT_EQ(regex->Search(text, 8, &groups).outcome, Regex::Outcome::kMatch);
  EXPECT_EQ(groups[0].begin, 13);
  EXPECT_EQ(groups[2].end, 20);
  EXPECT_EQ(regex->group_names()[1], "year");
  EXPECT_EQ(regex->Search("none").outcome, Regex::Outcome::kNoMatch);
}

TEST(Regex, GivesUpOnEndlessBacktracking) {
  const auto regex = Regex::Compile("^(a|aa|a?)+$");
  ASSERT_TRUE(regex);
  const auto result = regex->Search(std::string(200, 'a') + "b");
  EXPECT_EQ(result.outcome, Regex::Outcome::kGaveUp);
  EXPECT_GT(result.cost, 1000U);
}

TEST(Regex, SaysWhyAPatternIsWrong) {
  EXPECT_EQ(Regex::Compile("(a").error(), "end pattern with unmatched parenthesis");
  EXPECT_EQ(Regex::Compile(std::string(20'000, 'a')).error(), "the regular expression is too long");
}

}  // namespace
}  // namespace elevaite

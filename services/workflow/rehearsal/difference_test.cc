#include "services/workflow/rehearsal/difference.h"

#include <gtest/gtest.h>

#include <string_view>

namespace elevaite::rehearsal {
namespace {

Json Found(std::string_view expected, std::string_view actual, Comparison comparison) {
  std::vector<Json> found;
  for (const Difference& one :
       Differences(ParseJson(expected).value(), ParseJson(actual).value(), comparison))
    found.push_back(ToJson(one));
  return Json::Array(std::move(found));
}

Json Parsed(std::string_view text) { return ParseJson(text).value(); }

TEST(Difference, IsToldByPath) {
  EXPECT_EQ(Found(R"({"a": {"b/c": [1, 2]}})", R"({"a": {"b/c": [1, 3]}})", Comparison::kEqual),
            Parsed(R"([{"path": "/a/b~1c/1", "expected": 2, "actual": 3}])"));
  EXPECT_EQ(Found("1", "\"1\"", Comparison::kEqual),
            Parsed(R"([{"path": "", "expected": 1, "actual": "1"}])"));
  EXPECT_EQ(Found("[1]", "[1, null]", Comparison::kEqual), Parsed(R"([{"path": "/1", "actual": null}])"));
}

TEST(Difference, NeitherOrderNorNotationOfNumbersCount) {
  EXPECT_EQ(Found(R"({"a": 1, "b": 2.50})", R"({"b": 2.5, "a": 1.0})", Comparison::kEqual), Parsed("[]"));
}

TEST(Difference, MoreMembersAreFineWhereAPartIsExpected) {
  EXPECT_EQ(Found(R"({"a": [{"b": 1}]})", R"({"a": [{"b": 1, "c": 2}], "d": 3})", Comparison::kContains),
            Parsed("[]"));
  EXPECT_EQ(Found(R"({"a": [{"b": 1}]})", R"({"a": [{"c": 2}, 0]})", Comparison::kContains),
            Parsed(R"([{"path": "/a/0/b", "expected": 1}, {"path": "/a/1", "actual": 0}])"));
}

TEST(Difference, IsBounded) {
  const Json expected = Json::Array(std::vector<Json>(1'000, Json(1)));
  const Json actual = Json::Array(std::vector<Json>(1'000, Json(2)));
  EXPECT_EQ(Differences(expected, actual, Comparison::kEqual, 5).size(), 5U);
}

}  // namespace
}  // namespace elevaite::rehearsal

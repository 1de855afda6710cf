#include "foundation/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace elevaite {
namespace {

Json Parse(std::string_view text) {
  auto value = ParseJson(text);
  EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().ToString());
  return value.value_or(Json());
}

std::string ErrorOf(std::string_view text, JsonParseOptions options = {}) {
  auto value = ParseJson(text, options);
  EXPECT_FALSE(value) << text;
  return value ? "" : value.error().message;
}

TEST(Json, KeepsIntegersExactAndDecimalsAsWritten) {
  for (const char* text : {"0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808",
                           "18446744073709551615", "18446744073709551616", "1.10", "1e1000", "-0", "1E5",
                           "0.1", "123456789012345678901234567890.5", "1e-05"}) {
    EXPECT_EQ(Parse(text).Dump(), text);
  }
  EXPECT_EQ(Parse("9223372036854775807").AsInt64(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Parse("18446744073709551615").AsUint64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(std::isinf(Parse("1e1000").AsDouble()));
}

TEST(Json, WritesDoublesInTheShortestFormThatReadsBack) {
  EXPECT_EQ(Json(0.1).Dump(), "0.1");
  EXPECT_EQ(Json(1e15).Dump(), "1000000000000000");
  EXPECT_EQ(Json(1e17).Dump(), "1e+17");
  EXPECT_EQ(Json(1.5e300).Dump(), "1.5e+300");
  EXPECT_EQ(Json(-2.5e-7).Dump(), "-2.5e-07");
  EXPECT_EQ(Json(3.0).Dump(), "3");
  EXPECT_EQ(Json(std::nan("")).Dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).Dump(), "1.7976931348623157e+308");
}

TEST(Json, KeepsTheOrderOfKeysAndFindsThemInLargeObjects) {
  Json object = Json::EmptyObject();
  for (int i = 0; i < 1000; ++i)
    object = Json::WithMember(std::move(object), "key" + std::to_string(999 - i), i);
  ASSERT_EQ(object.Size(), 1000U);
  EXPECT_EQ(object.AsObject()[0].key.AsString(), "key999");
  EXPECT_EQ(object["key0"], Json(999));
  object = Json::WithoutMember(std::move(object), "key500");
  EXPECT_EQ(object.Find("key500"), nullptr);
  EXPECT_EQ(object["key1"], Json(998));
}

TEST(Json, ChangesACopyWithoutTouchingTheOriginal) {
  const Json original = Parse(R"({"a":[1,2],"b":"a string that is longer than fourteen bytes"})");
  Json changed = Json::WithMember(original, "a", Json::Append(original["a"], 3));
  EXPECT_EQ(original.Dump(), R"({"a":[1,2],"b":"a string that is longer than fourteen bytes"})");
  EXPECT_EQ(changed["a"].Dump(), "[1,2,3]");
  changed = changed["a"];  // assigning a part to the whole
  EXPECT_EQ(changed.Dump(), "[1,2,3]");
}

TEST(Json, TakesAMemberOutForAChangeInPlace) {
  Json object = Parse(R"({"list":[1]})");
  Json list = Json::TakeMember(object, "list");
  list = Json::Append(std::move(list), 2);
  object = Json::WithMember(std::move(object), "list", std::move(list));
  EXPECT_EQ(object.Dump(), R"({"list":[1,2]})");
}

TEST(Json, ComparesInTheOrderOfJq) {
  const char* ascending[] = {
      "null",     "false", "true", "-1",    "0.5", "1",  "9007199254740993", "\"A\"",     "\"a\"",
      "\"aa\"",   "[]",    "[1]",  "[1,2]", "[2]", "{}", "{\"a\":1}",        "{\"a\":2}", "{\"a\":1,\"b\":1}",
      "{\"b\":0}"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t k = 0; k < std::size(ascending); ++k) {
      const int expected = i < k ? -1 : (i > k ? 1 : 0);
      EXPECT_EQ(Json::Compare(Parse(ascending[i]), Parse(ascending[k])), expected)
          << ascending[i] << " " << ascending[k];
    }
  }
  EXPECT_EQ(Parse("1"), Parse("1.0"));
  EXPECT_NE(Parse("9007199254740993"), Parse("9007199254740992"));
  EXPECT_EQ(Parse(R"({"a":1,"b":2})"), Parse(R"({"b":2,"a":1})"));
  EXPECT_NE(Json(std::nan("")), Json(std::nan("")));
}

TEST(Json, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(ErrorOf("{\"a\": 1,\n \"b\" 2}").substr(0, 17), "line 2, column 6:");
  EXPECT_NE(ErrorOf(R"({"a":1,"a":2})").find("\"a\" is there twice"), std::string::npos);
  EXPECT_NE(ErrorOf("[1,2").find("ends too early"), std::string::npos);
  EXPECT_NE(ErrorOf("1 2").find("unexpected text after"), std::string::npos);
  EXPECT_NE(ErrorOf("\"\xff\"").find("line 1, column 2: the text is not valid UTF-8"), std::string::npos);
  EXPECT_NE(ErrorOf("[[[[1]]]]", {.depth_max = 3}).find("nested too deeply"), std::string::npos);
  EXPECT_NE(ErrorOf("[1,2,3]", {.bytes_max = 3}).find("at most 3"), std::string::npos);
  EXPECT_EQ(ParseJson(R"({"a":1,"a":2})", {.allow_duplicate_keys = true})->Dump(), R"({"a":2})");
  for (const char* text :
       {"", " ", "nul", "[1,]", "{,}", "01", "1.", "'a'", "NaN", "[1]x", "\"\t\"", "\"\\ud800\""})
    ErrorOf(text);
}

TEST(Json, DestroysAndWritesDeepValuesWithoutTheStack) {
  Json deep = Json::EmptyArray();
  for (std::uint32_t i = 1; i < Json::kMaxDepth; ++i) deep = Json::Array({std::move(deep)});
  EXPECT_EQ(deep.Depth(), Json::kMaxDepth);
  const std::string text = deep.Dump();
  EXPECT_EQ(text.size(), 2U * Json::kMaxDepth);
  EXPECT_EQ(ParseJson(text, {.depth_max = Json::kMaxDepth}).value(), deep);
}

TEST(Json, WritesCanonically) {
  EXPECT_EQ(Parse(R"({"b":1.50,"a":[1.0,{"d":null,"c":"\u0001é"}]})").DumpCanonical(),
            R"({"a":[1,{"c":"\u0001é","d":null}],"b":1.5})");
  EXPECT_EQ(Parse("{\"a\":[1,{}],\"b\":{}}").DumpPretty(),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {}\n}");
}

TEST(Json, FindsInvalidUtf8) {
  EXPECT_EQ(FindInvalidUtf8("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"), std::string_view::npos);
  for (std::string_view bad :
       {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(FindInvalidUtf8(bad), 0U);
  }
}

}  // namespace
}  // namespace elevaite

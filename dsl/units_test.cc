// The small parts of the compiler: durations, suggestions, error types, cycles, texts and places.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dsl/cycles.h"
#include "dsl/document.h"
#include "dsl/duration.h"
#include "dsl/error_types.h"
#include "dsl/expression.h"
#include "dsl/reader.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Duration, ReadsIsoTexts) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"PT30S", 30'000'000},
      {"PT1.5S", 1'500'000},
      {"PT0.000001S", 1},
      {"P1D", 86'400'000'000},
      {"P1W", 604'800'000'000},
      {"P1DT2H3M4S", 93'784'000'000},
      {"PT0S", 0},
      {"PT0.5H", 1'800'000'000},
      {"P0.5D", 43'200'000'000},
      {"PT1H", 3'600'000'000},
      {"PT90M", 5'400'000'000},
      {"P36525D", kDurationMaxUs},
  };
  for (const auto& [text, expected] : cases) {
    const auto value = ParseDuration(text);
    ASSERT_TRUE(value) << text << ": " << value.error().message;
    EXPECT_EQ(*value, expected) << text;
  }
}

TEST(Duration, RefusesEverythingElseWithAHint) {
  for (const char* text :
       {"",      "P",        "PT",     "30",   "PT5",   "PT5X",    "P5S",
        "PT5D",  "PT1S1M",   "PT1M1M", "P1DT", "-PT1S", "PT-1S",   "PT.5S",
        "PT5.S", "PT1.2.3S", "pt5s",   "P1Y",  "P1M",   "P36526D", "PT99999999999999999999S",
        " PT1S"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
  EXPECT_EQ(ParseDuration("30s").error().hint, "write PT30S");
  EXPECT_EQ(ParseDuration("1h 30 min").error().hint, "write PT1H30M");
  EXPECT_EQ(ParseDuration("2 days").error().hint, "write P2D");
  EXPECT_EQ(ParseDuration("250ms").error().hint, "write PT0.25S");
}

TEST(Duration, ReadsObjects) {
  const auto parse = [](std::string_view text) { return ParseDuration(ParseJson(text).value()); };
  EXPECT_EQ(*parse(R"({"days":1,"hours":1,"minutes":1,"seconds":1,"milliseconds":1})"), 90'061'001'000);
  for (const char* bad :
       {"{}", R"({"second":1})", R"({"seconds":1.5})", R"({"seconds":-1})", R"({"seconds":"1"})",
        R"({"days":36526})", R"({"hours":9223372036854775807})", "5", "null", "[]", "true"}) {
    EXPECT_FALSE(parse(bad)) << bad;
  }
}

TEST(Suggest, FindsTheNearestNameOfAFew) {
  const std::vector<std::string> names{"endpoint", "method", "headers", "in", "do"};
  EXPECT_EQ(Nearest("endpiont", names), "endpoint");
  EXPECT_EQ(Nearest("Method", names), "method");
  EXPECT_EQ(Nearest("header", names), "headers");
  EXPECT_EQ(Nearest("url", names), std::nullopt);
  EXPECT_EQ(Nearest("", names), std::nullopt);
  EXPECT_EQ(Nearest(std::string(100, 'x'), names), std::nullopt);
  EXPECT_EQ(Nearest("END", names), std::nullopt);
}

TEST(Suggest, QuotesWithoutCuttingCharacters) {
  EXPECT_EQ(Quote("a\nb"), "`a b`");
  const std::string umlauts = Quote(std::string(59, 'a') + "\xc3\xa4\xc3\xa4");
  EXPECT_EQ(umlauts, "`" + std::string(59, 'a') + "...`");
}

TEST(ErrorTypes, AllFormsAreTheSame) {
  const std::string form = std::string(kErrorTypeBase) + "communication";
  for (const char* uri : {"https://open-workflow-specification.org/spec/1.0.0/errors/communication",
                          "https://serverlessworkflow.io/spec/1.0.0/errors/communication",
                          "https://serverlessworkflow.io/spec/1.0.3/errors/communication",
                          "https://open-workflow-specification.org/dsl/errors/types/communication",
                          "https://serverlessworkflow.io/dsl/errors/types/communication",
                          "https://serverlessworkflow.io/errors/types/communication"}) {
    EXPECT_EQ(NormalizeErrorType(uri), form);
  }
  for (const char* other :
       {"https://serverlessworkflow.io/errors/not-implemented", "https://example.com/communication",
        "https://open-workflow-specification.org/errors/types/compliance", "", "communication"}) {
    EXPECT_EQ(NormalizeErrorType(other), other);
  }
  EXPECT_EQ(MisspeltErrorType("communicaton"), form);
  EXPECT_EQ(MisspeltErrorType("https://serverlessworkflow.io/spec/1.0.0/errors/comunication"), form);
  EXPECT_EQ(MisspeltErrorType("https://example.com/comunication"), std::nullopt);
  EXPECT_EQ(MisspeltErrorType(form), std::nullopt);
}

TEST(Cycles, AreFoundWithTheirNodes) {
  EXPECT_THAT(CyclesOf({{1}, {2}, {3}}), IsEmpty());
  EXPECT_THAT(CyclesOf({{0}}), ElementsAre(ElementsAre(0U)));
  EXPECT_THAT(CyclesOf({{1}, {2}, {0, 3}, {4}}), ElementsAre(ElementsAre(0U, 1U, 2U)));
  EXPECT_THAT(CyclesOf({{1}, {0, 2}, {3}, {2}}), ElementsAre(ElementsAre(2U, 3U), ElementsAre(0U, 1U)));
  Edges chain(100'000);
  for (std::uint32_t i = 0; i < chain.size(); ++i) chain[i] = {i + 1};
  chain.back() = {0};
  EXPECT_EQ(CyclesOf(chain).front().size(), chain.size());
  EXPECT_THAT(ReachableFrom(0, {{2}, {2}, {9}}), ElementsAre(true, false, true));
}

TEST(ExpressionText, IsWholeOnlyWhenTheBracesEncloseIt) {
  const std::pair<const char*, TextKind> cases[] = {
      {"plain", TextKind::kLiteral},
      {"$ {x}", TextKind::kLiteral},
      {"${ .a }", TextKind::kWhole},
      {"  ${.a}\n", TextKind::kWhole},
      {"${ {a: {b: 1}} }", TextKind::kWhole},
      {R"(${ "}" })", TextKind::kWhole},
      {R"(${ "\"}" })", TextKind::kWhole},
      {R"(${ "a\({b: "}"})c" })", TextKind::kWhole},
      {"${ .a # }\n }", TextKind::kWhole},
      {"${ .a) }", TextKind::kWhole},  // for jq to refuse
      {"${ .a }-${ .b }", TextKind::kEmbedded},
      {"a ${ .b }", TextKind::kEmbedded},
      {"${ .a } b", TextKind::kEmbedded},
      {"${ .a", TextKind::kUnclosed},
      {"a ${ .b", TextKind::kUnclosed},
      {"${", TextKind::kUnclosed},
  };
  for (const auto& [text, kind] : cases) EXPECT_EQ(ScanText(text).kind, kind) << text;
  const TextScan scan = ScanText(" ${ .a } ");
  EXPECT_EQ(std::string(" ${ .a } ").substr(scan.begin, scan.end - scan.begin), " .a ");
}

TEST(ExpressionText, KnowsTheLooksOfAForgottenExpression) {
  for (const char* text : {".a", ".a.b", ".a[0].b", ".[\"a b\"]", "$item", "$item.id", "{{ a }}", "$.a",
                           ".a | length", ".a == 1"}) {
    EXPECT_TRUE(LooksLikeExpression(text)) << text;
  }
  for (const char* text : {"", " ", ".", "..", "...", "$", "$5", "a.b", ".5", ". a", "$ a", "{ a }",
                           ".a is nice", "-.a", "US$"}) {
    EXPECT_FALSE(LooksLikeExpression(text)) << text;
  }
}

TEST(Pointer, EscapesAsRfc6901Says) { EXPECT_EQ(Child(Child("", "a/b~c"), 3), "/a~1b~0c/3"); }

// Every `@` of a scalar's value must be found where it stands in the text.
void ExpectPlacesOfMarks(const std::string& text) {
  auto root = yaml::Read(text);
  ASSERT_TRUE(root) << text;
  const Document document(text, Format::kYaml, *root);
  const yaml::Node& scalar = root->Find("k")->value;
  std::vector<yaml::Position> marks;
  yaml::Position place{1, 1};
  for (char c : text) {
    if (c == '@') marks.push_back(place);
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place.column;
    }
  }
  std::size_t found = 0;
  for (std::size_t i = 0; i < scalar.text().size(); ++i) {
    if (scalar.text()[i] != '@') continue;
    ASSERT_LT(found, marks.size());
    const yaml::Position position = document.Locate(scalar, i);
    EXPECT_EQ(position.line, marks[found].line) << text;
    EXPECT_EQ(position.column, marks[found].column) << text;
    ++found;
  }
  EXPECT_EQ(found, marks.size()) << text;
}

TEST(Locate, FindsPlacesInScalarsOfEveryStyle) {
  for (const char* text : {
           "k: a@b @",
           "k: 'it''s @ and '' @'",
           "k: \"\\u00e9\\n\\t@\\\"@ \\x41@\\U0001F600@\"",
           "k: a\n  @b\n\n\n  c@",
           "k: 'a  \n   @b\n\n  @'",
           "k: \"a\\\n   @b\n  @\"",
           "k: |\n  a@\n    @b\n\n  @\n",
           "k: |2-\n    @a\n  @b\n",
           "k: >\n  a@\n  @b\n\n  c@\n",
           "# ä\nk: 'ä@ö€@😀@'",
           "{\"k\": \"a@\\/@\\\\@\"}",
           "k: &anchor a@b",
           "k: !!str 'a@b'",
           "k: |\r\n  a@\r\n  b@\r\n",
       }) {
    ExpectPlacesOfMarks(text);
  }
}

}  // namespace
}  // namespace elevaite::dsl

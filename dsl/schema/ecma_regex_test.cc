#include "dsl/schema/ecma_regex.h"

#include <gtest/gtest.h>

namespace elevaite::schema {
namespace {

bool Found(std::string_view pattern, std::string_view text) {
  const auto regex = CompileEcmaRegex(pattern);
  EXPECT_TRUE(regex) << pattern << ": " << (regex ? "" : regex.error());
  return regex && regex->Search(text).outcome == Regex::Outcome::kMatch;
}

struct Case {
  std::string_view pattern;
  std::string_view matches;
  std::string_view fails;
};

TEST(EcmaRegex, MeansWhatEcmaScriptMeans) {
  const Case cases[] = {
      {"^abc$", "abc", "abc\n"},  // `$` is the end only
      {"^\\d$", "7", "\u0667"},   // ASCII digits
      {"^[\\d-]$", "-", "\u0667"},
      {"^\\D$", "\u0667", "7"},
      {"^[^\\D]$", "7", "x"},
      {"^\\w+$", "aZ_9", "\u00e9"},
      {"^\\W$", "\u00e9", "a"},
      {"^\\s$", "\ufeff", "x"},  // the byte order mark is a blank
      {"^[\\S]$", "x", "\u00a0"},
      {"^.$", "\u0085", "\u2028"},  // `.` stops at four line ends
      {"^[^]$", "\n", ""},
      {"a|[]", "a", "b"},
      {"\\bx\\b", "\u00e9x", "ax"},
      {"\\Bx", "ax", "x"},
      {"^\\u0041\\x42\\u{43}\\cJ$", "ABC\n", "ABC"},
      {"^\\ud83d\\ude00$", "\U0001F600", "x"},
      {"^\\p{Script=Greek}+$", "αβγ", "abc"},
      {"^\\P{Letter}$", "3", "a"},
      {"^[[a]$", "[", "b"},  // no nested classes
      {"^[a&&b]$", "&", "x"},
      {"^[\\b]$", "\b", "b"},
      {"^a{2,3}?$", "aa", "a"},
      {"^a{,3}$", "a{,3}", "aa"},  // no quantifier
      {"^(?<y>a)\\k<y>$", "aa", "ab"},
      {"(?<=a)b(?!c)", "ab", "abc"},
      {"^\\/\\-$", "/-", "-"},
  };
  for (const Case& one : cases) {
    EXPECT_TRUE(Found(one.pattern, one.matches)) << one.pattern;
    EXPECT_FALSE(Found(one.pattern, one.fails)) << one.pattern;
  }
}

TEST(EcmaRegex, RefusesWhatEcmaScriptDoesNotHave) {
  for (const char* pattern : {"\\Z", "\\a", "(?>a)", "(?i)a", "a**", "a++", "\\01", "[a", "\\", "\\u{110000}",
                              "\\ud83d", "\\x4", "\\p{}", "\\pL", "(?#x)", "\\c1", "[\\B]"}) {
    EXPECT_FALSE(CompileEcmaRegex(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace elevaite::schema

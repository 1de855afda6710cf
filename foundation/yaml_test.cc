#include "foundation/yaml.h"

#include <gtest/gtest.h>

namespace elevaite::yaml {
namespace {

Node Tree(std::string_view text, ReadOptions options = {}) {
  auto node = Read(text, options);
  EXPECT_TRUE(node) << text << "\n" << (node ? "" : node.error().ToString());
  return node.value_or(Node());
}

std::string ErrorOf(std::string_view text, ReadOptions options = {}) {
  auto node = Read(text, options);
  EXPECT_FALSE(node) << text << "\n" << (node ? node->value().Dump() : "");
  return node ? "" : node.error().ToString();
}

std::string Span(const Range& range) {
  return std::to_string(range.begin.line) + ":" + std::to_string(range.begin.column) + "-" +
         std::to_string(range.end.line) + ":" + std::to_string(range.end.column);
}

TEST(Yaml, ResolvesPlainScalarsByTheCoreSchema) {
  struct Case {
    const char* yaml;
    const char* json;
  };
  const Case cases[] = {
      {"~", "null"},
      {"null", "null"},
      {"", "null"},
      {"# only a comment", "null"},
      {"Null", "null"},
      {"nUll", "\"nUll\""},
      {"true", "true"},
      {"FALSE", "false"},
      {"yes", "\"yes\""},
      {"on", "\"on\""},
      {"12", "12"},
      {"-12", "-12"},
      {"+12", "12"},
      {"012", "12"},
      {"0o17", "15"},
      {"0x1F", "31"},
      {"0xffffffffffffffff", "18446744073709551615"},
      {"1.50", "1.50"},
      {".5", "0.5"},
      {"1.", "1"},
      {"-.5e3", "-0.5e3"},
      {"1e3", "1e3"},
      {"1_000", "\"1_000\""},
      {"1.2.3", "\"1.2.3\""},
      {"'12'", "\"12\""},
      {"\"true\"", "\"true\""},
      {"!!str 12", "\"12\""},
      {"! 12", "\"12\""},
      {"!!int \"12\"", "12"},
      {"!!float 12", "12"},
      {"2026-11-20", "\"2026-11-20\""},
      {"12:30:45", "\"12:30:45\""},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"-", "[null]"},
      {"- - 1", "[[1]]"},
      {"1e", "\"1e\""},
      {"+", "\"+\""},
      {".", "\".\""},
      {"{a: 1, b}", "{\"a\":1,\"b\":null}"},
      {"|\n  a\n  b\n", "\"a\\nb\\n\""},
      {">-\n  a\n  b\n", "\"a b\""},
      {"404: x\ntrue: y\n~: z", "{\"404\":\"x\",\"true\":\"y\",\"~\":\"z\"}"},
      {"a: &x [1]\nb: *x", "{\"a\":[1],\"b\":[1]}"},
      {"'<<': 1", "{\"<<\":1}"},
      {"${ .a }", "\"${ .a }\""},
  };
  for (const Case& c : cases) EXPECT_EQ(Tree(c.yaml).value().Dump(), c.json) << c.yaml;
}

TEST(Yaml, TellsWhereEveryNodeAndKeyStands) {
  const Node root = Tree(
      "document:\n"
      "  dsl: '1.0.3'   # comment\n"
      "do:\n"
      "  - first: {set: [1, \"zwölf\"]}\n"
      "  - second:\n"
      "      call: http\n"
      "\n"
      "# the end\n"
      "last:\n");
  EXPECT_EQ(Span(root.range()), "1:1-9:6");
  const Member& document = *root.Find("document");
  EXPECT_EQ(Span(document.key_range), "1:1-1:9");
  EXPECT_EQ(Span(document.value.range()), "2:3-2:15");
  EXPECT_EQ(Span(document.value.Find("dsl")->value.range()), "2:8-2:15");
  EXPECT_FALSE(document.value.Find("dsl")->value.plain());
  const Node& list = root.Find("do")->value;
  EXPECT_EQ(Span(list.range()), "4:3-6:17");
  const Node& set = list.items()[0].Find("first")->value.Find("set")->value;
  EXPECT_EQ(Span(set.range()), "4:18-4:30");
  EXPECT_EQ(Span(set.items()[1].range()), "4:22-4:29");
  EXPECT_EQ(set.items()[1].text(), "zwölf");
  EXPECT_EQ(Span(list.items()[1].range()), "5:5-6:17");
  EXPECT_TRUE(root.Find("last")->value.IsNull());
  EXPECT_EQ(root.Find("last")->value.range().begin.line, 9U);
}

TEST(Yaml, RefusesWhatIsAmbiguousOrUnsupportedAndSaysWhy) {
  struct Case {
    const char* yaml;
    const char* error;
  };
  const Case cases[] = {
      {"a: 1\nb: 2\na: 3", "line 3, column 1: duplicate key 'a' (first at line 1, column 1)"},
      {"{\"a\":1,\n \"a\":2}", "line 2, column 2: duplicate key 'a' (first at line 1, column 2)"},
      {"b: &b {x: 1}\na:\n  <<: *b",
       "line 3, column 3: merge keys ('<<') are not part of YAML 1.2; write the members out"},
      {"? [1]\n: 2",
       "line 1, column 3: a key must be text, not a list or mapping; quote it if it begins with '[', '{' or "
       "'?'"},
      {"a: 1\n---\nb: 2", "line 2, column 1: a second document begins here; only one is allowed in a text"},
      {"a: *b", "line 1, column 4: no anchor '&b' before this alias; quote the value if it is text"},
      {"a: &x [*x]", "line 1, column 8: the alias '*x' stands inside what it refers to"},
      {"a: !!binary aGk=",
       "line 1, column 4: the tag 'tag:yaml.org,2002:binary' does not go with this value; supported are "
       "!!str, !!int, !!float, !!bool and !!null"},
      {"!!set {a}", "line 1, column 1: the tag 'tag:yaml.org,2002:set' is not supported here"},
      {"a: .inf", "line 1, column 4: '.inf' has no JSON form; quote it if it is text"},
      {"a: 0x1ffffffffffffffff", "line 1, column 4: '0x1ffffffffffffffff' does not fit into 64 bits"},
      {"a:\n\tb: 1", "line 2, column 1: a tab cannot indent; use spaces"},
      {"a: @b", "line 1, column 4: a value cannot begin with '@' unless it is quoted"},
      {"a: b: c",
       "line 1, column 5: a ':' followed by a space is not expected here; check the indentation, or quote "
       "the text"},
      {"a: ok\nb: \"\x80\"", "line 2, column 5: not valid UTF-8"},
      {"a: ok\nb: \"\x01\"",
       "line 2, column 5: a control character that YAML does not allow here; write it as an escape in "
       "double quotes"},
      {"{ ? : x}", "line 1, column 5: a key is missing before ':'"},
      {"a: 'open\n",
       "line 2, column 1: found unexpected end of stream, while scanning a quoted scalar that begins at line "
       "1, "
       "column 4"},
  };
  for (const Case& c : cases) EXPECT_EQ(ErrorOf(c.yaml), c.error) << c.yaml;
  for (const char* bad :
       {"[1, 2", "{a: 1", "a:\n  - b\n c", "\"\\x\"", "&a *a", "%YAML 3.0\n---\n1", "a: |x\n", "- 1\nb: 2"}) {
    EXPECT_NE(ErrorOf(bad), "");
  }
}

TEST(Yaml, KeepsToItsLimits) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? "," : "") + below;
    bomb += "]\n";
  }
  EXPECT_EQ(ErrorOf(bomb), "line 6, column 22: more than 500000 values, counting what aliases stand for");
  EXPECT_EQ(ErrorOf(std::string(101, '[')), "line 1, column 101: nested deeper than 100 levels");
  EXPECT_EQ(ErrorOf("a: &x [[[1]]]\nb: [*x]", {.depth_max = 4}),
            "line 2, column 5: nested deeper than 4 levels");
  EXPECT_EQ(ErrorOf("[1,2,3,4]", {.nodes_max = 4}), "line 1, column 8: more than 4 values");
  EXPECT_EQ(ErrorOf("12345", {.bytes_max = 4}), "line 1, column 1: larger than 4 bytes");
  EXPECT_EQ(Read(std::string(200'000, '[')).error().too_large, true);
  EXPECT_EQ(Tree(std::string(100, '[') + std::string(100, ']')).value().Depth(), 100U);
}

TEST(Yaml, ReadsJsonAsJsonIs) {
  const std::string long_key(3000, 'k');
  const std::string json = "{\"" + long_key +
                           "\"\n: \"\\ud83d\\ude00 \\\\ud83d \\\"\\/\",\r\n"
                           "\t\"n\": [1.10, -0, 18446744073709551615, true, null, \"\", {}],\n"
                           "\"ü\": {\"x\": 1e400}}";
  const Node root = Tree(json);
  EXPECT_EQ(root.value().Dump(), ParseJson(json).value().Dump());
  EXPECT_EQ(root.members()[0].key, long_key);
  EXPECT_EQ(root.members()[0].value.text(), "\xF0\x9F\x98\x80 \\ud83d \"/");
  EXPECT_EQ(Span(root.range()), "1:1-4:19");
  const Member& list = *root.Find("n");
  EXPECT_EQ(Span(list.key_range), "3:2-3:5");
  EXPECT_EQ(Span(list.value.items()[2].range()), "3:18-3:38");
  EXPECT_TRUE(list.value.items()[0].plain());
  EXPECT_FALSE(list.value.items()[5].plain());
  EXPECT_EQ(Span(root.Find("ü")->value.range()), "4:6-4:18");
  EXPECT_EQ(ErrorOf("{\"a\": {\"b\": 1, \"b\": 2}}"),
            "line 1, column 16: duplicate key 'b' (first at line 1, column 8)");
  EXPECT_EQ(ErrorOf(std::string(101, '[') + std::string(101, ']')),
            "line 1, column 101: nested deeper than 100 levels");
  EXPECT_EQ(ErrorOf("[1, 2, 3]", {.nodes_max = 3}), "line 1, column 8: more than 3 values");
}

TEST(Yaml, BecomesAnErrorThatNamesTheSource) {
  auto node = Read("a: 1\na: 2");
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().related, (Position{1, 1}));
  const Error error = node.error().ToError("elevaite.yaml");
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message, "elevaite.yaml: line 2, column 1: duplicate key 'a' (first at line 1, column 1)");
}

}  // namespace
}  // namespace elevaite::yaml

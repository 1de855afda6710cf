#include "dsl/types/type.h"

#include <gtest/gtest.h>

#include <chrono>

namespace elevaite::dsl::types {
namespace {

Type Of(const char* schema) { return FromSchema(ParseJson(schema).value()); }

TEST(TypeFromSchema, ReadsTheKeywordsThatNarrow) {
  const std::pair<const char*, const char*> kCases[] = {
      {"true", "any"},
      {"false", "never"},
      {"{}", "any"},
      {R"({"type":"integer"})", "number"},
      {R"({"type":["string","null"]})", "null | string"},
      {R"({"enum":["b","a",1,null]})", "null | number | \"a\" | \"b\""},
      {R"({"const":{"a":[1]}})", "{a: [number]}"},
      {R"({"type":"array","items":{"type":"string"}})", "[string]"},
      {R"({"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"number"}})",
       "[number | string]"},
      {R"({"type":"array","prefixItems":[{"type":"string"}]})", "[any]"},
      {R"({"type":"object"})", "{...}"},
      {R"({"type":"object","properties":{"b":{"type":"string"},"a":{}},"required":["b","c"]})",
       "{a?: any, b: string, c: any, ...}"},
      {R"({"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":false})", "{a?: null}"},
      {R"({"type":"object","patternProperties":{"x":{}},"additionalProperties":false})", "{...}"},
      {R"({"type":"string","properties":{"a":false}})", "string"},
      {R"({"oneOf":[{"type":"string"},{"type":"array","items":{"type":"number"}}]})", "string | [number]"},
      {R"({"anyOf":[{"const":"a"},{"const":"b"}],"enum":["b","c"]})", "\"b\""},
      {R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"required":["a"]}]})",
       "{a: string, ...}"},
      {R"({"$ref":"#/$defs/x","$defs":{"x":{"type":"number"}}})", "number"},
      {R"({"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"boolean"}}})", "boolean"},
      {R"({"$ref":"https://example.org/x"})", "any"},
      {R"({"type":"colour"})", "any"},
      {R"({"type":7,"properties":3,"required":"a","items":1,"enum":{}})", "any"},
  };
  for (const auto& [schema, expected] : kCases) EXPECT_EQ(Format(Of(schema)), expected) << schema;
}

TEST(TypeFromSchema, EndsOnRecursiveAndHostileSchemas) {
  const auto start = std::chrono::steady_clock::now();
  const Type list = Of(
      R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}})");
  EXPECT_TRUE(list.Has(kObject));
  EXPECT_LE(list.depth(), Type::kDepthMax);
  EXPECT_EQ(Format(Of(R"({"$ref":"#"})")), "any");
  // Each level refers to the next one twice: 2^100 paths.
  std::vector<Json::Member> levels;
  for (int i = 0; i < 100; ++i) {
    const Json next = Json::Object({{"$ref", "#/$defs/l" + std::to_string(i + 1)}});
    levels.emplace_back(std::string_view("l" + std::to_string(i)),
                        Json::Object({{"properties", Json::Object({{"a", next}, {"b", next}})},
                                      {"oneOf", Json::Array({next, next})}}));
  }
  const Json bomb = Json::Object({{"$ref", "#/$defs/l0"}, {"$defs", Json::Object(std::move(levels))}});
  EXPECT_LE(FromSchema(bomb).size(), Type::kSizeMax);
  std::vector<Json::Member> many;
  for (int i = 0; i < 5'000; ++i)
    many.emplace_back(std::string_view("m" + std::to_string(i)), Json::Object({{"type", "string"}}));
  const Type wide = FromSchema(Json::Object(
      {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::Object(std::move(many))}}));
  EXPECT_TRUE(wide.is_open()) << "what was left out may be there";
  EXPECT_LE(wide.size(), Type::kSizeMax);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(Type, IsDescribedInShort) {
  EXPECT_EQ(Describe(Type::Object({{"price", Type::Number()}, {"name", Type::String()}}, Openness::kClosed)),
            "an object with name, price; closed");
  EXPECT_EQ(Describe(Type::Any()), "any value");
  EXPECT_EQ(Describe(Type::Never()), "nothing");
  EXPECT_EQ(Describe(Type::Array(Union(Type::Null(), Type::Literal("a")))), "a list of (null or \"a\")");
  EXPECT_EQ(Describe(Type::FromValue(Json::Array({}))), "an empty list");
  EXPECT_EQ(Describe(Type::FromValue(Json(true))), "true");
  std::vector<Member> members;
  for (char c = 'a'; c <= 'z'; ++c) members.push_back({std::string(1, c), Type::Any()});
  EXPECT_EQ(Describe(Type::Object(std::move(members), Openness::kOpen)),
            "an object with a, b, c, d, e, f, g, h, i, j, k, l and 14 more");
}

TEST(Type, JoinsKindByKind) {
  const Type a = Type::Object({{"kind", Type::Literal("a")}, {"x", Type::Number()}}, Openness::kClosed);
  const Type b = Type::Object({{"kind", Type::Literal("b")}, {"y", Type::Number()}}, Openness::kClosed);
  EXPECT_EQ(Format(Union(a, b)), R"({kind: "a" | "b", x?: number, y?: number})");
  EXPECT_EQ(Format(Union(a, Type::OfKinds(kObject))), "{...}") << "the other may have any x";
  EXPECT_EQ(Format(Union(Type::Null(), Type::Array(Type::Number()))), "null | [number]");
  EXPECT_EQ(Format(Intersection(Union(a, Type::Null()), Type::OfKinds(kObject))), Format(a));
}

}  // namespace
}  // namespace elevaite::dsl::types

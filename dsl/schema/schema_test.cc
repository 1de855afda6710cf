#include "dsl/schema/schema.h"

#include <gtest/gtest.h>

#include <chrono>

namespace elevaite::schema {
namespace {

Json Parse(std::string_view text) {
  auto value = ParseJson(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(Json());
}

Schema Compile(std::string_view text, const CompileOptions& options = {}) {
  auto schema = Schema::Compile(Parse(text), options);
  EXPECT_TRUE(schema) << text << ": " << (schema ? "" : schema.error().message);
  return schema ? *schema : *Schema::Compile(true);
}

TEST(Schema, ErrorsHintAtTheWayOut) {
  const auto unknown = Schema::Compile(Parse(R"({"type": "strin"})"));
  EXPECT_EQ(unknown.error().hint, "did you mean 'string'?");
  const auto draft7 = Schema::Compile(Parse(R"({"items": [{}]})"));
  EXPECT_EQ(draft7.error().hint, "2020-12 calls the list `prefixItems`");
}

TEST(Schema, RefersToKnownDocumentsOnly) {
  CompileOptions options{.base_uri = "https://example.com/schemas/order.json"};
  options.documents["https://example.com/schemas/item.json"] = Parse(
      R"({"$defs": {"sku": {"pattern": "^S"}}, "type": "object", "properties": {"sku": {"$ref": "#/$defs/sku"}}})");
  const Schema order = Compile(R"({"items": {"$ref": "item.json"}})", options);
  EXPECT_TRUE(order.Validate(Parse(R"([{"sku": "S1"}])")).empty());
  const auto violations = order.Validate(Parse(R"([{"sku": "1"}])"));
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].instance_pointer, "/0/sku");
  EXPECT_EQ(violations[0].schema_pointer, "https://example.com/schemas/item.json#/$defs/sku/pattern");

  const auto broken = Schema::Compile(Parse(R"({"$ref": "item.json#/$defs/none"})"), options);
  EXPECT_EQ(broken.error().message, "`item.json#/$defs/none` leads nowhere");
}

TEST(Schema, FormatsAreCheckedOnlyWhenAsked) {
  EXPECT_TRUE(Compile(R"({"format": "ipv4"})").Validate("x").empty());
  EXPECT_FALSE(Compile(R"({"format": "ipv4"})", {.assert_formats = true}).Validate("x").empty());
}

TEST(Schema, TellsSoManyViolationsAtMost) {
  const Schema schema = Compile(R"({"items": {"type": "string"}})");
  const Json value = Parse("[1,2,3,4,5,6,7,8,9,10,11,12]");
  EXPECT_EQ(schema.Validate(value).size(), 10U);
  EXPECT_EQ(schema.Validate(value, {.violations_max = 3}).size(), 3U);
}

TEST(Schema, EndsWithinItsSteps) {
  // Each level asks both alternatives for the next level: 2^60 ways.
  const Schema schema = Compile(R"({"$defs": {"n": {"anyOf": [
      {"properties": {"a": {"$ref": "#/$defs/n"}, "x": false}}, {"properties": {"a": {"$ref": "#/$defs/n"}, "x": false}}]}},
      "$ref": "#/$defs/n"})");
  Json value = Parse(R"({"x": 1})");
  for (int i = 0; i < 60; ++i) value = Json::Object({{"a", value}});
  const auto start = std::chrono::steady_clock::now();
  const auto violations = schema.Validate(value, {.steps_max = 200'000});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].message,
            "the value could not be checked within 200000 steps: the value or its schema is too large");
}

TEST(Schema, EndsWhenAPatternNeverWould) {
  const Schema schema = Compile(R"({"items": {"pattern": "^(a|aa|a?)+$"}})");
  const auto start = std::chrono::steady_clock::now();
  const auto violations = schema.Validate(Json::Array({"aaa", Json(std::string(300, 'a') + "b")}));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].message, "the value could not be checked: a regular expression took too long");
}

TEST(Schema, BoundsTheDepthOfWhatItChecks) {
  const Schema schema = Compile(R"({"items": {"$ref": "#"}, "type": ["array", "integer"]})");
  Json value = 1;
  for (int i = 0; i < 400; ++i) value = Json::Array({value});
  EXPECT_TRUE(schema.Validate(value).empty());
  for (int i = 0; i < 9'000; ++i) value = Json::Array({value});
  const auto violations = schema.Validate(value);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].message, "the value is nested too deeply for its schema to be checked");
}

TEST(Schema, BoundsTheSchemaItself) {
  Json deep = Json::EmptyObject();
  for (int i = 0; i < 300; ++i) deep = Json::Object({{"items", deep}});
  EXPECT_EQ(Schema::Compile(deep).error().message, "schemas are nested more than 256 levels deep");
  std::vector<Json> many(50, Json::EmptyObject());
  const auto wide = Schema::Compile(Json::Object({{"allOf", Json::Array(many)}}), {.schemas_max = 20});
  EXPECT_EQ(wide.error().message, "there are more than 20 schemas");
}

// A `$dynamicRef` that turns back to the same value cannot be seen when compiling.
TEST(Schema, EndsADynamicLoop) {
  const Schema schema = Compile(R"({"$id": "https://example.com/a", "$dynamicAnchor": "n", "$ref": "b",
      "$defs": {"b": {"$id": "b", "$defs": {"n": {"$dynamicAnchor": "n"}}, "allOf": [{"$dynamicRef": "#n"}]}}})");
  EXPECT_EQ(schema.Validate(1)[0].message, "the value is nested too deeply for its schema to be checked");
}

TEST(Schema, ACopyOutlivesItsOriginal) {
  std::optional<Schema> copy;
  {
    const Schema schema = Compile(
        R"({"properties": {"a": {"$ref": "#"}, "b": {"enum": ["a long text that lives on the heap"]}}})");
    copy = schema;
  }
  EXPECT_TRUE(copy->Validate(Parse(R"({"a": {"b": "a long text that lives on the heap"}})")).empty());
  EXPECT_FALSE(copy->Validate(Parse(R"({"a": {"b": 1}})")).empty());
}

}  // namespace
}  // namespace elevaite::schema

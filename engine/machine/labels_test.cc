#include "engine/machine/labels.h"

#include <gtest/gtest.h>

#include "engine/testing/functions.h"

namespace elevaite::engine {
namespace {

std::vector<Label> LabelsFor(const std::string& document, const char* input) {
  const std::string source = "document: {dsl: '1.0.3', namespace: t, name: t, version: '1.0.0', " + document +
                             "}\ndo:\n- s: {set: {x: 1}}\n";
  const TestFunctions functions;
  const auto compiled = dsl::Compile(source, {.functions = &functions});
  EXPECT_TRUE(compiled.program) << source;
  return compiled.program ? LabelsOf(*compiled.program, ParseJson(input).value(), 0) : std::vector<Label>{};
}

using Labels = std::vector<Label>;
constexpr auto kTag = LabelKind::kTag;
constexpr auto kAttribute = LabelKind::kAttribute;

TEST(LabelsTest, AttributesAreComputedFromTheInput) {
  EXPECT_EQ(
      LabelsFor(
          "metadata: {elevaite: {attributes: {order: '${ .o.id }', vip: '${ .vip }', fixed: 7, what: text}}}",
          R"({"o": {"id": "é17"}, "vip": true})"),
      (Labels{{kAttribute, "order", "é17"},
              {kAttribute, "vip", "true"},
              {kAttribute, "fixed", "7"},
              {kAttribute, "what", "text"}}));
}

TEST(LabelsTest, WhatHasNoSimpleValueIsLeftOut) {
  EXPECT_EQ(LabelsFor("metadata: {elevaite: {attributes: {a: '${ .none }', b: '${ [1] }', c: '${ {} }', d: "
                      "'${ error(1) }',"
                      " e: '${ def f: f; f }', f: '${ empty }', g: '${ 1, 2 }'}}}",
                      "{}"),
            (Labels{{kAttribute, "g", "1"}}));
}

TEST(LabelsTest, TagsOfTheDocumentCountToo) {
  EXPECT_EQ(LabelsFor("tags: {team: sales, 'a=b': x, level: 2, list: [1]}", "null"),
            (Labels{{kTag, "team", "sales"}, {kTag, "level", "2"}}));
}

TEST(LabelsTest, LongValuesAndManyTagsAreCut) {
  const auto labels = LabelsFor("metadata: {elevaite: {attributes: {a: '${ \"é\" * 200 }'}}}", "null");
  ASSERT_EQ(labels.size(), 1U);
  EXPECT_EQ(labels[0].value.size(), 254U) << "255 would cut a character";
  std::string tags = "tags: {";
  for (int i = 0; i < 40; ++i) tags += "t" + std::to_string(i) + ": x, ";
  EXPECT_EQ(LabelsFor(tags + "}", "null").size(), kLabelsMax);
}

}  // namespace
}  // namespace elevaite::engine

#include "dsl/tools/diff.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "dsl/tools/random_document.h"
#include "dsl/tools/schema_diff.h"

namespace elevaite::dsl::tools {
namespace {

std::string Document(std::string_view version, std::string_view rest) {
  return "document: {dsl: '1.0.3', namespace: t, name: d, version: '" + std::string(version) + "'}\n" +
         std::string(rest);
}

// "DIFF010 breaking /do/0/a -> ", one a line.
std::string Codes(std::string_view before, std::string_view after) {
  const auto differences = Diff(Document("1.0.0", before), Document("1.0.1", after));
  if (!differences) return differences.error().message;
  std::string out;
  for (const Difference& d : *differences) {
    out += TextOf(d.code) + " " + std::string(NameOf(InfoOf(d.code).impact)) + " " + d.before + " -> " +
           d.after + "\n";
  }
  return out;
}

TEST(Diff, NothingWhenOnlyTheVersionDiffers) {
  EXPECT_EQ(Codes("do:\n  - a: {wait: PT1S}\n", "do: [{a: {wait: PT1S}}] # as brackets\n"), "");
}

TEST(Diff, TasksRemovedAddedRenamedMovedAndOfAnotherKind) {
  const std::string before =
      "do:\n  - a: {wait: PT1S}\n  - b: {set: {x: 1}}\n  - c: {do: [{d: {wait: PT1S}}]}\n";
  EXPECT_EQ(Codes(before, "do:\n  - b: {set: {x: 1}}\n  - c: {do: [{d: {wait: PT1S}}]}\n"),
            "DIFF010 breaking /do/0/a -> \n");
  EXPECT_EQ(Codes(before,
                  "do:\n  - n: {raise: {error: {status: 400}}}\n  - a: {wait: PT1S}\n  - b: {set: {x: 1}}\n  "
                  "- c: {do: [{d: {wait: PT1S}}]}\n"),
            "DIFF014 safe  -> /do/0/n\n");
  EXPECT_EQ(
      Codes(before, "do:\n  - a: {wait: PT1S}\n  - bb: {set: {x: 1}}\n  - c: {do: [{d: {wait: PT1S}}]}\n"),
      "DIFF011 risky /do/1/b -> /do/1/bb\n");
  EXPECT_EQ(
      Codes(before, "do:\n  - a: {wait: PT1S}\n  - b: {set: {x: 1}}\n  - d: {wait: PT1S}\n  - c: {do: []}\n"),
      "DIFF013 breaking /do/2/c/do/0/d -> /do/2/d\n");
  EXPECT_EQ(
      Codes(before, "do:\n  - a: {set: {y: 1}}\n  - b: {set: {x: 2}}\n  - c: {do: [{d: {wait: PT1S}}]}\n"),
      "DIFF012 breaking /do/0/a -> /do/0/a\nDIFF015 safe /do/1/b -> /do/1/b\n");
  EXPECT_EQ(
      Codes(before, "do:\n  - b: {set: {x: 1}}\n  - a: {wait: PT1S}\n  - c: {do: [{d: {wait: PT1S}}]}\n"),
      "DIFF016 risky /do -> /do\n");
}

TEST(Diff, WhatIsInATaskThatIsGoneIsNotToldAgain) {
  EXPECT_EQ(
      Codes("do:\n  - a: {do: [{b: {wait: PT1S}}]}\n  - z: {wait: PT1S}\n", "do:\n  - z: {wait: PT1S}\n"),
      "DIFF010 breaking /do/0/a -> \n");
}

TEST(Diff, InputAndOutputHaveDirections) {
  const std::string open =
      "input: {schema: {document: {type: object}}}\noutput: {schema: {document: {type: object}}}\ndo: []\n";
  const std::string strict =
      "input: {schema: {document: {type: object, required: [id]}}}\noutput: {schema: {document: {type: "
      "object, required: [id]}}}\ndo: []\n";
  EXPECT_EQ(Codes(open, strict),
            "DIFF001 breaking  -> /input/schema/document/required\nDIFF004 safe  -> "
            "/output/schema/document/required\n");
  EXPECT_EQ(Codes(strict, open),
            "DIFF003 breaking /output/schema/document/required -> \nDIFF002 safe "
            "/input/schema/document/required -> \n");
  EXPECT_EQ(Codes("do: []\n", "input: {from: .x}\ndo: []\n"), "DIFF006 risky  -> /input/from\n");
}

TEST(Diff, ErrorsEventsScheduleSecretsAndFunctions) {
  EXPECT_EQ(Codes("do:\n  - a: {raise: {error: {type: 'urn:a', status: 400}}}\n",
                  "do:\n  - a: {raise: {error: {type: 'urn:b', status: 400}}}\n"),
            "DIFF021 risky /do/0/a/raise/error -> \nDIFF020 risky  -> /do/0/a/raise/error\nDIFF015 safe "
            "/do/0/a -> /do/0/a\n");
  EXPECT_EQ(Codes("do:\n  - a: {emit: {event: {with: {type: x}}}}\n",
                  "do:\n  - a: {emit: {event: {with: {type: y}}}}\n"),
            "DIFF030 breaking /do/0/a/emit/event/with/type -> \nDIFF015 safe /do/0/a -> /do/0/a\nDIFF031 "
            "safe  -> /do/0/a/emit/event/with/type\n");
  EXPECT_EQ(Codes("do: []\n", "schedule: {on: {one: {with: {type: x}}}}\nuse: {secrets: [s]}\ndo: []\n"),
            "DIFF050 breaking  -> /use/secrets/0\nDIFF033 risky  -> /schedule/on/one/with/type\nDIFF040 "
            "risky  -> /schedule\n");
  EXPECT_EQ(
      Codes("do:\n  - a: {call: http}\n", "do:\n  - a: {call: grpc}\n"),
      "DIFF060 risky  -> /do/0/a/call\nDIFF015 safe /do/0/a -> /do/0/a\nDIFF061 safe /do/0/a/call -> \n");
}

TEST(Diff, TheDocumentItself) {
  const auto same =
      DiffReport(Document("1.0.0", "do: []\n"), Document("1.0.0", "do:\n  - a: {wait: PT1S}\n"));
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ((*same)["changes"].At(0)["code"].AsString(), "DIFF071");
  EXPECT_EQ((*same)["breaking"].AsInt64(), 0);
  EXPECT_FALSE(Diff("a: [", "do: []").has_value());
}

std::string Kinds(std::string_view before, std::string_view after) {
  std::string out;
  for (const SchemaChange& change : CompareSchemas(ParseJson(before).value(), ParseJson(after).value())) {
    out += change.kind == SchemaChange::Kind::kNarrowed  ? "-"
           : change.kind == SchemaChange::Kind::kWidened ? "+"
                                                         : "?";
  }
  return out;
}

TEST(SchemaDiff, EachKeyword) {
  EXPECT_EQ(Kinds(R"({"type":["string","null"]})", R"({"type":"string"})"), "-");
  EXPECT_EQ(Kinds(R"({"type":"integer"})", R"({"type":"number"})"), "+");
  EXPECT_EQ(Kinds(R"({"type":"string"})", R"({"type":"array"})"), "-+");
  EXPECT_EQ(Kinds(R"({"enum":["a","b"]})", R"({"enum":["b","c"]})"), "-+");
  EXPECT_EQ(Kinds(R"({"minimum":1})", R"({"minimum":2})"), "-");
  EXPECT_EQ(Kinds(R"({"maxLength":5})", R"({"maxLength":9})"), "+");
  EXPECT_EQ(Kinds(R"({"maxLength":5})", "{}"), "+");
  EXPECT_EQ(Kinds("{}", R"({"pattern":"a"})"), "-");
  EXPECT_EQ(Kinds(R"({"pattern":"a"})", R"({"pattern":"b"})"), "?");
  EXPECT_EQ(Kinds(R"({"additionalProperties":false})",
                  R"({"properties":{"a":{"type":"string"}},"additionalProperties":false})"),
            "+");
  EXPECT_EQ(Kinds(R"({"properties":{"a":{"type":"string"}},"additionalProperties":false})",
                  R"({"additionalProperties":false})"),
            "-");
  EXPECT_EQ(Kinds(R"({"properties":{"a":{"items":{"type":"string"}}}})",
                  R"({"properties":{"a":{"items":{"type":"null"}}}})"),
            "-+");
  EXPECT_EQ(Kinds("null", R"({"type":"object"})"), "-");
  EXPECT_EQ(Kinds(R"({"description":"a"})", R"({"description":"b"})"), "");
}

TEST(Diff, ThePageIsMadeFromTheTable) {
  std::ifstream in(ELEVAITE_SOURCE_DIR "/docs/language/changes.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(page, RenderDiffDocs()) << "run: dsl_diff_docs > docs/language/changes.md";
}

TEST(Diff, CodesAreUnique) {
  std::set<std::string> codes;
  for (const DiffInfo& info : AllDiffCodes()) EXPECT_TRUE(codes.insert(TextOf(info.code)).second);
}

RC_GTEST_PROP(DiffProperty, ADocumentDoesNotDifferFromItself, (std::uint32_t seed)) {
  const RandomDocument document = DocumentGenerator(seed).Yaml();
  const auto differences = Diff(document.text, document.value.Dump());
  RC_ASSERT(differences.has_value());
  RC_ASSERT(differences->empty());
}

}  // namespace
}  // namespace elevaite::dsl::tools

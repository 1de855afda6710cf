#include "dsl/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dsl/compile.h"
#include "dsl/schema/schema.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

CompileResult CompilePart(std::string_view part, const Resources& resources, bool is_offline = false) {
  static const TestFunctions functions;
  return Compile(WholeExample(part),
                 {.functions = &functions, .resources = &resources, .is_offline = is_offline});
}

std::string TextOfAll(const CompileResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) text += ToText(diagnostic) + "\n";
  return text;
}

constexpr std::string_view kCatalogued = R"(use:
  catalogs: {ours: {endpoint: 'https://example.com/catalog/'}}
do:
  - a: {call: 'log:1.0.0@ours', with: {message: hi}}
)";

TEST(RemoteFunctions, AreWantedUntilTheirTextIsGiven) {
  const CompileResult first = CompilePart(kCatalogued, {});
  EXPECT_EQ(first.program, nullptr);
  ASSERT_THAT(first.wanted, ElementsAre("https://example.com/catalog/functions/log/1.0.0/function.yaml"));
  EXPECT_EQ(TextOf(first.diagnostics.front().code), "DSL0507");

  const CompileResult second = CompilePart(kCatalogued, {{first.wanted[0], "set: {line: '${ .message }'}"}});

  ASSERT_NE(second.program, nullptr) << TextOfAll(second);
  EXPECT_THAT(second.wanted, IsEmpty());
  ASSERT_EQ(second.program->all.size(), 2U);
  EXPECT_EQ(second.program->all[0].kind, TaskKind::kFunction);
  const Task& function = second.program->all[1];
  EXPECT_EQ(function.kind, TaskKind::kSet);
  EXPECT_EQ(function.reference, "https://example.com/catalog/functions/log/1.0.0/function.yaml#");
  EXPECT_EQ(function.line, 9U);
}

TEST(RemoteFunctions, AreAHintWithoutTheNetwork) {
  const CompileResult result = CompilePart(kCatalogued, {}, true);
  ASSERT_NE(result.program, nullptr) << TextOfAll(result);
  EXPECT_EQ(TextOf(result.diagnostics.front().code), "DSL0508");
  EXPECT_EQ(result.wanted.size(), 1U);
}

TEST(RemoteFunctions, MayCallOthersAndWantThemInTurn) {
  const std::string part = "do:\n  - a: {call: 'https://example.com/a.yaml'}\n";
  Resources resources{{"https://example.com/a.yaml", "do: [{x: {call: 'https://example.com/b.yaml'}}]"}};
  EXPECT_THAT(CompilePart(part, resources).wanted, ElementsAre("https://example.com/b.yaml"));
  resources.emplace("https://example.com/b.yaml",
                    "{call: http, with: {method: get, endpoint: 'https://example.com'}}");
  const CompileResult result = CompilePart(part, resources);
  ASSERT_NE(result.program, nullptr) << TextOfAll(result);
  EXPECT_EQ(result.program->all.size(), 4U);
}

TEST(RemoteFunctions, MustNotLeadBackToThemselves) {
  const Resources resources{{"https://example.com/a.yaml", "call: https://example.com/b.yaml"},
                            {"https://example.com/b.yaml", "call: https://example.com/a.yaml"}};
  const CompileResult result = CompilePart("do:\n  - a: {call: 'https://example.com/a.yaml'}\n", resources);
  EXPECT_EQ(result.program, nullptr);
  EXPECT_THAT(TextOfAll(result), HasSubstr("calls itself"));
}

TEST(RemoteFunctions, SeeNeitherTheFunctionsNorTheSecretsOfTheWorkflow) {
  const std::string part = R"(use:
  secrets: [key]
  functions: {mine: {set: {x: 1}}}
do:
  - a: {call: 'https://example.com/a.yaml'}
)";
  EXPECT_THAT(TextOfAll(CompilePart(part, {{"https://example.com/a.yaml", "call: mine"}})),
              HasSubstr("there is no function `mine`"));
  EXPECT_THAT(TextOfAll(CompilePart(
                  part, {{"https://example.com/a.yaml", "{if: '$secrets.key == 1', set: {x: 1}}"}})),
              HasSubstr("there is no `key` under `use.secrets`"));
}

TEST(RemoteFunctions, HaveTheirErrorsToldAtTheCall) {
  const CompileResult result = CompilePart("do:\n  - a: {call: 'https://example.com/a.yaml'}\n",
                                           {{"https://example.com/a.yaml", "set:\n  x: '${ .a | nope }'"}});
  ASSERT_EQ(result.diagnostics.size(), 1U) << TextOfAll(result);
  EXPECT_EQ(TextOf(result.diagnostics[0].code), "DSL0509");
  EXPECT_EQ(result.diagnostics[0].span.line, 7U);
  EXPECT_THAT(result.diagnostics[0].message, HasSubstr("at 2:15"));
}

TEST(RemoteSchemas, AreCompiledFromWhatIsPublished) {
  const std::string part =
      "input: {schema: {resource: {endpoint: 'https://example.com/s.json'}}}\ndo: [{a: {set: {x: 1}}}]\n";
  EXPECT_THAT(CompilePart(part, {}).wanted, ElementsAre("https://example.com/s.json"));
  const CompileResult good = CompilePart(part, {{"https://example.com/s.json", R"({"type": "object"})"}});
  ASSERT_NE(good.program, nullptr) << TextOfAll(good);
  EXPECT_NE(good.program->input_schema, nullptr);
  const CompileResult bad = CompilePart(part, {{"https://example.com/s.json", R"({"type": "objekt"})"}});
  EXPECT_THAT(TextOfAll(bad), HasSubstr("DSL0217: the schema at `https://example.com/s.json`: /type"));
}

TEST(RemoteSchemas, MayReferToOthersByAddress) {
  const std::string part =
      "input: {schema: {document: {properties: {a: {$ref: 'https://example.com/a.json'}}}}}\n"
      "do: [{a: {set: {x: 1}}}]\n";
  const CompileResult missing = CompilePart(part, {});
  EXPECT_THAT(missing.wanted, ElementsAre("https://example.com/a.json"));
  ASSERT_EQ(missing.diagnostics.size(), 1U) << TextOfAll(missing);
  EXPECT_EQ(missing.diagnostics[0].span.line, 6U);
  Resources resources{{"https://example.com/a.json", R"({"items": {"$ref": "b.json#/$defs/b"}})"}};
  EXPECT_THAT(CompilePart(part, resources).wanted, ElementsAre("https://example.com/b.json"));
  resources.emplace("https://example.com/b.json", R"({"$defs": {"b": {"type": "string"}}})");
  const CompileResult good = CompilePart(part, resources);
  ASSERT_NE(good.program, nullptr) << TextOfAll(good);
  const Json value = Json::Object({{"a", Json::Array({Json(1)})}});
  EXPECT_EQ(good.program->input_schema->Validate(value).size(), 1U);
  resources.insert_or_assign("https://example.com/b.json", "{}");
  EXPECT_THAT(TextOfAll(CompilePart(part, resources)), HasSubstr("leads nowhere"));
}

TEST(RawAddress, IsThatOfTheFileBehindAPage) {
  EXPECT_EQ(RawAddress("https://github.com/o/r/tree/main/catalog/"),
            "https://raw.githubusercontent.com/o/r/main/catalog");
  EXPECT_EQ(RawAddress("https://github.com/o/r/blob/v1/f.yaml"),
            "https://raw.githubusercontent.com/o/r/v1/f.yaml");
  EXPECT_EQ(RawAddress("https://github.com/o/r"), "https://raw.githubusercontent.com/o/r/HEAD");
  EXPECT_EQ(RawAddress("https://github.com/o/r.git"), "https://raw.githubusercontent.com/o/r/HEAD");
  EXPECT_EQ(RawAddress("https://gitlab.com/o/r/-/blob/main/f.yaml"),
            "https://gitlab.com/o/r/-/raw/main/f.yaml");
  EXPECT_EQ(RawAddress("https://gitlab.com/o/r"), "https://gitlab.com/o/r/-/raw/HEAD");
  EXPECT_EQ(RawAddress("https://example.com/a/tree/main/b"), "https://example.com/a/tree/main/b");
  EXPECT_EQ(RawAddress("https://github.com/o"), "https://github.com/o");
  EXPECT_EQ(RawAddress(""), "");
}

}  // namespace
}  // namespace elevaite::dsl

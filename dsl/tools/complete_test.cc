// Completion and hover at `^` in documents, most of them broken as they are while somebody types.
#include "dsl/tools/complete.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "dsl/test_functions.h"
#include "dsl/tools/hover.h"
#include "dsl/tools/random_document.h"
#include "dsl/tools/symbols.h"

namespace elevaite::dsl::tools {
namespace {

const TestFunctions& Functions() {
  static const TestFunctions functions;
  return functions;
}

// The place of `^`, which is taken out.
yaml::Position TakeMark(std::string& text) {
  const std::size_t at = text.find("^");
  text.erase(at, 1);
  yaml::Position position{1, 1};
  for (std::size_t i = 0; i < at; ++i) {
    if (text[i] == '\n') {
      position = {position.line + 1, 1};
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      ++position.column;
    }
  }
  return position;
}

Completions At(std::string text) {
  const yaml::Position position = TakeMark(text);
  return Complete(text, position, Functions());
}

std::vector<std::string> Labels(const Completions& completions) {
  std::vector<std::string> labels;
  for (const Completion& item : completions.items) labels.push_back(item.label);
  return labels;
}

bool Has(const std::string& text, std::string_view label) {
  const auto labels = Labels(At(text));
  return std::ranges::find(labels, label) != labels.end();
}

using Words = std::vector<std::string>;

TEST(Complete, KeysOfTheRootWithTheRequiredFirst) {
  const Words labels = Labels(At("document: {dsl: '1.0.3'}\n^"));
  ASSERT_GE(labels.size(), 4U);
  EXPECT_EQ(labels[0], "do");
  EXPECT_EQ(std::ranges::count(labels, "document"), 0);
}

TEST(Complete, KeysOfTheDocumentLeaveOutThoseThatAreThere) {
  const Words labels = Labels(At("document:\n  dsl: '1.0.3'\n  na^\n  version: '1.0.0'\ndo: []\n"));
  EXPECT_EQ(Words(labels.begin(), labels.begin() + 2), (Words{"namespace", "name"}));
  EXPECT_EQ(std::ranges::count(labels, "dsl") + std::ranges::count(labels, "version"), 0);
}

TEST(Complete, TheRangeIsTheTokenAtTheCursor) {
  const Completions completions = At("document:\n  dsl: '1.0.3'\n  na^me\n");
  EXPECT_EQ(completions.from, (yaml::Position{3, 3}));
  EXPECT_EQ(completions.to, (yaml::Position{3, 7}));
}

TEST(Complete, KindsInATaskThatHasNone) {
  EXPECT_TRUE(Has("do:\n  - a:\n      ^\n", "switch"));
  EXPECT_TRUE(Has("do:\n  - a:\n      ca^\n  - b: {wait: PT1S}\n", "call"));
  EXPECT_TRUE(Has("do:\n  - a:\n      ca^\n  - b: {wait: PT1S}\n", "then"));
  EXPECT_FALSE(Has("do:\n  - a:\n      set: {x: 1}\n      ^\n", "call"));
  EXPECT_TRUE(Has("do: [{a: {se^}}]\n", "set"));
}

TEST(Complete, ArgumentsOfAFunctionFromItsDescriptor) {
  const Words labels =
      Labels(At("do:\n  - a:\n      call: llm.generate\n      with:\n        model: m\n        ^\n"));
  EXPECT_EQ(labels.front(), "prompt");
  EXPECT_EQ(std::ranges::count(labels, "model"), 0);
  EXPECT_TRUE(
      Has("do:\n  - a:\n      call: http\n      with:\n        method: get\n        ^\n", "endpoint"));
  EXPECT_TRUE(Has("do:\n  - a:\n      with:\n        ^\n      call: http\n", "endpoint"));
}

TEST(Complete, ValuesOfASet) {
  EXPECT_TRUE(Has("evaluate:\n  mode: ^\n", "loose"));
  EXPECT_TRUE(Has("do:\n  - a:\n      fork:\n        compete: ^\n", "true"));
  EXPECT_TRUE(Has("do:\n  - a:\n      call: ^\n", "llm.generate"));
  EXPECT_TRUE(Has("use: {functions: {mine: {set: {x: 1}}}}\ndo:\n  - a:\n      call: ^\n", "mine"));
  EXPECT_TRUE(Has("do:\n  - a:\n      wait: ^\n", "PT5S"));
  EXPECT_TRUE(Has("do:\n  - a:\n      raise:\n        error:\n          type: ^\n",
                  "https://open-workflow-specification.org/spec/1.0.0/errors/timeout"));
}

TEST(Complete, TargetsAreTasksOfTheSameList) {
  const std::string source =
      "do:\n  - a:\n      do:\n        - inner: {wait: PT1S}\n      then: ^\n  - b: {wait: PT1S}\n  - c:\n   "
      "   wait: PT1S\n";
  EXPECT_EQ(Labels(At(source)), (Words{"b", "c", "continue", "exit", "end"}));
  EXPECT_EQ(
      Labels(At("do:\n  - s:\n      switch:\n        - one: {when: .a, then: ^}\n  - b: {wait: PT1S}\n")),
      (Words{"b", "continue", "exit", "end"}));
}

TEST(Complete, NamesUnderUse) {
  EXPECT_TRUE(
      Has("use:\n  retries:\n    often: {delay: PT1S}\ndo:\n  - a:\n      try: []\n      catch:\n        "
          "retry: ^\n",
          "often"));
}

TEST(Complete, ExpressionsKnowVariablesFieldsAndBuiltins) {
  const std::string loop =
      "do:\n  - a:\n      for: {each: order, in: .orders}\n      do:\n        - b:\n            set:\n       "
      "       x: ${ $^\n";
  EXPECT_TRUE(Has(loop, "$order"));
  EXPECT_TRUE(Has(loop, "$index"));
  EXPECT_TRUE(Has(loop, "$context"));
  EXPECT_FALSE(Has(loop, "$output"));
  EXPECT_TRUE(Has("do:\n  - a:\n      if: to_e^\n", "to_entries"));
  EXPECT_TRUE(Has("do:\n  - a:\n      set: {total: 1, tax: 2}\n  - b:\n      if: .^\n", "total"));
  EXPECT_TRUE(Has("do:\n  - b:\n      set: {x: '${ $workflow.^\n", "startedAt"));
  EXPECT_TRUE(
      Has("use: {secrets: [shopKey]}\ndo:\n  - b:\n      set: {x: '${ $secrets.^', y: 1}\n", "shopKey"));
  EXPECT_TRUE(
      Has("input: {schema: {document: {properties: {order: {}}}}}\ndo:\n  - b:\n      set: {x: '${ .^'}\n",
          "order"));
  EXPECT_TRUE(
      Has("do:\n  - t:\n      try: []\n      catch:\n        as: problem\n        do:\n          - x: {set: "
          "{why: '${ $problem.^' }}\n",
          "detail"));
  EXPECT_FALSE(Has("do:\n  - b:\n      set: {x: 'plain ^'}\n", "map"));
}

// Each field with its type, "name: string", of the items of kind `field`.
std::vector<std::string> FieldsAt(const std::string& task) {
  std::vector<std::string> fields;
  const std::string source =
      "document: {dsl: '1.0.3', namespace: a, name: b, version: '1.0.0'}\n"
      "do:\n"
      "  - order:\n"
      "      set: {customer: {name: '${ tostring }', age: 36}, lines: [{price: 3}]}\n"
      "      export: {as: '{last: .customer}'}\n" +
      task;
  for (const Completion& item : At(source).items) {
    if (item.kind == "field") fields.push_back(item.label + ": " + item.detail);
  }
  return fields;
}

TEST(Complete, FieldsThatAreKnownWithTheirTypes) {
  const Words customer = {"age: number", "name: string"};
  EXPECT_EQ(FieldsAt("  - greet:\n      set:\n        to: ${ .customer.^ }\n"), customer);
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {to: '${ .lines[0].^\n"), Words{"price: "}) << "cannot be read";
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {to: '${ $context.last.^ }', more: 1}\n"), customer);
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {to: '${ 1 + (.customer.^) }'}\n"), customer);
  EXPECT_EQ(FieldsAt("  - greet:\n      if: .customer.n^\n      set: {x: 1}\n"), customer);
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {x: 1, y: a}\n      output: {as: .^}\n"),
            (Words{"x: number", "y: \"a\""}));
  EXPECT_EQ(FieldsAt("  - each:\n      for: {each: line, in: .lines}\n      do:\n"
                     "        - show: {set: {x: '${ $line.^ }'}}\n"),
            Words{"price: number"});
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {to: '${ ^ }'}\n"),
            (Words{".customer: {age: number, name: string}", ".lines: [{price: number}]"}));
}

TEST(Complete, FieldsOfWhatAFilterHandsOnAreNotGuessed) {
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {to: '${ .lines | map(.price.^) }'}\n"), Words{});
  EXPECT_EQ(FieldsAt("  - greet:\n      set: {to: '${ .nothing.^ }'}\n  - x: {set: {y: 1, y: 2}}\n"),
            Words{});
}

TEST(Complete, BrokenQuotesAndIndentation) {
  EXPECT_TRUE(Has("document:\n  dsl: '1.0.3\n  name^\ndo: []\n", "namespace"));
  EXPECT_TRUE(Has("do:\n  - a:\n     set: {x: 1}\n   then: b\n  - b:\n      wa^\n", "wait"));
  EXPECT_TRUE(Has(
      "do:\n  - a:\n      call: http\n      with: {method: get\n  - b:\n      set: \"x\n      t^\n", "then"));
}

TEST(Complete, JsonGetsQuotes) {
  const Completions key = At("{\"document\": {\"dsl\": \"1.0.3\", ^}}");
  ASSERT_FALSE(key.items.empty());
  EXPECT_EQ(key.items[0].insert, "\"namespace\": ");
  const Completions value = At("{\"evaluate\": {\"mode\": \"^\"}}");
  ASSERT_FALSE(value.items.empty());
  EXPECT_EQ(value.items[0].insert, "strict");
}

TEST(Complete, NewItemsOfAList) {
  const Completions items = At("do:\n  - ^\n");
  const auto wait = std::ranges::find(items.items, "wait", &Completion::label);
  ASSERT_NE(wait, items.items.end());
  EXPECT_EQ(wait->snippet, "${1:name}:\n      wait: ${2:PT30S}");
}

// Work that grew with the square of the keys would take minutes here.
TEST(Complete, AHugeMappingIsNoTrouble) {
  std::string source = "do: []\n";
  for (int i = 0; i < 120'000; ++i) source += "k" + std::to_string(i) + ":\n";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(Has(source + "^\n", "document"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// While typing, every place of every document is asked, cut off right there.
RC_GTEST_PROP(CompleteProperty, NeverFailsWhereverADocumentIsCut, (std::uint32_t seed)) {
  DocumentGenerator generator(seed);
  const std::string text = generator.Yaml().text;
  const std::size_t at = generator.Below(text.size() + 1);
  std::string cut = text.substr(0, at);
  if (FindInvalidUtf8(cut) != std::string_view::npos) return;
  std::uint32_t line = 1;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < cut.size(); ++i) {
    if (cut[i] != '\n') continue;
    ++line;
    begin = i + 1;
  }
  const yaml::Position position{line, static_cast<std::uint32_t>(cut.size() - begin + 1)};
  if (generator.OneIn(2)) cut = text;
  const Completions completions = Complete(cut, position, Functions());
  RC_ASSERT(completions.from <= completions.to);
  for (const Completion& item : completions.items) RC_ASSERT(!item.label.empty() && !item.insert.empty());
  HoverAt(cut, position, Functions());
}

std::string HoverText(std::string text) {
  const yaml::Position position = TakeMark(text);
  const auto hover = HoverAt(text, position, Functions());
  return hover ? hover->markdown : "";
}

TEST(Hover, ExplainsWhatStandsThere) {
  const std::string head = "document: {dsl: '1.0.3', namespace: t, name: n, version: '1.0.0'}\n";
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      wa^it: PT1S\n").find("**wait** (required)"),
            std::string::npos);
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      call: ht^tp\n").find("HTTP request"), std::string::npos);
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      set: {x: '${ .list | m^ap(.a) }'}\n").find("**map/1**"),
            std::string::npos);
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      if: .list | to_en^tries\n").find("**to_entries/0**"),
            std::string::npos);
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      set: {x: '${ $work^flow.id }'}\n").find("**$workflow**"),
            std::string::npos);
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      wait: PT1S\n      then: b^b\n  - bb: {wait: PT2S}\n")
                .find("the task `bb` at line 6"),
            std::string::npos);
  EXPECT_NE(HoverText(head + "do:\n  - a:\n      wa^tt: PT1S\n").find("DSL0"), std::string::npos);
  EXPECT_EQ(HoverText(head + "do:\n  - a: # com^ment\n      wait: PT1S\n"), "");
}

TEST(Hover, TellsTheTypeOfAPath) {
  const std::string before =
      "document: {dsl: '1.0.3', namespace: a, name: b, version: '1.0.0'}\n"
      "do:\n  - a: {set: {order: {id: 7, tags: [x]}}, export: {as: .order}}\n  - b:\n";
  EXPECT_EQ(HoverText(before + "      set: {x: '${ .order.i^d + 1 }'}\n"), "**id**\n\n`number`");
  EXPECT_EQ(HoverText(before + "      if: .or^der.id == 7\n      set: {x: 1}\n"),
            "**order**\n\n`{id: number, tags: [\"x\"]}`");
  EXPECT_NE(HoverText(before + "      set: {x: '${ $con^text.id }'}\n").find("`{id: number, tags: [\"x\"]}`"),
            std::string::npos);
  EXPECT_NE(HoverText(before + "      set: {x: '${ .order.i^dd }'}\n").find("DSL0311"), std::string::npos);
}

TEST(Symbols, TreeOfTasksAndDefinitions) {
  const auto symbols = Symbols(
      "use:\n  retries:\n    often: {delay: PT1S}\ndo:\n  - a:\n      for: {in: .x}\n      do:\n        - b: "
      "{wait: PT1S}\n");
  ASSERT_EQ(symbols.size(), 2U);
  EXPECT_EQ(symbols[0].children[0].children[0].name, "often");
  EXPECT_EQ(symbols[1].kind, "for");
  EXPECT_EQ(symbols[1].children[0].pointer, "/do/0/a/do/0/b");
  EXPECT_EQ(symbols[1].selection.begin, (yaml::Position{5, 5}));
  EXPECT_TRUE(Symbols("a: [").empty());
}

TEST(Symbols, DefinitionAndReferences) {
  std::string source =
      "use: {retries: {often: {delay: PT1S}}}\ndo:\n  - a: {wait: PT1S, then: c^c}\n  - t: {try: [], catch: "
      "{retry: often}, then: cc}\n  - cc: {wait: PT1S}\n";
  const yaml::Position position = TakeMark(source);
  const auto named = NameAt(source, position);
  ASSERT_TRUE(named.has_value());
  EXPECT_TRUE(named->is_task);
  EXPECT_EQ(DefinitionOf(source, *named)->begin, (yaml::Position{5, 5}));
  EXPECT_EQ(ReferencesOf(source, *named).size(), 3U);
  const auto retry = NameAt(source, {4, 37});
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(PointerOf(retry->path), "/use/retries/often");
  EXPECT_EQ(ReferencesOf(source, *retry).size(), 2U);
}

}  // namespace
}  // namespace elevaite::dsl::tools

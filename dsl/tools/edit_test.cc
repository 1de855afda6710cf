// What operations do to the text, case by case.
#include "dsl/tools/edit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace elevaite::dsl::tools {
namespace {

constexpr std::string_view kDocument = R"(# Head.
document: {dsl: '1.0.3', namespace: t, name: edit, version: '1.0.0'}
do:
  # Loads.
  - load:   # from the shop
      call: http
      with:
        method: get   # always
        endpoint: "https://example.com"
      then: pick

  # Looks.
  - look:
      switch:
        - some: {when: .a, then: pick}
        - none:
            then: load
  - pick:
      set:
        a: 1
      # set: old
)";

std::string After(std::string_view source, std::string_view operations) {
  const auto edited = Edit(source, ParseJson(operations).value());
  return edited ? edited->source : "error: " + edited.error().ToString();
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? "no " + std::string(from) : text.replace(at, from.size(), to);
}

TEST(Edit, AddPutsATaskBetweenOthersInTheirStyle) {
  const std::string wanted = Replaced(std::string(kDocument), "\n  # Looks.", R"(
  - fresh:
      wait:
        seconds: 5

  # Looks.)");
  EXPECT_EQ(
      After(kDocument, R"([{"op":"add","list":"/do","at":1,"name":"fresh","task":{"wait":{"seconds":5}}}])"),
      wanted);
}

TEST(Edit, AddTakesYamlTextWithItsComments) {
  EXPECT_EQ(After("do:\n- a: {set: {x: 1}}\n",
                  R"([{"op":"add","list":"/do","name":"b","task":"# why\nset: # new\n  x: 2\n"}])"),
            "do:\n- a: {set: {x: 1}}\n- b:\n    # why\n    set: # new\n      x: 2\n");
}

TEST(Edit, AddToAListThatIsEmptyOrNotThere) {
  EXPECT_EQ(After("do: []\n", R"([{"op":"add","list":"/do","name":"a","task":{"set":{"x":1}}}])"),
            "do:\n  - a:\n      set:\n        x: 1\n");
  EXPECT_EQ(After("do:\n  - t:\n      try: []\n      catch:\n        as: e\n",
                  R"([{"op":"add","list":"/do/0/t/catch/do","name":"a","task":{"wait":"PT1S"}}])"),
            "do:\n  - t:\n      try: []\n      catch:\n        as: e\n        do:\n          - a:\n          "
            "    wait: PT1S\n");
}

TEST(Edit, RenameFollowsEveryThen) {
  std::string wanted = Replaced(std::string(kDocument), "then: pick\n", "then: choose\n");
  wanted = Replaced(wanted, "then: pick}", "then: choose}");
  wanted = Replaced(wanted, "- pick:", "- choose:");
  EXPECT_EQ(After(kDocument, R"([{"op":"rename","task":"/do/2/pick","name":"choose"}])"), wanted);
}

TEST(Edit, RenameRefusesANameThatIsTaken) {
  EXPECT_EQ(After(kDocument, R"([{"op":"rename","task":"/do/2/pick","name":"load"}])"),
            "error: conflict: operations[0]: the name `load` is taken in this list (names are unique in a "
            "list; choose another)");
}

TEST(Edit, DeleteRepairsWhatPointedThere) {
  const auto edited = Edit(kDocument, ParseJson(R"([{"op":"delete","task":"/do/0/load"}])").value());
  ASSERT_TRUE(edited.has_value()) << edited.error().message;
  std::string wanted = Replaced(std::string(kDocument), R"(  # Loads.
  - load:   # from the shop
      call: http
      with:
        method: get   # always
        endpoint: "https://example.com"
      then: pick

)",
                                "");
  wanted = Replaced(wanted, "then: load", "then: pick");
  EXPECT_EQ(edited->source, wanted);
  ASSERT_EQ(edited->repairs.size(), 1U);
  EXPECT_EQ(ToJson(edited->repairs[0]).Dump(),
            R"({"pointer":"/do/1/look/switch/1/none/then","from":"load","to":"pick"})");
}

TEST(Edit, DeleteOfTheLastTaskSendsTheFlowOut) {
  const std::string source =
      "do:\n  - a: {set: {x: 1}, then: c}\n  - b: {set: {x: 1}, then: c}\n  - d: {wait: PT1S}\n  - c: {set: "
      "{x: 2}}\n";
  EXPECT_EQ(After(source, R"([{"op":"delete","task":"/do/3/c"}])"),
            "do:\n  - a: {set: {x: 1}, then: exit}\n  - b: {set: {x: 1}, then: exit}\n  - d: {wait: PT1S}\n");
  EXPECT_EQ(After("do:\n  - a: {set: {x: 1}, then: c}\n  - c: {set: {x: 2}}\n",
                  R"([{"op":"delete","task":"/do/1/c"}])"),
            "do:\n  - a: {set: {x: 1}}\n");
}

TEST(Edit, DeleteOfTheOnlyTaskLeavesAnEmptyList) {
  EXPECT_EQ(After("do: # tasks\n  # first\n  - a:\n      set: {x: 1}\n# end\n",
                  R"([{"op":"delete","task":"/do/0/a"}])"),
            "do: [] # tasks\n# end\n");
  EXPECT_EQ(After(R"({"do": [{"a": {"set": {"x": 1}}}]})", R"([{"op":"delete","task":"/do/0/a"}])"),
            R"({"do": []})");
}

TEST(Edit, MoveTakesCommentsAlong) {
  EXPECT_EQ(After("do:\n  - a:\n      do:\n        # inner\n        - x: {wait: PT1S}\n  # about b\n  - b:\n "
                  "     # deep\n      set: {y: 1} # behind\n",
                  R"([{"op":"move","task":"/do/1/b","list":"/do/0/a/do","at":0}])"),
            "do:\n  - a:\n      do:\n        # about b\n        - b:\n            # deep\n            set: "
            "{y: 1} # behind\n        # inner\n        - x: {wait: PT1S}\n");
}

TEST(Edit, MoveWithinAListCountsThePlaceAfterwards) {
  const std::string source = "do:\n  - a: {set: {x: 1}}\n  - b: {set: {x: 2}}\n  - c: {set: {x: 3}}\n";
  EXPECT_EQ(After(source, R"([{"op":"move","task":"/do/0/a","list":"/do","at":1}])"),
            "do:\n  - b: {set: {x: 2}}\n  - a: {set: {x: 1}}\n  - c: {set: {x: 3}}\n");
  EXPECT_EQ(After(source, R"([{"op":"move","task":"/do/2/c","list":"/do","at":0}])"),
            "do:\n  - c: {set: {x: 3}}\n  - a: {set: {x: 1}}\n  - b: {set: {x: 2}}\n");
  EXPECT_EQ(After(source, R"([{"op":"move","task":"/do/0/a","list":"/do/0/a/do","at":0}])").substr(0, 39),
            "error: invalid_argument: operations[0]:");
}

TEST(Edit, SetKeepsQuotesAndComments) {
  EXPECT_EQ(After(kDocument, R"([{"op":"set","at":"/do/0/load/with/method","value":"post"}])"),
            Replaced(std::string(kDocument), "method: get   # always", "method: post   # always"));
  EXPECT_EQ(After(kDocument, R"([{"op":"set","at":"/do/0/load/with/endpoint","value":"http://a"}])"),
            Replaced(std::string(kDocument), "\"https://example.com\"", "\"http://a\""));
  EXPECT_EQ(After(kDocument, R"([{"op":"set","at":"/document/version","value":"1.0.1"}])"),
            Replaced(std::string(kDocument), "version: '1.0.0'", "version: '1.0.1'"));
}

TEST(Edit, SetMakesTheMappingsOnTheWay) {
  EXPECT_EQ(After("do:\n  - a:\n      set: {x: 1}\n",
                  R"([{"op":"set","at":"/do/0/a/output/as","value":"${ .x }"}])"),
            "do:\n  - a:\n      set: {x: 1}\n      output:\n        as: ${ .x }\n");
  EXPECT_EQ(
      After("do:\n  - a:\n      with:\n", R"([{"op":"set","at":"/do/0/a/with/b","value":"one\ntwo\n"}])"),
      "do:\n  - a:\n      with:\n        b: |\n          one\n          two\n");
}

TEST(Edit, JsonStaysJson) {
  const std::string source =
      "{\n  \"do\": [\n    {\n      \"a\": {\n        \"wait\": \"PT1S\"\n      }\n    }\n  ]\n}\n";
  EXPECT_EQ(After(source, R"([{"op":"set","at":"/do/0/a/if","value":"${ .x }"}])"),
            Replaced(source, "\"PT1S\"", "\"PT1S\",\n        \"if\": \"${ .x }\""));
  const std::string added =
      After(source, R"([{"op":"add","list":"/do","at":0,"name":"b","task":{"set":{"x":1}}}])");
  EXPECT_EQ(added, Replaced(source, "    {\n      \"a\"",
                            "    {\n      \"b\": {\n        \"set\": {\n          \"x\": 1\n        }\n      "
                            "}\n    },\n    {\n      \"a\""));
  EXPECT_EQ(After(added, R"([{"op":"delete","task":"/do/0/b"}])"), source);
}

TEST(Edit, CommentsInBracketsStayWithTheirItems) {
  const std::string source =
      "do: [\n  {a: {wait: PT1S}}, # about a\n  {b: {wait: PT2S}}, # about b\n  {c: {wait: PT3S}} # about "
      "c\n]\n";
  EXPECT_EQ(After(source, R"([{"op":"delete","task":"/do/1/b"}])"),
            "do: [\n  {a: {wait: PT1S}}, # about a\n  {c: {wait: PT3S}} # about c\n]\n");
  EXPECT_EQ(After(source, R"([{"op":"add","list":"/do","at":1,"name":"n","task":{"set":{"x":1}}}])"),
            "do: [\n  {a: {wait: PT1S}}, # about a\n  {n: {set: {x: 1}}},\n  {b: {wait: PT2S}}, # about b\n  "
            "{c: {wait: PT3S}} # about c\n]\n");
}

TEST(Edit, AllOrNothing) {
  const auto edited = Edit(
      kDocument, ParseJson(R"([{"op":"delete","task":"/do/0/load"},{"op":"unset","at":"/nope"}])").value());
  ASSERT_FALSE(edited.has_value());
  EXPECT_EQ(edited.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(edited.error().message, "operations[1]: there is nothing at /nope");
}

TEST(Edit, ChangesOfSeveralOperationsAreOfTheFirstText) {
  const auto edited = Edit(
      "do:\n  - a: {wait: PT1S}\n  - b: {wait: PT2S}\n",
      ParseJson(
          R"([{"op":"rename","task":"/do/1/b","name":"bb"},{"op":"set","at":"/do/1/bb/wait","value":"PT9S"}])")
          .value());
  ASSERT_TRUE(edited.has_value()) << edited.error().message;
  ASSERT_EQ(edited->changes.size(), 2U);
  EXPECT_EQ(ToJson(edited->changes[0]).Dump(),
            R"({"from":{"line":3,"column":5},"to":{"line":3,"column":6},"insert":"bb"})");
  EXPECT_EQ(ToJson(edited->changes[1]).Dump(),
            R"({"from":{"line":3,"column":15},"to":{"line":3,"column":19},"insert":"PT9S"})");
}

TEST(Edit, WhatAnAliasStandsForIsNotChangedThere) {
  const std::string source = "do:\n  - a: {set: &s {x: 1}}\n  - b: {set: *s}\n";
  EXPECT_EQ(After(source, R"([{"op":"set","at":"/do/1/b/set/x","value":2}])").substr(0, 24),
            "error: invalid_argument:");
  EXPECT_EQ(After(source, R"([{"op":"set","at":"/do/0/a/set/x","value":2}])").substr(0, 24),
            "error: invalid_argument:");
  EXPECT_EQ(After(source, R"([{"op":"set","at":"/do/1/b/set","value":{"y":1}}])"),
            "do:\n  - a: {set: &s {x: 1}}\n  - b: {set: {y: 1}}\n");
}

// Work that grew with the square of the tasks would take minutes here.
TEST(Edit, AHugeListIsNoTrouble) {
  std::string source = "do:\n";
  for (int i = 0; i < 8000; ++i) source += "- t" + std::to_string(i) + ": {wait: PT1S, then: t0}\n";
  const auto begin = std::chrono::steady_clock::now();
  const auto renamed = Edit(source, ParseJson(R"([{"op":"rename","task":"/do/0/t0","name":"x"}])").value());
  ASSERT_TRUE(renamed.has_value()) << renamed.error().message;
  EXPECT_EQ(renamed->changes.size(), 8001U);
  const auto deleted = Edit(source, ParseJson(R"([{"op":"delete","task":"/do/0/t0"}])").value());
  ASSERT_TRUE(deleted.has_value()) << deleted.error().message;
  EXPECT_EQ(deleted->repairs.size(), 7999U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  const std::string many(200'000, ' ');
  EXPECT_EQ(After(
                "do: []" + many, "[" + std::string(R"({"op":"unset","at":"/x"})") +
                                     [] {
                                       std::string more;
                                       for (int i = 0; i < 99; ++i) more += R"(,{"op":"unset","at":"/x"})";
                                       return more;
                                     }() +
                                     "]")
                .substr(0, 25),
            "error: payload_too_large:");
}

TEST(Edit, BrokenTextAndWrongOperationsAreRefused) {
  EXPECT_EQ(After("a: [", "[]").substr(0, 24), "error: invalid_workflow:");
  EXPECT_EQ(After("a: 1", "{}").substr(0, 24), "error: invalid_argument:");
  EXPECT_EQ(After("a: 1", R"([{"op":"burn"}])"),
            "error: invalid_argument: operations[0]: there is no operation `burn` (`op` is add, replace, "
            "move, rename, delete, set or unset)");
  EXPECT_EQ(After("a: 1", R"([{"op":"set","to":"/a"}])"),
            "error: invalid_argument: operations[0]: `set` has no member `to` (it has `at` and `value`)");
}

}  // namespace
}  // namespace elevaite::dsl::tools

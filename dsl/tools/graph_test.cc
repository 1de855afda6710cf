#include "dsl/tools/graph.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "dsl/compile.h"
#include "dsl/test_functions.h"
#include "dsl/tools/random_document.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {
namespace {

constexpr std::string_view kDocument =
    R"(document: {dsl: '1.0.3', namespace: t, name: graph, version: '1.0.0'}
do:
  - ask:
      switch:
        - many: {when: .a > 1, then: loop}
        - none: {then: end}
  - loop:
      for: {in: .list}
      do:
        - one: {set: {x: 1}}
        - two: {raise: {error: {type: 'urn:x', status: 400}}}
  - safe:
      try:
        - get: {call: http, with: {method: get, endpoint: 'https://example.com'}}
      catch:
        do:
          - undo: {set: {x: 2}, then: exit}
      then: ask
)";

Json GraphOf(std::string_view text) { return ToGraph(*yaml::Read(text)); }

TEST(Graph, NodesAndEdgesOfADocument) {
  const Json graph = GraphOf(kDocument);
  std::string edges;
  for (const Json& edge : graph["edges"].AsArray()) {
    edges += std::string(edge["from"].AsString()) + " " + std::string(edge["kind"].AsString()) + " " +
             std::string(edge["to"].AsString()) + " " + std::string(edge["label"].StringOr("")) + "\n";
  }
  EXPECT_EQ(edges,
            "/do/1/loop loop /do/1/loop/do/0/one \n"
            "/do/1/loop/do/0/one sequence /do/1/loop/do/1/two \n"
            "/do/2/safe sequence /do/2/safe/try/0/get \n"
            "/do/2/safe catch /do/2/safe/catch/do/0/undo \n"
            "/do/2/safe/catch/do/0/undo then exit \n"
            "/do/0/ask case /do/1/loop many\n"
            "/do/0/ask case end none\n"
            "/do/2/safe then /do/0/ask \n"
            "/do/1/loop sequence /do/2/safe \n");
  EXPECT_EQ(graph["nodes"].At(1).Dump(),
            R"({"id":"/do/1/loop","kind":"for","name":"loop","list":"/do","position":1,)"
            R"("definition":{"for":{"in":".list"},"do":[]},"line":7,"column":5})");
  EXPECT_EQ(graph["nodes"].At(2)["parent"].Dump(), "\"/do/1/loop\"");
  EXPECT_EQ(graph["document"]["do"].Dump(), "[]");
}

TEST(Graph, ProblemsStandAtTheirTask) {
  const TestFunctions functions;
  const std::string source =
      "document: {dsl: '1.0.3', namespace: t, name: graph, version: '1.0.0'}\ndo:\n  - a:\n      do:\n       "
      " - b: {wiat: PT1S}\n";
  const CompileResult compiled = Compile(source, {.functions = &functions});
  const Json graph = ToGraph(*yaml::Read(source), compiled.diagnostics);
  EXPECT_EQ(graph["nodes"].At(0).Find("problems"), nullptr);
  EXPECT_EQ(graph["nodes"].At(1)["problems"].Size(), 1U);
}

TEST(Graph, BackToTheDocument) {
  const Json value = yaml::Read(kDocument)->value();
  const auto back = FromGraph(GraphOf(kDocument));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->Dump(), value.Dump());
}

TEST(Graph, PositionsDecideTheOrder) {
  Json graph = GraphOf("do:\n  - a: {wait: PT1S}\n  - b: {wait: PT2S}\n");
  const Json nodes = Json::WithItem(graph["nodes"], 0, Json::WithMember(graph["nodes"].At(0), "position", 5));
  graph = Json::WithMember(graph, "nodes", nodes);
  EXPECT_EQ((*FromGraph(graph))["do"].Dump(), R"([{"b":{"wait":"PT2S"}},{"a":{"wait":"PT1S"}}])");
}

TEST(Graph, NodesInNoListAreRefused) {
  Json graph = GraphOf("do:\n  - a: {wait: PT1S}\n");
  const Json node = Json::WithMember(graph["nodes"].At(0), "list", "/do/0/a/do");
  EXPECT_FALSE(FromGraph(Json::WithMember(graph, "nodes", Json::Array({node}))).has_value());
  EXPECT_FALSE(FromGraph(Json::EmptyObject()).has_value());
  EXPECT_FALSE(FromGraph(Json::WithMember(graph, "nodes", Json::Array({Json(1)}))).has_value());
}

TEST(Graph, Mermaid) {
  EXPECT_EQ(ToMermaid(GraphOf(kDocument)), R"(flowchart TD
  n0{"ask<br/>switch"}
  subgraph n1["loop<br/>for"]
    n2["one<br/>set"]
    n3[["two<br/>raise"]]
  end
  subgraph n4["safe<br/>try"]
    subgraph n4c["catch"]
      n6["undo<br/>set"]
    end
    n5["get<br/>call http"]
  end
  n2 --> n3
  n6 --> left(["exit"])
  n0 -->|"many"| n1
  n0 -->|"none"| done(["end"])
  n4 --> n0
  n1 --> n4
)");
}

constexpr std::string_view kSaga =
    R"(document: {dsl: '1.0.3', namespace: t, name: saga, version: '1.0.0'}
do:
  - trip:
      call: flow.saga
      with:
        steps:
          - flight:
              do: [{book: {set: {x: 1}}}]
              undo: [{free: {set: {x: 2}}}]
          - hotel: {do: [{stay: {set: {x: 3}}}]}
  - other: {call: own, with: {steps: [{a: 1}]}}
)";

TEST(Graph, TheStepsOfASagaStandInIt) {
  const Json graph = GraphOf(kSaga);
  EXPECT_EQ(ToMermaid(graph), R"(flowchart TD
  subgraph n0["trip<br/>call flow.saga"]
    subgraph n1["flight<br/>do"]
      n2["book<br/>set"]
      subgraph n1c["undo"]
        n3["free<br/>set"]
      end
    end
    subgraph n4["hotel<br/>do"]
      n5["stay<br/>set"]
    end
  end
  n6["other<br/>call own"]
  n1 --> n4
  n0 --> n6
)");
  EXPECT_EQ(FromGraph(graph)->Dump(), yaml::Read(kSaga)->value().Dump());
}

RC_GTEST_PROP(GraphProperty, BackFromTheGraphOfARandomDocument, (std::uint32_t seed)) {
  const RandomDocument document = DocumentGenerator(seed).Yaml();
  const auto back = FromGraph(GraphOf(document.text));
  if (!back) RC_FAIL(back.error().message);
  RC_ASSERT(back->Dump() == document.value.Dump());
}

void CheckFolder(const std::filesystem::path& folder, std::size_t at_least) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml" || entry.path().stem().extension() == ".test") continue;
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto node = yaml::Read(text);
    ASSERT_TRUE(node.has_value()) << entry.path();
    const auto back = FromGraph(ToGraph(*node));
    ASSERT_TRUE(back.has_value()) << entry.path() << back.error().message;
    EXPECT_EQ(back->Dump(), node->value().Dump()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, at_least);
}

TEST(Graph, LosesNothingOfTheProjectsExamples) { CheckFolder(ELEVAITE_SOURCE_DIR "/examples", 5); }

TEST(Graph, LosesNothingOfTheSpecificationsExamples) {
  const char* folder = std::getenv("OWS_EXAMPLES");
  if (folder == nullptr) GTEST_SKIP() << "OWS_EXAMPLES names no folder";
  CheckFolder(folder, 60);
}

}  // namespace
}  // namespace elevaite::dsl::tools

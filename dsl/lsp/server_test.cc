#include "dsl/lsp/server.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "dsl/lsp/framing.h"
#include "dsl/lsp/text.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl::lsp {
namespace {

constexpr std::string_view kHead = "document: {dsl: '1.0.3', namespace: t, name: n, version: '1.0.0'}\n";

class LanguageServer : public testing::Test {
 protected:
  LanguageServer() : server(functions) {}

  Json Ask(std::string_view method, Json params) {
    const auto out = server.Handle(
        Json::Object({{"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", std::move(params)}}));
    EXPECT_EQ(out.size(), 1U);
    return out.empty() ? Json() : out[0];
  }
  std::vector<Json> Tell(std::string_view method, Json params) {
    return server.Handle(
        Json::Object({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}));
  }
  void Start() {
    const Json answer = Ask("initialize", Json::Object({{"capabilities", Json::EmptyObject()}}));
    EXPECT_TRUE(answer["result"]["capabilities"]["hoverProvider"].BoolOr(false));
    Tell("initialized", Json::EmptyObject());
  }
  Json Open(const std::string& text) {
    const auto out =
        Tell("textDocument/didOpen", Json::Object({{"textDocument", Json::Object({{"uri", "file:///a.yaml"},
                                                                                  {"languageId", "yaml"},
                                                                                  {"version", 1},
                                                                                  {"text", text}})}}));
    return out.empty() ? Json() : out[0]["params"];
  }
  static Json At(int line, int character) {
    return Json::Object({{"textDocument", Json::Object({{"uri", "file:///a.yaml"}})},
                         {"position", Json::Object({{"line", line}, {"character", character}})}});
  }

  TestFunctions functions;
  Server server;
  int id = 0;
};

TEST_F(LanguageServer, PublishesDiagnosticsWithCodeHintAndPage) {
  Start();
  const Json published = Open(std::string(kHead) + "do:\n  - a:\n      wiat: PT1S\n");
  ASSERT_EQ(published["diagnostics"].Size(), 1U);
  const Json& d = published["diagnostics"].At(0);
  EXPECT_EQ(d["range"].Dump(), R"({"start":{"line":3,"character":6},"end":{"line":3,"character":10}})");
  EXPECT_EQ(d["severity"].AsInt64(), 1);
  EXPECT_EQ(d["codeDescription"]["href"].AsString(),
            "http://127.0.0.1:8000/v1/dsl/explain/" + std::string(d["code"].AsString()));
  EXPECT_NE(d["message"].AsString().find("`wait`"), std::string_view::npos);
}

TEST_F(LanguageServer, QuickFixReplacesWhatWasMeant) {
  Start();
  Open(std::string(kHead) + "do:\n  - a:\n      wiat: PT1S\n");
  const Json range = Json::Object({{"start", Json::Object({{"line", 3}, {"character", 8}})},
                                   {"end", Json::Object({{"line", 3}, {"character", 8}})}});
  const Json answer = Ask("textDocument/codeAction", Json::WithMember(At(0, 0), "range", range));
  ASSERT_EQ(answer["result"].Size(), 1U);
  EXPECT_EQ(
      answer["result"].At(0)["edit"]["changes"]["file:///a.yaml"].At(0).Dump(),
      R"({"range":{"start":{"line":3,"character":6},"end":{"line":3,"character":10}},"newText":"wait"})");
}

TEST_F(LanguageServer, IncrementalChangesCountUtf16) {
  Start();
  Open(std::string(kHead) + "do:\n  - a: {set: {x: '😀ä', y: 1}}\n");
  const Json range = Json::Object({{"start", Json::Object({{"line", 2}, {"character", 23}})},
                                   {"end", Json::Object({{"line", 2}, {"character", 24}})}});
  const auto out = Tell(
      "textDocument/didChange",
      Json::Object({{"textDocument", Json::Object({{"uri", "file:///a.yaml"}, {"version", 2}})},
                    {"contentChanges", Json::Array({Json::Object({{"range", range}, {"text", "}}"}})})}}));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0]["params"]["version"].AsInt64(), 2);
  EXPECT_GT(out[0]["params"]["diagnostics"].Size(), 0U) << "the brackets do not match any more";
}

TEST_F(LanguageServer, CompletionHoverDefinitionReferencesAndSymbols) {
  Start();
  Open(std::string(kHead) + "do:\n  - a: {wait: PT1S, then: bb}\n  - bb:\n      wa\n");
  const Json completion = Ask("textDocument/completion", At(4, 8))["result"];
  EXPECT_EQ(completion["items"].At(0)["textEdit"]["range"].Dump(),
            R"({"start":{"line":4,"character":6},"end":{"line":4,"character":8}})");
  Open(std::string(kHead) + "do:\n  - a: {wait: PT1S, then: bb}\n  - bb:\n      wait: PT1S\n");
  EXPECT_NE(Ask("textDocument/hover", At(4, 7))["result"]["contents"]["value"].AsString().find("wait"),
            std::string_view::npos);
  EXPECT_EQ(Ask("textDocument/definition", At(2, 27))["result"]["range"].Dump(),
            R"({"start":{"line":3,"character":4},"end":{"line":3,"character":6}})");
  const Json both = Json::WithMember(At(3, 5), "context", Json::Object({{"includeDeclaration", true}}));
  EXPECT_EQ(Ask("textDocument/references", both)["result"].Size(), 2U);
  EXPECT_EQ(Ask("textDocument/references", At(3, 5))["result"].Size(), 1U);
  const Json symbols = Ask("textDocument/documentSymbol", At(0, 0))["result"];
  EXPECT_EQ(symbols.At(1)["name"].AsString(), "bb");
}

TEST_F(LanguageServer, RenameChangesTheNameAndEveryThen) {
  Start();
  Open(std::string(kHead) + "do:\n  - '😀': {wait: PT1S, then: bb}\n  - bb: {wait: PT1S}\n");
  EXPECT_EQ(Ask("textDocument/prepareRename", At(3, 4))["result"].Dump(),
            R"({"start":{"line":3,"character":4},"end":{"line":3,"character":6}})");
  const Json edits = Ask("textDocument/rename",
                         Json::WithMember(At(3, 4), "newName", "c"))["result"]["changes"]["file:///a.yaml"];
  EXPECT_EQ(edits.Dump(),
            R"([{"range":{"start":{"line":2,"character":29},"end":{"line":2,"character":31}},"newText":"c"},)"
            R"({"range":{"start":{"line":3,"character":4},"end":{"line":3,"character":6}},"newText":"c"}])");
  EXPECT_EQ(
      Ask("textDocument/rename", Json::WithMember(At(3, 4), "newName", "😀"))["error"]["code"].AsInt64(),
      -32803);
}

TEST_F(LanguageServer, FormattingGivesEdits) {
  Start();
  Open("do:\n- a: {wait: PT1S} # x\n");
  const Json edits = Ask("textDocument/formatting", At(0, 0))["result"];
  EXPECT_EQ(edits.At(0)["newText"].AsString(), "  - a:\n      wait: PT1S # x\n");
  EXPECT_EQ(edits.At(0)["range"]["start"]["line"].AsInt64(), 1);
}

TEST_F(LanguageServer, WrongOrderAndUnknownThingsAreErrors) {
  EXPECT_EQ(Ask("textDocument/hover", At(0, 0))["error"]["code"].AsInt64(), -32002);
  EXPECT_TRUE(Tell("textDocument/didOpen", Json()).empty());
  Start();
  EXPECT_EQ(Ask("initialize", Json())["error"]["code"].AsInt64(), -32600);
  EXPECT_EQ(Ask("textDocument/hover", At(0, 0))["error"]["code"].AsInt64(), -32602);
  EXPECT_EQ(Ask("textDocument/nothing", Json())["error"]["code"].AsInt64(), -32601);
  EXPECT_EQ(server.Handle(Json(5))[0]["error"]["code"].AsInt64(), -32600);
  EXPECT_EQ(server
                .Handle(Json::Object(
                    {{"jsonrpc", "2.0"}, {"id", Json::EmptyArray()}, {"method", "x"}}))[0]["error"]["code"]
                .AsInt64(),
            -32600);
  EXPECT_TRUE(Ask("shutdown", Json())["result"].IsNull());
  EXPECT_EQ(Ask("textDocument/hover", At(0, 0))["error"]["code"].AsInt64(), -32600);
  Tell("exit", Json());
  EXPECT_TRUE(server.exited());
  EXPECT_EQ(server.exit_code(), 0);
}

RC_GTEST_PROP(TextProperty, OffsetsAndPositionsAgree, (const std::vector<std::uint8_t>& picks)) {
  static const std::string kParts[] = {"a", "ä", "€", "😀", "\n", "\r\n", "\r", " "};
  std::string text;
  std::vector<std::size_t> borders;
  for (const std::uint8_t pick : picks) {
    borders.push_back(text.size());
    text += kParts[pick % 8];
  }
  const Text held(text);
  for (const std::size_t offset : borders) {
    const bool in_break = offset > 0 && text[offset - 1] == '\r' && text[offset] == '\n';
    if (!in_break) RC_ASSERT(held.OffsetOf(held.PositionOf(offset)) == offset);
  }
}

TEST(Framing, MessagesInPieces) {
  FrameReader reader;
  const std::string frame = Frame(Json::Object({{"a", "ä"}})) + Frame(Json(1));
  for (const char c : frame.substr(0, frame.size() - 1)) {
    reader.Append(std::string_view(&c, 1));
  }
  EXPECT_EQ((*reader.Next())->Dump(), R"({"a":"ä"})");
  EXPECT_FALSE(reader.Next()->has_value());
  reader.Append("1");
  EXPECT_EQ((*reader.Next())->Dump(), "1");
}

TEST(Framing, WhatIsNoFrameBreaksTheStream) {
  for (const std::string_view bytes :
       {"nonsense\r\n\r\n", "Content-Length: x\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length: 17000000\r\n\r\n", "Content-Type: x\r\n\r\n{}",
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\n11", "Content-Length: -1\r\n\r\n"}) {
    FrameReader reader;
    reader.Append(bytes);
    EXPECT_FALSE(reader.Next().has_value()) << bytes;
    EXPECT_TRUE(reader.broken()) << bytes;
  }
  FrameReader endless;
  endless.Append(std::string(5000, 'a'));
  EXPECT_FALSE(endless.Next().has_value());
}

TEST(Framing, ABodyThatIsNoJsonIsAnErrorOfThatMessageOnly) {
  FrameReader reader;
  reader.Append("Content-Length: 1\r\n\r\n{Content-Length: 2\r\n\r\n42");
  EXPECT_FALSE(reader.Next().has_value());
  EXPECT_FALSE(reader.broken());
  EXPECT_EQ((*reader.Next())->Dump(), "42");
}

}  // namespace
}  // namespace elevaite::dsl::lsp

#include "dsl/lsp/server.h"

#include <utility>

namespace elevaite::dsl::lsp {
namespace {

// JSON-RPC 2.0, and LSP's own.
constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kNotInitialized = -32002;
constexpr int kRequestFailed = -32803;

Json Capabilities() {
  const Json sync = Json::Object({{"openClose", true}, {"change", 2}});
  const Json completion = Json::Object({{"triggerCharacters", Json::Array({"$", ".", ":", " ", "-"})}});
  const Json actions = Json::Object({{"codeActionKinds", Json::Array({"quickfix"})}});
  return Json::Object({{"positionEncoding", "utf-16"},
                       {"textDocumentSync", sync},
                       {"completionProvider", completion},
                       {"hoverProvider", true},
                       {"documentSymbolProvider", true},
                       {"documentFormattingProvider", true},
                       {"renameProvider", Json::Object({{"prepareProvider", true}})},
                       {"definitionProvider", true},
                       {"referencesProvider", true},
                       {"codeActionProvider", actions}});
}

Json ErrorMessage(const Json& id, int code, std::string_view message) {
  return Json::Object(
      {{"jsonrpc", "2.0"}, {"id", id}, {"error", Json::Object({{"code", code}, {"message", message}})}});
}

}  // namespace

std::vector<Json> Server::Handle(const Json& message) {
  out_.clear();
  const Json& id = message["id"];
  const bool has_id = message.IsObject() && message.Find("id") != nullptr;
  if (!message.IsObject() || message["jsonrpc"] != Json("2.0")) {
    Refuse(id.IsNumber() || id.IsString() ? id : Json(), kInvalidRequest,
           "a message is an object with jsonrpc 2.0");
  } else if (!message["method"].IsString()) {
    // An answer to something we asked would have `result` or `error`; we ask nothing.
    if (message.Find("result") == nullptr && message.Find("error") == nullptr)
      Refuse(id, kInvalidRequest, "`method` must be a text");
  } else if (has_id && !id.IsNumber() && !id.IsString()) {
    Refuse({}, kInvalidRequest, "`id` must be a number or a text");
  } else if (has_id) {
    Request(id, message["method"].AsString(), message["params"]);
  } else {
    Notification(message["method"].AsString(), message["params"]);
  }
  return std::move(out_);
}

Json Server::ParseError(std::string_view why) { return ErrorMessage({}, kParseError, why); }

void Server::Answer(const Json& id, Json result) {
  out_.push_back(Json::Object({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}));
}

void Server::Refuse(const Json& id, int code, std::string_view message) {
  out_.push_back(ErrorMessage(id, code, message));
}

void Server::Log(std::string_view message) {
  out_.push_back(Json::Object({{"jsonrpc", "2.0"},
                               {"method", "window/logMessage"},
                               {"params", Json::Object({{"type", 2}, {"message", message}})}}));
}

void Server::Request(const Json& id, std::string_view method, const Json& params) {
  if (method == "initialize") return Initialize(id, params);
  if (phase_ == Phase::kNew) return Refuse(id, kNotInitialized, "`initialize` comes first");
  if (phase_ != Phase::kReady) return Refuse(id, kInvalidRequest, "the server was shut down");
  if (method == "shutdown") {
    phase_ = Phase::kShutDown;
    return Answer(id, {});
  }
  Ask(id, method, params);
}

void Server::Initialize(const Json& id, const Json& params) {
  if (phase_ != Phase::kNew) return Refuse(id, kInvalidRequest, "`initialize` comes once");
  const Json& item = params["capabilities"]["textDocument"]["completion"]["completionItem"];
  settings_.snippets = item["snippetSupport"].BoolOr(false);
  if (const Json& server = params["initializationOptions"]["server"]; server.IsString())
    settings_.server = server.AsString();
  phase_ = Phase::kReady;
  Answer(id, Json::Object(
                 {{"capabilities", Capabilities()}, {"serverInfo", Json::Object({{"name", "elevaite"}})}}));
}

void Server::Ask(const Json& id, std::string_view method, const Json& params) {
  struct Method {
    std::string_view name;
    Result<Json> (*answer)(const Features&, const Json& params);
  };
  static constexpr Method kMethods[] = {
      {"textDocument/completion",
       [](const Features& f, const Json& p) -> Result<Json> { return f.Completion(p["position"]); }},
      {"textDocument/hover",
       [](const Features& f, const Json& p) -> Result<Json> { return f.Hover(p["position"]); }},
      {"textDocument/documentSymbol",
       [](const Features& f, const Json&) -> Result<Json> { return f.DocumentSymbols(); }},
      {"textDocument/formatting",
       [](const Features& f, const Json&) -> Result<Json> { return f.Formatting(); }},
      {"textDocument/definition",
       [](const Features& f, const Json& p) -> Result<Json> { return f.Definition(p["position"]); }},
      {"textDocument/references",
       [](const Features& f, const Json& p) -> Result<Json> {
         return f.References(p["position"], p["context"]["includeDeclaration"].BoolOr(false));
       }},
      {"textDocument/prepareRename",
       [](const Features& f, const Json& p) -> Result<Json> { return f.PrepareRename(p["position"]); }},
      {"textDocument/rename",
       [](const Features& f, const Json& p) -> Result<Json> {
         return f.Rename(p["position"], p["newName"].StringOr(""));
       }},
      {"textDocument/codeAction",
       [](const Features& f, const Json& p) -> Result<Json> { return f.CodeActions(p["range"]); }}};
  for (const Method& known : kMethods) {
    if (known.name != method) continue;
    const std::string uri(params["textDocument"]["uri"].StringOr(""));
    const auto document = documents_.find(uri);
    if (document == documents_.end()) return Refuse(id, kInvalidParams, "the document is not open");
    auto result = known.answer(Features(document->second, uri, functions_, settings_), params);
    if (!result) return Refuse(id, kRequestFailed, result.error().message);
    return Answer(id, *std::move(result));
  }
  Refuse(id, kMethodNotFound, "the method is not known");
}

void Server::Notification(std::string_view method, const Json& params) {
  if (method == "exit") {
    exit_code_ = phase_ == Phase::kShutDown ? 0 : 1;
    phase_ = Phase::kExited;
    return;
  }
  if (phase_ != Phase::kReady) return;
  if (method == "textDocument/didOpen") return Open(params["textDocument"]);
  if (method == "textDocument/didChange") return Change(params);
  if (method == "textDocument/didClose")
    return Close(std::string(params["textDocument"]["uri"].StringOr("")));
}

void Server::Open(const Json& document) {
  if (!document["uri"].IsString() || !document["text"].IsString())
    return Log("didOpen without a uri and a text");
  if (documents_.size() >= kDocumentsMax) return Log("too many documents are open");
  const std::string uri(document["uri"].AsString());
  const Text& text = documents_[uri] = Text(std::string(document["text"].AsString()));
  Publish(uri, document["version"], Features(text, uri, functions_, settings_).Diagnostics());
}

void Server::Change(const Json& params) {
  const std::string uri(params["textDocument"]["uri"].StringOr(""));
  const auto document = documents_.find(uri);
  if (document == documents_.end()) return Log("didChange of a document that is not open");
  const Json& changes = params["contentChanges"];
  for (std::size_t i = 0; changes.IsArray() && i < changes.Size(); ++i) document->second.Apply(changes.At(i));
  Publish(uri, params["textDocument"]["version"],
          Features(document->second, uri, functions_, settings_).Diagnostics());
}

void Server::Close(const std::string& uri) {
  if (documents_.erase(uri) > 0) Publish(uri, {}, Json::EmptyArray());
}

void Server::Publish(const std::string& uri, const Json& version, Json diagnostics) {
  std::vector<Json::Member> params{{"uri", uri}};
  if (version.IsInt64()) params.emplace_back("version", version);
  params.emplace_back("diagnostics", std::move(diagnostics));
  out_.push_back(Json::Object({{"jsonrpc", "2.0"},
                               {"method", "textDocument/publishDiagnostics"},
                               {"params", Json::Object(std::move(params))}}));
}

}  // namespace elevaite::dsl::lsp

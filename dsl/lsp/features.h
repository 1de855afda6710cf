// What the language server answers about one document, as LSP's JSON. Source: LSP 3.17, "Language Features".
#pragma once

#include <string>
#include <string_view>

#include "dsl/functions.h"
#include "dsl/lsp/text.h"
#include "foundation/result.h"

namespace elevaite::dsl::lsp {

// What the client said at `initialize`.
struct ClientSettings {
  bool snippets = false;
  // Where the pages of diagnostics are: initializationOptions.server.
  std::string server = "http://127.0.0.1:8000";
};

class Features {
 public:
  Features(const Text& text, std::string_view uri, const FunctionCatalog& functions,
           const ClientSettings& settings)
      : text_(text), uri_(uri), functions_(functions), settings_(settings) {}

  Json Diagnostics() const;
  Json Completion(const Json& position) const;
  Json Hover(const Json& position) const;
  Json DocumentSymbols() const;
  Json Formatting() const;  // edits; null when the text cannot be laid out
  Json Definition(const Json& position) const;
  Json References(const Json& position, bool with_declaration) const;
  // The range of the name of a task that may be renamed, or null.
  Json PrepareRename(const Json& position) const;
  Result<Json> Rename(const Json& position, std::string_view name) const;
  // Replacements that a diagnostic in the range suggests ("did you mean `x`?").
  Json CodeActions(const Json& range) const;

 private:
  yaml::Position Ours(const Json& position) const;
  std::size_t OffsetOf(yaml::Position position) const;
  Json RangeOf(const yaml::Range& range) const;

  const Text& text_;
  std::string_view uri_;
  const FunctionCatalog& functions_;
  const ClientSettings& settings_;
};

}  // namespace elevaite::dsl::lsp

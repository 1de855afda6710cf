// A document as the client holds it: positions of LSP count lines and UTF-16 units from 0, ours count from 1
// in code points.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::lsp {

// As LSP ends lines: at \n, \r\n and \r.
std::vector<std::size_t> LspLineStarts(std::string_view text);

class Text {
 public:
  Text() : Text(std::string()) {}
  explicit Text(std::string text) : text_(std::move(text)), lines_(LspLineStarts(text_)) {}

  const std::string& text() const { return text_; }

  // {"line", "character"} of LSP; beyond a line or the text: its end. Malformed: the beginning.
  std::size_t OffsetOf(const Json& position) const;
  Json PositionOf(std::size_t offset) const;

  // One change of textDocument/didChange: {"range"?, "text"}.
  void Apply(const Json& change);

 private:
  std::string text_;
  std::vector<std::size_t> lines_;
};

}  // namespace elevaite::dsl::lsp

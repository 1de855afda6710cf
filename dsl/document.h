// Document: the text of a workflow and the tree read from it, with the place of everything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/yaml.h"

namespace elevaite::dsl {

// Where each line begins. Lines end as YAML 1.1 (libyaml) counts them: at \n, \r\n, \r, U+0085, U+2028 and
// U+2029.
std::vector<std::size_t> LineStarts(std::string_view text);

enum class Format : std::uint8_t { kYaml, kJson };

class Document {
 public:
  Document(std::string text, Format format, yaml::Node root);

  const std::string& text() const { return text_; }
  Format format() const { return format_; }
  const yaml::Node& root() const { return root_; }

  // The place of byte `offset` of a scalar's value (of node.text()) in the document. Exact for plain and
  // quoted scalars; for block scalars (| and >) exact in the line, and in the column unless the block folds
  // lines. Never outside the scalar's own range.
  yaml::Position Locate(const yaml::Node& scalar, std::size_t offset) const;

 private:
  std::size_t OffsetOf(yaml::Position position) const;
  yaml::Position PositionOf(std::size_t offset) const;

  std::string text_;
  Format format_;
  yaml::Node root_;
  std::vector<std::size_t> lines_;  // where each line begins
};

}  // namespace elevaite::dsl

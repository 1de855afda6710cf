// Cursor: where in a document a position is, also in one that is being typed and cannot be read as YAML: a
// line half written, a quote left open, an indentation that is wrong.
//
// A forgiving reader goes by lines and indentation (brackets by their signs), takes what it understands and
// leaves out the rest. Its tree is good enough to know keys, names and kinds of tasks; it is never used to
// run or to change a document. Texts over several lines, other than block scalars, are not followed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "dsl/tools/pointer.h"
#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

struct Cursor {
  enum class At : unsigned char {
    kKey,    // in a key, or where one may begin
    kValue,  // behind a key's colon
    kItem,   // where an item of a list may begin
    kNone,   // in a comment, or nowhere that could be told
  };
  At at = At::kNone;
  Tokens path;        // kKey: of the mapping; kItem: of the list; kValue: up to the key
  Json tree;          // of the whole document
  std::string token;  // the whole key or value in which the cursor is, as written, without quotes
  std::string typed;  // its part before the cursor
  char quote = '\0';  // the token is in quotes
  bool in_brackets = false;
  std::size_t line = 0;         // the cursor's, from 0
  std::size_t line_offset = 0;  // where that line begins
  std::size_t begin = 0;        // of the token in the line, in bytes
  std::size_t end = 0;
  std::size_t indent = 0;  // of the mapping's or list's lines
};

// `position` beyond the text means its end.
Cursor FindCursor(std::string_view text, yaml::Position position);

// Bytes of a line for a column in code points, both from 0, and back.
std::size_t BytesOfColumn(std::string_view line, std::size_t column);
std::size_t ColumnOfBytes(std::string_view line, std::size_t bytes);

}  // namespace elevaite::dsl::tools

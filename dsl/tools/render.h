// Values as text: YAML in blocks or in brackets, or JSON. What is written reads back as the same value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "foundation/json.h"

namespace elevaite::dsl::tools {

struct Style {
  std::size_t step = 2;            // how much deeper the members of a mapping stand
  bool indented_sequences = true;  // whether a list stands deeper than its key
  bool literals = true;            // whether texts of several lines may be written so (`|`)
  std::string newline = "\n";
};

// Whether the value is best written on lines of its own: lists and mappings that have something in them, and
// texts of several lines that can be written as they are.
bool NeedsBlock(const Json& value, const Style& style);

// How a scalar was quoted, so that its successor may be, too: '\'', '"' or 0.
enum class Quotes : char { kNone = '\0', kSingle = '\'', kDouble = '"' };

// A text in quotes only where it would mean something else without, or where `quote` says so.
std::string TextScalar(std::string_view text, bool in_flow, Quotes quote = Quotes::kNone);
// A scalar, {} or [].
std::string Scalar(const Json& value, bool in_flow, Quotes quote = Quotes::kNone);

// On one line, in brackets; `json`: as JSON.
std::string FlowText(const Json& value, bool json);
// JSON on several lines; lines after the first are indented by `indent`.
std::string JsonLines(const Json& value, std::size_t indent, const Style& style);

// A list or mapping that is not empty, every line indented by `indent` and ended.
std::string BlockLines(const Json& value, std::size_t indent, const Style& style);
// What stands behind `key:`, from the blank on, with the line break at the end.
std::string MemberValue(const Json& value, std::size_t indent, const Style& style,
                        Quotes quote = Quotes::kNone);

}  // namespace elevaite::dsl::tools

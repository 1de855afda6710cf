#include "dsl/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace elevaite::dsl {
namespace {

Format FormatOf(std::string_view source) {
  const std::size_t first = source.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && source[first] == '{' ? Format::kJson : Format::kYaml;
}

// The value of four hexadecimal digits after `\u` at `at`; 0 when there are none.
unsigned EscapedUnit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
  unsigned value = 0;
  const char* end = text.data() + at + 6;
  const auto [stop, error] = std::from_chars(text.data() + at + 2, end, value, 16);
  return error == std::errc() && stop == end ? value : 0;
}

// JSON writes characters above U+FFFF as two escapes (RFC 8259, 7), which YAML does not know: they become one
// `\U` escape. That moves what follows in such a line by two columns.
std::string WithoutSurrogates(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned high = EscapedUnit(text, i);
    const unsigned low = high >= 0xD800 && high <= 0xDBFF ? EscapedUnit(text, i + 6) : 0;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      out += fmt::format("\\U{:08X}", 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00));
      i += 12;
    } else {
      const std::size_t length = text[i] == '\\' ? 2 : 1;
      out += text.substr(i, length);
      i += length;
    }
  }
  return out;
}

// The place of an error must be inside the document, even where the reader stopped behind its end.
yaml::Range RangeOf(const yaml::YamlError& error, std::string_view source) {
  const std::vector<std::size_t> starts = LineStarts(source);
  yaml::Position place{std::max(error.line, 1U), std::max(error.column, 1U)};
  if (place.line > starts.size()) place = {static_cast<std::uint32_t>(starts.size()), 1};
  const std::size_t line_end = place.line < starts.size() ? starts[place.line] - 1 : source.size();
  place.column = std::min(place.column, static_cast<std::uint32_t>(line_end - starts[place.line - 1]) + 1);
  return {place, place};
}

}  // namespace

std::optional<Document> Parse(std::string_view source, const Limits& limits, Diagnostics& diagnostics) {
  if (source.size() > limits.source_bytes_max) {
    diagnostics.Add(Code::kSourceTooLarge, {}, "",
                    fmt::format("the document has {} bytes; at most {} are allowed", source.size(),
                                limits.source_bytes_max),
                    "move parts into workflows of their own");
    return std::nullopt;
  }
  const Format format = FormatOf(source);
  std::string text(source);
  const bool may_have_pairs =
      text.find("\\ud") != std::string::npos || text.find("\\uD") != std::string::npos;
  if (format == Format::kJson && may_have_pairs) text = WithoutSurrogates(source);
  auto root = yaml::Read(
      text,
      {.bytes_max = limits.source_bytes_max, .depth_max = limits.depth_max, .nodes_max = limits.nodes_max});
  if (root) return Document(std::move(text), format, *std::move(root));

  const yaml::YamlError& error = root.error();
  Code code = Code::kSyntax;
  if (error.too_large) code = Code::kTooComplex;
  if (error.message.starts_with("duplicate key")) code = Code::kDuplicateKey;
  diagnostics.Add(code, RangeOf(error, text), "", error.message,
                  code == Code::kDuplicateKey ? "rename one of the two, or put them together" : "");
  return std::nullopt;
}

}  // namespace elevaite::dsl

#include "dsl/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace elevaite::dsl {
namespace {

Format FormatOf(std::string_view source) {
  const std::size_t first = source.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && source[first] == '{' ? Format::kJson : Format::kYaml;
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
  auto root = yaml::Read(
      source,
      {.bytes_max = limits.source_bytes_max, .depth_max = limits.depth_max, .nodes_max = limits.nodes_max});
  if (root) return Document(std::string(source), FormatOf(source), *std::move(root));

  const yaml::YamlError& error = root.error();
  Code code = Code::kSyntax;
  if (error.too_large) code = Code::kTooComplex;
  if (error.message.starts_with("duplicate key")) code = Code::kDuplicateKey;
  diagnostics.Add(code, RangeOf(error, source), "", error.message,
                  code == Code::kDuplicateKey ? "rename one of the two, or put them together" : "");
  return std::nullopt;
}

}  // namespace elevaite::dsl

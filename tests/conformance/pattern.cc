#include "tests/conformance/pattern.h"

#include <algorithm>

namespace elevaite::conformance {
namespace {

bool TakeLiteral(std::string_view& text, std::string_view literal) {
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  return true;
}

std::optional<std::string> TakeWhile(std::string_view& text, bool (*wanted)(char)) {
  const auto size = static_cast<std::size_t>(std::ranges::find_if_not(text, wanted) - text.begin());
  if (size == 0) return std::nullopt;
  std::string taken(text.substr(0, size));
  text.remove_prefix(size);
  return taken;
}

std::optional<std::string> TakeQuoted(std::string_view& text) {
  if (!TakeLiteral(text, "'")) return std::nullopt;
  const auto end = text.find('\'');
  if (end == std::string_view::npos) return std::nullopt;
  std::string taken(text.substr(0, end));
  text.remove_prefix(end + 1);
  return taken;
}

std::optional<std::string> Take(std::string_view& text, std::string_view kind) {
  if (kind == "text") return TakeQuoted(text);
  if (kind == "number") return TakeWhile(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return TakeWhile(text, [](char c) { return c != ' '; });
}

}  // namespace

std::optional<std::vector<std::string>> MatchStep(std::string_view pattern, std::string_view text) {
  std::vector<std::string> parameters;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    if (!TakeLiteral(text, pattern.substr(0, open))) return std::nullopt;
    if (open == std::string_view::npos) break;
    const auto close = pattern.find('}', open);
    auto parameter = Take(text, pattern.substr(open + 1, close - open - 1));
    if (!parameter) return std::nullopt;
    parameters.push_back(*std::move(parameter));
    pattern.remove_prefix(close + 1);
  }
  if (!text.empty()) return std::nullopt;
  return parameters;
}

}  // namespace elevaite::conformance

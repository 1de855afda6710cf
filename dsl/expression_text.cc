// Which texts are expressions: a small scan that knows jq's strings, comments and interpolations.
#include <algorithm>
#include <iterator>
#include <string>

#include "dsl/expression.h"

namespace elevaite::dsl {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNameChar(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

// `open` is at a `{`. The place of the `}` that closes it, or npos.
std::size_t FindClosing(std::string_view text, std::size_t open) {
  std::string stack;  // what is open: { ( and " for strings
  std::size_t i = open;
  while (i < text.size()) {
    const char c = text[i];
    if (!stack.empty() && stack.back() == '"') {
      if (c == '\\' && i + 1 < text.size()) {
        if (text[i + 1] == '(') stack += '(';
        i += 2;
        continue;
      }
      if (c == '"') stack.pop_back();
    } else if (c == '"' || c == '{' || c == '(') {
      stack += c;
    } else if (c == '}' || c == ')') {
      if (stack.back() != (c == '}' ? '{' : '(')) return std::string_view::npos;
      stack.pop_back();
      if (stack.empty()) return i;
    } else if (c == '#') {
      const std::size_t line_end = text.find('\n', i);
      if (line_end == std::string_view::npos) return line_end;
      i = line_end;
    }
    ++i;
  }
  return std::string_view::npos;
}

// Steps over `.a`, `.["a"]`, `[0]`, `?` from `i` on.
std::size_t SkipPath(std::string_view text, std::size_t i) {
  while (i < text.size()) {
    if (text[i] == '.' && i + 1 < text.size() && IsNameStart(text[i + 1])) {
      ++i;
      while (i < text.size() && IsNameChar(text[i])) ++i;
    } else if (text[i] == '[') {
      const std::size_t close = text.find(']', i);
      if (close == std::string_view::npos) return i;
      i = close + 1;
    } else if (text[i] == '?') {
      ++i;
    } else if (text[i] == '.' && i + 1 < text.size() && text[i + 1] == '[') {
      ++i;
    } else {
      break;
    }
  }
  return i;
}

}  // namespace

TextScan ScanText(std::string_view text) {
  const std::size_t dollar = text.find("${");
  if (dollar == std::string_view::npos) return {};
  const std::size_t first = text.find_first_not_of(kBlanks);
  const std::size_t last = text.find_last_not_of(kBlanks);
  const std::size_t closing = FindClosing(text, dollar + 1);
  if (dollar == first && closing == last) return {TextKind::kWhole, dollar + 2, closing};
  if (closing == std::string_view::npos) {
    // Unbalanced inside, yet plainly meant as a whole: the expression's own errors say more.
    if (dollar == first && text[last] == '}') return {TextKind::kWhole, dollar + 2, last};
    return {TextKind::kUnclosed, dollar, text.size()};
  }
  return {TextKind::kEmbedded, dollar, closing + 1};
}

bool LooksLikeExpression(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos || text.size() > 1000) return false;
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  if (text.starts_with("{{") && text.ends_with("}}")) return true;
  std::size_t i = 0;
  if (text.starts_with("$.")) {
    i = SkipPath(text, 1);
  } else if (text.front() == '$' && text.size() > 1 && IsNameStart(text[1])) {
    i = 1;
    while (i < text.size() && IsNameChar(text[i])) ++i;
    i = SkipPath(text, i);
  } else if (text.front() == '.') {
    i = SkipPath(text, 0);
    if (i == 0) return false;
  } else {
    return false;
  }
  if (i == text.size()) return true;
  if (i <= 1) return false;
  std::string_view rest = text.substr(i);
  const std::size_t next = rest.find_first_not_of(kBlanks);
  if (next == 0 || next == std::string_view::npos) return false;
  rest.remove_prefix(next);
  for (std::string_view sign :
       {"| ", "// ", "== ", "!= ", "+ ", "- ", "* ", "/ ", "> ", "< ", ">= ", "<= ", "and ", "or "}) {
    if (rest.starts_with(sign)) return true;
  }
  return false;
}

bool IsVariableName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && IsNameStart(name.front()) &&
         std::ranges::all_of(name, IsNameChar);
}

}  // namespace elevaite::dsl

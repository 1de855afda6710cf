#include "dsl/jq/lexer.h"

#include <algorithm>
#include <iterator>

namespace elevaite::jq {
namespace {

constexpr std::string_view kKeywords[] = {
    "def",   "if",    "then",   "elif",    "else",   "end", "as", "reduce",  "foreach", "try",
    "catch", "label", "import", "include", "module", "and", "or", "__loc__", "break"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void AppendUtf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    out += static_cast<char>(0x80U | ((c >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (c & 0x3FU));
  }
}

// Spaces and comments. A comment goes to the end of the line; an odd number of backslashes before it
// continues the comment.
void Lexer::SkipSpace() {
  while (at_ < text_.size()) {
    if (IsSpace(text_[at_])) {
      ++at_;
    } else if (text_[at_] == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
          ++at_;
          if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        }
        ++at_;
      }
    } else {
      return;
    }
  }
}

Token Lexer::Next() {
  SkipSpace();
  const std::size_t begin = at_;
  auto token = [&](TokenKind kind, std::size_t skip = 0) {
    return Token{kind,
                 text_.substr(begin + skip, at_ - begin - skip),
                 {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}};
  };
  auto peek = [&](std::size_t ahead) { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; };
  auto read_name = [&] {  // a, a::b
    for (;;) {
      while (at_ < text_.size() && IsNamePart(text_[at_])) ++at_;
      if (peek(0) != ':' || peek(1) != ':' || !IsNameStart(peek(2))) return;
      at_ += 2;
    }
  };
  if (at_ >= text_.size()) return token(TokenKind::kEnd);
  const char c = text_[at_];
  if (c == '"') {
    ++at_;
    return token(TokenKind::kQuote);
  }
  if (IsDigit(c) || (c == '.' && IsDigit(peek(1)))) {
    while (IsDigit(peek(0))) ++at_;
    if (peek(0) == '.') {
      ++at_;
      while (IsDigit(peek(0))) ++at_;
    }
    if (peek(0) == 'e' || peek(0) == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (IsDigit(peek(1 + sign))) {
        at_ += 1 + sign;
        while (IsDigit(peek(0))) ++at_;
      }
    }
    return token(TokenKind::kNumber);
  }
  if (IsNameStart(c)) {
    read_name();
    return token(TokenKind::kName);
  }
  if (c == '.' && IsNameStart(peek(1))) {
    ++at_;
    while (at_ < text_.size() && IsNamePart(text_[at_])) ++at_;
    return token(TokenKind::kField, 1);
  }
  if (c == '$' && IsNameStart(peek(1))) {
    ++at_;
    read_name();
    return token(TokenKind::kVariable, 1);
  }
  if (c == '@' && IsNamePart(peek(1))) {
    ++at_;
    while (IsNamePart(peek(0))) ++at_;
    return token(TokenKind::kFormat, 1);
  }
  static constexpr std::string_view kSymbols[] = {
      "?//=", "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", ".."};
  for (const std::string_view symbol : kSymbols) {
    if (symbol != "?//=" && text_.substr(at_).starts_with(symbol)) {
      at_ += symbol.size();
      return token(TokenKind::kSymbol);
    }
  }
  ++at_;
  if (std::string_view("|,=<>+-*/%?.[](){}:;$").find(c) != std::string_view::npos)
    return token(TokenKind::kSymbol);
  return token(TokenKind::kInvalid);
}

bool Lexer::ReadUnicodeEscape(std::string& out) {
  auto read_unit = [&](std::uint32_t& unit) {
    unit = 0;
    if (at_ + 4 > text_.size()) return false;
    for (std::size_t i = 0; i < 4; ++i) {
      const int digit = HexValue(text_[at_ + i]);
      if (digit < 0) return false;
      unit = unit * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += 4;
    return true;
  };
  std::uint32_t unit = 0;
  if (!read_unit(unit)) return false;
  if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
    const std::size_t before = at_;
    at_ += 2;
    std::uint32_t low = 0;
    if (!read_unit(low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    } else {
      at_ = before;
    }
  }
  if (unit >= 0xD800 && unit < 0xE000) unit = 0xFFFD;  // half a pair
  AppendUtf8(out, unit);
  return true;
}

Lexer::StringStop Lexer::ReadStringPart(std::string& out, Span& bad) {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return StringStop::kClosed;
    }
    if (c != '\\') {
      out += c;
      ++at_;
      continue;
    }
    const std::size_t begin = at_;
    bad = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::min(begin + 2, text_.size()))};
    if (at_ + 1 >= text_.size()) return StringStop::kBadEscape;
    const char escape = text_[at_ + 1];
    at_ += 2;
    switch (escape) {
      case '(': return StringStop::kInterpolation;
      case '"':
      case '\\':
      case '/': out += escape; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u':
        if (!ReadUnicodeEscape(out)) return StringStop::kBadEscape;
        break;
      default: return StringStop::kBadEscape;
    }
  }
  return StringStop::kUnterminated;
}

bool IsKeyword(std::string_view word) { return std::ranges::find(kKeywords, word) != std::end(kKeywords); }

}  // namespace elevaite::jq

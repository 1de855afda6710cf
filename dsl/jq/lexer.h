// Tokens of a filter's text, with spans.
#pragma once

#include <string_view>

#include "dsl/jq/jq.h"

namespace elevaite::jq {

enum class TokenKind : std::uint8_t {
  kEnd,
  kInvalid,
  kName,      // foo, foo::bar, also keywords
  kField,     // .foo
  kVariable,  // $foo
  kFormat,    // @base64
  kNumber,
  kQuote,   // the opening quote; the parser reads the rest with ReadStringPart
  kSymbol,  // an operator or bracket
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // without the leading . $ @
  Span span;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token Next();

  // After kQuote: decodes literal text up to the closing quote or an interpolation. What stopped it:
  enum class StringStop : std::uint8_t { kClosed, kInterpolation, kBadEscape, kUnterminated };
  StringStop ReadStringPart(std::string& out, Span& bad);

 private:
  void SkipSpace();
  bool ReadUnicodeEscape(std::string& out);
  std::string_view text_;
  std::size_t at_ = 0;
};

void AppendUtf8(std::string& out, std::uint32_t code_point);

bool IsKeyword(std::string_view word);

}  // namespace elevaite::jq

// JSON text to values, as jq reads it: fromjson and tonumber.
#include <algorithm>
#include <limits>

#include "dsl/jq/lexer.h"
#include "dsl/jq/values.h"

namespace elevaite::jq {
namespace {

// A reader of its own: jq accepts nan and messages must say what jq says; depth is limited by a heap stack.
class Reader {
 public:
  Reader(Context& context, std::string_view text) : context_(context), text_(text) {}

  bool Read(Json& out) {
    SkipSpace();
    if (at_ == text_.size()) return Done(Json(), out);
    for (;;) {
      if (!context_.Step()) return false;
      Json value;
      const Kind kind = ReadStart(value);
      if (kind == Kind::kFailed) return false;
      if (kind == Kind::kOpened) continue;
      if (!Close(std::move(value), out)) return false;
      if (open_.empty()) break;
    }
    SkipSpace();
    return at_ == text_.size() || Fail("Unexpected extra JSON values");
  }

 private:
  enum class Kind : std::uint8_t { kValue, kOpened, kFailed };
  struct Frame {
    Json container;
    Json key;
  };

  bool Done(Json value, Json& out) {
    out = std::move(value);
    return true;
  }
  bool Fail(std::string message) {
    return context_.Fail(message + " (while parsing '" + std::string(text_.substr(0, OffsetOf(text_, 100))) +
                         "')");
  }
  bool FailAt(std::string message) {
    const std::size_t line = 1 + static_cast<std::size_t>(std::count(
                                     text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    const std::size_t start = text_.substr(0, at_).rfind('\n');
    const std::size_t column = start == std::string_view::npos ? at_ : at_ - start - 1;
    const char* where = at_ >= text_.size() ? " at EOF at line " : " at line ";
    return Fail(message + where + std::to_string(line) + ", column " + std::to_string(column));
  }
  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  // A scalar, or the start of a container that has items.
  Kind ReadStart(Json& value) {
    SkipSpace();
    if (at_ >= text_.size()) {
      FailAt("Unfinished JSON term");
      return Kind::kFailed;
    }
    const char c = text_[at_];
    if (c == '[' || c == '{') {
      if (open_.size() >= kWalkDepthMax) {
        Fail("Exceeds depth limit for parsing");
        return Kind::kFailed;
      }
      ++at_;
      SkipSpace();
      const bool empty = at_ < text_.size() && text_[at_] == (c == '[' ? ']' : '}');
      if (empty) {
        ++at_;
        value = c == '[' ? Json::EmptyArray() : Json::EmptyObject();
        return Kind::kValue;
      }
      open_.push_back({c == '[' ? Json::EmptyArray() : Json::EmptyObject(), Json()});
      return c == '[' || ReadKey() ? Kind::kOpened : Kind::kFailed;
    }
    return (c == '"' ? ReadString(value) : ReadWord(value)) ? Kind::kValue : Kind::kFailed;
  }

  bool ReadKey() {
    SkipSpace();
    if (at_ >= text_.size()) return FailAt("Unfinished JSON term");
    if (text_[at_] == '\'') {
      at_ += 4;
      at_ = std::min(at_, text_.size());
      return SingleQuote();
    }
    if (text_[at_] != '"') return FailAt("Object keys must be strings");
    if (!ReadString(open_.back().key)) return false;
    SkipSpace();
    if (at_ >= text_.size()) return FailAt("Unfinished JSON term");
    if (text_[at_] != ':') return FailAt("Objects must consist of key:value pairs");
    ++at_;
    return true;
  }

  // Puts a value into the innermost container, and closes those that end behind it.
  bool Close(Json value, Json& out) {
    for (;;) {
      if (open_.empty()) return Done(std::move(value), out);
      Frame& frame = open_.back();
      if (frame.container.IsArray()) {
        if (!AppendItem(context_, frame.container, std::move(value))) return false;
      } else if (!PutMember(context_, frame.container, frame.key, std::move(value))) {
        return false;
      }
      SkipSpace();
      if (at_ >= text_.size()) return FailAt("Unfinished JSON term");
      const char c = text_[at_];
      if (c == ',') {
        ++at_;
        return frame.container.IsArray() || ReadKey();
      }
      if (c != (frame.container.IsArray() ? ']' : '}')) return FailAt("Expected separator between values");
      ++at_;
      value = std::move(frame.container);
      open_.pop_back();
    }
  }

  bool SingleQuote() { return FailAt("Invalid string literal; expected \", but got '"); }

  bool ReadString(Json& value) {
    Lexer lexer(text_.substr(at_ + 1));
    std::string text;
    const std::size_t end = FindEnd(at_ + 1);
    if (end == std::string_view::npos) {
      at_ = text_.size();
      return FailAt("Unfinished string");
    }
    Lexer part(text_.substr(at_ + 1, end - at_));
    Span bad{};
    if (part.ReadStringPart(text, bad) != Lexer::StringStop::kClosed) return FailAt("Invalid escape");
    at_ = end + 1;
    if (!context_.Step(text.size() / 16) || !context_.ChargeText(text.size())) return false;
    value = Json(text);
    return true;
  }

  std::size_t FindEnd(std::size_t from) const {
    for (std::size_t i = from; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '"') {
        return i;
      }
    }
    return std::string_view::npos;
  }

  bool ReadWord(Json& value) {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n,:[]{}\"").find(text_[at_]) == std::string_view::npos) {
      if (text_[at_] == '\'') {
        ++at_;
        return SingleQuote();
      }
      ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) return FailAt("Expected value before separator");
    if (word == "null") return Done(Json(), value);
    if (word == "true" || word == "false") return Done(Json(word == "true"), value);
    return ParseNumber(word, value) || FailAt("Invalid numeric literal");
  }

 public:
  // What jq's number parser takes: JSON numbers, also ".5", "5.", "+5", and nan and infinity.
  static bool ParseNumber(std::string_view word, Json& value) {
    std::string text(word);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.erase(0, 1);
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (lower == "nan") {
      value = std::numeric_limits<double>::quiet_NaN();
      return true;
    }
    if (lower == "infinity" || lower == "inf") {
      value = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
      return true;
    }
    std::size_t i = 0;
    auto digits = [&] {
      const std::size_t from = i;
      while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
      return i - from;
    };
    const std::size_t whole = digits();
    std::size_t fraction = 0;
    const bool dot = i < text.size() && text[i] == '.';
    if (dot) {
      ++i;
      fraction = digits();
    }
    if (whole + fraction == 0) return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
      ++i;
      if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
      if (digits() == 0) return false;
    }
    if (i != text.size()) return false;
    if (whole == 0) text.insert(0, "0");
    if (dot && fraction == 0) text.erase(text.find('.'), 1);
    const std::size_t end = std::min(text.find_first_of(".eE"), text.size());
    text.erase(0, std::min(text.find_first_not_of('0'), end - 1));
    value = Json::NumberFromText(negative ? "-" + text : text);
    return true;
  }

 private:
  Context& context_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Frame> open_;
};

}  // namespace

bool FromText(Context& context, std::string_view text, Json& out) { return Reader(context, text).Read(out); }

bool NumberFromWord(std::string_view word, Json& out) { return Reader::ParseNumber(word, out); }

}  // namespace elevaite::jq

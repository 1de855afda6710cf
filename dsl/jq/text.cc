// Values to JSON text and back, as jq writes and reads it.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "dsl/jq/lexer.h"
#include "dsl/jq/values.h"

namespace elevaite::jq {
namespace {

// A decimal as written, in the canonical form of General Decimal Arithmetic (to-scientific-string): 100e-2
// is 1.00, 1e3 is 1E+3.
void AppendDecimal(std::string& out, std::string_view text) {
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::int64_t exponent = 0;
  if (e < text.size()) {
    std::string_view written = text.substr(e + 1);
    if (written.starts_with('+')) written.remove_prefix(1);
    const auto [ptr, error] = std::from_chars(written.data(), written.data() + written.size(), exponent);
    if (error != std::errc() || std::abs(exponent) > 9'999'999'999) {
      out += text;  // beyond any arithmetic: as written
      return;
    }
  }
  std::string digits;
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t dot = mantissa.find('.');
  for (const char c : mantissa) {
    if (c != '.') digits += c;
  }
  if (dot != std::string_view::npos) exponent -= static_cast<std::int64_t>(mantissa.size() - dot - 1);
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  digits.erase(0, zeros);
  const auto count = static_cast<std::int64_t>(digits.size());
  const std::int64_t adjusted = exponent + count - 1;
  if (exponent <= 0 && adjusted >= -6) {
    if (exponent == 0) {
      out += digits;
    } else if (count > -exponent) {
      out += digits.substr(0, static_cast<std::size_t>(count + exponent));
      out += '.';
      out += digits.substr(static_cast<std::size_t>(count + exponent));
    } else {
      out += "0.";
      out.append(static_cast<std::size_t>(-exponent - count), '0');
      out += digits;
    }
    return;
  }
  out += digits[0];
  if (count > 1) {
    out += '.';
    out.append(digits, 1);
  }
  out += 'E';
  out += adjusted < 0 ? '-' : '+';
  out += std::to_string(std::abs(adjusted));
}

}  // namespace

void AppendNumber(std::string& out, const Json& number) {
  if (number.IsDecimal()) {
    AppendDecimal(out, number.DecimalText());
  } else {
    number.DumpTo(out);
  }
}

bool ToText(Context& context, const Json& value, std::string& out) {
  struct Frame {
    const Json* container;
    std::size_t next;
  };
  std::vector<Frame> open;
  std::size_t charged = out.size();
  auto begin = [&](const Json& v) {
    if (v.IsArray() || v.IsObject()) {
      if (open.size() > kWalkDepthMax) {
        out += "\"<skipped: too deep>\"";
        return;
      }
      out += v.IsArray() ? '[' : '{';
      open.push_back({&v, 0});
    } else if (v.IsString()) {
      AppendJsonString(out, v.AsString());
    } else if (v.IsNumber()) {
      AppendNumber(out, v);
    } else {
      out += v.IsNull() ? "null" : (v.AsBool() ? "true" : "false");
    }
  };
  begin(value);
  while (!open.empty()) {
    if (!context.Step()) return false;
    if (out.size() - charged > 4096) {
      if (!context.Charge(out.size() - charged)) return false;
      charged = out.size();
      if (out.size() > context.bytes_max())
        return context.FailBudget("a text grew beyond the budget of the evaluation");
    }
    Frame& frame = open.back();
    const Json& container = *frame.container;
    if (frame.next == container.Size()) {
      out += container.IsArray() ? ']' : '}';
      open.pop_back();
      continue;
    }
    if (frame.next > 0) out += ',';
    const std::size_t i = frame.next++;
    if (container.IsArray()) {
      begin(container.AsArray()[i]);
    } else {
      AppendJsonString(out, container.AsObject()[i].key.AsString());
      out += ':';
      begin(container.AsObject()[i].value);
    }
  }
  return true;
}

// ---- fromjson
// ----------------------------------------------------------------------------------------------------------

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
    if (!context_.Step(text.size() / 16) || !context_.Charge(text.size())) return false;
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
    return ParseNumber(word, value) ||
           FailAt(IsNumberLike(word) ? "Invalid numeric literal" : "Invalid literal");
  }

  static bool IsNumberLike(std::string_view) { return true; }

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

// JSON values as text.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <ostream>

#include "foundation/json.h"
#include "foundation/json_internal.h"

namespace elevaite {

// Shortest digits that read back as the same double, laid out as jq does: plain unless 15 or more zeros would
// follow or 4 precede.
void AppendDouble(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "null";
    return;
  }
  if (std::isinf(value))
    value = value > 0 ? std::numeric_limits<double>::max() : std::numeric_limits<double>::lowest();
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  if (value == 0) {
    out += '0';
  } else if (point <= -4 || point > count + 15) {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += exponent < 0 ? "e-" : "e+";
    const int magnitude = std::abs(exponent);
    if (magnitude < 10) out += '0';
    out += std::to_string(magnitude);
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else if (point >= count) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  }
}

namespace {

template <class Integer>
void AppendInteger(std::string& out, Integer value) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

enum class NumberForm { kAsWritten, kCanonical };

void AppendScalar(std::string& out, const Json& v, NumberForm form) {
  switch (v.type()) {
    case Json::Type::kNull: out += "null"; return;
    case Json::Type::kBool: out += v.AsBool() ? "true" : "false"; return;
    case Json::Type::kString: AppendJsonString(out, v.AsString()); return;
    case Json::Type::kNumber: break;
    default: return;
  }
  if (v.IsInt64()) {
    AppendInteger(out, v.AsInt64());
  } else if (v.IsUint64()) {
    AppendInteger(out, v.AsUint64());
  } else if (v.IsDecimal() && form == NumberForm::kAsWritten) {
    out += v.DecimalText();
  } else {
    AppendDouble(out, v.AsDouble());
  }
}

// Writes without recursion: one frame a container that is open.
class Writer {
 public:
  struct Style {
    int indent = 0;  // 0: compact
    bool sorted = false;
    NumberForm numbers = NumberForm::kAsWritten;
  };
  Writer(std::string& out, Style style) : out_(out), style_(style) {}

  void Write(const Json& root) {
    Open(root);
    while (!open_.empty()) Step();
  }

 private:
  struct Frame {
    const Json* container;
    std::size_t next = 0;
    std::vector<const Json::Member*> sorted;
  };

  void Open(const Json& v) {
    if (!v.IsArray() && !v.IsObject()) {
      AppendScalar(out_, v, style_.numbers);
      return;
    }
    if (v.Size() == 0) {
      out_ += v.IsArray() ? "[]" : "{}";
      return;
    }
    out_ += v.IsArray() ? '[' : '{';
    if (open_.empty()) open_.reserve(4);  // most values are not deeper
    Frame frame{.container = &v, .next = 0, .sorted = {}};
    if (style_.sorted && v.IsObject()) frame.sorted = SortedMembers(v);
    open_.push_back(std::move(frame));
  }

  void Step() {
    Frame& frame = open_.back();
    const Json& container = *frame.container;
    if (frame.next == container.Size()) {
      const char close = container.IsArray() ? ']' : '}';
      open_.pop_back();
      NewLine();
      out_ += close;
      return;
    }
    if (frame.next > 0) out_ += ',';
    NewLine();
    const std::size_t i = frame.next++;
    if (container.IsArray()) {
      Open(container.AsArray()[i]);
      return;
    }
    const Json::Member& member = frame.sorted.empty() ? container.AsObject()[i] : *frame.sorted[i];
    AppendJsonString(out_, member.key.AsString());
    out_ += style_.indent > 0 ? ": " : ":";
    Open(member.value);
  }

  void NewLine() {
    if (style_.indent == 0) return;
    out_ += '\n';
    out_.append(open_.size() * static_cast<std::size_t>(style_.indent), ' ');
  }

  std::string& out_;
  Style style_;
  std::vector<Frame> open_;
};

// By byte: whether a text may not hold it as it is.
constexpr std::array<bool, 256> kIsEscaped = [] {
  std::array<bool, 256> is_escaped{};
  for (std::size_t c = 0; c < 0x20; ++c) is_escaped[c] = true;
  is_escaped['"'] = is_escaped['\\'] = is_escaped[0x7f] = true;
  return is_escaped;
}();

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!kIsEscaped[c]) continue;
    out.append(text, from, i - from);
    from = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += kHex[c >> 4U];
        out += kHex[c & 15U];
    }
  }
  out.append(text, from);
  out += '"';
}

void Json::DumpTo(std::string& out) const { Writer(out, {}).Write(*this); }

std::string Json::Dump() const {
  std::string out;
  DumpTo(out);
  return out;
}

std::string Json::DumpPretty(int indent) const {
  std::string out;
  Writer(out, {.indent = indent}).Write(*this);
  return out;
}

std::string Json::DumpCanonical() const {
  std::string out;
  Writer(out, {.sorted = true, .numbers = NumberForm::kCanonical}).Write(*this);
  return out;
}

std::ostream& operator<<(std::ostream& out, const Json& value) { return out << value.Dump(); }

std::size_t FindInvalidUtf8(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
    if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return i;
    const unsigned second = byte(i + 1);
    // Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
    const unsigned low = lead == 0xE0 ? 0xA0 : (lead == 0xF0 ? 0x90 : 0x80);
    const unsigned high = lead == 0xED ? 0x9F : (lead == 0xF4 ? 0x8F : 0xBF);
    if (second < low || second > high) return i;
    for (std::size_t k = 2; k < length; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80U) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace elevaite

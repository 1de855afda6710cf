#include "dsl/jq/text_writer.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

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

// ---- The writer
// --------------------------------------------------------------------------------------------------------

namespace {

// A quoted text in which everything beyond ASCII is escaped, in UTF-16 as JSON wants it.
void AppendAsciiString(std::string& out, std::string_view text) {
  std::string quoted;
  AppendJsonString(quoted, text);
  auto escape = [&out](std::uint32_t unit) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[unit >> shift & 15U];
  };
  for (std::size_t i = 0; i < quoted.size();) {
    const auto lead = static_cast<unsigned char>(quoted[i]);
    if (lead < 0x80) {
      out += quoted[i++];
      continue;
    }
    const std::size_t length = lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4);
    std::uint32_t code = lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      code = code << 6U | (static_cast<unsigned char>(quoted[i + k]) & 0x3FU);
    }
    i += length;
    if (code < 0x10000) {
      escape(code);
    } else {
      escape(0xD800 + (code - 0x10000) / 0x400);
      escape(0xDC00 + (code - 0x10000) % 0x400);
    }
  }
}

}  // namespace

TextWriter::TextWriter(const Json& value, std::string& out, const TextLayout& layout,
                       std::size_t text_code_points_max)
    : out_(out), layout_(layout), text_code_points_max_(text_code_points_max) {
  Begin(value);
}

bool TextWriter::Next() {
  if (open_.empty()) return false;
  Frame& frame = open_.back();
  const Json& container = *frame.container;
  if (frame.next == container.Size()) {
    const bool filled = frame.next > 0;
    open_.pop_back();
    if (filled) NewLine();
    out_ += container.IsArray() ? ']' : '}';
    return !open_.empty();
  }
  if (frame.next > 0) out_ += ',';
  NewLine();
  const std::size_t i = frame.next++;
  if (container.IsArray()) {
    Begin(container.AsArray()[i]);
  } else {
    BeginMember(frame.sorted.empty() ? container.AsObject()[i] : *frame.sorted[i]);
  }
  return true;
}

void TextWriter::Begin(const Json& value) {
  if (value.IsArray() || value.IsObject()) {
    Open(value);
  } else if (value.IsString()) {
    Text(value.AsString());
  } else if (value.IsNumber()) {
    AppendNumber(out_, value);
  } else {
    out_ += value.IsNull() ? "null" : (value.AsBool() ? "true" : "false");
  }
}

void TextWriter::BeginMember(const Json::Member& member) {
  Text(member.key.AsString());
  out_ += ':';
  if (!layout_.indent.empty()) out_ += ' ';
  Begin(member.value);
}

void TextWriter::Open(const Json& container) {
  if (open_.size() > kWalkDepthMax) {
    out_ += "\"<skipped: too deep>\"";
    return;
  }
  out_ += container.IsArray() ? '[' : '{';
  Frame& frame = open_.emplace_back(Frame{&container, 0, {}});
  if (!layout_.sort_keys || !container.IsObject()) return;
  for (const Json::Member& member : container.AsObject()) frame.sorted.push_back(&member);
  std::ranges::sort(frame.sorted, {}, [](const Json::Member* member) { return member->key.AsString(); });
}

void TextWriter::Text(std::string_view text) {
  if (text.size() > text_code_points_max_) text = text.substr(0, OffsetOf(text, text_code_points_max_));
  if (layout_.ascii) {
    AppendAsciiString(out_, text);
  } else {
    AppendJsonString(out_, text);
  }
}

void TextWriter::NewLine() {
  if (layout_.indent.empty()) return;
  out_ += '\n';
  for (std::size_t i = 0; i < open_.size(); ++i) out_ += layout_.indent;
}

// ---- Who writes
// --------------------------------------------------------------------------------------------------------

bool ToText(Context& context, const Json& value, std::string& out) {
  std::size_t charged = out.size();
  static const TextLayout kCompact;
  TextWriter writer(value, out, kCompact);
  while (writer.Next()) {
    if (!context.Step()) return false;
    if (out.size() - charged <= 4096) continue;
    if (!context.Charge(out.size() - charged)) return false;
    charged = out.size();
    if (out.size() > context.bytes_max())
      return context.FailBudget("a text grew beyond the budget of the evaluation");
  }
  return true;
}

void AppendText(std::string& out, const Json& value, const TextLayout& layout) {
  TextWriter writer(value, out, layout);
  while (writer.Next()) {
  }
}

// ---- For messages
// ------------------------------------------------------------------------------------------------------

namespace {

std::string FirstCodePoints(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

const char* TypeName(const Json& value) {
  switch (value.type()) {
    case Json::Type::kNull: return "null";
    case Json::Type::kBool: return "boolean";
    case Json::Type::kNumber: return "number";
    case Json::Type::kString: return "string";
    case Json::Type::kArray: return "array";
    case Json::Type::kObject: return "object";
  }
  return "null";
}

std::string Describe(const Json& value) {
  constexpr std::size_t kMost = 29;   // bytes of text in a message
  constexpr std::size_t kRead = 200;  // a message about a large value stays cheap
  std::string text;
  static const TextLayout kCompact;
  TextWriter writer(value, text, kCompact, kRead);
  while (text.size() <= kRead && writer.Next()) {
  }
  if (value.IsString() && text.size() > kMost) {  // the closing quote stays
    std::size_t end = kMost - 4;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
    text = text.substr(0, end) + "...\"";
  } else {
    text = FirstCodePoints(std::move(text), kMost);
  }
  return std::string(TypeName(value)) + " (" + text + ")";
}

}  // namespace elevaite::jq

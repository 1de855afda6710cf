#include "dsl/tools/render.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace elevaite::dsl::tools {
namespace {

std::string Spaces(std::size_t count) { return std::string(count, ' '); }

// The code points that YAML lets stand as they are, but for the tab and line breaks
// (yaml.org/spec/1.2.2, 5.1).
bool IsPrintable(char32_t c) {
  if (c < 0x80) return c >= 0x20 && c < 0x7F;
  if (c < 0xA0 || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF) return false;
  return c < 0xD800 || c > 0xDFFF;
}

// The code point at `at` of valid UTF-8, which steps on.
char32_t NextCodePoint(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t c = lead & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < text.size(); ++i)
    c = (c << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  return c;
}

bool AllPrintable(std::string_view text, bool breaks_allowed = false) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = NextCodePoint(text, at);
    if (!IsPrintable(c) && !(breaks_allowed && c == '\n')) return false;
  }
  return true;
}

// JSON's escapes are YAML's; some characters more may not stand as they are.
std::string DoubleQuoted(std::string_view text) {
  std::string quoted;
  AppendJsonString(quoted, text);
  if (AllPrintable(quoted)) return quoted;
  std::string out;
  for (std::size_t at = 0; at < quoted.size();) {
    const std::size_t begin = at;
    const char32_t c = NextCodePoint(quoted, at);
    if (IsPrintable(c)) {
      out.append(quoted, begin, at - begin);
    } else {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
    }
  }
  return out;
}

std::string SingleQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

// Words that YAML 1.1 or 1.2 takes for something else than text.
bool IsReservedWord(std::string_view text) {
  if (text.size() > 5) return false;
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  static constexpr std::string_view kWords[] = {"null", "true", "false", "yes",  "no",
                                                "on",   "off",  "~",     ".inf", ".nan"};
  return std::ranges::find(kWords, lower) != std::end(kWords);
}

bool LooksLikeNumber(std::string_view text) {
  const char first = text.front();
  if ((first < '0' || first > '9') && first != '.' && first != '+') return false;
  return text.find_first_not_of("0123456789abcdefABCDEFxXoO._+-:") == std::string_view::npos;
}

bool MayBePlain(std::string_view text, bool in_flow) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("-?:,[]{}#&*!|>'\"%@`=<").find(text.front()) != std::string_view::npos) return false;
  if (IsReservedWord(text) || LooksLikeNumber(text) || !AllPrintable(text)) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  if (!in_flow) return true;
  return text.find_first_of(",[]{}") == std::string_view::npos;
}

// Whether `|` can show the text: no line that blanks begin, no white lines, one line break at the end or
// none.
bool MayBeLiteral(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.ends_with("\n\n") || !AllPrintable(text, true))
    return false;
  if (text.front() == '\n' || text.front() == ' ') return false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (!line.empty() && line.find_first_not_of(' ') == std::string_view::npos) return false;
    at = end + 1;
  }
  return true;
}

std::string Literal(std::string_view text, std::size_t indent, const Style& style) {
  std::string out = text.ends_with('\n') ? " |" : " |-";
  out += style.newline;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out += Spaces(indent) + std::string(text.substr(at, end - at));
    out += style.newline;
    at = end + 1;
  }
  return out;
}

void AppendFlow(const Json& value, bool json, std::string& out) {
  if (value.IsArray()) {
    out += '[';
    bool first = true;
    for (const Json& item : value.AsArray()) {
      if (!std::exchange(first, false)) out += ", ";
      AppendFlow(item, json, out);
    }
    out += ']';
  } else if (value.IsObject()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.AsObject()) {
      if (!std::exchange(first, false)) out += ", ";
      out += TextScalar(key.AsString(), true, json ? Quotes::kDouble : Quotes::kNone) + ": ";
      AppendFlow(member, json, out);
    }
    out += '}';
  } else {
    out += Scalar(value, true, json ? Quotes::kDouble : Quotes::kNone);
  }
}

}  // namespace

bool NeedsBlock(const Json& value, const Style& style) {
  if (value.IsString()) return style.literals && MayBeLiteral(value.AsString());
  return (value.IsArray() || value.IsObject()) && value.Size() > 0;
}

std::string TextScalar(std::string_view text, bool in_flow, Quotes quote) {
  if (quote == Quotes::kDouble || !AllPrintable(text)) return DoubleQuoted(text);
  if (quote == Quotes::kNone && MayBePlain(text, in_flow)) return std::string(text);
  return SingleQuoted(text);
}

std::string Scalar(const Json& value, bool in_flow, Quotes quote) {
  return value.IsString() ? TextScalar(value.AsString(), in_flow, quote) : value.Dump();
}

std::string FlowText(const Json& value, bool json) {
  std::string out;
  AppendFlow(value, json, out);
  return out;
}

std::string JsonLines(const Json& value, std::size_t indent, const Style& style) {
  std::string out;
  for (const char c : value.DumpPretty(static_cast<int>(style.step))) {
    if (c == '\n') {
      out += style.newline + Spaces(indent);
    } else {
      out += c;
    }
  }
  return out;
}

std::string MemberValue(const Json& value, std::size_t indent, const Style& style, Quotes quote) {
  if (!NeedsBlock(value, style)) return " " + Scalar(value, false, quote) + style.newline;
  if (value.IsString()) return Literal(value.AsString(), indent + style.step, style);
  const bool deeper = value.IsObject() || style.indented_sequences;
  return style.newline + BlockLines(value, indent + (deeper ? style.step : 0), style);
}

std::string BlockLines(const Json& value, std::size_t indent, const Style& style) {
  std::string out;
  if (value.IsObject()) {
    for (const auto& [key, member] : value.AsObject()) {
      out += Spaces(indent) + TextScalar(key.AsString(), false) + ":" + MemberValue(member, indent, style);
    }
    return out;
  }
  for (const Json& item : value.AsArray()) {
    out += Spaces(indent) + "-";
    if (item.IsString() || !NeedsBlock(item, style)) {
      out += MemberValue(item, indent, style);
    } else {
      out += " " + BlockLines(item, indent + 2, style).substr(indent + 2);
    }
  }
  return out;
}

}  // namespace elevaite::dsl::tools

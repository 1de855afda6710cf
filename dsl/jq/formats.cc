// @text, @json, @csv, @tsv, @html, @uri, @urid, @sh, @base64(d), @base32(d), and format(name).
#include <array>

#include "dsl/jq/natives.h"
#include "foundation/markup.h"
#include "foundation/percent.h"

namespace elevaite::jq {
namespace {

// A text to transform: room for it, for what is made of it and for the value.
bool TextOf(Context& context, const Json& value, std::string& out) {
  if (value.IsString()) {
    if (!context.Step(value.Size() / 64) || !context.Reserve(4 * value.Size())) return false;
    out += value.AsString();
    return true;
  }
  return ToText(context, value, out);
}

bool MakeText(Context& context, const std::string& text, Json& out) {
  if (!context.Step(text.size() / 32) || !context.ChargeText(text.size())) return false;
  out = Json(text);
  return true;
}

bool FormatText(Context& context, Json& input, Json*, Json& out) {
  return ToStringValue(context, input, out);
}

bool FormatJson(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  return ToText(context, input, text) && MakeText(context, text, out);
}

bool FormatRow(Context& context, const Json& input, bool csv, Json& out) {
  const char* name = csv ? "csv" : "tsv";
  if (!input.IsArray())
    return context.Fail(Describe(input) + " cannot be " + name + "-formatted, only an array can be");
  std::string row;
  const Context::LocalRoot root(context, row);
  bool first = true;
  for (const Json& item : input.AsArray()) {
    if (!context.Step(1 + item.Size() / 64) || !context.Grow(row, 2 * item.Size() + 3)) return false;
    if (!first) row += csv ? ',' : '\t';
    first = false;
    switch (item.type()) {
      case Json::Type::kNull: break;
      case Json::Type::kBool: row += item.AsBool() ? "true" : "false"; break;
      case Json::Type::kNumber:
        if (item.AsDouble() == item.AsDouble()) AppendNumber(row, item);
        break;
      case Json::Type::kString:
        if (csv) row += '"';
        for (const char c : item.AsString()) {
          if (csv) {
            row += c;
            if (c == '"') row += '"';
          } else if (c == '\t') {
            row += "\\t";
          } else if (c == '\n') {
            row += "\\n";
          } else if (c == '\r') {
            row += "\\r";
          } else if (c == '\\') {
            row += "\\\\";
          } else {
            row += c;
          }
        }
        if (csv) row += '"';
        break;
      default: return context.Fail(Describe(item) + " is not valid in a " + name + " row");
    }
  }
  return MakeText(context, row, out);
}
bool FormatCsv(Context& context, Json& input, Json*, Json& out) {
  return FormatRow(context, input, true, out);
}
bool FormatTsv(Context& context, Json& input, Json*, Json& out) {
  return FormatRow(context, input, false, out);
}

bool FormatHtml(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  if (!TextOf(context, input, text)) return false;
  return MakeText(context, EscapeMarkup(text), out);
}

bool FormatUri(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  return TextOf(context, input, text) && MakeText(context, PercentEncode(text), out);
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool FormatUriDecode(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  if (!TextOf(context, input, text)) return false;
  std::string decoded;
  bool valid = true;
  for (std::size_t i = 0; valid && i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    valid = i + 2 < text.size() && HexValue(text[i + 1]) >= 0 && HexValue(text[i + 2]) >= 0;
    if (valid) decoded += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
    i += 2;
  }
  if (!valid || FindInvalidUtf8(decoded) != std::string_view::npos) {
    return context.Fail(Describe(Json(text)) + " is not a valid uri encoding");
  }
  return MakeText(context, decoded, out);
}

bool FormatShell(Context& context, Json& input, Json*, Json& out) {
  std::string line;
  const Context::LocalRoot root(context, line);
  auto add = [&](const Json& word) {
    if (word.IsArray() || word.IsObject())
      return context.Fail(Describe(word) + " can not be escaped for shell");
    if (!word.IsString()) return ToText(context, word, line);
    if (!context.Step(1 + word.Size() / 32) || !context.Grow(line, 4 * word.Size() + 2)) return false;
    line += '\'';
    for (const char c : word.AsString()) {
      if (c == '\'') {
        line += "'\\''";
      } else {
        line += c;
      }
    }
    line += '\'';
    return true;
  };
  if (input.IsArray()) {
    for (std::size_t i = 0; i < input.Size(); ++i) {
      if (i > 0) line += ' ';
      if (!add(input.AsArray()[i])) return false;
    }
  } else if (!add(input)) {
    return false;
  }
  return MakeText(context, line, out);
}

// ---- Binary to text
// ----------------------------------------------------------------------------------------------------

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// `bits` a digit; padded with '=' to a multiple of `group` digits.
std::string Encode(std::string_view bytes, const char* alphabet, unsigned bits, std::size_t group) {
  std::string text;
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    pending = (pending << 8U) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= bits) {
      held -= bits;
      text += alphabet[(pending >> held) & ((1U << bits) - 1)];
    }
    pending &= (1U << held) - 1;
  }
  if (held > 0) text += alphabet[(pending << (bits - held)) & ((1U << bits) - 1)];
  while (text.size() % group != 0) text += '=';
  return text;
}

// False: a character that is not of the alphabet.
bool Decode(std::string_view text, const char* alphabet, unsigned bits, std::string& bytes) {
  std::array<int, 256> digits;
  digits.fill(-1);
  for (int i = 0; alphabet[i] != 0; ++i) digits[static_cast<unsigned char>(alphabet[i])] = i;
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int digit = digits[static_cast<unsigned char>(c)];
    if (digit < 0) return false;
    pending = (pending << bits) | static_cast<std::uint32_t>(digit);
    held += bits;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((pending >> held) & 0xFFU);
      pending &= (1U << held) - 1;
    }
  }
  return true;
}

// Bytes that are no UTF-8 become U+FFFD, as jq does.
std::string RepairUtf8(std::string_view bytes) {
  std::string text;
  for (;;) {
    const std::size_t bad = FindInvalidUtf8(bytes);
    if (bad == std::string_view::npos) return text += bytes;
    text += bytes.substr(0, bad);
    text += "\xEF\xBF\xBD";
    std::size_t next = bad + 1;
    while (next < bytes.size() && (static_cast<unsigned char>(bytes[next]) & 0xC0U) == 0x80) ++next;
    bytes.remove_prefix(next);
  }
}

bool FormatBase64(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  return TextOf(context, input, text) && MakeText(context, Encode(text, kBase64, 6, 4), out);
}
bool FormatBase32(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  return TextOf(context, input, text) && MakeText(context, Encode(text, kBase32, 5, 8), out);
}

bool FormatBase64Decode(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  std::string bytes;
  if (!TextOf(context, input, text)) return false;
  if (!Decode(text, kBase64, 6, bytes))
    return context.Fail(Describe(Json(text)) + " is not valid base64 data");
  std::size_t digits = text.size();
  while (digits > 0 && text[digits - 1] == '=') --digits;
  if (digits % 4 == 1) return context.Fail(Describe(Json(text)) + " trailing base64 byte found");
  return MakeText(context, RepairUtf8(bytes), out);
}
bool FormatBase32Decode(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  std::string bytes;
  if (!TextOf(context, input, text)) return false;
  if (!Decode(text, kBase32, 5, bytes))
    return context.Fail(Describe(Json(text)) + " is not valid base32 data");
  return MakeText(context, RepairUtf8(bytes), out);
}

constexpr Native kNatives[] = {
    {"text", 0, false, FormatText},      {"json", 0, false, FormatJson},
    {"csv", 0, false, FormatCsv},        {"tsv", 0, false, FormatTsv},
    {"html", 0, false, FormatHtml},      {"uri", 0, false, FormatUri},
    {"urid", 0, false, FormatUriDecode}, {"sh", 0, false, FormatShell},
    {"base64", 0, false, FormatBase64},  {"base64d", 0, false, FormatBase64Decode},
    {"base32", 0, false, FormatBase32},  {"base32d", 0, false, FormatBase32Decode},
};

}  // namespace

std::span<const Native> FormatNatives() { return kNatives; }

}  // namespace elevaite::jq

// Strings and conversions.
#include <algorithm>
#include <cmath>

#include "dsl/jq/lexer.h"
#include "dsl/jq/natives.h"

namespace elevaite::jq {

bool ToStringValue(Context& context, const Json& value, Json& out) {
  if (value.IsString()) {
    out = value;
    return true;
  }
  std::string text;
  if (!ToText(context, value, text)) return false;
  out = Json(text);
  return true;
}

namespace {

bool MakeText(Context& context, std::string_view text, Json& out) {
  if (!context.Step(text.size() / 64) || !context.ChargeText(text.size())) return false;
  out = Json(text);
  return true;
}

bool ToString(Context& context, Json& input, Json*, Json& out) { return ToStringValue(context, input, out); }

bool ToJson(Context& context, Json& input, Json*, Json& out) {
  std::string text;
  if (!ToText(context, input, text)) return false;
  out = Json(text);
  return true;
}

bool FromJson(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsString()) return context.Fail(Describe(input) + " only strings can be parsed");
  return FromText(context, input.AsString(), out);
}

bool ToNumber(Context& context, Json& input, Json*, Json& out) {
  if (input.IsNumber()) {
    out = input;
    return true;
  }
  if (input.IsString()) {
    const std::string_view text = input.AsString();
    if (context.Step(text.size() / 16) && NumberFromWord(text, out) && !std::isnan(out.AsDouble()))
      return true;
    if (context.failed()) return false;
    if (text == "nan") {
      out = std::nan("");
      return true;
    }
  }
  return context.Fail(Describe(input) + " cannot be parsed as a number");
}

bool ToBoolean(Context& context, Json& input, Json*, Json& out) {
  if (input.IsBool()) {
    out = input;
    return true;
  }
  if (input.StringOr("") == "true" || input.StringOr("") == "false") {
    out = Json(input.AsString() == "true");
    return true;
  }
  return context.Fail(Describe(input) + " cannot be parsed as a boolean");
}

bool Utf8ByteLength(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsString()) return context.Fail(Describe(input) + " only strings have UTF-8 byte length");
  out = static_cast<std::int64_t>(input.Size());
  return true;
}

bool StartsWith(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsString() || !arguments[0].IsString())
    return context.Fail("startswith() requires string inputs");
  out = Json(input.AsString().starts_with(arguments[0].AsString()));
  return true;
}
bool EndsWith(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsString() || !arguments[0].IsString()) return context.Fail("endswith() requires string inputs");
  out = Json(input.AsString().ends_with(arguments[0].AsString()));
  return true;
}

bool TrimStrings(Context& context, Json& input, const Json& part, bool left, bool right, Json& out) {
  if (!input.IsString() || !part.IsString()) {
    return context.Fail(left ? "startswith() requires string inputs" : "endswith() requires string inputs");
  }
  std::string_view text = input.AsString();
  const std::string_view cut = part.AsString();
  if (left && text.starts_with(cut)) text.remove_prefix(cut.size());
  if (right && text.ends_with(cut)) text.remove_suffix(cut.size());
  return MakeText(context, text, out);
}
bool LeftTrimString(Context& context, Json& input, Json* arguments, Json& out) {
  return TrimStrings(context, input, arguments[0], true, false, out);
}
bool RightTrimString(Context& context, Json& input, Json* arguments, Json& out) {
  return TrimStrings(context, input, arguments[0], false, true, out);
}
bool TrimString(Context& context, Json& input, Json* arguments, Json& out) {
  return TrimStrings(context, input, arguments[0], true, true, out);
}

bool IsWhitespace(std::string_view text, std::size_t at, std::size_t length) {
  const std::string_view c = text.substr(at, length);
  static constexpr std::string_view kSpaces[] = {" ",
                                                 "\t",
                                                 "\n",
                                                 "\v",
                                                 "\f",
                                                 "\r",
                                                 "\xC2\x85",
                                                 "\xC2\xA0",
                                                 "\xE1\x9A\x80",
                                                 "\xE2\x80\xA8",
                                                 "\xE2\x80\xA9",
                                                 "\xE2\x80\xAF",
                                                 "\xE2\x81\x9F",
                                                 "\xE3\x80\x80"};
  if (std::ranges::find(kSpaces, c) != std::end(kSpaces)) return true;
  return c.size() == 3 && c.starts_with("\xE2\x80") &&
         static_cast<unsigned char>(c[2]) <= 0x8A;  // U+2000..U+200A
}

bool TrimSpaces(Context& context, Json& input, bool left, bool right, Json& out) {
  if (!input.IsString()) return context.Fail("trim input must be a string");
  const std::string_view text = input.AsString();
  std::size_t begin = 0;
  std::size_t end = text.size();
  while (left && begin < end) {
    const std::size_t length = OffsetOf(text.substr(begin), 1);
    if (!IsWhitespace(text, begin, length)) break;
    begin += length;
  }
  while (right && end > begin) {
    std::size_t start = end - 1;
    while (start > begin && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80) --start;
    if (!IsWhitespace(text, start, end - start)) break;
    end = start;
  }
  return MakeText(context, text.substr(begin, end - begin), out);
}
bool Trim(Context& context, Json& input, Json*, Json& out) {
  return TrimSpaces(context, input, true, true, out);
}
bool LeftTrim(Context& context, Json& input, Json*, Json& out) {
  return TrimSpaces(context, input, true, false, out);
}
bool RightTrim(Context& context, Json& input, Json*, Json& out) {
  return TrimSpaces(context, input, false, true, out);
}

std::uint32_t DecodeAt(std::string_view text, std::size_t& at) {
  const std::size_t length = OffsetOf(text.substr(at), 1);
  const auto lead = static_cast<unsigned char>(text[at]);
  std::uint32_t c =
      length == 1 ? lead : (length == 2 ? lead & 0x1FU : (length == 3 ? lead & 0x0FU : lead & 0x07U));
  for (std::size_t i = 1; i < length; ++i) c = (c << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  at += length;
  return c;
}

bool Explode(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsString()) return context.Fail("explode input must be a string");
  const std::string_view text = input.AsString();
  std::vector<Json> points;
  if (!context.Step(text.size() / 4) || !context.Reserve(text.size() * sizeof(Json))) return false;
  for (std::size_t at = 0; at < text.size();)
    points.emplace_back(static_cast<std::int64_t>(DecodeAt(text, at)));
  return MakeArray(context, std::move(points), out);
}

bool Implode(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsArray()) return context.Fail("implode input must be an array");
  std::string text;
  if (!context.Step(input.Size())) return false;
  for (const Json& point : input.AsArray()) {
    if (!point.IsNumber() || std::isnan(point.AsDouble())) {
      return context.Fail(Describe(point) + " can't be imploded, unicode codepoint needs to be numeric");
    }
    const double value = std::trunc(point.AsDouble());
    const bool valid = value >= 0 && value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
    AppendUtf8(text, valid ? static_cast<std::uint32_t>(value) : 0xFFFD);
  }
  return MakeText(context, text, out);
}

bool MapAscii(Context& context, Json& input, char from, char to, const char* name, Json& out) {
  if (!input.IsString()) return context.Fail(std::string(name) + " input must be a string");
  std::string text(input.AsString());
  for (char& c : text) {
    if (c >= from && c <= to) c = static_cast<char>(c ^ 0x20);
  }
  return MakeText(context, text, out);
}
bool Downcase(Context& context, Json& input, Json*, Json& out) {
  return MapAscii(context, input, 'A', 'Z', "ascii_downcase", out);
}
bool Upcase(Context& context, Json& input, Json*, Json& out) {
  return MapAscii(context, input, 'a', 'z', "ascii_upcase", out);
}

bool Split(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsString() || !arguments[0].IsString())
    return context.Fail("split input and separator must be strings");
  return Arithmetic2(context, Arithmetic::kDivide, input, arguments[0], out);
}

bool Join(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsArray() && !input.IsObject()) return context.Fail("Cannot iterate over " + Describe(input));
  const Json held = input;
  std::string text;
  const Context::LocalRoot root(context, text);
  const Json& separator = arguments[0];
  if (held.Size() > 0 && !separator.IsString() && !(separator.IsNull())) {
    Json first = held.IsArray() ? held.AsArray()[0] : held.AsObject()[0].value;
    if (first.IsNull()) first = Json("");
    return context.Fail(Describe(first.IsString() ? first : Json("")) + " and " + Describe(separator) +
                        " cannot be added");
  }
  for (std::size_t i = 0; i < held.Size(); ++i) {
    if (!context.Step()) return false;
    const Json& item = held.IsArray() ? held.AsArray()[i] : held.AsObject()[i].value;
    if (!context.Grow(text, (item.IsString() ? item.Size() : 0) + separator.Size())) return false;
    if (i > 0) text += separator.StringOr("");
    if (item.IsArray() || item.IsObject()) {
      return context.Fail(Describe(Json(text)) + " and " + Describe(item) + " cannot be added");
    }
    if (item.IsString()) {
      text += item.AsString();
    } else if (!item.IsNull() && !ToText(context, item, text)) {
      return false;
    }
  }
  return MakeText(context, text, out);
}

// Positions of a text in a text, in code points; overlapping ones too.
bool StringIndices(Context& context, Json& input, Json* arguments, Json& out) {
  if (!input.IsString()) return context.Fail(Describe(input) + " cannot be searched, as it is not a string");
  if (!arguments[0].IsString()) return context.Fail(Describe(arguments[0]) + " is not a string");
  const std::string_view text = input.AsString();
  const std::string_view wanted = arguments[0].AsString();
  std::vector<Json> found;
  if (!context.Step(text.size() / 8)) return false;
  if (!wanted.empty()) {
    std::int64_t points = 0;
    std::size_t counted = 0;
    for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
      points += static_cast<std::int64_t>(CountCodePoints(text.substr(counted, at - counted)));
      counted = at;
      found.emplace_back(points);
      if (!context.Step(1 + wanted.size() / 64)) return false;
    }
  }
  return MakeArray(context, std::move(found), out);
}

bool Indices(Context& context, Json& input, Json* arguments, Json& out) {
  const Json& wanted = arguments[0];
  if (input.IsNull()) {
    out = Json();
    return true;
  }
  if (input.IsString() && wanted.IsString()) {
    if (wanted.Size() == 0) {
      out = Json();
      return true;
    }
    return StringIndices(context, input, arguments, out);
  }
  if (input.IsArray()) return Index(context, input, wanted.IsArray() ? wanted : Json::Array({wanted}), out);
  return Index(context, input, wanted, out);
}
bool FirstIndex(Context& context, Json& input, Json* arguments, Json& out) {
  Json all;
  if (!Indices(context, input, arguments, all)) return false;
  return Index(context, all, Json(0), out);
}
bool LastIndex(Context& context, Json& input, Json* arguments, Json& out) {
  Json all;
  if (!Indices(context, input, arguments, all)) return false;
  return Index(context, all, Json(-1), out);
}

bool Ascii(Context& context, Json& input, Json*, Json& out) {
  if (!input.IsNumber()) return context.Fail(Describe(input) + " is not a code point");
  Json array = Json::Array({input});
  return Implode(context, array, nullptr, out);
}

constexpr Native kNatives[] = {
    {"tostring", 0, false, ToString},
    {"tojson", 0, false, ToJson},
    {"fromjson", 0, false, FromJson},
    {"tonumber", 0, false, ToNumber},
    {"toboolean", 0, false, ToBoolean},
    {"utf8bytelength", 0, false, Utf8ByteLength},
    {"startswith", 1, false, StartsWith},
    {"endswith", 1, false, EndsWith},
    {"ltrimstr", 1, false, LeftTrimString},
    {"rtrimstr", 1, false, RightTrimString},
    {"trimstr", 1, false, TrimString},
    {"trim", 0, false, Trim},
    {"ltrim", 0, false, LeftTrim},
    {"rtrim", 0, false, RightTrim},
    {"explode", 0, false, Explode},
    {"implode", 0, false, Implode},
    {"ascii_downcase", 0, false, Downcase},
    {"ascii_upcase", 0, false, Upcase},
    {"split", 1, false, Split},
    {"join", 1, false, Join},
    {"_strindices", 1, false, StringIndices},
    {"indices", 1, false, Indices},
    {"index", 1, false, FirstIndex},
    {"rindex", 1, false, LastIndex},
    {"ascii", 0, false, Ascii},
};

}  // namespace

std::span<const Native> StringNatives() { return kNatives; }

}  // namespace elevaite::jq

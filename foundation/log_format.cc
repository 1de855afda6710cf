#include "foundation/log_format.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "foundation/json.h"

namespace elevaite::log_internal {
namespace {

constexpr std::size_t kValueMax = 8U << 10U;
constexpr std::array<std::string_view, 5> kNames{"debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 5> kHumanNames{"DEBUG", "INFO ", "WARN ", "ERROR", "OFF  "};
constexpr std::array<std::string_view, 5> kColours{"\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", ""};
constexpr std::string_view kPlain = "\x1b[0m";

// The bytes of the UTF-8 character that begins at `at`; 0 when none does.
std::size_t CharacterAt(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  return FindInvalidUtf8(text.substr(at, length)) == std::string_view::npos && at + length <= text.size()
             ? length
             : 0;
}

// C1 controls (U+0080 to U+009F) move the cursor of some terminals; U+2028 and U+2029 end lines in some
// viewers.
bool IsUnsafe(std::string_view character) {
  if (character.size() == 1) {
    const auto c = static_cast<unsigned char>(character[0]);
    return c < 0x20 || c == 0x7F;
  }
  return (character.size() == 2 && character[0] == '\xC2' &&
          static_cast<unsigned char>(character[1]) < 0xA0) ||
         character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9";
}

unsigned CodePointOf(std::string_view c) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(c[i]); };
  if (c.size() == 1) return byte(0);
  if (c.size() == 2) return ((byte(0) & 0x1FU) << 6U) | (byte(1) & 0x3FU);
  return ((byte(0) & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
}

// Escapes so that the text stays on its line and within its quotes: \n, \" and \\ short, others \u001b. A
// byte that is not UTF-8 shows as U+FFFD in JSON, which has no way to write it, and as \xff for people.
void AppendEscaped(std::string& out, std::string_view text, bool json) {
  const std::string_view kept = text.substr(0, kValueMax);
  for (std::size_t at = 0; at < kept.size();) {
    const std::size_t length = CharacterAt(kept, at);
    if (length == 0) {
      out += json ? std::string("\\ufffd") : fmt::format("\\x{:02x}", static_cast<unsigned char>(kept[at]));
      ++at;
      continue;
    }
    const std::string_view character = kept.substr(at, length);
    if (character == "\"" || character == "\\") {
      out += '\\';
      out += character;
    } else if (character == "\n") {
      out += "\\n";
    } else if (IsUnsafe(character)) {
      out += fmt::format("\\u{:04x}", CodePointOf(character));
    } else {
      out += character;
    }
    at += length;
  }
  if (kept.size() < text.size()) out += fmt::format("...(+{} bytes)", text.size() - kept.size());
}

void AppendText(std::string& out, std::string_view text, bool json) {
  const bool bare = !json && !text.empty() && text.size() <= kValueMax &&
                    text.find_first_of(" \"\\=") == std::string_view::npos &&
                    FindInvalidUtf8(text) == std::string_view::npos;
  std::string escaped;
  AppendEscaped(escaped, text, json);
  if (bare && escaped == text) {
    out += text;
  } else {
    out += '"';
    out += escaped;
    out += '"';
  }
}

void AppendValue(std::string& out, const Field& field, bool json) {
  switch (field.kind()) {
    case Field::Kind::kText: AppendText(out, field.text(), json); break;
    case Field::Kind::kInt: out += fmt::format("{}", field.integer()); break;
    case Field::Kind::kUnsigned: out += fmt::format("{}", static_cast<std::uint64_t>(field.integer())); break;
    case Field::Kind::kReal:
      if (std::isfinite(field.real())) {
        out += fmt::format("{}", field.real());
      } else {
        AppendText(out, fmt::format("{}", field.real()), json);
      }
      break;
    case Field::Kind::kBool: out += field.integer() != 0 ? "true" : "false"; break;
  }
}

void AppendJsonKey(std::string& out, std::string_view key) {
  out += ',';
  // A field must not pass itself off as one of ours.
  const bool reserved = key == "time" || key == "level" || key == "message";
  AppendText(out, reserved ? "field_" + std::string(key) : std::string(key), true);
  out += ':';
}

}  // namespace

std::string FormatJson(const Line& line) {
  std::string out = R"({"time":")" + line.time.ToRfc3339() + R"(","level":")";
  out += kNames.at(static_cast<std::size_t>(line.level));
  out += R"(","message":)";
  AppendText(out, line.message, true);
  if (line.context != nullptr) {
    for (const auto& [key, value] : line.context->fields()) {
      AppendJsonKey(out, key);
      AppendText(out, value, true);
    }
  }
  for (const Field& field : line.fields) {
    AppendJsonKey(out, field.key());
    AppendValue(out, field, true);
  }
  out += "}\n";
  return out;
}

std::string FormatHuman(const Line& line, bool colour) {
  const auto level = static_cast<std::size_t>(line.level);
  std::string out = line.time.ToRfc3339().substr(11, 12) + " ";
  if (colour) out += kColours.at(level);
  out += kHumanNames.at(level);
  if (colour) out += kPlain;
  out += ' ';
  AppendEscaped(out, line.message, false);
  const char* space = "  ";
  const auto key_is = [&](std::string_view key) {
    out += std::exchange(space, " ");
    AppendEscaped(out, key, false);
    out += '=';
  };
  if (line.context != nullptr) {
    for (const auto& [key, value] : line.context->fields()) {
      key_is(key);
      AppendText(out, value, false);
    }
  }
  for (const Field& field : line.fields) {
    key_is(field.key());
    AppendValue(out, field, false);
  }
  out += '\n';
  return out;
}

}  // namespace elevaite::log_internal

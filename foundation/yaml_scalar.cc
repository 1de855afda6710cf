// What scalars mean, and how places and errors are told.
#include <charconv>

#include "foundation/yaml_build.h"

namespace elevaite::yaml {
namespace {

bool AllOf(std::string_view text, bool (*test)(char)) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!test(c)) return false;
  }
  return true;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool ResolveRadix(std::string_view digits, int radix, Json& value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, radix);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  value = Json(number);
  return true;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?  rewritten as a JSON number; empty when
// it is none.
std::string JsonNumberOf(std::string_view text) {
  std::string out;
  if (text.starts_with('-')) out = "-";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::size_t whole = 0;
  while (whole < text.size() && IsDigit(text[whole])) ++whole;
  std::string_view integer = text.substr(0, whole);
  text.remove_prefix(whole);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < text.size() && IsDigit(text[digits])) ++digits;
    fraction = text.substr(0, digits);
    text.remove_prefix(digits);
  }
  if (integer.empty() && fraction.empty()) return {};
  while (integer.size() > 1 && integer.front() == '0') integer.remove_prefix(1);
  out += integer.empty() ? "0" : integer;
  if (!fraction.empty()) out.append(".").append(fraction);
  if (text.empty()) return out;
  if (text.front() != 'e' && text.front() != 'E') return {};
  std::string_view digits = text.substr(1);
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (!AllOf(digits, IsDigit)) return {};
  return out.append(text);
}

}  // namespace

bool ResolvePlain(std::string_view text, Json& value) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    value = Json();
    return true;
  }
  if (text == "true" || text == "True" || text == "TRUE") {
    value = Json(true);
    return true;
  }
  if (text == "false" || text == "False" || text == "FALSE") {
    value = Json(false);
    return true;
  }
  const char first = text.front();
  if (IsDigit(first) || first == '-' || first == '+' || first == '.') {
    if (text.starts_with("0x") && AllOf(text.substr(2), [](char c) {
          return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        })) {
      return ResolveRadix(text.substr(2), 16, value);
    }
    if (text.starts_with("0o") && AllOf(text.substr(2), [](char c) { return c >= '0' && c <= '7'; })) {
      return ResolveRadix(text.substr(2), 8, value);
    }
    const std::string_view unsigned_text = first == '-' || first == '+' ? text.substr(1) : text;
    if (unsigned_text == ".inf" || unsigned_text == ".Inf" || unsigned_text == ".INF" || text == ".nan" ||
        text == ".NaN" || text == ".NAN") {
      return false;
    }
    if (const std::string number = JsonNumberOf(text); !number.empty()) {
      value = Json::NumberFromText(number);
      return true;
    }
  }
  value = Json(text);
  return true;
}

std::string At(Position position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

std::unexpected<YamlError> FailAt(Position position, std::string message) {
  return std::unexpected(
      YamlError{.message = std::move(message), .line = position.line, .column = position.column});
}

std::unexpected<YamlError> Duplicate(std::string_view key, Position position, Position first) {
  auto error = FailAt(position, "duplicate key '" + std::string(key) + "' (first at " + At(first) + ")");
  error.error().related = first;
  return error;
}

Position PositionOfOffset(std::string_view text, std::size_t offset) {
  Position position{1, 1};
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((byte & 0xC0U) != 0x80U && byte != '\r') {
      ++position.column;
    }
  }
  return position;
}

std::string YamlError::ToString() const { return At({line, column}) + ": " + message; }

Error YamlError::ToError(std::string_view source) const {
  return Error{.code = too_large ? ErrorCode::kPayloadTooLarge : ErrorCode::kInvalidArgument,
               .message = std::string(source) + ": " + ToString()};
}

}  // namespace elevaite::yaml

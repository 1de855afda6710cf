// JSON Pointers (RFC 6901).
#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "foundation/json.h"

namespace elevaite {

// Appends "/token", escaped.
inline void AppendToken(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

// Takes the first token off; `pointer` is empty or starts with '/'.
inline std::string TakeToken(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  std::string token;
  for (std::size_t i = 0; i < end; ++i) {
    const bool escaped = pointer[i] == '~' && i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1');
    token += escaped ? (pointer[++i] == '0' ? '~' : '/') : pointer[i];
  }
  pointer.remove_prefix(end);
  return token;
}

// The value at `pointer`, or nullptr.
inline const Json* FindAt(const Json& root, std::string_view pointer) {
  const Json* value = &root;
  while (!pointer.empty() && value != nullptr) {
    if (pointer.front() != '/') return nullptr;
    const std::string token = TakeToken(pointer);
    if (!value->IsArray()) {
      value = value->Find(token);
      continue;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool good = error == std::errc() && end == token.data() + token.size() &&
                      (token == "0" || !token.starts_with('0')) && index < value->Size();
    value = good ? &value->At(index) : nullptr;
  }
  return value;
}

}  // namespace elevaite

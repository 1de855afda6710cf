// Cutting texts without cutting characters.
#pragma once

#include <cstddef>
#include <string_view>

namespace elevaite {

// The longest prefix of a valid UTF-8 text that has at most `bytes_max` bytes and ends between two
// characters.
inline std::string_view Utf8Prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  return text.substr(0, bytes_max);
}

}  // namespace elevaite

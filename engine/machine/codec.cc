#include "engine/machine/codec.h"

#include <limits>

namespace elevaite::engine::codec {

void Writer::Varint(std::uint64_t value) {
  while (value >= 0x80) {
    Byte(static_cast<std::uint8_t>(value | 0x80U));
    value >>= 7U;
  }
  Byte(static_cast<std::uint8_t>(value));
}

void Writer::Value(const Json& value) {
  text_.clear();
  value.DumpTo(text_);
  Varint(text_.size());
  out_ += text_;
}

std::uint8_t Reader::Byte() {
  if (rest_.empty()) {
    Fail();
    return 0;
  }
  const auto value = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

std::uint64_t Reader::Varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = Byte();
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  Fail();
  return 0;
}

std::uint32_t Reader::Varint32() {
  const std::uint64_t value = Varint();
  if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
  Fail();
  return 0;
}

std::string_view Reader::Raw(std::size_t size) {
  if (size > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view raw = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return raw;
}

Json Reader::Value() {
  const std::uint64_t size = Varint();
  const std::size_t at = bytes_.size() - rest_.size();
  const std::string_view text = Raw(size);
  if (!ok_) return {};
  if (large_) {
    if (size > above_) large_->push_back({.at = at, .size = size});
    return {};
  }
  auto value = ParseJson(text, {.bytes_max = std::numeric_limits<std::size_t>::max(),
                                .depth_max = Json::kMaxDepth,
                                .allow_duplicate_keys = true});
  if (value) return *std::move(value);
  Fail();
  return {};
}

}  // namespace elevaite::engine::codec

// The bytes of journal rows and snapshots: varints and JSON text. Private to the engine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/machine/extents.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine::codec {

class Writer {
 public:
  Writer() { out_.reserve(128); }  // most rows are shorter
  void Byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void Varint(std::uint64_t value);
  void Value(const Json& value);  // varint length + JSON text
  void Raw(std::string_view bytes) { out_ += bytes; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
  std::string text_;
};

// Reads what Writer wrote. After the first mistake every read gives zero and ok() is false: check once at the
// end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes), rest_(bytes) {}
  // Reads no values, which are all null then, but writes down where those of more than `above` bytes are.
  Reader(std::string_view bytes, std::size_t above, std::vector<Extent>& large)
      : bytes_(bytes), rest_(bytes), above_(above), large_(&large) {}
  std::uint8_t Byte();
  std::uint64_t Varint();
  std::uint32_t Varint32();
  Json Value();
  std::string_view Raw(std::size_t size);
  std::string_view Rest() { return Raw(rest_.size()); }
  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::string_view bytes_;
  std::string_view rest_;
  std::size_t above_ = 0;
  std::vector<Extent>* large_ = nullptr;
  bool ok_ = true;
};

}  // namespace elevaite::engine::codec

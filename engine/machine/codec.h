// The bytes of journal rows and snapshots: varints and JSON text. Private to engine/machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine::codec {

class Writer {
 public:
  void Byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void Varint(std::uint64_t value);
  void Value(const Json& value);  // varint length + JSON text
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
  std::string text_;
};

// Reads what Writer wrote. After the first mistake every read gives zero and ok() is false: check once at the
// end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t Byte();
  std::uint64_t Varint();
  std::uint32_t Varint32();
  Json Value();
  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace elevaite::engine::codec

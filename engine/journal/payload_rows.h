// Rows of the journal, and snapshots, whose large values stand elsewhere: in the store of objects.
//
//   byte 0xff (no row or snapshot begins with it); varint: how many values; for each of them, in order:
//   varint of the bytes of the row between it and the one before, varint of its own bytes, its id (16 bytes),
//   its SHA-256 (32 bytes); then the rest of the row, without them.
//
// What stands elsewhere is told by where it was cut out, not by anything that stands in its place: no value
// of a user can be taken for one. A row without large values stays as it is.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/machine/extents.h"
#include "foundation/ids.h"
#include "foundation/result.h"

namespace elevaite::engine {

struct PayloadTag {
  static constexpr std::string_view kPrefix = "pay_", kName = "payload";
};
using PayloadId = Id<PayloadTag>;

// A value that stands elsewhere.
struct PayloadRef {
  PayloadId id;
  std::uint64_t bytes = 0;
  std::array<std::uint8_t, 32> sha256{};
  friend bool operator==(const PayloadRef&, const PayloadRef&) = default;
};

// `refs`: what to write for each of `values`, which are not empty.
std::string Detach(std::string_view row, const std::vector<Extent>& values,
                   const std::vector<PayloadRef>& refs);

bool IsDetached(std::string_view stored);
// Those of a row as it is stored, in order; one may stand there several times. kDataLoss: it cannot be read.
Result<std::vector<PayloadRef>> RefsOf(std::string_view stored);

// The row as it was. `find` gives the text of a value, or the error of all.
Result<std::string> Attach(std::string stored,
                           const std::function<Result<std::string>(const PayloadRef&)>& find);

}  // namespace elevaite::engine

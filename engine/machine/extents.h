// Where the large values are in the bytes of a row of the journal, or of a snapshot: found without reading
// any value. Bytes that cannot be read have none, or those before the mistake.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace elevaite::engine {

// The text of a value: bytes [at, at + size) of the row.
struct Extent {
  std::size_t at = 0;
  std::size_t size = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

// Of values whose text has more than `above` bytes, in order.
std::vector<Extent> LargeValuesOfEvents(std::string_view bytes, std::size_t above);  // EncodeEvents
std::vector<Extent> LargeValuesOfState(std::string_view bytes, std::size_t above);   // EncodeState

}  // namespace elevaite::engine

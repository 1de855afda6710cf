// Reads TZif files (RFC 8536). Private to foundation/time_zone.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "foundation/result.h"

namespace elevaite {

struct ZoneTransition {
  std::int64_t unix = 0;    // from here on ...
  std::int64_t offset = 0;  // ... the wall is so many seconds ahead of UTC
};

struct ZoneTable {
  std::int64_t first_offset = 0;  // before all transitions
  std::vector<ZoneTransition> transitions{};
  bool repeats = false;  // the last 400 years of the table go on forever
};

Result<ZoneTable> ReadZoneFile(std::string_view bytes);

}  // namespace elevaite

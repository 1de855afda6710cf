// Ids of executions that must be started once, however often their start is tried: made from what causes the
// start.
#pragma once

#include <cstdint>
#include <string_view>

#include "foundation/ids.h"

namespace elevaite::workflow {

// A version 7 UUID with this time, whose other bits follow from `cause`: equal causes give equal ids.
ExecutionId DerivedId(std::int64_t time_us, std::string_view cause);

}  // namespace elevaite::workflow

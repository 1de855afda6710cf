// The ownership of a process that has the database for itself: a lock of the database sees to that, so there
// are no leases, nobody to give anything to, and no commit need be checked. Epochs are raised at each start.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cluster/ownership.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// All partitions, whose number may be another one than before. Blocks.
Result<std::vector<Tenure>> TakeAll(database::Database& db, std::uint32_t partitions);
// Nothing is being written any more. Blocks.
Result<void> GiveBackAll(database::Database& db);

}  // namespace elevaite::engine

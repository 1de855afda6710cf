// What mutations do to an execution that is read back from the disk.
#pragma once

#include "engine/journal/journal.h"
#include "engine/simulation/mutation.h"

namespace elevaite::simulation {

// `stored` as it is, unless the mutation is one of reading.
engine::StoredExecution Damaged(engine::StoredExecution stored, Mutation mutation);

}  // namespace elevaite::simulation

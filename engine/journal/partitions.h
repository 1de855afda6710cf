// The partitions of the journal's tables in PostgreSQL (migrations/postgres/0001_journal.sql).
#pragma once

#include <cstdint>

#include "infra/database/database.h"

namespace elevaite::engine {

// Those of the next eight weeks that are missing; how many were made. To be called at the start and once a
// day. Blocks. What cannot be made now is made by a later call.
Result<std::int64_t> MakePartitions(database::Database& db);

// After an import: moves what came for weeks that have no table yet into tables of these; how many rows.
Result<std::int64_t> PlacePast(database::Database& db);

}  // namespace elevaite::engine

// The partitions of the journal's tables in PostgreSQL (migrations/postgres/0001_journal.sql).
#pragma once

#include <cstdint>

#include "infra/database/upkeep.h"

namespace elevaite::engine {

struct MadePartitions {
  std::int64_t made = 0;
  std::int64_t missing = 0;  // somebody keeps a lock, or has them in the making
};

// Those of this week and the next eight that are missing. To be called at the start and some times a day.
// Blocks. What cannot be made now is made by a later call: until then its rows go into `*_rest`.
Result<MadePartitions> MakePartitions(database::Database& db, database::Upkeep& upkeep);

// After an import: moves what came for weeks that have no table yet into tables of these; how many rows.
Result<std::int64_t> PlacePast(database::Database& db);

}  // namespace elevaite::engine

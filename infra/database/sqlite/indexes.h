// The indexes of a file: see infra/database/indexes.h. Private to infra/database/sqlite.
#pragma once

#include "infra/database/indexes.h"
#include "infra/database/sqlite/connection.h"

namespace elevaite::database::sqlite {

// Reads through `reading`, which nobody else uses; changes by transactions of `db`.
Result<IndexReport> CheckIndexes(Database& db, Connection& reading, const IndexCheck& check);

}  // namespace elevaite::database::sqlite

// The indexes of a schema: see infra/database/indexes.h. Private to infra/database/postgres.
#pragma once

#include "infra/database/indexes.h"
#include "infra/database/postgres/connection.h"

namespace elevaite::database::postgres {

// `connection` may write and is of this check alone.
Result<IndexReport> CheckIndexes(Connection& connection, const std::string& schema, const IndexCheck& check);

}  // namespace elevaite::database::postgres

// Errors and values as libpq gives them. Private to infra/database/postgres.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "foundation/result.h"
#include "infra/database/values.h"

namespace elevaite::database::postgres {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ResultDeleter>;

// Whom an error concerns.
enum class Blame : std::uint8_t {
  kStatement,   // it alone: others may succeed
  kRetry,       // nobody: the same again may succeed (deadlock)
  kServer,      // all that is written at this time (disk full, read only)
  kConnection,  // it ends
};

std::string_view SqlState(const PGresult* result);
Blame BlameFor(std::string_view sqlstate);
// The detail names the statement and what the server says of it, without the values of rows.
Error ErrorOf(const PGresult* result, const char* sql_name);

// How many rows a statement changed.
std::int64_t RowsChanged(PGresult* result);

// Appends all rows; kInternal for a type that the port does not have.
Result<void> AddRows(Rows& rows, const PGresult* result, const char* sql_name);

}  // namespace elevaite::database::postgres

// Migrations: forward-only steps of a service's schema, embedded into the binary and applied at start.
//
// A service keeps them as `migrations/<dialect>/0001_create_executions.sql` (dialect: sqlite, postgres),
// numbered from 1 without gaps, each beginning with a comment that says why. Its CMakeLists.txt says
//   elevaite_embed_migrations(services_workflow ${CMAKE_CURRENT_SOURCE_DIR}/migrations elevaite::workflow)
// which defines, for each dialect folder, a function to declare where it is used:
//   namespace elevaite::workflow { std::span<const database::Migration> SqliteMigrations(); }
//
// Each step runs in a transaction of its own together with its row in `schema_migrations`. What was applied
// is never edited: a changed text is refused by its checksum. In SQLite, a step that rebuilds a table says
// `PRAGMA defer_foreign_keys=ON;` first.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "foundation/clock.h"
#include "infra/database/database.h"

namespace elevaite::database {

struct Migration {
  int number;
  const char* name;  // "create_executions"
  const char* sql;
};

// Applies what is missing and returns the numbers applied. Blocks: for start-up. Errors, with nothing of the
// failing step applied: kConflict (a changed checksum, or a database newer than this binary), and those of
// the statements, naming the step.
Result<std::vector<int>> Migrate(Database& db, std::string_view service,
                                 std::span<const Migration> migrations, const Clock& clock = SystemClock());

}  // namespace elevaite::database

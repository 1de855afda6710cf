#include "infra/database/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "foundation/digest.h"

namespace elevaite::database {
namespace {

constexpr Sql kCreateTable{
    "migrations.create",
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " service TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL,"
    " checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (service, number))"};
constexpr Sql kLoadApplied{
    "migrations.load",
    "SELECT number, name, checksum FROM schema_migrations WHERE service = ?1 ORDER BY number"};
constexpr Sql kInsertApplied{"migrations.insert",
                             "INSERT INTO schema_migrations (service, number, name, checksum, applied_at) "
                             "VALUES (?1, ?2, ?3, ?4, ?5)"};

std::string Label(std::string_view service, const Migration& migration) {
  return fmt::format("{} {:04}_{}", service, migration.number, migration.name);
}

// Compares what is recorded with our list; the answer is how many of the list are applied.
Result<std::size_t> CheckApplied(std::string_view service, std::span<const Migration> migrations,
                                 const Rows& applied) {
  if (applied.size() > migrations.size()) {
    return Fail(ErrorCode::kConflict,
                fmt::format("the database of '{}' is at migration {} and this binary knows {} only", service,
                            applied[applied.size() - 1].Int(0), migrations.size()),
                "it was written by a newer version of elevaite; start that version or restore a backup");
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const Migration& known = migrations[i];
    if (applied[i].Int(0) != known.number) {
      return Fail(ErrorCode::kConflict,
                  fmt::format("the database of '{}' lacks migration {:04}", service, known.number));
    }
    if (applied[i].Text(2) != Sha256Hex(known.sql)) {
      return Fail(ErrorCode::kConflict,
                  "migration " + Label(service, known) + " has changed since it was applied",
                  "restore its text and add a new migration");
    }
  }
  return applied.size();
}

}  // namespace

Result<std::vector<int>> Migrate(Database& db, std::string_view service,
                                 std::span<const Migration> migrations, const Clock& clock) {
  for (std::size_t i = 0; i < migrations.size(); ++i) CHECK(migrations[i].number == static_cast<int>(i) + 1);
  std::size_t next = 0;
  RETURN_IF_ERROR(db.TransactAndWait([&](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kCreateTable));
    ASSIGN_OR_RETURN(const Rows applied, session.Query(kLoadApplied, service));
    ASSIGN_OR_RETURN(next, CheckApplied(service, migrations, applied));
    return {};
  }));
  std::vector<int> applied;
  for (const Migration& migration : migrations.subspan(next)) {
    bool is_done = false;  // by another process that shares the database
    auto done = db.TransactAndWait([&](Session& session) -> Result<void> {
      ASSIGN_OR_RETURN(const Rows before, session.Query(kLoadApplied, service));
      is_done = before.size() >= static_cast<std::size_t>(migration.number);
      if (is_done) return {};
      RETURN_IF_ERROR(session.RunScript(migration.name, migration.sql));
      RETURN_IF_ERROR(session.Execute(kInsertApplied, service, migration.number, migration.name,
                                      Sha256Hex(migration.sql), clock.Now()));
      return {};
    });
    if (!done) {
      Error error = std::move(done).error();
      error.message = "migration " + Label(service, migration) + " failed: " + error.message;
      return Fail(std::move(error));
    }
    if (!is_done) applied.push_back(migration.number);
  }
  return applied;
}

}  // namespace elevaite::database

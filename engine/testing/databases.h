// The engine's database for one test, on each of the databases that there are.
//   class XTest : public testing::TestWithParam<TestDatabaseKind> {... TestDatabase database_{GetParam()}; };
//   INSTANTIATE_TEST_SUITE_P(Each, XTest, kEachDatabase, DatabaseName);
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/postgres/test_cluster.h"
#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

enum class TestDatabaseKind { kSqlite, kPostgres };
inline const auto kEachDatabase = testing::Values(TestDatabaseKind::kSqlite, TestDatabaseKind::kPostgres);
inline std::string DatabaseName(const testing::TestParamInfo<TestDatabaseKind>& info) {
  return info.param == TestDatabaseKind::kSqlite ? "Sqlite" : "Postgres";
}

// Keeps what is stored from one Open to the next.
class TestDatabase {
 public:
  explicit TestDatabase(TestDatabaseKind kind) : kind_(kind) {
    if (kind == TestDatabaseKind::kPostgres) schema_ = database::TestCluster::Shared().NewSchema();
  }

  std::unique_ptr<database::Database> Open() const {
    auto opened =
        kind_ == TestDatabaseKind::kSqlite
            ? database::OpenSqlite({.path = folder_.File("engine.db")})
            : database::OpenPostgres({.url = database::TestCluster::Shared().Url(), .schema = schema_});
    auto db = std::move(opened).value();
    const auto migrations = kind_ == TestDatabaseKind::kSqlite ? SqliteMigrations() : PostgresMigrations();
    const auto migrated = database::Migrate(*db, "engine", migrations);
    EXPECT_TRUE(migrated) << migrated.error().ToString();
    return db;
  }
  const std::string& schema() const { return schema_; }

 private:
  const TestDatabaseKind kind_;
  database::TestFolder folder_;
  std::string schema_;
};

}  // namespace elevaite::engine

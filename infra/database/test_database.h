// A service's database for one test, on each of the databases that there are.
//   class XTest : public testing::TestWithParam<TestDatabaseKind> {
//     TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
//   INSTANTIATE_TEST_SUITE_P(Each, XTest, kEachDatabase, DatabaseName);
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/postgres/test_cluster.h"
#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {

enum class TestDatabaseKind : std::uint8_t { kSqlite, kPostgres };
inline const auto kEachDatabase = testing::Values(TestDatabaseKind::kSqlite, TestDatabaseKind::kPostgres);
inline std::string DatabaseName(const testing::TestParamInfo<TestDatabaseKind>& info) {
  return info.param == TestDatabaseKind::kSqlite ? "Sqlite" : "Postgres";
}

struct TestMigrations {
  const char* service;
  std::span<const Migration> sqlite;
  std::span<const Migration> postgres;
};

// Keeps what is stored from one Open to the next.
class TestDatabase {
 public:
  TestDatabase(TestDatabaseKind kind, const TestMigrations& migrations)
      : kind_(kind),
        migrations_(migrations),
        schema_(kind == TestDatabaseKind::kPostgres ? TestCluster::Shared().NewSchema() : "") {}

  std::unique_ptr<Database> Open() const {
    const bool sqlite = kind_ == TestDatabaseKind::kSqlite;
    auto opened = sqlite ? OpenSqlite({.path = folder_.File("test.db")})
                         : OpenPostgres({.url = TestCluster::Shared().Url(), .schema = schema_});
    auto db = std::move(opened).value();
    const auto migrated =
        Migrate(*db, migrations_.service, sqlite ? migrations_.sqlite : migrations_.postgres);
    EXPECT_TRUE(migrated) << migrated.error().ToString();
    return db;
  }
  const std::string& schema() const { return schema_; }
  // In PostgreSQL: tables with rows of accounts that anybody's role would see whole.
  std::vector<std::string> TablesWithoutPolicy() const {
    return TestClient(TestCluster::Shared().SuperuserUrl())
        .Run(
            "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname ="
            " 'account_id' WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = '" +
            schema_ +
            "'::regnamespace AND (NOT c.relrowsecurity OR NOT EXISTS (SELECT 1 FROM pg_policy p WHERE"
            " p.polrelid = c.oid))");
  }

 private:
  const TestDatabaseKind kind_;
  const TestMigrations migrations_;
  const TestFolder folder_;
  const std::string schema_;
};

}  // namespace elevaite::database

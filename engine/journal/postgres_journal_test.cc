// What only PostgreSQL does for the journal: partitions and row-level security (migrations/postgres).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/journal/journal.h"
#include "engine/journal/partitions.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

using Lines = std::vector<std::string>;

class PostgresJournalTest : public testing::Test {
 protected:
  PostgresJournalTest() { client_.Run("SET search_path TO " + database_.schema()); }

  void Insert(const std::string& account, const std::string& finished_us) {
    client_.Run(
        "INSERT INTO executions (account_id, id, shard, namespace, workflow, version, trigger, correlation,"
        " phase, created_us, started_us, finished_us) VALUES ('" +
        account +
        "', decode('ff' || substr(md5(random()::text), 3), 'hex'), 1, 'n', 'w', '1', 0, '', 1, 1, 1, " +
        finished_us + ")");
  }

  TestDatabase database_{TestDatabaseKind::kPostgres, {"engine", {}, PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  std::unique_ptr<database::Upkeep> upkeep_ =
      database::OpenUpkeep({.url = database::TestCluster::Shared().Url(), .schema = database_.schema()})
          .value();
  database::TestClient client_{database::TestCluster::Shared().SuperuserUrl()};
};

TEST_F(PostgresJournalTest, WhatEndsMovesToItsWeekAndAWeekCanGoAsAWhole) {
  const std::string now = "(extract(epoch FROM now()) * 1000000)::BIGINT";
  Insert("a", "NULL");
  Insert("b", "NULL");
  Insert("c", now + " - 7 * 86400 * 1000000::BIGINT");
  Insert("d", "1000000");  // 1970: no partition for that
  EXPECT_EQ(client_.Run("SELECT count(*) FROM executions_live"), Lines{"2"});
  EXPECT_EQ(client_.Run("SELECT count(*) FROM executions_rest"), Lines{"1"});
  client_.Run("UPDATE executions SET finished_us = " + now + " WHERE account_id = 'a'");
  EXPECT_EQ(client_.Run("SELECT count(*) FROM executions_live"), Lines{"1"});
  const auto weeks = client_.Run(
      "SELECT DISTINCT e.tableoid::regclass::text FROM executions e WHERE account_id IN ('a', 'c') ORDER BY "
      "1");
  ASSERT_EQ(weeks.size(), 2U);
  EXPECT_TRUE(weeks[0].starts_with("executions_2")) << weeks[0];
  client_.Run("DROP TABLE " + weeks[0]);
  EXPECT_EQ(client_.Run("SELECT account_id FROM executions ORDER BY 1"), (Lines{"a", "b", "d"}));
}

// As docs/operations/postgres.md has it.
TEST_F(PostgresJournalTest, EventsOfWhatIsForgottenGoInBatches) {
  Insert("kept", "NULL");
  Insert("gone", "NULL");
  client_.Run(
      "INSERT INTO journal SELECT account_id, id, n, '\\x00' FROM executions, generate_series(1, 5) n");
  client_.Run("DELETE FROM executions WHERE account_id = 'gone'");
  const std::string batch =
      "WITH gone AS (DELETE FROM journal WHERE (account_id, execution_id, first_seq) IN ("
      " SELECT account_id, execution_id, first_seq FROM journal_rest j"
      " WHERE NOT EXISTS (SELECT 1 FROM executions e WHERE e.account_id = j.account_id AND e.id = "
      "j.execution_id)"
      " LIMIT 3) RETURNING 1) SELECT count(*) FROM gone";
  EXPECT_EQ(client_.Run(batch), Lines{"3"});
  EXPECT_EQ(client_.Run(batch), Lines{"2"});
  EXPECT_EQ(client_.Run(batch), Lines{"0"});
  EXPECT_EQ(client_.Run("SELECT DISTINCT account_id FROM journal"), Lines{"kept"});
}

TEST_F(PostgresJournalTest, StatementsAboutLiveOnesTouchTheirPartitionOnly) {
  for (const char* statement :
       {"UPDATE executions SET phase = 2 WHERE account_id = 'a' AND id = '\\x01' AND finished_us IS NULL",
        "SELECT * FROM executions WHERE shard = 1 AND finished_us IS NULL ORDER BY account_id, id"}) {
    const auto plan = client_.Run("EXPLAIN " + std::string(statement));
    std::size_t live = 0;
    for (const std::string& line : plan) {
      live += line.find("executions_live") != std::string::npos ? 1 : 0;
      EXPECT_EQ(line.find("executions_2"), std::string::npos) << line;
    }
    EXPECT_GT(live, 0U);
  }
}

TEST_F(PostgresJournalTest, EventsLieWithTheWeekInWhichTheirExecutionBegan) {
  const auto id = ExecutionId::New();
  std::string hex;
  for (const std::uint8_t byte : id.uuid().bytes) hex += fmt::format("{:02x}", byte);
  client_.Run("INSERT INTO journal VALUES ('a', '\\x" + hex + "', 1, '\\x00')");
  client_.Run("INSERT INTO journal VALUES ('a', '\\x00000000000000000000000000000000', 1, '\\x00')");
  const auto partitions =
      client_.Run("SELECT tableoid::regclass::text FROM journal ORDER BY execution_id DESC");
  ASSERT_EQ(partitions.size(), 2U);
  const auto monday = client_.Run("SELECT to_char(date_trunc('week', now() AT TIME ZONE 'UTC'), 'YYYYMMDD')");
  EXPECT_EQ(partitions[0], "journal_" + monday[0]);
  EXPECT_EQ(partitions[1], "journal_rest");
}

TEST_F(PostgresJournalTest, PartitionsAreMadeAheadAndOthersLocksAreNotWaitedForLong) {
  const auto count = [&] {
    return client_.Run(
        "SELECT count(*) FROM pg_class WHERE relname LIKE 'journal_2%' AND relkind = 'r'"
        " AND relnamespace = '" +
        database_.schema() + "'::regnamespace");
  };
  EXPECT_EQ(count(), Lines{"10"});
  EXPECT_EQ(MakePartitions(*db_, *upkeep_).value().made, 0);
  client_.Run("DROP TABLE " +
              client_.Run("SELECT max(relname::text) FROM pg_class WHERE relname LIKE 'journal_2%'"
                          " AND relkind = 'r' AND relnamespace = '" +
                          database_.schema() + "'::regnamespace")[0]);
  {
    database::TestClient other(database::TestCluster::Shared().Url());
    other.Run("BEGIN; SELECT count(*) FROM " + database_.schema() + ".journal");  // locks journal_rest
    const MadePartitions partitions = MakePartitions(*db_, *upkeep_).value();
    EXPECT_EQ(partitions.made, 0);
    EXPECT_EQ(partitions.missing, 1);
  }
  EXPECT_EQ(MakePartitions(*db_, *upkeep_).value().made, 1);
  EXPECT_EQ(count(), Lines{"10"});
}

TEST_F(PostgresJournalTest, AWeekThatIsOverIsNotMadeAgain) {
  const auto weeks = [&] {
    return client_.Run(
        "SELECT relname::text FROM pg_class WHERE relname LIKE 'executions_2%' AND relkind = 'r'"
        " AND relnamespace = '" +
        database_.schema() + "'::regnamespace ORDER BY 1");
  };
  const Lines before = weeks();
  client_.Run("DROP TABLE " + before[0]);
  EXPECT_EQ(MakePartitions(*db_, *upkeep_).value().made, 0);
  EXPECT_EQ(weeks(), Lines(before.begin() + 1, before.end()));
  client_.Run("DROP TABLE " + before[1]);  // that of now
  EXPECT_EQ(MakePartitions(*db_, *upkeep_).value().made, 1);
  EXPECT_EQ(weeks(), Lines(before.begin() + 1, before.end()));
}

TEST_F(PostgresJournalTest, EveryTableHasAPolicy) {
  EXPECT_EQ(database_.TablesWithoutPolicy(), Lines{});
  client_.Run("CREATE TABLE forgotten (account_id TEXT)");
  EXPECT_EQ(database_.TablesWithoutPolicy(), Lines{"forgotten"});
}

TEST_F(PostgresJournalTest, ATenantsRoleSeesItsOwnRowsOnly) {
  Insert("a", "NULL");
  Insert("a", "1000000");
  Insert("b", "NULL");
  const std::string role = "tenants_of_" + database_.schema();
  client_.Run("CREATE ROLE " + role);
  client_.Run("GRANT USAGE ON SCHEMA " + database_.schema() + " TO " + role);
  client_.Run("GRANT SELECT, INSERT, UPDATE ON executions, journal, snapshots, events TO " + role);
  client_.Run("SET ROLE " + role);
  EXPECT_EQ(client_.Run("SELECT count(*) FROM executions"), Lines{"0"}) << "no account, no rows";
  client_.Run("SET elevaite.account = 'a'");
  EXPECT_EQ(client_.Run("SELECT DISTINCT account_id FROM executions"), Lines{"a"});
  EXPECT_EQ(client_.Run("SELECT count(*) FROM executions"), Lines{"2"});
  EXPECT_EQ(client_.Run("UPDATE executions SET phase = 3 WHERE account_id = 'b' RETURNING 1"), Lines{});
  for (const char* foreign : {"INSERT INTO journal VALUES ('b', '\\x01', 1, '\\x00')",
                              "INSERT INTO snapshots VALUES ('b', '\\x01', 1, '\\x00')",
                              "INSERT INTO events VALUES ('b', 1, '', '', '', 1, '')",
                              "UPDATE executions SET account_id = 'b'", "SELECT * FROM executions_live"}) {
    EXPECT_EQ(client_.Run(foreign), Lines{"error: 42501"}) << foreign;
  }
  EXPECT_EQ(client_.Run("INSERT INTO journal VALUES ('a', '\\x01', 1, '\\x00') RETURNING 1"), Lines{"1"});
  client_.Run("RESET ROLE");
  EXPECT_EQ(client_.Run("SELECT count(*) FROM executions"), Lines{"3"});
}

}  // namespace
}  // namespace elevaite::engine

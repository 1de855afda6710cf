// Indexes of a file that lack rows: seen in one read, and in pieces.
#include "infra/database/indexes.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>

#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {
namespace {

constexpr std::array<Migration, 1> kMigrations{
    {{1, "tables",
      "CREATE TABLE plain (id INTEGER PRIMARY KEY, name TEXT, kind INTEGER UNIQUE);"
      "CREATE INDEX plain_by_name ON plain (name);"
      "CREATE INDEX plain_some ON plain (kind, name) WHERE kind > 100;"
      "CREATE TABLE keyed (a TEXT, b BLOB, c INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;"
      "CREATE INDEX keyed_by_c ON keyed (c);"}}};

class SqliteIndexes : public testing::TestWithParam<std::chrono::milliseconds> {
 protected:
  SqliteIndexes() {
    EXPECT_TRUE(Migrate(*db_, "test", kMigrations));
    Change(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
        " INSERT INTO plain SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE 'name ' || i END, i FROM n;"
        "INSERT INTO keyed SELECT 'a' || (id % 7), CAST(id AS BLOB), id FROM plain;");
  }

  void Change(const std::string& sql) {
    const auto done =
        db_->TransactAndWait([&](Session& session) { return session.RunScript("change", sql); });
    ASSERT_TRUE(done) << done.error().ToString();
  }

  // What is done while the schema does not know the index.
  void Beside(const std::string& index, const std::string& sql) {
    db_.reset();
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.File("test.db").c_str(), &raw), SQLITE_OK);
    const auto run = [&](const std::string& text) {
      ASSERT_EQ(sqlite3_exec(raw, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(raw);
    };
    const std::string of_index = " WHERE type = 'index' AND name = '" + index + "'";
    run("PRAGMA writable_schema = ON; CREATE TEMP TABLE kept AS SELECT * FROM main.sqlite_schema" + of_index +
        "; DELETE FROM main.sqlite_schema" + of_index + "; PRAGMA writable_schema = RESET");
    run(sql);
    run("PRAGMA writable_schema = ON; INSERT INTO main.sqlite_schema SELECT * FROM kept; PRAGMA "
        "writable_schema = RESET");
    sqlite3_close(raw);
    db_ = OpenSqlite({.path = folder_.File("test.db")}).value();
  }

  IndexReport Look(bool mend = false) {
    auto report = CheckIndexes(*db_, {.migrations = kMigrations, .mend = mend, .whole_table = GetParam()});
    EXPECT_TRUE(report) << report.error().ToString();
    return report.value_or(IndexReport{});
  }

  void ExpectMended(const std::string& index) {
    const IndexReport found = Look();
    ASSERT_EQ(found.findings.size(), 1U);
    EXPECT_EQ(found.findings[0].subject, index);
    EXPECT_EQ(found.findings[0].mended, "");
    const IndexReport mended = Look(true);
    ASSERT_EQ(mended.findings.size(), 1U);
    EXPECT_EQ(mended.findings[0].mended, "it was made anew");
    EXPECT_TRUE(Look().findings.empty());
  }

  const TestFolder folder_;
  std::unique_ptr<Database> db_ = OpenSqlite({.path = folder_.File("test.db")}).value();
};
INSTANTIATE_TEST_SUITE_P(InOneReadAndInPieces, SqliteIndexes,
                         testing::Values(std::chrono::seconds(60), std::chrono::seconds(0)));

TEST_P(SqliteIndexes, NothingIsFoundWhereNothingIsWrong) {
  const IndexReport report = Look();
  EXPECT_TRUE(report.findings.empty()) << report.findings[0].problem;
  EXPECT_GE(report.indexes, 4U);
}

TEST_P(SqliteIndexes, OneThatIsMissing) {
  Change("DROP INDEX keyed_by_c");
  ExpectMended("keyed_by_c");
}

// The connection that writes does not know of it.
TEST_P(SqliteIndexes, OneThatAnotherProcessHasDropped) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.File("test.db").c_str(), &other), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(other, "DROP INDEX plain_by_name", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  ExpectMended("plain_by_name");
}

TEST_P(SqliteIndexes, OneThatLacksARow) {
  Beside("plain_by_name", "INSERT INTO plain VALUES (100000, 'late', 100000)");
  ExpectMended("plain_by_name");
}

TEST_P(SqliteIndexes, OneThatLacksARowWithoutAName) {
  Beside("plain_by_name", "INSERT INTO plain VALUES (4000000, NULL, 4000000)");
  ExpectMended("plain_by_name");
}

TEST_P(SqliteIndexes, OneOfSomeRowsThatLacksOne) {
  Beside("plain_some", "INSERT INTO plain VALUES (100000, 'late', 100000)");
  ExpectMended("plain_some");
}

TEST_P(SqliteIndexes, OneOfATableByItsKeyThatLacksARow) {
  Beside("keyed_by_c", "INSERT INTO keyed VALUES ('a3', x'ff', 5)");
  ExpectMended("keyed_by_c");
}

TEST_P(SqliteIndexes, OneWithTheValueOfBefore) {
  Beside("keyed_by_c", "UPDATE keyed SET c = -1 WHERE c = 4567");
  ExpectMended("keyed_by_c");
}

TEST_P(SqliteIndexes, ACheckIsCancelledBetweenItsPieces) {
  std::stop_source stop;
  const auto report = CheckIndexes(*db_, {.migrations = kMigrations,
                                          .stop = stop.get_token(),
                                          .whole_table = GetParam(),
                                          .looked = [&stop](const IndexReport&) { stop.request_stop(); }});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace elevaite::database

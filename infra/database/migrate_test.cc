#include "infra/database/migrate.h"

#include <gtest/gtest.h>

#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {
std::span<const Migration> SqliteMigrations();  // made from testdata/migrations

namespace {

constexpr Sql kReadText{"notes.text", "SELECT text FROM notes"};
constexpr Sql kCountTables{"tables", "SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b', 'c')"};

class MigrateTest : public testing::Test {
 protected:
  std::int64_t Tables() { return (*db_->QueryAndWait(kCountTables))[0].Int(0); }

  TestFolder folder_;
  std::unique_ptr<Database> db_ = OpenSqlite({.path = folder_.File("a.db")}).value();
};

TEST_F(MigrateTest, AppliesEmbeddedFilesOnceAndInOrder) {
  ASSERT_EQ(SqliteMigrations().size(), 2U);
  EXPECT_STREQ(SqliteMigrations()[1].name, "index_notes");
  EXPECT_EQ(Migrate(*db_, "notes", SqliteMigrations()).value(), (std::vector<int>{1, 2}));
  EXPECT_EQ(Migrate(*db_, "notes", SqliteMigrations()).value(), std::vector<int>{});
  EXPECT_EQ((*db_->QueryAndWait(kReadText))[0].Text(0), ";[a] \"b\" \\n ${c}");
}

TEST_F(MigrateTest, AFailingStepLeavesNothingOfItself) {
  constexpr Migration kSteps[] = {{1, "one", "CREATE TABLE a (x BIGINT);"},
                                  {2, "two", "CREATE TABLE b (x BIGINT); CREATE TABLE a (x BIGINT);"}};
  const auto failed = Migrate(*db_, "s", kSteps);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "migration s 0002_two failed: a statement failed");
  EXPECT_EQ(Tables(), 1);
  constexpr Migration kFixed[] = {kSteps[0],
                                  {2, "two", "CREATE TABLE b (x BIGINT); CREATE TABLE c (x BIGINT);"}};
  EXPECT_EQ(Migrate(*db_, "s", kFixed).value(), std::vector<int>{2});
  EXPECT_EQ(Tables(), 3);
}

TEST_F(MigrateTest, RefusesAChangedTextAndANewerDatabase) {
  constexpr Migration kSteps[] = {{1, "one", "CREATE TABLE a (x BIGINT);"},
                                  {2, "two", "CREATE TABLE b (x BIGINT);"}};
  ASSERT_TRUE(Migrate(*db_, "s", kSteps));
  constexpr Migration kChanged[] = {{1, "one", "CREATE TABLE a (x BIGINT, y BIGINT);"}, kSteps[1]};
  const auto changed = Migrate(*db_, "s", kChanged);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().message, "migration s 0001_one has changed since it was applied");
  const auto older = Migrate(*db_, "s", std::span(kSteps).first(1));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::kConflict);
  EXPECT_EQ(older.error().message, "the database of 's' is at migration 2 and this binary knows 1 only");
  EXPECT_TRUE(Migrate(*db_, "another service of the same file", {}));
}

TEST_F(MigrateTest, AStepCannotCommitByItself) {
  constexpr Migration kSteps[] = {
      {1, "one", "CREATE TABLE a (x BIGINT); COMMIT; CREATE TABLE b (x BIGINT);"}};
  EXPECT_FALSE(Migrate(*db_, "s", kSteps));
  EXPECT_EQ(Tables(), 0);
}

}  // namespace
}  // namespace elevaite::database

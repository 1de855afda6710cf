#include "infra/database/sqlite/sqlite.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

#include "infra/database/contract_test.h"
#include "infra/database/metrics.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {
namespace {

class SqliteBed final : public TestBed {
 public:
  SqliteBed() : db_(OpenSqlite({.path = folder_.File("test.db")}).value()) {}
  Database& db() override { return *db_; }
  Sql create_types() const override {
    return {"types.create",
            "CREATE TABLE types (n TEXT, i BIGINT, r DOUBLE PRECISION, t TEXT, b BLOB, e BLOB)"};
  }

 private:
  TestFolder folder_;
  std::unique_ptr<Database> db_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseContract,
                         testing::Values(Factory([] { return std::make_unique<SqliteBed>(); })));

Batch CreateItems() {
  Batch batch;
  batch.Add(kCreateItems);
  return batch;
}

Batch InsertItem(std::int64_t id, std::string_view text) {
  Batch batch;
  batch.Add(kInsertItem, id, text, 0);
  return batch;
}

TEST(Sqlite, KeepsASecondOwnerOut) {
  const TestFolder folder;
  auto first = OpenSqlite({.path = folder.File("a.db")});
  ASSERT_TRUE(first) << first.error().ToString();
  const auto second = OpenSqlite({.path = folder.File("a.db")});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_EQ(second.error().message, "the data is in use by another process " + std::to_string(getpid()) +
                                        " (lock file '" + folder.File("a.db.lock") + "')");
  first->reset();
  EXPECT_TRUE(OpenSqlite({.path = folder.File("a.db")}));
}

// A batch that takes long, and what comes while it is applied: a batch, or a function.
class SqliteLate : public testing::Test {
 protected:
  SqliteLate() { EXPECT_TRUE(db_->SubmitAndWait(CreateItems())); }
  std::future<Result<BatchOutcome>> BeginLongOne() {
    constexpr Sql kLong{"long",
                        "INSERT INTO items SELECT 1, 'long', max(n) FROM (WITH RECURSIVE c(n) AS (SELECT 1 "
                        "UNION ALL SELECT n + 1 FROM c WHERE n < 500000) SELECT n FROM c)"};
    Batch batch;
    batch.Add(kLong);
    auto committed = Submit(std::move(batch));
    while (db_->stats().writes_queued > 0) std::this_thread::yield();
    return committed;
  }
  std::future<Result<BatchOutcome>> Submit(Batch batch) {
    auto promise = std::make_shared<std::promise<Result<BatchOutcome>>>();
    db_->Submit(std::move(batch),
                [promise](Result<BatchOutcome> outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }

  TestFolder folder_;
  std::unique_ptr<Database> db_ = OpenSqlite({.path = folder_.File("a.db")}).value();
};

TEST_F(SqliteLate, BatchesShareTheCommitThatIsUnderWay) {
  auto long_one = BeginLongOne();
  auto late = Submit(InsertItem(2, "late"));
  EXPECT_EQ(long_one.get()->commit, late.get()->commit);
}

TEST_F(SqliteLate, OneThatFailsFailsAlone) {
  auto long_one = BeginLongOne();
  auto bad = Submit(InsertItem(1, "late"));
  EXPECT_TRUE(long_one.get());
  const auto outcome = bad.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kConflict);
}

TEST_F(SqliteLate, FunctionsWaitForTheNextCommit) {
  auto long_one = BeginLongOne();
  EXPECT_TRUE(db_->TransactAndWait([](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kInsertItem, 2, "late", 0));
    return {};
  }));
  EXPECT_TRUE(long_one.get());
  EXPECT_EQ(db_->stats().groups_rerun, 0U);
  EXPECT_EQ(db_->stats().commits, 3U);
}

TEST(Sqlite, SaysInOneLineWhyItCannotOpen) {
  const TestFolder folder;
  const auto missing = OpenSqlite({.path = folder.File("no/such/a.db")});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(missing.error().message,
            "cannot open '" + folder.File("no/such/a.db.lock") + "': No such file or directory");
  std::ofstream(folder.File("text.db")) << std::string(8192, 'x');
  const auto text = OpenSqlite({.path = folder.File("text.db")});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(text.error().message,
            "cannot open '" + folder.File("text.db") + "': the database file is damaged or not a database");
  EXPECT_EQ(text.error().ToString().find('\n'), std::string::npos);
}

TEST(Sqlite, FilesAreReadableByTheirOwnerOnly) {
  const TestFolder folder;
  auto db = OpenSqlite({.path = folder.File("a.db")}).value();
  ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
  for (const char* name : {"a.db", "a.db-wal", "a.db-shm", "a.db.lock"}) {
    struct stat info{};
    ASSERT_EQ(stat(folder.File(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
  }
}

TEST(Sqlite, KeepsWhatWasWrittenOverAReopen) {
  const TestFolder folder;
  {
    auto db = OpenSqlite({.path = folder.File("a.db")}).value();
    ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
    ASSERT_TRUE(db->SubmitAndWait(InsertItem(1, "kept")));
  }
  EXPECT_FALSE(std::filesystem::exists(folder.File("a.db-wal")));
  auto db = OpenSqlite({.path = folder.File("a.db")}).value();
  EXPECT_EQ((*db->QueryAndWait(kLoadItem, Params::Of(1)))[0].Text(0), "kept");
}

TEST(Sqlite, TellsItsNumbers) {
  const TestFolder folder;
  auto db = OpenSqlite({.path = folder.File("a.db")}).value();
  ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
  ASSERT_TRUE(db->SubmitAndWait(InsertItem(1, "x")));
  ASSERT_FALSE(db->SubmitAndWait(InsertItem(1, "x")));
  Registry registry;
  AddDatabaseMetrics(registry, {{"engine", db.get()}});
  const std::string text = registry.Expose();
  EXPECT_NE(text.find("\ndatabase_batches_total{database=\"engine\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\ndatabase_batches_failed_total{database=\"engine\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("\ndatabase_rows_changed_total{database=\"engine\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("\ndatabase_writes_queued{database=\"engine\"} 0\n"), std::string::npos);
}

TEST(Sqlite, RefusesMoreThanItsQueuesHold) {
  const TestFolder folder;
  auto db = OpenSqlite(
                {.path = folder.File("a.db"), .readers = 1, .writes_queued_max = 10, .queries_queued_max = 5})
                .value();
  ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
  std::promise<void> gate;
  std::promise<void> inside;
  db->Transact(
      [&](Session&) -> Result<void> {
        inside.set_value();
        gate.get_future().wait();
        return {};
      },
      [](Result<void>) {});
  inside.get_future().wait();
  WriteStream stream;
  std::atomic<int> applied{0};
  std::atomic<int> refused{0};
  std::atomic<int> broken{0};
  const auto count = [&](const Result<BatchOutcome>& result) {
    if (result) {
      ++applied;
    } else {
      EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
      ++(result.error().retry_after ? refused : broken);
    }
  };
  for (int i = 0; i < 15; ++i) db->Submit(stream, InsertItem(i, "x"), count);
  EXPECT_EQ(refused, 5);
  gate.set_value();
  // A place is free again, but the stream has a hole where the refused ones were.
  while (applied < 10) std::this_thread::yield();
  db->Submit(stream, InsertItem(20, "x"), count);
  db->Submit(InsertItem(21, "x"), count);
  db->Close();
  EXPECT_EQ(applied, 11);
  EXPECT_EQ(broken, 1);
}

}  // namespace
}  // namespace elevaite::database

// The log is written over from its begin, not grown, also under constant load and with readers about.
#include "infra/database/sqlite/checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {
namespace {

constexpr Sql kCreate{"log.create", "CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"};
constexpr Sql kInsert{"log.insert", "INSERT INTO log VALUES (?1, ?2)"};
constexpr Sql kCount{"log.count", "SELECT count(*) FROM log"};
// Looks at one row, so that it holds a snapshot, and then takes its time.
constexpr Sql kSlow{"log.slow",
                    "WITH RECURSIVE n(x) AS (SELECT min(id) FROM log UNION ALL SELECT x + 1 FROM n)"
                    " SELECT max(x) FROM n WHERE x < 0"};

constexpr std::size_t kCheckpointBytes = 256U << 10U;
constexpr std::size_t kLogBytesMax = 2U << 20U;

class CheckpointerTest : public testing::Test {
 protected:
  void SetUp() override {
    Batch batch;
    batch.Add(kCreate);
    batch.Add(kInsert, 0, "first");
    ASSERT_TRUE(db_->SubmitAndWait(std::move(batch)));
  }

  // Some 4 KiB of log for each row; never more than a few in one commit.
  void Write(int rows) {
    const std::string text(2000, 'x');
    for (int i = 0; i < rows; i += 4) {
      std::vector<std::future<bool>> answers;
      for (int k = 0; k < 4; ++k) {
        Batch batch;
        batch.Add(kInsert, ++last_, text);
        auto promise = std::make_shared<std::promise<bool>>();
        answers.push_back(promise->get_future());
        db_->Submit(std::move(batch),
                    [promise](Result<BatchOutcome> r) { promise->set_value(r.has_value()); });
      }
      for (auto& answer : answers) ASSERT_TRUE(answer.get());
    }
  }
  std::uintmax_t LogFileBytes() const { return std::filesystem::file_size(folder_.File("a.db-wal")); }

  TestFolder folder_;
  std::unique_ptr<Database> db_ = OpenSqlite({.path = folder_.File("a.db"),
                                              .readers = 3,
                                              .checkpoint_bytes = kCheckpointBytes,
                                              .log_bytes_max = kLogBytesMax})
                                      .value();
  std::int64_t last_ = 0;
};

TEST_F(CheckpointerTest, RecyclesTheLogUnderConstantWrites) {
  Write(3000);  // some 10 MiB
  EXPECT_LT(LogFileBytes(), 4 * kCheckpointBytes);
  EXPECT_GT(db_->stats().checkpoints, 5U);
  EXPECT_EQ(db_->stats().checkpoint_waits, 0U);
}

TEST_F(CheckpointerTest, KeepsTheLogBoundedUnderOverlappingReaders) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) EXPECT_TRUE(db_->QueryAndWait(kCount));
    });
  }
  Write(3000);
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_LT(LogFileBytes(), kLogBytesMax + 2 * kCheckpointBytes);
  EXPECT_EQ((*db_->QueryAndWait(kCount))[0].Int(0), 3001);
}

TEST_F(CheckpointerTest, TheWriterWaitsForALongReaderRatherThanGrowTheLogWithoutEnd) {
  std::promise<ErrorCode> slow;
  db_->Query(kSlow, {}, {.timeout = std::chrono::milliseconds(2000)},
             [&](Result<Rows> rows) { slow.set_value(rows ? ErrorCode::kInternal : rows.error().code); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  Write(3000);
  EXPECT_EQ(slow.get_future().get(), ErrorCode::kTimeout);
  EXPECT_GT(db_->stats().checkpoint_waits, 0U);
  EXPECT_LT(LogFileBytes(), kLogBytesMax + 2 * kCheckpointBytes);
}

}  // namespace
}  // namespace elevaite::database

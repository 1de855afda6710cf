// What is left after the process is killed and after the disk is full.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <string>
#include <thread>

#include "foundation/random.h"
#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {
namespace {

constexpr Sql kCreate{"log.create",
                      "CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"};
constexpr Sql kInsert{"log.insert", "INSERT INTO log VALUES (?1, ?2)"};
constexpr Sql kBounds{"log.bounds", "SELECT count(*), coalesce(max(id), -1) FROM log"};
constexpr Sql kIntegrity{"integrity", "PRAGMA integrity_check"};

std::unique_ptr<Database> Open(const std::string& path) {
  auto db = OpenSqlite({.path = path, .checkpoint_bytes = 256U << 10U});
  CHECK(db);
  Batch batch;
  batch.Add(kCreate);
  CHECK((*db)->SubmitAndWait(std::move(batch)));
  return std::move(*db);
}

Batch Insert(std::int64_t id, const std::string& text) {
  Batch batch;
  batch.Add(kInsert, id, text);
  return batch;
}

// Writes from `next` on, without end; tells each acknowledged id through the pipe.
[[noreturn]] void WriteUntilKilled(const std::string& path, std::int64_t next, int pipe) {
  auto db = Open(path);
  WriteStream stream;
  const std::string text(300, 'x');
  while (true) {
    if (db->stats().writes_queued > 500) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      continue;
    }
    const std::int64_t id = next++;
    db->Submit(stream, Insert(id, text), [id, pipe](Result<BatchOutcome> result) {
      if (!result || write(pipe, &id, sizeof(id)) != sizeof(id)) _exit(1);
    });
  }
}

TEST(SqliteCrash, EveryAcknowledgedWriteSurvivesAKill) {
  const TestFolder folder;
  const std::string path = folder.File("a.db");
  std::int64_t in_database = -1;
  std::int64_t acknowledged_in_all = 0;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      WriteUntilKilled(path, in_database + 1, ends[1]);
    }
    close(ends[1]);
    const auto lifetime = std::chrono::milliseconds(20 + SystemRandom().Below(150));
    auto killer = std::async(std::launch::async, [child, lifetime] {
      std::this_thread::sleep_for(lifetime);
      kill(child, SIGKILL);
    });
    std::int64_t acknowledged = in_database;
    std::int64_t id = 0;
    while (read(ends[0], &id, sizeof(id)) == sizeof(id)) acknowledged = std::max(acknowledged, id);
    close(ends[0]);
    killer.get();
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    auto db = Open(path);
    const auto bounds = db->QueryAndWait(kBounds);
    ASSERT_TRUE(bounds);
    EXPECT_GE((*bounds)[0].Int(1), acknowledged) << "round " << round;
    EXPECT_EQ((*bounds)[0].Int(0), (*bounds)[0].Int(1) + 1) << "a hole in the stream";
    EXPECT_EQ((*db->QueryAndWait(kIntegrity))[0].Text(0), "ok");
    acknowledged_in_all += acknowledged - in_database;
    in_database = (*bounds)[0].Int(1);
  }
  EXPECT_GT(acknowledged_in_all, 0);
}

// The kernel then refuses to let any file of this process grow beyond `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    CHECK(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST(SqliteCrash, AFullDiskFailsTheBatchesAndLaterOnesSucceedAgain) {
  const TestFolder folder;
  auto db = OpenSqlite({.path = folder.File("a.db"), .checkpoint_bytes = 64U << 20U}).value();
  Batch create;
  create.Add(kCreate);
  ASSERT_TRUE(db->SubmitAndWait(std::move(create)));
  const std::string text(10'000, 'x');
  WriteStream stream;
  std::vector<std::string> answers;
  {
    const FileSizeLimit limit(1 << 20);
    std::promise<void> finished;
    for (int i = 0; i < 300; ++i) {
      db->Submit(stream, Insert(i, text), [&, i](Result<BatchOutcome> result) {
        answers.emplace_back(result ? "ok" : InfoOf(result.error().code).name);
        if (i == 299) finished.set_value();
      });
      if (i < 20) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    finished.get_future().wait();
    ASSERT_FALSE(db->Health());
    EXPECT_EQ(db->Health().error().code, ErrorCode::kResourceExhausted) << db->Health().error().ToString();
  }
  // First good ones, then those of the commit that failed, then those that were held back.
  const auto good = static_cast<std::int64_t>(std::ranges::count(answers, "ok"));
  EXPECT_GT(good, 0);
  EXPECT_LT(good, 300);
  EXPECT_TRUE(std::all_of(answers.begin(), answers.begin() + good, [](const auto& a) { return a == "ok"; }));
  EXPECT_EQ(answers[static_cast<std::size_t>(good)], "resource_exhausted");
  const auto rows = db->QueryAndWait(kBounds);
  ASSERT_TRUE(rows);
  EXPECT_EQ((*rows)[0].Int(0), good);
  EXPECT_EQ((*rows)[0].Int(1), good - 1);

  stream.Reset();
  EXPECT_TRUE(db->SubmitAndWait(Insert(1000, text)));
  EXPECT_TRUE(db->Health());
  db = nullptr;
  db = Open(folder.File("a.db"));
  EXPECT_EQ((*db->QueryAndWait(kBounds))[0].Int(0), good + 1);
  EXPECT_EQ((*db->QueryAndWait(kIntegrity))[0].Text(0), "ok");
}

TEST(SqliteCrash, ADatabaseAtItsLargestSizeRefusesMoreAndKeepsWhatItHas) {
  const TestFolder folder;
  auto db = Open(folder.File("a.db"));
  const auto limit_to = [&](const char* pragma) {
    return db->TransactAndWait([&](Session& session) { return session.RunScript("limit", pragma); });
  };
  ASSERT_TRUE(limit_to("PRAGMA max_page_count=50"));
  const std::string text(3000, 'x');
  std::atomic<int> good{0};
  std::atomic<int> full{0};
  std::promise<void> finished;
  for (int i = 0; i < 200; ++i) {
    db->Submit(Insert(i, text), [&](Result<BatchOutcome> result) {
      if (result) {
        ++good;
      } else if (result.error().code == ErrorCode::kResourceExhausted) {
        ++full;
      }
      if (good + full == 200) finished.set_value();
    });
  }
  ASSERT_EQ(finished.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_GT(full, 0);
  EXPECT_EQ((*db->QueryAndWait(kBounds))[0].Int(0), good);
  ASSERT_TRUE(limit_to("PRAGMA max_page_count=100000"));
  EXPECT_TRUE(db->SubmitAndWait(Insert(1000, text)));
  EXPECT_EQ((*db->QueryAndWait(kIntegrity))[0].Text(0), "ok");
}

}  // namespace
}  // namespace elevaite::database

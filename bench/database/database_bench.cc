// Rows per second through the database port, beside what the disk itself can do in the same minute.
//
//   database_bench [folder] [seconds per line]
//
// Each row is some 200 bytes. "callers" keep one batch each in flight: how a group commit grows with them is
// the point.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "infra/database/sqlite/sqlite.h"

namespace elevaite::database {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Sql kCreate{"log.create",
                      "CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, kind BIGINT, payload BLOB)"};
constexpr Sql kInsert{"log.insert", "INSERT INTO log (kind, payload) VALUES (?1, ?2)"};
constexpr Sql kPoint{"log.point", "SELECT kind, payload FROM log WHERE id = ?1"};

double SecondsSince(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

double FdatasyncRate(const std::string& path, double seconds) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  // The file has its size before, as a recycled log has.
  for (int i = 0; i < 1024; ++i) CHECK(pwrite(descriptor, page.data(), page.size(), i * 4096L) == 4096);
  CHECK(fsync(descriptor) == 0);
  const auto begin = SteadyClock::now();
  long count = 0;
  for (; SecondsSince(begin) < seconds; ++count) {
    CHECK(pwrite(descriptor, page.data(), page.size(), (count % 1024) * 4096L) == 4096);
    CHECK(fdatasync(descriptor) == 0);
  }
  const double rate = static_cast<double>(count) / SecondsSince(begin);
  close(descriptor);
  return rate;
}

struct Writing {
  double rows = 0;
  double batches = 0;
  double commits = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

class Load {
 public:
  Load(Database& db, std::size_t batch_rows, double seconds)
      : db_(db), batch_rows_(batch_rows), seconds_(seconds) {}

  Writing Run(int callers) {
    const Stats before = db_.stats();
    begin_ = SteadyClock::now();
    in_flight_ = callers;
    for (int i = 0; i < callers; ++i) SubmitOne();
    while (in_flight_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const double seconds = SecondsSince(begin_);
    const Stats after = db_.stats();
    std::ranges::sort(latencies_ms_);
    const auto at = [&](double part) {
      return latencies_ms_[static_cast<std::size_t>(part * static_cast<double>(latencies_ms_.size() - 1))];
    };
    return {.rows = static_cast<double>(after.rows_changed - before.rows_changed) / seconds,
            .batches = static_cast<double>(after.batches - before.batches) / seconds,
            .commits = static_cast<double>(after.commits - before.commits) / seconds,
            .p50_ms = at(0.5),
            .p99_ms = at(0.99)};
  }

 private:
  void SubmitOne() {
    static const std::string payload(200, 'p');
    Batch batch;
    for (std::size_t i = 0; i < batch_rows_; ++i) batch.Add(kInsert, 7, Blob{payload});
    const auto submitted = SteadyClock::now();
    db_.Submit(std::move(batch), [this, submitted](Result<BatchOutcome> result) {
      CHECK(result);
      latencies_ms_.push_back(SecondsSince(submitted) * 1e3);
      if (SecondsSince(begin_) < seconds_) {
        SubmitOne();
      } else {
        --in_flight_;
      }
    });
  }

  Database& db_;
  const std::size_t batch_rows_;
  const double seconds_;
  SteadyClock::time_point begin_{};
  std::atomic<int> in_flight_{0};
  std::vector<double> latencies_ms_;  // touched by the writer's thread, and at the end by the caller
};

double PointReads(Database& db, double seconds) {
  std::atomic<long> count{0};
  const auto begin = SteadyClock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (long i = t; SecondsSince(begin) < seconds; i += 4) {
        CHECK(db.QueryAndWait(kPoint, Params::Of(1 + i % 1000)));
        ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return static_cast<double>(count) / SecondsSince(begin);
}

void Main(const std::string& folder, double seconds) {
  const std::string path = folder + "/database_bench.db";
  std::printf("fdatasync of one page: %.0f/s\n", FdatasyncRate(folder + "/database_bench.sync", seconds));
  auto db = OpenSqlite({.path = path});
  CHECK(db);
  Batch create;
  create.Add(kCreate);
  CHECK((*db)->SubmitAndWait(std::move(create)));
  std::printf("%10s %8s %12s %10s %10s %9s %9s\n", "rows/batch", "callers", "rows/s", "batches/s",
              "commits/s", "p50 ms", "p99 ms");
  for (const std::size_t rows : {1U, 16U, 64U, 256U}) {
    for (const int callers : {1, 64, 1000}) {
      if (rows * static_cast<std::size_t>(callers) > 64'000) continue;
      const Writing w = Load(**db, rows, seconds).Run(callers);
      std::printf("%10zu %8d %12.0f %10.0f %10.0f %9.2f %9.2f\n", rows, callers, w.rows, w.batches, w.commits,
                  w.p50_ms, w.p99_ms);
    }
  }
  std::printf("point reads, 4 callers: %.0f/s\n", PointReads(**db, seconds));
  const Stats stats = (*db)->stats();
  std::printf("checkpoints %lu, waits for readers %lu, log file %ju KiB\n", stats.checkpoints,
              stats.checkpoint_waits, std::filesystem::file_size(path + "-wal") / 1024);
  std::printf("fdatasync of one page: %.0f/s\n", FdatasyncRate(folder + "/database_bench.sync", seconds));
  db->reset();
  for (const char* end : {".db", ".db.lock", ".sync"})
    std::filesystem::remove(folder + "/database_bench" + end);
}

}  // namespace
}  // namespace elevaite::database

int main(int argc, char** argv) {
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 2.0;
  elevaite::database::Main(argc > 1 ? argv[1] : ".", seconds > 0 ? seconds : 2.0);
}

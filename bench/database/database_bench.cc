// Rows per second through the database port.
//
//   database_bench FOLDER SECONDS    writes FOLDER/database_bench.db, prints one JSON object a line
//
// Each row is some 200 bytes. "callers" keep one batch each in flight: how a group commit grows with them is
// the point.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
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

struct Writing {
  double rows = 0;
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
  auto db = OpenSqlite({.path = folder + "/database_bench.db"});
  CHECK(db);
  Batch create;
  create.Add(kCreate);
  CHECK((*db)->SubmitAndWait(std::move(create)));
  for (const std::size_t rows : {1U, 16U, 64U, 256U}) {
    for (const int callers : {1, 64, 1000}) {
      if (rows * static_cast<std::size_t>(callers) > 64'000) continue;
      const Writing w = Load(**db, rows, seconds).Run(callers);
      std::printf(
          R"({"rows_per_batch":%zu,"callers":%d,"rows":%.0f,"commits":%.0f,"p50_ms":%.4f,"p99_ms":%.4f})"
          "\n",
          rows, callers, w.rows, w.commits, w.p50_ms, w.p99_ms);
    }
  }
  std::printf("{\"point_reads\":%.0f}\n", PointReads(**db, seconds));
}

}  // namespace
}  // namespace elevaite::database

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "database_bench FOLDER SECONDS\n");
    return 2;
  }
  elevaite::database::Main(argv[1], std::strtod(argv[2], nullptr));
}

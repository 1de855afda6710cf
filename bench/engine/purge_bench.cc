// Starts while 100,000 executions are being forgotten: what a start waits for is its commit, so that is what
// is timed, at a steady rate, without and with the retention beside.
//
//   purge_bench DATABASE EXECUTIONS STARTS_PER_SECOND    prints one JSON object; DATABASE: a folder for
//   SQLite's engine.db, or the URL of a PostgreSQL
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/journal/database_journal.h"
#include "engine/journal/projector.h"
#include "engine/retention.h"
#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/sqlite/sqlite.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kSteps = 10;
constexpr double kAloneSeconds = 5;

ExecutionRecord NewRecord(std::int64_t time_us, bool ended) {
  ExecutionRecord record{.account = AccountId::Default(),
                         .id = ExecutionId::New(),
                         .name_space = "bench",
                         .workflow = "orders",
                         .version = "1.0.0",
                         .correlation = "0123456789abcdef",
                         .phase = ended ? Phase::kCompleted : Phase::kWaiting,
                         .created_us = time_us,
                         .started_us = time_us,
                         .labels = {{LabelKind::kAttribute, "order", std::to_string(time_us)}}};
  if (ended) record.finished_us = time_us;
  return record;
}

std::vector<JournalWrite> WritesOf(const ExecutionRecord& record, int steps) {
  std::vector<JournalWrite> writes;
  for (int i = 1; i <= steps; ++i) {
    const Event event{.type = EventType::kTaskStarted,
                      .seq = static_cast<std::uint64_t>(i),
                      .time_us = record.created_us,
                      .data = Json(std::string(60, 'x'))};
    writes.push_back(
        {.record = record, .created = i == 1, .first_seq = event.seq, .events = EncodeEvents({event})});
    if (i > 1) writes.back().record.finished_us.reset();
  }
  return writes;
}

Result<void> Append(DatabaseJournal& journal, std::vector<JournalWrite> writes) {
  std::promise<Result<void>> done;
  journal.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
  return done.get_future().get();
}

Result<void> Fill(database::Database& db, int executions) {
  DatabaseJournal journal(db);
  const std::int64_t now_us = SystemClock().Now().micros();
  for (int i = 0; i < executions;) {
    std::vector<JournalWrite> writes;
    for (; i < executions && writes.size() < 2'000; ++i) {
      for (JournalWrite& write : WritesOf(NewRecord(now_us - 60'000'000 + i, true), kSteps))
        writes.push_back(std::move(write));
    }
    RETURN_IF_ERROR(Append(journal, std::move(writes)));
  }
  RETURN_IF_ERROR(ProjectAll(db));
  return {};
}

// Starts at a steady rate until told to stop; how long each commit took.
class Starts {
 public:
  Starts(database::Database& db, int per_second)
      : journal_(db), thread_([this, per_second](const std::stop_token& stop) { Run(stop, per_second); }) {}

  std::vector<double> TakeMs() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(times_ms_, {});
  }

 private:
  void Run(const std::stop_token& stop, int per_second) {
    auto due = SteadyClock::now();
    while (!stop.stop_requested()) {
      due += std::chrono::microseconds(1'000'000 / per_second);
      std::this_thread::sleep_until(due);
      ++open_;
      journal_.Append(
          WritesOf(NewRecord(SystemClock().Now().micros(), false), 1), [this, due](Result<void> result) {
            CHECK(result);
            const double ms = std::chrono::duration<double, std::milli>(SteadyClock::now() - due).count();
            {
              const std::scoped_lock lock(mutex_);
              times_ms_.push_back(ms);
            }
            --open_;
          });
    }
    while (open_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  DatabaseJournal journal_;
  std::mutex mutex_;
  std::vector<double> times_ms_;  // under mutex_
  std::atomic<int> open_ = 0;
  std::jthread thread_;
};

Json Figures(std::vector<double> times) {
  CHECK(!times.empty());
  std::ranges::sort(times);
  const auto at = [&times](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  return Json::Object(
      {{"starts", times.size()}, {"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", times.back()}});
}

Result<Json> Run(const std::string& target, int executions, int per_second) {
  const bool postgres = target.find("://") != std::string::npos;
  auto opened = postgres ? database::OpenPostgres({.url = Secret(target), .schema = "elevaite_engine"})
                         : database::OpenSqlite({.path = target + "/engine.db"});
  if (!opened) return Fail(opened.error());
  const auto db = std::move(opened).value();
  RETURN_IF_ERROR(database::Migrate(*db, "engine", postgres ? PostgresMigrations() : SqliteMigrations()));
  RETURN_IF_ERROR(Fill(*db, executions));

  Starts starts(*db, per_second);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  starts.TakeMs();
  std::this_thread::sleep_for(std::chrono::duration<double>(kAloneSeconds));
  const Json alone = Figures(starts.TakeMs());

  // Not by weeks: that would be no work at all.
  Retention retention({.completed = std::chrono::seconds(30), .every = std::chrono::milliseconds(1)}, *db,
                      SystemClock());
  const auto begin = SteadyClock::now();
  retention.Start();
  while (retention.counters().purged < static_cast<std::uint64_t>(executions)) {
    CHECK(retention.counters().failures == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  const Json beside = Figures(starts.TakeMs());
  retention.Stop();
  return Json::Object({{"alone", alone},
                       {"beside", beside},
                       {"purged_per_second", executions / seconds},
                       {"purge_seconds", seconds}});
}

}  // namespace
}  // namespace elevaite::engine

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: purge_bench DATABASE EXECUTIONS STARTS_PER_SECOND\n", stderr);
    return 2;
  }
  const auto result = elevaite::engine::Run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    return 1;
  }
  std::puts(result->Dump().c_str());
  return 0;
}

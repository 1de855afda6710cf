// Executions with large values, which stand in the database or in the store of objects.
//
//   payloads_bench DATABASE OBJECTS BYTES SECONDS    prints one JSON object; DATABASE: a folder for SQLite's
//   engine.db, or the URL of a PostgreSQL; OBJECTS: the folder of the store; '-': values stand in the
//   database
//
// 8 clients on two owners: an execution begins with a value of BYTES, a step brings another one and a
// snapshot with both, and the second is its output. Beside them small executions begin, which wait for
// nobody.
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
#include "engine/journal/payload_journal.h"
#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/sqlite/sqlite.h"
#include "infra/objects/files.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kOwners = 2;
constexpr int kClients = 8;

ExecutionRecord NewRecord() {
  const std::int64_t now_us = SystemClock().Now().micros();
  return {.account = AccountId::Default(),
          .id = ExecutionId::New(),
          .name_space = "shop",
          .workflow = "orders",
          .version = "1.0.0",
          .phase = Phase::kRunning,
          .created_us = now_us,
          .started_us = now_us};
}

JournalWrite Step(const ExecutionRecord& record, EventType type, std::uint64_t seq, Json data) {
  return {.record = record,
          .created = seq == 1,
          .first_seq = seq,
          .events = EncodeEvents({{.type = type, .seq = seq, .time_us = 1, .data = std::move(data)}})};
}

// Text that differs from every other one.
Json ValueOf(std::size_t bytes, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string text;
  while (text.size() < bytes) text += std::to_string(random.Next());
  text.resize(bytes);
  return Json(std::move(text));
}

class Owner {
 public:
  Owner(database::Database& db, PayloadStore* payloads)
      : journal_(std::make_unique<DatabaseJournal>(db), payloads) {}

  void Append(JournalWrite write) {
    std::promise<Result<void>> done;
    {
      const std::scoped_lock lock(mutex_);
      std::vector<JournalWrite> writes;
      writes.push_back(std::move(write));
      journal_.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
    }
    const auto written = done.get_future().get();
    if (written) return;
    std::fprintf(stderr, "%s\n", written.error().ToString().c_str());
    std::exit(1);
  }

 private:
  std::mutex mutex_;  // an owner has one thread
  PayloadJournal journal_;
};

void RunOne(Owner& owner, std::size_t bytes, std::uint64_t seed) {
  ExecutionRecord record = NewRecord();
  State state;
  state.input = ValueOf(bytes, seed);
  const Json result = ValueOf(bytes, seed + 1);
  owner.Append(Step(record, EventType::kExecutionStarted, 1, state.input));
  JournalWrite step = Step(record, EventType::kTaskCompleted, 2, result);
  state.frames.emplace(kRootFrame, Frame{}).first->second.data = result;
  step.snapshot = EncodeState(state);
  step.snapshot_seq = 2;
  owner.Append(std::move(step));
  record.phase = Phase::kCompleted;
  record.finished_us = SystemClock().Now().micros();
  JournalWrite end = Step(record, EventType::kExecutionCompleted, 3, result);
  end.record_changed = true;
  owner.Append(std::move(end));
}

double Part(std::vector<double>& times, double share) {
  std::ranges::sort(times);
  if (times.empty()) return 0;
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

Result<Json> Measure(database::Database& db, PayloadStore* payloads, std::size_t bytes, double seconds) {
  std::vector<std::unique_ptr<Owner>> owners;
  for (std::size_t i = 0; i < kOwners; ++i) owners.push_back(std::make_unique<Owner>(db, payloads));
  std::atomic<std::uint64_t> ended = 0;
  std::atomic<bool> goes_on = true;
  std::vector<double> small_ms;
  const auto begin = SteadyClock::now();
  {
    std::vector<std::jthread> threads;
    for (int client = 0; client < kClients; ++client) {
      threads.emplace_back([&, client] {
        for (std::uint64_t n = 0; goes_on; n += 2, ++ended)
          RunOne(*owners[static_cast<std::size_t>(client) % kOwners], bytes,
                 static_cast<std::uint64_t>(client) << 40U | n);
      });
    }
    threads.emplace_back([&] {
      while (goes_on) {
        const auto from = SteadyClock::now();
        owners[0]->Append(Step(NewRecord(), EventType::kExecutionStarted, 1, Json(1)));
        small_ms.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - from).count());
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    goes_on = false;
  }
  const double took = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  const double rate = static_cast<double>(ended) / took;
  return Json::Object({{"executions_per_second", rate},
                       {"mib_per_second", rate * 2 * static_cast<double>(bytes) / (1 << 20)},
                       {"small_p50_ms", Part(small_ms, 0.5)},
                       {"small_p99_ms", Part(small_ms, 0.99)}});
}

Result<Json> Run(const std::string& target, const std::string& folder, std::size_t bytes, double seconds) {
  const bool postgres = target.find("://") != std::string::npos;
  auto opened = postgres ? database::OpenPostgres({.url = Secret(target), .schema = "elevaite_engine"})
                         : database::OpenSqlite({.path = target + "/engine.db"});
  if (!opened) return Fail(opened.error());
  const auto db = std::move(opened).value();
  RETURN_IF_ERROR(database::Migrate(*db, "engine", postgres ? PostgresMigrations() : SqliteMigrations()));
  if (folder == "-") return Measure(*db, nullptr, bytes, seconds);
  ASSIGN_OR_RETURN(const auto objects, objects::OpenFiles({.folder = folder}));
  const auto payloads = OpenPayloads(*objects);
  return Measure(*db, payloads.get(), bytes, seconds);
}

}  // namespace
}  // namespace elevaite::engine

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: payloads_bench DATABASE OBJECTS|- BYTES SECONDS\n", stderr);
    return 2;
  }
  const auto result = elevaite::engine::Run(argv[1], argv[2], static_cast<std::size_t>(std::atoll(argv[3])),
                                            std::atof(argv[4]));
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    return 1;
  }
  std::puts(result->Dump().c_str());
  return 0;
}

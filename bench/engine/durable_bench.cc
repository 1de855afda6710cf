// A closed loop through the engine on its real journal: executions of ten calls in a row, each of which has
// its result at once, so that what is measured is the engine, the database and the disk. So many executions
// are always under way; one that ends begins the next.
//
//   durable_bench DATABASE SECONDS CONCURRENCY [LABELS]    prints one JSON object; DATABASE: a folder for
//   SQLite's engine.db, or the URL of a PostgreSQL. What is stored there already stays. LABELS of each
//   execution (0): an attribute of its own, and tags.
//
// Every result of a step is on disk before the step after it begins: an execution waits for eleven commits.
// After the loop has ended, executions come at half of its rate, whatever becomes of them, and each tells how
// long it was from its posting to the call of its first step.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dsl/compile.h"
#include "engine/cluster/sole_ownership.h"
#include "engine/engine.h"
#include "engine/events/database_event_store.h"
#include "engine/journal/database_journal.h"
#include "engine/journal/projector.h"
#include "foundation/clock.h"
#include "foundation/random.h"
#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/sqlite/sqlite.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kSteps = 10;
constexpr double kWarmUpSeconds = 1.0;

double SecondsSince(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double RssMib() {
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

std::vector<double> Sorted(std::vector<double> values) {
  std::ranges::sort(values);
  return values;
}

double At(const std::vector<double>& sorted, double part) {
  CHECK(!sorted.empty());
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

class Functions final : public dsl::FunctionCatalog {
 public:
  const dsl::FunctionInfo* Find(std::string_view name) const override {
    return name == "noop" ? &noop_ : nullptr;
  }
  std::vector<std::string_view> Names() const override { return {"noop"}; }

 private:
  dsl::FunctionInfo noop_{.name = "noop", .title = "Nothing", .icon = "", .input = {}};
};

class Noop final : public Activities {
 public:
  // An execution that is posted now.
  void Expect(const ExecutionId& id) {
    expects_ = true;
    const std::scoped_lock lock(mutex_);
    posted_.emplace(id, SteadyClock::now());
  }
  std::vector<double> TakeWaitsMs() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(waits_ms_, {});
  }

  void Schedule(ActivityTask task, Done done) override {
    if (expects_) Note(task.execution);
    done(ActivitySuccess{Json::Object({{"frame", task.frame}})});
  }
  void Cancel(const ExecutionId&, FrameId, std::string_view, std::int64_t) override {}

 private:
  void Note(const ExecutionId& id) {
    const std::scoped_lock lock(mutex_);
    const auto posted = posted_.find(id);
    if (posted == posted_.end()) return;
    waits_ms_.push_back(SecondsSince(posted->second) * 1e3);
    posted_.erase(posted);
  }

  std::atomic<bool> expects_{false};
  std::mutex mutex_;
  std::map<ExecutionId, SteadyClock::time_point> posted_;
  std::vector<double> waits_ms_;
};

std::shared_ptr<const dsl::Program> CompileTenSteps(int labels) {
  std::string source =
      "document:\n  dsl: '1.0.3'\n  namespace: bench\n  name: ten-steps\n  version: '1.0.0'\n";
  if (labels > 0) source += "  metadata: {elevaite: {attributes: {order: '${ .order }'}}}\n";
  if (labels > 1) source += "  tags:\n";
  for (int i = 1; i < labels; ++i) source += "    tag" + std::to_string(i) + ": common\n";
  source += "do:\n";
  for (int i = 1; i <= kSteps; ++i) source += "  - step" + std::to_string(i) + ": {call: noop}\n";
  const Functions functions;
  auto compiled = dsl::Compile(source, {.functions = &functions});
  for (const auto& diagnostic : compiled.diagnostics)
    std::fprintf(stderr, "%s\n", dsl::ToText(diagnostic).c_str());
  CHECK(compiled.program);
  return compiled.program;
}

class OneProgram final : public ProgramSource {
 public:
  explicit OneProgram(std::shared_ptr<const dsl::Program> program) : program_(std::move(program)) {}
  Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord&) override { return program_; }

 private:
  std::shared_ptr<const dsl::Program> program_;
};

class Loop {
 public:
  Loop(Engine& engine, std::shared_ptr<const dsl::Program> program)
      : engine_(engine), program_(std::move(program)) {}

  // Of those that end none begins another.
  void Finish() { ending_ = true; }
  void Begin(int concurrency) {
    in_flight_ = concurrency;
    for (int i = 0; i < concurrency; ++i) StartOne(ExecutionId::New());
  }
  // Of the executions that ended since the last call.
  std::vector<double> TakeLatenciesMs() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(latencies_ms_, {});
  }
  // So many a second, evenly, whatever becomes of them.
  void PostAtRate(double per_second, double seconds, Noop& noop) {
    const auto begin = SteadyClock::now();
    for (int i = 0; SecondsSince(begin) < seconds; ++i) {
      std::this_thread::sleep_until(begin + std::chrono::duration_cast<SteadyClock::duration>(
                                                std::chrono::duration<double>(i / per_second)));
      ++in_flight_;
      const ExecutionId id = ExecutionId::New();
      noop.Expect(id);
      StartOne(id);
    }
    while (in_flight_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void End() {
    Finish();
    while (in_flight_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  void StartOne(const ExecutionId& id) {
    const auto begin = SteadyClock::now();
    StartCommand command{
        .record = {.account = account_,
                   .id = id,
                   .name_space = "bench",
                   .workflow = "ten-steps",
                   .version = "1.0.0",
                   .trigger = Trigger::kApi,
                   .correlation = "bench"},
        .program = program_,
        .input = Json::Object({{"order", next_order_++}}),
        .accepted = [](Result<void> result) { CHECK(result); },
        .finished = [this,
                     begin](const std::optional<Outcome>& outcome) { Finished(begin, outcome.value()); }};
    engine_.Post(std::move(command));
  }

  void Finished(SteadyClock::time_point begin, const Outcome& outcome) {
    CHECK(outcome.phase == Phase::kCompleted);
    {
      const std::scoped_lock lock(mutex_);
      latencies_ms_.push_back(SecondsSince(begin) * 1e3);
    }
    if (ending_) {
      --in_flight_;
    } else {
      StartOne(ExecutionId::New());
    }
  }

  Engine& engine_;
  const std::shared_ptr<const dsl::Program> program_;
  const AccountId account_ = AccountId::Default();
  std::atomic<int> in_flight_{0};
  std::atomic<std::int64_t> next_order_{1};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::vector<double> latencies_ms_;  // under mutex_
};

// What the disk has of these executions.
struct Stored {
  std::int64_t executions = 0;
  std::int64_t ended = 0;
  std::int64_t steps = 0;  // rows of their journals
};

Stored CountStored(database::Database& db) {
  constexpr database::Sql kCount{"bench.count",
                                 "SELECT count(*), count(finished_us), CAST(coalesce(sum((SELECT count(*) "
                                 "FROM journal j WHERE j.account_id ="
                                 " e.account_id AND j.execution_id = e.id)), 0) AS BIGINT) FROM executions e "
                                 "WHERE workflow = 'ten-steps'"};
  const auto rows = db.QueryAndWait(kCount, {}, {.timeout = std::chrono::seconds(60)});
  if (!rows) std::fprintf(stderr, "%s\n", rows.error().ToString().c_str());
  CHECK(rows);
  return {.executions = (*rows)[0].Int(0), .ended = (*rows)[0].Int(1), .steps = (*rows)[0].Int(2)};
}

// It must be what the engine counted.
void CheckStored(const Stored& before, const Stored& after, std::uint64_t completed) {
  const auto wanted = static_cast<std::int64_t>(completed);
  CHECK(after.executions - before.executions == wanted);
  CHECK(after.ended - before.ended == wanted);
  CHECK(after.steps - before.steps == wanted * (kSteps + 1));
}

Result<std::unique_ptr<database::Database>> OpenAt(const std::string& where) {
  const bool postgres = where.starts_with("postgresql://");
  ASSIGN_OR_RETURN(auto db, postgres
                                ? database::OpenPostgres({.url = Secret(where), .schema = "elevaite_engine"})
                                : database::OpenSqlite({.path = where + "/engine.db"}));
  RETURN_IF_ERROR(database::Migrate(*db, "engine", postgres ? PostgresMigrations() : SqliteMigrations()));
  return db;
}

void Main(const std::string& where, double seconds, int concurrency, int labels) {
  auto db = OpenAt(where);
  if (!db) std::fprintf(stderr, "%s\n", db.error().ToString().c_str());
  CHECK(db);
  const Stored stored = CountStored(**db);
  const auto program = CompileTenSteps(labels);
  Noop noop;
  OneProgram programs(program);
  DatabaseEventStore events(**db);
  Projector projector({.partitions = EngineOptions{}.partitions}, **db, SystemClock());
  projector.Start();
  Engine engine(
      {}, SystemClock(), SystemRandom(),
      [&](const Tenure&) { return std::make_unique<DatabaseJournal>(**db, std::nullopt, &projector); },
      events, noop, programs);
  const auto tenures = TakeAll(**db, EngineOptions{}.partitions);
  CHECK(tenures && engine.Start(*tenures));

  Loop loop(engine, program);
  loop.Begin(concurrency);
  std::this_thread::sleep_for(std::chrono::duration<double>(kWarmUpSeconds));
  loop.TakeLatenciesMs();
  const auto commits_before = (*db)->stats().commits;
  const double cpu_before = CpuSeconds();
  const auto begin = SteadyClock::now();
  std::vector<double> lags;
  while (SecondsSince(begin) < seconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    lags.push_back(std::chrono::duration<double, std::milli>(
                       projector.status().lag.value_or(std::chrono::microseconds(0)))
                       .count());
  }
  std::vector<double> latencies = loop.TakeLatenciesMs();
  const double elapsed = SecondsSince(begin);
  const double cpu = CpuSeconds() - cpu_before;
  const auto commits = static_cast<double>((*db)->stats().commits - commits_before);
  const double rss = RssMib();
  const std::uint64_t behind = projector.status().waiting;
  loop.End();
  CHECK(!latencies.empty());
  Loop half(engine, program);
  half.Finish();
  half.PostAtRate(static_cast<double>(latencies.size()) / elapsed / 2, seconds, noop);
  const std::vector<double> waits = Sorted(noop.TakeWaitsMs());
  engine.Stop();
  CheckStored(stored, CountStored(**db), engine.status().counters.completed);

  latencies = Sorted(std::move(latencies));
  lags = Sorted(std::move(lags));
  const auto executions = static_cast<double>(latencies.size());
  const Json result = Json::Object({{"executions_per_second", executions / elapsed},
                                    {"steps_per_second", executions * kSteps / elapsed},
                                    {"p50_ms", At(latencies, 0.5)},
                                    {"p99_ms", At(latencies, 0.99)},
                                    {"half_load_start_p50_ms", At(waits, 0.5)},
                                    {"half_load_start_p99_ms", At(waits, 0.99)},
                                    {"commits_per_second", commits / elapsed},
                                    {"cpu_us_per_step", cpu * 1e6 / (executions * kSteps)},
                                    {"rss_mib", rss},
                                    {"search_lag_p50_ms", At(lags, 0.5)},
                                    {"search_lag_max_ms", lags.back()},
                                    {"search_waiting", behind}});
  std::puts(result.Dump().c_str());
}

}  // namespace
}  // namespace elevaite::engine

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "durable_bench DATABASE SECONDS CONCURRENCY [LABELS]\n");
    return 2;
  }
  elevaite::engine::Main(argv[1], std::strtod(argv[2], nullptr), std::atoi(argv[3]),
                         argc == 5 ? std::atoi(argv[4]) : 0);
}

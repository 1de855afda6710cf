// Lists of executions over many stored ones: each shape of filter, a page at a time, over a table that was
// filled in bulk and looks like one of a busy installation.
//
//   history_bench DATABASE EXECUTIONS PAGES    prints one JSON object; DATABASE: a folder for SQLite's
//   engine.db, or the URL of a PostgreSQL. PAGES of each shape are read; 0: it is only filled,
//   with ones that have ended. What is stored
//   there already counts.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <random>
#include <string>
#include <vector>

#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/journal/projector.h"
#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/sqlite/sqlite.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using SteadyClock = std::chrono::steady_clock;

const AccountId kAccount = AccountId::Default();
constexpr std::int64_t kWeek_us = 7LL * 86'400 * 1'000'000;
constexpr std::int64_t kWeeks =
    8;  // over which the executions are spread: PostgreSQL has a partition for each
constexpr std::int64_t kWorkflows = 50;
constexpr std::int64_t kOrdersPerLabel = 3;  // executions that have an attribute in common

double SecondsSince(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

class Random {
 public:
  std::int64_t Below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(engine_);
  }
  bool Percent(std::int64_t n) { return Below(100) < n; }

 private:
  std::mt19937_64 engine_{1};
};

ExecutionId IdAt(std::int64_t time_us, Random& random) {
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i)
    uuid.bytes[i] = static_cast<std::uint8_t>((time_us / 1'000) >> (8 * (5 - i)));
  for (std::size_t i = 6; i < 16; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(random.Below(256));
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70U | (uuid.bytes[6] & 0x0fU));
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (uuid.bytes[8] & 0x3fU));
  return ExecutionId(uuid);
}

// Few workflows do most of the work.
std::string WorkflowOf(Random& random) {
  const std::int64_t n = random.Below(kWorkflows);
  return "workflow-" + std::to_string(n * n / kWorkflows);
}

const char* const kErrors[] = {"communication", "timeout", "validation", "runtime"};

std::string ErrorType(std::int64_t n) {
  return std::string("https://open-workflow-specification.org/spec/1.0.0/errors/") + kErrors[n];
}

class Stored {
 public:
  // Of those in use the last have not ended.
  Stored(database::Database& db, std::int64_t count, bool in_use)
      : db_(db), journal_(db), count_(count), waiting_(in_use ? count / 500 : 0) {
    // PostgreSQL has the partitions of weeks ahead; SQLite, whose list people look at, has only a past.
    const bool ahead = db.kind() == database::Kind::kPostgres;
    begin_us_ = SystemClock().Now().micros() - (ahead ? 1 : kWeeks) * kWeek_us;
  }

  Result<void> Fill() {
    constexpr std::int64_t kBatch = 2'000;
    std::vector<std::future<Result<void>>> written;
    for (std::int64_t i = 0; i < count_;) {
      std::vector<JournalWrite> writes;
      for (; i < count_ && writes.size() < kBatch; ++i) writes.push_back(Write(i));
      auto done = std::make_shared<std::promise<Result<void>>>();
      written.push_back(done->get_future());
      journal_.Append(std::move(writes), [done](Result<void> result) { done->set_value(std::move(result)); });
      if (written.size() < 8) continue;
      RETURN_IF_ERROR(written.front().get());
      written.erase(written.begin());
    }
    for (auto& one : written) RETURN_IF_ERROR(one.get());
    RETURN_IF_ERROR(ProjectAll(db_));
    return {};
  }

  Random& random() { return random_; }
  std::int64_t TimeOf(std::int64_t i) const { return begin_us_ + i * (kWeeks * kWeek_us / count_); }
  std::int64_t AnyTime() { return TimeOf(random_.Below(count_)); }
  ExecutionId AnyParent() {
    return parents_.empty() ? ExecutionId()
                            : parents_[static_cast<std::size_t>(
                                  random_.Below(static_cast<std::int64_t>(parents_.size())))];
  }
  ExecutionId AnyId() {
    return some_[static_cast<std::size_t>(random_.Below(static_cast<std::int64_t>(some_.size())))];
  }
  std::string AnyOrder() { return std::to_string(random_.Below(count_) / kOrdersPerLabel); }

 private:
  JournalWrite Write(std::int64_t i) {
    const std::int64_t time_us = TimeOf(i);
    ExecutionRecord r{.account = kAccount,
                      .id = IdAt(time_us, random_),
                      .name_space = "shop",
                      .workflow = WorkflowOf(random_),
                      .version = i < count_ / 100 ? "1.0.0" : (i < count_ / 2 ? "1.1.0" : "2.0.0"),
                      .correlation = "0123456789abcdef",
                      .created_us = time_us,
                      .started_us = time_us};
    Finish(r, i);
    if (random_.Percent(1)) some_.push_back(r.id);
    if (random_.Percent(1)) {
      parents_.push_back(r.id);
    } else if (!parents_.empty() && random_.Percent(5)) {
      r.parent = parents_.back();
    }
    if (random_.Percent(30))
      r.labels.push_back({LabelKind::kAttribute, "order", std::to_string(i / kOrdersPerLabel)});
    if (random_.Percent(50))
      r.labels.push_back({LabelKind::kTag, "team", "team-" + std::to_string(random_.Below(5))});
    const Event event{.type = EventType::kExecutionStarted, .seq = 1, .time_us = time_us};
    return {.record = std::move(r), .created = true, .first_seq = 1, .events = EncodeEvents({event})};
  }

  void Finish(ExecutionRecord& r, std::int64_t i) {
    const std::int64_t kind = random_.Below(1'000);
    r.phase = kind < 20 ? Phase::kFaulted : (kind < 25 ? Phase::kCancelled : Phase::kCompleted);
    if (i >= count_ - waiting_) r.phase = Phase::kWaiting;
    if (IsFinal(r.phase)) r.finished_us = r.created_us + random_.Below(60'000'000);
    if (r.phase == Phase::kFaulted)
      r.error = Json::Object({{"type", ErrorType(random_.Below(4))}, {"status", 500}, {"title", "no luck"}});
  }

  database::Database& db_;
  DatabaseJournal journal_;
  const std::int64_t count_;
  const std::int64_t waiting_;
  std::int64_t begin_us_ = 0;
  Random random_;
  std::vector<ExecutionId> parents_;
  std::vector<ExecutionId> some_;
};

struct Shape {
  const char* name;
  std::function<ExecutionFilter(Stored&)> filter;
};

Label Attribute(Stored& s) { return {LabelKind::kAttribute, "order", s.AnyOrder()}; }
Label Tag(Stored& s) { return {LabelKind::kTag, "team", "team-" + std::to_string(s.random().Below(5))}; }

const std::vector<Shape>& Shapes() {
  static const std::vector<Shape> kShapes{
      {"newest", [](Stored&) { return ExecutionFilter{}; }},
      {"somewhere in the middle",
       [](Stored& s) { return ExecutionFilter{.after = ListCursor{s.AnyTime(), ExecutionId()}}; }},
      {"workflow", [](Stored& s) { return ExecutionFilter{.workflow = WorkflowOf(s.random())}; }},
      {"workflow and version",
       [](Stored& s) { return ExecutionFilter{.workflow = WorkflowOf(s.random()), .version = "1.1.0"}; }},
      {"version of long ago", [](Stored&) { return ExecutionFilter{.version = "1.0.0"}; }},
      {"completed", [](Stored&) { return ExecutionFilter{.phases = {Phase::kCompleted}}; }},
      {"faulted", [](Stored&) { return ExecutionFilter{.phases = {Phase::kFaulted}}; }},
      {"cancelled or faulted of a workflow",
       [](Stored& s) {
         return ExecutionFilter{.workflow = WorkflowOf(s.random()),
                                .phases = {Phase::kCancelled, Phase::kFaulted}};
       }},
      {"unfinished",
       [](Stored&) {
         return ExecutionFilter{
             .phases = {Phase::kPending, Phase::kRunning, Phase::kWaiting, Phase::kSuspended}};
       }},
      {"cancelled or completed",
       [](Stored&) { return ExecutionFilter{.phases = {Phase::kCancelled, Phase::kCompleted}}; }},
      {"error type", [](Stored& s) { return ExecutionFilter{.error_type = ErrorType(s.random().Below(4))}; }},
      {"parent", [](Stored& s) { return ExecutionFilter{.parent = s.AnyParent()}; }},
      {"attribute of three", [](Stored& s) { return ExecutionFilter{.labels = {Attribute(s)}}; }},
      {"tag of a tenth", [](Stored& s) { return ExecutionFilter{.labels = {Tag(s)}}; }},
      {"tag and attribute", [](Stored& s) { return ExecutionFilter{.labels = {Tag(s), Attribute(s)}}; }},
      {"tag, faulted",
       [](Stored& s) { return ExecutionFilter{.phases = {Phase::kFaulted}, .labels = {Tag(s)}}; }},
      {"created in an hour",
       [](Stored& s) {
         const std::int64_t from = s.AnyTime();
         return ExecutionFilter{.since_us = from, .until_us = from + 3'600'000'000};
       }},
      {"faulted in a day",
       [](Stored& s) {
         const std::int64_t from = s.AnyTime();
         return ExecutionFilter{
             .phases = {Phase::kFaulted}, .since_us = from, .until_us = from + 86'400'000'000};
       }},
      {"ended in a minute",
       [](Stored& s) {
         const std::int64_t from = s.AnyTime();
         return ExecutionFilter{.finished_since_us = from, .finished_until_us = from + 60'000'000};
       }},
      {"beginning of an id",
       [](Stored& s) {
         ExecutionId first = s.AnyId();
         Uuid from = first.uuid();
         Uuid to = from;
         std::fill(from.bytes.begin() + 5, from.bytes.end(), std::uint8_t{0});
         std::fill(to.bytes.begin() + 5, to.bytes.end(), std::uint8_t{0xff});
         return ExecutionFilter{.ids = ExecutionFilter::Ids{ExecutionId(from), ExecutionId(to)}};
       }},
      {"all at once, matching nothing", [](Stored& s) {
         return ExecutionFilter{.name_space = "elsewhere",
                                .workflow = WorkflowOf(s.random()),
                                .version = "2.0.0",
                                .phases = {Phase::kCompleted},
                                .labels = {Tag(s)},
                                .since_us = 1,
                                .finished_since_us = 1};
       }}};
  return kShapes;
}

Result<ExecutionPage> Page(History& history, const ExecutionFilter& filter) {
  std::promise<Result<ExecutionPage>> promise;
  history.List(kAccount, filter,
               [&promise](Result<ExecutionPage> page) { promise.set_value(std::move(page)); });
  return promise.get_future().get();
}

Result<std::int64_t> Counts(History& history, Stored& stored) {
  std::promise<Result<WorkflowActivity>> promise;
  history.Activity(kAccount, "shop", WorkflowOf(stored.random()),
                   [&promise](Result<WorkflowActivity> counts) { promise.set_value(std::move(counts)); });
  ASSIGN_OR_RETURN(const WorkflowActivity counts, promise.get_future().get());
  return counts.total;
}

// Of what `read` gives the size of, so many times.
Result<Json> Measure(const char* name, int times_read, const std::function<Result<std::int64_t>()>& read) {
  std::vector<double> times;
  std::int64_t items = 0;
  for (int i = 0; i < times_read; ++i) {
    const auto begin = SteadyClock::now();
    ASSIGN_OR_RETURN(const std::int64_t size, read());
    times.push_back(SecondsSince(begin) * 1'000);
    items += size;
  }
  std::ranges::sort(times);
  const auto at = [&times](double share) {
    return times[std::min(times.size() - 1,
                          static_cast<std::size_t>(share * static_cast<double>(times.size())))];
  };
  return Json::Object({{"shape", name},
                       {"p50_ms", at(0.5)},
                       {"p99_ms", at(0.99)},
                       {"max_ms", times.back()},
                       {"items", static_cast<double>(items) / times_read}});
}

Result<Json> Run(const std::string& target, std::int64_t executions, int pages) {
  const bool postgres = target.find("://") != std::string::npos;
  auto opened = postgres ? database::OpenPostgres({.url = Secret(target), .schema = "elevaite_engine"})
                         : database::OpenSqlite({.path = target + "/engine.db"});
  if (!opened) return Fail(opened.error());
  const auto db = std::move(opened).value();
  RETURN_IF_ERROR(database::Migrate(*db, "engine", postgres ? PostgresMigrations() : SqliteMigrations()));
  Stored stored(*db, executions, pages > 0);
  const auto begin = SteadyClock::now();
  RETURN_IF_ERROR(stored.Fill());
  const double filled = SecondsSince(begin);
  std::fprintf(stderr, "%lld executions in %.0f s\n", static_cast<long long>(executions), filled);
  History history(*db);
  std::vector<Json> shapes;
  if (pages == 0) return Json::Object({{"executions", executions}, {"fill_seconds", filled}});
  for (const Shape& shape : Shapes()) {
    const auto read = [&]() -> Result<std::int64_t> {
      ASSIGN_OR_RETURN(const ExecutionPage page, Page(history, shape.filter(stored)));
      return static_cast<std::int64_t>(page.items.size());
    };
    ASSIGN_OR_RETURN(Json measured, Measure(shape.name, pages, read));
    shapes.push_back(std::move(measured));
  }
  ASSIGN_OR_RETURN(Json counts,
                   Measure("counts of a workflow", pages, [&] { return Counts(history, stored); }));
  shapes.push_back(std::move(counts));
  return Json::Object(
      {{"executions", executions}, {"fill_seconds", filled}, {"shapes", Json::Array(std::move(shapes))}});
}

}  // namespace
}  // namespace elevaite::engine

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: history_bench DATABASE EXECUTIONS PAGES\n", stderr);
    return 2;
  }
  const auto result = elevaite::engine::Run(argv[1], std::atoll(argv[2]), std::atoi(argv[3]));
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    return 1;
  }
  std::puts(result->Dump().c_str());
  return 0;
}

// A long queue on SQLite: how many runs start in a second, with one lane and with very many keys; how long
// the queue takes to be taken up, and its memory; how long a run of a key that is new waits. The keeper, its
// store and its reads are the product's; the executions end as soon as they have begun.
//
//   flow_bench FOLDER RUNS KEYS SECONDS    prints one JSON object
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "infra/database/migrate.h"
#include "infra/database/sqlite/sqlite.h"
#include "services/workflow/flow/database_flow_store.h"
#include "services/workflow/flow/keeper.h"

namespace elevaite::workflow {
std::span<const database::Migration> SqliteMigrations();
}

namespace elevaite::flow {
namespace {

using SteadyClock = std::chrono::steady_clock;

double SecondsSince(SteadyClock::time_point begin) {
  return std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

double ResidentMiB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

// Each run is read from the store, as the product does, and has ended then.
class Runs final : public FlowRuns {
 public:
  Runs(FlowReader& reader, boost::asio::any_io_executor executor)
      : reader_(reader), executor_(std::move(executor)) {}

  void Start(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
             std::function<void(Result<void>)> accepted, Ended ended) override {
    boost::asio::co_spawn(
        executor_, Read(std::move(account), id, fresh.has_value(), std::move(accepted), std::move(ended)),
        boost::asio::detached);
  }
  void Resume(AccountId, ExecutionId, std::function<void()> never_began, Ended) override { never_began(); }
  void Cancel(AccountId, ExecutionId, std::string, std::function<void(Result<void>)>) override {}

  std::size_t started = 0;
  ExecutionId wanted;
  std::function<void()> on_wanted;

 private:
  boost::asio::awaitable<void> Read(AccountId account, ExecutionId id, bool is_fresh,
                                    std::function<void(Result<void>)> accepted, Ended ended) {
    if (!is_fresh) {
      auto find = reader_.Find(std::move(account), id);
      const auto found = co_await std::move(find);
      CHECK(found && *found);
    }
    ++started;
    if (id == wanted) on_wanted();
    accepted({});
    ended(engine::Outcome{.phase = engine::Phase::kCompleted});
  }

  FlowReader& reader_;
  boost::asio::any_io_executor executor_;
};

constexpr const char* kWithoutKeys = R"({"concurrency": {"limit": 512}})";
constexpr const char* kWithKeys =
    R"({"concurrency": [{"limit": 512}, {"limit": 2, "key": ".k"}], "fairness": {"key": ".k"}})";

StoredRun RunOf(const WorkflowRules& rules, const Json& input, std::int64_t seq) {
  auto demands = DemandsOf(rules, input).value();
  return {.account = AccountId::Default(),
          .id = ExecutionId::New(),
          .seq = seq,
          .workflow = "bench.w",
          .version = "1.0.0",
          .keys = std::move(demands.keys),
          .arrival = std::move(demands.on_arrival),
          .created_us = SystemClock().Now().micros()};
}

void Fill(DatabaseFlowStore& store, const Json& definition, int runs, int keys) {
  const WorkflowRules rules = WorkflowRulesFrom(definition).value();
  std::vector<Change> changes{PutRules{{.account = AccountId::Default(),
                                        .workflow = "bench.w",
                                        .definition = definition,
                                        .updated_us = 1,
                                        .by = "bench"}}};
  for (int i = 0; i < runs; ++i) {
    const Json input =
        Json::Object({{"k", keys > 0 ? i % keys : 0}, {"order", i}, {"text", std::string(60, 'x')}});
    changes.push_back(AddRun{RunOf(rules, input, i + 1), input});
    if (changes.size() < 5'000 && i + 1 < runs) continue;
    std::promise<Result<void>> done;
    store.Write(std::exchange(changes, {}), [&](Result<void> result) { done.set_value(std::move(result)); });
    CHECK(done.get_future().get());
  }
}

Json Measure(const std::string& folder, int runs, int keys, int seconds) {
  const std::string path = folder + (keys > 0 ? "/keys.db" : "/plain.db");
  auto db = database::OpenSqlite({.path = path}).value();
  CHECK(database::Migrate(*db, "workflow", workflow::SqliteMigrations()));
  boost::asio::io_context context;
  auto work = boost::asio::make_work_guard(context);
  std::thread thread([&] { context.run(); });
  DatabaseFlowStore store(*db, context.get_executor());
  FlowReader reader(*db);
  Runs flow_runs(reader, context.get_executor());
  CHECK(store.Begin());
  Fill(store, ParseJson(keys > 0 ? kWithKeys : kWithoutKeys).value(), runs, keys);

  const double before_mib = ResidentMiB();
  const auto boot = SteadyClock::now();
  StoredFlow stored = store.Load(SystemClock().Now().micros()).value();
  std::unique_ptr<Keeper> keeper;
  boost::asio::steady_timer timer(context);
  const auto wake = [&](std::int64_t due_us) {
    timer.expires_after(
        std::chrono::microseconds(std::max<std::int64_t>(due_us - SystemClock().Now().micros(), 0)));
    timer.async_wait([&](const auto& error) {
      if (!error && keeper) keeper->Turn();
    });
  };
  std::promise<double> taken_up;
  boost::asio::post(context, [&] {
    keeper =
        std::make_unique<Keeper>(Keeper::Ports{store, flow_runs, SystemClock(), wake}, std::move(stored));
    taken_up.set_value(SecondsSince(boot));
  });
  const double boot_seconds = taken_up.get_future().get();
  const double after_mib = ResidentMiB();

  const auto on_thread = [&](const auto& function) {
    std::promise<void> done;
    boost::asio::post(context, [&] {
      function();
      done.set_value();
    });
    done.get_future().get();
  };
  on_thread([&] { keeper->Turn(); });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  std::size_t first = 0;
  on_thread([&] { first = flow_runs.started; });
  const auto begin = SteadyClock::now();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  std::size_t last = 0;
  on_thread([&] { last = flow_runs.started; });
  const double rate = static_cast<double>(last - first) / SecondsSince(begin);

  // A key that nobody has seen, while all the others wait.
  std::vector<double> waits_ms;
  for (int i = 0; i < 20 && keys > 0; ++i) {
    std::promise<void> came;
    const auto asked = SteadyClock::now();
    on_thread([&] {
      Arrival arrival{.run = {.account = AccountId::Default(),
                              .id = ExecutionId::New(),
                              .workflow = "bench.w",
                              .version = "1.0.0"},
                      .input = Json::Object({{"k", "new-" + std::to_string(i)}}),
                      .accepted = [](const auto& answer) { CHECK(answer); }};
      flow_runs.wanted = arrival.run.id;
      flow_runs.on_wanted = [&] { came.set_value(); };
      keeper->Arrive(std::move(arrival));
    });
    came.get_future().get();
    waits_ms.push_back(SecondsSince(asked) * 1e3);
  }
  std::ranges::sort(waits_ms);
  on_thread([&] { keeper->Retire(); });
  on_thread([&] { keeper.reset(); });
  work.reset();
  context.stop();
  thread.join();
  db->Close();
  Json result = Json::Object({{"starts_per_second", rate},
                              {"boot_seconds", boot_seconds},
                              {"bytes_each", (after_mib - before_mib) * 1024 * 1024 / runs}});
  if (!waits_ms.empty()) {
    result = Json::WithMember(std::move(result), "new_key_p50_ms", waits_ms[waits_ms.size() / 2]);
    result = Json::WithMember(std::move(result), "new_key_max_ms", waits_ms.back());
  }
  return result;
}

}  // namespace
}  // namespace elevaite::flow

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: flow_bench FOLDER RUNS KEYS SECONDS\n");
    return 2;
  }
  using elevaite::Json;
  const int runs = std::atoi(argv[2]);
  const int seconds = std::atoi(argv[4]);
  const Json plain = elevaite::flow::Measure(argv[1], runs, 0, seconds);
  const Json keys = elevaite::flow::Measure(argv[1], runs, std::atoi(argv[3]), seconds);
  std::puts(Json::Object({{"plain", plain}, {"keys", keys}}).Dump().c_str());
  return 0;
}

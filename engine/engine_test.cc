// The engine with its threads on a real journal, of each database; also run under ThreadSanitizer.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "engine/cluster/sole_ownership.h"
#include "engine/doctor.h"
#include "engine/events/database_event_store.h"
#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/testing/functions.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

class EchoActivities final : public Activities {
 public:
  void Schedule(ActivityTask task, Done done) override {
    calls.fetch_add(1);
    done(ActivitySuccess{task.request});
  }
  void Cancel(const ExecutionId&, FrameId, std::string_view, std::int64_t) override {}
  std::atomic<int> calls{0};
};

class OneProgram final : public ProgramSource {
 public:
  Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord&) override { return program; }
  std::shared_ptr<const dsl::Program> program;
};

class EngineTest : public ::testing::TestWithParam<TestDatabaseKind> {
 protected:
  EngineTest() { Open(); }
  ~EngineTest() override { Close(); }

  void Open() {
    Make();
    Begin();
  }
  void Make() {
    db_ = database_.Open();
    events_ = std::make_unique<DatabaseEventStore>(*db_);
    engine_ = std::make_unique<Engine>(
        options_, SystemClock(), SystemRandom(),
        [this](const Tenure&) { return std::make_unique<DatabaseJournal>(*db_); }, *events_, activities_,
        programs_);
  }
  void Begin() {
    const auto tenures = TakeAll(*db_, EngineOptions{}.partitions);
    ASSERT_TRUE(tenures);
    ASSERT_TRUE(engine_->Start(*tenures));
  }
  void AwaitRecovery() const {
    while (engine_->status().recovering > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void Close() {
    engine_->Stop();
    db_->Close();
    engine_.reset();
    db_.reset();
  }

  void Use(std::string_view tasks) {
    programs_.program = TestProgram(tasks);
    ASSERT_TRUE(programs_.program);
  }

  std::future<Outcome> Start(ExecutionId id, Json input) {
    auto ended = std::make_shared<std::promise<Outcome>>();
    auto accepted = std::make_shared<std::promise<bool>>();
    engine_->Post(StartCommand{
        .record = {.account = AccountId::Default(),
                   .id = id,
                   .name_space = "t",
                   .workflow = "t",
                   .version = "1.0.0"},
        .program = programs_.program,
        .input = std::move(input),
        .accepted = [accepted](Result<void> result) { accepted->set_value(result.has_value()); },
        .finished = [ended](const std::optional<Outcome>& outcome) { ended->set_value(outcome.value()); }});
    EXPECT_TRUE(accepted->get_future().get());
    return ended->get_future();
  }

  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  EngineOptions options_;
  EchoActivities activities_;
  OneProgram programs_;
  std::unique_ptr<database::Database> db_;
  std::unique_ptr<DatabaseEventStore> events_;
  std::unique_ptr<Engine> engine_;
};
INSTANTIATE_TEST_SUITE_P(Each, EngineTest, database::kEachDatabase, database::DatabaseName);

template <class T, class Call>
Result<T> Wait(Call call) {
  std::promise<Result<T>> promise;
  call([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

TEST_P(EngineTest, RunsManyExecutionsFromManyThreadsAndTheHistoryHasThemAll) {
  Use("- c: {call: ping, with: {n: '${ .n }'}}\n- w: {wait: {milliseconds: 5}}\n- d: {set: '${ {twice: (.n * "
      "2)} }'}\n");
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const int n = t * 100 + i;
        auto ended = Start(ExecutionId::New(), Json::Object({{"n", n}}));
        if (ended.get().output == Json::Object({{"twice", 2 * n}})) right.fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right.load(), 100);
  EXPECT_EQ(activities_.calls.load(), 100);
  History history(*db_);
  const auto page = Wait<ExecutionPage>(
      [&](auto done) { history.List(AccountId::Default(), {.workflow = "t", .limit = 200}, done); });
  ASSERT_TRUE(page);
  const std::vector<ExecutionRecord>& records = page->items;
  EXPECT_EQ(records.size(), 100U);
  for (const auto& record : records) EXPECT_EQ(record.phase, Phase::kCompleted);
  const auto events = Wait<EventPage>(
      [&](auto done) { history.Events(AccountId::Default(), records.front().id, 2, 100, done); });
  ASSERT_TRUE(events);
  EXPECT_EQ(events->events.front().seq, 3U);
  EXPECT_EQ(events->events.back().type, EventType::kExecutionCompleted);
  EXPECT_FALSE(Wait<ExecutionRecord>(
      [&](auto done) { history.Find(AccountId::Parse("other").value(), records.front().id, done); }));
}

TEST_P(EngineTest, WaitingExecutionsGoOnAfterARestart) {
  Use("- w: {wait: {seconds: 6}}\n- d: {set: {done: true}}\n");  // longer than a busy machine takes
  std::vector<ExecutionId> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(ExecutionId::New());
    Start(ids.back(), i);
  }
  EXPECT_EQ(engine_->status().active, 20U);
  Close();
  Open();
  AwaitRecovery();
  EXPECT_EQ(engine_->status().active, 20U);
  DatabaseJournal journal(*db_);
  const auto report = Examine(journal, programs_);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->findings.empty());
  for (const ExecutionId& id : ids) {
    std::promise<void> ended;
    engine_->Post(
        WatchCommand{AccountId::Default(), id, [&ended](std::optional<Outcome>) { ended.set_value(); }});
    ended.get_future().get();
  }
  History history(*db_);
  for (const ExecutionId& id : ids) {
    const auto record =
        Wait<ExecutionRecord>([&](auto done) { history.Find(AccountId::Default(), id, done); });
    ASSERT_TRUE(record);
    EXPECT_EQ(record->phase, Phase::kCompleted);
  }
}

TEST_P(EngineTest, TheSameStartTwiceIsOneExecution) {
  Use("- w: {wait: {milliseconds: 50}}\n");
  const ExecutionId id = ExecutionId::New();
  auto first = Start(id, 1);
  auto second = Start(id, 1);
  EXPECT_EQ(first.get().output, Json(1));
  EXPECT_EQ(second.get().output, Json(1));
  EXPECT_EQ(engine_->status().counters.started, 1U);
}

TEST_P(EngineTest, WhatComesBeforeTheStartWaitsForIt) {
  Use("- s: {set: {done: true}}\n");
  Close();
  Make();
  auto early = std::async(std::launch::async, [this] { return Start(ExecutionId::New(), {}).get(); });
  while (engine_->status().queued == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  Begin();
  EXPECT_EQ(early.get().phase, Phase::kCompleted);
}

TEST_P(EngineTest, APartitionThatIsClosedPassesOnWhatItHasAndGoesOnWhenItIsOpenedAgain) {
  std::mutex mutex;
  std::vector<Command> elsewhere;
  Close();
  options_.thread.elsewhere = [&](Command command) {
    const std::scoped_lock lock(mutex);
    elsewhere.push_back(std::move(command));
  };
  Open();
  Use("- w: {wait: {seconds: 3}}\n- d: {set: {done: true}}\n");
  std::vector<std::future<Outcome>> ends;
  for (int i = 0; i < 20; ++i) ends.push_back(Start(ExecutionId::New(), i));
  const std::size_t active = engine_->partition(0).status().active;
  ASSERT_GT(active, 0U);
  const Tenure tenure = engine_->partition(0).status().tenure;
  engine_->partition(0).Close();
  while (engine_->partition(0).status().state != PartitionThread::State::kClosed)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(engine_->is_open(0));
  EXPECT_EQ(engine_->partition(0).status().active, 0U);
  EXPECT_TRUE(engine_->is_open(1));
  EXPECT_EQ(PartitionIndex(engine_->NewId(), 2), 1U);  // what may have any id stays here
  {
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(elsewhere.size(), active);  // who waits for the ends
  }
  engine_->partition(0).Open({.partition = 0, .epoch = tenure.epoch + 1});
  ASSERT_TRUE(engine_->partition(0).AwaitOpen());
  AwaitRecovery();
  EXPECT_EQ(engine_->partition(0).status().active, active);
  {
    const std::scoped_lock lock(mutex);
    for (Command& command : elsewhere) engine_->Post(std::get<WatchCommand>(std::move(command)));
  }
  for (auto& end : ends) EXPECT_EQ(end.get().output, Json::Object({{"done", true}}));
}

TEST_P(EngineTest, TellsListenersWhatIsOnDisk) {
  Use("- w: {wait: {milliseconds: 50}}\n");
  const ExecutionId id = ExecutionId::New();
  std::atomic<std::uint64_t> last{0};
  auto subscription = engine_->feed().Subscribe(id, [&last](std::uint64_t seq) { last.store(seq); });
  Start(id, 1).get();
  for (int i = 0; i < 100 && last.load() < 4; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_GE(last.load(), 4U);
}

}  // namespace
}  // namespace elevaite::engine

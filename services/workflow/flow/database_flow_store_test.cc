// The tables of flow control on every database.
#include "services/workflow/flow/database_flow_store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <set>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {
std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();
}  // namespace elevaite::workflow

namespace elevaite::flow {
namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

class FlowStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  static Result<void> Write(DatabaseFlowStore& store, std::vector<Change> changes) {
    std::promise<Result<void>> written;
    store.Write(std::move(changes), [&](Result<void> result) { written.set_value(std::move(result)); });
    return written.get_future().get();
  }
  StoredRun RunOf(std::int64_t seq, const AccountId& account = kAccount) {
    return {.account = account,
            .id = ExecutionId::New(),
            .seq = seq,
            .workflow = "shop.orders",
            .version = "1.0.0",
            .trigger = engine::Trigger::kWebhook,
            .correlation = "req-1",
            .keys = {.values = {{".customer", "17"}}},
            .arrival = {.values = {{".user", "u"}}},
            .priority = 2,
            .created_us = 1'000 + seq};
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(),
                         {"workflow", workflow::SqliteMigrations(), workflow::PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  DatabaseFlowStore store_{*db_, io_.executor(0)};
  FlowReader reader_{*db_};
};
INSTANTIATE_TEST_SUITE_P(Each, FlowStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(FlowStoreTest, ReadsWhatIsInAStatePageByPage) {
  ASSERT_TRUE(store_.Begin());
  std::vector<Change> changes;
  std::vector<StoredRun> runs;
  for (std::int64_t seq = 1; seq <= 3; ++seq) {
    runs.push_back(RunOf(seq));
    changes.push_back(AddRun{runs.back(), Json()});
  }
  changes.push_back(AddRun{RunOf(4, kOther), Json()});
  changes.push_back(SetState{.account = kAccount, .id = runs[1].id, .state = RunState::kRunning});
  changes.push_back(SetPriority{.account = kAccount, .id = runs[2].id, .priority = 5});
  changes.push_back(SetPriority{.account = kOther, .id = runs[0].id, .priority = 5});
  ASSERT_TRUE(Write(store_, std::move(changes)));
  const auto first = Run(reader_.InState(kAccount, RunState::kQueued, 0, 1));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 1U);
  EXPECT_EQ(first->front().id, runs[0].id);
  EXPECT_EQ(first->front().priority, 2) << "another account cannot change it";
  const auto rest = Run(reader_.InState(kAccount, RunState::kQueued, first->front().seq, 10));
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->front().id, runs[2].id);
  EXPECT_EQ(rest->front().priority, 5);
  EXPECT_EQ(Run(reader_.InState(kAccount, RunState::kRunning, 0, 10))->size(), 1U);
}

TEST_P(FlowStoreTest, GivesBackWhatWasWritten) {
  ASSERT_TRUE(store_.Begin());
  StoredRun queued = RunOf(1);
  queued.past =
      ParseJson(R"({"execution": "exe_1", "seq": 7, "input": [null], "note": {"by": "api"}})").value();
  StoredRun running = RunOf(2);
  running.state = RunState::kRunning;
  StoredRun batch = RunOf(3, kOther);
  batch.state = RunState::kCollecting;
  batch.items = 1;
  batch.due_us = 99;
  const ExecutionId second = ExecutionId::New();  // comes again
  const Json rules = ParseJson(R"({"concurrency": {"limit": 2}})").value();
  ASSERT_TRUE(Write(
      store_,
      {AddRun{queued, Json::Object({{"n", 1}})}, AddRun{running, Json()}, AddRun{batch, Json()},
       CollectInput{kOther, batch.id, 0, {}, Json(10)}, CollectInput{kOther, batch.id, 1, second, Json(11)},
       CollectInput{kOther, batch.id, 2, second, Json(11)}, SetPace{kAccount, "[\"throttle\"]", 5},
       SetPace{kAccount, "[\"rate_limit\"]", 6},
       PutRules{{.account = kAccount,
                 .workflow = "shop.orders",
                 .definition = rules,
                 .updated_us = 7,
                 .by = "api"}},
       PutPause{
           {.account = kAccount, .workflow = "shop.orders", .note = "why", .created_us = 8, .by = "cli"}},
       PutPause{{.account = kAccount, .note = "all", .running = Running::kHold}},
       PutPause{{.account = kAccount, .note = "all of it", .running = Running::kFinish}}}));
  ASSERT_TRUE(
      Write(store_, {SetPace{kAccount, "[\"throttle\"]", 50}, SetPace{kAccount, "[\"rate_limit\"]", {}}}));
  const auto all = store_.Load(0);
  ASSERT_TRUE(all) << all.error().ToString();
  ASSERT_EQ(all->runs.size(), 3U);
  EXPECT_EQ(all->last_seq, 3);
  EXPECT_EQ(all->runs[0].id, queued.id);
  EXPECT_EQ(all->runs[0].keys, queued.keys);
  EXPECT_EQ(all->runs[0].arrival, queued.arrival);
  EXPECT_EQ(all->runs[0].priority, 2);
  EXPECT_EQ(all->runs[0].past, queued.past);
  EXPECT_FALSE(all->runs[1].is_fork());
  EXPECT_EQ(all->runs[0].trigger, engine::Trigger::kWebhook);
  EXPECT_EQ(all->runs[1].state, RunState::kRunning);
  EXPECT_EQ(all->runs[2].items, 2) << "one came twice";
  EXPECT_EQ(all->runs[2].next_position, 2);
  EXPECT_EQ(all->runs[2].due_us, 99);
  ASSERT_EQ(all->paces.size(), 1U);
  EXPECT_EQ(all->paces[0].due_us, 50);
  ASSERT_EQ(all->rules.size(), 1U);
  EXPECT_EQ(all->rules[0].definition, rules);
  ASSERT_EQ(all->pauses.size(), 2U);
  const bool first = all->pauses[0].workflow.empty();
  const Pause& of_workflow = all->pauses[first ? 1 : 0];
  const Pause& of_all = all->pauses[first ? 0 : 1];
  EXPECT_EQ(of_workflow.note, "why");
  EXPECT_EQ(of_workflow.running, Running::kHold);
  EXPECT_EQ(of_all.note, "all of it");
  EXPECT_EQ(of_all.running, Running::kFinish);
  EXPECT_EQ(reader_.AllPausesNow().value().size(), 2U);

  const auto found = Run(reader_.Find(kOther, batch.id));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->input, Json::Array({10, 11}));
  EXPECT_FALSE(Run(reader_.Find(kAccount, batch.id)).value());  // of another account
  EXPECT_EQ(Run(reader_.Find(kAccount, queued.id)).value()->input["n"], Json(1));
  EXPECT_EQ(Run(reader_.Find(kAccount, queued.id)).value()->run.past, queued.past);
}

TEST_P(FlowStoreTest, ListsWhatWaitsOfAnAccountInOrder) {
  ASSERT_TRUE(store_.Begin());
  std::vector<StoredRun> runs;
  for (std::int64_t seq = 1; seq <= 5; ++seq) runs.push_back(RunOf(seq));
  runs[2].state = RunState::kRunning;
  std::vector<Change> changes{AddRun{RunOf(6, kOther), Json()}};
  for (const StoredRun& run : runs) changes.push_back(AddRun{run, Json()});
  ASSERT_TRUE(Write(store_, std::move(changes)));
  const auto seqs = [&](std::int64_t after, std::size_t most) {
    std::vector<std::int64_t> all;
    for (const StoredRun& run : Run(reader_.Queued(kAccount, after, most)).value()) all.push_back(run.seq);
    return all;
  };
  EXPECT_EQ(seqs(0, 50), (std::vector<std::int64_t>{1, 2, 4, 5}));
  EXPECT_EQ(seqs(1, 2), (std::vector<std::int64_t>{2, 4}));

  StoredRun old = RunOf(7);
  old.version = "0.9.0";
  ASSERT_TRUE(Write(store_, {AddRun{old, Json()}}));
  const std::map<std::string, std::int64_t> counts{{"0.9.0", 1}, {"1.0.0", 4}};
  EXPECT_EQ(Run(reader_.QueuedByVersion(kAccount, "shop.orders")).value(), counts);
  EXPECT_TRUE(Run(reader_.QueuedByVersion(kAccount, "shop.other")).value().empty());
}

TEST_P(FlowStoreTest, ForgetsWhatHasEndedAndOldOnesThatNeverBegan) {
  ASSERT_TRUE(store_.Begin());
  StoredRun batch = RunOf(1);
  batch.items = 1;
  const StoredRun old = RunOf(2);
  const StoredRun fresh = RunOf(3);
  ASSERT_TRUE(Write(store_, {AddRun{batch, Json()}, CollectInput{kAccount, batch.id, 0, {}, Json(1)},
                             AddRun{old, Json()}, AddRun{fresh, Json()}}));
  ASSERT_TRUE(Write(
      store_,
      {EraseRun{kAccount, batch.id, true},
       SetState{.account = kAccount, .id = old.id, .state = RunState::kOver, .due_us = 10, .reason = "r"},
       SetState{.account = kAccount,
                .id = fresh.id,
                .state = RunState::kAbsorbed,
                .due_us = 30,
                .became = old.id}}));
  EXPECT_FALSE(Run(reader_.Find(kAccount, batch.id)).value());
  EXPECT_EQ(Run(reader_.Find(kAccount, old.id)).value()->run.reason, "r");
  EXPECT_EQ(Run(reader_.Find(kAccount, fresh.id)).value()->run.became, old.id);
  ASSERT_TRUE(Write(store_, {EraseOver{kAccount, 20}}));
  EXPECT_FALSE(Run(reader_.Find(kAccount, old.id)).value());
  EXPECT_TRUE(Run(reader_.Find(kAccount, fresh.id)).value());
  EXPECT_TRUE(store_.Load(0)->runs.empty());
}

TEST_P(FlowStoreTest, ReadsABatchOfManyInOrderAndKnowsHowLargeItIs) {
  ASSERT_TRUE(store_.Begin());
  StoredRun batch = RunOf(1);
  batch.state = RunState::kCollecting;
  batch.items = 1;
  std::vector<Change> changes{AddRun{batch, Json()}};
  std::vector<Json> inputs;
  for (std::int64_t i = 0; i < 41; ++i) {
    inputs.emplace_back("input " + std::to_string(i));
    changes.emplace_back(CollectInput{kAccount, batch.id, i, {}, inputs.back()});
  }
  ASSERT_TRUE(Write(store_, std::move(changes)));
  EXPECT_EQ(Run(reader_.Find(kAccount, batch.id)).value()->input, Json::Array(inputs));
  EXPECT_EQ(Run(reader_.FindRun(kAccount, batch.id)).value()->workflow, "shop.orders");
  EXPECT_FALSE(Run(reader_.FindRun(kOther, batch.id)).value());
  const auto all = store_.Load(0);
  ASSERT_TRUE(all && all->runs.size() == 1);
  EXPECT_EQ(all->runs[0].items, 41);
  EXPECT_EQ(all->runs[0].bytes, 10 * 9 + 31 * 10);
}

TEST_P(FlowStoreTest, ForgetsWhatABatchHadThatNeverBegan) {
  ASSERT_TRUE(store_.Begin());
  StoredRun batch = RunOf(1);
  batch.items = 1;
  ASSERT_TRUE(Write(store_, {AddRun{batch, Json()}, CollectInput{kAccount, batch.id, 0, {}, Json(1)}}));
  ASSERT_TRUE(
      Write(store_, {SetState{.account = kAccount, .id = batch.id, .state = RunState::kOver, .due_us = 10}}));
  EXPECT_EQ(store_.Load(0)->accounts, std::vector{kAccount}) << "whose rows are to be forgotten some day";
  ASSERT_TRUE(Write(store_, {EraseOver{kAccount, 20}}));
  ASSERT_TRUE(Write(store_, {AddRun{batch, Json()}}));
  EXPECT_EQ(Run(reader_.Find(kAccount, batch.id)).value()->input, Json::Array({}));
}

TEST_P(FlowStoreTest, TakesUpManyPacesAndNoneThatHoldsNothingBack) {
  ASSERT_TRUE(store_.Begin());
  std::vector<Change> changes;
  for (std::int64_t i = 0; i < 12'000; ++i)
    changes.emplace_back(SetPace{i % 3 == 0 ? kOther : kAccount, "gate " + std::to_string(i), i});
  ASSERT_TRUE(Write(store_, std::move(changes)));
  const auto all = store_.Load(999);
  ASSERT_TRUE(all);
  std::set<std::string> gates;
  for (const SetPace& pace : all->paces) EXPECT_TRUE(gates.insert(pace.gate).second && *pace.due_us > 999);
  EXPECT_EQ(gates.size(), 11'000U);
  EXPECT_EQ(store_.Load(20'000)->paces.size(), 0U);
  EXPECT_EQ(store_.Load(0)->paces.size(), 0U) << "they are gone";
}

TEST_P(FlowStoreTest, OnlyTheLastKeeperWrites) {
  ASSERT_TRUE(store_.Begin());
  DatabaseFlowStore next(*db_, io_.executor(0));
  ASSERT_TRUE(Write(store_, {AddRun{RunOf(1), Json()}}));
  ASSERT_TRUE(next.Begin());
  const auto late = Write(store_, {AddRun{RunOf(2), Json()}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(Write(next, {AddRun{RunOf(3), Json()}}));
  const auto all = next.Load(0);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->runs.size(), 2U);
  EXPECT_EQ(all->runs[1].seq, 3);
}

}  // namespace
}  // namespace elevaite::flow

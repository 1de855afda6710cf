// The tables of the service on every database.
#include "services/workflow/store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"
#include "services/workflow/schedule/schedule_store.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

class WorkflowStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  Result<Published> Publish(const std::string& name, const std::string& version,
                            const std::string& source = "s", const std::string& name_space = "shop",
                            dsl::Resources resources = {}) {
    auto program = std::make_shared<dsl::Program>();
    program->name = name;
    program->name_space = name_space;
    program->version = version;
    program->title = "Title of " + name;
    program->tags = Json::Object({{"team", "ü"}});
    return Run(store_.Publish(kAccount, program, source, "yaml", std::move(resources)));
  }
  std::string Names(const std::string& part, const std::string& after = "", std::size_t limit = 10) {
    const auto page = Run(store_.List(kAccount, part, after, limit));
    EXPECT_TRUE(page) << page.error().ToString();
    std::string names;
    if (page) {
      for (const WorkflowRow& row : *page) names += row.name_space + "." + row.name + " ";
    }
    return names;
  }

  static ScheduleRow ScheduleOf(const std::string& id) {
    ScheduleRow row{.account = kAccount,
                    .id = id,
                    .name_space = "shop",
                    .workflow = "orders",
                    .kind = ScheduleKind::kTimes};
    row.spec.times = Json::Array({Json::Object({{"cron", "0 9 * * *"}})});
    return row;
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  WorkflowStore store_{*db_, SystemClock()};
  ScheduleStore schedules_{*db_};
};
INSTANTIATE_TEST_SUITE_P(Each, WorkflowStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(WorkflowStoreTest, WhatIsPublishedStaysAsItWas) {
  const dsl::Resources resources{{"https://x.test/" + std::string(5000, 'a'), "{}"}, {"https://y.test", "é"}};
  EXPECT_EQ(*Publish("orders", "1.0.0", "source: ü\n", "shop", resources), Published::kNew);
  EXPECT_EQ(*Publish("orders", "1.0.0", "source: ü\n"), Published::kUnchanged);
  EXPECT_EQ(Publish("orders", "1.0.0", "other").error().code, ErrorCode::kVersionExists);
  EXPECT_EQ(*Publish("orders", "1.1.0", "newer"), Published::kNew);
  const auto version = Run(store_.FindVersion(kAccount, "shop", "orders", "1.0.0"));
  ASSERT_TRUE(version) << version.error().ToString();
  EXPECT_EQ(version->source, "source: ü\n");
  EXPECT_EQ(version->resources, resources);
  EXPECT_EQ(store_.FindVersionNow(kAccount, "shop", "orders", "1.1.0")->source, "newer");
  EXPECT_EQ(Run(store_.Versions(kAccount, "shop", "orders"))->size(), 2U);
  EXPECT_EQ(Run(store_.FindVersion(kOther, "shop", "orders", "1.0.0")).error().code, ErrorCode::kNotFound);
  const auto row = Run(store_.Resolve(kAccount, "orders"));
  ASSERT_TRUE(row) << row.error().ToString();
  EXPECT_EQ(row->latest_version, "1.1.0");
  EXPECT_EQ(row->versions, 2);
  EXPECT_EQ(row->tags["team"], Json("ü"));
}

TEST_P(WorkflowStoreTest, FindsByPartOfTheNameOrTitle) {
  for (const char* name : {"a-100", "b_100", "c-1000", "d"}) ASSERT_TRUE(Publish(name, "1.0.0"));
  ASSERT_TRUE(Publish("d", "1.0.0", "s", "depot"));
  EXPECT_EQ(Names(""), "shop.a-100 shop.b_100 shop.c-1000 depot.d shop.d ");
  EXPECT_EQ(Names("", "c-1000.shop", 1), "depot.d ");
  EXPECT_EQ(Names("B_1"), "shop.b_100 ");
  EXPECT_EQ(Names("100"), "shop.a-100 shop.b_100 shop.c-1000 ");
  EXPECT_EQ(Names("%"), "");
  EXPECT_EQ(Names("\\"), "");
  EXPECT_EQ(Names("TITLE of D"), "depot.d shop.d ");
  EXPECT_EQ(Run(store_.Resolve(kAccount, "d")).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Run(store_.Resolve(kAccount, "depot.d"))->name_space, "depot");
}

TEST_P(WorkflowStoreTest, AKeyStandsForOneExecution) {
  const auto claim = [&](const AccountId& account, const std::string& fingerprint, ExecutionId fresh) {
    return Run(store_.ClaimKey(account, "shop", "orders", "key", fingerprint, fresh));
  };
  const ExecutionId first = ExecutionId::New();
  EXPECT_EQ(*claim(kAccount, "f", first), first);
  EXPECT_EQ(*claim(kAccount, "f", ExecutionId::New()), first);
  EXPECT_EQ(claim(kAccount, "g", ExecutionId::New()).error().code, ErrorCode::kConflict);
  const ExecutionId theirs = ExecutionId::New();
  EXPECT_EQ(*claim(kOther, "g", theirs), theirs);
}

TEST_P(WorkflowStoreTest, SchedulesAreKept) {
  ASSERT_TRUE(Publish("orders", "1.0.0"));
  ASSERT_EQ(schedules_.LoadUnscheduled()->size(), 1U);
  ScheduleRow row = ScheduleOf("shop.orders");
  row.version = "1.0.0";
  row.spec.zone = "Europe/Berlin";
  row.spec.policy = {.overlap = Overlap::kBufferOne,
                     .catch_up = CatchUp::kAll,
                     .window_us = 3'600'000'000,
                     .pause_on_failure = true};
  ASSERT_TRUE(Run(schedules_.Save(row)));
  row.progress.due_us = 17;
  row.progress.Opened(ExecutionId::New(), Cause::kBackfill);
  row.progress.Note(Progress::What::kSkipped, {.time_us = 5, .cause = Cause::kTime});
  row.progress.backfills.push_back({.asked_us = 1, .next_us = 2, .until_us = 3, .at_once = true});
  row.progress.collected = Json::Array({1, "ü"});
  ASSERT_TRUE(Run(schedules_.Save(row)));
  const auto found = Run(schedules_.Find(kAccount, "shop.orders"));
  ASSERT_TRUE(found && *found) << found.error().ToString();
  EXPECT_EQ((*found)->spec.ToJson(), row.spec.ToJson());
  EXPECT_EQ((*found)->progress, row.progress);
  std::vector<std::string> all;
  ASSERT_TRUE(schedules_.ForEach([&all](const ScheduleRow& one) { all.push_back(one.id); }));
  EXPECT_EQ(all, std::vector<std::string>{"shop.orders"});
  EXPECT_TRUE(schedules_.LoadUnscheduled()->empty());
  ASSERT_TRUE(Publish("orders", "2.0.0"));
  EXPECT_EQ(schedules_.LoadUnscheduled()->size(), 1U);
  EXPECT_FALSE(*Run(schedules_.Find(kOther, "shop.orders")));
}

TEST_P(WorkflowStoreTest, ASchedulesInputIsKeptThroughChangesOfItsProgress) {
  ScheduleRow row = ScheduleOf("nightly");
  row.has_input = true;
  row.input = Json::Object({{"n", 1}});
  ASSERT_TRUE(Run(schedules_.Insert(row)));
  EXPECT_EQ(Run(schedules_.Insert(row)).error().code, ErrorCode::kConflict);
  row.progress.due_us = 99;
  const std::string why = "it failed";
  ASSERT_TRUE(Run(schedules_.SaveProgress({{row.account, row.id, row.progress, &why}})));
  const auto found = Run(schedules_.Find(kAccount, "nightly"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->input, row.input);
  EXPECT_EQ((*found)->progress.due_us, 99);
  EXPECT_TRUE((*found)->paused);
  EXPECT_EQ((*found)->note, why);
  EXPECT_EQ(*Run(schedules_.InputOf(kAccount, "nightly")), row.input);
  EXPECT_EQ(*Run(schedules_.InputOf(kOther, "nightly")), Json::EmptyObject());
}

TEST_P(WorkflowStoreTest, AScheduleThatSomebodyElseChangedIsNotOverwritten) {
  ScheduleRow row = ScheduleOf("nightly");
  row.updated_us = 10;
  ASSERT_TRUE(Run(schedules_.Insert(row)));
  row.updated_us = 20;
  ASSERT_TRUE(Run(schedules_.Change(row, 10)));
  row.updated_us = 30;
  EXPECT_EQ(Run(schedules_.Change(row, 10)).error().code, ErrorCode::kConflict);
  EXPECT_EQ((*Run(schedules_.Find(kAccount, "nightly")))->updated_us, 20);
  ASSERT_TRUE(Run(schedules_.Delete(kOther, "nightly")));
  EXPECT_EQ(*Run(schedules_.Count(kAccount)), 1);
  ASSERT_TRUE(Run(schedules_.Delete(kAccount, "nightly")));
  EXPECT_EQ(*Run(schedules_.Count(kAccount)), 0);
}

TEST_P(WorkflowStoreTest, SchedulesAreListedByWhatTheyStart) {
  for (const char* id : {"a-1", "a_1", "b", "shop.orders", "shop.none"}) {
    ScheduleRow row = ScheduleOf(id);
    row.paused = std::string(id) == "b";
    if (std::string(id) == "shop.none") row.kind = ScheduleKind::kNone;
    if (std::string(id) == "b") row.workflow = "other";
    ASSERT_TRUE(Run(schedules_.Insert(row)));
  }
  const auto ids = [&](const ScheduleFilter& filter) {
    const auto page = Run(schedules_.List(kAccount, filter));
    EXPECT_TRUE(page) << page.error().ToString();
    std::string text;
    if (page) {
      for (const ScheduleRow& row : *page) text += row.id + " ";
    }
    return text;
  };
  EXPECT_EQ(ids({}), "a-1 a_1 b shop.orders ");
  EXPECT_EQ(ids({.after = "a_1", .limit = 1}), "b ");
  EXPECT_EQ(ids({.paused = true}), "b ");
  EXPECT_EQ(ids({.name_space = "shop", .workflow = "orders"}), "a-1 a_1 shop.orders ");
  EXPECT_EQ(ids({.part = "_1"}), "a_1 ") << "no wildcard";
}

TEST(WorkflowTables, EveryOneHasAPolicyInPostgres) {
  const TestDatabase database(TestDatabaseKind::kPostgres, {"workflow", {}, PostgresMigrations()});
  database.Open();
  EXPECT_EQ(database.TablesWithoutPolicy(), std::vector<std::string>{});
}

}  // namespace
}  // namespace elevaite::workflow

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
  ScheduleRow row{.account = kAccount,
                  .name_space = "shop",
                  .workflow = "orders",
                  .version = "1.0.0",
                  .settings = {.zone = "Europe/Berlin", .overlap = false, .catch_up = false, .paused = true},
                  .due_us = std::nullopt,
                  .running = std::nullopt,
                  .collected = Json()};
  ASSERT_TRUE(Run(schedules_.Save(row)));
  row.due_us = 17;
  row.running = ExecutionId::New();
  row.collected = Json::Array({1, "ü"});
  ASSERT_TRUE(Run(schedules_.Save(row)));
  const auto found = Run(schedules_.Find(kAccount, "shop", "orders"));
  ASSERT_TRUE(found && *found) << found.error().ToString();
  EXPECT_EQ((*found)->settings, row.settings);
  EXPECT_EQ((*found)->due_us, 17);
  EXPECT_EQ((*found)->running, row.running);
  EXPECT_EQ((*found)->collected, row.collected);
  EXPECT_EQ(schedules_.LoadAll()->size(), 1U);
  EXPECT_TRUE(schedules_.LoadUnscheduled()->empty());
  ASSERT_TRUE(Publish("orders", "2.0.0"));
  EXPECT_EQ(schedules_.LoadUnscheduled()->size(), 1U);
  EXPECT_FALSE(*Run(schedules_.Find(kOther, "shop", "orders")));
}

TEST(WorkflowTables, EveryOneHasAPolicyInPostgres) {
  const TestDatabase database(TestDatabaseKind::kPostgres, {"workflow", {}, PostgresMigrations()});
  database.Open();
  EXPECT_EQ(database.TablesWithoutPolicy(), std::vector<std::string>{});
}

}  // namespace
}  // namespace elevaite::workflow

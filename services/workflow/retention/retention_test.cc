// How long accounts keep what, and that it is stored on every database.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"
#include "services/workflow/retention/retention_store.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;
using std::chrono::hours;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();
const RetentionPolicy kPolicy{.standard = {.completed = hours(24), .faulted = hours(48)}};

Json Said(std::string_view text) { return ParseJson(text).value(); }

TEST(AccountTimes, WhatIsLeftOutIsAsTheServerSays) {
  const auto in_force = [](std::string_view text) {
    return kPolicy.InForce(kPolicy.TimesFrom(Said(text)).value());
  };
  EXPECT_EQ(in_force("{}"), kPolicy.standard);
  EXPECT_EQ(in_force(R"({"completed": "30d", "faulted": null})").completed, hours(24 * 30));
  EXPECT_EQ(in_force(R"({"completed": "30d", "faulted": null})").faulted, hours(48));
  EXPECT_EQ(in_force(R"({"faulted": "forever"})").faulted.count(), 0);
  EXPECT_EQ(TextOf(in_force(R"({"faulted": "forever"})").faulted), "forever");
}

TEST(AccountTimes, TimesThatCannotBeUsedAreRefusedByName) {
  for (const auto& [text, names] : {std::pair{R"({"completed": "59m"})", "completed"},
                                    {R"({"faulted": "3651d"})", "faulted"},
                                    {R"({"faulted": "0"})", "faulted"},
                                    {R"({"faulted": "soon"})", "faulted"},
                                    {R"({"faulted": 30})", "faulted"},
                                    {R"({"kept": "30d"})", "kept"},
                                    {"[]", ""}}) {
    const auto times = kPolicy.TimesFrom(Said(text));
    ASSERT_FALSE(times) << text;
    EXPECT_EQ(times.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(times.error().message.find(names), std::string::npos) << times.error().message;
  }
}

TEST(AccountTimes, TheServersBoundCountsAlsoForWhatWasChosenBefore) {
  const RetentionPolicy bounded{.standard = {}, .account_max = hours(24 * 7)};
  EXPECT_FALSE(bounded.TimesFrom(Said(R"({"completed": "8d"})")));
  EXPECT_FALSE(bounded.TimesFrom(Said(R"({"completed": "forever"})")));
  EXPECT_TRUE(bounded.TimesFrom(Said(R"({"completed": "7d"})")));
  EXPECT_EQ(bounded.InForce({.completed = hours(24 * 30), .faulted = hours(0)}),
            (engine::RetentionTimes{.completed = hours(24 * 7), .faulted = hours(24 * 7)}));
  EXPECT_EQ(bounded.InForce({}), engine::RetentionTimes{})
      << "what the server says is not the account's choice";
}

class RetentionStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  static StoredTimes Of(const AccountId& account, std::string_view definition) {
    return {.account = account, .definition = Said(definition), .updated_us = 7, .by = "ada"};
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  RetentionStore store_{*db_};
};
INSTANTIATE_TEST_SUITE_P(Each, RetentionStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(RetentionStoreTest, EachAccountHasItsOwn) {
  ASSERT_TRUE(Run(store_.Put(Of(kAccount, R"({"completed": "30d"})"))));
  ASSERT_TRUE(Run(store_.Put(Of(kAccount, R"({"completed": "31d"})"))));
  ASSERT_TRUE(Run(store_.Put(Of(kOther, R"({"faulted": "forever"})"))));
  db_.reset();
  db_ = database_.Open();
  RetentionStore store(*db_);
  const auto found = Run(store.Find(kAccount));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->definition["completed"], Json("31d"));
  EXPECT_EQ((*found)->updated_us, 7);
  EXPECT_EQ((*found)->by, "ada");
  const auto all = store.All(kPolicy);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(kAccount), (engine::RetentionTimes{.completed = hours(24 * 31), .faulted = hours(48)}));
  EXPECT_EQ(all->at(kOther), (engine::RetentionTimes{.completed = hours(24), .faulted = hours(0)}));
  EXPECT_TRUE(Run(store.Drop(kAccount)).value());
  EXPECT_FALSE(Run(store.Drop(kAccount)).value());
  EXPECT_FALSE(*Run(store.Find(kAccount)));
  EXPECT_EQ(store.All(kPolicy)->size(), 1U);
}

TEST_P(RetentionStoreTest, WhatWasChosenBeforeABoundIsReadAndBounded) {
  ASSERT_TRUE(Run(store_.Put(Of(kAccount, R"({"completed": "forever"})"))));
  const auto all = store_.All({.standard = {}, .account_max = hours(24)});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->at(kAccount).completed, hours(24));
  const RetentionPolicy short_bound{.standard = {}, .account_max = std::chrono::minutes(5)};
  EXPECT_TRUE(short_bound.TimesFrom(Said(R"({"completed": "5m"})"))) << "below the usual least";
  ASSERT_TRUE(Run(store_.Put(Of(kAccount, R"({"completed": "5m"})"))));
  EXPECT_EQ(store_.All(kPolicy)->at(kAccount).completed, std::chrono::minutes(5));
}

TEST_P(RetentionStoreTest, MoreAccountsThanOnePage) {
  for (int i = 0; i < 1'005; ++i)
    db_->Submit(
        [&] {
          database::Batch batch;
          batch.Add({"test.put", "INSERT INTO retention_times VALUES (?1, '{}', 1, 'x')"},
                    "account-" + std::to_string(i));
          return batch;
        }(),
        [](auto) {});
  ASSERT_TRUE(Run(store_.Put(Of(kAccount, "{}"))));
  EXPECT_EQ(store_.All(kPolicy)->size(), 1'006U);
}

TEST_P(RetentionStoreTest, TablesHavePolicies) {
  if (GetParam() == TestDatabaseKind::kPostgres) EXPECT_TRUE(database_.TablesWithoutPolicy().empty());
}

}  // namespace
}  // namespace elevaite::workflow

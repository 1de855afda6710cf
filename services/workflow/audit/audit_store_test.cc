// The table of the audit on every database.
#include "services/workflow/audit/audit_store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

class AuditStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  void Write(const std::string& who, const std::string& act, const std::string& object,
             const AccountId& account = kAccount) {
    ASSERT_TRUE(Run(store_.Write({.account = account,
                                  .id = {},
                                  .who = who,
                                  .act = act,
                                  .object_kind = act.substr(0, act.find('.')),
                                  .object_id = object,
                                  .note = "why " + object,
                                  .request_id = "r"})));
  }
  std::string Acts(AuditFilter filter, const AccountId& account = kAccount) {
    const auto page = Run(store_.List(account, std::move(filter)));
    EXPECT_TRUE(page) << page.error().ToString();
    std::string acts;
    if (page) {
      for (const AuditEntry& entry : *page) acts += entry.act + ":" + entry.object_id + " ";
    }
    return acts;
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  AuditStore store_{*db_, SystemClock(), std::chrono::hours(24)};
};
INSTANTIATE_TEST_SUITE_P(Each, AuditStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(AuditStoreTest, KeepsWhatWasChanged) {
  const Json change = Json::Object({{"before", Json()}, {"after", Json::Object({{"limit", 3}})}});
  Write("ada", "flow.change", "orders");
  ASSERT_TRUE(Run(store_.Write({.account = kAccount,
                                .id = {},
                                .who = "ada",
                                .act = "flow.change",
                                .object_kind = "flow",
                                .object_id = "orders",
                                .note = "",
                                .change = change,
                                .request_id = "r"})));
  const auto page = Run(store_.List(kAccount, {.object_id = "orders"}));
  ASSERT_TRUE(page && page->size() == 2);
  EXPECT_EQ((*page)[0].change, change);
  EXPECT_TRUE((*page)[1].change.IsNull());
}

TEST_P(AuditStoreTest, ListsNewestFirstByObjectWhoAndAct) {
  Write("ada", "execution.cancel", "exe_1");
  Write("bob", "execution.pause", "exe_2");
  Write("ada", "schedule.pause", "nightly");
  Write("ada", "execution.cancel", "exe_9", kOther);
  EXPECT_EQ(Acts({}), "schedule.pause:nightly execution.pause:exe_2 execution.cancel:exe_1 ");
  EXPECT_EQ(Acts({.who = "ada"}), "schedule.pause:nightly execution.cancel:exe_1 ");
  EXPECT_EQ(Acts({.object_kind = "execution"}), "execution.pause:exe_2 execution.cancel:exe_1 ");
  EXPECT_EQ(Acts({.object_id = "exe_1"}), "execution.cancel:exe_1 ");
  EXPECT_EQ(Acts({.object_id = "exe_1", .who = "bob"}), "");
  EXPECT_EQ(Acts({.act = "execution.pause"}), "execution.pause:exe_2 ");
  EXPECT_EQ(Acts({}, kOther), "execution.cancel:exe_9 ");
  const auto first = Run(store_.List(kAccount, {.limit = 1}));
  ASSERT_EQ(first->size(), 1U);
  EXPECT_EQ(first->front().note, "why nightly");
  EXPECT_EQ(Acts({.before = first->front().id}), "execution.pause:exe_2 execution.cancel:exe_1 ");
}

TEST_P(AuditStoreTest, WhatIsTooOldIsNotShownAndGoes) {
  Write("ada", "execution.cancel", "exe_1");
  SimulatedClock later(SystemClock().Now() + std::chrono::hours(25));
  AuditStore after(*db_, later, std::chrono::hours(24));
  EXPECT_TRUE(Run(after.List(kAccount, {}))->empty());
  ASSERT_TRUE(Run(after.Write({.account = kAccount, .id = {}, .who = "bob", .act = "x.y"})));
  AuditStore all(*db_, SystemClock(), std::chrono::hours(0));
  EXPECT_EQ(Run(all.List(kAccount, {.object_id = "exe_1"}))->size(), 0U) << "it has gone";
}

}  // namespace
}  // namespace elevaite::workflow

// The rules of hosts on every database.
#include "services/workflow/hosts/host_store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {
std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();
}  // namespace elevaite::workflow

namespace elevaite::hosts {
namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

class HostStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  static StoredRule RuleOf(std::string pattern, std::int64_t concurrency, AccountId account = kAccount) {
    return {.account = std::move(account),
            .pattern = std::move(pattern),
            .definition = Json::Object({{"concurrency", concurrency}}),
            .updated_us = 7,
            .by = "api"};
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(),
                         {"workflow", workflow::SqliteMigrations(), workflow::PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  HostStore store_{*db_};
};
INSTANTIATE_TEST_SUITE_P(Each, HostStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(HostStoreTest, KeepsOneRuleForEachPattern) {
  ASSERT_TRUE(Run(store_.Put(RuleOf("b.example.com", 1))));
  ASSERT_TRUE(Run(store_.Put(RuleOf("*", 2))));
  ASSERT_TRUE(Run(store_.Put(RuleOf("b.example.com", 3))));
  const auto list = Run(store_.List(kAccount));
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].pattern, "*");
  const auto found = Run(store_.Find(kAccount, "b.example.com"));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->definition["concurrency"], Json(3));
  EXPECT_EQ((*found)->updated_us, 7);
  EXPECT_EQ((*found)->by, "api");
}

TEST_P(HostStoreTest, AccountsDoNotSeeEachOther) {
  ASSERT_TRUE(Run(store_.Put(RuleOf("api", 1))));
  ASSERT_TRUE(Run(store_.Put(RuleOf("api", 2, kOther))));
  EXPECT_EQ(Run(store_.List(kOther))->size(), 1U);
  EXPECT_EQ(Run(store_.All())->size(), 2U);
  EXPECT_TRUE(*Run(store_.Drop(kOther, "api")));
  EXPECT_FALSE(*Run(store_.Drop(kOther, "api")));
  EXPECT_FALSE(*Run(store_.Find(kOther, "api")));
  EXPECT_TRUE(*Run(store_.Find(kAccount, "api")));
}

TEST_P(HostStoreTest, ReadsThoseOfVeryManyAccounts) {
  constexpr std::int64_t kRules = 12'000;  // more than one query gives
  constexpr database::Sql kInsert{
      "test.insert",
      "INSERT INTO host_rules (account_id, pattern, definition, updated_us, updated_by)"
      " VALUES (?1, ?2, '{}', 7, 'api')"};
  const auto inserted = db_->TransactAndWait([&](database::Session& session) -> Result<void> {
    for (std::int64_t i = 0; i < kRules; ++i)
      RETURN_IF_ERROR(session.Execute(kInsert, "account" + std::to_string(i / HostStore::kRulesMax),
                                      "host" + std::to_string(i)));
    return {};
  });
  ASSERT_TRUE(inserted);
  const auto all = Run(store_.All());
  ASSERT_TRUE(all) << all.error().ToString();
  EXPECT_EQ(all->size(), static_cast<std::size_t>(kRules));
}

TEST_P(HostStoreTest, TakesSoManyAndNoMore) {
  for (std::int64_t i = 0; i < HostStore::kRulesMax; ++i)
    ASSERT_TRUE(Run(store_.Put(RuleOf("host" + std::to_string(i), 1))));
  const auto more = Run(store_.Put(RuleOf("one-more", 1)));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(Run(store_.Put(RuleOf("host7", 2)))) << "one that is there may change";
}

TEST_P(HostStoreTest, APlaceHasOneNodeUntilItGivesItBackOrIsNotHeardOf) {
  const auto claim = [&](const std::string& node, std::int64_t now_us, std::int64_t limit = 2) {
    return *Run(store_.ClaimPlace(kAccount, "api", limit, node, now_us, now_us + 10));
  };
  EXPECT_EQ(claim("a", 100), 0);
  EXPECT_EQ(claim("b", 100), 1);
  EXPECT_EQ(claim("c", 105), std::nullopt);
  EXPECT_TRUE(*Run(store_.ClaimPlace(kOther, "api", 2, "c", 105, 115))) << "another account has its own";
  EXPECT_TRUE(*Run(store_.ClaimPlace(kAccount, "elsewhere", 1, "c", 105, 115)));
  ASSERT_TRUE(Run(store_.ReleasePlace(kAccount, "api", 1, "a"))) << "that is b's, and stays so";
  EXPECT_EQ(claim("c", 105), std::nullopt);
  ASSERT_TRUE(Run(store_.ReleasePlace(kAccount, "api", 1, "b")));
  EXPECT_EQ(claim("c", 105, 1), std::nullopt) << "of a smaller limit";
  EXPECT_EQ(claim("c", 105), 1);
  EXPECT_EQ(Run(store_.RenewPlaces("c", 110, 130)), 3);
  EXPECT_EQ(claim("b", 120), 0) << "a has not been heard of";
  EXPECT_EQ(Run(store_.RenewPlaces("a", 120, 140)), 0);
  ASSERT_TRUE(Run(store_.ForgetPlaces(131)));
  EXPECT_EQ(claim("d", 121), 0);
}

}  // namespace
}  // namespace elevaite::hosts

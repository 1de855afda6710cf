// Who owns what: alone on each database, and by leases on PostgreSQL with a connection of its own for each
// node.
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <map>
#include <thread>

#include "engine/cluster/leased_ownership.h"
#include "engine/cluster/shares.h"
#include "engine/cluster/sole_ownership.h"
#include "engine/journal/database_journal.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::Database;
using database::TestDatabase;
using database::TestDatabaseKind;
using std::chrono::milliseconds;

// ---- Shares ----

ClusterView ViewOf(std::size_t nodes, const std::vector<std::string>& owners) {
  ClusterView view;
  for (std::size_t i = 0; i < nodes; ++i)
    view.nodes.push_back({.id = "n" + std::to_string(i), .address = "", .lives = true});
  for (const std::string& owner : owners)
    view.partitions.push_back(
        {.partition = static_cast<std::uint32_t>(view.partitions.size()), .epoch = 1, .owner = owner});
  return view;
}

TEST(Shares, ANodeTakesWhatNobodyHasUpToItsShare) {
  const ClusterView view = ViewOf(2, {"", "", "n1", "gone", ""});
  EXPECT_EQ(MovesOf(view, "n0").take.size(), 3U);  // of five the first node has three
  EXPECT_EQ(MovesOf(view, "n1").take.size(), 1U);
}

TEST(Shares, ANodeGivesWhatIsAboveItsShareAndNothingElse) {
  const ClusterView view = ViewOf(3, {"n0", "n0", "n0", "n0", "n1", "n1"});
  EXPECT_EQ(MovesOf(view, "n0").give, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_TRUE(MovesOf(view, "n1").give.empty());
  EXPECT_TRUE(MovesOf(view, "n2").take.empty());  // nothing is free yet
}

TEST(Shares, ANodeThatLeavesGivesAllAndTakesNothing) {
  ClusterView view = ViewOf(2, {"n0", "", "n1", "n0"});
  view.nodes[0].leaving = true;
  EXPECT_EQ(MovesOf(view, "n0").give, (std::vector<std::uint32_t>{0, 3}));
  EXPECT_TRUE(MovesOf(view, "n0").take.empty());
  EXPECT_EQ(MovesOf(view, "n1").take.size(), 1U);
}

// All act on what they see, one after the other, until nothing moves: whoever lives has his share.
TEST(Shares, AllGetTheirShareWhateverTheyBeginWith) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::srand(seed);
    const auto nodes = static_cast<std::size_t>(1 + std::rand() % 5);
    std::vector<std::string> owners;
    for (int i = 1 + std::rand() % 20; i > 0; --i) owners.push_back("n" + std::to_string(std::rand() % 7));
    ClusterView view = ViewOf(nodes, owners);
    std::size_t moved = 0;
    for (int round = 0; round < 20; ++round) {
      for (const NodeRow& node : view.nodes) {
        const Moves moves = MovesOf(view, node.id);
        moved += moves.give.size();
        for (const std::uint32_t partition : moves.give) view.partitions[partition].owner = "";
        for (const PartitionRow& row : moves.take) view.partitions[row.partition].owner = node.id;
      }
    }
    std::map<std::string, std::size_t> owned;
    for (const PartitionRow& row : view.partitions) ++owned[row.owner];
    for (const auto& [owner, count] : owned) {
      EXPECT_GE(count, owners.size() / nodes) << seed;
      EXPECT_LE(count, owners.size() / nodes + 1) << seed;
    }
    EXPECT_LE(moved, owners.size()) << seed;
  }
}

// ---- Alone ----

class SoleOwnershipTest : public ::testing::TestWithParam<TestDatabaseKind> {
 protected:
  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
};
INSTANTIATE_TEST_SUITE_P(Each, SoleOwnershipTest, database::kEachDatabase, database::DatabaseName);

TEST_P(SoleOwnershipTest, EpochsGrowAndACrashIsKnown) {
  auto db = database_.Open();
  const auto first = TakeAll(*db, 2);
  ASSERT_TRUE(first) << first.error().ToString();
  ASSERT_EQ(first->size(), 2U);
  EXPECT_FALSE((*first)[0].after_crash);
  const auto second = TakeAll(*db, 2);
  EXPECT_TRUE((*second)[1].after_crash);
  EXPECT_GT((*second)[1].epoch, (*first)[1].epoch);
  ASSERT_TRUE(GiveBackAll(*db));
  const auto third = TakeAll(*db, 5);
  ASSERT_EQ(third->size(), 5U);
  EXPECT_FALSE((*third)[4].after_crash);
  EXPECT_GT((*third)[4].epoch, (*second)[0].epoch);
}

// ---- By leases ----

constexpr milliseconds kLease{2'500};  // of those that die
constexpr milliseconds kLong{60'000};

class LeasedOwnershipTest : public ::testing::Test {
 protected:
  struct Node {
    std::unique_ptr<Database> db;
    std::unique_ptr<LeasedOwnership> ownership;
    Joined joined{};
  };

  std::unique_ptr<Database> OpenShared(const std::string& id) {
    auto db = database::OpenPostgres(
        {.url = database::TestCluster::Shared().Url(), .schema = schema_, .shared = true, .name = id});
    EXPECT_TRUE(db) << db.error().ToString();
    EXPECT_TRUE(database::Migrate(**db, "engine", PostgresMigrations()));
    return *std::move(db);
  }

  Node Join(const std::string& id, milliseconds lease = kLong, std::uint32_t partitions = 4) {
    Node node;
    node.db = OpenShared(id);
    node.ownership =
        std::make_unique<LeasedOwnership>(*node.db, NodeIdentity{.id = id, .address = id + ":1"}, lease);
    const auto joined = node.ownership->Join(partitions);
    EXPECT_TRUE(joined) << joined.error().ToString();
    node.joined = joined.value_or(Joined{});
    return node;
  }

  static PartitionRow RowOf(Node& node, std::uint32_t partition) {
    return node.ownership->Look().value().partitions.at(partition);
  }
  static std::optional<Tenure> Take(Node& node, std::uint32_t partition) {
    return node.ownership->Take(RowOf(node, partition)).value();
  }
  static std::unique_ptr<DatabaseJournal> JournalOf(Node& node, const Tenure& tenure) {
    return std::make_unique<DatabaseJournal>(
        *node.db, Fence{.partition = tenure.partition, .epoch = tenure.epoch, .writer = node.joined.writer});
  }
  static std::future<Result<void>> Append(Journal& journal, std::uint64_t seq = 1) {
    auto written = std::make_shared<std::promise<Result<void>>>();
    JournalWrite write;
    write.record.account = AccountId::Default();
    write.record.id = ExecutionId::New();
    write.record.workflow = "w";
    write.created = true;
    write.first_seq = seq;
    write.events = "x";
    std::vector<JournalWrite> writes;
    writes.push_back(std::move(write));
    journal.Append(std::move(writes),
                   [written](Result<void> result) { written->set_value(std::move(result)); });
    return written->get_future();
  }

  const std::string schema_ = database::TestCluster::Shared().NewSchema();
};

TEST_F(LeasedOwnershipTest, WhatALivingNodeHasIsNotTakenUntilItIsGivenBack) {
  Node a = Join("a");
  Node b = Join("b");
  EXPECT_EQ(a.joined.partitions, 4U);
  EXPECT_NE(a.joined.writer, b.joined.writer);
  EXPECT_NE(a.joined.lane, b.joined.lane);
  const auto tenure = Take(a, 1);
  ASSERT_TRUE(tenure);
  EXPECT_FALSE(tenure->after_crash);
  EXPECT_FALSE(Take(b, 1));
  ASSERT_TRUE(a.ownership->GiveBack(*tenure));
  const auto next = Take(b, 1);
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->after_crash);
  EXPECT_EQ(next->epoch, tenure->epoch + 1);
}

TEST_F(LeasedOwnershipTest, OnlyOneOfTwoGetsIt) {
  Node a = Join("a");
  Node b = Join("b");
  const PartitionRow seen = RowOf(a, 0);
  EXPECT_TRUE(a.ownership->Take(seen).value());
  EXPECT_FALSE(b.ownership->Take(seen).value());
}

TEST_F(LeasedOwnershipTest, ADeadNodeIsReplacedWhenItsLeaseIsOverAndNotBefore) {
  Node b = Join("beta");  // whose name ends with that of the dead: its own connections stay
  Node a = Join("a", kLease);
  ASSERT_TRUE(Take(a, 2));
  const auto sent = std::chrono::steady_clock::now();
  const auto renewed = a.ownership->Renew(false);
  ASSERT_TRUE(renewed) << renewed.error().ToString();
  std::optional<Tenure> taken;
  while (!taken) {
    ASSERT_TRUE(b.ownership->Renew(false));
    taken = Take(b, 2);
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - sent, kLease - milliseconds(5));
  EXPECT_TRUE(taken->after_crash);
  EXPECT_EQ(RowOf(a, 2).owner, "beta");
}

TEST_F(LeasedOwnershipTest, TheNumberOfPartitionsChangesOnlyWhileNobodyLives) {
  Node a = Join("a", kLong, 4);
  Node b = Join("b", kLong, 8);
  EXPECT_EQ(b.joined.partitions, 4U);
  ASSERT_TRUE(Take(a, 0));
  ASSERT_TRUE(a.ownership->Leave());
  ASSERT_TRUE(b.ownership->Leave());
  Node c = Join("c", kLong, 8);
  EXPECT_EQ(c.joined.partitions, 8U);
  const auto tenure = Take(c, 7);
  ASSERT_TRUE(tenure);
  EXPECT_TRUE(tenure->after_crash);  // one of the old ones was not given back
}

TEST_F(LeasedOwnershipTest, ACommitOfAnOlderEpochIsRefused) {
  Node a = Join("a", kLease);
  const auto old = Take(a, 0);
  const auto journal = JournalOf(a, *old);
  EXPECT_TRUE(Append(*journal).get());
  std::this_thread::sleep_for(kLease + milliseconds(100));
  Node b = Join("b");
  const auto tenure = Take(b, 0);
  ASSERT_TRUE(tenure);
  const Result<void> late = Append(*journal).get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(journal->IsTakenOver());
  const auto theirs = JournalOf(b, *tenure);
  EXPECT_TRUE(Append(*theirs).get());
  EXPECT_FALSE(theirs->IsTakenOver());
}

// The owner has begun a transaction and stands still: its connection is ended, and the next one goes on.
TEST_F(LeasedOwnershipTest, ATransactionThatADeadOwnerLeftOpenHoldsUpNobody) {
  Node a = Join("a-with-a-name", kLease);
  ASSERT_TRUE(Take(a, 0));
  database::TestClient stopped(database::TestCluster::Shared().Url());
  stopped.Run("SET search_path TO " + schema_);
  stopped.Run("SET application_name TO 'elevaite x writer a-with-a-name'");
  stopped.Run("BEGIN");
  stopped.Run("SELECT 1 FROM partition_owners WHERE partition = 0 FOR SHARE");
  std::this_thread::sleep_for(kLease + milliseconds(100));
  Node b = Join("b");
  std::optional<Tenure> taken;
  for (int i = 0; i < 100 && !taken; ++i) {
    taken = Take(b, 0);
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_TRUE(taken);
  EXPECT_NE(stopped.Run("COMMIT"), std::vector<std::string>()) << "its transaction was not ended";
}

// So that nothing comes after the new owner has begun to read.
TEST_F(LeasedOwnershipTest, NothingIsTakenWhileACommitOfItIsUnderWay) {
  Node a = Join("a", kLease);
  ASSERT_TRUE(Take(a, 0));
  database::TestClient slow(database::TestCluster::Shared().Url());
  slow.Run("SET search_path TO " + schema_);
  slow.Run("BEGIN");
  slow.Run("SELECT 1 FROM partition_owners WHERE partition = 0 FOR SHARE");
  std::this_thread::sleep_for(kLease + milliseconds(100));
  Node b = Join("b");
  EXPECT_FALSE(Take(b, 0));
  slow.Run("COMMIT");
  EXPECT_TRUE(Take(b, 0));
}

}  // namespace
}  // namespace elevaite::engine

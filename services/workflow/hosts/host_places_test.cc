// Nodes that take turns in calling a host, on every database.
#include "services/workflow/hosts/host_places.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <deque>
#include <future>
#include <memory>
#include <set>

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
using std::chrono::milliseconds;

const AccountId kAccount = AccountId::Default();

class Makers final : public engine::Activities {
 public:
  void Schedule(engine::ActivityTask, Done done) override { out.push_back(std::move(done)); }
  void Cancel(const ExecutionId&, engine::FrameId, std::string_view, std::int64_t) override {}
  std::deque<Done> out;
};

class HostPlacesTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  struct Node {
    Node(HostPlacesTest& test, std::string name)
        : calls(makers, test.io_.executor(0), test.clock_,
                {.target = [](const engine::ActivityTask&) { return HostCalls::Target{.host = "api"}; }}),
          places(test.store_, calls, test.clock_, test.io_.executor(0), std::move(name)) {}
    Makers makers;
    HostCalls calls;
    HostPlaces places;
    std::size_t begun = 0;
    std::size_t ended = 0;
  };

  void Use(std::int64_t concurrency, std::size_t nodes) {
    for (Node* node : {&a_, &b_}) {
      node->calls.SetRules({{kAccount, HostRules({{.pattern = "*", .rule = {.concurrency = concurrency}}})}},
                           nodes);
    }
    Settle();
  }
  void Begin(Node& node, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      node.calls.Schedule({.account = kAccount,
                           .execution = ExecutionId::New(),
                           .frame = 1,
                           .connector = "http",
                           .request = Json("api"),
                           .reference = "/do/0/call"},
                          [&node](const engine::ActivityOutcome&) { ++node.ended; });
    }
    Settle();
  }
  void End(Node& node) {
    const auto done = std::move(node.makers.out.front());
    node.makers.out.pop_front();
    done(engine::ActivitySuccess{});
    Settle();
  }
  void Look(Node& node) {
    const auto looked =
        boost::asio::co_spawn(io_.executor(0), node.places.Look(), boost::asio::use_future).get();
    EXPECT_TRUE(looked) << looked.error().ToString();
    Settle();
  }
  // What was posted has happened.
  void Settle() {
    for (int i = 0; i < 3; ++i) boost::asio::post(io_.executor(0), boost::asio::use_future([] {})).get();
  }
  void LookFor(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += HostPlaces::kLook) {
      clock_.Advance(HostPlaces::kLook);
      Look(a_);
      Look(b_);
    }
  }
  std::size_t out() const { return a_.makers.out.size() + b_.makers.out.size(); }

  IoThreads io_{1};
  SimulatedClock clock_;
  TestDatabase database_{GetParam(),
                         {"workflow", workflow::SqliteMigrations(), workflow::PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  HostStore store_{*db_};
  Node a_{*this, "a"};
  Node b_{*this, "b"};
};
INSTANTIATE_TEST_SUITE_P(Each, HostPlacesTest, database::kEachDatabase, database::DatabaseName);

TEST_P(HostPlacesTest, AreUsedByOneNodeAtATimeAndByEach) {
  Use(1, 2);
  Begin(a_, 40);
  Begin(b_, 40);
  std::set<std::size_t> turns;
  for (int round = 0; round < 400 && a_.ended + b_.ended < 80; ++round) {
    LookFor(HostPlaces::kLook);
    ASSERT_LE(out(), 1U);
    if (!a_.makers.out.empty())
      End(a_);
    else if (!b_.makers.out.empty())
      End(b_);
    ASSERT_LE(out(), 1U);
    if (a_.ended > 0 && a_.ended < 40 && b_.ended > 0) turns.insert(a_.ended);
  }
  EXPECT_EQ(a_.ended, 40U);
  EXPECT_EQ(b_.ended, 40U);
  EXPECT_GE(turns.size(), 2U) << "not one after the other";
}

TEST_P(HostPlacesTest, ACallThatTakesLongKeepsItsPlaceBeyondItsTurn) {
  Use(1, 2);
  Begin(a_, 2);
  Begin(b_, 1);
  LookFor(milliseconds(200));
  ASSERT_EQ(a_.makers.out.size(), 1U);
  LookFor(HostPlaces::kLease * 3);
  EXPECT_EQ(out(), 1U);
  End(a_);
  EXPECT_TRUE(a_.makers.out.empty()) << "its turn is over";
  LookFor(milliseconds(200));
  EXPECT_EQ(b_.makers.out.size(), 1U);
}

TEST_P(HostPlacesTest, TwoPlacesOfThreeNodesAreBothUsed) {
  Use(2, 3);
  Begin(a_, 5);
  Begin(b_, 5);
  for (int round = 0; round < 20; ++round) {
    LookFor(HostPlaces::kLook);
    ASSERT_LE(out(), 2U);
  }
  EXPECT_EQ(out(), 2U);
}

TEST_P(HostPlacesTest, OneThatIsNotHeardOfLosesThem) {
  Use(1, 2);
  Begin(a_, 2);
  Begin(b_, 1);
  LookFor(milliseconds(200));
  ASSERT_EQ(a_.makers.out.size(), 1U);
  clock_.Advance(HostPlaces::kLease + milliseconds(1));
  Look(b_);
  EXPECT_EQ(b_.makers.out.size(), 1U);
  Look(a_);
  End(a_);
  LookFor(milliseconds(500));
  EXPECT_TRUE(a_.makers.out.empty()) << "it has noticed";
  End(b_);
  LookFor(milliseconds(2'000));
  EXPECT_EQ(a_.makers.out.size(), 1U);
}

}  // namespace
}  // namespace elevaite::hosts

// Deployments on every database.
#include "services/workflow/deployment/deployment_store.h"

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
const WorkflowName kOrders{kAccount, "shop", "orders"};

class DeploymentStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  static std::shared_ptr<dsl::Program> ProgramOf(const std::string& version, const std::string& name) {
    auto program = std::make_shared<dsl::Program>();
    program->name = name;
    program->name_space = "shop";
    program->version = version;
    program->title = "Title of " + version;
    return program;
  }
  void Publish(const std::string& version, PublishNote note = {}, const std::string& name = "orders") {
    const auto done =
        Run(store_.Publish(kAccount, ProgramOf(version, name), "s", "yaml", {}, std::move(note)));
    ASSERT_TRUE(done) << done.error().ToString();
  }
  WorkflowRow Row() { return Run(store_.Resolve(kAccount, "shop.orders")).value(); }
  std::string History() {
    std::string acts;
    const auto changes = Run(deployments_.History(kOrders, INT64_MAX, 100));
    EXPECT_TRUE(changes) << changes.error().ToString();
    if (!changes) return acts;
    for (const DeploymentChange& change : *changes) {
      acts += std::string(NameOf(change.act)) + "=" + change.after.current;
      if (change.after.canary) acts += "+" + change.after.canary->version;
      acts += " ";
    }
    return acts;
  }
  Result<DeploymentChange> Canary(const std::string& version, std::int64_t percent,
                                  std::optional<std::int64_t> revision = std::nullopt) {
    return Run(deployments_.SetCanary(kOrders, {.version = version, .percent = percent}, {"cli", "try it"},
                                      revision));
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  WorkflowStore store_{*db_, SystemClock()};
  DeploymentStore deployments_{*db_, SystemClock()};
};
INSTANTIATE_TEST_SUITE_P(Each, DeploymentStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(DeploymentStoreTest, WhatIsPublishedIsCurrentUnlessAskedOtherwise) {
  Publish("1.0.0", {.activate = false, .who = "cli"});
  EXPECT_EQ(Row().deployment.current, "1.0.0") << "there is no other";
  Publish("1.1.0", {.activate = true, .who = "cli", .note = "faster"});
  Publish("2.0.0", {.activate = false});
  const WorkflowRow row = Row();
  EXPECT_EQ(row.deployment.current, "1.1.0");
  EXPECT_EQ(row.latest_version, "2.0.0");
  EXPECT_EQ(row.title, "Title of 1.1.0");
  EXPECT_EQ(row.deployment.revision, 2);
  EXPECT_EQ(History(), "publish=1.1.0 publish=1.0.0 ");
  EXPECT_EQ(Run(deployments_.History(kOrders, INT64_MAX, 1))->front().note.text, "faster");
  EXPECT_EQ(Run(deployments_.History(kOrders, 2, 1))->front().after.current, "1.0.0");
}

TEST_P(DeploymentStoreTest, RollsBackAndForth) {
  Publish("1.0.0");
  Publish("2.0.0");
  const auto back = Run(deployments_.Activate(kOrders, "1.0.0", {"studio", "it fails"}, 2));
  ASSERT_TRUE(back) << back.error().ToString();
  EXPECT_EQ(back->act, DeploymentAct::kRollback);
  EXPECT_EQ(Row().deployment.current, "1.0.0");
  EXPECT_EQ(Run(deployments_.Activate(kOrders, "2.0.0", {}, std::nullopt))->act, DeploymentAct::kActivate);
  EXPECT_EQ(History(), "activate=2.0.0 rollback=1.0.0 publish=2.0.0 publish=1.0.0 ");
  EXPECT_EQ(Run(deployments_.Activate(kOrders, "3.0.0", {}, std::nullopt)).error().code,
            ErrorCode::kNotFound);
  const WorkflowName theirs{AccountId::Parse("other").value(), "shop", "orders"};
  EXPECT_EQ(Run(deployments_.Activate(theirs, "1.0.0", {}, std::nullopt)).error().code, ErrorCode::kNotFound);
}

TEST_P(DeploymentStoreTest, ACanaryIsSetChangedPromotedAndStopped) {
  Publish("1.0.0");
  Publish("2.0.0", {.activate = false});
  EXPECT_EQ(Canary("1.0.0", 10).error().code, ErrorCode::kConflict) << "the current one";
  EXPECT_EQ(Canary("3.0.0", 10).error().code, ErrorCode::kNotFound);
  const auto first = Canary("2.0.0", 10);
  ASSERT_TRUE(first) << first.error().ToString();
  const auto more = Canary("2.0.0", 50);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->after.canary->since_us, first->after.canary->since_us) << "it is the same canary";
  EXPECT_EQ(Row().deployment.canary->percent, 50);
  ASSERT_TRUE(Run(deployments_.Promote(kOrders, {}, std::nullopt)));
  EXPECT_EQ(Row().deployment.current, "2.0.0");
  EXPECT_FALSE(Row().deployment.canary);
  EXPECT_EQ(Run(deployments_.Promote(kOrders, {}, std::nullopt)).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(Canary("1.0.0", 5));
  ASSERT_TRUE(Run(deployments_.Stop(kOrders, DeploymentAct::kAbort, {"elevaite", "why"}, std::nullopt)));
  EXPECT_EQ(Run(deployments_.Stop(kOrders, DeploymentAct::kStop, {}, std::nullopt)).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(
      History(),
      "abort=2.0.0 canary=2.0.0+1.0.0 promote=2.0.0 canary=1.0.0+2.0.0 canary=1.0.0+2.0.0 publish=1.0.0 ");
}

TEST_P(DeploymentStoreTest, PublishingOrActivatingEndsACanary) {
  Publish("1.0.0");
  Publish("2.0.0", {.activate = false});
  ASSERT_TRUE(Canary("2.0.0", 10));
  Publish("2.1.0", {.activate = false});
  EXPECT_TRUE(Row().deployment.canary);
  Publish("3.0.0");
  EXPECT_FALSE(Row().deployment.canary);
  ASSERT_TRUE(Canary("2.0.0", 10));
  ASSERT_TRUE(Run(deployments_.Activate(kOrders, "1.0.0", {}, std::nullopt)));
  EXPECT_FALSE(Row().deployment.canary);
}

TEST_P(DeploymentStoreTest, OfTwoWhoDecideAtOnceOneIsTold) {
  Publish("1.0.0");
  Publish("2.0.0", {.activate = false});
  ASSERT_TRUE(Canary("2.0.0", 10, 1));
  const auto late = Canary("2.0.0", 90, 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kConflict);
  EXPECT_EQ(Row().deployment.canary->percent, 10);
}

TEST_P(DeploymentStoreTest, AnImportLeavesWhatRunsAlone) {
  ASSERT_TRUE(store_.PublishNow(kAccount, *ProgramOf("1.0.0", "orders"), "s", "yaml", {}));
  ASSERT_TRUE(store_.PublishNow(kAccount, *ProgramOf("2.0.0", "orders"), "s", "yaml", {}));
  EXPECT_EQ(Row().deployment.current, "2.0.0") << "of one that is not known here, the last";
  ASSERT_TRUE(Run(deployments_.Activate(kOrders, "1.0.0", {}, std::nullopt)));
  ASSERT_TRUE(store_.PublishNow(kAccount, *ProgramOf("3.0.0", "orders"), "s", "yaml", {}));
  EXPECT_EQ(Row().deployment.current, "1.0.0");
}

TEST_P(DeploymentStoreTest, OnlyCanariesWithABoundAreWatched) {
  Publish("1.0.0");
  Publish("2.0.0", {.activate = false});
  Publish("1.0.0", {}, "other");
  ASSERT_TRUE(Canary("2.0.0", 10));
  EXPECT_TRUE(Run(deployments_.WithCanary())->empty());
  ASSERT_TRUE(Run(deployments_.SetCanary(
      kOrders, {.version = "2.0.0", .percent = 10, .abort_when = AbortWhen{.failure_ratio = 0.5}}, {}, {})));
  const auto watched = Run(deployments_.WithCanary());
  ASSERT_TRUE(watched && watched->size() == 1U);
  EXPECT_EQ(watched->front().of.name, "orders");
  EXPECT_EQ(watched->front().deployment.canary->abort_when->failure_ratio, 0.5);
}

}  // namespace
}  // namespace elevaite::workflow

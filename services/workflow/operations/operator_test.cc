// The table of operations on every database, and who does them.
#include "services/workflow/operations/operator.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <set>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;
using Outcome = OperationTarget::Outcome;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

// So many executions, newest first; what was done to each.
class FakeTarget final : public OperationTarget {
 public:
  explicit FakeTarget(std::size_t executions, std::size_t queued = 0) {
    for (std::size_t i = 0; i < executions; ++i) ids_.push_back(ExecutionId::New());
    for (std::size_t i = 0; i < queued; ++i) queued_.push_back(ExecutionId::New());
  }

  bool IsMine() override { return is_mine; }
  Task<engine::ExecutionPage> List(AccountId account, engine::ExecutionFilter filter) override {
    if (account == fails_for) co_return Fail(ErrorCode::kUnavailable, "the disk does not answer");
    engine::ExecutionPage page;
    const auto time = [this](std::size_t i) { return static_cast<std::int64_t>(ids_.size() - i); };
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (filter.after && time(i) >= filter.after->created_us) continue;
      page.items.push_back({.account = account, .id = ids_[i], .created_us = time(i)});
      if (page.items.size() < filter.limit) continue;
      page.next = engine::ListCursor{time(i), ids_[i]};
      break;
    }
    co_return page;
  }
  Task<QueuedIds> ListQueued(const Operation& /*operation*/, OperationScope /*scope*/, std::string place,
                             std::size_t most) override {
    const std::size_t from = place.empty() ? 0 : std::stoul(place);
    const std::size_t end = std::min(from + most, queued_.size());
    QueuedIds page;
    for (std::size_t i = from; i < end; ++i) page.ids.push_back(queued_[i]);
    if (end < queued_.size()) page.next = std::to_string(end);
    co_return page;
  }
  Task<Outcome> ActOnQueued(const Operation& /*operation*/, ExecutionId id) override {
    ++acts[id];
    if (id == has_begun) co_return Outcome{Outcome::Kind::kSkipped, "it does not wait any more"};
    co_return Outcome();
  }
  Task<engine::Admission::Ticket> Admit() override {
    if (refusals > 0) {
      --refusals;
      co_return Fail(ErrorCode::kUnavailable, "busy");
    }
    co_return engine::Admission::Ticket();
  }
  Task<Outcome> Act(const Operation&, const engine::ExecutionRecord& record) override {
    ++acts[record.id];
    if (on_act) on_act(record);
    if (answer) co_return answer(record);
    co_return Outcome();
  }

  const std::vector<ExecutionId>& ids() const { return ids_; }
  const std::vector<ExecutionId>& queued() const { return queued_; }
  ExecutionId has_begun;  // of the queue
  bool is_mine = true;
  AccountId fails_for;  // none of its executions can be listed
  int refusals = 0;
  std::map<ExecutionId, int> acts;
  std::function<void(const engine::ExecutionRecord&)> on_act;
  std::function<Result<Outcome>(const engine::ExecutionRecord&)> answer;

 private:
  std::vector<ExecutionId> ids_;
  std::vector<ExecutionId> queued_;
};

class OperatorTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  Operation Of(const AccountId& account = kAccount) {
    Operation operation{.account = account,
                        .id = OperationId::New(),
                        .act = BulkAct::kRetry,
                        .arguments = Json::EmptyObject(),
                        .filter = Json::Object({{"status", "suspended"}}),
                        .note = Json::Object({{"by", "api"}, {"reason", "why"}})};
    operation.created_us = operation.updated_us = clock_.Now().micros();
    return operation;
  }
  Operation Insert(Operation operation) {
    EXPECT_TRUE(Run(store_.Insert(operation)));
    return operation;
  }
  Operation Find(const Operation& operation) {
    auto found = Run(store_.Find(operation.account, operation.id));
    EXPECT_TRUE(found) << found.error().ToString();
    return found ? *std::move(found) : Operation();
  }
  Operator Make(OperationTarget& target) {
    return Operator(store_, target, clock_, io_.executor(0),
                    {.at_once = 4,
                     .per_second = 0,
                     .look_every = std::chrono::milliseconds(1),
                     .retry_after = std::chrono::milliseconds(1)});
  }
  // Rounds until there is nothing more to do.
  void Work(OperationTarget& target) {
    Operator works = Make(target);
    for (int round = 0; round < 100; ++round) {
      const auto worked = Run(works.Round());
      ASSERT_TRUE(worked) << worked.error().ToString();
      if (!*worked) return;
    }
    FAIL() << "it goes on for ever";
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  OperationStore store_{*db_};
  SimulatedClock clock_;
};

TEST_P(OperatorTest, ActsOnEachOnceAndCounts) {
  FakeTarget target(250);
  const ExecutionId skipped = target.ids()[3];
  const ExecutionId failed = target.ids()[120];
  target.answer = [&](const engine::ExecutionRecord& record) -> Result<Outcome> {
    if (record.id == skipped) return Fail(ErrorCode::kConflict, "it has ended");
    if (record.id == failed) return Fail(ErrorCode::kInvalidArgument, "it is broken");
    return Outcome();
  };
  const Operation operation = Insert(Of());
  Work(target);
  const Operation ended = Find(operation);
  EXPECT_EQ(ended.state, OperationState::kCompleted);
  EXPECT_EQ(ended.total, 250);
  EXPECT_EQ(ended.done, 248);
  EXPECT_EQ(ended.skipped, 1);
  EXPECT_EQ(ended.failed, 1);
  ASSERT_EQ(ended.reasons.size(), 2U);
  EXPECT_EQ(ended.reasons[0].execution, skipped.ToString());
  EXPECT_EQ(ended.reasons[1].message, "it is broken");
  EXPECT_TRUE(ended.ended_us);
  EXPECT_EQ(target.acts.size(), 250U);
  for (const auto& [id, times] : target.acts) EXPECT_EQ(times, 1);
}

TEST_P(OperatorTest, GoesOnWhereAnotherHasStopped) {
  FakeTarget target(250);
  const Operation operation = Insert(Of());
  {
    Operator works = Make(target);
    ASSERT_TRUE(Run(works.Round())) << "counts";
    ASSERT_TRUE(Run(works.Round())) << "a page";
  }
  EXPECT_EQ(Find(operation).done, 100);
  Work(target);
  EXPECT_EQ(Find(operation).done, 250);
  for (const auto& [id, times] : target.acts) EXPECT_EQ(times, 1);
}

TEST_P(OperatorTest, GoesThroughTheQueueAndThenTheExecutions) {
  FakeTarget target(120, 250);
  target.has_begun = target.queued()[7];
  Operation cancel = Of();
  cancel.act = BulkAct::kCancel;
  cancel.filter = Json::Object({{"workflow", "shop.order"}});
  const Operation operation = Insert(std::move(cancel));
  {
    Operator works = Make(target);
    for (int round = 0; round < 3; ++round) ASSERT_TRUE(Run(works.Round()));
  }
  EXPECT_EQ(Find(operation).total, 370);
  EXPECT_EQ(Find(operation).looked_at(), 200) << "counted, and two pages";
  Work(target);
  const Operation ended = Find(operation);
  EXPECT_EQ(ended.state, OperationState::kCompleted);
  EXPECT_EQ(ended.done, 369);
  EXPECT_EQ(ended.skipped, 1);
  ASSERT_EQ(ended.reasons.size(), 1U);
  EXPECT_EQ(ended.reasons[0].execution, target.has_begun.ToString());
  EXPECT_EQ(target.acts.size(), 370U);
  for (const auto& [id, times] : target.acts) EXPECT_EQ(times, 1);
}

TEST_P(OperatorTest, LeavesExecutionsAloneWhenOnlyWhatWaitsIsMeant) {
  FakeTarget target(3, 5);
  Operation cancel = Of();
  cancel.act = BulkAct::kCancel;
  cancel.filter = Json::Object({{"status", "queued"}});
  const Operation operation = Insert(std::move(cancel));
  Work(target);
  EXPECT_EQ(Find(operation).done, 5);
  EXPECT_EQ(Find(operation).total, 5);
  for (const ExecutionId& id : target.ids()) EXPECT_FALSE(target.acts.contains(id));
}

TEST_P(OperatorTest, TwoAtATimeDoNotCountTwice) {
  FakeTarget target(100);
  const Operation operation = Insert(Of());
  Operator one = Make(target);
  ASSERT_TRUE(Run(one.Round()));
  Operation other = Find(operation);
  const std::string before = other.cursor;
  ASSERT_TRUE(Run(one.Round()));
  other.cursor = "1-x";
  other.done = 99;
  EXPECT_EQ(Run(store_.Save(other, before)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Find(operation).done, 100);
}

TEST_P(OperatorTest, TriesAgainWhatMayPassAndWaitsForItsTurn) {
  FakeTarget target(3);
  target.refusals = 5;
  std::map<ExecutionId, int> tries;
  target.answer = [&](const engine::ExecutionRecord& record) -> Result<Outcome> {
    if (record.id == target.ids()[0] && ++tries[record.id] < 3) return Fail(ErrorCode::kUnavailable, "later");
    if (record.id == target.ids()[1]) return Fail(ErrorCode::kUnavailable, "never");
    return Outcome();
  };
  const Operation operation = Insert(Of());
  Work(target);
  const Operation ended = Find(operation);
  EXPECT_EQ(ended.done, 2);
  EXPECT_EQ(ended.failed, 1);
  EXPECT_EQ(ended.reasons.at(0).message, "never");
  EXPECT_EQ(target.acts[target.ids()[1]], static_cast<int>(Operator::kTries));
}

TEST_P(OperatorTest, StopsWhenCancelledAndKeepsWhatWasDone) {
  FakeTarget target(250);
  const Operation operation = Insert(Of());
  Operator works = Make(target);
  ASSERT_TRUE(Run(works.Round()));
  ASSERT_TRUE(Run(works.Round()));
  ASSERT_TRUE(Run(store_.Cancel(kAccount, operation.id, 77)));
  EXPECT_FALSE(*Run(works.Round()));
  const Operation cancelled = Find(operation);
  EXPECT_EQ(cancelled.state, OperationState::kCancelled);
  EXPECT_EQ(cancelled.done, 100);
  EXPECT_EQ(cancelled.ended_us, 77);
  EXPECT_TRUE(Run(store_.Cancel(kAccount, operation.id, 99))) << "it stays as it ended";
  EXPECT_EQ(Find(operation).ended_us, 77);
}

TEST_P(OperatorTest, OneThatIsCancelledInTheMiddleOfAPageStaysCancelled) {
  FakeTarget target(50);
  const Operation operation = Insert(Of());
  Operator works = Make(target);
  ASSERT_TRUE(Run(works.Round()));
  Operation page = Find(operation);
  ASSERT_TRUE(Run(store_.Cancel(kAccount, operation.id, 77)));
  page.done = 50;
  page.state = OperationState::kCompleted;
  page.ended_us = 88;
  ASSERT_TRUE(Run(store_.Save(page, page.cursor)));
  const Operation after = Find(operation);
  EXPECT_EQ(after.state, OperationState::kCancelled);
  EXPECT_EQ(after.ended_us, 77);
  EXPECT_EQ(after.done, 50);
}

TEST_P(OperatorTest, OneThatCannotGoOnDoesNotHoldOthersUp) {
  FakeTarget target(3);
  target.fails_for = kOther;
  const Operation stuck = Insert(Of(kOther));
  const Operation younger = Insert(Of());
  Work(target);
  EXPECT_EQ(Find(younger).state, OperationState::kCompleted);
  EXPECT_EQ(Find(stuck).state, OperationState::kRunning);
  target.fails_for = AccountId();
  Work(target);
  EXPECT_EQ(Find(stuck).state, OperationState::kCompleted);
}

TEST_P(OperatorTest, ReadsThoseThatRunPageByPage) {
  const Operation first = Insert(Of());
  const Operation second = Insert(Of(kOther));
  auto page = Run(store_.Running({}, 1));
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().id, first.id);
  page = Run(store_.Running(first.id, 1));
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().id, second.id);
  EXPECT_TRUE(Run(store_.Running(second.id, 1))->empty());
}

TEST_P(OperatorTest, IsLeftToTheNodeWhoseItIs) {
  FakeTarget target(3);
  target.is_mine = false;
  Insert(Of());
  Work(target);
  EXPECT_TRUE(target.acts.empty());
}

TEST_P(OperatorTest, ListsOfOneAccountNewestFirst) {
  const Operation first = Insert(Of());
  Insert(Of(kOther));
  const Operation second = Insert(Of());
  ASSERT_TRUE(Run(store_.Cancel(kAccount, first.id, 5)));
  const auto all = Run(store_.List(kAccount, {}));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0).id, second.id);
  const auto older = Run(store_.List(kAccount, {.before = second.id}));
  ASSERT_EQ(older->size(), 1U);
  EXPECT_EQ(older->at(0).id, first.id);
  EXPECT_EQ(Run(store_.List(kAccount, {.state = OperationState::kRunning}))->size(), 1U);
  EXPECT_EQ(Run(store_.Find(kOther, first.id)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Run(store_.Cancel(kOther, second.id, 5)).error().code, ErrorCode::kNotFound);
}

TEST_P(OperatorTest, SoManyOfAnAccountRunAtATime) {
  for (std::int64_t i = 0; i < OperationStore::kRunningMax; ++i) Insert(Of());
  EXPECT_EQ(Run(store_.Insert(Of())).error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(Run(store_.Insert(Of(kOther))));
}

TEST_P(OperatorTest, ForgetsThoseThatEndedLongAgo) {
  const Operation old = Insert(Of());
  const Operation recent = Insert(Of());
  const Operation running = Insert(Of());
  ASSERT_TRUE(Run(store_.Cancel(kAccount, old.id, 100)));
  ASSERT_TRUE(Run(store_.Cancel(kAccount, recent.id, 200)));
  EXPECT_EQ(Run(store_.Forget(150, 10)).value(), 1);
  EXPECT_EQ(Run(store_.Find(kAccount, old.id)).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(Run(store_.Find(kAccount, recent.id)));
  EXPECT_TRUE(Run(store_.Find(kAccount, running.id)));
}

INSTANTIATE_TEST_SUITE_P(Each, OperatorTest, database::kEachDatabase, database::DatabaseName);

}  // namespace
}  // namespace elevaite::workflow

// What is forgotten, what is kept, and that nothing waits for it; on every database.
#include "engine/retention.h"

#include <gtest/gtest.h>

#include <future>

#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/journal/projector.h"
#include "engine/journal/restored.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::Params;
using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
constexpr std::int64_t kDay_us = 86'400'000'000;

class RetentionTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  // One that began and ended so many days ago; `rows` of events.
  ExecutionRecord Store(double days_ago, Phase phase = Phase::kCompleted, int rows = 2,
                        std::optional<ExecutionId> parent = {}, const AccountId& account = kAccount) {
    const auto time_us = SystemClock().Now().micros() - static_cast<std::int64_t>(days_ago * kDay_us);
    ExecutionRecord record{.account = account,
                           .id = ExecutionId::New(),
                           .name_space = "shop",
                           .workflow = "orders",
                           .version = "1.0.0",
                           .parent = parent,
                           .phase = phase,
                           .created_us = time_us,
                           .started_us = time_us,
                           .labels = {{LabelKind::kAttribute, "order", "17"}}};
    if (IsFinal(phase)) record.finished_us = time_us;
    std::vector<JournalWrite> writes;
    for (int i = 1; i <= rows; ++i) {
      const Event event{
          .type = EventType::kTaskStarted, .seq = static_cast<std::uint64_t>(i), .time_us = time_us};
      writes.push_back(
          {.record = record, .created = i == 1, .first_seq = event.seq, .events = EncodeEvents({event})});
      writes.back().record.finished_us = i == 1 ? record.finished_us : std::nullopt;
    }
    std::promise<Result<void>> done;
    journal_.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
    const auto written = done.get_future().get();
    EXPECT_TRUE(written) << written.error().ToString();
    if (is_projected_) EXPECT_TRUE(ProjectAll(*db_));
    return record;
  }

  std::int64_t Count(const char* table) {
    const std::string sql = std::string("SELECT count(*) FROM ") + table;
    return db_->QueryAndWait({"count", sql.c_str()}).value()[0].Int(0);
  }
  bool Has(const ExecutionRecord& record) { return journal_.Exists(record.account, record.id).value(); }

  // Null: there are no weeks.
  std::unique_ptr<database::Upkeep> OpenUpkeep() {
    if (GetParam() == TestDatabaseKind::kSqlite) return nullptr;
    return database::OpenUpkeep({.url = database::TestCluster::Shared().Url(), .schema = database_.schema()})
        .value();
  }

  std::uint64_t Old(const Purge::Bounds& bounds) { return purge_.Old(kAccount, bounds).value(); }
  static std::int64_t DaysAgo(int days) { return SystemClock().Now().micros() - days * kDay_us; }

  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  DatabaseJournal journal_{*db_};
  bool is_projected_ = true;  // what is stored has its labels where searches find them
  int commits_ = 0;
  int stop_after_ = 1'000'000;
  Purge purge_{*db_, [this](std::chrono::microseconds) { return ++commits_ < stop_after_; }};
};
INSTANTIATE_TEST_SUITE_P(Each, RetentionTest, database::kEachDatabase, database::DatabaseName);

TEST_P(RetentionTest, WhatIsPastItsTimeGoesWithAllThatBelongsToIt) {
  const auto old = Store(40);
  const auto old_faulted = Store(40, Phase::kFaulted);
  const auto old_waiting = Store(40, Phase::kWaiting);
  const auto fresh = Store(1);
  EXPECT_EQ(Old({.completed_us = DaysAgo(30)}), 1U);
  EXPECT_FALSE(Has(old));
  EXPECT_TRUE(Has(old_faulted) && Has(old_waiting) && Has(fresh));
  EXPECT_EQ(Old({.faulted_us = DaysAgo(30)}), 1U);
  EXPECT_FALSE(Has(old_faulted));
  EXPECT_EQ(Old({.completed_us = DaysAgo(30), .faulted_us = DaysAgo(30)}), 0U);
  EXPECT_EQ(Count("journal"), 4);
  EXPECT_EQ(Count("labels"), 2);
}

TEST_P(RetentionTest, ManyGoInManyCommits) {
  for (int i = 0; i < 100; ++i) Store(40 + i * 0.001, i % 3 == 0 ? Phase::kCancelled : Phase::kCompleted);
  EXPECT_EQ(Old({.completed_us = DaysAgo(30), .faulted_us = DaysAgo(30)}), 100U);
  EXPECT_EQ(Count("executions") + Count("journal") + Count("labels"), 0);
  EXPECT_GE(commits_, 4);
}

TEST_P(RetentionTest, LabelsThatAreStillDueGoToo) {
  is_projected_ = false;
  Store(40);
  const auto fresh = Store(1);
  EXPECT_EQ(Count("labels_due"), 2);
  EXPECT_EQ(Old({.completed_us = DaysAgo(30)}), 1U);
  EXPECT_EQ(Count("labels_due"), 1);
  EXPECT_EQ(ProjectAll(*db_).value(), 1U);
  EXPECT_EQ(Count("labels"), 1);
  ASSERT_TRUE(purge_.One(kAccount, fresh.id));
  EXPECT_EQ(Count("labels") + Count("labels_due"), 0);
}

TEST_P(RetentionTest, TheEventsOfALongOneFollowAlsoAfterACrash) {
  const auto record = Store(40, Phase::kCompleted, 1'000);
  stop_after_ = 2;
  Old({.completed_us = DaysAgo(30)});
  EXPECT_FALSE(Has(record));
  const std::int64_t left = Count("journal");
  EXPECT_GT(left, 0);
  EXPECT_LT(left, 1'000);
  EXPECT_EQ(Count("purges"), 1);
  stop_after_ = 1'000'000;
  ASSERT_TRUE(purge_.Resume());
  EXPECT_EQ(Count("journal") + Count("purges"), 0);
}

TEST_P(RetentionTest, ChildrenStayAsLongAsTheirParentRuns) {
  const auto parent = Store(50, Phase::kRunning);
  const auto child = Store(40, Phase::kCompleted, 2, parent.id);
  const auto orphan = Store(40, Phase::kCompleted, 2, ExecutionId::New());
  EXPECT_EQ(Old({.completed_us = DaysAgo(30)}), 1U);
  EXPECT_TRUE(Has(child));
  EXPECT_FALSE(Has(orphan));
  EXPECT_EQ(purge_.One(kAccount, child.id).error().code, ErrorCode::kConflict);
}

TEST_P(RetentionTest, WhatMustBeSeenBeforeIsKeptWhenItCannotBe) {
  const auto record = Store(40);
  std::size_t seen = 0;
  bool has_room = false;
  const auto other = Store(39);
  purge_.Use([&](std::vector<ExecutionRecord> records) -> Result<std::vector<ExecutionRecord>> {
    seen += records.size();
    if (!has_room) return elevaite::Fail(ErrorCode::kUnavailable, "no room");
    std::erase_if(records, [&record](const ExecutionRecord& one) { return one.id == record.id; });
    return records;
  });
  EXPECT_FALSE(purge_.Old(kAccount, {.completed_us = DaysAgo(30)}));
  EXPECT_EQ(seen, 2U);
  EXPECT_TRUE(Has(record) && Has(other));
  has_room = true;
  EXPECT_EQ(Old({.completed_us = DaysAgo(30)}), 1U);
  EXPECT_TRUE(Has(record));
  EXPECT_FALSE(Has(other));
}

TEST_P(RetentionTest, WhatWasBroughtBackStaysForItsTimeAlsoForAnotherProcess) {
  const auto back = Store(40);
  const auto other = Store(40);
  const std::int64_t now_us = SystemClock().Now().micros();
  ASSERT_TRUE(KeepRestored(*db_, kAccount, back.id, now_us + kDay_us));
  ASSERT_TRUE(KeepRestored(*db_, kAccount, back.id, now_us + 5));  // the later one counts
  ASSERT_TRUE(KeepRestored(*db_, AccountId::Parse("other").value(), other.id, now_us + kDay_us));
  db_.reset();
  db_ = database_.Open();
  Purge purge(*db_, [](std::chrono::microseconds) { return true; });
  std::size_t seen = 0;
  purge.Use([&seen](std::vector<ExecutionRecord> records) -> Result<std::vector<ExecutionRecord>> {
    seen += records.size();
    return records;
  });
  ASSERT_TRUE(ForgetRestored(*db_, now_us + 10));
  EXPECT_EQ(purge.Old(kAccount, {.completed_us = DaysAgo(30)}).value(), 1U);
  EXPECT_EQ(seen, 1U) << "nor is it archived again";
  EXPECT_TRUE(DatabaseJournal(*db_).Exists(kAccount, back.id).value());
  ASSERT_TRUE(ForgetRestored(*db_, now_us + kDay_us + 1));
  EXPECT_EQ(Count("restored"), 0);
  EXPECT_EQ(purge.Old(kAccount, {.completed_us = DaysAgo(30)}).value(), 1U);
}

TEST_P(RetentionTest, WhoWantsToKeepMoreIsHeardWhileAPassGoesOn) {
  for (int i = 0; i < 1'200; ++i) Store(40, Phase::kCompleted, 1);
  int asked = 0;
  const auto gone = purge_.Old(kAccount, [&]() -> Result<Purge::Bounds> {
    return ++asked == 1 ? Purge::Bounds{.completed_us = DaysAgo(30)} : Purge::Bounds{};
  });
  EXPECT_EQ(gone.value(), 500U);
  EXPECT_EQ(Count("executions"), 700);
}

TEST_P(RetentionTest, OneIsDeletedAtOnceWhenItHasEnded) {
  Retention retention({}, *db_, SystemClock());
  retention.Start();
  const auto erase = [&](const ExecutionId& id) {
    std::promise<Result<void>> done;
    retention.Delete(kAccount, id, [&done](Result<void> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  };
  const auto ended = Store(0);
  const auto running = Store(0, Phase::kRunning);
  EXPECT_TRUE(erase(ended.id));
  EXPECT_FALSE(Has(ended));
  EXPECT_EQ(erase(ended.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(erase(running.id).error().code, ErrorCode::kConflict);
  EXPECT_EQ(retention.counters().purged, 1U);
  retention.Stop();
  EXPECT_EQ(erase(running.id).error().code, ErrorCode::kUnavailable);
}

TEST_P(RetentionTest, PassesComeByThemselves) {
  Store(40);
  const auto kept = Store(5);
  const auto upkeep = OpenUpkeep();
  Retention retention({.completed = std::chrono::hours(24 * 30),
                       .faulted = std::chrono::hours(24 * 30),
                       .every = std::chrono::milliseconds(20),
                       .upkeep = upkeep.get()},
                      *db_, SystemClock());
  retention.Start();
  for (int i = 0; i < 1'000 && retention.counters().purged == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(retention.counters().purged, 1U);
  EXPECT_EQ(retention.counters().failures, 0U);
  EXPECT_TRUE(Has(kept));
}

TEST_P(RetentionTest, AnAccountHasTimesOfItsOwn) {
  const AccountId longer = AccountId::Parse("longer").value();
  const AccountId shorter = AccountId::Parse("shorter").value();
  const auto of_all = Store(40);
  const auto kept_longer = Store(40, Phase::kCompleted, 2, {}, longer);
  const auto kept_shorter = Store(5, Phase::kCompleted, 2, {}, shorter);
  const auto faulted = Store(5, Phase::kFaulted, 2, {}, shorter);
  const auto upkeep = OpenUpkeep();
  std::atomic<bool> can_tell = false;
  Retention retention({.completed = std::chrono::hours(24 * 30),
                       .faulted = std::chrono::hours(24 * 30),
                       .every = std::chrono::milliseconds(20),
                       .of_accounts = [&]() -> Result<std::map<AccountId, RetentionTimes>> {
                         if (!can_tell) return elevaite::Fail(ErrorCode::kUnavailable, "not now");
                         return std::map<AccountId, RetentionTimes>{
                             {longer, {}}, {shorter, {.completed = std::chrono::hours(24)}}};
                       },
                       .upkeep = upkeep.get()},
                      *db_, SystemClock());
  retention.Start();
  const auto wait_until = [](const auto& holds) {
    for (int i = 0; i < 1'000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return holds();
  };
  EXPECT_TRUE(wait_until([&] { return retention.counters().failures > 0; }));
  EXPECT_TRUE(Has(of_all)) << "went before it was known who keeps what";
  can_tell = true;
  EXPECT_TRUE(wait_until([&] { return retention.counters().purged == 2; }));
  retention.Stop();
  EXPECT_FALSE(Has(of_all) || Has(kept_shorter));
  EXPECT_TRUE(Has(kept_longer) && Has(faulted));
}

}  // namespace
}  // namespace elevaite::engine

// That old weeks go as a whole, that what is needed stays, and that nobody waits for it; on a real
// PostgreSQL.
#include "engine/journal/weeks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "engine/journal/database_journal.h"
#include "engine/journal/partitions.h"
#include "engine/journal/projector.h"
#include "engine/journal/restored.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestClient;
using database::TestCluster;
using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kOne = AccountId::Parse("one").value();
const AccountId kOther = AccountId::Parse("other").value();
constexpr std::int64_t kDay_us = 86'400'000'000;

ExecutionId IdAt(std::int64_t time_us) {
  Uuid uuid = ExecutionId::New().uuid();
  auto time_ms = static_cast<std::uint64_t>(time_us / 1'000);
  for (int i = 5; i >= 0; --i, time_ms >>= 8U)
    uuid.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(time_ms);
  return ExecutionId(uuid);
}

class WeeksTest : public testing::Test {
 protected:
  WeeksTest() { client_.Run("SET search_path TO " + database_.schema()); }

  // One that began and ended then, with two rows of events and a label.
  ExecutionRecord Store(std::int64_t time_us, const AccountId& account = kOne,
                        Phase phase = Phase::kCompleted, std::optional<ExecutionId> parent = {}) {
    ExecutionRecord record{.account = account,
                           .id = IdAt(time_us),
                           .name_space = "shop",
                           .workflow = "orders",
                           .version = "1.0.0",
                           .parent = parent,
                           .phase = phase,
                           .created_us = time_us,
                           .started_us = time_us,
                           .labels = {{LabelKind::kAttribute, "order", "17"}}};
    if (IsFinal(phase)) record.finished_us = time_us;
    EXPECT_TRUE(Append(record));
    EXPECT_TRUE(ProjectAll(*db_));
    return record;
  }
  Result<void> Append(const ExecutionRecord& record) {
    const Event event{.type = EventType::kTaskStarted, .seq = 1, .time_us = record.created_us};
    std::vector<JournalWrite> writes;
    writes.push_back({.record = record, .created = true, .first_seq = 1, .events = EncodeEvents({event})});
    std::promise<Result<void>> done;
    journal_.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  }

  // Of that many weeks ago; its tables are made, as they once were. In its middle.
  std::int64_t Week(int ago) {
    const std::int64_t now_us = SystemClock().Now().micros();
    const std::int64_t begins_us = now_us - (now_us - 345'600'000'000) % (7 * kDay_us) - ago * 7 * kDay_us;
    for (const std::string of : {"executions_", "journal_", "labels_"})
      client_.Run("SET ROLE elevaite; SELECT make_week('" + of + NameOf(begins_us) + "')");
    client_.Run("RESET ROLE");
    return begins_us + 3 * kDay_us;
  }
  static std::string NameOf(std::int64_t time_us) {
    const std::int64_t begins_us = time_us - (time_us - 345'600'000'000) % (7 * kDay_us);
    const std::string date = Timestamp::FromMicros(begins_us).ToRfc3339();
    return date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2);
  }
  Weeks::Week Named(const std::string& of, std::int64_t time_us) {
    return {.name = of + "_" + NameOf(time_us),
            .of = of,
            .begins_us = time_us - (time_us - 345'600'000'000) % (7 * kDay_us)};
  }

  bool Has(const ExecutionRecord& record) { return journal_.Exists(record.account, record.id).value(); }
  bool HasTable(const std::string& name) {
    return client_
               .Run("SELECT 1 FROM pg_class WHERE relname = '" + name + "' AND relnamespace = '" +
                    database_.schema() + "'::regnamespace")
               .size() == 1;
  }
  std::string Count(const std::string& table) { return client_.Run("SELECT count(*) FROM " + table)[0]; }

  Weeks::Outcome Drop(int days = 30) {
    const auto outcome = weeks_.Drop(DaysAgo(days), [days](const AccountId&) { return DaysAgo(days); });
    EXPECT_TRUE(outcome) << outcome.error().ToString();
    return outcome.value_or(Weeks::Outcome{});
  }
  static std::int64_t DaysAgo(int days) { return SystemClock().Now().micros() - days * kDay_us; }

  TestDatabase database_{TestDatabaseKind::kPostgres, {"engine", {}, PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  std::unique_ptr<database::Upkeep> upkeep_ =
      database::OpenUpkeep({.url = TestCluster::Shared().Url(), .schema = database_.schema()}).value();
  DatabaseJournal journal_{*db_};
  TestClient client_{TestCluster::Shared().SuperuserUrl()};
  std::atomic<int> pauses_ = 0;
  Weeks weeks_{*db_, *upkeep_, [this](std::chrono::microseconds) {
                 ++pauses_;
                 return true;
               }};
};

TEST_F(WeeksTest, AWeekGoesWithItsEventsAndLabels) {
  const std::int64_t old = Week(10);
  const std::int64_t fresh = Week(2);
  const auto gone = Store(old);
  const auto gone_too = Store(old + 1, kOther, Phase::kFaulted);
  const auto kept = Store(fresh);
  EXPECT_EQ(Count("executions_" + NameOf(old)), "2");
  const auto outcome = Drop();
  EXPECT_EQ(outcome.dropped, 3U);
  EXPECT_EQ(outcome.executions, 2U);
  EXPECT_EQ(outcome.needed + outcome.busy, 0U);
  EXPECT_FALSE(Has(gone) || Has(gone_too));
  EXPECT_TRUE(Has(kept));
  for (const char* of : {"executions_", "journal_", "labels_"}) {
    EXPECT_FALSE(HasTable(of + NameOf(old))) << of;
    EXPECT_TRUE(HasTable(of + NameOf(fresh))) << of;
  }
  EXPECT_EQ(Count("executions") + Count("journal") + Count("labels"), "111");
  EXPECT_EQ(Drop().dropped, 0U);
}

TEST_F(WeeksTest, AWeekStaysForTheAccountThatKeepsItLonger) {
  const std::int64_t old = Week(10);
  const auto theirs = Store(old, kOther);
  Store(old, kOne);
  bool other_lets_go = false;
  const auto until = [&](const AccountId& account) -> std::optional<std::int64_t> {
    if (account == kOther && !other_lets_go) return DaysAgo(365);
    return DaysAgo(30);
  };
  auto outcome = weeks_.Drop(DaysAgo(30), until).value();
  EXPECT_EQ(outcome.dropped, 0U);
  EXPECT_EQ(outcome.needed, 3U);
  EXPECT_TRUE(Has(theirs));
  EXPECT_EQ(weeks_
                .Drop(DaysAgo(30),
                      [&](const AccountId& account) -> std::optional<std::int64_t> {
                        if (account == kOther) return std::nullopt;  // for ever
                        return DaysAgo(30);
                      })
                .value()
                .dropped,
            0U);
  other_lets_go = true;
  EXPECT_EQ(weeks_.Drop(DaysAgo(30), until).value().executions, 2U);
  EXPECT_FALSE(Has(theirs));
}

TEST_F(WeeksTest, AWeekStaysAsLongAsAParentOrItsOwnExecutionRuns) {
  const std::int64_t old = Week(10);
  const std::int64_t older = Week(11);
  const auto parent = Store(older, kOne, Phase::kRunning);
  const auto child = Store(old, kOne, Phase::kCompleted, parent.id);
  auto outcome = Drop();
  EXPECT_EQ(outcome.executions, 0U);
  EXPECT_FALSE(HasTable("executions_" + NameOf(older))) << "nothing was in it";
  EXPECT_TRUE(HasTable("journal_" + NameOf(older))) << "the parent began then";
  EXPECT_TRUE(Has(child) && Has(parent));
  EXPECT_EQ(Drop().executions, 0U);
  client_.Run("UPDATE executions SET phase = 6, finished_us = created_us WHERE parent_id IS NULL");
  EXPECT_EQ(Count("executions_rest"), "1") << "of a week that was dropped";
  EXPECT_EQ(Drop().executions, 1U);
  EXPECT_FALSE(Has(child));
  EXPECT_TRUE(Has(parent)) << "in no week, so it goes by itself";
  EXPECT_TRUE(HasTable("journal_" + NameOf(older)));
}

TEST_F(WeeksTest, WhatComesIntoAWeekAfterTheLookKeepsIt) {
  const std::int64_t old = Week(10);
  Store(old);
  const auto week = Named("executions", old);
  const auto until = [](const AccountId&) { return DaysAgo(30); };
  EXPECT_EQ(weeks_.Drop(week).value(), Weeks::State::kWritten) << "it was not sealed";
  EXPECT_EQ(weeks_.Seal(week).value(), Weeks::State::kDropped);
  std::uint64_t executions = 0;
  EXPECT_EQ(weeks_.Look(week, until, executions).value(), Weeks::State::kDropped);
  const auto late = Store(old + 5, kOther);  // an import, say
  EXPECT_EQ(weeks_.Drop(week).value(), Weeks::State::kWritten);
  EXPECT_TRUE(Has(late));
  const auto outcome =
      weeks_
          .Drop(DaysAgo(30),
                [](const AccountId& account) { return account == kOther ? DaysAgo(365) : DaysAgo(30); })
          .value();
  EXPECT_EQ(outcome.dropped, 0U);
  EXPECT_TRUE(Has(late));
  EXPECT_EQ(Drop().executions, 2U);
}

// The row is there before the drop asks for its lock, and not yet committed.
TEST_F(WeeksTest, WhatAnotherIsWritingIsNotLost) {
  const std::int64_t old = Week(10);
  const auto week = Named("executions", old);
  ASSERT_EQ(weeks_.Seal(week).value(), Weeks::State::kDropped);
  client_.Run("BEGIN");
  client_.Run(fmt::format(
      "INSERT INTO executions (account_id, id, shard, namespace, workflow, version, trigger, correlation,"
      " phase, created_us, started_us, finished_us) VALUES ('other', '\\x01', 1, 'n', 'w', '1', 0, '', 6, "
      "{0},"
      " {0}, {0})",
      old));
  std::uint64_t executions = 0;
  EXPECT_EQ(weeks_.Look(
                      week, [](const AccountId&) { return DaysAgo(30); }, executions)
                .value(),
            Weeks::State::kDropped)
      << "nobody sees the row yet";
  EXPECT_EQ(weeks_.Drop(week).value(), Weeks::State::kLocked);
  client_.Run("COMMIT");
  EXPECT_EQ(weeks_.Drop(week).value(), Weeks::State::kWritten);
  EXPECT_EQ(Count("executions"), "1");
}

// Whoever reads all tables in a long transaction keeps the weeks; starts and ends go on all the time.
TEST_F(WeeksTest, ALongReaderKeepsAWeekAndHoldsUpNobody) {
  const std::int64_t old = Week(10);
  const auto record = Store(old);
  TestClient reader(TestCluster::Shared().Url());
  reader.Run("BEGIN; SELECT count(*) FROM " + database_.schema() + ".executions");
  std::atomic<bool> reads = true;
  std::atomic<int> tried = 0;
  std::jthread purge([&] {
    while (reads) {
      const auto outcome = weeks_.Drop(DaysAgo(30), [](const AccountId&) { return DaysAgo(30); });
      EXPECT_TRUE(outcome);
      EXPECT_EQ(outcome->executions, 0U);
      EXPECT_GE(outcome->busy, 1U);
      ++tried;
    }
  });
  // The reader goes on until these are done: had one to wait for the drop, it would wait for ever, and fail.
  for (int i = 0; i < 200 || tried < 3; ++i) {
    const std::int64_t now_us = SystemClock().Now().micros();
    ExecutionRecord start{.account = kOne,
                          .id = ExecutionId::New(),
                          .name_space = "shop",
                          .workflow = "orders",
                          .version = "1.0.0",
                          .phase = i % 2 == 0 ? Phase::kCompleted : Phase::kRunning,
                          .created_us = now_us,
                          .started_us = now_us};
    if (i % 2 == 0) start.finished_us = now_us;
    const auto appended = Append(start);
    ASSERT_TRUE(appended) << appended.error().ToString();
  }
  reads = false;
  purge.join();
  EXPECT_TRUE(Has(record));
  EXPECT_EQ(reader.Run("SELECT count(*) FROM " + database_.schema() + ".executions_" + NameOf(old))[0], "1");
  reader.Run("COMMIT");
  EXPECT_EQ(Drop().executions, 1U);
  EXPECT_FALSE(Has(record));
}

// It came back after the last look, into a week that nobody wanted any more.
TEST_F(WeeksTest, WhatWasBroughtBackKeepsTheWeeks) {
  const std::int64_t old = Week(10);
  Store(old);
  const auto back = Store(old + 1);
  const std::int64_t now_us = SystemClock().Now().micros();
  ASSERT_TRUE(KeepRestored(*db_, back.account, back.id, now_us + kDay_us));
  EXPECT_EQ(Drop().executions, 0U);
  EXPECT_TRUE(Has(back));
  ASSERT_TRUE(ForgetRestored(*db_, now_us + 2 * kDay_us));
  EXPECT_EQ(Drop().executions, 2U);
}

TEST_F(WeeksTest, ManyAccountsAndRowsAreLookedThroughInPieces) {
  const std::int64_t old = Week(10);
  client_.Run(fmt::format(
      "INSERT INTO executions (account_id, id, shard, namespace, workflow, version, trigger, correlation, "
      "phase,"
      " created_us, started_us, finished_us) SELECT 'account-' || n % 250, decode(lpad(to_hex(n), 32, '0'),"
      " 'hex'), 1, 'n', 'w', '1', 0, '', 6, {0}, {0}, {0} FROM generate_series(1, 5000) n",
      old));
  const auto outcome = Drop();
  EXPECT_EQ(outcome.executions, 5'000U);
  EXPECT_GE(pauses_, 3 + 3);  // pages of rows, pages of accounts
  EXPECT_EQ(Count("executions"), "0");
}

TEST_F(WeeksTest, WhoIsToldToStopDropsNothing) {
  const std::int64_t old = Week(10);
  const auto record = Store(old);
  Weeks weeks(*db_, *upkeep_, [](std::chrono::microseconds) { return false; });
  const auto outcome = weeks.Drop(DaysAgo(30), [](const AccountId&) { return DaysAgo(30); });
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->dropped, 0U);
  EXPECT_TRUE(Has(record));
}

}  // namespace
}  // namespace elevaite::engine

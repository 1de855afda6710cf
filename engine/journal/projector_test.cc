// That searches find each execution once by each of its labels, whatever happens in between; on every
// database.
#include "engine/journal/projector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>
#include <set>

#include "engine/admission/admission.h"
#include "engine/journal/database_journal.h"
#include "engine/journal/purge.h"
#include "engine/journal/records.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;
using std::chrono::milliseconds;

const AccountId kAccount = AccountId::Default();
constexpr std::uint32_t kPartitions = 2;

using Found = std::multiset<std::pair<std::string, std::string>>;  // execution and label

class ProjectorTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  ExecutionRecord Record(std::vector<Label> labels, std::int64_t created_us = SystemClock().Now().micros()) {
    return {.account = kAccount,
            .id = ExecutionId::New(),
            .name_space = "shop",
            .workflow = "orders",
            .version = "1.0.0",
            .phase = Phase::kCompleted,
            .created_us = created_us,
            .started_us = created_us,
            .finished_us = created_us,
            .labels = std::move(labels)};
  }

  void Append(Journal& journal, const std::vector<ExecutionRecord>& records) {
    std::vector<JournalWrite> writes;
    for (const ExecutionRecord& record : records) {
      const Event event{.type = EventType::kExecutionStarted, .seq = 1, .time_us = 1};
      writes.push_back({.record = record, .created = true, .first_seq = 1, .events = EncodeEvents({event})});
    }
    std::promise<Result<void>> done;
    journal.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
    const auto written = done.get_future().get();
    ASSERT_TRUE(written) << written.error().ToString();
  }

  Found Stored() {
    const auto rows = db_->QueryAndWait({"all", "SELECT execution_id, label FROM labels"}).value();
    Found found;
    for (const auto& row : rows) found.emplace(row.IdAt<ExecutionId>(0).ToString(), row.Text(1));
    return found;
  }
  static Found Of(const std::vector<ExecutionRecord>& records) {
    Found found;
    for (const ExecutionRecord& record : records) {
      for (const Label& label : record.labels) found.emplace(record.id.ToString(), IndexText(label));
    }
    return found;
  }
  std::int64_t Count(const char* table) {
    const std::string sql = std::string("SELECT count(*) FROM ") + table;
    return db_->QueryAndWait({"count", sql.c_str()}).value()[0].Int(0);
  }
  void Run(const std::string& script) {
    const auto done =
        db_->TransactAndWait([&](database::Session& s) { return s.RunScript("script", script); });
    ASSERT_TRUE(done) << done.error().ToString();
  }
  // No label can be written from now on; or again.
  void Forbid() { Run("ALTER TABLE labels RENAME TO hidden"); }
  void Allow() { Run("ALTER TABLE hidden RENAME TO labels"); }

  std::unique_ptr<Projector> NewProjector(std::function<void(std::optional<Projector::Time>)> behind = {}) {
    return std::make_unique<Projector>(Projector::Options{.partitions = kPartitions,
                                                          .gather = milliseconds(1),
                                                          .again = milliseconds(10),
                                                          .behind = std::move(behind)},
                                       *db_, SystemClock());
  }
  static bool Eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 2'000 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(5));
    return condition();
  }
  static bool Drained(const Projector& projector) {
    return Eventually([&] { return !projector.status().lag; });
  }

  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
};
INSTANTIATE_TEST_SUITE_P(Each, ProjectorTest, database::kEachDatabase, database::DatabaseName);

const Label kTag{LabelKind::kTag, "team", "sales"};

TEST_P(ProjectorTest, AStartLeavesItsLabelsToTheProjector) {
  const std::vector<ExecutionRecord> records{Record({kTag, {LabelKind::kAttribute, "order", "ä\"1"}}),
                                             Record({})};
  auto projector = NewProjector();
  DatabaseJournal journal(*db_, std::nullopt, projector.get());
  Append(journal, records);
  EXPECT_EQ(Count("labels_due"), 1);
  EXPECT_EQ(Count("labels"), 0);
  EXPECT_EQ(projector->status().waiting, 1U);
  EXPECT_TRUE(projector->status().lag);

  projector->Start();
  ASSERT_TRUE(Drained(*projector));
  EXPECT_EQ(Stored(), Of(records));
  EXPECT_EQ(Count("labels_due"), 0);
  EXPECT_EQ(projector->status().projected, 1U);
  EXPECT_EQ(projector->status().waiting, 0U);
}

TEST_P(ProjectorTest, WhatAnOwnerLeftIsFoundByTheNextOne) {
  DatabaseJournal journal(*db_);
  std::vector<ExecutionRecord> records;
  for (int i = 0; i < 1'300; ++i) records.push_back(Record({kTag}, 1'000 + i / 7));
  Append(journal, records);
  auto projector = NewProjector();
  projector->Start();
  projector->Taken(1);
  ASSERT_TRUE(Drained(*projector));
  std::vector<ExecutionRecord> of_one;
  for (const ExecutionRecord& record : records) {
    if (PartitionIndex(record.id, kPartitions) == 1) of_one.push_back(record);
  }
  EXPECT_EQ(Stored(), Of(of_one));
  projector->Taken(0);
  ASSERT_TRUE(Drained(*projector));
  EXPECT_EQ(Stored(), Of(records));
}

// Starts of several threads, purges, and two projectors that both take everything for theirs, one of which is
// ended and begun again.
TEST_P(ProjectorTest, SearchesFindWhatIsThereAndNothingElse) {
  std::mt19937 random(std::random_device{}());
  auto one = NewProjector();
  auto two = NewProjector();
  one->Start();
  two->Start();
  std::mutex mutex;
  std::vector<ExecutionRecord> there;
  std::vector<std::jthread> threads;
  for (std::uint32_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t, seed = random()] {
      std::mt19937 own(seed);
      DatabaseJournal journal(*db_, std::nullopt, t == 0 ? one.get() : two.get());
      for (int i = 0; i < 40; ++i) {
        std::vector<ExecutionRecord> records;
        while (records.size() < 1 + own() % 20) {
          std::vector<Label> labels;
          if (own() % 3 > 0) labels.push_back({LabelKind::kTag, "team", std::to_string(own() % 3)});
          if (own() % 3 > 0) labels.push_back({LabelKind::kAttribute, "order", std::to_string(own())});
          // A clock that steps back now and then.
          const std::int64_t step_us = own() % 10 == 0 ? 3'600'000'000 : 0;
          auto record = Record(std::move(labels), SystemClock().Now().micros() - step_us);
          if (PartitionIndex(record.id, kPartitions) == t) records.push_back(std::move(record));
        }
        Append(journal, records);
        const std::scoped_lock lock(mutex);
        there.insert(there.end(), records.begin(), records.end());
      }
    });
  }
  Purge purge(*db_, [](std::chrono::microseconds) { return true; });
  for (int i = 0; i < 60; ++i) {
    std::this_thread::sleep_for(milliseconds(2));
    if (i % 20 == 10) {
      two->Stop();
      two->Start();
    }
    two->Taken(static_cast<std::uint32_t>(i) % kPartitions);
    const std::scoped_lock lock(mutex);
    if (there.empty()) continue;
    const std::size_t at = random() % there.size();
    const auto forgotten = purge.One(kAccount, there[at].id);
    ASSERT_TRUE(forgotten) << forgotten.error().ToString();
    there.erase(there.begin() + static_cast<std::ptrdiff_t>(at));
  }
  threads.clear();
  ASSERT_TRUE(Drained(*one) && Drained(*two));
  EXPECT_EQ(Count("labels_due"), 0);
  EXPECT_EQ(Stored(), Of(there));
}

TEST_P(ProjectorTest, WhatCannotBeWrittenIsTriedAgainAndStartsWaitForIt) {
  Admission admission({.behind_max = milliseconds(50)});
  auto projector = NewProjector([&admission](const auto& since) { admission.Behind(since); });
  projector->Start();
  DatabaseJournal journal(*db_, std::nullopt, projector.get());
  Forbid();
  std::vector<ExecutionRecord> records{Record({kTag}), Record({kTag})};
  while (PartitionIndex(records[1].id, kPartitions) != PartitionIndex(records[0].id, kPartitions))
    records[1] = Record({kTag});
  Append(journal, records);
  const auto admits = [&admission] { return admission.Admit().has_value(); };
  EXPECT_TRUE(Eventually([&] { return !admits(); }));
  const auto refused = admission.Admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(refused.error().retry_after);
  EXPECT_NE(refused.error().message.find("searches"), std::string::npos);
  EXPECT_TRUE(Eventually([&] { return projector->status().failures > 1; }));
  EXPECT_EQ(projector->status().waiting, 2U);
  EXPECT_EQ(Count("labels_due"), 2);

  Allow();
  ASSERT_TRUE(Drained(*projector));
  EXPECT_TRUE(admits());
  EXPECT_EQ(Stored(), Of(records));
}

TEST_P(ProjectorTest, ALabelThatIsThereAlreadyHoldsNobodyUp) {
  DatabaseJournal journal(*db_);
  const auto record = Record({kTag, {LabelKind::kTag, "a", "b"}});
  Append(journal, {record, Record({})});
  Run("INSERT INTO labels (account_id, label, created_us, execution_id) SELECT account_id, 'tag:a=b',"
      " created_us, execution_id FROM labels_due");
  EXPECT_EQ(ProjectAll(*db_).value(), 1U);
  EXPECT_EQ(Stored(), Of({record}));
}

TEST_P(ProjectorTest, LabelsThatCannotBeReadHoldNobodyUp) {
  DatabaseJournal journal(*db_);
  const auto good = Record({kTag});
  Append(journal, {Record({kTag}, 5), good});
  Run("UPDATE labels_due SET labels = '{' WHERE created_us = 5");
  EXPECT_EQ(ProjectAll(*db_).value(), 2U);
  EXPECT_EQ(Stored(), Of({good}));
}

TEST_P(ProjectorTest, AllOfManyAreBroughtOver) {
  DatabaseJournal journal(*db_);
  std::vector<ExecutionRecord> records;
  for (int i = 0; i < 1'000; ++i) {
    std::vector<Label> labels;
    for (int n = 0; n <= i % 4; ++n)
      labels.push_back({LabelKind::kTag, "t" + std::to_string(n), std::to_string(i)});
    records.push_back(Record(std::move(labels), 1'000 + i / 300));
  }
  Append(journal, records);
  EXPECT_EQ(ProjectAll(*db_).value(), 1'000U);
  EXPECT_EQ(ProjectAll(*db_).value(), 0U);
  EXPECT_EQ(Stored(), Of(records));
}

}  // namespace
}  // namespace elevaite::engine

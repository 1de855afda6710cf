// Lists of executions, on every database.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>

#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/journal/projector.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
constexpr std::int64_t kFirst_us = 1'700'000'000'000'000;

class ListingTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  void Store(const std::vector<ExecutionRecord>& records) {
    for (std::size_t at = 0; at < records.size();) {
      std::vector<JournalWrite> writes;
      for (; at < records.size() && writes.size() < 1'000; ++at) {
        const Event event{.type = EventType::kExecutionStarted, .seq = 1, .time_us = 1};
        writes.push_back(
            {.record = records[at], .created = true, .first_seq = 1, .events = EncodeEvents({event})});
      }
      std::promise<Result<void>> done;
      journal_.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
      const auto written = done.get_future().get();
      ASSERT_TRUE(written) << written.error().ToString();
    }
    ASSERT_TRUE(ProjectAll(*db_));
  }

  Result<ExecutionPage> Page(const ExecutionFilter& filter) {
    std::promise<Result<ExecutionPage>> promise;
    history_.List(kAccount, filter,
                  [&promise](Result<ExecutionPage> page) { promise.set_value(std::move(page)); });
    return promise.get_future().get();
  }

  // All pages, one behind the other.
  std::vector<ExecutionId> Walk(ExecutionFilter filter) {
    std::vector<ExecutionId> ids;
    pages_ = 0;
    do {
      const auto page = Page(filter);
      EXPECT_TRUE(page) << page.error().ToString();
      if (!page) return ids;
      EXPECT_LE(page->items.size(), filter.limit);
      for (const ExecutionRecord& record : page->items) ids.push_back(record.id);
      filter.after = page->next;
      ++pages_;
    } while (filter.after && pages_ < 1'000);
    return ids;
  }

  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  DatabaseJournal journal_{*db_};
  History history_{*db_};
  int pages_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Each, ListingTest, database::kEachDatabase, database::DatabaseName);

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t Below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  bool OneOf(std::size_t n) { return Below(n) == 0; }
  std::string Text(const char* stem, std::size_t n) { return stem + std::to_string(Below(n)); }

 private:
  std::mt19937 engine_;
};

Json ErrorOf(const std::string& type) {
  return Json::Object({{"type", type}, {"status", 500}, {"title", "no luck"}});
}

ExecutionRecord RandomRecord(Random& random, const std::vector<ExecutionRecord>& before) {
  ExecutionRecord record{
      .account = kAccount,
      .id = ExecutionId::New(),
      .name_space = random.Text("space", 2),
      .workflow = random.Text("w", 3),
      .version = random.Text("1.0.", 2),
      .phase = static_cast<Phase>(random.Below(7)),
      .created_us = kFirst_us + static_cast<std::int64_t>(random.Below(40)),  // some at once
      .started_us = kFirst_us};
  if (IsFinal(record.phase))
    record.finished_us = record.created_us + static_cast<std::int64_t>(random.Below(20));
  if (record.phase == Phase::kFaulted) record.error = ErrorOf(random.Text("type", 3));
  if (!before.empty() && random.OneOf(3))
    record.parent = before[random.Below(std::min<std::size_t>(before.size(), 4))].id;
  if (random.OneOf(2)) record.labels.push_back({LabelKind::kTag, "team", random.Text("t", 2)});
  if (random.OneOf(2)) record.labels.push_back({LabelKind::kAttribute, "order", random.Text("é", 5)});
  if (random.OneOf(2)) record.labels.push_back({LabelKind::kAttribute, "team", random.Text("t", 2)});
  return record;
}

ExecutionFilter RandomFilter(Random& random, const std::vector<ExecutionRecord>& records) {
  ExecutionFilter filter;
  const auto time = [&random] { return kFirst_us + static_cast<std::int64_t>(random.Below(60)); };
  if (random.OneOf(4)) filter.name_space = random.Text("space", 2);
  if (random.OneOf(3)) filter.workflow = random.Text("w", 3);
  if (random.OneOf(4)) filter.version = random.Text("1.0.", 2);
  for (int i = 0; i < 7; ++i) {
    if (random.OneOf(5)) filter.phases.push_back(static_cast<Phase>(i));
  }
  if (random.OneOf(8)) filter.error_type = random.Text("type", 3);
  if (random.OneOf(6)) filter.parent = records[random.Below(4)].id;
  if (random.OneOf(4)) filter.labels.push_back({LabelKind::kTag, "team", random.Text("t", 2)});
  if (random.OneOf(4)) filter.labels.push_back({LabelKind::kAttribute, "order", random.Text("é", 5)});
  if (random.OneOf(5)) filter.labels.push_back({LabelKind::kAttribute, "team", random.Text("t", 2)});
  if (random.OneOf(5)) {
    ExecutionId a = records[random.Below(records.size())].id;
    ExecutionId b = records[random.Below(records.size())].id;
    filter.ids = ExecutionFilter::Ids{std::min(a, b), std::max(a, b)};
  }
  if (random.OneOf(4)) filter.since_us = time();
  if (random.OneOf(4)) filter.until_us = time();
  if (random.OneOf(5)) filter.finished_since_us = time();
  if (random.OneOf(5)) filter.finished_until_us = time();
  filter.limit = 2 + random.Below(12);
  return filter;
}

bool Fits(const ExecutionRecord& r, const ExecutionFilter& f) {
  const auto is = [](const std::string& wanted, std::string_view is) {
    return wanted.empty() || wanted == is;
  };
  const bool ends_in_time =
      (!f.finished_since_us || (r.finished_us && *r.finished_us >= *f.finished_since_us)) &&
      (!f.finished_until_us || (r.finished_us && *r.finished_us < *f.finished_until_us));
  return is(f.name_space, r.name_space) && is(f.workflow, r.workflow) && is(f.version, r.version) &&
         is(f.error_type, r.error["type"].StringOr("")) && ends_in_time &&
         (f.phases.empty() || std::ranges::find(f.phases, r.phase) != f.phases.end()) &&
         (!f.parent || f.parent == r.parent) && (!f.ids || (r.id >= f.ids->first && r.id <= f.ids->last)) &&
         (!f.since_us || r.created_us >= *f.since_us) && (!f.until_us || r.created_us < *f.until_us) &&
         std::ranges::all_of(f.labels, [&r](const Label& label) {
           return std::ranges::find(r.labels, label) != r.labels.end();
         });
}

TEST_P(ListingTest, AnyFilterGivesWhatFitsOncePageByPage) {
  Random random(7);
  std::vector<ExecutionRecord> records;
  for (int i = 0; i < 300; ++i) records.push_back(RandomRecord(random, records));
  Store(records);
  std::ranges::sort(records, std::greater(),
                    [](const ExecutionRecord& r) { return std::pair(r.created_us, r.id); });
  std::size_t found = 0;
  for (int i = 0; i < 150; ++i) {
    const ExecutionFilter filter = RandomFilter(random, records);
    std::vector<ExecutionId> wanted;
    for (const ExecutionRecord& record : records) {
      if (Fits(record, filter)) wanted.push_back(record.id);
    }
    found += wanted.size();
    ASSERT_EQ(Walk(filter), wanted) << "filter " << i;
  }
  EXPECT_GT(found, 300U);
}

TEST_P(ListingTest, WhatIsRareIsLookedForInSteps) {
  std::vector<ExecutionRecord> records;
  for (int i = 0; i < 11'900; ++i) {
    records.push_back({.account = kAccount,
                       .id = ExecutionId::New(),
                       .name_space = "shop",
                       .workflow = "orders",
                       .version = "2.0.0",
                       .phase = Phase::kRunning,
                       .created_us = kFirst_us + i,
                       .started_us = kFirst_us + i});
  }
  records[3].version = "1.0.0";
  records[11'001].version = "1.0.0";
  Store(records);
  for (const auto& filter :
       {ExecutionFilter{.workflow = "orders", .version = "1.0.0"},
        ExecutionFilter{.version = "1.0.0", .phases = {Phase::kRunning}},
        ExecutionFilter{.workflow = "orders", .version = "1.0.0", .phases = {Phase::kRunning}}}) {
    const auto first = Page(filter);
    ASSERT_TRUE(first && first->next);
    EXPECT_EQ(first->items.size(), 1U);
    EXPECT_EQ(Walk(filter), (std::vector{records[11'001].id, records[3].id}));
    EXPECT_EQ(pages_, 6);
  }
}

TEST_P(ListingTest, LabelsComeBackWithTheRecord) {
  Random random(1);
  ExecutionRecord record = RandomRecord(random, {});
  record.labels = {{LabelKind::kTag, "a=b", "c=\"d\""}, {LabelKind::kAttribute, "x", ""}};
  Store({record});
  const auto page = Page({});
  ASSERT_TRUE(page && page->items.size() == 1U);
  EXPECT_EQ(page->items[0].labels, record.labels);
  EXPECT_EQ(Walk({.labels = {record.labels[1]}}).size(), 1U);
}

TEST_P(ListingTest, WhatRunsOnEachVersionIsCounted) {
  std::vector<ExecutionRecord> records;
  const auto add = [&](const char* workflow, const char* version, Phase phase, int n) {
    for (int i = 0; i < n; ++i) {
      const auto at_us = kFirst_us + static_cast<std::int64_t>(records.size());
      records.push_back({.account = kAccount,
                         .id = ExecutionId::New(),
                         .name_space = "shop",
                         .workflow = workflow,
                         .version = version,
                         .phase = phase,
                         .created_us = at_us,
                         .started_us = at_us,
                         .finished_us = IsFinal(phase) ? std::optional(at_us) : std::nullopt});
    }
  };
  add("orders", "1.0.0", Phase::kCompleted, 2);
  add("orders", "1.0.0", Phase::kWaiting, 3);
  add("orders", "1.0.0", Phase::kSuspended, 1);
  add("other", "1.0.0", Phase::kRunning, 4);
  const std::int64_t since_us = records.back().created_us + 1;
  add("orders", "2.0.0", Phase::kFaulted, 2);
  add("orders", "2.0.0", Phase::kCompleted, 5);
  add("orders", "2.0.0", Phase::kCancelled, 1);
  add("orders", "2.0.0", Phase::kRunning, 1);
  add("orders", "1.0.0", Phase::kFaulted, 1);
  Store(records);
  const auto count = [&](const AccountId& account, const char* name_space) {
    std::promise<Result<VersionCounts>> promise;
    history_.CountVersions(account, name_space, "orders", since_us, [&promise](Result<VersionCounts> counts) {
      promise.set_value(std::move(counts));
    });
    return promise.get_future().get();
  };

  auto counts = count(kAccount, "shop");

  ASSERT_TRUE(counts) << counts.error().ToString();
  EXPECT_TRUE(counts->all);
  std::ranges::sort(counts->versions, {}, &VersionCount::version);
  ASSERT_EQ(counts->versions.size(), 2U);
  const VersionCount& one = counts->versions[0];
  EXPECT_EQ(one.unfinished, 4);
  EXPECT_EQ(one.oldest_us, kFirst_us + 2);
  EXPECT_EQ(std::tuple(one.recent, one.completed, one.faulted), std::tuple(1, 0, 1)) << "before: not counted";
  const VersionCount& two = counts->versions[1];
  EXPECT_EQ(two.unfinished, 1);
  EXPECT_EQ(std::tuple(two.recent, two.completed, two.faulted, two.cancelled), std::tuple(9, 5, 2, 1));
  EXPECT_TRUE(count(kAccount, "elsewhere")->versions.empty());
  EXPECT_TRUE(count(AccountId::Parse("other").value(), "shop")->versions.empty());
}

TEST_P(ListingTest, TooManyLabelsAreRefused) {
  ExecutionFilter filter;
  filter.labels.resize(5);
  EXPECT_EQ(Page(filter).error().code, ErrorCode::kInvalidArgument);
}

TEST(ListCursorTest, IsReadBackAndNothingElse) {
  const ListCursor cursor{123, ExecutionId::New()};
  EXPECT_EQ(ListCursor::Parse(cursor.ToString()).value(), cursor);
  for (const std::string& bad :
       {std::string(), std::string("1"), std::string("1-"), "-" + cursor.id.ToString(), cursor.id.ToString(),
        "1 " + cursor.id.ToString(), "-1-" + cursor.id.ToString(), cursor.ToString() + "x"})
    EXPECT_FALSE(ListCursor::Parse(bad)) << bad;
}

}  // namespace
}  // namespace elevaite::engine

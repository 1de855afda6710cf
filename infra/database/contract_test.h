// What every adapter of the Database port must do. Include it in one test file per adapter and instantiate:
//   INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseContract, testing::Values(Factory{...}));
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "infra/database/database.h"

namespace elevaite::database {

// An empty database for one test.
class TestBed {
 public:
  virtual ~TestBed() = default;
  virtual Database& db() = 0;
  // Columns: n TEXT, i BIGINT, r DOUBLE PRECISION, t TEXT, b and e of bytes.
  virtual Sql create_types() const = 0;
};
using Factory = std::function<std::unique_ptr<TestBed>()>;

constexpr Sql kCreateItems{"items.create",
                           "CREATE TABLE items (id BIGINT PRIMARY KEY, text TEXT NOT NULL, version BIGINT "
                           "NOT NULL CHECK (version >= 0))"};
constexpr Sql kCreateParts{"parts.create", "CREATE TABLE parts (item BIGINT NOT NULL REFERENCES items (id))"};
constexpr Sql kInsertItem{"items.insert", "INSERT INTO items (id, text, version) VALUES (?1, ?2, ?3)"};
constexpr Sql kInsertPart{"parts.insert", "INSERT INTO parts (item) VALUES (?1)"};
constexpr Sql kBumpItem{"items.bump",
                        "UPDATE items SET version = version + 1 WHERE id = ?1 AND version = ?2"};
constexpr Sql kLoadItem{"items.load", "SELECT text, version FROM items WHERE id = ?1"};
constexpr Sql kCountItems{"items.count", "SELECT count(*) FROM items"};
constexpr Sql kListItems{"items.list", "SELECT id FROM items ORDER BY id"};
constexpr Sql kEndless{
    "endless",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n WHERE x < 0"};

class DatabaseContract : public testing::TestWithParam<Factory> {
 protected:
  void SetUp() override {
    bed_ = GetParam()();
    Batch batch;
    batch.Add(kCreateItems);
    batch.Add(kCreateParts);
    const auto created = db().SubmitAndWait(std::move(batch));
    ASSERT_TRUE(created) << created.error().ToString();
  }

  Database& db() { return bed_->db(); }
  std::int64_t Count() {
    const auto rows = db().QueryAndWait(kCountItems);
    EXPECT_TRUE(rows) << rows.error().ToString();
    return rows ? (*rows)[0].Int(0) : -1;
  }
  static Batch Insert(std::int64_t id, std::string_view text = "x") {
    Batch batch;
    batch.Add(kInsertItem, id, text, 0);
    return batch;
  }
  static ErrorCode CodeOf(const auto& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kInternal : result.error().code;
  }

  std::unique_ptr<TestBed> bed_;
};

TEST_P(DatabaseContract, KeepsEveryTypeAsItIs) {
  constexpr Sql kInsert{"types.insert", "INSERT INTO types VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
  constexpr Sql kSelect{"types.select", "SELECT n, i, r, t, b, e FROM types"};
  const std::string bytes("\0\1\xff", 3);
  const Uuid uuid = SystemUuids().Next();
  Batch batch;
  batch.Add(bed_->create_types());
  batch.Add(kInsert, nullptr, INT64_MIN, 0.1, "zwölf \xF0\x9F\x98\x80", Blob{bytes}, Blob{""});
  batch.Add(kInsert, std::optional<std::string>(), true, -1e300, std::string(), uuid,
            std::optional<Uuid>(uuid));
  ASSERT_TRUE(db().SubmitAndWait(std::move(batch)));

  const auto rows = db().QueryAndWait(kSelect);

  ASSERT_TRUE(rows) << rows.error().ToString();
  ASSERT_EQ(rows->size(), 2U);
  const Row first = (*rows)[0];
  EXPECT_TRUE(first.IsNull(0));
  EXPECT_EQ(first.Int(1), INT64_MIN);
  EXPECT_EQ(first.Real(2), 0.1);
  EXPECT_EQ(first.Text(3), "zwölf \xF0\x9F\x98\x80");
  EXPECT_EQ(first.Bytes(4), bytes);
  EXPECT_EQ(first.TypeOf(5), Type::kBlob);
  EXPECT_EQ(first.Bytes(5), "");
  const Row second = (*rows)[1];
  EXPECT_EQ(second.OptionalText(0), std::nullopt);
  EXPECT_TRUE(second.Bool(1));
  EXPECT_EQ(second.Real(2), -1e300);
  EXPECT_EQ(second.OptionalText(3), "");
  EXPECT_EQ(second.UuidAt(4), uuid);
  EXPECT_EQ(second.UuidAt(5), uuid);
  EXPECT_THROW(first.Int(3), std::logic_error);
  EXPECT_THROW(first.Int(6), std::out_of_range);
  EXPECT_THROW((*rows)[2], std::out_of_range);
}

TEST_P(DatabaseContract, AppliesABatchAsAWholeOrNotAtAll) {
  Batch batch;
  batch.Add(kInsertItem, 1, "a", 0);
  batch.Add(kInsertItem, 2, "b", 0);
  batch.Add(kInsertItem, 1, "again", 0);
  EXPECT_EQ(CodeOf(db().SubmitAndWait(std::move(batch))), ErrorCode::kConflict);
  EXPECT_EQ(Count(), 0);

  Batch good;
  good.Add(kInsertItem, 1, "a", 0);
  good.Add(kBumpItem, 1, 0);
  good.Add(kBumpItem, 1, 7);
  const auto outcome = db().SubmitAndWait(std::move(good));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->rows_changed, (std::vector<std::int64_t>{1, 1, 0}));
  EXPECT_EQ(Count(), 1);
  EXPECT_TRUE(db().SubmitAndWait(Batch{}));
}

TEST_P(DatabaseContract, SaysWhichKindOfRuleWasBroken) {
  Batch null;
  null.Add(kInsertItem, 1, nullptr, 0);
  EXPECT_EQ(CodeOf(db().SubmitAndWait(std::move(null))), ErrorCode::kInvalidArgument);
  Batch check;
  check.Add(kInsertItem, 1, "a", -1);
  EXPECT_EQ(CodeOf(db().SubmitAndWait(std::move(check))), ErrorCode::kInvalidArgument);
  Batch foreign;
  foreign.Add(kInsertPart, 99);
  EXPECT_EQ(CodeOf(db().SubmitAndWait(std::move(foreign))), ErrorCode::kConflict);
  ASSERT_TRUE(db().SubmitAndWait(Insert(1)));
  Batch expected;
  expected.Add(kInsertItem, 2, "a", 0);
  expected.Add(kBumpItem, 1, 5).ExpectRows(1);
  EXPECT_EQ(CodeOf(db().SubmitAndWait(std::move(expected))), ErrorCode::kConflict);
  EXPECT_EQ(Count(), 1);
}

TEST_P(DatabaseContract, TellsBugsInStatementsAsInternalErrors) {
  constexpr Sql kWrong{"wrong", "SELEC 1"};
  constexpr Sql kTwo{"two", "SELECT 1; SELECT 2"};
  Batch batch;
  batch.Add(kWrong);
  const auto wrong = db().SubmitAndWait(std::move(batch));
  EXPECT_EQ(CodeOf(wrong), ErrorCode::kInternal);
  EXPECT_NE(wrong.error().detail.find("wrong"), std::string::npos);
  EXPECT_EQ(wrong.error().message.find("SELEC"), std::string::npos);
  EXPECT_EQ(CodeOf(db().QueryAndWait(kTwo)), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf(db().QueryAndWait(kLoadItem)), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf(db().QueryAndWait(kLoadItem, Params::Of(1, 2))), ErrorCode::kInternal);
  EXPECT_FALSE(db().QueryAndWait(kInsertItem, Params::Of(1, "written by a query", 0)));
  EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseContract, AnswersInTheOrderOfSubmission) {
  constexpr int kBatches = 2000;
  ASSERT_TRUE(db().SubmitAndWait(Insert(0)));
  std::vector<int> answered;
  std::promise<void> finished;
  int conflicts = 0;
  for (int i = 0; i < kBatches; ++i) {
    Batch batch;
    batch.Add(kBumpItem, 0, i).ExpectRows(1);  // each depends on the one before
    db().Submit(std::move(batch), [&, i](Result<BatchOutcome> result) {
      answered.push_back(i);
      if (!result) ++conflicts;
      if (i == kBatches - 1) finished.set_value();
    });
  }
  finished.get_future().wait();
  EXPECT_EQ(conflicts, 0);
  EXPECT_EQ(answered.size(), static_cast<std::size_t>(kBatches));
  EXPECT_TRUE(std::is_sorted(answered.begin(), answered.end()));
}

TEST_P(DatabaseContract, SharesCommitsAmongBatches) {
  constexpr int kBatches = 2000;
  const Stats before = db().stats();
  std::atomic<int> good{0};
  std::promise<void> finished;
  for (int i = 0; i < kBatches; ++i) {
    db().Submit(Insert(i), [&](Result<BatchOutcome> result) {
      if (result && ++good == kBatches) finished.set_value();
    });
  }
  finished.get_future().wait();
  const Stats after = db().stats();
  EXPECT_EQ(after.batches - before.batches, static_cast<std::uint64_t>(kBatches));
  EXPECT_LT(after.commits - before.commits, static_cast<std::uint64_t>(kBatches / 4));
  EXPECT_EQ(Count(), kBatches);
}

TEST_P(DatabaseContract, OneBadBatchAmongManyFailsAlone) {
  ASSERT_TRUE(db().SubmitAndWait(Insert(50)));
  std::vector<ErrorCode> failures;
  std::vector<int> failed;
  std::promise<void> finished;
  for (int i = 0; i < 100; ++i) {
    db().Submit(Insert(i), [&, i](Result<BatchOutcome> result) {
      if (!result) {
        failed.push_back(i);
        failures.push_back(result.error().code);
      }
      if (i == 99) finished.set_value();
    });
  }
  finished.get_future().wait();
  EXPECT_EQ(failed, std::vector<int>{50});
  EXPECT_EQ(failures, std::vector<ErrorCode>{ErrorCode::kConflict});
  EXPECT_EQ(Count(), 100);
  EXPECT_TRUE(db().Health());
}

TEST_P(DatabaseContract, ABrokenStreamAppliesNothingMoreUntilItIsReset) {
  ASSERT_TRUE(db().SubmitAndWait(Insert(3)));
  WriteStream stream;
  std::vector<std::string> answers;
  std::promise<void> finished;
  std::promise<void> other;
  for (int i = 0; i < 6; ++i) {  // number 3 conflicts
    db().Submit(stream, Insert(i), [&, i](Result<BatchOutcome> result) {
      answers.push_back(
          result ? "ok" : std::string(InfoOf(result.error().code).name) + ": " + result.error().message);
      if (i == 5) finished.set_value();
    });
  }
  db().Submit(Insert(100), [&](Result<BatchOutcome> result) {
    EXPECT_TRUE(result);
    other.set_value();
  });
  finished.get_future().wait();
  other.get_future().wait();
  const std::string conflict = "conflict: the change conflicts with what is stored";
  const std::string broken = "unavailable: a previous write failed";
  EXPECT_EQ(answers, (std::vector<std::string>{"ok", "ok", "ok", conflict, broken, broken}));
  EXPECT_TRUE(stream.failed());

  std::promise<ErrorCode> late;
  db().Submit(stream, Insert(7), [&](Result<BatchOutcome> result) { late.set_value(CodeOf(result)); });
  EXPECT_EQ(late.get_future().get(), ErrorCode::kUnavailable);
  EXPECT_EQ(Count(), 5);

  stream.Reset();
  EXPECT_FALSE(stream.failed());
  std::promise<bool> again;
  db().Submit(stream, Insert(7), [&](Result<BatchOutcome> result) { again.set_value(result.has_value()); });
  EXPECT_TRUE(again.get_future().get());
  EXPECT_EQ(Count(), 6);
}

TEST_P(DatabaseContract, TransactsReadAndWriteAsOne) {
  ASSERT_TRUE(db().SubmitAndWait(Insert(1, "old")));
  const auto done = db().TransactAndWait([](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kLoadItem, 1));
    ASSIGN_OR_RETURN(const auto changed,
                     session.Execute(kInsertItem, 2, std::string(rows[0].Text(0)) + " and new", 0));
    EXPECT_EQ(changed, 1);
    return session.RunScript("script",
                             "INSERT INTO items VALUES (3, 'c', 0); INSERT INTO items VALUES (4, 'd', 0);");
  });
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ((*db().QueryAndWait(kLoadItem, Params::Of(2)))[0].Text(0), "old and new");
  EXPECT_EQ(Count(), 4);
}

TEST_P(DatabaseContract, AFailedTransactionLeavesNothingAndHarmsNobody) {
  std::vector<std::future<bool>> others;
  const auto submit = [&](std::int64_t id) {
    auto promise = std::make_shared<std::promise<bool>>();
    others.push_back(promise->get_future());
    db().Submit(Insert(id),
                [promise](Result<BatchOutcome> result) { promise->set_value(result.has_value()); });
  };
  submit(1);
  int runs = 0;
  const auto failed = db().TransactAndWait([&](Session& session) -> Result<void> {
    ++runs;
    submit(2);
    RETURN_IF_ERROR(session.Execute(kInsertItem, 10, "a", 0));
    return Fail(ErrorCode::kNotFound, "no such thing");
  });
  submit(3);
  EXPECT_EQ(CodeOf(failed), ErrorCode::kNotFound);
  const auto thrown = db().TransactAndWait([](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kInsertItem, 11, "a", 0));
    throw std::runtime_error("a bug");
  });
  EXPECT_EQ(CodeOf(thrown), ErrorCode::kInternal);
  EXPECT_EQ(thrown.error().detail, "a bug");
  const auto commits = db().TransactAndWait([](Session& session) -> Result<void> {
    constexpr Sql kSneakyCommit{"sneaky", "COMMIT"};
    RETURN_IF_ERROR(session.Execute(kInsertItem, 12, "a", 0));
    RETURN_IF_ERROR(session.Execute(kSneakyCommit));
    return {};
  });
  EXPECT_EQ(CodeOf(commits), ErrorCode::kInternal);
  // A statement that failed may be answered to within the function.
  const auto recovered = db().TransactAndWait([](Session& session) -> Result<void> {
    EXPECT_FALSE(session.Execute(kInsertItem, 1, "a", 0));
    RETURN_IF_ERROR(session.Execute(kInsertItem, 4, "a", 0));
    return {};
  });
  EXPECT_TRUE(recovered);
  for (auto& other : others) EXPECT_TRUE(other.get());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Count(), 4);
}

TEST_P(DatabaseContract, QueriesKeepToTheirLimits) {
  Batch batch;
  for (int i = 0; i < 100; ++i) batch.Add(kInsertItem, i, "x", 0);
  ASSERT_TRUE(db().SubmitAndWait(std::move(batch)));
  EXPECT_EQ(db().QueryAndWait(kListItems, {}, {.rows_max = 100})->size(), 100U);
  EXPECT_EQ(CodeOf(db().QueryAndWait(kListItems, {}, {.rows_max = 99})), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(db().QueryAndWait(kListItems, {}, {.bytes_max = 100})), ErrorCode::kResourceExhausted);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(CodeOf(db().QueryAndWait(kEndless, {}, {.timeout = std::chrono::milliseconds(100)})),
            ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  std::int64_t sum = 0;
  const auto rows = db().QueryAndWait(kListItems);
  for (const Row row : *rows) sum += row.Int(0);
  EXPECT_EQ(sum, 4950);
}

TEST_P(DatabaseContract, WritersAndReadersWorkAtTheSameTime) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::int64_t id = t * kEach + i;
        if (!db().SubmitAndWait(Insert(id, "thread"))) ++wrong;
        const auto rows = db().QueryAndWait(kLoadItem, Params::Of(id));  // what was acknowledged is seen
        if (!rows || rows->size() != 1) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Count(), kThreads * kEach);
}

TEST_P(DatabaseContract, CloseAnswersEverythingThatWasAccepted) {
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  for (int i = 0; i < 500; ++i) {
    db().Submit(Insert(i), [&](Result<BatchOutcome> result) { ++(result ? good : bad); });
    db().Query(kCountItems, {}, [&](Result<Rows> rows) { ++(rows ? good : bad); });
  }
  db().Close();
  EXPECT_EQ(good, 1000);
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(CodeOf(db().SubmitAndWait(Insert(1000))), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(db().QueryAndWait(kCountItems)), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(db().TransactAndWait([](Session&) -> Result<void> { return {}; })),
            ErrorCode::kUnavailable);
}

}  // namespace elevaite::database

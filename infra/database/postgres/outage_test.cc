// What is left after the server ends, hangs up, refuses or is taken by others.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "foundation/random.h"
#include "infra/database/postgres/lossy_proxy.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/postgres/test_cluster.h"

namespace elevaite::database {
namespace {

constexpr Sql kCreateItems{"items.create",
                           "CREATE TABLE items (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)"};
constexpr Sql kInsertItem{"items.insert", "INSERT INTO items (id, version) VALUES (?1, 0)"};
constexpr Sql kBumpItem{"items.bump",
                        "UPDATE items SET version = version + 1 WHERE id = ?1 AND version = ?2"};
// Without a key: what is applied twice is there twice.
constexpr Sql kCreateLog{"log.create", "CREATE TABLE log (id BIGINT NOT NULL)"};
constexpr Sql kLog{"log.insert", "INSERT INTO log VALUES (?1)"};
constexpr Sql kLogBounds{"log.bounds", "SELECT count(*), count(DISTINCT id), coalesce(max(id), 0) FROM log"};

class PostgresOutage : public testing::Test {
 protected:
  void Open(Secret url) {
    options_.url = std::move(url);
    options_.schema = cluster_.NewSchema();
    db_ = OpenPostgres(options_).value();
    Batch batch;
    batch.Add(kCreateItems);
    batch.Add(kCreateLog);
    ASSERT_TRUE(db_->SubmitAndWait(std::move(batch)));
  }
  static Batch Insert(std::int64_t id) {
    Batch batch;
    batch.Add(kInsertItem, id);
    return batch;
  }
  static Batch Log(std::int64_t id) {
    Batch batch;
    batch.Add(kLog, id);
    return batch;
  }
  // All rows, different ones, the highest.
  std::vector<std::int64_t> LogBounds() {
    const auto rows = db_->QueryAndWait(kLogBounds, {}, {.timeout = std::chrono::seconds(60)});
    EXPECT_TRUE(rows) << rows.error().ToString();
    if (!rows) return {};
    return {(*rows)[0].Int(0), (*rows)[0].Int(1), (*rows)[0].Int(2)};
  }
  std::string EndWriters() {
    return cluster_.Run(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
        " application_name LIKE 'elevaite " +
        options_.schema + " writer%'");
  }

  TestCluster& cluster_ = TestCluster::Shared();
  PostgresOptions options_;
  std::unique_ptr<Database> db_;
};

// Commits all the time, one row each.
class Load {
 public:
  explicit Load(Database& db) : db_(db), client_([this] { Run(); }) {}
  ~Load() { Stop(); }

  void AwaitAcknowledged(std::int64_t more) const {
    const std::int64_t before = acknowledged_;
    while (acknowledged_ < before + more) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  // How many there were, when all are answered.
  std::int64_t End() {
    Stop();
    while (acknowledged_ < submitted_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return submitted_;
  }
  int failed() const { return failed_; }

 private:
  void Stop() {
    going_ = false;
    if (client_.joinable()) client_.join();
  }
  void Run() {
    WriteStream stream;
    while (going_) {
      if (submitted_ - acknowledged_ > 300) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      Batch batch;
      batch.Add(kLog, ++submitted_);
      db_.Submit(stream, std::move(batch), [this](Result<BatchOutcome> result) {
        if (!result || result->rows_changed != std::vector<std::int64_t>{1}) ++failed_;
        ++acknowledged_;
      });
    }
  }

  Database& db_;
  std::atomic<bool> going_{true};
  std::atomic<std::int64_t> submitted_{0};
  std::atomic<std::int64_t> acknowledged_{0};
  std::atomic<int> failed_{0};
  std::thread client_;
};

TEST_F(PostgresOutage, RestartsInTheMiddleOfCommitsShowAsPausesOnly) {
  options_.outage_patience = std::chrono::minutes(2);
  Open(cluster_.Url());
  Load load(*db_);
  for (int round = 0; round < 6; ++round) {
    load.AwaitAcknowledged(200);
    std::this_thread::sleep_for(std::chrono::microseconds(SystemRandom().Below(20'000)));
    if (round % 3 == 2) {
      EXPECT_EQ(EndWriters(), "1");
      continue;
    }
    cluster_.End(round % 3 == 0 ? TestCluster::Stop::kImmediate : TestCluster::Stop::kFast);
    cluster_.Start();
  }
  const std::int64_t submitted = load.End();
  EXPECT_EQ(load.failed(), 0);
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{submitted, submitted, submitted}));
  EXPECT_TRUE(db_->Health());
}

TEST_F(PostgresOutage, AFailoverToASynchronousStandbyShowsAsAPauseOnly) {
  TestCluster primary;
  const auto standby = TestCluster::StandbyOf(primary);
  options_.outage_patience = std::chrono::minutes(2);
  Open(primary.UrlThrough(primary.SocketFolder() + "," + standby->SocketFolder()));
  Load load(*db_);
  load.AwaitAcknowledged(500);
  primary.End(TestCluster::Stop::kImmediate);
  standby->Promote();
  load.AwaitAcknowledged(500);
  const std::int64_t submitted = load.End();
  EXPECT_EQ(load.failed(), 0);
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{submitted, submitted, submitted}));
  EXPECT_EQ(standby->Run("SELECT pg_is_in_recovery()"), "f");
}

// The server has committed it, and waits for the standby when the connection breaks: it can be seen, and
// would be gone after a failover.
TEST_F(PostgresOutage, WhatTheStandbyDoesNotHaveYetIsNotAcknowledged) {
  TestCluster primary;
  const auto standby = TestCluster::StandbyOf(primary);
  options_.outage_patience = std::chrono::minutes(2);
  Open(primary.UrlThrough(primary.SocketFolder() + "," + standby->SocketFolder()));
  standby->End(TestCluster::Stop::kFast);
  auto written = std::async(std::launch::async, [&] { return db_->SubmitAndWait(Log(1)); });
  while (primary.Run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") != "1")
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  primary.Run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  while (LogBounds()[0] != 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(written.wait_for(std::chrono::seconds(1)), std::future_status::timeout);
  standby->Start();
  EXPECT_TRUE(written.get());
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{1, 1, 1}));
}

TEST_F(PostgresOutage, ACommitWithoutAnAnswerIsSettledNotGuessed) {
  LossyProxy proxy(cluster_.SocketFolder());
  Open(cluster_.UrlThrough(proxy.folder()));
  std::int64_t next = 0;
  for (const auto lose : {LossyProxy::Lose::kAnswer, LossyProxy::Lose::kCommit, LossyProxy::Lose::kAnswer}) {
    const int before = proxy.losses();
    proxy.LoseNext(lose);
    const auto outcome = db_->SubmitAndWait(Log(++next));
    ASSERT_TRUE(outcome) << outcome.error().ToString();
    EXPECT_EQ(outcome->rows_changed, std::vector<std::int64_t>{1});
    EXPECT_EQ(proxy.losses(), before + 1);
    EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{next, next, next}));
  }
}

TEST_F(PostgresOutage, AFunctionIsNotRunTwiceWhenItsCommitIsLost) {
  LossyProxy proxy(cluster_.SocketFolder());
  Open(cluster_.UrlThrough(proxy.folder()));
  int runs = 0;
  const auto function = [&runs](Session& session) -> Result<void> {
    ++runs;
    RETURN_IF_ERROR(session.Execute(kLog, runs));
    return {};
  };
  proxy.LoseNext(LossyProxy::Lose::kAnswer);
  EXPECT_TRUE(db_->TransactAndWait(function));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{1, 1, 1}));
  proxy.LoseNext(LossyProxy::Lose::kCommit);
  const auto lost = db_->TransactAndWait(function);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{1, 1, 1}));
}

TEST_F(PostgresOutage, AFunctionFailsWhenTheConnectionIsLostInIt) {
  Open(cluster_.Url());
  const auto lost = db_->TransactAndWait([&](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kLog, 1));
    EXPECT_EQ(EndWriters(), "1");
    EXPECT_FALSE(session.Execute(kLog, 2));
    return {};
  });
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(LogBounds()[0], 0);
  EXPECT_TRUE(db_->SubmitAndWait(Log(3)));
}

TEST_F(PostgresOutage, WritesAndQueriesFailWhenTheServerStaysAway) {
  options_.outage_patience = std::chrono::milliseconds(200);
  Open(cluster_.Url());
  cluster_.End(TestCluster::Stop::kFast);
  WriteStream stream;
  std::vector<int> answered;
  std::promise<void> finished;
  for (int i = 0; i < 10; ++i) {
    db_->Submit(stream, Log(i), [&, i](Result<BatchOutcome> result) {
      EXPECT_FALSE(result);
      EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
      EXPECT_EQ(result.error().message, "the database cannot be reached");
      answered.push_back(i);
      if (i == 9) finished.set_value();
    });
  }
  finished.get_future().wait();
  EXPECT_TRUE(std::ranges::is_sorted(answered));
  EXPECT_EQ(answered.size(), 10U);
  EXPECT_TRUE(stream.failed());
  EXPECT_FALSE(db_->Health());
  const auto query = db_->QueryAndWait(kLogBounds, {}, {.timeout = std::chrono::milliseconds(300)});
  ASSERT_FALSE(query);
  EXPECT_TRUE(query.error().code == ErrorCode::kUnavailable || query.error().code == ErrorCode::kTimeout);
  cluster_.Start();
  while (!db_->Health()) std::this_thread::sleep_for(std::chrono::milliseconds(10));  // by itself
  stream.Reset();
  while (!db_->SubmitAndWait(Log(100))) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{1, 1, 100}));
  EXPECT_TRUE(db_->Health());
}

// Whoever finds the server back by reading must be able to write, too: the writer may pause before its next
// try.
TEST_F(PostgresOutage, AfterALongOutageTheFirstWriteWaitsForTheNextTry) {
  options_.outage_patience = std::chrono::milliseconds(200);
  Open(cluster_.Url());
  cluster_.End(TestCluster::Stop::kFast);
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < began + std::chrono::seconds(3)) {
    EXPECT_FALSE(db_->SubmitAndWait(Log(1)));  // the pauses have grown to a second
  }
  cluster_.Start();
  ASSERT_TRUE(db_->QueryAndWait(kLogBounds, {}, {.timeout = std::chrono::seconds(10)}));
  EXPECT_TRUE(db_->SubmitAndWait(Log(2)));
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{1, 1, 2}));
}

// The server is stopped while it commits: connections stand, and nobody answers.
class PostgresFrozen : public PostgresOutage {
 protected:
  void SetUp() override {
    options_.outage_patience = std::chrono::seconds(2);
    options_.connect_timeout = std::chrono::milliseconds(300);
    Open(cluster_.Url());
    ASSERT_TRUE(db_->SubmitAndWait(Log(1)));
    // A commit with the row 2 takes as long as somebody has this lock.
    ASSERT_TRUE(db_->TransactAndWait([](Session& session) {
      return session.RunScript(
          "slow",
          "CREATE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
          " IF NEW.id = 2 THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END $$;"
          "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
          " EXECUTE FUNCTION wait_for_lock();");
    }));
    holder_.Run("SELECT pg_advisory_lock(7)");
    committing_ = Send(2);
    while (cluster_.Run("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") != "1")
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::future<Result<BatchOutcome>> Send(std::int64_t id) {
    auto promise = std::make_shared<std::promise<Result<BatchOutcome>>>();
    auto future = promise->get_future();
    db_->Submit(stream_, Log(id),
                [promise](Result<BatchOutcome> result) { promise->set_value(std::move(result)); });
    return future;
  }
  static bool IsOpen(const std::future<Result<BatchOutcome>>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
  }

  TestClient holder_{cluster_.SuperuserUrl()};
  WriteStream stream_;
  std::future<Result<BatchOutcome>> committing_;
};

TEST_F(PostgresFrozen, WhatWaitsBehindACommitWithoutAnAnswerIsRefusedAndTheCommitIsSettled) {
  cluster_.Freeze();
  std::vector<std::future<Result<BatchOutcome>>> waiting;
  for (int id = 3; id < 20; ++id) waiting.push_back(Send(id));
  for (auto& one : waiting) {
    const auto refused = one.get();  // while nobody answers
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  }
  EXPECT_TRUE(IsOpen(committing_)) << "what has become of it is not known yet";
  WriteStream other;
  std::promise<Result<BatchOutcome>> late;
  db_->Submit(other, Log(20), [&](Result<BatchOutcome> result) { late.set_value(std::move(result)); });
  const auto refused = late.get_future().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the database cannot be reached");
  EXPECT_TRUE(refused.error().retry_after);
  EXPECT_TRUE(IsOpen(committing_));
  EXPECT_FALSE(db_->Health());
  cluster_.Thaw();
  holder_.Run("SELECT pg_advisory_unlock(7)");
  EXPECT_TRUE(committing_.get());
  stream_.Reset();
  while (!db_->SubmitAndWait(Log(21))) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{3, 3, 21})) << "1, 2 and 21, each once";
}

// Statements wait for locks of others, so they have longer.
TEST_F(PostgresOutage, AServerThatStopsInAStatementIsLeftToo) {
  options_.outage_patience = std::chrono::milliseconds(200);
  options_.connect_timeout = std::chrono::milliseconds(200);
  options_.lock_timeout = std::chrono::milliseconds(300);
  Open(cluster_.Url());
  ASSERT_TRUE(db_->SubmitAndWait(Log(1)));
  cluster_.Freeze();
  const auto refused = db_->SubmitAndWait(Log(2));
  cluster_.Thaw();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  while (!db_->SubmitAndWait(Log(3))) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{2, 2, 3}));
}

TEST_F(PostgresOutage, ClosesWhileTheServerIsAway) {
  options_.outage_patience = std::chrono::milliseconds(200);
  Open(cluster_.Url());
  cluster_.End(TestCluster::Stop::kImmediate);
  std::atomic<int> answered{0};
  for (int i = 0; i < 10; ++i) db_->Submit(Log(i), [&](Result<BatchOutcome>) { ++answered; });
  db_->Close();
  EXPECT_EQ(answered, 10);
  cluster_.Start();
}

TEST_F(PostgresOutage, AQueryThatLosesItsConnectionIsAskedAgain) {
  options_.readers = 1;
  Open(cluster_.Url());
  ASSERT_TRUE(db_->SubmitAndWait(Log(1)));
  EXPECT_EQ(LogBounds()[0], 1);
  for (int i = 0; i < 3; ++i) {
    cluster_.Run(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE"
        " '% reader %'");
    EXPECT_EQ(LogBounds()[0], 1);
  }
}

TEST_F(PostgresOutage, AnothersLongTransactionDoesNotHoldUpCommits) {
  Open(cluster_.Url());
  TestClient other(cluster_.Url());
  other.Run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  EXPECT_EQ(other.Run("SELECT count(*) FROM " + options_.schema + ".log"), std::vector<std::string>{"0"});
  for (int i = 1; i <= 3000; ++i) {  // often enough for numbers of commits to be forgotten
    if (i < 2900) {
      db_->Submit(Log(i), [](Result<BatchOutcome> result) { EXPECT_TRUE(result); });
    } else {
      ASSERT_TRUE(db_->SubmitAndWait(Log(i)));
    }
  }
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{3000, 3000, 3000}));
  EXPECT_EQ(other.Run("SELECT count(*) FROM " + options_.schema + ".log"), std::vector<std::string>{"0"});
}

TEST_F(PostgresOutage, WhatWaitsForAnothersLockFailsAlone) {
  options_.lock_timeout = std::chrono::milliseconds(200);
  Open(cluster_.Url());
  ASSERT_TRUE(db_->SubmitAndWait(Insert(1)));
  TestClient other(cluster_.Url());
  other.Run("BEGIN; UPDATE " + options_.schema + ".items SET version = 7 WHERE id = 1");
  std::promise<Result<BatchOutcome>> blocked;
  Batch bump;
  bump.Add(kBumpItem, 1, 0);
  db_->Submit(Insert(2), [](Result<BatchOutcome> result) { EXPECT_TRUE(result); });
  db_->Submit(std::move(bump), [&](Result<BatchOutcome> result) { blocked.set_value(std::move(result)); });
  EXPECT_TRUE(db_->SubmitAndWait(Insert(3)));
  const auto result = blocked.get_future().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  other.Run("ROLLBACK");
  Batch again;
  again.Add(kBumpItem, 1, 0);
  EXPECT_TRUE(db_->SubmitAndWait(std::move(again)));
}

// A trigger says what the server says when its disk is full, its memory, when there was a deadlock ...
TEST_F(PostgresOutage, TroubleOfTheServerFailsWhatSharesTheCommitAndPasses) {
  Open(cluster_.Url());
  ASSERT_TRUE(db_->TransactAndWait([](Session& session) {
    return session.RunScript(
        "trouble",
        "CREATE TABLE trouble (state TEXT NOT NULL);"
        "CREATE FUNCTION make_trouble() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE s TEXT; BEGIN"
        " SELECT state INTO s FROM trouble; IF FOUND THEN RAISE EXCEPTION USING ERRCODE = s; END IF;"
        " RETURN NEW; END $$;"
        "CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION make_trouble();");
  }));
  TestClient other(cluster_.Url());
  const std::string table = options_.schema + ".trouble";
  const std::pair<const char*, ErrorCode> kCases[] = {
      {"53100", ErrorCode::kResourceExhausted}, {"53200", ErrorCode::kResourceExhausted},
      {"25006", ErrorCode::kUnavailable},       {"58030", ErrorCode::kUnavailable},
      {"40P01", ErrorCode::kUnavailable},       {"54000", ErrorCode::kPayloadTooLarge},
      {"XX001", ErrorCode::kDataLoss}};
  for (const auto& [state, code] : kCases) {
    other.Run("INSERT INTO " + table + " VALUES ('" + state + "')");
    const auto failed = db_->SubmitAndWait(Log(1));
    ASSERT_FALSE(failed) << state;
    EXPECT_EQ(failed.error().code, code) << failed.error().ToString();
    other.Run("DELETE FROM " + table);
    EXPECT_TRUE(db_->SubmitAndWait(Log(2)));
    EXPECT_TRUE(db_->Health());
  }
  EXPECT_EQ(LogBounds()[0], static_cast<std::int64_t>(std::size(kCases)));
}

TEST_F(PostgresOutage, AServerThatIsReadOnlyIsWaitedFor) {
  options_.outage_patience = std::chrono::milliseconds(100);
  Open(cluster_.Url());
  cluster_.Run("ALTER DATABASE elevaite SET default_transaction_read_only = on");
  EXPECT_EQ(EndWriters(), "1");
  const auto refused = db_->SubmitAndWait(Log(1));
  cluster_.Run("ALTER DATABASE elevaite RESET default_transaction_read_only");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  while (!db_->SubmitAndWait(Log(2))) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{1, 1, 2}));
}

TEST_F(PostgresOutage, WhatWaitedWhileAnotherProcessHadTheDatabaseFails) {
  options_.outage_patience = std::chrono::minutes(2);
  Open(cluster_.Url());
  ASSERT_TRUE(db_->SubmitAndWait(Log(1)));
  cluster_.Run("ALTER ROLE elevaite NOLOGIN");
  EXPECT_EQ(EndWriters(), "1");
  WriteStream stream;
  std::promise<Result<BatchOutcome>> waiting;
  db_->Submit(stream, Log(2), [&](Result<BatchOutcome> result) { waiting.set_value(std::move(result)); });
  PostgresOptions others = options_;
  others.url = cluster_.SuperuserUrl();
  {
    auto other = OpenPostgres(others);
    ASSERT_TRUE(other) << other.error().ToString();
    EXPECT_TRUE((*other)->SubmitAndWait(Log(3)));
  }
  cluster_.Run("ALTER ROLE elevaite LOGIN");
  const auto result = waiting.get_future().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "another process has had the database in between");
  EXPECT_TRUE(stream.failed());
  stream.Reset();
  EXPECT_TRUE(db_->SubmitAndWait(Log(4)));
  EXPECT_EQ(LogBounds(), (std::vector<std::int64_t>{3, 3, 4}));
}

}  // namespace
}  // namespace elevaite::database

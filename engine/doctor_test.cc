// Each damage that the doctor knows, planted, found and mended; on every database.
#include "engine/doctor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/journal/inspection.h"
#include "engine/journal/projector.h"
#include "engine/machine/machine.h"
#include "engine/testing/functions.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::Blob;
using database::Params;
using database::Session;
using database::Sql;
using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();

class OneProgram final : public ProgramSource {
 public:
  explicit OneProgram(std::shared_ptr<const dsl::Program> program) : program_(std::move(program)) {}
  Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord& record) override {
    if (record.workflow != "lasting")
      return elevaite::Fail(ErrorCode::kNotFound, "there is no such workflow");
    return program_;
  }

 private:
  std::shared_ptr<const dsl::Program> program_;
};

class DoctorTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  // One that waits for an hour, or has been cancelled in it.
  ExecutionRecord Store(bool ends = false) {
    State state;
    const std::int64_t now_us = SystemClock().Now().micros();
    const Surroundings surroundings{.execution_id = "e", .runtime = {}};
    Transition begin = Step(*program_, state, Start{Json(1)}, now_us, 0.5, {}, surroundings);
    ExecutionRecord record{.account = kAccount,
                           .id = ExecutionId::New(),
                           .name_space = "test",
                           .workflow = "lasting",
                           .version = "1.0.0",
                           .phase = CurrentPhase(*program_, state),
                           .created_us = now_us,
                           .started_us = now_us,
                           .labels = {{LabelKind::kTag, "team", "sales"}}};
    Append({.record = record, .created = true, .first_seq = 1, .events = EncodeEvents(begin.events)});
    if (!ends) return record;
    Transition end = Step(*program_, state, Cancel{"enough"}, now_us, 0.5, {}, surroundings);
    record.phase = Phase::kCancelled;
    record.finished_us = now_us;
    Append({.record = record,
            .record_changed = true,
            .first_seq = end.events.front().seq,
            .events = EncodeEvents(end.events)});
    return record;
  }

  void Append(JournalWrite write) {
    std::promise<Result<void>> done;
    journal_.Append({std::move(write)}, [&done](Result<void> result) { done.set_value(std::move(result)); });
    const auto written = done.get_future().get();
    ASSERT_TRUE(written) << written.error().ToString();
    if (is_projected_) ASSERT_TRUE(ProjectAll(*db_));
  }

  template <class... Args>
  void Damage(const char* sql, const Args&... args) {
    const Params params = Params::Of(args...);
    const auto done = db_->TransactAndWait([&](Session& session) -> Result<void> {
      ASSIGN_OR_RETURN(const std::int64_t rows, session.Run({"damage", sql}, params));
      EXPECT_GT(rows, 0) << sql;
      return {};
    });
    ASSERT_TRUE(done) << done.error().ToString();
  }

  void Drop(const char* sql) {
    const auto done =
        db_->TransactAndWait([&](Session& session) { return session.RunScript("damage", sql); });
    ASSERT_TRUE(done) << done.error().ToString();
  }

  DoctorReport Look(bool mend = false) {
    const auto report = ExamineAll(*db_, nullptr, programs_, {.mend = mend});
    EXPECT_TRUE(report) << report.error().ToString();
    return report.value_or(DoctorReport{});
  }

  // It is found, mended, and then gone.
  void ExpectMended(const std::string& about, const std::string& problem) {
    ExpectFound(about, problem);
    const DoctorReport mended = Look(true);
    ASSERT_EQ(mended.findings.size(), 1U);
    EXPECT_EQ(mended.findings[0].execution, about);
    EXPECT_NE(mended.findings[0].mended, "");
    EXPECT_TRUE(mended.Healthy());
    const DoctorReport after = Look();
    EXPECT_EQ(after.findings.size(), 0U) << after.findings[0].problem;
  }
  // It is found, and mending leaves it as it is.
  void ExpectTold(const std::string& about, const std::string& problem) {
    ExpectFound(about, problem);
    const DoctorReport mended = Look(true);
    EXPECT_FALSE(mended.Healthy());
    ExpectFound(about, problem);
  }
  void ExpectFound(const std::string& about, const std::string& problem) {
    const DoctorReport report = Look();
    ASSERT_EQ(report.findings.size(), 1U) << (report.findings.empty() ? "" : report.findings[1].problem);
    EXPECT_EQ(report.findings[0].execution, about);
    EXPECT_NE(report.findings[0].problem.find(problem), std::string::npos) << report.findings[0].problem;
    EXPECT_NE(report.findings[0].advice, "");
    EXPECT_EQ(report.findings[0].mended, "");
    EXPECT_FALSE(report.Healthy());
  }

  std::shared_ptr<const dsl::Program> program_ = TestProgram("- w: {wait: {hours: 1}}\n");
  OneProgram programs_{program_};
  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  DatabaseJournal journal_{*db_};
  bool is_projected_ = true;  // what is stored has its labels where searches find them
};
INSTANTIATE_TEST_SUITE_P(Each, DoctorTest, database::kEachDatabase, database::DatabaseName);

TEST_P(DoctorTest, NothingIsFoundWhereNothingIsWrong) {
  for (int i = 0; i < 50; ++i) Store(i % 2 == 0);
  const DoctorReport report = Look();
  EXPECT_TRUE(report.Healthy()) << report.findings[0].problem;
  EXPECT_EQ(report.executions, 25U);
  EXPECT_EQ(report.ended, 25U);
  EXPECT_EQ(report.timers, 25U);
  EXPECT_TRUE(Look(true).findings.empty());
}

TEST_P(DoctorTest, SnapshotOfOneThatHasEnded) {
  const auto record = Store(true);
  Store();
  Damage("INSERT INTO snapshots (account_id, execution_id, seq, state) VALUES (?1, ?2, ?3, ?4)", kAccount,
         record.id, 1, Blob{"x"});
  ExpectMended(record.id.ToString(), "snapshot");
}

TEST_P(DoctorTest, LabelOfNobody) {
  const auto id = ExecutionId::New();
  Damage("INSERT INTO labels (account_id, label, created_us, execution_id) VALUES (?1, ?2, ?3, ?4)", kAccount,
         "tag:a=b", 5, id);
  ExpectMended(id.ToString(), "found by tag:a=b, but not there");
}

TEST_P(DoctorTest, LabelThatIsNotInItsIndex) {
  const auto record = Store(true);
  Damage("DELETE FROM labels WHERE execution_id = ?1", record.id);
  ExpectMended(record.id.ToString(), "not found by its tag:team=sales");
}

TEST_P(DoctorTest, LabelsThatAreDueAreNotMissed) {
  is_projected_ = false;
  Store(true);
  Store();
  EXPECT_TRUE(Look(true).findings.empty());
  ASSERT_TRUE(ProjectAll(*db_));
  EXPECT_TRUE(Look(true).findings.empty());
}

TEST_P(DoctorTest, LabelThatIsNeitherInItsIndexNorDue) {
  is_projected_ = false;
  const auto record = Store(true);
  Damage("DELETE FROM labels_due WHERE execution_id = ?1", record.id);
  ExpectMended(record.id.ToString(), "not found by its tag:team=sales");
}

TEST_P(DoctorTest, LabelsThatAreDueOfNobody) {
  const auto id = ExecutionId::New();
  Damage(
      "INSERT INTO labels_due (created_us, account_id, execution_id, shard, labels) VALUES (5, ?1, ?2, 0, "
      "'{}')",
      kAccount, id);
  ExpectMended(id.ToString(), "wait to be written, though it is not there");
}

TEST_P(DoctorTest, RowInTheShardOfOthers) {
  const auto record = Store();
  Damage("UPDATE executions SET shard = ?2 WHERE id = ?1", record.id, (ShardOf(record.id) + 1) % kShards);
  ExpectMended(record.id.ToString(), "shard");
}

TEST_P(DoctorTest, EventThatIsPastItsDay) {
  Damage(
      "INSERT INTO events (account_id, position, source, event_id, type, accepted_us, event) VALUES (?1, 1, "
      "'', '', '', ?2,"
      " '{}')",
      kAccount, 1);
  ExpectMended("events", "1 events are kept");
}

TEST_P(DoctorTest, RestOfOneThatWasForgotten) {
  const auto record = Store(true);
  Damage("DELETE FROM executions WHERE id = ?1", record.id);
  Damage("DELETE FROM labels WHERE execution_id = ?1", record.id);
  Damage("DELETE FROM journal WHERE execution_id = ?1 AND first_seq = 1", record.id);
  ExpectFound(record.id.ToString(), "not its row");
  EXPECT_EQ(Look(true).findings.at(0).mended.substr(0, 4), "its ");
  ExpectFound(record.id.ToString(), "was being forgotten");  // the server goes on with that
}

TEST_P(DoctorTest, EventsWithoutTheirRowAreNotThrownAway) {
  const auto record = Store(true);
  Damage("DELETE FROM executions WHERE id = ?1", record.id);
  Damage("DELETE FROM labels WHERE execution_id = ?1", record.id);
  ExpectTold(record.id.ToString(), "not its row");
}

TEST_P(DoctorTest, RowWithoutEvents) {
  const auto record = Store(true);
  Damage("DELETE FROM journal WHERE execution_id = ?1", record.id);
  ExpectTold(record.id.ToString(), "the beginning of its events is gone");
}

TEST_P(DoctorTest, RowThatSaysSomethingElseThanItsEvents) {
  const auto ended = Store(true);
  Damage("UPDATE executions SET phase = 6 WHERE id = ?1", ended.id);
  ExpectTold(ended.id.ToString(), "its row says completed");
}

TEST_P(DoctorTest, RowOfOneThatRunsWithThePhaseOfAnother) {
  const auto record = Store();
  Damage("UPDATE executions SET phase = 3 WHERE id = ?1", record.id);
  ExpectTold(record.id.ToString(), "its row says suspended, its events say waiting");
}

TEST_P(DoctorTest, ChildWhoseParentIsGone) {
  const auto record = Store();
  Damage(
      "UPDATE executions SET parent_id = ?2, parent_frame = 3, created_us = created_us - 120000000 WHERE id "
      "= ?1",
      record.id, ExecutionId::New());
  Damage("UPDATE labels SET created_us = created_us - 120000000 WHERE execution_id = ?1", record.id);
  ExpectTold(record.id.ToString(), "awaits it is gone");
}

TEST_P(DoctorTest, HoleInTheJournalOfOneThatHasEnded) {
  const auto record = Store(true);
  Damage(
      "UPDATE journal SET first_seq = first_seq + 1, events = ?2 WHERE execution_id = ?1 AND first_seq > 1",
      record.id, Blob{EncodeEvents({{.type = EventType::kExecutionCancelled, .seq = 9, .time_us = 1}})});
  ExpectTold(record.id.ToString(), "jumps");
}

TEST_P(DoctorTest, WorkflowThatIsGone) {
  auto record = Store();
  Damage("UPDATE executions SET workflow = 'other' WHERE id = ?1", record.id);
  ExpectTold(record.id.ToString(), "cannot be loaded");
}

TEST_P(DoctorTest, IndexThatIsMissing) {
  Store();
  Drop("DROP INDEX dead_letters_by_workflow");
  ExpectMended("dead_letters_by_workflow", "the index dead_letters_by_workflow");
  // It finds what is there, and what comes.
  Store(true);
  EXPECT_TRUE(Look().findings.empty());
}

TEST_P(DoctorTest, IndexThatHasTheNameOfOneAndIsAnother) {
  Drop("DROP INDEX dead_letters_by_workflow");
  Drop("CREATE INDEX dead_letters_by_workflow ON dead_letters (account_id)");
  ExpectFound("dead_letters_by_workflow",
              GetParam() == TestDatabaseKind::kSqlite ? "another one" : "missing");
}

TEST_P(DoctorTest, AnExaminationTellsHowFarItIs) {
  for (int i = 0; i < 20; ++i) Store(i % 2 == 0);
  std::vector<ExaminationPhase> phases;
  const auto report =
      ExamineAll(*db_, nullptr, programs_, {.told = [&phases](ExaminationPhase phase, const DoctorReport&) {
        if (phases.empty() || phases.back() != phase) phases.push_back(phase);
      }});
  ASSERT_TRUE(report);
  EXPECT_GT(report->indexes, 10U);
  EXPECT_TRUE(report->unseen.empty());
  EXPECT_EQ(phases, (std::vector{ExaminationPhase::kIndexes, ExaminationPhase::kTables,
                                 ExaminationPhase::kExecutions}));
}

TEST_P(DoctorTest, AnExaminationIsCancelledInEachOfItsPhases) {
  for (int i = 0; i < 20; ++i) Store(i % 2 == 0);
  for (const auto at :
       {ExaminationPhase::kIndexes, ExaminationPhase::kTables, ExaminationPhase::kExecutions}) {
    std::stop_source stop;
    const auto report =
        ExamineAll(*db_, nullptr, programs_,
                   {.stop = stop.get_token(), .told = [&](ExaminationPhase phase, const DoctorReport&) {
                      if (phase == at) stop.request_stop();
                    }});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
  }
}

class PostgresDoctorTest : public DoctorTest {};
INSTANTIATE_TEST_SUITE_P(Postgres, PostgresDoctorTest, testing::Values(TestDatabaseKind::kPostgres));

TEST_P(PostgresDoctorTest, RowsThatCameBeforeTheTableOfTheirWeek) {
  const auto record = Store(true);
  Store();
  database::TestClient client(database::TestCluster::Shared().Url());
  client.Run("SET search_path = " + database_.schema());
  const std::string monday =
      client.Run("SELECT to_char(date_trunc('week', now() AT TIME ZONE 'UTC'), 'YYYYMMDD')")[0];
  for (const std::string table : {"executions_", "journal_", "labels_"}) {
    const std::string parent =
        table == "executions_" ? "executions_finished" : table.substr(0, table.size() - 1);
    client.Run("ALTER TABLE " + parent + " DETACH PARTITION " + table + monday);
    client.Run("INSERT INTO " + parent + " SELECT * FROM " + table + monday);
    client.Run("DROP TABLE " + table + monday);
  }
  EXPECT_EQ(Look().findings.size(), 3U);
  const DoctorReport mended = Look(true);
  EXPECT_EQ(mended.findings.size(), 3U);
  EXPECT_TRUE(mended.Healthy());
  EXPECT_TRUE(Look().findings.empty());
  EXPECT_EQ(client.Run("SELECT tableoid::regclass::text FROM executions WHERE finished_us IS NOT NULL"),
            std::vector<std::string>{"executions_" + monday});
}

TEST_P(PostgresDoctorTest, IndexThatIsNotValid) {
  Store();
  database::TestClient super(database::TestCluster::Shared().SuperuserUrl());
  super.Run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '" + database_.schema() +
            ".snapshots_pkey'::regclass");
  ExpectMended("snapshots_pkey", "not valid");
}

// What is in an index and what is in its table, without and with amcheck.
class PostgresIndexTest : public DoctorTest {
 protected:
  // Rows that the server does not bring into the index.
  void StoreBeside(const std::string& index) {
    const std::string which = "' WHERE indexrelid = '" + database_.schema() + "." + index + "'::regclass";
    super_.Run("UPDATE pg_index SET indisready = '0" + which);
    for (int i = 0; i < 20; ++i) Store();
    super_.Run("UPDATE pg_index SET indisready = '1" + which);
  }
  std::vector<std::string> Run(const std::string& sql) {
    client_.Run("SET search_path = " + database_.schema());
    return client_.Run(sql);
  }

  database::TestClient super_{database::TestCluster::Shared().SuperuserUrl()};
  database::TestClient client_{database::TestCluster::Shared().Url()};
};
INSTANTIATE_TEST_SUITE_P(Postgres, PostgresIndexTest, testing::Values(TestDatabaseKind::kPostgres));

TEST_P(PostgresIndexTest, IndexOfAPartitionedTableThatIsMissing) {
  Store();
  Store(true);
  const auto parts = [this] {
    return Run(
        "SELECT count(*)::text FROM pg_index WHERE indisvalid AND pg_get_indexdef(indexrelid) LIKE"
        " '%(account_id, phase, created_us, id, workflow, namespace, version)%' AND indrelid IN (SELECT"
        " oid FROM pg_class WHERE relnamespace = '" +
        database_.schema() + "'::regnamespace)");
  };
  const auto before = parts();
  Drop("DROP INDEX executions_not_completed");
  EXPECT_EQ(parts()[0], "0");
  ExpectMended("executions_not_completed", "is missing");
  EXPECT_EQ(parts(), before);
}

TEST_P(PostgresIndexTest, KeyOfAPartitionedTableThatIsMissing) {
  Store(true);
  Run("ALTER TABLE journal DROP CONSTRAINT journal_pkey");
  ExpectMended("journal_pkey", "is missing");
  Store(true);
  EXPECT_TRUE(Look().findings.empty());
}

TEST_P(PostgresIndexTest, IndexOfTheTableOfAWeekThatIsMissing) {
  const std::string table =
      "executions_" + Run("SELECT to_char(date_trunc('week', now() AT TIME ZONE 'UTC'), 'YYYYMMDD')")[0];
  Run("DROP INDEX " + table + "_account_id_id_idx");
  ExpectMended(table + "_account_id_id_idx", "is missing: UNIQUE USING btree (account_id, id)");
}

// A week of long ago, of which an empty schema has no table.
TEST_P(PostgresIndexTest, IndexOfTheTableOfAnOldWeekThatIsMissing) {
  Run("SELECT move_to_week('executions_20240101')");
  Run("SELECT move_to_week('journal_20240101')");
  EXPECT_TRUE(Look().findings.empty());
  Run("DROP INDEX executions_20240101_account_id_id_idx");
  ExpectMended("executions_20240101_account_id_id_idx", "is missing");
}

TEST_P(PostgresIndexTest, IndexThatAnEndInTheMiddleLeft) {
  Run("CREATE INDEX snapshots_pkey_ccnew ON snapshots (account_id, execution_id)");
  super_.Run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '" + database_.schema() +
             ".snapshots_pkey_ccnew'::regclass");
  ExpectMended("snapshots_pkey_ccnew", "not valid");
  EXPECT_EQ(Run("SELECT to_regclass('snapshots_pkey_ccnew')::text"), std::vector<std::string>{""});
}

TEST_P(PostgresIndexTest, IndexThatLacksRowsIsSeenBySomeOfThem) {
  Store();
  StoreBeside("executions_unfinished");
  ExpectMended("executions_unfinished", "20 rows of those looked for are not found through it");
}

TEST_P(PostgresIndexTest, IndexThatLacksRowsIsSeenByAmcheck) {
  super_.Run("CREATE EXTENSION amcheck SCHEMA public");
  super_.Run("GRANT EXECUTE ON FUNCTION public.bt_index_check(regclass, boolean) TO elevaite");
  Store();
  StoreBeside("executions_unfinished");
  ExpectMended("executions_unfinished", "lacks matching index tuple");
  super_.Run("DROP EXTENSION amcheck");
}

// Whoever writes goes on while an index is made anew, and the maker does not wait for who only reads.
TEST_P(PostgresIndexTest, WritersGoOnWhileAnIndexIsMade) {
  for (int i = 0; i < 50; ++i) Store(i % 2 == 0);
  Drop("DROP INDEX executions_not_completed");
  auto mending = std::async(std::launch::async, [this] { return Look(true); });
  int written = 0;
  while (mending.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
    Store();
    ++written;
  }
  EXPECT_GT(written, 0);
  EXPECT_TRUE(mending.get().Healthy());
  EXPECT_TRUE(Look().findings.empty());
}

}  // namespace
}  // namespace elevaite::engine

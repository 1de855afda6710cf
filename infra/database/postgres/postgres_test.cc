#include "infra/database/postgres/postgres.h"

#include "infra/database/contract_test.h"
#include "infra/database/migrate.h"
#include "infra/database/postgres/test_cluster.h"

namespace elevaite::database {
namespace {

PostgresOptions NewOptions() {
  return {.url = TestCluster::Shared().Url(), .schema = TestCluster::Shared().NewSchema()};
}

class PostgresBed final : public TestBed {
 public:
  Database& db() override { return *db_; }
  Sql create_types() const override {
    return {"types.create",
            "CREATE TABLE types (n TEXT, i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA, e BYTEA)"};
  }

 private:
  std::unique_ptr<Database> db_ = OpenPostgres(NewOptions()).value();
};

INSTANTIATE_TEST_SUITE_P(Postgres, DatabaseContract,
                         testing::Values(Factory([] { return std::make_unique<PostgresBed>(); })));

Batch CreateItems() {
  Batch batch;
  batch.Add(kCreateItems);
  return batch;
}

Batch InsertItem(std::int64_t id, std::string_view text = "x") {
  Batch batch;
  batch.Add(kInsertItem, id, text, 0);
  return batch;
}

TEST(Postgres, OneProcessOwnsASchema) {
  const PostgresOptions options = NewOptions();
  auto first = OpenPostgres(options);
  ASSERT_TRUE(first) << first.error().ToString();
  const auto second = OpenPostgres(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_EQ(second.error().message,
            "the schema '" + options.schema + "' of the database is in use by another process");
  EXPECT_TRUE(OpenPostgres(NewOptions()));  // another schema of the same database
  first->reset();
  EXPECT_TRUE(OpenPostgres(options));
}

TEST(Postgres, SaysInOneLineWhyItCannotOpenAndNeverThePassword) {
  PostgresOptions options = NewOptions();
  options.url = TestCluster::Shared().UrlOf("elevaite", "swordfish");
  const auto wrong = OpenPostgres(options);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(wrong.error().message.find("password authentication failed for user \"elevaite\""),
            std::string::npos);
  options.url = Secret("postgresql://elevaite:swordfish@/elevaite?host=/no/such/folder/swordfish");
  const auto nobody = OpenPostgres(options);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::kUnavailable);
  options.url = Secret("postgresql://elevaite:swordfish@[host/elevaite");
  const auto unreadable = OpenPostgres(options);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code, ErrorCode::kInvalidArgument);
  for (const auto& failed : {wrong.error(), nobody.error(), unreadable.error()}) {
    EXPECT_EQ(failed.ToString().find("swordf"), std::string::npos) << failed.ToString();
    EXPECT_EQ(failed.ToString().find('\n'), std::string::npos) << failed.ToString();
  }
  options = NewOptions();
  options.schema = "a; DROP TABLE x";
  EXPECT_EQ(OpenPostgres(options).error().code, ErrorCode::kInvalidArgument);
}

TEST(Postgres, KeepsWhatWasWrittenOverAReopen) {
  const PostgresOptions options = NewOptions();
  {
    auto db = OpenPostgres(options).value();
    ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
    ASSERT_TRUE(db->SubmitAndWait(InsertItem(1, "kept")));
  }
  auto db = OpenPostgres(options).value();
  EXPECT_EQ((*db->QueryAndWait(kLoadItem, Params::Of(1)))[0].Text(0), "kept");
}

TEST(Postgres, CommitsAreOnTheServersDisk) {
  constexpr Sql kSetting{"setting", "SELECT current_setting('synchronous_commit')"};
  TestCluster::Shared().Run("ALTER DATABASE elevaite SET synchronous_commit = off");
  auto db = OpenPostgres(NewOptions()).value();
  std::string setting;
  ASSERT_TRUE(db->TransactAndWait([&](Session& session) -> Result<void> {
    ASSIGN_OR_RETURN(const Rows rows, session.Query(kSetting));
    setting = rows[0].Text(0);
    return {};
  }));
  TestCluster::Shared().Run("ALTER DATABASE elevaite RESET synchronous_commit");
  EXPECT_EQ(setting, "on");
}

TEST(Postgres, TextsThatItCannotHoldFailAloneAsInvalid) {
  auto db = OpenPostgres(NewOptions()).value();
  ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
  for (const std::string_view bad : {std::string_view("a\0b", 3), std::string_view("\xff")}) {
    const auto refused = db->SubmitAndWait(InsertItem(1, bad));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(db->SubmitAndWait(InsertItem(1)));
}

TEST(Postgres, ManyConflictsInOneGroupCostEachBatchTwoRunsAtMost) {
  auto db = OpenPostgres(NewOptions()).value();
  ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
  ASSERT_TRUE(db->SubmitAndWait(InsertItem(0)));
  std::atomic<int> good{0};
  std::atomic<int> conflicts{0};
  std::promise<void> finished;
  for (int i = 0; i < 600; ++i) {  // each third is one that is there
    db->Submit(InsertItem(i % 3 == 2 ? 0 : i + 1), [&](Result<BatchOutcome> result) {
      ++(result ? good : conflicts);
      if (good + conflicts == 600) finished.set_value();
    });
  }
  finished.get_future().wait();
  EXPECT_EQ(good, 400);
  EXPECT_EQ(conflicts, 200);
  EXPECT_LE(db->stats().groups_rerun, 200U);
}

TEST(Postgres, RowsThatStandTogetherAreInsertedAtOnceAndCountedEach) {
  constexpr Sql kCreate{
      "mixed.create",
      "CREATE TABLE mixed (id BIGINT PRIMARY KEY, small INTEGER, real DOUBLE PRECISION, text"
      " TEXT, bytes BYTEA)"};
  constexpr Sql kInsert{"mixed.insert",
                        "INSERT INTO mixed (id, small, real, text, bytes) VALUES (?1, ?2, ?3, ?4, ?5)"};
  constexpr Sql kSelect{"mixed.select", "SELECT id, small, real, text, bytes FROM mixed ORDER BY id"};
  auto db = OpenPostgres(NewOptions()).value();
  Batch create;
  create.Add(kCreate);
  ASSERT_TRUE(db->SubmitAndWait(std::move(create)));
  Batch batch;
  for (int i = 0; i < 1200; ++i) {
    const auto odd = [i](auto value) { return i % 2 == 0 ? std::nullopt : std::optional(value); };
    batch.Add(kInsert, i, odd(-i), i / 2.0, odd(std::string("tëxt")), Uuid{});
  }
  const auto outcome = db->SubmitAndWait(std::move(batch));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->rows_changed, std::vector<std::int64_t>(1200, 1));
  const auto rows = db->QueryAndWait(kSelect);
  ASSERT_EQ(rows->size(), 1200U);
  EXPECT_TRUE((*rows)[1198].IsNull(1) && (*rows)[1198].IsNull(3));
  EXPECT_EQ((*rows)[1199].Int(1), -1199);
  EXPECT_EQ((*rows)[1199].Real(2), 599.5);
  EXPECT_EQ((*rows)[1199].Text(3), "tëxt");
  EXPECT_EQ((*rows)[1199].UuidAt(4), Uuid{});
  Batch wide;
  wide.Add(kInsert, 2001, 1, 0.5, "x", Blob{"x"});
  wide.Add(kInsert, 2002, std::int64_t{1} << 40U, 0.5, "x", Blob{"x"});
  EXPECT_EQ(db->SubmitAndWait(std::move(wide)).error().code, ErrorCode::kInvalidArgument);
  Batch twice;
  twice.Add(kInsert, 2001, 1, 0.5, "x", Blob{"x"});
  twice.Add(kInsert, 7, 1, 0.5, "x", Blob{"x"});
  EXPECT_EQ(db->SubmitAndWait(std::move(twice)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(db->QueryAndWait(kSelect)->size(), 1200U);
}

TEST(Postgres, ATriggerThatTakesRowsAwayIsCountedByRow) {
  auto db = OpenPostgres(NewOptions()).value();
  ASSERT_TRUE(db->SubmitAndWait(CreateItems()));
  ASSERT_TRUE(db->TransactAndWait([](Session& session) {
    return session.RunScript(
        "odd",
        "CREATE FUNCTION no_odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id % 2 = 1 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER t BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION no_odd();");
  }));
  Batch batch;
  for (int i = 0; i < 4; ++i) batch.Add(kInsertItem, i, "x", 0);
  const auto outcome = db->SubmitAndWait(std::move(batch));
  ASSERT_TRUE(outcome) << outcome.error().ToString();
  EXPECT_EQ(outcome->rows_changed, (std::vector<std::int64_t>{1, 0, 1, 0}));
}

TEST(Postgres, AMigrationStepCannotCommitByItself) {
  auto db = OpenPostgres(NewOptions()).value();
  constexpr Migration kSneaky[] = {
      {1, "one", "CREATE TABLE a (x BIGINT); COMMIT; CREATE TABLE b (x BIGINT);"}};
  EXPECT_FALSE(Migrate(*db, "s", kSneaky));
  constexpr Migration kGood[] = {
      {1, "one", "CREATE TABLE a (x BIGINT, t TEXT DEFAULT ';''\"$$\\ $1 ?1'); CREATE TABLE b (x BIGINT);"},
      {2, "two", "INSERT INTO a (x) VALUES (1); CREATE INDEX a_x ON a (x);"}};
  EXPECT_EQ(Migrate(*db, "s", kGood).value(), (std::vector<int>{1, 2}));
  EXPECT_EQ(Migrate(*db, "s", kGood).value(), std::vector<int>{});
  constexpr Sql kRead{"a.read", "SELECT t FROM a"};
  EXPECT_EQ((*db->QueryAndWait(kRead))[0].Text(0), ";'\"$$\\ $1 ?1");
}

TEST(Postgres, AnswersThatAreTooLargeOrOfOtherTypesDoNotHarmTheNext) {
  constexpr Sql kMany{"many", "SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) g"};
  constexpr Sql kNumeric{"numeric", "SELECT 1.5"};
  constexpr Sql kOne{"one", "SELECT CAST(?1 AS BIGINT) + 1"};
  PostgresOptions options = NewOptions();
  options.readers = 1;
  auto db = OpenPostgres(options).value();
  EXPECT_EQ(db->QueryAndWait(kMany).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ((*db->QueryAndWait(kOne, Params::Of(41)))[0].Int(0), 42);
  EXPECT_EQ(db->QueryAndWait(kNumeric).error().code, ErrorCode::kInternal);
  EXPECT_EQ(db->QueryAndWait(kOne, Params::Of("41")).error().code, ErrorCode::kInternal);
  EXPECT_EQ((*db->QueryAndWait(kOne, Params::Of(-42)))[0].Int(0), -41);
}

}  // namespace
}  // namespace elevaite::database

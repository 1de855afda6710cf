// Large values in the store of objects, on every database.
#include "engine/journal/payloads.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "engine/doctor.h"
#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/journal/payload_journal.h"
#include "engine/journal/payload_sweep.h"
#include "engine/journal/purge.h"
#include "engine/transfer/transfer.h"
#include "foundation/digest.h"
#include "infra/database/test_database.h"
#include "infra/objects/files.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

namespace fs = std::filesystem;

const AccountId kAccount = AccountId::Default();

Json Large(char c, std::size_t bytes = 40'000) { return Json(std::string(bytes, c)); }

Event EventOf(EventType type, std::uint64_t seq, std::optional<Json> data = {}) {
  return {.type = type, .seq = seq, .time_us = 1'000'000, .data = std::move(data)};
}

// ---- Rows

PayloadRef RefOf(std::string_view value) {
  return {.id = PayloadId::New(), .bytes = value.size(), .sha256 = Sha256(value)};
}

TEST(PayloadRows, WhatIsTakenOutComesBack) {
  SeededRandom random(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<Event> events;
    for (std::uint64_t seq = 1; seq <= 1 + random.Below(6); ++seq) {
      Event event = EventOf(EventType::kTaskCompleted, seq);
      const auto value = [&random] {
        return random.Below(2) == 0
                   ? std::nullopt
                   : std::optional(Large(static_cast<char>(random.Below(128)), random.Below(200)));
      };
      event.data = value();
      event.input = value();
      event.context = value();
      events.push_back(event);
    }
    const std::string row = EncodeEvents(events);
    const auto large = LargeValuesOfEvents(row, 64);
    std::vector<PayloadRef> refs;
    std::map<PayloadId, std::string> objects;
    for (const Extent& value : large) {
      const std::string text = row.substr(value.at, value.size);
      ASSERT_TRUE(ParseJson(text)) << text;
      ASSERT_GT(text.size(), 64U);
      refs.push_back(RefOf(text));
      objects[refs.back().id] = text;
    }
    const std::string stored = Detach(row, large, refs);
    ASSERT_EQ(RefsOf(stored).value(), refs);
    const auto whole =
        Attach(stored, [&](const PayloadRef& ref) { return Result<std::string>(objects[ref.id]); });
    ASSERT_EQ(whole.value(), row);
  }
}

TEST(PayloadRows, LargeValuesOfASnapshotAreFound) {
  State state;
  state.input = Large('i');
  state.context = Json("small");
  state.frames.emplace(kRootFrame, Frame{}).first->second.data = Large('d');
  const std::string row = EncodeState(state);
  const auto large = LargeValuesOfState(row, kInlineBytesMax);
  ASSERT_EQ(large.size(), 2U);
  EXPECT_EQ(ParseJson(row.substr(large[0].at, large[0].size)).value(), Large('i'));
  EXPECT_EQ(ParseJson(row.substr(large[1].at, large[1].size)).value(), Large('d'));
}

TEST(PayloadRows, BytesThatAreTornAreRefused) {
  const std::string row = EncodeEvents({EventOf(EventType::kTaskCompleted, 1, Large('x'))});
  const auto large = LargeValuesOfEvents(row, 64);
  const std::string stored = Detach(row, large, {RefOf("x")});
  const auto find = [](const PayloadRef&) { return Result<std::string>("x"); };
  for (std::size_t size = 1; size < stored.size() - 5; ++size) {
    const auto whole = Attach(stored.substr(0, size), find);
    EXPECT_TRUE(!whole || !DecodeEvents(*whole)) << size;
  }
  EXPECT_EQ(Attach(std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), find).error().code,
            ErrorCode::kDataLoss);
}

// ---- On a database

class FailingPayloads final : public PayloadStore {
 public:
  explicit FailingPayloads(PayloadStore& store) : store_(store) {}

  std::size_t bytes_max() const override { return store_.bytes_max(); }
  void Put(const PayloadKey& key, std::string bytes, Done done) override {
    const std::scoped_lock lock(mutex_);
    if (holds) {
      held_.push_back([this, key, bytes = std::move(bytes), done] { store_.Put(key, bytes, done); });
    } else if (fails) {
      done(elevaite::Fail(ErrorCode::kResourceExhausted, "there is no room left for objects"));
    } else {
      store_.Put(key, std::move(bytes), done);
    }
  }
  void Release() {
    const std::scoped_lock lock(mutex_);
    for (const auto& put : std::exchange(held_, {})) put();
  }
  void Post(std::function<void()> work) override { store_.Post(std::move(work)); }
  Result<std::string> Get(const PayloadKey& key) override { return store_.Get(key); }
  Result<bool> Has(const PayloadKey& key) override { return store_.Has(key); }
  Result<void> Delete(const PayloadKey& key) override { return store_.Delete(key); }
  Result<std::vector<PayloadKey>> List(const AccountId& account, std::size_t shard, std::string_view after,
                                       std::size_t limit) override {
    return store_.List(account, shard, after, limit);
  }

  bool fails = false;
  bool holds = false;

 private:
  PayloadStore& store_;
  std::mutex mutex_;
  std::vector<std::function<void()>> held_;
};

class NoPrograms final : public ProgramSource {
 public:
  Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord&) override {
    return elevaite::Fail(ErrorCode::kNotFound, "no program");
  }
};

class PayloadTest : public testing::TestWithParam<database::TestDatabaseKind> {
 protected:
  std::future<Result<void>> AppendLater(std::vector<JournalWrite> writes) {
    auto done = std::make_shared<std::promise<Result<void>>>();
    auto future = done->get_future();
    journal_.Append(std::move(writes), [done](Result<void> result) { done->set_value(std::move(result)); });
    return future;
  }
  Result<void> Append(std::vector<JournalWrite> writes) { return AppendLater(std::move(writes)).get(); }

  static ExecutionRecord NewRecord(const AccountId& account = kAccount) {
    const std::int64_t now = SystemClock().Now().micros();
    return {.account = account,
            .id = ExecutionId::New(),
            .name_space = "shop",
            .workflow = "orders",
            .version = "1.0.0",
            .phase = Phase::kRunning,
            .created_us = now,
            .started_us = now};
  }
  static JournalWrite Created(const ExecutionRecord& record, Json input) {
    return {.record = record,
            .created = true,
            .first_seq = 1,
            .events = EncodeEvents({EventOf(EventType::kExecutionStarted, 1, std::move(input))})};
  }
  static JournalWrite Step(const ExecutionRecord& record, std::uint64_t seq, Json data) {
    return {.record = record,
            .first_seq = seq,
            .events = EncodeEvents({EventOf(EventType::kTaskCompleted, seq, std::move(data))})};
  }
  static JournalWrite Ended(ExecutionRecord record, std::uint64_t seq, Json output) {
    record.phase = Phase::kCompleted;
    record.finished_us = SystemClock().Now().micros();
    return {.record = record,
            .record_changed = true,
            .first_seq = seq,
            .events = EncodeEvents({EventOf(EventType::kExecutionCompleted, seq, std::move(output))})};
  }

  std::vector<fs::path> Objects() const {
    std::vector<fs::path> files;
    for (const auto& at : fs::recursive_directory_iterator(folder_.File("objects"))) {
      if (at.is_regular_file() && at.path().string().find("/payloads/") != std::string::npos)
        files.push_back(at.path());
    }
    return files;
  }
  std::int64_t Count(const char* sql) { return db_->QueryAndWait({"test.count", sql}).value()[0].Int(0); }
  std::vector<Event> AllEvents(const ExecutionId& id, std::size_t limit = 100) {
    std::vector<Event> all;
    for (std::optional<std::uint64_t> after = 0; after;) {
      std::promise<Result<EventPage>> promise;
      history_.Events(kAccount, id, *after, limit,
                      [&promise](Result<EventPage> page) { promise.set_value(std::move(page)); });
      const auto page = promise.get_future().get();
      EXPECT_TRUE(page) << page.error().ToString();
      if (!page) return all;
      all.insert(all.end(), page->events.begin(), page->events.end());
      after = page->next;
    }
    return all;
  }
  DoctorReport Examined(bool mend = false) {
    return ExamineAll(*db_, &payloads_, programs_, {.mend = mend}).value();
  }
  static bool Tells(const DoctorReport& report, std::string_view problem) {
    for (const Finding& finding : report.findings) {
      if (finding.problem.find(problem) != std::string::npos) return true;
    }
    return false;
  }
  std::uint64_t SweepAfter(std::chrono::minutes time) {
    SimulatedClock clock;
    clock.Jump(Timestamp::FromMicros(SystemClock().Now().micros() +
                                     std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
    return PayloadSweep(*db_, payloads_, clock, [] { return true; }).Pass().value();
  }
  // As a process that dies between an object and its commit.
  PayloadKey Orphan() {
    const PayloadKey key{kAccount, ExecutionId::New(), PayloadId::New()};
    std::promise<Result<void>> done;
    payloads_.Put(key, "\"lost\"", [&done](Result<void> result) { done.set_value(std::move(result)); });
    EXPECT_TRUE(done.get_future().get());
    return key;
  }

  database::TestFolder folder_;
  database::TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  std::unique_ptr<objects::ObjectStore> objects_ =
      objects::OpenFiles({.folder = folder_.File("objects")}).value();
  Result<void> bound_ = BindObjects(*db_, *objects_, false);
  std::unique_ptr<PayloadStore> store_ = OpenPayloads(*objects_);
  FailingPayloads payloads_{*store_};
  PayloadJournal journal_{std::make_unique<DatabaseJournal>(*db_), &payloads_};
  History history_{*db_, &payloads_};
  NoPrograms programs_;
};
INSTANTIATE_TEST_SUITE_P(Each, PayloadTest, database::kEachDatabase, database::DatabaseName);

TEST_P(PayloadTest, LargeValuesStandElsewhereAndComeBackAsTheyWere) {
  const ExecutionRecord record = NewRecord();
  JournalWrite created = Created(record, Large('i'));
  JournalWrite step = Step(record, 2, Json::Object({{"small", 1}}));
  const std::vector<std::string> rows{created.events, step.events};
  State state;
  state.input = Large('i');
  state.context = Large('c', 3'000'000);
  step.snapshot = EncodeState(state);
  step.snapshot_seq = 1;
  const std::string snapshot = *step.snapshot;
  ASSERT_TRUE(Append({created, step}));

  const auto stored = journal_.LoadOne(kAccount, record.id);

  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ(*(*stored)->snapshot, snapshot);
  EXPECT_EQ((*stored)->events, std::vector<std::string>{rows[1]});
  EXPECT_EQ(Objects().size(), 2U);  // the input once, though the snapshot has it, too
  EXPECT_LT(Count("SELECT max(length(events)) FROM journal"), 1'000);
  EXPECT_LT(Count("SELECT max(length(state)) FROM snapshots"), 1'000);
  const auto events = AllEvents(record.id);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(*events[0].data, Large('i'));
  EXPECT_FALSE(Tells(Examined(), "value"));
}

TEST_P(PayloadTest, APageOfLargeEventsEndsEarlyAndTheNextGoesOn) {
  const ExecutionRecord record = NewRecord();
  std::vector<JournalWrite> writes{Created(record, Json())};
  for (std::uint64_t seq = 2; seq <= 30; ++seq)
    writes.push_back(Step(record, seq, Large(static_cast<char>('a' + seq % 26), 1'000'000)));
  ASSERT_TRUE(Append(std::move(writes)));
  std::promise<Result<EventPage>> promise;
  history_.Events(kAccount, record.id, 0, 100,
                  [&promise](Result<EventPage> page) { promise.set_value(std::move(page)); });
  const auto first = promise.get_future().get().value();
  EXPECT_EQ(first.events.size(), 10U);  // 8 MiB
  EXPECT_EQ(first.next, 10U);
  const auto all = AllEvents(record.id);
  ASSERT_EQ(all.size(), 30U);
  for (std::uint64_t seq = 2; seq <= 30; ++seq)
    EXPECT_EQ(*all[seq - 1].data, Large(static_cast<char>('a' + seq % 26), 1'000'000));
}

TEST_P(PayloadTest, WhatComesAfterWaitsForTheObjects) {
  const ExecutionRecord first = NewRecord();
  const ExecutionRecord second = NewRecord();
  payloads_.holds = true;
  auto large = AppendLater({Created(first, Large('x'))});
  auto small = AppendLater({Created(second, Json(1))});
  EXPECT_EQ(small.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  EXPECT_FALSE(journal_.Exists(kAccount, first.id).value());
  payloads_.Release();
  EXPECT_TRUE(large.get());
  EXPECT_TRUE(small.get());
}

TEST_P(PayloadTest, AnObjectThatCannotBeWrittenFailsAllUntilTheJournalResumes) {
  const ExecutionRecord record = NewRecord();
  payloads_.fails = true;
  EXPECT_EQ(Append({Created(record, Large('x'))}).error().code, ErrorCode::kResourceExhausted);
  payloads_.fails = false;
  EXPECT_FALSE(Append({Created(NewRecord(), Json(1))}));
  journal_.Resume();
  ASSERT_TRUE(Append({Created(record, Large('x'))}));
  EXPECT_EQ(*AllEvents(record.id).at(0).data, Large('x'));
}

TEST_P(PayloadTest, WhatIsForgottenLeavesNoObject) {
  const ExecutionRecord record = NewRecord();
  const ExecutionRecord other = NewRecord();
  std::vector<JournalWrite> writes{Created(record, Large('a')), Created(other, Large('b'))};
  for (std::uint64_t seq = 2; seq <= 150; ++seq)
    writes.push_back(Step(record, seq, Large('x', 33'000 + seq)));
  writes.push_back(Ended(record, 151, Large('z')));
  ASSERT_TRUE(Append(std::move(writes)));
  EXPECT_EQ(Objects().size(), 152U);
  int commits = 0;
  Purge dies(*db_, [&commits](std::chrono::microseconds) { return ++commits < 2; }, &payloads_);
  ASSERT_TRUE(dies.One(kAccount, record.id));
  EXPECT_EQ(Objects().size(), 52U);  // the second commit of it was the last
  Purge purge(*db_, [](std::chrono::microseconds) { return true; }, &payloads_);
  ASSERT_TRUE(purge.Resume());
  EXPECT_EQ(Objects().size(), 1U);
  EXPECT_EQ(Count("SELECT count(*) FROM payloads"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM purges"), 0);
  EXPECT_EQ(*AllEvents(other.id).at(0).data, Large('b'));
}

TEST_P(PayloadTest, WhatWasWrittenForNoCommitIsSwept) {
  const ExecutionRecord record = NewRecord();
  ASSERT_TRUE(Append({Created(record, Large('x'))}));
  const PayloadKey orphan = Orphan();
  EXPECT_EQ(SweepAfter(std::chrono::minutes(59)), 0U);
  EXPECT_EQ(Objects().size(), 2U);
  EXPECT_EQ(SweepAfter(std::chrono::minutes(61)), 1U);
  EXPECT_EQ(Objects().size(), 1U);
  EXPECT_EQ(*AllEvents(record.id).at(0).data, Large('x'));
  // The commit comes after all: it fails, instead of referring to what is gone.
  ExecutionRecord late = NewRecord();
  late.id = orphan.execution;
  JournalWrite write = Created(late, Json(1));
  write.payloads = {orphan.id};
  EXPECT_EQ(Append({write}).error().code, ErrorCode::kConflict);
  EXPECT_FALSE(journal_.Exists(kAccount, late.id).value());
  EXPECT_EQ(SweepAfter(std::chrono::minutes(8 * 24 * 60)), 0U);
  EXPECT_EQ(Count("SELECT count(*) FROM payloads"), 1);  // the grave is gone
}

TEST_P(PayloadTest, TheDoctorFindsWhatIsMissingOrDamaged) {
  const ExecutionRecord record = NewRecord();
  const ExecutionRecord other = NewRecord();
  ASSERT_TRUE(Append({Created(record, Large('x')), Created(other, Large('y')), Ended(other, 2, Json(1))}));
  EXPECT_FALSE(Tells(Examined(), "object"));
  for (const fs::path& file : Objects()) {
    if (file.string().find(record.id.ToString()) != std::string::npos) {
      std::fstream(file, std::ios::in | std::ios::out).seekp(100).put('!');
    } else {
      fs::remove(file);
    }
  }
  const DoctorReport report = Examined(true);
  EXPECT_TRUE(Tells(report, "a value of it is damaged: the object payloads/"));
  EXPECT_TRUE(Tells(report, "a value of it is missing: the object payloads/"));
  EXPECT_FALSE(report.Healthy());
  const auto stored = journal_.LoadOne(kAccount, record.id);
  ASSERT_TRUE(stored && *stored && (*stored)->damage);
  EXPECT_EQ((*stored)->damage->code, ErrorCode::kDataLoss);
  EXPECT_NE((*stored)->damage->message.find(record.id.ToString()), std::string::npos);
}

TEST_P(PayloadTest, AnObjectOfAnotherValueIsDamaged) {
  const ExecutionRecord record = NewRecord();
  ASSERT_TRUE(Append({Created(record, Large('x'))}));
  const std::string key =
      "payloads/" + Objects().at(0).string().substr(Objects().at(0).string().find("/payloads/") + 10);
  ASSERT_TRUE(objects_->Put(kAccount, key, Large('y').Dump()));
  EXPECT_EQ(journal_.LoadOne(kAccount, record.id).value()->damage->code, ErrorCode::kDataLoss);
}

// Whatever keeps one from being read is not about the others of its page.
TEST_P(PayloadTest, AnObjectThatCannotBeOpenedIsTheTroubleOfItsExecutionAlone) {
  const ExecutionRecord record = NewRecord();
  const ExecutionRecord other = NewRecord();
  ASSERT_TRUE(Append({Created(record, Large('x')), Created(other, Large('y'))}));
  for (const fs::path& file : Objects()) {  // a link to itself: neither there nor damaged
    if (file.string().find(record.id.ToString()) == std::string::npos) continue;
    fs::remove(file);
    fs::create_symlink(file, file);
  }
  const auto stored = LoadAllUnfinished(journal_, 0, 1);
  ASSERT_TRUE(stored) << stored.error().ToString();
  ASSERT_EQ(stored->size(), 2U);
  for (const StoredExecution& one : *stored) {
    EXPECT_EQ(one.damage.has_value(), one.record.id == record.id);
    if (one.damage) EXPECT_NE(one.damage->code, ErrorCode::kDataLoss);
  }
}

TEST_P(PayloadTest, TheDoctorDeletesWhatBelongsToNobody) {
  const ExecutionRecord record = NewRecord();
  ASSERT_TRUE(Append({Created(record, Large('x')), Ended(record, 2, Json(1))}));
  // As a week of executions that is dropped as a whole.
  ASSERT_TRUE(db_->TransactAndWait([](database::Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute({"test.rows", "DELETE FROM executions"}));
    RETURN_IF_ERROR(session.Execute({"test.events", "DELETE FROM journal"}));
    return {};
  }));
  EXPECT_TRUE(Tells(Examined(), "there are large values of it, but not its row"));
  EXPECT_EQ(Objects().size(), 1U);
  EXPECT_TRUE(Examined(true).Healthy());
  EXPECT_TRUE(Objects().empty());
}

TEST_P(PayloadTest, TravelsWithItsValues) {
  const ExecutionRecord record = NewRecord();
  JournalWrite created = Created(record, Large('x'));
  const std::string row = created.events;
  ASSERT_TRUE(Append({created, Ended(record, 2, Large('z'))}));
  const auto whole = ReadWhole({*db_, &payloads_}, kAccount, record.id);
  ASSERT_TRUE(whole && *whole) << whole.error().ToString();
  EXPECT_EQ((*whole)->events.at(0).bytes, row);
  EXPECT_EQ(Import({*db_, &payloads_}, **whole).value(), Imported::kUnchanged);
  Purge purge(*db_, [](std::chrono::microseconds) { return true; }, &payloads_);
  ASSERT_TRUE(purge.One(kAccount, record.id));
  ASSERT_TRUE(Objects().empty());
  EXPECT_EQ(Import({*db_, &payloads_}, **whole).value(), Imported::kNew);
  EXPECT_EQ(Objects().size(), 2U);
  EXPECT_EQ(ReadWhole({*db_, &payloads_}, kAccount, record.id).value()->events, (*whole)->events);
}

TEST_P(PayloadTest, WithoutAStoreValuesStandInTheDatabase) {
  const ExecutionRecord record = NewRecord();
  const ExecutionRecord elsewhere = NewRecord();
  PayloadJournal inline_journal(std::make_unique<DatabaseJournal>(*db_), nullptr);
  std::promise<Result<void>> done;
  inline_journal.Append({Created(record, Large('x'))},
                        [&done](Result<void> result) { done.set_value(std::move(result)); });
  ASSERT_TRUE(done.get_future().get());
  EXPECT_TRUE(Objects().empty());
  EXPECT_EQ(*AllEvents(record.id).at(0).data, Large('x'));
  ASSERT_TRUE(Append({Created(elsewhere, Large('y'))}));
  const auto stored = inline_journal.LoadOne(kAccount, elsewhere.id);
  ASSERT_TRUE(stored && *stored && (*stored)->damage);
  EXPECT_NE((*stored)->damage->hint.find("objects.dir"), std::string::npos);
}

TEST_P(PayloadTest, ADatabaseKnowsItsStore) {
  ASSERT_TRUE(bound_);
  EXPECT_TRUE(HasObjects(*db_).value());
  EXPECT_TRUE(BindObjects(*db_, *objects_, false));
  const auto other = objects::OpenFiles({.folder = folder_.File("other")}).value();
  EXPECT_EQ(BindObjects(*db_, *other, false).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(BindObjects(*db_, *other, true));
  EXPECT_TRUE(BindObjects(*db_, *other, false));
}

}  // namespace
}  // namespace elevaite::engine

// The journal, its history and the event store, on every database.
#include "engine/journal/database_journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include "engine/events/database_event_store.h"
#include "engine/journal/dead_letters.h"
#include "engine/journal/history.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

Event EventOf(EventType type, std::uint64_t seq) { return {.type = type, .seq = seq, .time_us = 1'000'000}; }

std::string EventsOf(std::uint64_t first, std::uint64_t last, EventType type = EventType::kTaskStarted) {
  std::vector<Event> events;
  for (std::uint64_t seq = first; seq <= last; ++seq) events.push_back(EventOf(type, seq));
  return EncodeEvents(events);
}

ExecutionRecord NewRecord(const std::string& workflow = "orders", const AccountId& account = kAccount) {
  const std::int64_t now = SystemClock().Now().micros();
  return {.account = account,
          .id = ExecutionId::New(),
          .name_space = "shop",
          .workflow = workflow,
          .version = "1.0.0",
          .trigger = Trigger::kWebhook,
          .correlation = "request é",
          .phase = Phase::kRunning,
          .created_us = now,
          .started_us = now};
}

JournalWrite Created(const ExecutionRecord& record) {
  return {.record = record, .created = true, .first_seq = 1, .events = EventsOf(1, 2)};
}

JournalWrite Finished(ExecutionRecord record, std::uint64_t seq, Phase phase = Phase::kCompleted) {
  record.phase = phase;
  record.finished_us = SystemClock().Now().micros();
  if (phase == Phase::kFaulted) record.error = Json::Object({{"status", 500}, {"title", "no\nluck"}});
  const auto type = phase == Phase::kFaulted ? EventType::kExecutionFaulted : EventType::kExecutionCompleted;
  return {.record = record, .record_changed = true, .first_seq = seq, .events = EventsOf(seq, seq, type)};
}

StoredEvent Told(std::int64_t position, const std::string& id, const std::string& type = "t",
                 const AccountId& account = kAccount) {
  return {account, position, position * 10,
          Json::Object({{"type", type}, {"source", "here"}, {"id", id}, {"data", "ü"}})};
}

class JournalTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  Result<void> Append(std::vector<JournalWrite> writes) {
    std::promise<Result<void>> done;
    journal_.Append(std::move(writes), [&done](Result<void> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  }
  template <class T, class Call>
  static Result<T> Wait(Call call) {
    std::promise<Result<T>> promise;
    call([&promise](Result<T> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  std::vector<ExecutionId> List(const ExecutionFilter& filter, const AccountId& account = kAccount) {
    const auto page =
        Wait<ExecutionPage>([&](auto done) { history_.List(account, filter, std::move(done)); });
    EXPECT_TRUE(page) << page.error().ToString();
    std::vector<ExecutionId> ids;
    if (page) std::ranges::transform(page->items, std::back_inserter(ids), &ExecutionRecord::id);
    return ids;
  }
  std::vector<bool> Accept(std::vector<StoredEvent> events) {
    const auto is_new = Wait<std::vector<bool>>(
        [&](auto done) { store_.Append(std::move(events), [done](auto result) mutable { done(result); }); });
    EXPECT_TRUE(is_new) << is_new.error().ToString();
    return is_new.value_or(std::vector<bool>{});
  }

  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  DatabaseJournal journal_{*db_};
  History history_{*db_};
  DatabaseEventStore store_{*db_};
  DeadLetters letters_{*db_};
};
INSTANTIATE_TEST_SUITE_P(Each, JournalTest, database::kEachDatabase, database::DatabaseName);

TEST_P(JournalTest, GivesBackWhatWasAppended) {
  ExecutionRecord record = NewRecord();
  record.parent = ExecutionId::New();
  record.parent_frame = 7;
  record.depth = 3;
  ASSERT_TRUE(Append({Created(record)}));
  JournalWrite step{.record = record, .first_seq = 3, .events = EventsOf(3, 5)};
  step.snapshot = std::string("\0state\xff", 7);
  step.snapshot_seq = 5;
  ASSERT_TRUE(Append({step}));
  record.version = "2.0.0";
  record.migrations = {{.seq = 6, .from = "1.0.0"}};
  record.phase = Phase::kWaiting;
  ASSERT_TRUE(Append({{.record = record, .record_changed = true, .first_seq = 6, .events = EventsOf(6, 7)}}));

  const auto stored = journal_.LoadOne(kAccount, record.id);

  ASSERT_TRUE(stored && *stored) << stored.error().ToString();
  const ExecutionRecord& read = (*stored)->record;
  EXPECT_EQ(read.id, record.id);
  EXPECT_EQ(read.workflow, "orders");
  EXPECT_EQ(read.version, "2.0.0");
  ASSERT_EQ(read.migrations.size(), 1U);
  EXPECT_EQ(read.migrations[0].from, "1.0.0");
  EXPECT_EQ(read.correlation, "request é");
  EXPECT_EQ(read.trigger, Trigger::kWebhook);
  EXPECT_EQ(read.phase, Phase::kWaiting);
  EXPECT_EQ(read.parent, record.parent);
  EXPECT_EQ(read.parent_frame, record.parent_frame);
  EXPECT_EQ(read.depth, 3U);
  EXPECT_EQ(read.created_us, record.created_us);
  EXPECT_EQ(read.finished_us, std::nullopt);
  EXPECT_EQ((*stored)->snapshot, step.snapshot);
  EXPECT_EQ((*stored)->events, std::vector<std::string>{EventsOf(6, 7)});
  EXPECT_FALSE(*journal_.LoadOne(kOther, record.id));
}

StoredEvent EventNumbered(std::int64_t number, const AccountId& account = kAccount) {
  return {account, number, number,
          Json::Object({{"id", std::to_string(number)}, {"source", "/test"}, {"type", "t"}})};
}

// Before so many more have been taken: what is kept already is counted and weighed beside.
bool RefusesSoon(DatabaseEventStore& store) {
  for (std::int64_t taken = 0; taken < 1'000; ++taken) {
    std::promise<bool> is_taken;
    store.Append({EventNumbered(2'000 + taken)},
                 [&is_taken](const auto& result) { is_taken.set_value(result.has_value()); });
    if (!is_taken.get_future().get()) return true;
  }
  return false;
}

// True as soon as it is.
bool Becomes(const std::function<bool()>& is_true) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!is_true() && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return is_true();
}

TEST_P(JournalTest, AllOldEventsAreForgottenSomeInACommit) {
  std::vector<StoredEvent> events;
  for (std::int64_t i = 1; i <= 11; ++i) events.push_back(EventNumbered(i));
  Accept(events);
  store_.DeleteBefore(9, 2);
  EXPECT_TRUE(Becomes([&] { return store_.counts().expired == 8; })) << store_.counts().expired;
  EXPECT_TRUE(Becomes([&] { return store_.counts().stored == 3; }));
  EXPECT_EQ(store_.LoadNewest(100)->front().position, 9);
  store_.DeleteBefore(10, 2);
  EXPECT_TRUE(Becomes([&] { return store_.counts().expired == 9; })) << "and again the next time";
}

TEST_P(JournalTest, CountsTheEventsThatNobodyHadListenedForWhenTheyExpire) {
  std::vector<StoredEvent> events;
  for (std::int64_t i = 1; i <= 20; ++i) events.push_back(EventNumbered(i));
  Accept(events);
  store_.MarkHeard({1, 2, 5, 11, 20});
  store_.MarkHeard({2, 99});
  store_.DeleteBefore(20, 3);
  EXPECT_TRUE(Becomes([&] { return store_.counts().expired == 19; })) << store_.counts().expired;
  EXPECT_EQ(store_.counts().unheard, 15U);
  EXPECT_TRUE(Becomes([&] { return store_.counts().stored == 1; }));
}

TEST_P(JournalTest, TakesSoManyBytesOfEventsOfAnAccount) {
  DatabaseEventStore small(*db_, 0, 1'000, 10'000);
  const auto append = [&](std::int64_t number, const AccountId& account) {
    StoredEvent event = EventNumbered(number, account);
    event.event = Json::WithMember(std::move(event.event), "data", std::string(4'000, 'x'));
    return Wait<std::vector<bool>>(
        [&](auto done) { small.Append({event}, [done](auto result) mutable { done(result); }); });
  };
  EXPECT_TRUE(append(1, kAccount));
  EXPECT_TRUE(append(2, kAccount));
  const auto refused = append(3, kAccount);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(append(4, kOther)) << "each account has its own";
  DatabaseEventStore after_restart(*db_, 0, 1'000, 10'000);
  EXPECT_TRUE(RefusesSoon(after_restart));
}

TEST_P(JournalTest, TakesSoManyEventsOfAnAccount) {
  DatabaseEventStore small(*db_, 0, 3);
  const auto append = [&](std::vector<StoredEvent> events) {
    return Wait<std::vector<bool>>(
        [&](auto done) { small.Append(std::move(events), [done](auto result) mutable { done(result); }); });
  };
  ASSERT_TRUE(append({EventNumbered(1), EventNumbered(2)}));
  const auto refused = append({EventNumbered(3), EventNumbered(4)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(refused.error().retry_after);
  EXPECT_EQ(small.LoadNewest(100)->size(), 2U) << "all or none";
  EXPECT_TRUE(append({EventNumbered(5, kOther)})) << "each account has its own";
  EXPECT_EQ(small.counts().refused, 2U);
  EXPECT_EQ(small.counts().accepted, 3U);
}

TEST_P(JournalTest, EventsThatWereThereBeforeTakeRoom) {
  std::vector<StoredEvent> there;
  for (std::int64_t i = 1; i <= 1'000; ++i) there.push_back(EventNumbered(i));
  Accept(there);
  DatabaseEventStore after_restart(*db_, 0, 1'000);
  EXPECT_TRUE(RefusesSoon(after_restart));
}

TEST_P(JournalTest, WhatHasEndedIsHistory) {
  const ExecutionRecord record = NewRecord();
  JournalWrite created = Created(record);
  created.snapshot = "state";
  created.snapshot_seq = 2;
  ASSERT_TRUE(Append({created}));
  JournalWrite finished = Finished(record, 3, Phase::kFaulted);
  finished.drops_snapshot = true;
  ASSERT_TRUE(Append({finished}));

  EXPECT_FALSE(*journal_.LoadOne(kAccount, record.id));
  EXPECT_TRUE(LoadAllUnfinished(journal_, 0, 1)->empty());
  EXPECT_TRUE(*journal_.Exists(kAccount, record.id));
  EXPECT_FALSE(*journal_.Exists(kOther, record.id));
  const auto found =
      Wait<ExecutionRecord>([&](auto done) { history_.Find(kAccount, record.id, std::move(done)); });
  ASSERT_TRUE(found) << found.error().ToString();
  EXPECT_EQ(found->phase, Phase::kFaulted);
  EXPECT_EQ(found->error["title"], Json("no\nluck"));
  const auto ending =
      Wait<std::optional<Event>>([&](auto done) { history_.Ending(kAccount, record.id, std::move(done)); });
  ASSERT_TRUE(ending && *ending);
  EXPECT_EQ((*ending)->type, EventType::kExecutionFaulted);
  constexpr database::Sql kSnapshots{"count", "SELECT count(*) FROM snapshots"};
  EXPECT_EQ((*db_->QueryAndWait(kSnapshots))[0].Int(0), 0);
}

TEST_P(JournalTest, AnExecutionIsCreatedOnceAlsoAfterItHasEnded) {
  const ExecutionRecord running = NewRecord();
  const ExecutionRecord ended = NewRecord();
  ASSERT_TRUE(Append({Created(running), Created(ended)}));
  ASSERT_TRUE(Append({Finished(ended, 3)}));
  for (const ExecutionRecord& again : {running, ended}) {
    const auto twice = Append({Created(NewRecord()), Created(again)});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, ErrorCode::kConflict);
    const auto behind = Append({Created(NewRecord())});
    ASSERT_FALSE(behind) << "it is built on what has failed";
    journal_.Resume();
  }
  ASSERT_TRUE(Append({Created(NewRecord())}));
  EXPECT_EQ(List({}).size(), 3U);
}

TEST_P(JournalTest, WhatHasEndedIsNotChangedAnyMore) {
  ExecutionRecord record = NewRecord();
  ASSERT_TRUE(Append({Created(record)}));
  ASSERT_TRUE(Append({Finished(record, 3)}));
  const auto late =
      Append({{.record = record, .record_changed = true, .first_seq = 4, .events = EventsOf(4, 4)}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kConflict);
}

TEST_P(JournalTest, EachPartitionFindsItsOwnUnfinishedExecutions) {
  std::vector<ExecutionId> ids;
  std::vector<JournalWrite> writes;
  for (int i = 0; i < 1200; ++i) {
    writes.push_back(Created(NewRecord("orders", i % 2 == 0 ? kAccount : kOther)));
    ids.push_back(writes.back().record.id);
    if (i % 3 == 0) {
      JournalWrite ended = Finished(writes.back().record, 3);
      ids.pop_back();
      writes.push_back(std::move(ended));
    }
  }
  ASSERT_TRUE(Append(std::move(writes)));
  std::vector<ExecutionId> loaded;
  for (std::uint32_t partition = 0; partition < 3; ++partition) {
    const auto own = LoadAllUnfinished(journal_, partition, 3);
    ASSERT_TRUE(own) << own.error().ToString();
    EXPECT_GT(own->size(), 100U);
    for (const StoredExecution& stored : *own) {
      EXPECT_EQ(PartitionIndex(stored.record.id, 3), partition);
      EXPECT_EQ(stored.events, std::vector<std::string>{EventsOf(1, 2)});
      loaded.push_back(stored.record.id);
    }
  }
  std::ranges::sort(ids);
  std::ranges::sort(loaded);
  EXPECT_EQ(loaded, ids);
}

TEST_P(JournalTest, KnowsWhenTheLastUnfinishedOneBegan) {
  EXPECT_EQ(journal_.NewestUnfinished(0, 1).value(), 0);
  ExecutionRecord late = NewRecord();
  late.started_us += 20'000'000;  // under a clock that was ahead
  ExecutionRecord newer = NewRecord();
  Uuid in_the_same_shard = newer.id.uuid();
  in_the_same_shard.bytes[15] = late.id.uuid().bytes[15];
  newer.id = ExecutionId(in_the_same_shard);
  ExecutionRecord ended = NewRecord();
  ended.started_us += 60'000'000;
  ASSERT_TRUE(Append({Created(late), Created(newer), Created(ended)}));
  ASSERT_TRUE(Append({Finished(ended, 3)}));
  EXPECT_EQ(journal_.NewestUnfinished(ShardOf(late.id), kShards).value(), late.started_us);
  EXPECT_EQ(journal_.NewestUnfinished(0, 1).value(), late.started_us);
}

TEST_P(JournalTest, ListsByWhatIsAsked) {
  std::vector<ExecutionRecord> records;
  for (int i = 0; i < 12; ++i) {
    records.push_back(NewRecord(i % 2 == 0 ? "even" : "odd"));
    ASSERT_TRUE(Append({Created(records.back())}));
    if (i % 4 == 0) ASSERT_TRUE(Append({Finished(records.back(), 3)}));
    if (i % 4 == 1) ASSERT_TRUE(Append({Finished(records.back(), 3, Phase::kFaulted)}));
  }
  const auto ids = [&](std::initializer_list<int> of) {
    std::vector<ExecutionId> result;
    for (const int i : of) result.push_back(records[static_cast<std::size_t>(i)].id);
    return result;
  };
  EXPECT_EQ(List({}), ids({11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(List({.limit = 3}), ids({11, 10, 9}));
  EXPECT_EQ(List({.after = ListCursor{records[9].created_us, records[9].id}, .limit = 3}), ids({8, 7, 6}));
  EXPECT_EQ(List({.workflow = "odd"}), ids({11, 9, 7, 5, 3, 1}));
  EXPECT_EQ(List({.workflow = "odd", .phases = {Phase::kFaulted}}), ids({9, 5, 1}));
  EXPECT_EQ(List({.phases = {Phase::kRunning}}), ids({11, 10, 7, 6, 3, 2}));
  EXPECT_EQ(List({.phases = {Phase::kCompleted, Phase::kFaulted}}), ids({9, 8, 5, 4, 1, 0}));
  EXPECT_EQ(List({.since_us = records[2].created_us, .until_us = records[4].created_us}), ids({3, 2}));
  EXPECT_EQ(List({.name_space = "elsewhere"}), ids({}));
  EXPECT_EQ(List({}, kOther), ids({}));
  const auto activity =
      Wait<WorkflowActivity>([&](auto done) { history_.Activity(kAccount, "shop", "odd", std::move(done)); });
  ASSERT_TRUE(activity) << activity.error().ToString();
  EXPECT_EQ(activity->total, 6);
  EXPECT_EQ(activity->active, 3);
  EXPECT_EQ(activity->faulted, 3);
  EXPECT_EQ(activity->last->id, records[11].id);
}

TEST_P(JournalTest, PagesThroughEvents) {
  const ExecutionRecord record = NewRecord();
  ASSERT_TRUE(Append({Created(record)}));
  for (std::uint64_t seq = 3; seq < 30; seq += 3)
    ASSERT_TRUE(Append({{.record = record, .first_seq = seq, .events = EventsOf(seq, seq + 2)}}));
  const auto page = [&](std::uint64_t after, std::size_t limit) {
    const auto events = Wait<EventPage>(
        [&](auto done) { history_.Events(kAccount, record.id, after, limit, std::move(done)); });
    EXPECT_TRUE(events) << events.error().ToString();
    std::vector<std::uint64_t> numbers;
    if (events) std::ranges::transform(events->events, std::back_inserter(numbers), &Event::seq);
    return numbers;
  };
  EXPECT_EQ(page(0, 4), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(page(6, 3), (std::vector<std::uint64_t>{7, 8, 9, 10, 11}));
  EXPECT_EQ(page(28, 10), (std::vector<std::uint64_t>{29}));
  EXPECT_EQ(page(29, 10), std::vector<std::uint64_t>{});
  EXPECT_EQ(page(INT64_MAX, 10), std::vector<std::uint64_t>{});
}

TEST_P(JournalTest, AnEventCountsOnceForItsAccount) {
  EXPECT_EQ(Accept({Told(1, "a"), Told(2, "b"), Told(3, "a")}), (std::vector<bool>{true, true, false}));
  EXPECT_EQ(Accept({Told(4, "a"), Told(5, "a", "t", kOther)}), (std::vector<bool>{false, true}));
  JournalWrite emitting = Created(NewRecord());
  emitting.emitted = {Told(6, "b"), Told(7, "c")};
  ASSERT_TRUE(Append({emitting}));
  const auto newest = store_.LoadNewest(3);
  ASSERT_TRUE(newest) << newest.error().ToString();
  std::vector<std::int64_t> positions;
  std::ranges::transform(*newest, std::back_inserter(positions), &StoredEvent::position);
  EXPECT_EQ(positions, (std::vector<std::int64_t>{2, 5, 7}));
  EXPECT_EQ(newest->front().event, Told(2, "b").event);
  EXPECT_EQ(*store_.PositionOf(kAccount, "here", "c"), 7);
  EXPECT_EQ(*store_.PositionOf(kOther, "here", "c"), std::nullopt);
}

TEST_P(JournalTest, EventsAreFoundByTypeTimeAndPositionAndExpire) {
  std::vector<StoredEvent> events;
  for (int i = 1; i <= 20; ++i) events.push_back(Told(i, std::to_string(i), i % 2 == 0 ? "even" : "odd"));
  Accept(std::move(events));
  const auto positions = [&](std::vector<std::string> types, std::int64_t since, std::int64_t after,
                             std::int64_t before, std::size_t limit) {
    const auto found = store_.Load(kAccount, types, since, after, before, limit);
    EXPECT_TRUE(found) << found.error().ToString();
    std::vector<std::int64_t> result;
    if (found) std::ranges::transform(*found, std::back_inserter(result), &StoredEvent::position);
    return result;
  };
  EXPECT_EQ(positions({"even"}, 0, 10, 17, 100), (std::vector<std::int64_t>{12, 14, 16}));
  EXPECT_EQ(positions({}, 180, 0, 100, 2), (std::vector<std::int64_t>{18, 19}));
  EXPECT_EQ(positions({"odd", "even"}, 0, 0, 100, 3), (std::vector<std::int64_t>{1, 2, 3}));
  store_.DeleteBefore(150, 5);
  EXPECT_TRUE(Becomes([&] { return positions({}, 0, 0, 100, 100).front() == 15; }));
}

DeadLetter LetterOf(const ExecutionRecord& record, FrameId frame) {
  return {.id = DeadLetterId::New(),
          .account = record.account,
          .execution = record.id,
          .frame = frame,
          .name_space = record.name_space,
          .workflow = record.workflow,
          .version = record.version,
          .reference = "/do/0/fetch",
          .connector = "http",
          .attempts = 6,
          .error = Json::Object({{"title", "It died\nü"}}),
          .time_us = 123};
}

TEST_P(JournalTest, KeepsDeadLettersUntilTheyAreDeleted) {
  const ExecutionRecord orders = NewRecord();
  const ExecutionRecord bills = NewRecord("bills");
  const ExecutionRecord foreign = NewRecord("orders", kOther);
  std::vector<JournalWrite> writes{Created(orders), Created(bills), Created(foreign)};
  writes[0].dead_letters = {LetterOf(orders, 3), LetterOf(orders, 4)};
  writes[1].dead_letters = {LetterOf(bills, 5)};
  writes[2].dead_letters = {LetterOf(foreign, 6)};
  ASSERT_TRUE(Append(writes));
  const auto list = [&](const DeadLetterFilter& filter) {
    std::vector<FrameId> frames;
    const auto page =
        Wait<std::vector<DeadLetter>>([&](auto done) { letters_.List(kAccount, filter, std::move(done)); });
    EXPECT_TRUE(page) << page.error().ToString();
    for (const DeadLetter& letter : page.value_or(std::vector<DeadLetter>{})) frames.push_back(letter.frame);
    return frames;
  };
  const auto remove = [&](const AccountId& account, const DeadLetterId& id) {
    return Wait<void>([&](auto done) { letters_.Delete(account, id, std::move(done)); });
  };
  EXPECT_EQ(list({}), (std::vector<FrameId>{5, 4, 3}));
  EXPECT_EQ(list({.workflow = "orders"}), (std::vector<FrameId>{4, 3}));
  EXPECT_EQ(list({.name_space = "elsewhere", .workflow = "orders"}), std::vector<FrameId>{});
  EXPECT_EQ(list({.before = writes[1].dead_letters[0].id, .limit = 1}), std::vector<FrameId>{4});
  const auto one = Wait<std::vector<DeadLetter>>(
      [&](auto done) { letters_.List(kAccount, {.workflow = "bills"}, std::move(done)); });
  ASSERT_TRUE(one && one->size() == 1);
  EXPECT_EQ(one->front().execution, bills.id);
  EXPECT_EQ(one->front().reference, "/do/0/fetch");
  EXPECT_EQ(one->front().attempts, 6U);
  EXPECT_EQ(one->front().error["title"], Json("It died\nü"));
  EXPECT_EQ(remove(kAccount, writes[2].dead_letters[0].id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(remove(kAccount, writes[1].dead_letters[0].id));
  EXPECT_EQ(remove(kAccount, writes[1].dead_letters[0].id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(list({}), (std::vector<FrameId>{4, 3}));
}

TEST_P(JournalTest, KeepsEverythingOverAReopen) {
  const ExecutionRecord record = NewRecord();
  ASSERT_TRUE(Append({Created(record)}));
  db_ = nullptr;
  const auto again = database_.Open();
  DatabaseJournal journal(*again);
  EXPECT_EQ(LoadAllUnfinished(journal, 0, 1)->size(), 1U);
}

}  // namespace
}  // namespace elevaite::engine

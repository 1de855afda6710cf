// The scheduler on a clock that the test moves, with executions that end when the test says so.
#include "services/workflow/schedule/scheduler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <mutex>
#include <thread>

#include "connectors/all.h"
#include "engine/events/memory_event_store.h"
#include "foundation/async.h"
#include "foundation/io_threads.h"
#include "infra/database/test_database.h"
#include "services/workflow/schedule/input.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using engine::Phase;

const AccountId kAccount = AccountId::Default();
constexpr auto kSettle = std::chrono::milliseconds(40);

class FakeRuns final : public ScheduledRuns {
 public:
  Task<void> Start(ScheduledStart start) override {
    const std::scoped_lock lock(mutex_);
    if (failure_) co_return Fail(*failure_);
    if (!ends_.contains(start.id)) {
      ends_.emplace(start.id, End{});
      starts_.push_back(std::move(start));
    }
    co_return Result<void>();
  }
  Task<bool> IsRunning(AccountId, ExecutionId id) override {
    const std::scoped_lock lock(mutex_);
    const auto found = ends_.find(id);
    co_return found != ends_.end() && !found->second.phase;
  }
  Task<Phase> EndOf(AccountId, ExecutionId id) override {
    OneShot<Phase> told;
    {
      const std::scoped_lock lock(mutex_);
      End& end = ends_.at(id);
      if (end.phase) co_return *end.phase;
      end.waits.push_back(told);
    }
    auto wait = told.WaitUntil(kNoDeadline);
    co_return *co_await std::move(wait);
  }
  Task<void> Cancel(AccountId, ExecutionId id, std::string) override {
    const std::scoped_lock lock(mutex_);
    ++asked_to_cancel_;
    if (failure_) co_return Fail(*failure_);
    cancelled_.push_back(id);
    co_return Result<void>();
  }

  void Finish(std::size_t index, Phase phase = Phase::kCompleted) {
    const std::scoped_lock lock(mutex_);
    End& end = ends_.at(starts_.at(index).id);
    end.phase = phase;
    for (OneShot<Phase>& wait : end.waits) wait.Set(phase);
  }
  void FailWith(std::optional<Error> failure) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::move(failure);
  }
  std::vector<ScheduledStart> starts() {
    const std::scoped_lock lock(mutex_);
    return starts_;
  }
  std::size_t asked_to_cancel() {
    const std::scoped_lock lock(mutex_);
    return asked_to_cancel_;
  }
  std::size_t cancelled() {
    const std::scoped_lock lock(mutex_);
    return cancelled_.size();
  }

 private:
  struct End {
    std::optional<Phase> phase;
    std::vector<OneShot<Phase>> waits;
  };
  std::mutex mutex_;
  std::vector<ScheduledStart> starts_;
  std::map<ExecutionId, End> ends_;
  std::vector<ExecutionId> cancelled_;
  std::size_t asked_to_cancel_ = 0;
  std::optional<Error> failure_;
};

class SchedulerTest : public testing::TestWithParam<database::TestDatabaseKind> {
 protected:
  SchedulerTest() {
    EXPECT_TRUE(hub_.Start());
    Open();
  }
  ~SchedulerTest() override {
    scheduler_->Stop();
    io_.Stop();
  }

  // The process dies and comes back; executions go on, as they are somewhere else.
  void Open(std::function<void()> once_taken_up = [] {}) {
    if (scheduler_) {
      scheduler_->Suspend();
      scheduler_->Stop();
      retired_.push_back(std::move(scheduler_));  // its coroutines end when they are resumed
    }
    scheduler_ = std::make_unique<Scheduler>(store_, programs_, runs_, hub_, clock_, engine::MachineLimits{},
                                             io_.executor(0));
    ASSERT_TRUE(scheduler_->Start());
    boost::asio::post(io_.executor(0), std::move(once_taken_up));
    Settle();
  }
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  // What has been set off is done; for what comes from elsewhere there is a moment before that.
  void Settle() {
    std::this_thread::sleep_for(kSettle);
    WaitUntil([this] { return scheduler_->is_at_rest(); });
  }
  void WaitUntil(const std::function<bool()>& holds) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto ask = [&] { return boost::asio::post(io_.executor(0), boost::asio::use_future(holds)).get(); };
    while (!ask() && std::chrono::steady_clock::now() < give_up)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  void Pass(std::int64_t minutes) {
    for (std::int64_t i = 0; i < minutes; ++i) {
      clock_.Advance(std::chrono::minutes(1));
      scheduler_->Look();
      Settle();
    }
  }
  void PassSeconds(std::int64_t seconds) {
    clock_.Advance(std::chrono::seconds(seconds));
    scheduler_->Look();
    Settle();
  }
  // Starts once a minute.
  void Create(Policy policy, std::string_view more = "{}") {
    ScheduleRow row{.account = kAccount, .id = "s", .name_space = "n", .workflow = "w"};
    row.kind = ScheduleKind::kTimes;
    row.spec = ScheduleSpec::FromJson(*ParseJson(more)).value();
    row.spec.times = Json::Array({Json::Object({{"every", "1m"}})});
    row.spec.policy = policy;
    const auto created = Run(scheduler_->Create(row));
    ASSERT_TRUE(created) << created.error().ToString();
  }
  void PublishStartedBy(const std::string& type) {
    const std::string source =
        "document: {dsl: '1.0.3', namespace: n, name: w, version: '1.0.0'}\n"
        "schedule: {on: {one: {with: {type: " +
        type + "}}}}\ndo: [{a: {set: {b: 1}}}]\n";
    const auto program = dsl::Compile(source, {.functions = &registry_}).program;
    ASSERT_TRUE(program);
    ASSERT_TRUE(Run(workflows_.Publish(kAccount, program, source, "yaml", {})));
    ASSERT_TRUE(Run(scheduler_->Published(kAccount, program)));
    Settle();
  }
  // The minutes that the starts were due at.
  std::string Starts() {
    std::string text;
    for (const ScheduledStart& start : runs_.starts()) {
      const std::int64_t minutes = (start.id.uuid().time().micros() - begin_us_) / 60'000'000;
      text += (text.empty() ? "" : " ") + std::to_string(minutes);
    }
    return text;
  }
  ScheduleRow Stored() {
    Settle();
    WaitUntil([this] { return scheduler_->is_saved(); });
    return **Run(store_.Find(kAccount, "s"));
  }
  std::string Log() {
    std::string text;
    for (const Progress::Entry& entry : Stored().progress.log)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", NameOf(entry.what),
                          (entry.time_us - begin_us_) / 60'000'000);
    return text;
  }

  SimulatedClock clock_;
  const std::int64_t begin_us_ = clock_.Now().micros();
  FakeRuns runs_;
  IoThreads io_{1};
  database::TestDatabase database_{GetParam(), {"workflow", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  connectors::Registry registry_ = connectors::Descriptors();
  WorkflowStore workflows_{*db_, clock_};
  Programs programs_{workflows_, registry_};
  ScheduleStore store_{*db_};
  engine::MemoryEventStore event_store_;
  engine::EventHub hub_{engine::EventHubOptions{}, event_store_, clock_};
  std::vector<std::unique_ptr<Scheduler>> retired_;
  std::unique_ptr<Scheduler> scheduler_;
};
INSTANTIATE_TEST_SUITE_P(Each, SchedulerTest, database::kEachDatabase, database::DatabaseName);

TEST_P(SchedulerTest, StartsWhatIsDueOnce) {
  Create({});
  Pass(1);
  runs_.Finish(0);
  Pass(1);
  EXPECT_EQ(Starts(), "1 2");
  EXPECT_EQ(runs_.starts()[0].workflow, "n.w");
  EXPECT_EQ(runs_.starts()[0].schedule, "s");
  EXPECT_EQ(Log(), "started 1, started 2");
}

TEST_P(SchedulerTest, GivesTheInputOfTheSchedule) {
  ScheduleRow row{.account = kAccount, .id = "s", .name_space = "n", .workflow = "w"};
  row.kind = ScheduleKind::kTimes;
  row.spec.times = Json::Array({Json::Object({{"every", "1m"}})});
  row.has_input = true;
  row.input = Json::Object({{"n", 1}});
  ASSERT_TRUE(Run(scheduler_->Create(row)));
  Pass(1);
  ASSERT_EQ(Starts(), "1");
  EXPECT_EQ(runs_.starts()[0].input, row.input);
}

TEST_P(SchedulerTest, TheInputKnowsWhatTheStartIsFor) {
  ScheduleRow row{.account = kAccount, .id = "s", .name_space = "n", .workflow = "w"};
  row.kind = ScheduleKind::kTimes;
  row.spec.times = Json::Array({Json::Object({{"every", "1m"}})});
  row.has_input = true;
  row.input = ParseJson(R"({"day": "${ .due[:10] }", "why": ["${ .cause }", "as planned"]})").value();
  ASSERT_TRUE(Run(scheduler_->Create(row)));
  Pass(1);
  ASSERT_EQ(Starts(), "1");
  const Json given = runs_.starts()[0].input;
  EXPECT_EQ(given["why"], ParseJson(R"(["time", "as planned"])").value());
  EXPECT_EQ(given["day"].AsString().size(), 10U);
  EXPECT_TRUE(CheckInput(row.input));
  EXPECT_FALSE(CheckInput(Json("${ .due | ")));
  EXPECT_FALSE(CheckInput(Json("${ .due + 1 }")));
  EXPECT_FALSE(CheckInput(Json("on ${ .due }")));
}

TEST_P(SchedulerTest, SkipLeavesOutWhatOverlaps) {
  Create({.overlap = Overlap::kSkip});
  Pass(3);
  EXPECT_EQ(Starts(), "1");
  runs_.Finish(0);
  Pass(1);
  EXPECT_EQ(Starts(), "1 4");
  EXPECT_EQ(Log(), "started 1, skipped 2, skipped 3, started 4");
}

TEST_P(SchedulerTest, BufferOneKeepsOneForTheEnd) {
  Create({.overlap = Overlap::kBufferOne});
  Pass(4);
  EXPECT_EQ(Starts(), "1");
  runs_.Finish(0);
  Settle();
  EXPECT_EQ(Starts(), "1 2") << "at the end, not at the next minute";
  runs_.Finish(1);
  Settle();
  EXPECT_EQ(Starts(), "1 2");
  Pass(1);
  EXPECT_EQ(Starts(), "1 2 5");
}

TEST_P(SchedulerTest, BufferAllStartsEachBehindTheOther) {
  Create({.overlap = Overlap::kBufferAll});
  Pass(4);
  EXPECT_EQ(Starts(), "1");
  for (std::size_t i = 0; i < 3; ++i) {
    runs_.Finish(i);
    Settle();
  }
  EXPECT_EQ(Starts(), "1 2 3 4");
}

TEST_P(SchedulerTest, CancelOtherCancelsAndWaitsUntilItHasCleanedUp) {
  Create({.overlap = Overlap::kCancelOther});
  Pass(2);
  EXPECT_EQ(Starts(), "1");
  EXPECT_EQ(runs_.cancelled(), 1U);
  runs_.Finish(0, Phase::kCancelled);
  Settle();
  EXPECT_EQ(Starts(), "1 2");
}

TEST_P(SchedulerTest, ACancelThatFailsForNowIsTriedAgain) {
  Create({.overlap = Overlap::kCancelOther});
  Pass(1);
  runs_.FailWith(Error{.code = ErrorCode::kUnavailable, .message = "the partition is moving"});
  clock_.Advance(std::chrono::minutes(1));
  scheduler_->Look();
  WaitUntil([this] { return runs_.asked_to_cancel() > 0; });
  runs_.FailWith(std::nullopt);
  WaitUntil([this] { return runs_.cancelled() > 0; });
  EXPECT_EQ(runs_.cancelled(), 1U);
  runs_.Finish(0, Phase::kCancelled);
  Settle();
  EXPECT_EQ(Starts(), "1 2");
}

// What runs because it was due is remembered, however much is started by hand beside it.
TEST_P(SchedulerTest, WhatIsTriggeredDoesNotHideWhatRuns) {
  Create({.overlap = Overlap::kSkip});
  Pass(1);
  for (std::size_t i = 1; i <= Progress::kOpenMax; ++i) {
    clock_.Advance(std::chrono::seconds(1));
    ASSERT_TRUE(Run(scheduler_->Trigger(kAccount, "s")));
    runs_.Finish(i);
  }
  Pass(1);
  EXPECT_EQ(runs_.starts().size(), 1 + Progress::kOpenMax);
  runs_.Finish(0);
  Pass(1);
  EXPECT_EQ(runs_.starts().size(), 2 + Progress::kOpenMax);
}

TEST_P(SchedulerTest, AllowStartsAnyway) {
  Create({.overlap = Overlap::kAllow});
  Pass(3);
  EXPECT_EQ(Starts(), "1 2 3");
}

TEST_P(SchedulerTest, ACrashForgetsNoStartAndMakesNoneTwice) {
  Create({.overlap = Overlap::kAllow, .catch_up = CatchUp::kAll});
  Pass(3);
  Open();  // before or after the progress was written
  Pass(1);
  EXPECT_EQ(Starts(), "1 2 3 4");
  scheduler_->Suspend();
  clock_.Advance(std::chrono::minutes(30));
  Open();
  Settle();
  EXPECT_EQ(runs_.starts().size(), 34U);
}

TEST_P(SchedulerTest, WhatWasMissedIsOneStartWithinTheWindow) {
  Create({.overlap = Overlap::kAllow, .catch_up = CatchUp::kOne, .window_us = 600'000'000});
  Pass(1);
  Stored();
  scheduler_->Suspend();
  clock_.Advance(std::chrono::minutes(30));
  Open();
  EXPECT_EQ(Starts(), "1 21") << "31 is now, the window begins at 21";
  Pass(1);
  EXPECT_EQ(Starts(), "1 21 32");
}

TEST_P(SchedulerTest, AClockThatJumpsIsATimeThatWasMissed) {
  Create({.overlap = Overlap::kAllow, .catch_up = CatchUp::kNone});
  clock_.Advance(std::chrono::hours(5));
  scheduler_->Look();
  Settle();
  EXPECT_EQ(Starts(), "299 300") << "a minute late is not missed";
}

TEST_P(SchedulerTest, WhatIsBufferedIsHeldOverARestart) {
  Create({.overlap = Overlap::kBufferAll, .catch_up = CatchUp::kAll});
  Pass(3);
  Stored();
  Open();
  EXPECT_EQ(Starts(), "1");
  runs_.Finish(0);
  Settle();
  EXPECT_EQ(Starts(), "1 2");
}

TEST_P(SchedulerTest, AFailurePausesIt) {
  Create({.pause_on_failure = true});
  Pass(1);
  runs_.Finish(0, Phase::kFaulted);
  Settle();
  Pass(2);
  EXPECT_EQ(Starts(), "1");
  const ScheduleRow row = Stored();
  EXPECT_TRUE(row.paused);
  EXPECT_EQ(row.note, "paused by itself: execution " + runs_.starts()[0].id.ToString() + " faulted");
  ASSERT_TRUE(Run(scheduler_->SetPaused(kAccount, "s", false, "")));
  Pass(1);
  EXPECT_EQ(Starts(), "1 4") << "what passed in the pause is not made up for";
}

TEST_P(SchedulerTest, AFailureThatNobodySawBecauseOfACrashPausesItToo) {
  Create({.pause_on_failure = true});
  Pass(1);
  Stored();
  scheduler_->Suspend();
  runs_.Finish(0, Phase::kFaulted);
  Open();
  EXPECT_TRUE(Stored().paused);
}

TEST_P(SchedulerTest, APauseWithItsNoteOutlivesARestart) {
  Create({});
  const auto paused = Run(scheduler_->SetPaused(kAccount, "s", true, "the warehouse moves"));
  ASSERT_TRUE(paused) << paused.error().ToString();
  Pass(2);
  Open();
  Pass(1);
  EXPECT_EQ(Starts(), "");
  EXPECT_EQ(Stored().note, "the warehouse moves");
}

TEST_P(SchedulerTest, ATriggerStartsNowAlsoInAPause) {
  Create({});
  ASSERT_TRUE(Run(scheduler_->SetPaused(kAccount, "s", true, "")));
  PassSeconds(90);
  const auto id = Run(scheduler_->Trigger(kAccount, "s"));
  ASSERT_TRUE(id) << id.error().ToString();
  ASSERT_EQ(runs_.starts().size(), 1U);
  EXPECT_EQ(runs_.starts()[0].id, *id);
  EXPECT_EQ(Run(scheduler_->Trigger(kAccount, "other")).error().code, ErrorCode::kNotFound);
}

TEST_P(SchedulerTest, ABackfillStartsEachPastTimeOneAfterTheOther) {
  Create({.overlap = Overlap::kSkip});
  const std::int64_t minute_us = 60'000'000;
  const auto filled =
      Run(scheduler_->Backfill(kAccount, "s", begin_us_ - 3 * minute_us, begin_us_ - minute_us, false));
  ASSERT_TRUE(filled) << filled.error().ToString();
  Settle();
  ASSERT_EQ(runs_.starts().size(), 1U);
  PassSeconds(65);
  EXPECT_EQ(runs_.starts().size(), 1U) << "what is due waits, too";
  runs_.Finish(0);
  Settle();
  ASSERT_EQ(runs_.starts().size(), 2U);
  EXPECT_EQ(runs_.starts()[1].id.uuid().time().micros(), begin_us_ + minute_us) << "what is due comes first";
  for (std::size_t i = 1; i < 4; ++i) {
    runs_.Finish(i);
    Settle();
  }
  EXPECT_EQ(runs_.starts().size(), 4U);
  EXPECT_TRUE(Stored().progress.backfills.empty());
}

TEST_P(SchedulerTest, ABackfillAtOnceDoesNotWaitAndASecondOneStartsThemAgain) {
  Create({});
  ASSERT_TRUE(Run(scheduler_->SetPaused(kAccount, "s", true, "")));
  for (const std::size_t expected : {10U, 20U}) {
    PassSeconds(1);
    ASSERT_TRUE(Run(scheduler_->Backfill(kAccount, "s", begin_us_ - 599'000'000, begin_us_, true)));
    Settle();
    EXPECT_EQ(runs_.starts().size(), expected);
  }
  const auto many = Run(scheduler_->Backfill(kAccount, "s", begin_us_ - 100'000'000'000, begin_us_, true));
  EXPECT_EQ(many.error().message, "the schedule has more than 1000 times in this range");
  const auto none = Run(scheduler_->Backfill(kAccount, "s", begin_us_ + 1, begin_us_ + 2, true));
  EXPECT_EQ(none.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(SchedulerTest, ACommandGetsItsTurnWhileMuchIsToBeStarted) {
  for (int i = 0; i < 20; ++i) {
    Create({});
    ASSERT_TRUE(Run(scheduler_->Backfill(kAccount, "s", begin_us_ - 599'000'000, begin_us_, true)));
    ASSERT_TRUE(Run(scheduler_->Delete(kAccount, "s")));
  }
}

TEST_P(SchedulerTest, WhatCannotBeStartedForNowIsTriedAgain) {
  Create({});
  runs_.FailWith(Error{.code = ErrorCode::kUnavailable, .message = "the disk is full"});
  clock_.Advance(std::chrono::minutes(1));
  scheduler_->Look();
  std::this_thread::sleep_for(kSettle);
  EXPECT_EQ(Starts(), "");
  runs_.FailWith(std::nullopt);
  Settle();
  EXPECT_EQ(Starts(), "1");
}

TEST_P(SchedulerTest, WhatCannotBeStartedAtAllIsNotedAndTheNextOneTried) {
  Create({});
  runs_.FailWith(Error{.code = ErrorCode::kNotFound, .message = "no workflow 'n.w'"});
  Pass(1);
  runs_.FailWith(std::nullopt);
  Pass(1);
  EXPECT_EQ(Starts(), "2");
  EXPECT_EQ(Log(), "refused 1, started 2");
}

TEST_P(SchedulerTest, WhatALimitDropsIsNotedAndTheNextOneTried) {
  Create({.pause_on_failure = true});
  runs_.FailWith(Error{.code = ErrorCode::kQuotaExceeded, .message = "rate_limit"});
  Pass(1);
  const auto triggered = Run(scheduler_->Trigger(kAccount, "s"));
  ASSERT_FALSE(triggered);
  EXPECT_EQ(triggered.error().code, ErrorCode::kQuotaExceeded);
  runs_.FailWith(std::nullopt);
  Pass(1);
  EXPECT_EQ(Starts(), "2");
  EXPECT_EQ(Log(), "refused 1, refused 1, started 2");
}

// A command waits for the database while another node takes over.
TEST_P(SchedulerTest, ACommandThatIsUnderWayInstallsNothingWhereNothingIsKept) {
  ScheduleRow row{.account = kAccount, .id = "s", .name_space = "n", .workflow = "w"};
  row.kind = ScheduleKind::kTimes;
  row.spec.times = Json::Array({Json::Object({{"every", "1m"}})});
  auto create = boost::asio::co_spawn(io_.executor(0), scheduler_->Create(row), boost::asio::use_future);
  scheduler_->Suspend();
  const auto created = create.get();
  Pass(2);
  EXPECT_EQ(Starts(), "");
  if (!created) EXPECT_EQ(created.error().code, ErrorCode::kUnavailable);
  ASSERT_TRUE(scheduler_->Start());
  Settle();
  Pass(1);
  EXPECT_EQ(runs_.starts().empty(), !*Run(store_.Find(kAccount, "s"))) << "who keeps them next has read it";
}

TEST_P(SchedulerTest, AChangeOfItsTimesCountsFromNowAndOneOfItsPolicyLosesNothing) {
  Create({.overlap = Overlap::kBufferAll});
  Pass(2);
  ScheduleRow row = Stored();
  row.spec.description = "changed";
  ASSERT_TRUE(Run(scheduler_->Change(row)));
  EXPECT_EQ(Run(scheduler_->Change(row)).error().code, ErrorCode::kConflict) << "it has changed meanwhile";
  runs_.Finish(0);
  Settle();
  EXPECT_EQ(Starts(), "1 2") << "what was held";
  runs_.Finish(1);
  row = Stored();
  row.spec.times = Json::Array({Json::Object({{"every", "10m"}})});
  ASSERT_TRUE(Run(scheduler_->Change(row)));
  Pass(8);
  EXPECT_EQ(Starts(), "1 2 10");
}

TEST_P(SchedulerTest, WhatWouldNeverStartAnythingIsRefused) {
  ScheduleRow row{.account = kAccount, .id = "s", .name_space = "n", .workflow = "w"};
  row.kind = ScheduleKind::kTimes;
  row.spec.times = Json::Array({Json::Object({{"every", "1m"}})});
  row.spec.end_us = begin_us_ - 1;
  EXPECT_EQ(Run(scheduler_->Create(row)).error().message,
            "the schedule would never start anything from now on");
}

TEST_P(SchedulerTest, ListensForEndsFromTheMomentItHasTakenUpItsSchedules) {
  PublishStartedBy("io.serverlessworkflow.workflow.completed.v1");
  ASSERT_TRUE(hub_.WantsLifecycle(kAccount));
  Open([this] { EXPECT_TRUE(hub_.WantsLifecycle(kAccount)); });
}

// Executions are written side by side: what is handed on last need not have the greatest position.
TEST_P(SchedulerTest, AnEventOutOfOrderStartsOneExecutionAlsoAfterARestart) {
  PublishStartedBy("t.go");
  const auto publish = [this](std::int64_t position) {
    hub_.Publish({kAccount, position, clock_.Now().micros(),
                  Json::Object({{"id", std::to_string(position)}, {"source", "/s"}, {"type", "t.go"}})});
    Settle();
  };
  publish(5'002);
  EXPECT_EQ(runs_.starts().size(), 1U);
  WaitUntil([this] { return scheduler_->is_saved(); });  // how far it is
  scheduler_->Suspend();
  publish(5'001);
  Open();
  EXPECT_EQ(runs_.starts().size(), 2U);
  Open();
  EXPECT_EQ(runs_.starts().size(), 2U);
}

// While nothing can be started more events come than are queued; the one that counts is among the rest, and
// no longer in memory.
TEST_P(SchedulerTest, EventsThatWereNotQueuedAreReadAgain) {
  PublishStartedBy("t.go, subject: wanted");
  std::int64_t position = 0;
  const auto publish = [&](int count, const char* subject) {
    for (int i = 0; i < count; ++i) {
      ++position;
      engine::StoredEvent event{
          kAccount, position, clock_.Now().micros(),
          Json::Object(
              {{"id", std::to_string(position)}, {"source", "/s"}, {"type", "t.go"}, {"subject", subject}})};
      event_store_.Add(event);
      hub_.Publish(std::move(event));
    }
  };
  runs_.FailWith(Error{.code = ErrorCode::kUnavailable, .message = "the disk is full"});
  publish(1, "wanted");
  std::this_thread::sleep_for(kSettle);
  publish(100'000, "other");
  publish(1, "wanted");
  publish(25'000, "other");
  runs_.FailWith(std::nullopt);
  WaitUntil([this] { return runs_.starts().size() >= 2; });
  EXPECT_EQ(runs_.starts().size(), 2U);
  publish(1, "wanted");
  WaitUntil([this] { return runs_.starts().size() >= 3; });
  EXPECT_EQ(runs_.starts().size(), 3U) << "and it listens as before";
}

TEST_P(SchedulerTest, WhatIsDeletedIsGone) {
  Create({});
  ASSERT_TRUE(Run(scheduler_->Delete(kAccount, "s")));
  Pass(2);
  EXPECT_EQ(Starts(), "");
  EXPECT_TRUE(Run(scheduler_->Delete(kAccount, "s")));
  EXPECT_EQ(Run(scheduler_->Delete(kAccount, "n.w")).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace elevaite::workflow

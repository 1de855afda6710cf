// New executions that go on from a point of a past one.
#include "engine/testing/partition_fixture.h"

namespace elevaite::engine {
namespace {

constexpr const char* kTasks =
    "- a: {call: ping, with: {n: 1}}\n- b: {call: ping, with: {n: '${ . }'}}\n- c: {set: '${ . + 100 }'}\n";

class ForkTest : public PartitionTest {
 protected:
  // As it is on disk, without a snapshot.
  std::vector<Event> EventsOf(const ExecutionId& id) {
    std::vector<Event> events;
    for (const std::string& row : journal_.disk.at(id).events) {
      for (Event& event : DecodeEvents(row).value()) events.push_back(std::move(event));
    }
    return events;
  }

  // Before the last run of the task with that name.
  Past PastOf(const ExecutionId& id, std::string_view name, std::optional<Json> input = std::nullopt) {
    const std::vector<Event> events = EventsOf(id);
    const dsl::Program& program = *programs_.program;
    std::size_t at = 0;
    State state;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (BeginsTask(state, events[i]) && program.all.at(events[i].task).name == name) at = i;
      Apply(state, program, events[i]);
    }
    const std::vector<Event> before(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(at));
    Past past{.execution = id, .rows = RowsOf(before)};
    for (const Event& event : before) Apply(past.state, program, event);
    past.labels = journal_.disk.at(id).record.labels;
    past.request = {.began = events[at],
                    .input = std::move(input),
                    .execution = id.ToString(),
                    .note = Json::Object({{"by", "ada"}})};
    return past;
  }

  ExecutionId Fork(Past past, ExecutionId id = ExecutionId::New(), bool shared_id = false) {
    posted_.push_back(
        StartCommand{.record = {.account = AccountId::Default(),
                                .id = id,
                                .workflow = "t",
                                .version = "1.0.0",
                                .trigger = Trigger::kFork},
                     .program = programs_.program,
                     .input = {},
                     .accepted = [this](Result<void> result) { accepted_.push_back(std::move(result)); },
                     .finished =
                         [this](const std::optional<Outcome>& outcome) {
                           if (outcome) outcomes_.push_back(*outcome);
                         },
                     .shared_id = shared_id,
                     .past = std::make_shared<const Past>(std::move(past))});
    return id;
  }

  // Until nothing more happens by itself: a fork goes on in the round after its commit.
  void Settle() {
    do Round();
    while (!posted_.empty());
  }

  void Answer(Json output) {
    const auto held = activities_.held.front();
    activities_.held.pop_front();
    held.done(ActivitySuccess{std::move(output)});
    Settle();
  }

  // One that has ended.
  ExecutionId Ended() {
    const ExecutionId id = Start(kTasks);
    Round();
    Answer(3);
    Answer(7);
    EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kCompleted);
    outcomes_.clear();
    accepted_.clear();
    return id;
  }
};

TEST_F(ForkTest, IsOneCommitThatIsReadBackWithItsPast) {
  const ExecutionId past = Ended();
  clock_.Advance(std::chrono::hours(1));
  const ExecutionId id = Fork(PastOf(past, "b", Json(5)));
  const std::uint64_t commits = partition_->counters().commits;
  Round();
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_TRUE(accepted_[0]);
  EXPECT_EQ(partition_->counters().commits, commits + 1);
  const ExecutionRecord& record = journal_.disk.at(id).record;
  EXPECT_EQ(record.trigger, Trigger::kFork);
  EXPECT_EQ(record.created_us, clock_.Now().micros());
  EXPECT_EQ(record.started_us, record.created_us) << "it begins now, whenever its past did";
  Die();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U) << "a is not called again";
  EXPECT_EQ(activities_.held[0].task.execution, id) << "what it does bears its own id";
  EXPECT_EQ(activities_.held[0].task.request["n"], Json(5));
  Answer(7);
  EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kCompleted);
  EXPECT_EQ(EventsOf(id).back().data, Json(107));
  EXPECT_EQ(EventsOf(past).back().data, Json(107)) << "the past stays as it is";
}

TEST_F(ForkTest, OfWhatStillRunsLeavesItRunning) {
  const ExecutionId past = Start(kTasks);
  Settle();
  Answer(3);
  const ExecutionId id = Fork(PastOf(past, "b", Json(5)));
  Settle();
  ASSERT_EQ(activities_.held.size(), 2U);
  Answer(1);
  Answer(2);
  EXPECT_EQ(EventsOf(past).back().data, Json(101));
  EXPECT_EQ(EventsOf(id).back().data, Json(102));
}

TEST_F(ForkTest, ThatCannotBeWrittenIsToldAndLeavesNothing) {
  const ExecutionId past = Ended();
  const ExecutionId id = Fork(PastOf(past, "b"));
  Round(true);
  ASSERT_EQ(accepted_.size(), 1U);
  EXPECT_EQ(accepted_[0].error().code, ErrorCode::kResourceExhausted);
  EXPECT_FALSE(journal_.disk.contains(id));
  EXPECT_TRUE(activities_.held.empty());
  clock_.Advance(std::chrono::seconds(2));
  Settle();
  Fork(PastOf(past, "b"), id);
  Settle();
  EXPECT_TRUE(accepted_.back()) << "the same once more";
  EXPECT_EQ(activities_.held.size(), 1U);
}

TEST_F(ForkTest, WithAnIdThatOthersShareHappensOnce) {
  const ExecutionId past = Ended();
  const ExecutionId id = Fork(PastOf(past, "b"), ExecutionId::New(), true);
  Fork(PastOf(past, "b"), id, true);
  Settle();
  ASSERT_EQ(accepted_.size(), 2U);
  EXPECT_TRUE(accepted_[0] && accepted_[1]);
  EXPECT_EQ(activities_.held.size(), 1U);
  Answer(7);
  Fork(PastOf(past, "b"), id, true);
  Settle();
  EXPECT_EQ(accepted_.back().error().code, ErrorCode::kConflict) << "it has run and ended";
}

TEST_F(ForkTest, OfALongPastHasASnapshot) {
  const ExecutionId past = Ended();
  options_.snapshot_bytes_min = 100;
  Open();
  const ExecutionId id = Fork(PastOf(past, "b"));
  Settle();
  EXPECT_TRUE(journal_.disk.at(id).snapshot);
  Die();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U);
  EXPECT_EQ(activities_.held[0].task.request["n"], Json(3));
}

// The journal alone does not tell the state of one that was moved: see engine/journal/fold.cc.
TEST_F(ForkTest, OfOneThatWasMovedIsReadBack) {
  const ExecutionId past = Ended();
  Past moved = PastOf(past, "b");
  moved.moves = {{.seq = 2, .from = "0.9.0"}};
  const ExecutionId id = Fork(std::move(moved));
  Settle();
  EXPECT_TRUE(journal_.disk.at(id).snapshot);
  EXPECT_EQ(journal_.disk.at(id).record.migrations.size(), 1U);
  Die();
  Settle();
  ASSERT_EQ(activities_.held.size(), 1U);
  Answer(7);
  EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kCompleted);
}

TEST_F(ForkTest, IsCancelledBeforeItIsOnDisk) {
  const ExecutionId past = Ended();
  const ExecutionId id = Fork(PastOf(past, "b"));
  posted_.push_back(CancelCommand{AccountId::Default(), id, "no", [](const Result<void>&) {}, 0});
  Settle();
  EXPECT_EQ(journal_.disk.at(id).record.phase, Phase::kCancelled);
}

// What it sends would seem older than what listens for it, which began when its past did.
TEST_F(ForkTest, TakesWhatItSendsAlthoughTheClockWasSetBack) {
  const ExecutionId past = Start(
      "- e: {emit: {event: {with: {source: 'https://t', type: told, subject: '${ $workflow.id }'}}}}\n"
      "- l: {listen: {to: {one: {with: {type: told, subject: '${ . == $workflow.id }'}}}}}\n");
  Settle();
  ASSERT_EQ(outcomes_.size(), 1U);
  clock_.Jump(Timestamp::FromMicros(clock_.Now().micros() - 10'000'000));
  EventHub after_a_restart{{}, events_, clock_};
  ASSERT_TRUE(after_a_restart.Start());
  Open(after_a_restart);
  Fork(PastOf(past, "e"));
  Settle();
  EXPECT_EQ(outcomes_.size(), 2U);
  Open();
}

TEST(RowsOfAPast, HaveOneTimeEach) {
  std::vector<Event> events;
  for (std::uint64_t seq = 1; seq <= 2'500; ++seq) {
    events.push_back(
        {.type = EventType::kTaskCancelled, .seq = seq, .time_us = seq < 2'000 ? 5 : 6, .frame = 1});
  }
  const auto rows = RowsOf(events);
  std::uint64_t next = 1;
  for (const Past::Row& row : rows) {
    EXPECT_EQ(row.first_seq, next);
    const auto decoded = DecodeEvents(row.events).value();
    for (const Event& event : decoded) EXPECT_EQ(event.time_us, event.seq < 2'000 ? 5 : 6);
    next += decoded.size();
  }
  EXPECT_EQ(next, 2'501U);
}

}  // namespace
}  // namespace elevaite::engine

// Human tasks as the engine and people see them, on each database, with a clock that stands still until told.
#include "services/workflow/people/human_activities.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <set>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"
#include "infra/objects/files.h"
#include "services/workflow/people/inbox.h"

namespace elevaite::workflow {
std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();
}  // namespace elevaite::workflow

namespace elevaite::people {
namespace {

using database::TestDatabase;
using database::TestDatabaseKind;
using std::chrono::hours;

constexpr std::int64_t kDayUs = 86'400'000'000;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();

class TestHost final : public PeopleHost {
 public:
  void Deliver(const HumanTask& task) override {
    const std::scoped_lock lock(mutex_);
    delivered.push_back(task);
  }
  bool IsHere(const ExecutionId& id) const override { return !elsewhere.contains(id); }
  std::optional<std::uint64_t> Takeover() const override { return takeover; }
  Task<void> Tell(AccountId, std::vector<Json> events) override {
    for (Json& event : events) {
      if (ids_.insert(std::string(event["id"].AsString())).second)
        told.push_back(std::string(event["type"].AsString()));
    }
    co_return Result<void>();
  }
  Task<engine::ExecutionRecord> Find(AccountId account, ExecutionId id) override {
    if (forgotten.contains(id)) co_return Fail(ErrorCode::kNotFound, "forgotten");
    co_return engine::ExecutionRecord{
        .account = account, .id = id, .name_space = "test", .workflow = "refund", .version = "1.0.0"};
  }
  Task<bool> IsAwaited(HumanTask task) override { co_return !abandoned.contains(task.execution); }

  Task<void> DeleteFiles(AccountId, std::vector<TaskFile> files) override {
    files_deleted += files.size();
    co_return Result<void>();
  }

  std::size_t files_deleted = 0;
  std::set<ExecutionId> forgotten;
  std::vector<HumanTask> delivered;
  std::vector<std::string> told;
  std::set<ExecutionId> elsewhere;
  std::set<ExecutionId> abandoned;
  std::optional<std::uint64_t> takeover = 0;

 private:
  std::mutex mutex_;
  std::set<std::string> ids_;
};

class NoActivities final : public engine::Activities {
 public:
  void Schedule(engine::ActivityTask, Done) override {}
  void Cancel(const ExecutionId&, engine::FrameId, std::string_view, std::int64_t) override {}
};

class HumanActivitiesTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  T RunOn(std::size_t thread, boost::asio::awaitable<T> task) {
    return boost::asio::co_spawn(io_.executor(thread), std::move(task), boost::asio::use_future).get();
  }
  template <class T>
  T Run(boost::asio::awaitable<T> task) {
    return RunOn(0, std::move(task));
  }

  engine::ActivityTask TaskFor(const ExecutionId& execution, std::string_view with) const {
    return {.account = kAccount,
            .execution = execution,
            .frame = 3,
            .connector = "human.approve",
            .request = ParseJson(with).value(),
            .reference = "/do/0/ask"};
  }
  // Asks, and waits until that is written.
  HumanTaskId Ask(std::string_view with, const ExecutionId& execution = ExecutionId::New()) {
    activities_.Schedule(TaskFor(execution, with), Keep());
    const HumanTaskId id = HumanTaskIdOf(execution, 3);
    EXPECT_TRUE(Until([&] { return Run(store_.Load(kAccount, id)).has_value(); }));
    return id;
  }
  // Before anything that it sets off is begun.
  void OnExecutor(const std::function<void()>& act) {
    boost::asio::post(io_.executor(0), boost::asio::use_future(act)).get();
  }
  engine::Activities::Done Keep() {
    return [this](engine::ActivityOutcome outcome) {
      const std::scoped_lock lock(mutex_);
      outcomes_.push_back(std::move(outcome));
    };
  }
  std::size_t Outcomes() {
    const std::scoped_lock lock(mutex_);
    return outcomes_.size();
  }
  template <class Condition>
  static bool Until(Condition condition) {
    for (int i = 0; i < 2'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  // As after a crash; it lives until the threads have stopped.
  HumanActivities& AnotherLife() {
    lives_.push_back(
        std::make_unique<HumanActivities>(others_, store_, clock_, io_.executor(1), "http://here"));
    lives_.back()->Use(host_);
    return *lives_.back();
  }
  // Until nothing is due.
  void Round() {
    while (true) {
      const auto worked = Run(activities_.Round());
      ASSERT_TRUE(worked) << worked.error().ToString();
      if (!*worked) return;
    }
  }
  std::expected<HumanTask, Refusal> Give(const HumanTaskId& id, const std::string& decision = "approve",
                                         const std::string& by = "ana", std::size_t thread = 0) {
    return RunOn(thread, inbox_.GiveAnswer(kAccount, id, {.decision = decision, .by = by}, Channel::kApi));
  }
  std::string Acts(const HumanTaskId& id) {
    std::string names;
    const auto acts = Run(store_.History(kAccount, id));
    for (const HumanAct& act : *acts) names += act.name + " ";
    return names;
  }
  HumanTask Load(const HumanTaskId& id) { return Run(store_.Load(kAccount, id)).value(); }

  IoThreads io_{2};
  TestDatabase database_{GetParam(),
                         {"workflow", workflow::SqliteMigrations(), workflow::PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  PeopleStore store_{*db_};
  SimulatedClock clock_;
  NoActivities others_;
  TestHost host_;
  HumanActivities activities_ = MakeActivities();
  const database::TestFolder folder_;
  std::unique_ptr<objects::ObjectStore> objects_ =
      objects::OpenFiles({.folder = folder_.File("objects")}).value();
  Inbox inbox_{store_, activities_, host_, clock_,
               Inbox::Options{.base_url = "http://here",
                              .link_key = Secret("a key of some length"),
                              .objects = objects_.get(),
                              .blocking = io_.executor(1)}};
  std::vector<std::unique_ptr<HumanActivities>> lives_;
  std::mutex mutex_;
  std::vector<engine::ActivityOutcome> outcomes_;  // under mutex_

 private:
  HumanActivities MakeActivities() { return {others_, store_, clock_, io_.executor(0), "http://here"}; }
  void SetUp() override { activities_.Use(host_); }
  void TearDown() override {
    activities_.Stop();
    for (const auto& life : lives_) life->Stop();
    io_.Stop();
    db_->Close();
  }
};
INSTANTIATE_TEST_SUITE_P(Each, HumanActivitiesTest, database::kEachDatabase, database::DatabaseName);

TEST_P(HumanActivitiesTest, TellsTheExecutionTheFirstAnswer) {
  const HumanTaskId id = Ask(R"({"title": "Refund 12?", "assignee": "ana"})");
  Round();
  EXPECT_TRUE(host_.delivered.empty());
  ASSERT_TRUE(Give(id));
  Round();
  ASSERT_GE(host_.delivered.size(), 1U);
  EXPECT_EQ(host_.delivered.back().outcome["decision"], Json("approve"));
  EXPECT_EQ(host_.told, (std::vector<std::string>{"elevaite.human.created", "elevaite.human.answered"}));
  EXPECT_FALSE(Load(id).due_us);
  const auto again = Give(id, "reject", "ana");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().error.code, ErrorCode::kConflict);
  EXPECT_EQ(again.error().extra["outcome"]["by"], Json("ana"));
  EXPECT_EQ(Outcomes(), 0U);
}

TEST_P(HumanActivitiesTest, OfTwoAnswersAtTheSameTimeOneWins) {
  for (int round = 0; round < 20; ++round) {
    const HumanTaskId id = Ask(R"({"title": "Go?"})");
    const auto give = [&](std::size_t thread, const std::string& decision) {
      return boost::asio::co_spawn(
          io_.executor(thread),
          inbox_.GiveAnswer(kAccount, id, {.decision = decision, .by = decision}, Channel::kApi),
          boost::asio::use_future);
    };
    auto first = give(0, "approve");
    auto second = give(1, "reject");
    const auto one = first.get();
    const auto other = second.get();
    ASSERT_NE(one.has_value(), other.has_value());
    const HumanTask& winner = one ? *one : *other;
    EXPECT_EQ(Load(id).outcome, winner.outcome);
    EXPECT_EQ((one ? other : one).error().extra["outcome"], winner.outcome);
    EXPECT_EQ(Acts(id), "created answered ");
  }
}

TEST_P(HumanActivitiesTest, RemindsEscalatesAndEndsAsTimePasses) {
  const HumanTaskId id = Ask(R"({"title": "Go?", "assignee": "ana", "reminders": ["P1D", "P2D"],
    "escalations": [{"after": "P3D", "assignee": "bo"}], "deadline": {"after": "P5D", "decision": "expired"}})");
  Round();
  clock_.Advance(hours(24));
  Round();
  EXPECT_EQ(Acts(id), "created reminded ");
  clock_.Advance(hours(48));
  Round();
  EXPECT_EQ(Acts(id), "created reminded escalated reminded ");
  EXPECT_EQ(Load(id).to.assignee, "bo");
  EXPECT_EQ(Give(id, "approve", "ana").error().error.code, ErrorCode::kPermissionDenied);
  clock_.Advance(hours(48));
  EXPECT_EQ(Give(id, "approve", "bo").error().status, 410);  // also before a round has seen it
  Round();
  ASSERT_EQ(host_.delivered.size(), 1U);
  EXPECT_EQ(host_.delivered[0].outcome["decision"], Json("expired"));
  EXPECT_EQ(Give(id, "approve", "bo").error().status, 410);
  EXPECT_EQ(host_.told.back(), "elevaite.human.expired");
  EXPECT_EQ(std::ranges::count(host_.told, "elevaite.human.reminder"), 2);
}

TEST_P(HumanActivitiesTest, IsFoundAgainInAnotherLife) {
  const ExecutionId execution = ExecutionId::New();
  const HumanTaskId id = Ask(R"({"title": "Go?"})", execution);
  HumanActivities& next = AnotherLife();
  engine::ActivityTask again = TaskFor(execution, R"({"title": "Go?"})");
  again.resumed = true;
  const std::string before = Load(id).life;
  next.Schedule(again, Keep());
  ASSERT_TRUE(Until([&] { return Load(id).life != before; }));
  EXPECT_EQ(Acts(id), "created ");
  ASSERT_TRUE(Give(id));
  next.Schedule(again, Keep());
  ASSERT_TRUE(Until([&] { return Outcomes() == 1; }));
  const auto* success = std::get_if<engine::ActivitySuccess>(&outcomes_[0]);
  ASSERT_NE(success, nullptr);
  EXPECT_EQ(success->output["by"], Json("ana"));
}

TEST_P(HumanActivitiesTest, ACancelledOneTakesNoAnswer) {
  const ExecutionId execution = ExecutionId::New();
  const HumanTaskId id = Ask(R"({"title": "Go?"})", execution);
  activities_.Cancel(execution, 3, "human.approve", 0);
  ASSERT_TRUE(Until([&] { return !Load(id).is_open(); }));
  EXPECT_EQ(Give(id).error().status, 410);
  Round();
  EXPECT_TRUE(host_.delivered.empty());
  EXPECT_EQ(Acts(id), "created cancelled ");
}

TEST_P(HumanActivitiesTest, OneThatIsCancelledBeforeItIsWrittenIsClosed) {
  const ExecutionId execution = ExecutionId::New();
  OnExecutor([&] {
    activities_.Schedule(TaskFor(execution, R"({"title": "Go?"})"), Keep());
    activities_.Cancel(execution, 3, "human.approve", 0);
  });
  const HumanTaskId id = HumanTaskIdOf(execution, 3);
  ASSERT_TRUE(Until([&] {
    const auto task = Run(store_.Load(kAccount, id));
    return task && !task->is_open();
  }));
}

// A retry cancels an attempt and begins the next in one step.
TEST_P(HumanActivitiesTest, ARetriedOneIsOpenForItsNewAttempt) {
  const ExecutionId execution = ExecutionId::New();
  const HumanTaskId id = Ask(R"({"title": "Go?", "deadline": {"after": "P2D"}})", execution);
  clock_.Advance(hours(24));
  engine::ActivityTask second = TaskFor(execution, R"({"title": "Go?", "deadline": {"after": "P2D"}})");
  second.attempt = 2;
  OnExecutor([&] {
    activities_.Cancel(execution, 3, "human.approve", 0);
    activities_.Schedule(second, Keep());
  });
  ASSERT_TRUE(Until([&] { return Load(id).attempt == 2; }));
  EXPECT_EQ(Load(id).deadline_us, clock_.Now().micros() + 2 * kDayUs) << "as long as the first attempt had";
  ASSERT_TRUE(Give(id));
  Round();
  ASSERT_FALSE(host_.delivered.empty());
  EXPECT_EQ(host_.delivered.back().attempt, 2U);
}

TEST_P(HumanActivitiesTest, ARetriedOneThatHasExpiredIsAskedAnew) {
  constexpr std::string_view kWith = R"({"title": "Go?", "assignee": "ana", "deadline": {"after": "P1D"},
    "escalations": [{"after": "PT1H", "assignee": "bo"}]})";
  const ExecutionId execution = ExecutionId::New();
  const HumanTaskId id = Ask(kWith, execution);
  clock_.Advance(hours(2));
  Round();
  clock_.Advance(hours(24));
  Round();
  ASSERT_EQ(Load(id).status, HumanTask::Status::kExpired);
  ASSERT_EQ(Load(id).to.assignee, "bo");
  engine::ActivityTask second = TaskFor(execution, kWith);
  second.attempt = 2;
  activities_.Schedule(second, Keep());
  ASSERT_TRUE(Until([&] { return Load(id).attempt == 2; }));
  const HumanTask task = Load(id);
  EXPECT_TRUE(task.is_open());
  EXPECT_TRUE(task.outcome.IsNull());
  EXPECT_EQ(task.to.assignee, "ana");
  EXPECT_EQ(task.deadline_us, clock_.Now().micros() + kDayUs);
  EXPECT_EQ(Outcomes(), 0U);
  clock_.Advance(hours(24));
  Round();
  EXPECT_EQ(Load(id).status, HumanTask::Status::kExpired) << "it has times again";
  // The same attempt, found again, has had its end.
  second.resumed = true;
  activities_.Schedule(second, Keep());
  EXPECT_TRUE(Until([&] { return Outcomes() == 1; }));
}

TEST_P(HumanActivitiesTest, TheBoundOfAnAttemptEndsOneThatOpensAgain) {
  engine::ActivityTask task = TaskFor(ExecutionId::New(), R"({"title": "Go?"})");
  task.bounds.attempt_us = kDayUs;
  activities_.Schedule(task, Keep());
  const HumanTaskId id = HumanTaskIdOf(task.execution, 3);
  ASSERT_TRUE(Until([&] { return Run(store_.Load(kAccount, id)).has_value(); }));
  activities_.Cancel(task.execution, 3, "human.approve", 0);
  ASSERT_TRUE(Until([&] { return !Load(id).is_open(); }));
  task.resumed = true;
  activities_.Schedule(task, Keep());
  ASSERT_TRUE(Until([&] { return Load(id).is_open(); }));
  clock_.Advance(hours(24));
  Round();
  EXPECT_EQ(Load(id).status, HumanTask::Status::kExpired);
}

// As when a lease lapses while the first is under way, and the partition comes back.
TEST_P(HumanActivitiesTest, OneThatIsAskedAgainBeforeItIsWrittenIsAskedOnce) {
  const ExecutionId execution = ExecutionId::New();
  engine::ActivityTask again = TaskFor(execution, R"({"title": "Go?"})");
  again.resumed = true;
  OnExecutor([&] {
    activities_.Schedule(TaskFor(execution, R"({"title": "Go?"})"), Keep());
    activities_.Schedule(again, Keep());
  });
  const HumanTaskId id = HumanTaskIdOf(execution, 3);
  ASSERT_TRUE(Until([&] { return Run(store_.Load(kAccount, id)).has_value(); }));
  activities_.Cancel(execution, 3, "human.approve", 0);
  ASSERT_TRUE(Until([&] { return !Load(id).is_open(); }));
  EXPECT_EQ(Acts(id), "created cancelled ");
}

TEST_P(HumanActivitiesTest, WhatNobodyAwaitsAfterATakeoverIsClosed) {
  const ExecutionId awaited = ExecutionId::New();
  const ExecutionId abandoned = ExecutionId::New();
  const ExecutionId elsewhere = ExecutionId::New();
  std::vector<HumanTaskId> ids;
  for (const ExecutionId& execution : {awaited, abandoned, elsewhere})
    ids.push_back(Ask(R"({"title": "Go?"})", execution));
  host_.abandoned = {abandoned, elsewhere};
  host_.elsewhere = {elsewhere};
  HumanActivities& next = AnotherLife();
  host_.takeover.reset();
  ASSERT_TRUE(RunOn(1, next.Round()));
  EXPECT_TRUE(Load(ids[1]).is_open());  // not all has been read back yet
  host_.takeover = 7;
  ASSERT_TRUE(RunOn(1, next.Round()));
  EXPECT_TRUE(Load(ids[0]).is_open());
  EXPECT_EQ(Load(ids[1]).status, HumanTask::Status::kCancelled);
  EXPECT_TRUE(Load(ids[2]).is_open());
  // One that was closed by mistake opens again when its execution asks for it.
  engine::ActivityTask again = TaskFor(abandoned, R"({"title": "Go?"})");
  again.resumed = true;
  next.Schedule(again, Keep());
  ASSERT_TRUE(Until([&] { return Load(ids[1]).is_open(); }));
}

TEST_P(HumanActivitiesTest, WhatCannotBeAskedIsAnErrorOfTheTask) {
  activities_.Schedule(TaskFor(ExecutionId::New(), R"({"title": ""})"), Keep());
  ASSERT_TRUE(Until([&] { return Outcomes() == 1; }));
  const auto* failure = std::get_if<engine::ActivityFailure>(&outcomes_[0]);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->error["status"], Json(400));
}

TEST_P(HumanActivitiesTest, ListsByWhoIsAskedAndByAccount) {
  const HumanTaskId ana = Ask(R"({"title": "1", "assignee": "ana"})");
  clock_.Advance(hours(1));
  const HumanTaskId role = Ask(R"({"title": "2", "role": "finance"})");
  clock_.Advance(hours(1));
  const HumanTaskId done = Ask(R"({"title": "3"})");
  ASSERT_TRUE(Give(done));
  const auto titles = [&](HumanTaskFilter filter, const AccountId& account = kAccount) {
    std::string all;
    const auto found = Run(store_.List(account, std::move(filter)));
    EXPECT_TRUE(found) << found.error().ToString();
    for (const HumanTask& task : *found) all += task.title;
    return all;
  };
  EXPECT_EQ(titles({}), "21");
  EXPECT_EQ(titles({.open = false}), "3");
  EXPECT_EQ(titles({.assignee = "ana"}), "1");
  EXPECT_EQ(titles({.role = "finance"}), "2");
  EXPECT_EQ(titles({.workflow = "other"}), "");
  EXPECT_EQ(titles({.execution = Load(role).execution}), "2");
  EXPECT_EQ(titles({.before = {.sorted_us = Load(role).sorted_us, .id = role}}), "1");
  EXPECT_EQ(titles({}, kOther), "");
  EXPECT_EQ(Run(store_.Load(kOther, ana)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*Run(store_.CountOpen(kAccount, 10)), 2);
  EXPECT_EQ(*Run(store_.CountOpen(kAccount, 1)), 1);
}

TEST_P(HumanActivitiesTest, WhatHasEndedIsForgottenWithItsExecution) {
  const ExecutionId gone = ExecutionId::New();
  const HumanTaskId forgotten = Ask(R"({"title": "1", "form": {"type": "object", "properties":
    {"a": {"type": "string", "format": "file"}}}})",
                                    gone);
  const HumanTaskId kept = Ask(R"({"title": "2"})");
  const HumanTaskId open = Ask(R"({"title": "3"})");
  ASSERT_TRUE(Run(inbox_.AddFile(kAccount, forgotten, "a", "x")));
  ASSERT_TRUE(Give(forgotten, "reject"));
  ASSERT_TRUE(Give(kept));
  host_.forgotten = {gone, Load(open).execution};
  ASSERT_TRUE(Run(activities_.ForgetSome()));
  EXPECT_EQ(Run(store_.Load(kAccount, forgotten)).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(Run(store_.History(kAccount, forgotten))->empty());
  EXPECT_TRUE(Run(store_.Files(kAccount, forgotten))->empty());
  EXPECT_EQ(host_.files_deleted, 1U);
  EXPECT_FALSE(Load(kept).is_open());
  EXPECT_TRUE(Load(open).is_open());
}

TEST_P(HumanActivitiesTest, AnotherPersonMayBeAskedInstead) {
  const HumanTaskId id = Ask(R"({"title": "Go?", "assignee": "ana"})");
  EXPECT_EQ(Give(id, "approve", "bo").error().error.code, ErrorCode::kPermissionDenied);
  ASSERT_TRUE(Run(inbox_.Reassign(kAccount, id, {.assignee = "bo"}, "ana", "on holiday")));
  EXPECT_EQ(Give(id, "approve", "ana").error().error.code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(Give(id, "approve", "bo"));
  EXPECT_EQ(Run(inbox_.Reassign(kAccount, id, {.assignee = "cy"}, "bo", "")).error().error.code,
            ErrorCode::kConflict);
  EXPECT_EQ(Acts(id), "created reassigned answered ");
}

class TaskLinksTest : public HumanActivitiesTest {
 protected:
  std::string Link(const HumanTaskId& id, const std::string& assignee = "") {
    const auto made = Run(inbox_.MakeLink(kAccount, id, assignee, "bo", hours(24)));
    EXPECT_TRUE(made) << made.error().error.ToString();
    return made ? made->url.substr(made->url.rfind('/') + 1) : "";
  }
  // 200, or what it is refused with.
  int Opened(const std::string& token) {
    const auto opened = Run(inbox_.OpenLink(token));
    if (opened) return 200;
    const Refusal& refusal = opened.error();
    return refusal.status != 0 ? refusal.status : InfoOf(refusal.error.code).http_status;
  }
  std::expected<HumanTask, Refusal> GiveBy(const std::string& token, const std::string& by = "") {
    return Run(inbox_.AnswerByLink(token, {.decision = "approve", .by = by}));
  }
};
INSTANTIATE_TEST_SUITE_P(Each, TaskLinksTest, database::kEachDatabase, database::DatabaseName);

TEST_P(TaskLinksTest, AnswersAsThePersonItIsFor) {
  const HumanTaskId id = Ask(R"({"title": "Go?", "assignee": "ana", "text": "**Really?**"})");
  const std::string token = Link(id);
  const auto shown = Run(inbox_.OpenLink(token));
  ASSERT_TRUE(shown);
  EXPECT_EQ((*shown)["text"], Json("**Really?**"));
  EXPECT_EQ((*shown)["assignee"], Json("ana"));
  EXPECT_EQ(shown->Find("id"), nullptr);
  EXPECT_EQ(Opened(token), 200);
  const auto given = GiveBy(token, "somebody else");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->outcome["by"], Json("ana"));
  EXPECT_EQ(Acts(id), "created link_made seen answered ");
  EXPECT_EQ(GiveBy(token).error().error.code, ErrorCode::kConflict);
  const auto after = Run(inbox_.OpenLink(token));
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)["outcome"]["by"], Json("ana"));
  EXPECT_EQ(after->Find("text"), nullptr);
}

TEST_P(TaskLinksTest, ForgedOnesAreAnsweredAlikeWhetherOrNotThereIsATask) {
  const HumanTaskId id = Ask(R"({"title": "Go?", "assignee": "ana"})");
  const std::string token = Link(id);
  const LinkSigner signer(Secret("a key of some length"));
  const std::string unknown = signer.Sign(kAccount, TaskLinkId::New());
  std::string altered = token;
  altered[10] = altered[10] == 'A' ? 'B' : 'A';
  const std::string other_key = LinkSigner(Secret("another")).Sign(kAccount, TaskLinkId::New());
  for (const std::string& bad : {unknown, altered, other_key, std::string("x"), std::string()}) {
    const auto opened = Run(inbox_.OpenLink(bad));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().error.message, "this link is not good");
    EXPECT_EQ(opened.error().error.code, ErrorCode::kNotFound);
    EXPECT_EQ(GiveBy(bad).error().error.code, ErrorCode::kNotFound);
  }
  EXPECT_TRUE(Load(id).is_open());
}

TEST_P(TaskLinksTest, EndWithTheirTimeWithTheirPersonAndWhenTold) {
  const HumanTaskId id =
      Ask(R"({"title": "Go?", "assignee": "ana", "escalations": [{"after": "P2D", "assignee": "bo"}]})");
  const std::string first = Link(id);
  clock_.Advance(hours(25));
  EXPECT_EQ(Opened(first), 410);
  EXPECT_EQ(GiveBy(first).error().status, 410);
  const std::string second = Link(id);
  const auto links = Run(inbox_.Links(kAccount, id));
  ASSERT_EQ(links->size(), 2U);
  ASSERT_TRUE(Run(inbox_.RevokeLink(kAccount, id, (*links)[1].id)));
  EXPECT_EQ(Opened(second), 410);
  const std::string third = Link(id);
  EXPECT_EQ(Opened(third), 200);
  clock_.Advance(hours(23));
  Round();
  EXPECT_EQ(Load(id).to.assignee, "bo");
  EXPECT_EQ(Opened(third), 410);
  EXPECT_EQ(GiveBy(third).error().status, 410);
  EXPECT_TRUE(GiveBy(Link(id)));
}

TEST_P(TaskLinksTest, WhatWasEndedBeforeShowsNothingOfTheDecision) {
  const HumanTaskId id = Ask(R"({"title": "Go?", "assignee": "ana"})");
  const std::string by_hand = Link(id);
  const auto links = Run(inbox_.Links(kAccount, id));
  ASSERT_TRUE(Run(inbox_.RevokeLink(kAccount, id, (*links)[0].id)));
  clock_.Advance(hours(1));
  const std::string of_ana = Link(id);
  ASSERT_TRUE(Run(inbox_.Reassign(kAccount, id, {.assignee = "bo"}, "ana", "")));
  clock_.Advance(hours(1));
  const std::string of_bo = Link(id);
  ASSERT_TRUE(GiveBy(of_bo));
  EXPECT_EQ(Opened(by_hand), 410);
  EXPECT_EQ(Opened(of_ana), 410);
  EXPECT_EQ(Opened(of_bo), 200);
}

TEST_P(TaskLinksTest, AreForOnePerson) {
  const HumanTaskId ana = Ask(R"({"title": "Go?", "assignee": "ana"})");
  EXPECT_EQ(Run(inbox_.MakeLink(kAccount, ana, "bo", "", hours(1))).error().error.code, ErrorCode::kConflict);
  const HumanTaskId role = Ask(R"({"title": "Go?", "role": "finance"})");
  EXPECT_EQ(Run(inbox_.MakeLink(kAccount, role, "", "", hours(1))).error().error.code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(GiveBy(Link(role, "cy"))->outcome["by"], Json("cy"));
  EXPECT_EQ(Run(inbox_.MakeLink(kAccount, role, "cy", "", hours(1))).error().error.code,
            ErrorCode::kConflict);
}

TEST_P(HumanActivitiesTest, FilesAreSentBeforeTheAnswer) {
  const HumanTaskId id = Ask(R"({"title": "Receipt", "form": {"type": "object", "required": ["receipt"],
    "properties": {"receipt": {"type": "string", "format": "file", "accept": ["application/pdf"]}}}})");
  const auto sent = Run(inbox_.AddFile(kAccount, id, "../r.pdf", "%PDF-1.4 x"));
  ASSERT_TRUE(sent) << sent.error().error.ToString();
  const auto other = Run(inbox_.AddFile(kAccount, id, "r.txt", "text"));
  const auto give = [&](const TaskFile& file) {
    return Run(inbox_.GiveAnswer(
        kAccount, id,
        {.decision = "approve", .values = Json::Object({{"receipt", file.id.ToString()}}), .by = "ana"},
        Channel::kApi));
  };
  EXPECT_EQ(give(*other).error().extra["errors"].At(0)["pointer"], Json("/values/receipt"));
  const auto given = give(*sent);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->outcome["values"]["receipt"]["name"], Json("r.pdf"));
  std::string bytes;
  const auto read = Run(inbox_.ReadFile(kAccount, id, sent->id, bytes));
  ASSERT_TRUE(read);
  EXPECT_EQ(bytes, "%PDF-1.4 x");
  EXPECT_FALSE(Run(inbox_.ReadFile(kOther, id, sent->id, bytes)));
  EXPECT_EQ(Run(inbox_.AddFile(kAccount, id, "late", "x")).error().error.code, ErrorCode::kConflict);
  const HumanTaskId without = Ask(R"({"title": "Go?"})");
  EXPECT_FALSE(Run(inbox_.AddFile(kAccount, without, "x", "x")));
}

}  // namespace
}  // namespace elevaite::people

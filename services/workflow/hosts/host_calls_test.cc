// What stands before those who make calls: turns, refusals, and that no place is lost, whatever becomes of a
// call.
#include "services/workflow/hosts/host_calls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <random>
#include <set>
#include <thread>

#include "engine/machine/errors.h"

namespace elevaite::hosts {
namespace {

using engine::ActivityFailure;
using engine::ActivityOutcome;
using engine::ActivitySuccess;
using engine::Contact;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Key = std::pair<ExecutionId, engine::FrameId>;

// Makes calls as the test says.
class Makers final : public engine::Activities {
 public:
  void Schedule(engine::ActivityTask task, Done done) override {
    const Key key{task.execution, task.frame};
    order.push_back(task.frame);
    tasks.insert_or_assign(key, task);
    if (fails_at_once) return done(ActivityFailure{Json::EmptyObject(), std::nullopt});
    out.insert_or_assign(key, std::move(done));
  }
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) override {
    cancelled.insert({execution, frame});
    out.erase({execution, frame});  // as the runner and the workers do: nobody is told
  }
  void End(const Key& key, ActivityOutcome outcome) {
    const Done done = std::move(out.extract(key).mapped());
    done(std::move(outcome));
  }

  bool fails_at_once = false;
  std::vector<engine::FrameId> order;
  std::map<Key, engine::ActivityTask> tasks;
  std::map<Key, Done> out;
  std::set<Key> cancelled;
};

ActivityFailure Answered(int status, std::optional<std::int64_t> retry_after_us = std::nullopt) {
  return {.error = engine::MakeError("communication", "The server answered", "", status),
          .retry_in_us = std::nullopt,
          .contact = Contact::kAnswered,
          .retry_after_us = retry_after_us};
}

class HostCallsTest : public ::testing::Test {
 protected:
  void Make(milliseconds settle = milliseconds(0)) {
    calls_ = std::make_unique<HostCalls>(
        makers_, io_.get_executor(), SystemClock(),
        HostCalls::Options{
            .target = [this](const engine::ActivityTask& task) -> std::optional<HostCalls::Target> {
              if (!task.request.IsString()) return std::nullopt;
              return HostCalls::Target{.host = std::string(task.request.AsString()),
                                       .attempts_max = attempts_max_};
            },
            .is_ours = [this](const ExecutionId&) { return is_ours_; },
            .settle = settle});
  }
  void SetUp() override { Make(); }

  void Use(LaneRule rule) {
    calls_->SetRules({{kAccount, HostRules({{.pattern = "*", .rule = std::move(rule)}})}}, 1);
    Poll();
  }
  void Poll() {
    io_.restart();
    io_.poll();
  }
  engine::ActivityTask TaskOf(engine::FrameId frame, bool resumed = false) const {
    return {.account = kAccount,
            .execution = execution_,
            .frame = frame,
            .connector = "http",
            .request = Json("api"),
            .reference = "/do/0/call",
            .resumed = resumed};
  }
  void Begin(engine::ActivityTask task) {
    const engine::FrameId frame = task.frame;
    calls_->Schedule(std::move(task),
                     [this, frame](ActivityOutcome outcome) { outcomes_[frame] = std::move(outcome); });
    Poll();
  }
  void Begin(engine::FrameId frame) { Begin(TaskOf(frame)); }
  void End(engine::FrameId frame, ActivityOutcome outcome = ActivitySuccess{}) {
    makers_.End({execution_, frame}, std::move(outcome));
    Poll();
  }
  bool IsOut(engine::FrameId frame) const { return makers_.out.contains({execution_, frame}); }
  Json ErrorOf(engine::FrameId frame) const {
    const auto* failure = std::get_if<ActivityFailure>(&outcomes_.at(frame));
    return failure == nullptr ? Json() : failure->error;
  }
  std::size_t Running() const { return calls_->status().totals.running; }
  std::size_t Waiting() const { return calls_->status().totals.waiting; }

  const AccountId kAccount = AccountId::Default();
  boost::asio::io_context io_{1};
  ExecutionId execution_ = ExecutionId::New();
  std::uint32_t attempts_max_ = 1;
  bool is_ours_ = true;
  std::map<engine::FrameId, ActivityOutcome> outcomes_;
  Makers makers_;
  std::unique_ptr<HostCalls> calls_;
};

TEST_F(HostCallsTest, OneThatWaitsGoesWhenAnotherHasEnded) {
  Use({.concurrency = 1});
  Begin(1);
  Begin(2);
  Begin(3);
  EXPECT_TRUE(IsOut(1));
  EXPECT_FALSE(IsOut(2));
  EXPECT_EQ(Waiting(), 2U);
  End(1);
  EXPECT_TRUE(IsOut(2));
  EXPECT_TRUE(outcomes_.contains(1));
  End(2, ActivityFailure{Json::EmptyObject(), std::nullopt});
  End(3);
  EXPECT_EQ(makers_.order, (std::vector<engine::FrameId>{1, 2, 3}));
  EXPECT_EQ(Running() + Waiting(), 0U);
}

TEST_F(HostCallsTest, WhatGoesToNoHostIsPassedOn) {
  Use({.concurrency = 1});
  Begin(1);
  engine::ActivityTask task = TaskOf(2);
  task.request = Json();
  Begin(task);
  EXPECT_TRUE(IsOut(2));
  EXPECT_EQ(Running(), 1U);
}

TEST_F(HostCallsTest, APlaceIsFreeWhenNobodyCanBringAnOutcomeAnyMore) {
  Use({.concurrency = 1});
  Begin(1);
  Begin(2);
  makers_.out.clear();  // as a runner does that gives up
  Poll();
  EXPECT_TRUE(IsOut(2));
  EXPECT_FALSE(outcomes_.contains(1));
  End(2, engine::AttemptLost{});
  EXPECT_EQ(Running(), 0U);
}

TEST_F(HostCallsTest, ACancelledCallGivesItsPlaceBackAndAWaitingOneDoesNotGo) {
  Use({.concurrency = 1});
  Begin(1);
  Begin(2);
  Begin(3);
  calls_->Cancel(execution_, 2, "http", 0);
  EXPECT_FALSE(makers_.cancelled.contains({execution_, 2})) << "nobody else knows of it";
  calls_->Cancel(execution_, 1, "http", 0);
  Poll();
  EXPECT_TRUE(makers_.cancelled.contains({execution_, 1}));
  EXPECT_TRUE(IsOut(3));
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(HostCallsTest, OneThatIsCancelledOnItsWayOutIsCancelledThere) {
  Use({.concurrency = 1});
  Begin(1);
  Begin(2);
  makers_.End({execution_, 1}, ActivitySuccess{});  // 2 is posted, not out yet
  calls_->Cancel(execution_, 2, "http", 0);
  Poll();
  EXPECT_TRUE(makers_.cancelled.contains({execution_, 2}));
  EXPECT_EQ(Running(), 0U);
}

TEST_F(HostCallsTest, AnOpenCircuitIsAnErrorThatSaysWhereWhyAndUntilWhen) {
  Use({.breaker = BreakerRule{.in_a_row = 2}});
  for (const engine::FrameId frame : {1U, 2U}) {
    Begin(frame);
    End(frame, Answered(502));
  }
  Begin(3);
  EXPECT_FALSE(IsOut(3));
  const Json error = ErrorOf(3);
  EXPECT_EQ(error["type"], Json(engine::ErrorTypeUri("communication")));
  EXPECT_EQ(error["status"], Json(503));
  EXPECT_EQ(error["title"], Json("The circuit to the host is open"));
  const std::string detail(error["detail"].AsString());
  EXPECT_NE(detail.find("no call goes to api before 2"), std::string::npos) << detail;
  EXPECT_NE(detail.find("it answered 502"), std::string::npos) << detail;
  EXPECT_FALSE(std::get<ActivityFailure>(outcomes_.at(3)).retry_in_us) << "its connector does not try again";
  EXPECT_EQ(calls_->status().refused_open, 1U);
  const auto view = calls_->HostsOf(kAccount, 10);
  ASSERT_EQ(view.size(), 1U);
  EXPECT_EQ(view[0].state, Breaker::State::kOpen);
  EXPECT_EQ(view[0].error_kind, "status");
  EXPECT_EQ(view[0].error_status, 502);
  EXPECT_GT(view[0].open_until_us, SystemClock().Now().micros());
  EXPECT_TRUE(calls_->CloseCircuit(kAccount, "api"));
  Begin(4);
  EXPECT_TRUE(IsOut(4));
}

TEST_F(HostCallsTest, WhatAConnectorTriesAgainWaitsUntilTheCircuitMayClose) {
  attempts_max_ = 5;
  Use({.breaker = BreakerRule{.in_a_row = 1}});
  Begin(1);
  ActivityFailure failure = Answered(500);
  failure.retry_in_us = 1'000;
  End(1, failure);
  EXPECT_GT(*std::get<ActivityFailure>(outcomes_.at(1)).retry_in_us, 25'000'000);
  Begin(2);
  EXPECT_GT(*std::get<ActivityFailure>(outcomes_.at(2)).retry_in_us, 25'000'000);
}

TEST_F(HostCallsTest, WhatTheHostAsksForIsHeard) {
  Use({.breaker = BreakerRule{}});
  Begin(1);
  End(1, Answered(429, 60'000'000));
  Begin(2);
  EXPECT_EQ(ErrorOf(2)["status"], Json(503));
}

TEST_F(HostCallsTest, TooManyAreRefusedByName) {
  Use({.concurrency = 1, .waiting_max = 1});
  for (const engine::FrameId frame : {1U, 2U, 3U}) Begin(frame);
  EXPECT_EQ(ErrorOf(3)["status"], Json(429));
  EXPECT_EQ(ErrorOf(3)["title"], Json("Too many calls wait for the host"));
}

TEST_F(HostCallsTest, AWaitHasItsBounds) {
  Use({.concurrency = 1, .wait_max = milliseconds(30)});
  Begin(1);
  Begin(2);
  io_.restart();
  io_.run_for(milliseconds(500));
  EXPECT_EQ(ErrorOf(2)["title"], Json("The call waited too long for its host"));
  EXPECT_EQ(ErrorOf(2)["type"], Json(engine::ErrorTypeUri("timeout")));
  EXPECT_TRUE(IsOut(1));
}

TEST_F(HostCallsTest, TheBoundOfAWaitGoesOnWhereTheCallIsPassedTo) {
  Use({.concurrency = 1});
  Begin(1);
  engine::ActivityTask task = TaskOf(2);
  task.bounds.queued_us = 60'000'000;
  Begin(task);
  End(1);
  const std::int64_t left = makers_.tasks.at({execution_, 2}).bounds.queued_us;
  EXPECT_GT(left, 0);
  EXPECT_LT(left, 60'000'000);
}

TEST_F(HostCallsTest, ManyThatEndAtOnceDoNotGoDeepIntoTheStack) {
  Use({.concurrency = 1});
  Begin(1);
  for (engine::FrameId frame = 2; frame < 20'000; ++frame)
    calls_->Schedule(TaskOf(frame), [](const ActivityOutcome&) {});
  EXPECT_EQ(calls_->status().refused_full, 9'998U);
  makers_.fails_at_once = true;
  End(1);
  for (int i = 0; i < 20'000 && Waiting() > 0; ++i) Poll();
  EXPECT_EQ(Waiting(), 0U);
  EXPECT_EQ(Running(), 0U);
}

TEST_F(HostCallsTest, WhatAnotherNodeHasTakenOverDoesNotGoFromHere) {
  Use({.concurrency = 1});
  Begin(1);
  Begin(2);
  Begin(3);
  is_ours_ = false;
  End(1);
  EXPECT_TRUE(makers_.out.empty());
  EXPECT_EQ(Running() + Waiting(), 0U);
}

// ---- Where others make the calls and go on over a restart

class HostCallsOfWorkersTest : public HostCallsTest {
 protected:
  void SetUp() override {
    Make(milliseconds(60));
    Use({.concurrency = 1});
  }
};

TEST_F(HostCallsOfWorkersTest, WhatAWorkerMayHaveHoldsItsPlaceAndGoesToItWhenItSaysSo) {
  Begin(TaskOf(1, true));
  Begin(TaskOf(2, true));
  Begin(3);
  EXPECT_TRUE(makers_.out.empty());
  EXPECT_EQ(Running(), 2U);
  calls_->Claim({execution_, 2, 1});
  EXPECT_TRUE(IsOut(2));
  EXPECT_TRUE(makers_.tasks.at({execution_, 2}).resumed) << "so that the worker can have it";
  io_.restart();
  io_.run_for(milliseconds(120));
  EXPECT_FALSE(IsOut(1)) << "2 holds the one place";
  End(2);
  EXPECT_TRUE(IsOut(1));
  EXPECT_FALSE(makers_.tasks.at({execution_, 1}).resumed) << "nobody has it: it has waited for that here";
  End(1);
  EXPECT_TRUE(IsOut(3));
}

TEST_F(HostCallsOfWorkersTest, WithoutARuleNothingIsHeldBack) {
  calls_->SetRules({}, 1);
  Begin(TaskOf(1, true));
  EXPECT_TRUE(IsOut(1));
}

TEST_F(HostCallsOfWorkersTest, TheSameAttemptOfAnotherOwnerSharesThePlace) {
  Begin(1);
  Begin(2);
  const auto first = makers_.out.at({execution_, 1});  // the workers still have it
  Begin(TaskOf(1, true));
  EXPECT_EQ(Running(), 1U);
  EXPECT_FALSE(IsOut(2));
  End(1);
  EXPECT_TRUE(IsOut(2));
}

// ---- Whatever happens

TEST(HostCalls, LosesNoPlaceInRandomHistories) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    boost::asio::io_context io{1};
    Makers makers;
    HostCalls calls(makers, io.get_executor(), SystemClock(),
                    {.target = [](const engine::ActivityTask& task) -> std::optional<HostCalls::Target> {
                       return HostCalls::Target{.host = std::string(task.request.AsString())};
                     },
                     .settle = milliseconds(seed % 2 == 0 ? 0 : 1)});
    const ExecutionId execution = ExecutionId::New();
    const auto use = [&] {
      LaneRule rule;
      if (below(4) != 0) rule.concurrency = 1 + static_cast<std::int64_t>(below(3));
      if (below(2) == 0) rule.breaker = BreakerRule{.in_a_row = 3, .open = milliseconds(1)};
      rule.wait_max = milliseconds(1 + below(20));
      calls.SetRules({{AccountId::Default(), HostRules({{.pattern = "*", .rule = rule}})}}, 1);
    };
    use();
    std::size_t told = 0;
    for (int step = 0; step < 400; ++step) {
      const auto frame = static_cast<engine::FrameId>(below(40));
      switch (below(6)) {
        case 0:
        case 1:
          calls.Schedule({.account = AccountId::Default(),
                          .execution = execution,
                          .frame = frame,
                          .attempt = 1 + static_cast<std::uint32_t>(below(2)),
                          .connector = "http",
                          .request = Json(below(2) == 0 ? "a" : "b"),
                          .resumed = below(3) == 0},
                         [&told](const ActivityOutcome&) { ++told; });
          break;
        case 2:
          if (!makers.out.empty()) {
            const auto which =
                std::next(makers.out.begin(), static_cast<std::ptrdiff_t>(below(makers.out.size())))->first;
            switch (below(4)) {
              case 0: makers.End(which, Answered(500)); break;
              case 1: makers.End(which, engine::AttemptLost{}); break;
              case 2: makers.out.erase(which); break;
              default: makers.End(which, ActivitySuccess{});
            }
          }
          break;
        case 3: calls.Cancel(execution, frame, "http", 0); break;
        case 4: calls.Claim({execution, frame, 1}); break;
        default:
          if (below(10) == 0) use();
      }
      if (below(3) == 0) {
        io.restart();
        io.poll();
      }
    }
    // All calls end; what waits goes, or gives up.
    calls.SetRules({}, 1);
    for (int round = 0; round < 100; ++round) {
      makers.out.clear();
      io.restart();
      io.run_for(milliseconds(1));
    }
    const auto totals = calls.status().totals;
    ASSERT_EQ(totals.running, 0U) << "seed " << seed;
    ASSERT_EQ(totals.waiting, 0U) << "seed " << seed;
  }
}

// The makers know a call by its execution and frame: the attempt that leaves must not come after the next
// one.
TEST_F(HostCallsTest, AnAttemptThatIsNotWantedDoesNotTakeThePlaceOfTheNext) {
  Use({.concurrency = 2});
  Begin(1);
  Begin(2);
  Begin(3);
  for (const engine::FrameId ended : {1U, 2U}) makers_.End({execution_, ended}, ActivitySuccess{});
  calls_->Cancel(execution_, 3, "http", 0);  // its turn has come, and it is not there yet
  engine::ActivityTask second = TaskOf(3);
  second.attempt = 2;
  Begin(second);
  ASSERT_TRUE(IsOut(3));
  EXPECT_EQ(makers_.tasks.at({execution_, 3}).attempt, 2U);
  EXPECT_EQ(std::ranges::count(makers_.order, 3U), 1) << "nobody heard of the first one";
  EXPECT_EQ(Running(), 1U);
  End(3);
  EXPECT_TRUE(outcomes_.contains(3));
  EXPECT_EQ(Running(), 0U);
}

TEST_F(HostCallsTest, ShowsWhatWaitsAndThenWhatIsOut) {
  Use({.concurrency = 1});
  for (const engine::FrameId frame : {1U, 2U, 3U}) Begin(frame);
  const auto waits = [&](std::size_t most) {
    std::string text;
    for (const HostCalls::CallView& call : calls_->CallsTo(kAccount, "api", most))
      text += call.waits ? "w" : "o";
    return text;
  };
  EXPECT_EQ(waits(10), "wwo");
  EXPECT_EQ(waits(1), "w");
  EXPECT_TRUE(calls_->CallsTo(kAccount, "elsewhere", 10).empty());
  EXPECT_TRUE(calls_->CallsTo(AccountId::Parse("other").value(), "api", 10).empty());
}

// Makes calls on threads of its own, as the runner does.
class ThreadedMakers final : public engine::Activities {
 public:
  explicit ThreadedMakers(std::int64_t limit) : limit_(limit) {}
  void Schedule(engine::ActivityTask, Done done) override {
    if (out_.fetch_add(1) >= limit_) exceeded = true;
    boost::asio::post(threads_, [this, done = std::move(done)] {
      out_.fetch_sub(1);  // before the place is given back
      done(ActivitySuccess{});
    });
  }
  void Cancel(const ExecutionId&, engine::FrameId, std::string_view, std::int64_t) override {}

  std::atomic<bool> exceeded = false;

 private:
  std::int64_t limit_;
  std::atomic<std::int64_t> out_ = 0;
  boost::asio::thread_pool threads_{3};
};

TEST(HostCalls, HoldTheLimitWhenManyThreadsCallAndAreToldOfIt) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 2'000;
  boost::asio::thread_pool turns(1);
  ThreadedMakers makers(3);
  HostCalls calls(makers, turns.get_executor(), SystemClock(),
                  {.target = [](const engine::ActivityTask&) -> std::optional<HostCalls::Target> {
                    return HostCalls::Target{.host = "api"};
                  }});
  calls.SetRules(
      {{AccountId::Default(),
        HostRules({{.pattern = "*", .rule = {.concurrency = 3, .waiting_max = kThreads * kEach}}})}},
      1);
  std::atomic<std::size_t> told = 0;
  std::vector<std::thread> callers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    callers.emplace_back([&] {
      const ExecutionId execution = ExecutionId::New();
      for (engine::FrameId frame = 0; frame < kEach; ++frame)
        calls.Schedule({.account = AccountId::Default(), .execution = execution, .frame = frame},
                       [&told](const ActivityOutcome&) { ++told; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  while (told < kThreads * kEach) std::this_thread::yield();
  EXPECT_FALSE(makers.exceeded);
  const auto totals = calls.status().totals;
  EXPECT_EQ(totals.running + totals.waiting, 0U);
}

}  // namespace
}  // namespace elevaite::hosts

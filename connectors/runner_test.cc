// The runner with connectors of the test's own: turns, bounds, and what the connector's policy makes of them.
#include "connectors/runner.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace elevaite::connectors {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{5'000};

// Takes `request.ms`, with a sign of life each `request.beat_ms`.
class Sleeper final : public Connector {
 public:
  explicit Sleeper(RetryPolicy retry)
      : descriptor_({.name = "sleep", .version = "1.0.0", .input = Json::EmptyObject(), .retry = retry}) {}
  const Descriptor& descriptor() const override { return descriptor_; }

  boost::asio::awaitable<Outcome> Invoke(engine::ActivityTask task) override {
    const milliseconds whole(task.request["ms"].IntOr(0));
    const milliseconds piece(task.request["beat_ms"].IntOr(whole.count()));
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (milliseconds slept{0}; slept < whole; slept += piece) {
      timer.expires_after(piece);
      co_await timer.async_wait(boost::asio::use_awaitable);
      if (task.beat) task.beat();
    }
    co_return Json("slept");
  }

 private:
  Descriptor descriptor_;
};

Registry RegistryOf(RetryPolicy retry) {
  std::vector<std::unique_ptr<Connector>> connectors;
  connectors.push_back(std::make_unique<Sleeper>(retry));
  return Registry(std::move(connectors));
}

class RunnerTest : public ::testing::Test {
 protected:
  explicit RunnerTest(RetryPolicy retry = {}) : registry_(RegistryOf(retry)) {}

  void Do(engine::FrameId frame, milliseconds takes, engine::ActivityBounds bounds,
          std::optional<milliseconds> beat = std::nullopt) {
    std::vector<Json::Member> request{{"ms", takes.count()}};
    if (beat) request.emplace_back("beat_ms", beat->count());
    engine::ActivityTask task{.account = AccountId::Default(),
                              .execution = execution_,
                              .frame = frame,
                              .connector = "sleep",
                              .request = Json::Object(std::move(request)),
                              .bounds = bounds};
    runner_.Schedule(std::move(task), [this, frame](engine::ActivityOutcome outcome) {
      outcomes_.insert_or_assign(frame, std::move(outcome));
    });
  }

  // Its error; null when it ended well.
  Json ErrorOf(engine::FrameId frame) {
    io_.run();
    io_.restart();
    const auto* failure = std::get_if<engine::ActivityFailure>(&outcomes_.at(frame));
    return failure ? failure->error : Json();
  }

  boost::asio::io_context io_{1};
  ExecutionId execution_ = ExecutionId::New();
  Registry registry_;
  std::map<engine::FrameId, engine::ActivityOutcome> outcomes_;
  Runner runner_{registry_, {io_.get_executor()}, {.concurrency_max = 1}};
};

TEST_F(RunnerTest, StopsAnAttemptThatTakesTooLong) {
  const auto begin = std::chrono::steady_clock::now();
  Do(1, kLong, {.attempt_us = 20'000});
  const Json error = ErrorOf(1);
  EXPECT_EQ(error["status"], Json(408));
  EXPECT_EQ(error["title"], Json("An attempt took too long"));
  EXPECT_NE(error["detail"].AsString().find("metadata.elevaite.timeouts.attempt"), std::string_view::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLong);
  EXPECT_FALSE(std::get<engine::ActivityFailure>(outcomes_.at(1)).retry_in_us);
}

TEST_F(RunnerTest, StopsAnAttemptThatIsSilentButNotOneThatShowsLife) {
  Do(1, kLong, {.heartbeat_us = 20'000});
  EXPECT_EQ(ErrorOf(1)["title"], Json("An attempt fell silent"));
  Do(2, milliseconds(400), {.heartbeat_us = 200'000}, milliseconds(20));
  EXPECT_TRUE(ErrorOf(2).IsNull());
}

TEST_F(RunnerTest, GivesUpWhatWaitsTooLongForItsTurn) {
  Do(1, milliseconds(200), {});
  Do(2, milliseconds(0), {.queued_us = 10'000});
  Do(3, milliseconds(0), {.queued_us = 60'000'000});
  io_.run_for(milliseconds(1'000));
  const auto* late = std::get_if<engine::ActivityFailure>(&outcomes_.at(2));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->error["title"], Json("The call waited too long for its turn"));
  EXPECT_EQ(late->error["status"], Json(408));
  EXPECT_TRUE(std::holds_alternative<engine::ActivitySuccess>(outcomes_.at(1)));
  EXPECT_TRUE(std::holds_alternative<engine::ActivitySuccess>(outcomes_.at(3)));
  EXPECT_EQ(runner_.status().waiting, 0U);
  EXPECT_EQ(runner_.status().running, 0U);
}

TEST_F(RunnerTest, LeavesAloneWhatKeepsItsBounds) {
  Do(1, milliseconds(5), {.queued_us = 9'000'000, .attempt_us = 9'000'000, .heartbeat_us = 9'000'000});
  EXPECT_TRUE(ErrorOf(1).IsNull());
}

TEST_F(RunnerTest, ACancelledOneTellsNothing) {
  Do(1, kLong, {.attempt_us = 50'000});
  io_.run_for(milliseconds(5));
  runner_.Cancel(execution_, 1, "sleep", 0);
  io_.run();
  EXPECT_FALSE(outcomes_.contains(1));
}

class RetryingRunnerTest : public RunnerTest {
 protected:
  RetryingRunnerTest() : RunnerTest({.attempts_max = 3}) {}
};

TEST_F(RetryingRunnerTest, AnAttemptThatWasStoppedIsMadeAgainByTheConnectorsPolicy) {
  Do(1, kLong, {.attempt_us = 10'000});
  EXPECT_FALSE(ErrorOf(1).IsNull());
  EXPECT_TRUE(std::get<engine::ActivityFailure>(outcomes_.at(1)).retry_in_us);
}

}  // namespace
}  // namespace elevaite::connectors

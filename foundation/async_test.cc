#include "foundation/async.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <thread>

#include "foundation/io_threads.h"

namespace elevaite {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

template <class T>
T RunToCompletion(IoThreads& io, asio::awaitable<T> operation) {
  return asio::co_spawn(io.executor(0), std::move(operation), asio::use_future).get();
}

asio::awaitable<Result<int>> AnswerAfter(milliseconds delay, int answer) {
  asio::steady_timer timer(co_await asio::this_coro::executor, delay);
  co_await timer.async_wait(asio::use_awaitable);
  co_return answer;
}

asio::awaitable<Result<int>> Throws() {
  throw std::runtime_error("secret path");
  co_return 1;
}

TEST(WithDeadline, GivesTheResultWhenItComesInTime) {
  IoThreads io(1);
  const auto result = RunToCompletion(
      io, WithDeadline(steady_clock::now() + milliseconds(5000), AnswerAfter(milliseconds(1), 7)));
  EXPECT_EQ(result.value(), 7);
}

TEST(WithDeadline, CancelsTheOperationAtTheDeadline) {
  IoThreads io(1);
  const auto start = steady_clock::now();
  const auto result =
      RunToCompletion(io, WithDeadline(start + milliseconds(20), AnswerAfter(milliseconds(60000), 7)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout);
  EXPECT_LT(steady_clock::now() - start, milliseconds(5000));
}

TEST(WithDeadline, TurnsAnExceptionIntoAnErrorThatTellsOnlyTheLog) {
  IoThreads io(1);
  const auto result = RunToCompletion(io, WithDeadline(steady_clock::now() + milliseconds(5000), Throws()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInternal);
  EXPECT_EQ(result.error().message.find("secret"), std::string::npos);
  EXPECT_EQ(result.error().detail, "secret path");
}

asio::awaitable<std::optional<int>> WaitFor(OneShot<int> shot, milliseconds limit,
                                            std::thread::id* resumed_on) {
  const auto value = co_await shot.WaitUntil(steady_clock::now() + limit);
  *resumed_on = std::this_thread::get_id();
  co_return value;
}

asio::awaitable<std::thread::id> ThreadOf() { co_return std::this_thread::get_id(); }

TEST(OneShot, ResumesTheWaiterOnItsOwnThread) {
  IoThreads io(2);
  const auto home = RunToCompletion(io, ThreadOf());
  for (int i = 0; i < 200; ++i) {
    OneShot<int> shot;
    std::thread::id resumed_on;
    auto result =
        asio::co_spawn(io.executor(0), WaitFor(shot, milliseconds(60000), &resumed_on), asio::use_future);
    std::thread engine([shot, i]() mutable {
      EXPECT_TRUE(shot.Set(i));
      EXPECT_FALSE(shot.Set(-1));
    });
    EXPECT_EQ(result.get(), i);
    engine.join();
    EXPECT_EQ(resumed_on, home);
  }
}

TEST(OneShot, EndsAtTheDeadlineWithoutAValue) {
  IoThreads io(1);
  OneShot<int> shot;
  std::thread::id ignored;
  EXPECT_EQ(RunToCompletion(io, WaitFor(shot, milliseconds(10), &ignored)), std::nullopt);
  EXPECT_TRUE(shot.Set(1));  // late: nobody waits, nothing breaks
}

asio::awaitable<Result<>> FailsLate() { co_return Fail(ErrorCode::kUnavailable, "the disk is gone"); }

TEST(Spawn, ReportsTheNameAndTheErrorOfWhatFailed) {
  static std::atomic<int> reports = 0;
  SetSpawnFailureHook([](std::string_view name, const Error& error) {
    EXPECT_EQ(name, "sweep");
    EXPECT_EQ(error.message, "the disk is gone");
    ++reports;
  });
  IoThreads io(1);
  Spawn(io.executor(0), FailsLate(), "sweep");
  const auto give_up = steady_clock::now() + milliseconds(5000);
  while (reports == 0 && steady_clock::now() < give_up) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(reports, 1);
}

}  // namespace
}  // namespace elevaite

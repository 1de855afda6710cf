// Helpers for coroutines on Boost.Asio: spawn with a name, a time limit, a hand-over between threads.
//
//   Spawn(executor, Sweep(store), "sweep");                               // errors are reported, never lost
//   auto load = WithDeadline(deadline, client.Load(id));                   // make the operation, then await
//   it auto page = co_await std::move(load);
//
//   OneShot<Execution> done;                                               // a coroutine waits for another
//   thread engine.Run(command, [done](Execution e) mutable { done.Set(std::move(e)); });   // any thread auto
//   execution = co_await done.WaitUntil(deadline);                    // resumes on the waiter's own thread
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "foundation/result.h"

namespace elevaite {

// One point in time for a whole piece of work, passed down and only ever shortened.
using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();

// Called when a spawned coroutine ends with an error or an exception; the default writes a line to stderr.
// Set it once, at start-up, before anything is spawned; it is called from any thread.
using SpawnFailureHook = std::function<void(std::string_view name, const Error& error)>;
void SetSpawnFailureHook(SpawnFailureHook hook);

// Runs a coroutine by itself. Cancellation (boost::system::system_error with operation_aborted) is an
// ordinary end.
void Spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> operation, std::string name);
void Spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<Result<>> operation,
           std::string name);

// What an exception means to a caller: operation_aborted is kCancelled, all others kInternal with the text in
// `detail`.
Error ErrorFromException(std::exception_ptr exception);

// Cancels `operation` at `deadline` and answers kTimeout. It returns when the operation has really ended, so
// the operation must take cancellation (Asio's do). A result that arrives together with the timeout is lost:
// effects need an idempotency key. An exception of the operation comes back as an error. T must be default
// constructible.
template <class T>
boost::asio::awaitable<Result<T>> WithDeadline(Deadline deadline,
                                               boost::asio::awaitable<Result<T>> operation) {
  namespace asio = boost::asio;
  if (deadline == kNoDeadline) co_return co_await std::move(operation);
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline);
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, std::move(operation), asio::deferred), timer.async_wait(asio::deferred));
  auto wait = group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  auto [order, exception, result, timer_error] = co_await std::move(wait);
  if (order[0] == 1 && !timer_error) co_return Fail(ErrorCode::kTimeout, "the time limit is over");
  if (exception) co_return Fail(ErrorFromException(exception));
  co_return std::move(result);
}

// A value that one thread sets and one coroutine waits for. Copies share it.
//
// The waiting coroutine must run on a strand or on a context with one thread, and may wait once at a time. If
// no value ever comes the wait ends at its deadline or by cancellation.
template <class T>
class OneShot {
 public:
  OneShot() : state_(std::make_shared<State>()) {}

  // Any thread; the first value counts, later ones are dropped. False: there was one already.
  bool Set(T value) {
    std::unique_lock lock(state_->mutex);
    if (state_->value || state_->taken) return false;
    state_->value = std::move(value);
    if (!state_->waiter) return true;
    const boost::asio::any_io_executor executor = *state_->waiter;
    lock.unlock();
    boost::asio::post(executor, [state = state_] {
      if (state->timer != nullptr) state->timer->expires_at(Deadline::min());
    });
    return true;
  }

  // The value, or nothing at the deadline. Throws operation_aborted when the coroutine is cancelled.
  boost::asio::awaitable<std::optional<T>> WaitUntil(Deadline deadline) {
    const auto state = state_;
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, deadline);
    {
      const std::scoped_lock lock(state->mutex);
      if (state->value) co_return Take(*state);
      state->timer = &timer;
      state->waiter = executor;
    }
    const Unhook unhook{*state};
    boost::system::error_code error;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
    {
      const std::scoped_lock lock(state->mutex);
      if (state->value) co_return Take(*state);
    }
    if (error) throw boost::system::system_error(error);
    co_return std::nullopt;
  }

 private:
  struct State {
    std::mutex mutex;
    std::optional<T> value;
    bool taken = false;
    std::optional<boost::asio::any_io_executor> waiter;
    boost::asio::steady_timer* timer = nullptr;  // touched on the waiter's executor only
  };
  struct Unhook {
    State& state;
    ~Unhook() {
      state.timer = nullptr;
      const std::scoped_lock lock(state.mutex);
      state.waiter.reset();
    }
  };
  static std::optional<T> Take(State& state) {
    state.taken = true;
    return std::exchange(state.value, std::nullopt);
  }

  std::shared_ptr<State> state_;
};

}  // namespace elevaite

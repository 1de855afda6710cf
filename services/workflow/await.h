// From callbacks to coroutines: the engine, the history and the database answer by callback on threads of
// their own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <utility>

#include "foundation/async.h"
#include "foundation/result.h"

namespace elevaite::workflow {

// Longer than anything behind it may take by its own limits; a lost callback ends as an error instead of a
// hang.
inline constexpr std::chrono::seconds kAnswerTimeout{60};

// `begin(done)` starts the work; `done(Result<T>)` may be called from any thread, also before `begin`
// returns.
template <class T, class Begin>
boost::asio::awaitable<Result<T>> Await(Begin begin) {
  OneShot<Result<T>> slot;
  begin([slot](Result<T> result) mutable { slot.Set(std::move(result)); });
  auto wait = slot.WaitUntil(std::chrono::steady_clock::now() + kAnswerTimeout);
  std::optional<Result<T>> result = co_await std::move(wait);
  if (!result) co_return Fail(ErrorCode::kTimeout, "the server did not finish this in time");
  co_return *std::move(result);
}

}  // namespace elevaite::workflow

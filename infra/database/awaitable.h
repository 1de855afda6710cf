// The database for coroutines: the same functions as awaitables that resume on the caller's executor.
//
//   auto load = AsyncQuery(db, kLoad, Params::Of(account, id));
//   ASSIGN_OR_CO_RETURN(const Rows rows, co_await std::move(load));
//
// The database and the stream must outlive the operation. Cancelling the coroutine does not cancel what was
// handed to the database: the await ends when that has its result.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "infra/database/database.h"

namespace elevaite::database {

namespace awaitable_internal {

// Runs `start(callback)`; the callback, on whatever thread, resumes the coroutine on its own executor.
template <class T, class Start>
boost::asio::awaitable<Result<T>> Resume(Start start) {
  const auto initiate = [](auto handler, Start begin) {
    // The executor is kept busy while the coroutine waits elsewhere.
    auto work = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
    begin([handler = std::move(handler), work = std::move(work)](Result<T> result) mutable {
      boost::asio::post(work.get_executor(),
                        [handler = std::move(handler), result = std::move(result)]() mutable {
                          std::move(handler)(std::move(result));
                        });
    });
  };
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Result<T>)>(
      initiate, boost::asio::use_awaitable, std::move(start));
}

}  // namespace awaitable_internal

inline boost::asio::awaitable<Result<BatchOutcome>> AsyncSubmit(Database& db, Batch batch) {
  return awaitable_internal::Resume<BatchOutcome>([&db, batch = std::move(batch)](BatchDone done) mutable {
    db.Submit(std::move(batch), std::move(done));
  });
}

inline boost::asio::awaitable<Result<BatchOutcome>> AsyncSubmit(Database& db, WriteStream& stream,
                                                                Batch batch) {
  return awaitable_internal::Resume<BatchOutcome>(
      [&db, &stream, batch = std::move(batch)](BatchDone done) mutable {
        db.Submit(stream, std::move(batch), std::move(done));
      });
}

// `function` runs on a thread of the database, not on the caller's executor.
inline boost::asio::awaitable<Result<void>> AsyncTransact(Database& db, TransactFunction function) {
  return awaitable_internal::Resume<void>([&db, function = std::move(function)](TransactDone done) mutable {
    db.Transact(std::move(function), std::move(done));
  });
}

inline boost::asio::awaitable<Result<Rows>> AsyncQuery(Database& db, Sql sql, Params params,
                                                       QueryOptions options = {}) {
  return awaitable_internal::Resume<Rows>(
      [&db, sql, params = std::move(params), options](QueryDone done) mutable {
        db.Query(sql, std::move(params), options, std::move(done));
      });
}

}  // namespace elevaite::database

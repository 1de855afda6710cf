#include "foundation/async.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstdio>

namespace elevaite {
namespace {

SpawnFailureHook& Hook() {
  static SpawnFailureHook hook = [](std::string_view name, const Error& error) {
    std::fprintf(stderr, "background work '%.*s' failed: %s\n", static_cast<int>(name.size()), name.data(),
                 error.ToString().c_str());
  };
  return hook;
}

void Report(std::string_view name, const Error& error) {
  if (error.code != ErrorCode::kCancelled) Hook()(name, error);
}

}  // namespace

void SetSpawnFailureHook(SpawnFailureHook hook) { Hook() = std::move(hook); }

Error ErrorFromException(std::exception_ptr exception) {
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) {
      return Error{.code = ErrorCode::kCancelled, .message = "cancelled"};
    }
    return Error{.code = ErrorCode::kInternal, .message = "an unexpected error", .detail = error.what()};
  } catch (const std::exception& error) {
    return Error{.code = ErrorCode::kInternal, .message = "an unexpected error", .detail = error.what()};
  } catch (...) {
    return Error{.code = ErrorCode::kInternal,
                 .message = "an unexpected error",
                 .detail = "an exception of unknown type"};
  }
}

void Spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> operation, std::string name) {
  boost::asio::co_spawn(executor, std::move(operation),
                        [name = std::move(name)](std::exception_ptr exception) {
                          if (exception) Report(name, ErrorFromException(std::move(exception)));
                        });
}

void Spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<Result<>> operation,
           std::string name) {
  boost::asio::co_spawn(executor, std::move(operation),
                        [name = std::move(name)](std::exception_ptr exception, const Result<>& result) {
                          if (exception) {
                            Report(name, ErrorFromException(std::move(exception)));
                          } else if (!result) {
                            Report(name, result.error());
                          }
                        });
}

}  // namespace elevaite

// Result<T> and Error: how everything that can fail says so.
//
// Expected failures (network, database, provider, user input, quota) are values of this type. Exceptions are
// for bugs, out of memory and libraries that throw; they are caught at the edges: HTTP request, engine step,
// background loop, main.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace elevaite {

// A closed set: HTTP status, retry class and metric label derive from the code in one table (result.cc).
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  // the caller must change the request
  kInvalidWorkflow,  // a document with diagnostics
  kUnauthenticated,
  kPermissionDenied,
  kNotFound,
  kMethodNotAllowed,
  kConflict,  // the request was good, the state is not
  kVersionExists,
  kPayloadTooLarge,
  kUnsupportedMedia,
  kQuotaExceeded,  // a limit of the account
  kCancelled,
  kTimeout,
  kUnavailable,        // try again later; see Error::retry_after
  kResourceExhausted,  // this process or its disk is full
  kDataLoss,           // stored bytes do not mean what they should
  kInternal,           // a bug
};

struct ErrorCodeInfo {
  std::string_view name;   // "not_found": stable, public, metric label
  std::string_view title;  // "Not found"
  int http_status;
  bool retryable;  // the same request may succeed later
};
const ErrorCodeInfo& InfoOf(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // fit for the user: what happened, where
  std::string hint;     // how to fix it; may be empty
  std::string detail;   // for the log only, never sent out
  std::optional<std::chrono::milliseconds> retry_after{};

  // "not_found: no workflow 'x'": for logs and tests.
  std::string ToString() const;
};

template <class T = void>
using Result = std::expected<T, Error>;

// `return Fail(ErrorCode::kNotFound, "no workflow 'x'");`
std::unexpected<Error> Fail(ErrorCode code, std::string message, std::string hint = {},
                            std::string detail = {});
inline std::unexpected<Error> Fail(Error error) { return std::unexpected<Error>(std::move(error)); }

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace elevaite

#define ELEVAITE_CONCAT_INNER(a, b) a##b
#define ELEVAITE_CONCAT(a, b) ELEVAITE_CONCAT_INNER(a, b)

// Plain statements, so that they work the same in functions and (with CO_) in coroutines.
#define ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr, ret)           \
  auto tmp = (expr);                                         \
  if (!tmp) ret ::std::unexpected(::std::move(tmp).error()); \
  lhs = ::std::move(tmp).value()
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL(ELEVAITE_CONCAT(result_, __COUNTER__), lhs, expr, return)
#define ASSIGN_OR_CO_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL(ELEVAITE_CONCAT(result_, __COUNTER__), lhs, expr, co_return)

#define RETURN_IF_ERROR_IMPL(tmp, expr, ret) \
  if (auto tmp = (expr); !tmp) ret ::std::unexpected(::std::move(tmp).error())
#define RETURN_IF_ERROR(expr) RETURN_IF_ERROR_IMPL(ELEVAITE_CONCAT(result_, __COUNTER__), expr, return)
#define CO_RETURN_IF_ERROR(expr) RETURN_IF_ERROR_IMPL(ELEVAITE_CONCAT(result_, __COUNTER__), expr, co_return)

// An invariant whose breach would corrupt data: stops the process in every build. Never on input.
#define CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::elevaite::CheckFailed(#condition, __FILE__, __LINE__))
#ifdef NDEBUG
#define DCHECK(condition) void()
#else
#define DCHECK(condition) CHECK(condition)
#endif

#include "app/hooks.h"

#include "foundation/log.h"

namespace elevaite::app {

void LogAccess(const net::AccessRecord& record) {
  const LogLevel level = record.status >= 500 ? LogLevel::kWarn : LogLevel::kDebug;
  Log(level, "request",
      {{"method", record.method},
       {"path", record.path},
       {"status", record.status},
       {"bytes", record.bytes},
       {"duration_us", record.duration.count()},
       {"request_id", record.request_id},
       {"peer", record.peer}});
}

// Who is told to come again later, without a cause that the log should have, was refused on purpose, and
// there may be many of them: the line of the request says so.
void LogFailure(const Error& error, const net::Request& request) {
  if (error.retry_after && error.detail.empty()) return;
  LogError("a request failed", {{"code", InfoOf(error.code).name},
                                {"error", error.message},
                                {"detail", error.detail},
                                {"method", net::NameOf(request.method)},
                                {"path", request.path},
                                {"request_id", request.request_id}});
}

}  // namespace elevaite::app

#include "app/hooks.h"

#include "foundation/log.h"

namespace elevaite::app {

namespace {

// A link to a task is a credential.
std::string PathForLog(std::string_view path) {
  constexpr std::string_view kLink = "/t/";
  if (!path.starts_with(kLink)) return std::string(path);
  const std::size_t end = path.find('/', kLink.size());
  return std::string(kLink) + "***" + std::string(end == std::string_view::npos ? "" : path.substr(end));
}

}  // namespace

void LogAccess(const net::AccessRecord& record) {
  const LogLevel level = record.status >= 500 ? LogLevel::kWarn : LogLevel::kDebug;
  Log(level, "request",
      {{"method", record.method},
       {"path", PathForLog(record.path)},
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
                                {"path", PathForLog(request.path)},
                                {"request_id", request.request_id}});
}

}  // namespace elevaite::app

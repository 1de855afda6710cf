#include "app/hooks.h"

#include <atomic>

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

// Who is refused because there is too much to do must not make more of it: of the refusals of a second some
// have their own lines, the others are counted.
class Refusals {
 public:
  bool HasItsLine() { return in_second_.fetch_add(1, std::memory_order_relaxed) < kLinesMax; }
  // Tells of a second that is over how many had no line. One branch while there are none.
  void Sum() {
    if (in_second_.load(std::memory_order_relaxed) == 0) return;
    const std::int64_t now_s =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    std::int64_t second = second_.load(std::memory_order_relaxed);
    if (second == now_s || !second_.compare_exchange_strong(second, now_s)) return;
    const std::int64_t refused = in_second_.exchange(0, std::memory_order_relaxed);
    if (refused > kLinesMax)
      LogWarn("more requests were refused than have lines here",
              {{"status", 503}, {"count", refused - kLinesMax}});
  }

 private:
  static constexpr std::int64_t kLinesMax = 20;
  std::atomic<std::int64_t> second_ = 0;  // of the steady clock
  std::atomic<std::int64_t> in_second_ = 0;
};

Refusals& TheRefusals() {
  static Refusals refusals;
  return refusals;
}

}  // namespace

void LogAccess(const net::AccessRecord& record) {
  TheRefusals().Sum();
  if (record.status == 503 && !TheRefusals().HasItsLine()) return;
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

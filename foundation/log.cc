// The writing side, on spdlog: its thread pool is the bounded queue that drops the oldest lines when full.
#include "foundation/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "foundation/log_format.h"

namespace elevaite {
namespace log_internal {

std::atomic<LogLevel> threshold{LogLevel::kInfo};

namespace {

// Lines come finished; spdlog's own formatting is not used.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    write_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  std::function<void(std::string_view)> write_;
};

void WriteToStderr(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nowhere to tell it
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

struct Backend {
  bool json = false;
  bool colour = false;
  std::shared_ptr<spdlog::details::thread_pool> pool{};
  std::shared_ptr<spdlog::async_logger> logger{};
};

struct Global {
  std::shared_mutex mutex;  // held to read while a line is queued, to write while logging starts or stops
  Backend backend;
  std::atomic<std::uint64_t> dropped_before{0};
};
Global& TheGlobal() {
  static Global* const global = new Global;  // never destroyed: other static objects may log at exit
  return *global;
}

}  // namespace

void Write(LogLevel line_level, const LogContext* context, std::string_view message,
           std::span<const Field> fields) {
  const Line line{.level = line_level,
                  .time = SystemClock().Now(),
                  .message = message,
                  .context = context,
                  .fields = fields};
  Global& global = TheGlobal();
  const std::shared_lock lock(global.mutex);
  const Backend& backend = global.backend;
  const std::string text = backend.json ? FormatJson(line) : FormatHuman(line, backend.colour);
  if (backend.logger) {
    backend.logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  } else {
    WriteToStderr(text);
  }
}

}  // namespace log_internal

using log_internal::Backend;
using log_internal::TheGlobal;

Result<LogLevel> ParseLogLevel(std::string_view text) {
  constexpr std::string_view kNames[] = {"debug", "info", "warn", "error", "off"};
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == text) return static_cast<LogLevel>(i);
  }
  return Fail(ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not a log level",
              "one of debug, info, warn, error, off");
}

LogContext LogContext::With(std::string key, std::string value) const {
  LogContext context = *this;
  context.fields_.emplace_back(std::move(key), std::move(value));
  return context;
}

void StartLogging(LogOptions options) {
  StopLogging();
  const bool terminal = !options.sink && isatty(STDERR_FILENO) == 1;
  Backend backend;
  backend.json = options.format == LogFormat::kJson || (options.format == LogFormat::kAuto && !terminal);
  backend.colour = terminal && !backend.json && getenv("NO_COLOR") == nullptr;
  backend.pool = std::make_shared<spdlog::details::thread_pool>(options.queue_max, 1);
  auto sink = std::make_shared<log_internal::LineSink>(options.sink ? std::move(options.sink)
                                                                    : log_internal::WriteToStderr);
  backend.logger = std::make_shared<spdlog::async_logger>("elevaite", std::move(sink), backend.pool,
                                                          spdlog::async_overflow_policy::overrun_oldest);
  log_internal::threshold.store(options.level, std::memory_order_relaxed);
  const std::unique_lock lock(TheGlobal().mutex);
  TheGlobal().backend = std::move(backend);
}

void StopLogging() {
  Backend stopped;
  {
    const std::unique_lock lock(TheGlobal().mutex);
    stopped = std::exchange(TheGlobal().backend, {});
    if (stopped.pool) TheGlobal().dropped_before += stopped.pool->overrun_counter();
  }
  // The pool's destructor, outside of the lock, writes what is queued.
  stopped.logger.reset();
  stopped.pool.reset();
}

void SetLogLevel(LogLevel level) { log_internal::threshold.store(level, std::memory_order_relaxed); }

std::uint64_t DroppedLogLines() {
  const std::shared_lock lock(TheGlobal().mutex);
  const auto& pool = TheGlobal().backend.pool;
  return TheGlobal().dropped_before.load() + (pool ? pool->overrun_counter() : 0);
}

}  // namespace elevaite

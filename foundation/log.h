// Structured logs: a constant message, found again in the source by searching for it, plus fields.
//
//   LogInfo("workflow published", {{"workflow", id.ToString()}, {"version", version}, {"ms", 12.5}});
//   LogContext context({{"execution", id.ToString()}, {"account", account.ToString()}});
//   LogWarn(context, "activity failed, will retry", {{"attempt", 3}});
//
// Error: someone must act. Warn: degraded. Info: a state has changed. Debug: for developers.
//
// JSON lines (RFC 3339 time), for machines and the default when stderr is no terminal:
//   {"time":"2026-11-20T21:52:00.123Z","level":"info","message":"workflow
//   published","workflow":"wf_...","version":"1.0.0"}
// Human form, coloured only on a terminal:
//   21:52:00.123 INFO  workflow published  workflow=wf_... version=1.0.0
//
// Whatever a field holds stays on its line: control characters and bytes that are not UTF-8 are escaped,
// values above 8 KiB are cut. A call formats the line and hands it to a writing thread through a bounded
// queue; if stderr does not take the lines, the oldest are dropped and counted, nobody waits.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/result.h"
#include "foundation/secret.h"

namespace elevaite {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };
Result<LogLevel> ParseLogLevel(std::string_view text);  // "debug", "info", "warn", "error", "off"

// A key (a constant, [a-z0-9_]) and a value; refers to texts, so it lives no longer than the call.
class Field {
 public:
  Field(std::string_view key, std::string_view text) : key_(key), kind_(Kind::kText), text_(text) {}
  Field(std::string_view key, const char* text) : Field(key, std::string_view(text)) {}
  Field(std::string_view key, const std::string& text) : Field(key, std::string_view(text)) {}
  Field(std::string_view key, const Secret&) : Field(key, std::string_view("***")) {}
  Field(std::string_view key, bool value) : key_(key), kind_(Kind::kBool), integer_(value ? 1 : 0) {}
  Field(std::string_view key, double value) : key_(key), kind_(Kind::kReal), real_(value) {}
  template <std::integral T>
  Field(std::string_view key, T value)
      : key_(key),
        kind_(std::unsigned_integral<T> ? Kind::kUnsigned : Kind::kInt),
        integer_(static_cast<std::int64_t>(value)) {}

  enum class Kind : std::uint8_t { kText, kInt, kUnsigned, kReal, kBool };
  std::string_view key() const { return key_; }
  Kind kind() const { return kind_; }
  std::string_view text() const { return text_; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }

 private:
  std::string_view key_;
  Kind kind_;
  std::string_view text_{};
  std::int64_t integer_ = 0;
  double real_ = 0;
};

// Fields that go with every line of a request or an execution (correlation id, account). Owns its texts.
class LogContext {
 public:
  LogContext() = default;
  explicit LogContext(std::vector<std::pair<std::string, std::string>> fields) : fields_(std::move(fields)) {}
  LogContext With(std::string key, std::string value) const;
  std::span<const std::pair<std::string, std::string>> fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

enum class LogFormat : std::uint8_t { kAuto, kJson, kHuman };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kAuto;
  std::size_t queue_max = 8192;  // lines
  // Where lines go (each ends with a newline); empty: stderr. Called on the writing thread.
  std::function<void(std::string_view line)> sink{};
};

// Before the first StartLogging and after StopLogging lines go straight to stderr. Call them from main (or a
// test) only.
void StartLogging(LogOptions options);
void StopLogging();  // writes what is queued
void SetLogLevel(LogLevel level);
std::uint64_t DroppedLogLines();  // since the start of the process

namespace log_internal {
extern std::atomic<LogLevel> threshold;
void Write(LogLevel level, const LogContext* context, std::string_view message,
           std::span<const Field> fields);
}  // namespace log_internal

inline bool LogEnabled(LogLevel level) {
  return level >= log_internal::threshold.load(std::memory_order_relaxed);
}

using LogFields = std::initializer_list<Field>;
inline void Log(LogLevel level, std::string_view message, LogFields fields = {}) {
  if (LogEnabled(level)) log_internal::Write(level, nullptr, message, {fields.begin(), fields.size()});
}
inline void Log(LogLevel level, const LogContext& context, std::string_view message, LogFields fields = {}) {
  if (LogEnabled(level)) log_internal::Write(level, &context, message, {fields.begin(), fields.size()});
}

inline void LogDebug(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kDebug, message, fields);
}
inline void LogInfo(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kInfo, message, fields);
}
inline void LogWarn(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kWarn, message, fields);
}
inline void LogError(std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kError, message, fields);
}
inline void LogDebug(const LogContext& context, std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kDebug, context, message, fields);
}
inline void LogInfo(const LogContext& context, std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kInfo, context, message, fields);
}
inline void LogWarn(const LogContext& context, std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kWarn, context, message, fields);
}
inline void LogError(const LogContext& context, std::string_view message, LogFields fields = {}) {
  Log(LogLevel::kError, context, message, fields);
}

}  // namespace elevaite

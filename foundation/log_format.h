// How a log line looks. Private to foundation/log*.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "foundation/clock.h"
#include "foundation/log.h"

namespace elevaite::log_internal {

struct Line {
  LogLevel level;
  Timestamp time;
  std::string_view message;
  const LogContext* context;  // may be null
  std::span<const Field> fields;
};

// With the newline.
std::string FormatJson(const Line& line);
std::string FormatHuman(const Line& line, bool colour);

}  // namespace elevaite::log_internal

#include "app/report.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/terminal.h"

namespace elevaite::app {

int Report(const Error& error) {
  PrintError(error.message, error.hint);
  return kFailed;
}

int Report(const ApiReply& reply) {
  PrintError(reply.Problem());
  const Json& errors = reply.json["errors"];
  if (errors.IsArray() && errors.Size() > 1) {
    for (const Json& one : errors.AsArray())
      fmt::print(stderr, "  {}: {}\n", one["pointer"].StringOr(""), one["detail"].StringOr(""));
  }
  return kFailed;
}

}  // namespace elevaite::app

// How a command says what has come of it. What has failed is told on standard error, and gives kFailed.
#pragma once

#include <cstdio>

#include "app/command_line.h"
#include "foundation/result.h"

namespace elevaite::app {

int Report(const Error& error);
// Each field that is wrong has a line of its own.
int Report(const ApiReply& reply);

// The server has answered, or not: an error, JSON, or what `print` makes of it.
template <class Print>
int Show(const ClientOptions& options, const Result<ApiReply>& reply, Print print) {
  if (!reply) return Report(reply.error());
  if (!reply->ok()) return Report(*reply);
  if (options.json && !reply->json.IsNull()) {
    std::puts(reply->json.DumpPretty().c_str());
  } else {
    print(reply->json);
  }
  return kDone;
}

}  // namespace elevaite::app

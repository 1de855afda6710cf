// WorkerProcess: a process that only runs connectors, composed (`--roles=worker`). It has no data and no
// public routes: /health, /ready and /metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/llm/llm.h"
#include "foundation/json.h"
#include "foundation/result.h"
#include "foundation/secret.h"
#include "net/server.h"
#include "services/worker/worker.h"

namespace elevaite::app {

struct WorkerProcessOptions {
  worker::Worker::Options worker;
  Secret token;
  net::ServerOptions server;
  std::uint32_t threads = 0;  // 0: one a core
  std::vector<std::string> egress_allow;
  bool egress_allow_self = true;  // workflows may call the engine's own routes
  connectors::LlmOptions llm;     // without a base_url: as the engine says
};

// What an engine tells its workers of its own options, so that they need none of these.
Json SettingsForWorkers(const connectors::LlmOptions& llm);

class WorkerProcess {
 public:
  // Serves, and looks for an engine until one answers. Errors are one clear line.
  static Result<std::unique_ptr<WorkerProcess>> Start(WorkerProcessOptions options);
  ~WorkerProcess();

  std::uint16_t port() const;
  // Lets what runs end for so long; the engine gives the rest to others.
  void Stop(std::chrono::milliseconds patience);

  struct Impl;

 private:
  explicit WorkerProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace elevaite::app

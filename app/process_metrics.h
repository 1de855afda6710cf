// What /metrics tells. Names follow Prometheus' conventions; labels come from closed sets.
#pragma once

#include <string>

#include "connectors/runner.h"
#include "engine/cluster/member.h"
#include "engine/engine.h"
#include "engine/retention.h"
#include "foundation/metrics.h"
#include "infra/database/database.h"
#include "net/server.h"
#include "services/workflow/peers/peers.h"

namespace elevaite::app {

class ProcessMetrics {
 public:
  struct Sources {
    engine::Engine& engine;
    connectors::Runner& runner;
    engine::Retention& retention;
    engine::PayloadStore* payloads;  // null: there is no store of objects
    database::Database& engine_db;
    database::Database& workflow_db;
  };
  // The sources must outlive the object.
  explicit ProcessMetrics(Sources sources);

  void Watch(const net::Server& server);
  void Watch(const engine::Member& member, const workflow::Peers& peers);  // of a node of a cluster
  void CountRequest(const net::AccessRecord& record);
  std::string Expose() const { return registry_.Expose(); }

 private:
  void AddEngine(engine::Engine& engine);
  void AddPayloads(const engine::PayloadStore& payloads, const engine::Retention& retention);
  void AddDatabase(const char* commits, const char* log_bytes, const char* queued, database::Database& db);

  Registry registry_;
  CounterFamily& requests_;
  Histogram& request_seconds_;
};

}  // namespace elevaite::app

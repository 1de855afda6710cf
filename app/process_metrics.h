// What /metrics tells. Names follow Prometheus' conventions; labels come from closed sets.
#pragma once

#include <functional>
#include <string>

#include "connectors/runner.h"
#include "engine/cluster/member.h"
#include "engine/engine.h"
#include "engine/events/database_event_store.h"
#include "engine/journal/projector.h"
#include "engine/retention.h"
#include "foundation/metrics.h"
#include "infra/database/database.h"
#include "net/server.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/hosts/host_calls.h"
#include "services/workflow/notifications/notifier.h"
#include "services/workflow/peers/peers.h"
#include "services/workflow/webhooks/recent_requests.h"
#include "services/workflow/workers/workers.h"

namespace elevaite::app {

// Of the calls that this process does, or has others do.
void AddActivityMetrics(Registry& registry, std::function<connectors::Runner::Status()> status);

class ProcessMetrics {
 public:
  struct Sources {
    engine::Engine& engine;
    std::function<connectors::Runner::Status()> activities;
    engine::Retention& retention;
    engine::Projector& projector;
    engine::PayloadStore* payloads;  // null: there is no store of objects
    database::Database& engine_db;
    database::Database& workflow_db;
  };
  // The sources must outlive the object.
  explicit ProcessMetrics(Sources sources);

  void Watch(const net::Server& server);
  void Watch(const engine::Member& member, const workflow::Peers& peers);  // of a node of a cluster
  void Watch(const workflow::Workers& workers);
  void Watch(const workflow::RecentRequests& requests);  // of webhooks
  void Watch(const engine::DatabaseEventStore& events);
  void Watch(const notifications::Notifier& notifier);
  void Watch(const flow::FlowControl& flow);
  void Watch(const hosts::HostCalls& calls);
  void CountRequest(const net::AccessRecord& record);
  std::string Expose() const { return registry_.Expose(); }

 private:
  void AddEngine(engine::Engine& engine);
  void AddProjector(const engine::Projector& projector);
  void AddPayloads(const engine::PayloadStore& payloads, const engine::Retention& retention);
  void AddDatabase(const char* commits, const char* log_bytes, const char* queued, database::Database& db);

  Registry registry_;
  CounterFamily& requests_;
  Histogram& request_seconds_;
};

}  // namespace elevaite::app

// The routes of the process itself: whether it lives and is ready, what an operator sees of it, the doctor,
// the pages that problems point to, metrics.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "app/examinations.h"
#include "app/process_metrics.h"
#include "app/stores.h"
#include "connectors/llm/llm.h"
#include "connectors/runner.h"
#include "engine/cluster/member.h"
#include "engine/engine.h"
#include "engine/events/database_event_store.h"
#include "engine/journal/projector.h"
#include "foundation/clock.h"
#include "net/router.h"
#include "services/workflow/schedule/scheduler.h"
#include "services/workflow/workers/workers.h"

namespace elevaite::app {

// What they tell of. All must outlive the routes.
struct ProcessRoutesSources {
  engine::Engine& engine;
  const engine::Projector& projector;
  const engine::DatabaseEventStore& events;
  Stores& stores;
  const workflow::Scheduler& scheduler;
  const engine::Member* member = nullptr;  // of a cluster; null: this process is alone
  std::string node_address;
  const workflow::Workers* workers = nullptr;  // null: this process makes the calls itself
  std::function<connectors::Runner::Status()> calls;
  const connectors::LlmOptions& llm;
  const ProcessMetrics& metrics;
  const std::atomic<bool>& ready;
  Examinations& examinations;
};

void AddProcessRoutes(net::Router& router, ProcessRoutesSources sources);

}  // namespace elevaite::app

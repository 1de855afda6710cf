// What an operator sees of a process: GET /v1/system. All of it is in memory; nothing is asked of the
// database.
#pragma once

#include <string>

#include "engine/cluster/ownership.h"
#include "engine/engine.h"
#include "engine/events/database_event_store.h"
#include "engine/journal/projector.h"
#include "foundation/json.h"
#include "infra/database/database.h"

namespace elevaite::app {

// Each partition of the cluster: who owns it, and, of those that are here, how much is in it. `cluster` null:
// this process is alone.
Json PartitionsJson(engine::Engine& engine, const engine::ClusterView* cluster, const std::string& self);
// Whether starts are taken, and why not.
Json AdmissionJson(engine::Engine& engine);
// How far searches by tag and attribute are behind.
Json SearchJson(const engine::Projector& projector);
// What came from outside, and what has gone.
Json EventsJson(const engine::DatabaseEventStore& events);
Json StorageJson(const database::Database& engine, const database::Database& workflow);

}  // namespace elevaite::app

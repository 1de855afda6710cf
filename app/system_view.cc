#include "app/system_view.h"

#include <vector>

namespace elevaite::app {
namespace {

Json OwnerJson(const engine::ClusterView* cluster, std::uint32_t partition, bool is_open,
               const std::string& self) {
  if (cluster == nullptr) return is_open ? Json(self) : Json();
  const engine::NodeRow* owner = cluster->OwnerOf(partition);
  return owner == nullptr ? Json() : Json(owner->id);
}

Json StatsJson(const database::Stats& stats) {
  return Json::Object({{"commits", stats.commits},
                       {"commits_failed", stats.commits_failed},
                       {"writes_queued", stats.writes_queued},
                       {"queries_queued", stats.queries_queued},
                       {"queries_failed", stats.queries_failed},
                       {"log_bytes", stats.log_bytes}});
}

}  // namespace

Json PartitionsJson(engine::Engine& engine, const engine::ClusterView* cluster, const std::string& self) {
  std::vector<Json> all;
  for (std::uint32_t i = 0; i < engine.partitions(); ++i) {
    const engine::PartitionThread::Status status = engine.partition(i).status();
    const bool is_open = engine.is_open(i);
    all.push_back(Json::Object({{"partition", i},
                                {"owner", OwnerJson(cluster, i, is_open, self)},
                                {"here", is_open},
                                {"active", is_open ? Json(status.active) : Json()},
                                {"queued", is_open ? Json(status.queued) : Json()},
                                {"reads_back", is_open && status.recovers},
                                {"failure", status.failure ? Json(status.failure->message) : Json()}}));
  }
  return Json::Array(std::move(all));
}

Json AdmissionJson(engine::Engine& engine) {
  const auto failure = engine.status().failure;
  return Json::Object({{"refused_share", engine.admission()->refused_share()},
                       {"refused", engine.admission()->refused()},
                       {"failure", failure ? Json(failure->message) : Json()}});
}

Json SearchJson(const engine::Projector& projector) {
  const engine::Projector::Status status = projector.status();
  return Json::Object({{"waiting", status.waiting},
                       {"lag_ms", status.lag ? Json(status.lag->count() / 1'000) : Json()},
                       {"failures", status.failures}});
}

Json EventsJson(const engine::DatabaseEventStore& events) {
  const engine::DatabaseEventStore::Counts counts = events.counts();
  return Json::Object({{"accepted", counts.accepted},
                       {"duplicates", counts.duplicates},
                       {"refused", counts.refused},
                       {"stored", counts.stored},
                       {"expired", counts.expired},
                       {"unheard", counts.unheard}});
}

Json StorageJson(const database::Database& engine, const database::Database& workflow) {
  return Json::Object({{"kind", engine.kind() == database::Kind::kPostgres ? "postgres" : "sqlite"},
                       {"engine", StatsJson(engine.stats())},
                       {"workflow", StatsJson(workflow.stats())}});
}

}  // namespace elevaite::app

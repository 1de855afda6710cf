// Fleet: workers in processes of their own (in the product: services/worker), which reach the engine over the
// network.
//
// A worker asks for tasks while it has room, calls the service, and holds what it was given until an engine
// has taken the result; its heartbeats say what it holds. It dies, with a task that kills it or by chance,
// and comes back under another id; or it stands still for so long that its tasks are given to others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/activities/worker_protocol.h"
#include "engine/simulation/auditor.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/network.h"
#include "engine/simulation/remote_activities.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"
#include "engine/simulation/services.h"

namespace elevaite::simulation {

class Fleet {
 public:
  // The engine that takes requests now; null: none.
  using FindEngine = std::function<RemoteActivities*()>;

  Fleet(Scheduler& scheduler, Network& network, Services& services, Disk& disk, Auditor& auditor,
        const Knobs& knobs, FindEngine find_engine);
  ~Fleet();

  // ---- For engines ----
  std::string NextEngine() { return "engine-" + std::to_string(++engines_); }
  // There may be work.
  void Wake();
  void Gave(const std::string& worker);
  void NoteLost() { disk_.AllowLost(); }
  // A task goes out: no other worker that is heard of has it.
  void CheckGiven(const RemoteActivities& engine, const engine::ActivityTask& task,
                  const std::string& worker);

  // ---- Faults ----
  void Kill(std::size_t worker);
  void Pause(std::size_t worker, std::int64_t for_us);

 private:
  class Worker;
  // Asks the engine: as Network::Ask.
  template <class Answer>
  void Ask(std::string_view what, std::int64_t patience_us,
           std::function<void(RemoteActivities&, std::function<void(const Answer&)>)> request,
           std::function<void(const Answer*)> done);

  Scheduler& scheduler_;
  Network& network_;
  Services& services_;
  Disk& disk_;
  Auditor& auditor_;
  const FindEngine find_engine_;
  std::uint64_t engines_ = 0;
  std::uint64_t lives_ = 0;  // of workers
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace elevaite::simulation

// Workers in the process of the engine (in the product: connectors/runner.h). They die with it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "engine/activities/activities.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"
#include "engine/simulation/services.h"

namespace elevaite::simulation {

class Workers final : public engine::Activities {
 public:
  Workers(Scheduler& scheduler, Services& services, const Knobs& knobs)
      : scheduler_(scheduler), services_(services), knobs_(knobs) {}

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;
  // The process is gone, and its workers with it: what they have not told yet is lost, but for some results
  // that come late.
  void Crash();

 private:
  struct Job {
    engine::ActivityTask task;
    Done done;
    bool is_cancelled = false;
    bool is_late = false;  // its result outlives the process
    std::uint64_t process = 0;
  };

  void Perform(const std::shared_ptr<Job>& job);
  void Tell(const std::shared_ptr<Job>& job, engine::ActivityOutcome outcome);

  Scheduler& scheduler_;
  Services& services_;
  const Knobs& knobs_;
  std::uint64_t process_ = 0;
  std::map<std::pair<ExecutionId, engine::FrameId>, std::shared_ptr<Job>> jobs_;
};

}  // namespace elevaite::simulation

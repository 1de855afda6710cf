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

class Process;

class Workers final : public engine::Activities {
 public:
  // `alive`: until the process is gone.
  Workers(Process& process, std::weak_ptr<bool> alive) : process_(process), alive_(std::move(alive)) {}

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

 private:
  // What a worker has not told when its process dies is lost, but for some results that come late.
  struct Job {
    Scheduler& scheduler;
    Services& services;
    const Knobs& knobs;
    engine::ActivityTask task;
    Done done;
    Process* process = nullptr;
    std::weak_ptr<bool> alive;
    bool is_cancelled = false;
    bool is_late = false;  // its result outlives the process

    bool IsGone() const { return is_cancelled || (alive.expired() && !is_late); }
  };
  using JobPtr = std::shared_ptr<Job>;

  static void Perform(const JobPtr& job);
  static void Tell(const JobPtr& job, engine::ActivityOutcome outcome);

  Process& process_;
  const std::weak_ptr<bool> alive_;
  std::map<std::pair<ExecutionId, engine::FrameId>, JobPtr> jobs_;
};

}  // namespace elevaite::simulation

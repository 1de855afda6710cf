// The engine's side of workers in other processes, as services/workflow/workers has it, its coroutines and
// routes unrolled: the queue, and the pulls that wait for work. Of one life of a process.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "engine/activities/work_queue.h"
#include "engine/activities/worker_protocol.h"
#include "engine/simulation/process.h"

namespace elevaite::simulation {

inline constexpr std::int64_t kWorkerLeaseUs = 10'000'000;

class RemoteActivities final : public engine::Activities {
 public:
  RemoteActivities(Process& process, Fleet& fleet);

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

  // ---- What workers ask ----
  struct Handed {
    std::string engine;
    std::vector<engine::ActivityTask> tasks;
    std::vector<engine::Attempt> stop;
  };
  // Answers once there is work.
  void Pull(engine::Pull pull, std::function<void(const Handed&)> answer);
  engine::WorkQueue::Beat Hear(const engine::Heartbeat& heartbeat);
  void Take(const std::string& worker, const std::vector<engine::AttemptResult>& results);

  const std::string& life() const { return life_; }
  // When this worker gave a sign of life, on the scheduler's clock; nothing: it is not known.
  std::optional<std::int64_t> HeardOfUs(const std::string& worker) const;

 private:
  struct Waiter {
    engine::Pull pull;
    std::function<void(const Handed&)> answer;
  };

  engine::WorkQueue::Time Now() const;
  bool Answer(const Waiter& waiter);
  void Wake();
  void Tick();
  void TellLost(const Done& done);
  void Accept(const std::string& worker, engine::AttemptResult result);

  Process& process_;
  Fleet& fleet_;
  const std::string life_;
  engine::WorkQueue queue_;
  std::list<Waiter> waiters_;
  bool ticks_ = false;
};

}  // namespace elevaite::simulation

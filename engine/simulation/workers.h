// Workers: do the activities that the engine gives out, and the services that these call. A service outlives
// every crash and knows a call by its idempotency key: the same key has the same answer.
//
//   call: work      gives a number made of `n`
//   call: flaky     fails in its first `fails` attempts, and asks to be tried again
//   call: fragile   the first `fails` calls from one place of one execution fail; a retry of the task is a
//   new
//                   call
//   call: broken    always fails, with `status`
//   call: slow      takes for ever when one of its bounds is set, which then ends it; else it works
//   call: poison    ends the process that does it, each time
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "dsl/functions.h"
#include "engine/activities/activities.h"
#include "engine/simulation/auditor.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"

namespace elevaite::simulation {

const dsl::FunctionCatalog& FunctionsOfWorkers();
// What a call gives when it ends well.
Json AnswerTo(const Json& request);
// The error that a call ends with; nothing: it ends well. `earlier`: calls made from the same place before.
std::optional<Json> FinalErrorOf(std::string_view function, const Json& request, std::uint32_t earlier);

class Workers final : public engine::Activities {
 public:
  Workers(Scheduler& scheduler, Disk& disk, Auditor& auditor, const Knobs& knobs)
      : scheduler_(scheduler), disk_(disk), auditor_(auditor), knobs_(knobs) {}

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;
  // The process is gone, and its workers with it: what they have not told yet is lost, but for some results
  // that come late.
  void Crash();

 private:
  using Place = std::pair<ExecutionId, std::string>;
  struct Job {
    engine::ActivityTask task;
    Done done;
    bool is_cancelled = false;
    bool is_late = false;  // its result outlives the process
    std::uint64_t process = 0;
  };

  void CheckRequest(const engine::ActivityTask& task);
  void Perform(const std::shared_ptr<Job>& job);
  engine::ActivityOutcome Serve(const engine::ActivityTask& task);
  std::uint32_t EarlierCalls(const engine::ActivityTask& task);
  void Tell(const std::shared_ptr<Job>& job, engine::ActivityOutcome outcome);

  Scheduler& scheduler_;
  Disk& disk_;
  Auditor& auditor_;
  const Knobs& knobs_;
  std::uint64_t process_ = 0;
  std::map<std::pair<ExecutionId, engine::FrameId>, std::shared_ptr<Job>> jobs_;
  std::map<std::string, Json> requests_;  // by idempotency key
  std::map<Place, std::map<std::string, std::uint32_t>>
      calls_;  // their keys, in the order of their first call
};

}  // namespace elevaite::simulation

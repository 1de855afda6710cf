// Subflows: the connector "run.workflow" as the platform has it (services/workflow/subflows.h), its
// coroutines unrolled into steps of the scheduler.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "engine/simulation/process.h"

namespace elevaite::simulation {

// The child that this frame of this execution runs.
ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame);

class Process::Subflows final : public engine::Activities {
 public:
  // Passes all other activities on to `others`.
  Subflows(Process& process, engine::Activities& others) : process_(process), others_(others) {}

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;
  struct Call {
    engine::ActivityTask task;
    Done done;
    ExecutionId child;
    bool awaits = true;
    bool is_answered = false;  // whether the child was started
    bool has_timed_out = false;
  };

  void Start(const std::shared_ptr<Call>& call);
  void Started(const std::shared_ptr<Call>& call, const Result<void>& result);
  void TellEnding(const std::shared_ptr<Call>& call);
  void CancelChild(const ExecutionId& child, std::int64_t deadline_us);
  void Finish(const std::shared_ptr<Call>& call, engine::ActivityOutcome outcome);

  Process& process_;
  engine::Activities& others_;
  std::map<Key, std::optional<std::int64_t>> awaited_;  // cancelled meanwhile: by when
};

}  // namespace elevaite::simulation

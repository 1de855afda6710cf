// Subflows: the connectors "run.workflow" and "flow.map" as the platform has them
// (services/workflow/subflows.h, run_map.h), their coroutines unrolled into steps of the scheduler.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "engine/activities/flow_map.h"
#include "engine/simulation/process.h"

namespace elevaite::simulation {

// The child that this frame of this execution runs; `index`: for which item of a flow.map.
ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame,
                    std::optional<std::uint32_t> index = std::nullopt);

class Process::Subflows final : public engine::Activities {
 public:
  // Passes all other activities on to `others`.
  Subflows(Process& process, engine::Activities& others) : process_(process), others_(others) {}

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;
  // A task that runs one workflow, or many.
  struct Call {
    engine::ActivityTask task;
    Done done;
    std::optional<engine::MapProgress> map{};
    std::size_t lanes = 0;  // of the map, that have not ended
    Key key() const { return {task.execution, task.frame}; }
  };
  using CallPtr = std::shared_ptr<Call>;
  // One attempt at running one of them.
  struct Run {
    CallPtr call;
    ExecutionId child;
    std::string workflow;
    Json input;
    bool awaits = true;
    std::function<void(engine::ChildEnd)> done;  // once
    bool is_answered = false;                    // whether the child was started
    bool had_ended = false;                      // by then
    bool is_not_running = false;                 // that is all that was told of its end
    bool has_timed_out = false;
  };
  using RunPtr = std::shared_ptr<Run>;
  // What a task awaits.
  struct Awaited {
    bool is_unwanted = false;               // the task itself is cancelled
    std::optional<std::int64_t> cancelled;  // what it runs is, by when
    std::set<ExecutionId> running;
  };

  void Begin(const CallPtr& call);
  void NextOfMap(const CallPtr& call);
  void RunForCertain(const CallPtr& call, std::uint32_t index);
  void EndChild(const CallPtr& call, std::uint32_t index);
  void TakeOfMap(const CallPtr& call, std::uint32_t index, std::optional<engine::ChildEnd> end);
  void Start(const RunPtr& run);
  void Started(const RunPtr& run, const Result<void>& result);
  void TellEnding(const RunPtr& run);
  void CouldNotStart(const RunPtr& run);
  void Ended(const RunPtr& run, engine::ChildEnd end);
  void Finish(const CallPtr& call, engine::ActivityOutcome outcome);
  std::optional<std::int64_t> Cancelled(const Key& key) const;
  void CancelAll(const Key& key, std::int64_t deadline_us);
  void CancelChild(const ExecutionId& child, std::int64_t deadline_us);
  void After(std::int64_t delay_us, std::string_view what, Scheduler::Action action) {
    process_.After(delay_us, what, std::move(action));
  }
  std::int64_t Hop();

  Process& process_;
  engine::Activities& others_;
  std::map<Key, Awaited> awaited_;
};

}  // namespace elevaite::simulation

// Subflows: `run: workflow` as an activity. The child is an execution of its own, with an id made from its
// parent's, so that doing the activity again (after a crash) finds the child that was started before.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "engine/activities/activities.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

// The child that this frame of this execution runs.
ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame);

class Subflows final : public engine::Activities {
 public:
  static constexpr std::uint32_t kDepthMax =
      32;  // children of children; more is a workflow that runs itself for ever

  // Passes all other activities on to `others`, which must outlive this.
  Subflows(engine::Activities& others, boost::asio::any_io_executor executor)
      : others_(others), executor_(executor) {}
  // Before the engine starts; the service must outlive the engine.
  void Use(WorkflowService& service) { service_ = &service; }

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector) override;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;

  boost::asio::awaitable<void> Run(engine::ActivityTask task, Done done);
  boost::asio::awaitable<engine::ActivityOutcome> Start(engine::ActivityTask task);
  bool IsCancelled(const Key& key);

  engine::Activities& others_;
  boost::asio::any_io_executor executor_;
  WorkflowService* service_ = nullptr;
  std::mutex mutex_;
  std::map<Key, bool> awaited_;  // under mutex_; true: cancelled meanwhile
};

}  // namespace elevaite::workflow

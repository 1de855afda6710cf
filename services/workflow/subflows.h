// Subflows: tasks that run workflows, `run: workflow` and `call: flow.map`. Each run is an execution of its
// own, with an id made from its parent's, so that doing the activity again (after a crash) finds those that
// were started before.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "engine/activities/flow_map.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

// The child that this frame of this execution runs; `index`: for which item of a flow.map.
ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame,
                    std::optional<std::uint32_t> index = std::nullopt);

class Subflows final : public engine::Activities {
 public:
  static constexpr std::uint32_t kDepthMax =
      32;  // children of children; more is a workflow that runs itself for ever

  // Passes all other activities on to `others`, which must outlive this. The executor must be of one thread.
  Subflows(engine::Activities& others, boost::asio::any_io_executor executor)
      : others_(others), executor_(executor) {}
  // Before the engine starts; the service must outlive the engine.
  void Use(WorkflowService& service) { service_ = &service; }

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;
  // What a task awaits.
  struct Awaited {
    bool is_unwanted = false;               // the task itself is cancelled
    std::optional<std::int64_t> cancelled;  // what it runs is, by when: see engine::CancelActivity
    std::set<ExecutionId> running;
  };

  boost::asio::awaitable<void> Run(engine::ActivityTask task, Done done);
  boost::asio::awaitable<engine::ActivityOutcome> RunOne(const engine::ActivityTask& task);
  boost::asio::awaitable<engine::ActivityOutcome> RunMany(const engine::ActivityTask& task);
  // Starts the child and, unless it is not awaited, waits for its end.
  boost::asio::awaitable<engine::ChildEnd> RunChild(ChildRequest child);
  // The same until it could be started, or is no longer wanted.
  boost::asio::awaitable<std::optional<engine::ChildEnd>> RunChildForCertain(ChildRequest child);
  // Ends a child that an earlier life may have begun; nothing: it has not.
  boost::asio::awaitable<std::optional<engine::ChildEnd>> EndChild(Key key, AccountId account,
                                                                   ExecutionId id);
  boost::asio::awaitable<std::optional<engine::ChildEnd>> RunItemOf(ChildRequest child, bool only_if_begun);
  std::optional<std::int64_t> Cancelled(const Key& key);
  bool IsUnwanted(const Key& key);
  void Note(const Key& key, const ExecutionId& id, bool is_running);
  void CancelAll(const Key& key, std::int64_t deadline_us);

  engine::Activities& others_;
  boost::asio::any_io_executor executor_;
  WorkflowService* service_ = nullptr;
  std::mutex mutex_;
  std::map<Key, Awaited> awaited_;  // under mutex_
};

}  // namespace elevaite::workflow

// Subflows: tasks that run workflows, `run: workflow` and `call: flow.map`, as services/workflow/subflows.h
// does them with the service; here within one stage, its coroutines unrolled.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/activities/flow_map.h"
#include "services/workflow/rehearsal/stage.h"

namespace elevaite::rehearsal {

class Subflows final : public Outside {
 public:
  explicit Subflows(Stage& stage) : stage_(stage) {}

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& parent, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;
  bool Begin() override;
  void Forget() override;

 private:
  using Ended = std::function<void(engine::ChildEnd)>;
  struct Child {
    ExecutionId id;
    std::string workflow;  // "namespace.name"
    std::string version;
    Json input;
    bool is_awaited = true;
  };
  // A flow.map under way.
  struct Map {
    engine::ActivityTask task;
    Done done;
    engine::MapProgress progress;
    std::size_t lanes = 0;  // that have not ended
    std::set<ExecutionId> running{};
    std::optional<std::int64_t> cancelled{};  // what it runs is, by when
    bool is_unwanted = false;                 // the task itself is cancelled
  };
  using MapPtr = std::shared_ptr<Map>;
  using Key = std::pair<ExecutionId, engine::FrameId>;

  void BeginOne(engine::ActivityTask task, Done done);
  void BeginMap(engine::ActivityTask task, Done done);
  void NextOf(const MapPtr& map);
  void Take(const MapPtr& map, std::uint32_t index, std::optional<engine::ChildEnd> end);
  void EndEarlier(const MapPtr& map, std::uint32_t index);
  void CancelAll(Map& map, std::int64_t deadline_us);
  void StartChild(const engine::ActivityTask& task, Child child, Ended ended);
  void CancelChild(const ExecutionId& child, std::int64_t deadline_us);
  engine::ChildEnd EndingOf(const ExecutionId& id) const;

  Stage& stage_;
  std::deque<std::pair<engine::ActivityTask, Done>> scheduled_;
  std::deque<std::function<void()>> later_;  // in the next round
  std::map<Key, MapPtr> maps_;
};

}  // namespace elevaite::rehearsal

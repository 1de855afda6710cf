// EventTrigger: collects the events that start an execution, as `schedule.on` says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dsl/program.h"
#include "engine/events/event_store.h"
#include "engine/machine/machine.h"
#include "engine/machine/state.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine {

class EventTrigger {
 public:
  static constexpr std::size_t kEventsMax = 10'000;  // collected for one start

  // `program` has schedule.on.
  EventTrigger(std::shared_ptr<const dsl::Program> program, MachineLimits limits);

  // The input of the execution to start now: the list of what was read of the events. nullopt: none, because
  // the event is not wanted, was seen before, or more are to come. An error: kEventsMax are collected.
  Result<std::optional<Json>> Offer(const StoredEvent& event, std::int64_t now_us);

  // What must survive a restart; null at the beginning.
  Json ToJson() const;
  // Takes up again what ToJson gave. A state that does not fit the program any more is forgotten.
  void Restore(const Json& state);
  // The latest of the positions taken.
  std::int64_t position() const { return position_; }
  // To go on from: events come a little out of the order of their positions, so this lies before the latest,
  // and all that were taken since are remembered.
  std::int64_t resumes_after() const;

 private:
  void Forget();
  bool WasSeen(std::int64_t position) const;
  void Remember(std::int64_t position);

  std::shared_ptr<const dsl::Program> program_;
  MachineLimits limits_;
  Consumption taken_;
  Consumption until_;
  std::vector<Json> read_;
  std::vector<std::int64_t> seen_;  // the latest positions taken, in order
  std::int64_t position_ = 0;
};

}  // namespace elevaite::engine

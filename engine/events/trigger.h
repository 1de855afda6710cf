// EventTrigger: collects the events that start an execution, as `schedule.on` says.
//
// With a correlation whose value the first event gives, there is a collection for each value: an order that
// is never packed does not keep the others waiting. What does not come together is forgotten, and counted.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "dsl/program.h"
#include "engine/events/event_store.h"
#include "engine/machine/machine.h"
#include "engine/machine/state.h"
#include "foundation/json.h"

namespace elevaite::engine {

class EventEvaluator;

class EventTrigger {
 public:
  static constexpr std::size_t kEventsMax = 10'000;  // collected; more: the oldest collection is forgotten
  // Each event costs all of them: at most so many; more: the oldest is forgotten.
  static constexpr std::size_t kCollectionsMax = 2'000;
  // So long after its first event a collection of several is forgotten.
  static constexpr std::int64_t kKeptUs = 30 * std::int64_t{86'400'000'000};

  // `program` has schedule.on.
  EventTrigger(std::shared_ptr<const dsl::Program> program, MachineLimits limits);

  // The input of the execution to start now: the list of what was read of the events. nullopt: none, because
  // the event is not wanted, was seen before, or more are to come.
  std::optional<Json> Offer(const StoredEvent& event, std::int64_t now_us);

  // What must survive a restart; null at the beginning.
  Json ToJson() const;
  // Takes up again what ToJson gave. A state that does not fit the program any more is forgotten.
  void Restore(const Json& state);
  // The latest of the positions taken.
  std::int64_t position() const { return position_; }
  // To go on from: events come a little out of the order of their positions, so this lies before the latest,
  // and all that were taken since are remembered.
  std::int64_t resumes_after() const;
  // Events that were collected, and started nothing.
  std::int64_t forgotten() const { return forgotten_; }

 private:
  struct Collection {
    Consumption taken;
    Consumption until;
    std::vector<Json> read;
    std::int64_t since_us = 0;
  };
  enum class Answer : std::uint8_t { kNotWanted, kTaken, kSatisfied };
  Collection Begun(std::int64_t now_us) const;
  Answer OfferTo(Collection& collection, const Json& event, const EventEvaluator& evaluator) const;
  std::optional<Json> Settled(std::size_t index, Answer answer, std::int64_t now_us);
  void Bound(std::int64_t now_us);
  void ForgetOldest();
  bool WasSeen(std::int64_t position) const;
  void Remember(std::int64_t position);

  std::shared_ptr<const dsl::Program> program_;
  MachineLimits limits_;
  bool is_correlated_;
  std::deque<Collection> collections_;  // the oldest first; several only if is_correlated_
  std::size_t collected_ = 0;           // events in all of them
  std::int64_t forgotten_ = 0;
  std::vector<std::int64_t> seen_;  // the latest positions taken, in order
  std::int64_t position_ = 0;
};

}  // namespace elevaite::engine

// How events are matched with an EventStrategy: used by `listen` and by schedules that events start. Pure:
// expressions are evaluated by the caller's Evaluator.
//
// An event is a CloudEvent as one JSON object: {"specversion", "id", "source", "type", "time"?, "data"?,
// ...}; binary data stands in base64 under "data_base64" (CloudEvents 1.0, JSON format, 3.1).
#pragma once

#include <cstdint>
#include <optional>

#include "dsl/program.h"
#include "engine/machine/state.h"
#include "foundation/json.h"

namespace elevaite::engine {

// nullopt: the expression failed, as it may on an event that was made for others.
class EventEvaluator {
 public:
  virtual ~EventEvaluator() = default;
  virtual std::optional<Json> Evaluate(const dsl::Expression& what, const Json& input) const = 0;
  // What the listener expects: nothing of it depends on the event.
  virtual std::optional<Json> Expected(const dsl::Template& what) const = 0;
};

struct Taken {
  std::uint32_t filter = 0;  // its index; 0 for a strategy that takes every event
  Json correlations;         // all values by name, after this event
};

// Whether the strategy takes the event now. A filter whose expression fails does not take it.
std::optional<Taken> Offer(const dsl::EventStrategy& strategy, const Consumption& so_far, const Json& event,
                           const EventEvaluator& evaluator);

// Whether nothing more is wanted once `taken` is added. Not for kAny with an `until`: that is decided by its
// condition or by its own strategy.
bool SatisfiedBy(const dsl::EventStrategy& strategy, const Consumption& so_far, const Taken& taken);

// `all: []` wants nothing.
bool SatisfiedAtOnce(const dsl::EventStrategy& strategy);

// `until: false`: it goes on until it is cancelled.
bool NeverEnds(const dsl::EventStrategy& strategy);

// What `read` gives of an event.
Json ReadEvent(const Json& event, dsl::EventRead read);

// The types that the filters name literally: what can be looked up quickly. Empty: any type may be taken.
std::vector<std::string> TypesOf(const dsl::EventStrategy& strategy);

}  // namespace elevaite::engine

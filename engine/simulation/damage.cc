#include "engine/simulation/damage.h"

namespace elevaite::simulation {
namespace {

// Every attempt and every run as the first.
std::string WithFirstAttempts(const std::string& row) {
  auto events = engine::DecodeEvents(row);
  if (!events) return row;
  for (engine::Event& event : *events) {
    if (event.type == engine::EventType::kActivityScheduled ||
        event.type == engine::EventType::kRetryScheduled)
      event.number = 1;
  }
  return engine::EncodeEvents(*events);
}

}  // namespace

engine::StoredExecution Damaged(engine::StoredExecution stored, Mutation mutation) {
  if (mutation == Mutation::kShortSnapshot && stored.snapshot && !stored.events.empty())
    stored.events.erase(stored.events.begin());
  if (mutation == Mutation::kAttemptsForgotten) {
    for (std::string& row : stored.events) row = WithFirstAttempts(row);
  }
  return stored;
}

}  // namespace elevaite::simulation

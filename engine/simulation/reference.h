// The reference: what a workflow must give, found by walking through its document from the first task to the
// last as docs/language/semantics.md says it. No steps, no journal, no time, and nothing of engine/machine or
// of the compiler but the jq evaluator, so that a mistake there is not made here a second time.
//
// It knows the tasks that generator.h makes, and the functions of services.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/machine/state.h"
#include "engine/simulation/scenario.h"
#include "foundation/json.h"

namespace elevaite::simulation {

struct Expected {
  engine::Phase phase = engine::Phase::kCompleted;
  Json output;            // when completed
  Json error;             // when faulted: {type, status}
  bool is_timed = false;  // it depends on what is faster: neither of these can be told
  bool is_stuck = false;  // it listens for an event that nobody sends: no workflow to play
  // Events from outside that it takes before it ends, by type.
  std::map<std::string, std::uint32_t> signals;
};

// `workflow` of `workflows`, started with `input`.
Expected RunReference(const std::vector<Workflow>& workflows, const Workflow& workflow, const Json& input);

}  // namespace elevaite::simulation

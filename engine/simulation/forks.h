// Forks: where a new execution can go on from the past of another one, such that it must end as the reference
// says. Its input stays as it was: what another input gives the reference could not tell.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/partition/past.h"
#include "engine/simulation/library.h"
#include "engine/simulation/stored_run.h"
#include "foundation/random.h"

namespace elevaite::simulation {

struct ForkPoint {
  std::shared_ptr<const engine::Past> past;
  std::string version;  // that it was on then
  std::map<std::string, std::uint32_t> signals_taken;
  std::map<engine::FrameId, std::string> called;  // which of its frames have called, and from where
};

// Somewhere in what is on disk of it. Nothing: there is no such place.
std::optional<ForkPoint> PickFork(const StoredRun& run, const Library& library, Random& random);

}  // namespace elevaite::simulation

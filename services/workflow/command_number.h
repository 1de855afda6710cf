// Numbers for the commands of operators, by which an execution knows one that comes again
// (engine::State::commands).
#pragma once

#include <cstdint>
#include <limits>

#include "engine/machine/event.h"
#include "foundation/ids.h"

namespace elevaite::workflow {

// Of one act on many executions: the same for each of them, and for each time that it is tried.
inline engine::CommandNumber CommandNumberOf(const Uuid& uuid) {
  std::uint64_t number = 0;
  for (std::size_t i = 8; i < uuid.bytes.size(); ++i) number = number << 8U | uuid.bytes[i];
  constexpr std::uint64_t kMax = std::numeric_limits<engine::CommandNumber>::max();
  return static_cast<engine::CommandNumber>((number & kMax) | 1U);
}

inline engine::CommandNumber NewCommandNumber() { return CommandNumberOf(SystemUuids().Next()); }

}  // namespace elevaite::workflow

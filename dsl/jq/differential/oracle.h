// What the jq command of this machine answers: run as a process, many filters a start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::jq {

struct DifferentialCase {
  std::string filter;
  Json input;
};

// The first outputs of a filter, each {"o": value}; an error is the last one, {"e": value}.
inline constexpr int kOutputsCompared = 40;

// For each case its outputs; nullopt where jq does not compile the filter, crashes or takes longer than a
// second. Works in `folder`, which must exist.
std::vector<std::optional<Json>> AskJq(const std::string& folder, const std::vector<DifferentialCase>& cases);

bool HaveJq();

}  // namespace elevaite::jq

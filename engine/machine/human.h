// Calls that people answer (services/workflow/people): what was asked stands in a table, and the answer comes
// through the API, weeks later perhaps, in another life of the process.
#pragma once

#include <string_view>

namespace elevaite::engine {

inline constexpr std::string_view kHumanApprove = "human.approve";
inline constexpr std::string_view kHumanForm = "human.form";

// A death of the process says nothing about these: they are found again, and no attempt is lost.
inline bool IsHuman(std::string_view connector) {
  return connector == kHumanApprove || connector == kHumanForm;
}

}  // namespace elevaite::engine

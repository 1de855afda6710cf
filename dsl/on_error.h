// What happens to an execution when an error is caught by nothing: `metadata: {elevaite: {onError: park}}` of
// the task, of one around it, or of the document; the innermost counts. Parked, it waits for an operator
// instead of failing.
#pragma once

#include <string_view>

#include "dsl/program.h"

namespace elevaite::dsl {

inline constexpr std::string_view kOnErrors[] = {"fail", "park"};

inline bool ParksOnError(const Program& program, const Task& task) {
  const auto wish = [](const Json& metadata) { return metadata["elevaite"]["onError"]; };
  Json wanted = wish(task.definition["metadata"]);
  for (TaskIndex around = task.parent; wanted.IsNull() && around != kNoTask;
       around = program.all.at(around).parent)
    wanted = wish(program.all.at(around).definition["metadata"]);
  if (wanted.IsNull()) wanted = wish(program.metadata);
  return wanted == Json("park");
}

}  // namespace elevaite::dsl

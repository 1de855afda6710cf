// The input that a schedule gives its executions. A text in it that is a whole ${ expression } is computed
// for each start, on {"schedule": "nightly", "due": "2026-11-26T02:30:00Z", "cause": "time"}; so one that is
// filled in later knows which day it is for. What is computed depends on nothing else: a start that is made
// again, after a crash, has the same input.
#pragma once

#include <string_view>

#include "foundation/json.h"
#include "foundation/result.h"
#include "services/workflow/schedule/progress.h"

namespace elevaite::workflow {

// kInvalidArgument: an expression in it is none, or fails for a start at some time.
Result<void> CheckInput(const Json& input);
Result<Json> InputFor(const Json& input, std::string_view schedule, const Occasion& occasion);

}  // namespace elevaite::workflow

// The query of a list of executions.
#pragma once

#include "engine/journal/history.h"
#include "net/url.h"

namespace elevaite::workflow {

// kInvalidArgument, with what is wrong and what would be right: unknown parameters too, for a filter that
// nobody reads would show more than was asked for.
Result<engine::ExecutionFilter> FilterFrom(const net::QueryParameters& parameters);

}  // namespace elevaite::workflow

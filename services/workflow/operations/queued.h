// The runs that an operation finds in the queue, a page after the other.
#pragma once

#include <optional>
#include <vector>

#include "services/workflow/flow/database_flow_store.h"
#include "services/workflow/operations/operation.h"

namespace elevaite::workflow {

// Where the search has come to. What is collected is looked at before what is queued, and that before what
// has its places: a run goes this way only, so none is missed.
struct QueuedPlace {
  flow::RunState state = flow::RunState::kCollecting;
  std::int64_t after = 0;  // the seq of the last that was looked at

  std::string ToString() const;
  static std::optional<QueuedPlace> Parse(std::string_view text);
};

// A page may have fewer than were asked for, even none, and still a `next`: one call looks at a bounded
// number.
struct QueuedPage {
  std::vector<flow::StoredRun> runs;
  std::optional<QueuedPlace> next;
};

// Those that have their places only when the scope has executions, too: they may have begun since the
// operation was made, and would then be neither here nor there.
Task<QueuedPage> ListQueued(flow::FlowReader& reader, AccountId account, OperationScope scope,
                            QueuedPlace place, std::size_t most);

}  // namespace elevaite::workflow

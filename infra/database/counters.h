// What Stats is read from. Private to infra/database.
#pragma once

#include <atomic>
#include <cstdint>

#include "infra/database/database.h"

namespace elevaite::database {

struct Counters {
  using Count = std::atomic<std::uint64_t>;
  Count batches{0}, batches_failed{0}, commits{0}, commits_failed{0}, groups_rerun{0}, rows_changed{0};
  Count queries{0}, queries_failed{0}, checkpoints{0}, checkpoint_waits{0}, log_bytes{0}, writes_queued{0},
      queries_queued{0};

  Stats Read() const {
    return Stats{.batches = batches.load(),
                 .batches_failed = batches_failed.load(),
                 .commits = commits.load(),
                 .commits_failed = commits_failed.load(),
                 .groups_rerun = groups_rerun.load(),
                 .rows_changed = rows_changed.load(),
                 .queries = queries.load(),
                 .queries_failed = queries_failed.load(),
                 .checkpoints = checkpoints.load(),
                 .checkpoint_waits = checkpoint_waits.load(),
                 .log_bytes = log_bytes.load(),
                 .writes_queued = writes_queued.load(),
                 .queries_queued = queries_queued.load()};
  }
};

}  // namespace elevaite::database

// Past: what a new execution has of another one that it is forked from (engine/machine/fork.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/machine/fork.h"

namespace elevaite::engine {

struct Past {
  struct Row {
    std::uint64_t first_seq = 0;
    std::string events;  // EncodeEvents, with all values
  };

  ExecutionId execution;             // the other one
  std::vector<Row> rows;             // its events up to then, in order; never empty
  State state;                       // after them
  std::vector<VersionChange> moves;  // as its record has them, those that had happened
  std::vector<Label> labels;         // of its record
  ForkRequest request;
};

// The rows of these events, which have consecutive numbers.
std::vector<Past::Row> RowsOf(const std::vector<Event>& events);

}  // namespace elevaite::engine

// Which partitions a node should take and give, from what all nodes see alike. Pure.
//
// Each node that lives and is not leaving has its share: all partitions divided by these nodes, the first
// ones (by id) one more when that leaves a rest. A node takes what has no owner up to its share, and gives up
// what is above it: so all get theirs without asking each other, and nothing moves that need not.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/cluster/ownership.h"

namespace elevaite::engine {

struct Moves {
  std::vector<PartitionRow> take;
  std::vector<std::uint32_t> give;
};

Moves MovesOf(const ClusterView& view, std::string_view self);

}  // namespace elevaite::engine

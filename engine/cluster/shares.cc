#include "engine/cluster/shares.h"

#include <algorithm>

namespace elevaite::engine {
namespace {

std::size_t ShareOf(const ClusterView& view, std::string_view self) {
  std::size_t nodes = 0;
  std::size_t before = 0;
  for (const NodeRow& node : view.nodes) {
    if (!node.lives || node.leaving) continue;
    ++nodes;
    if (node.id < self) ++before;
  }
  const NodeRow* own = view.Find(self);
  if (own == nullptr || !own->lives || own->leaving) return 0;
  const std::size_t all = view.partitions.size();
  return all / nodes + (before < all % nodes ? 1 : 0);
}

}  // namespace

Moves MovesOf(const ClusterView& view, std::string_view self) {
  Moves moves;
  const std::size_t share = ShareOf(view, self);
  std::size_t owned = 0;
  for (const PartitionRow& row : view.partitions) {
    const NodeRow* owner = view.OwnerOf(row.partition);
    if (owner == nullptr) {
      moves.take.push_back(row);
    } else if (owner->id == self && ++owned > share) {
      moves.give.push_back(row.partition);
    }
  }
  const std::size_t missing = share > owned ? share - owned : 0;
  if (moves.take.size() > missing) moves.take.resize(missing);
  return moves;
}

}  // namespace elevaite::engine

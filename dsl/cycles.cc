#include "dsl/cycles.h"

#include <algorithm>
#include <limits>

namespace elevaite::dsl {
namespace {

constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();

// Tarjan's algorithm (SIAM J. Comput. 1(2), 1972), with its recursion on a stack of our own.
class Tarjan {
 public:
  explicit Tarjan(const Edges& edges)
      : edges_(edges), number_(edges.size(), kUnseen), low_(edges.size(), 0), on_path_(edges.size(), false) {}

  std::vector<std::vector<std::uint32_t>> Run() {
    for (std::uint32_t node = 0; node < edges_.size(); ++node) {
      if (number_[node] == kUnseen) Visit(node);
    }
    return std::move(cycles_);
  }

 private:
  struct Frame {
    std::uint32_t node;
    std::size_t next_edge = 0;
  };

  void Enter(std::uint32_t node) {
    number_[node] = low_[node] = counter_++;
    path_.push_back(node);
    on_path_[node] = true;
    frames_.push_back({node});
  }

  void Visit(std::uint32_t start) {
    Enter(start);
    while (!frames_.empty()) {
      const std::uint32_t node = frames_.back().node;
      if (frames_.back().next_edge == edges_[node].size()) {
        frames_.pop_back();
        if (!frames_.empty()) low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
        if (low_[node] == number_[node]) Close(node);
        continue;
      }
      const std::uint32_t next = edges_[node][frames_.back().next_edge++];
      if (next >= edges_.size()) continue;
      if (number_[next] == kUnseen) {
        Enter(next);
      } else if (on_path_[next]) {
        low_[node] = std::min(low_[node], number_[next]);
      }
    }
  }

  void Close(std::uint32_t root) {
    std::vector<std::uint32_t> part;
    std::uint32_t node = root;
    do {
      node = path_.back();
      path_.pop_back();
      on_path_[node] = false;
      part.push_back(node);
    } while (node != root);
    const bool is_cycle = part.size() > 1 || std::ranges::find(edges_[root], root) != edges_[root].end();
    if (!is_cycle) return;
    std::ranges::sort(part);
    cycles_.push_back(std::move(part));
  }

  const Edges& edges_;
  std::vector<std::uint32_t> number_;
  std::vector<std::uint32_t> low_;
  std::vector<bool> on_path_;
  std::vector<std::uint32_t> path_;
  std::vector<Frame> frames_;
  std::vector<std::vector<std::uint32_t>> cycles_;
  std::uint32_t counter_ = 0;
};

}  // namespace

std::vector<bool> ReachableFrom(std::uint32_t start, const Edges& edges) {
  std::vector<bool> reached(edges.size(), false);
  std::vector<std::uint32_t> open{start};
  while (!open.empty()) {
    const std::uint32_t node = open.back();
    open.pop_back();
    if (node >= edges.size() || reached[node]) continue;
    reached[node] = true;
    open.insert(open.end(), edges[node].begin(), edges[node].end());
  }
  return reached;
}

std::vector<std::vector<std::uint32_t>> CyclesOf(const Edges& edges) { return Tarjan(edges).Run(); }

}  // namespace elevaite::dsl

// LaneSet: lanes in the order of their turn: first among workflows, then among the groups of a workflow, each
// time by priority and then by what one has had so far (stride scheduling, Waldspurger and Weihl 1995); in a
// group who has waited longer. What one has had grows while its lanes stand in many sets; a set looks at that
// only when it comes to its front.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace elevaite::flow {

struct Lane;

inline constexpr std::uint64_t kStride = 1U << 20U;

// Of one who takes turns with others.
struct Turn {
  std::uint64_t pass = 0;   // grows with each start, by kStride / weight
  std::uint64_t since = 0;  // of two with the same pass the lesser is first; no two are alike
  std::uint32_t weight = 1;

  void Took(std::uint64_t now) {
    pass += kStride / weight;
    since = now;
  }
};

namespace lane_set_internal {

using Place = std::pair<int, std::uint64_t>;  // priority, since which turn it waits

template <int level>
class Level {
 public:
  bool empty() const { return order_.empty(); }
  int priority() const { return std::get<int>(*order_.begin()); }
  void Add(Lane& lane, Place place) {
    Turn& turn = TurnOf(lane);
    Node& node = nodes_[&turn];
    const bool stands = !node.below.empty();
    node.below.Add(lane, place);
    Restand(turn, node, stands);
  }
  void Remove(Lane& lane, Place place) {
    Turn& turn = TurnOf(lane);
    const auto node = nodes_.find(&turn);
    node->second.below.Remove(lane, place);
    Restand(turn, node->second, true);
    if (node->second.below.empty()) nodes_.erase(node);
  }
  Lane* Front() {
    while (!order_.empty()) {
      Turn& turn = *std::get<Turn*>(*order_.begin());
      Node& node = nodes_.at(&turn);
      if (std::get<1>(node.place) == turn.pass) return node.below.Front();
      Restand(turn, node, true);
    }
    return nullptr;
  }
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [turn, node] : nodes_) node.below.ForEach(visit);
  }

 private:
  // The priority of the first below, its pass and since when, as they were when it was put there.
  using Standing = std::tuple<int, std::uint64_t, std::uint64_t, Turn*>;
  struct Node {
    Level<level - 1> below;
    Standing place{};
  };
  static Turn& TurnOf(Lane& lane);
  void Restand(Turn& turn, Node& node, bool stands) {
    if (stands) order_.erase(node.place);
    if (node.below.empty()) return;
    node.place = {node.below.priority(), turn.pass, turn.since, &turn};
    order_.insert(node.place);
  }

  std::unordered_map<Turn*, Node> nodes_;
  std::set<Standing> order_;
};

template <>
class Level<0> {
 public:
  bool empty() const { return lanes_.empty(); }
  int priority() const { return lanes_.begin()->first.first; }
  void Add(Lane& lane, Place place) { lanes_.emplace(place, &lane); }
  void Remove(Lane& /*lane*/, Place place) { lanes_.erase(place); }
  Lane* Front() { return lanes_.begin()->second; }
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [place, lane] : lanes_) visit(*lane);
  }

 private:
  std::map<Place, Lane*> lanes_;
};

}  // namespace lane_set_internal

class LaneSet {
 public:
  bool empty() const { return levels_.empty(); }
  // By its priority and turn as they are now; they stay so until Remove.
  void Add(Lane& lane);
  void Remove(Lane& lane);
  Lane* Front() { return levels_.Front(); }  // whose turn is next; null: nobody
  // In no order that matters.
  template <class Visit>
  void ForEach(const Visit& visit) const {
    levels_.ForEach(visit);
  }

 private:
  lane_set_internal::Level<2> levels_;
};

}  // namespace elevaite::flow

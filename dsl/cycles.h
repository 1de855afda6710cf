// Two questions about small directed graphs, answered in linear time and without recursion. Nodes are 0 ..
// edges.size()-1; an edge to a higher number leaves the graph.
#pragma once

#include <cstdint>
#include <vector>

namespace elevaite::dsl {

using Edges = std::vector<std::vector<std::uint32_t>>;

std::vector<bool> ReachableFrom(std::uint32_t start, const Edges& edges);

// The strongly connected parts that hold a cycle, each sorted: every node of one can be reached from every
// other.
std::vector<std::vector<std::uint32_t>> CyclesOf(const Edges& edges);

}  // namespace elevaite::dsl

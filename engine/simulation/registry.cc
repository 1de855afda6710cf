#include "engine/simulation/registry.h"

#include <algorithm>

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kForgottenUs = 600'000'000;

}  // namespace

std::int64_t Registry::EpochOf(std::uint32_t partition) const {
  return partition < partitions_.size() ? partitions_[partition].epoch : 0;
}

std::vector<engine::Tenure> Registry::TakeAll(std::uint32_t partitions) {
  if (!partitions_.empty()) ++after_crash_;
  SetUp(partitions);
  std::vector<engine::Tenure> tenures;
  for (const engine::PartitionRow& row : partitions_)
    tenures.push_back({.partition = row.partition, .epoch = row.epoch, .after_crash = true});
  return tenures;
}

// Under greater epochs than any before.
void Registry::SetUp(std::uint32_t partitions) {
  std::int64_t epoch = 0;
  bool is_clean = true;
  for (const engine::PartitionRow& row : partitions_) {
    epoch = std::max(epoch, row.epoch);
    is_clean = is_clean && row.owner.empty();
  }
  partitions_.clear();
  for (std::uint32_t i = 0; i < partitions; ++i)
    partitions_.push_back({.partition = i, .epoch = epoch + 1, .owner = is_clean ? "" : "somebody before"});
}

engine::Joined Registry::Join(std::int64_t number, const std::string& address, std::uint32_t partitions) {
  const bool is_alone = std::ranges::none_of(nodes_, [this](const auto& one) { return Lives(one.second); });
  if (is_alone && partitions_.size() != partitions) SetUp(partitions);
  Row& row = nodes_[number];
  row.node = {.id = IdOf(number), .address = address, .writer = number};
  row.alive_until_us = scheduler_.elapsed_us() + kLeaseUs;
  return {.partitions = static_cast<std::uint32_t>(partitions_.size()),
          .writer = number,
          .lane = static_cast<std::uint32_t>(number) % engine::kLanes};
}

bool Registry::IsForgotten(const Row& row) const {
  return scheduler_.elapsed_us() >= row.alive_until_us + kForgottenUs;
}

Result<void> Registry::Renew(std::int64_t number, bool wants_lifecycle) {
  Row& row = nodes_[number];
  if (IsForgotten(row)) return elevaite::Fail(ErrorCode::kNotFound, "the others have forgotten this node");
  row.alive_until_us = scheduler_.elapsed_us() + kLeaseUs;
  row.node.wants_lifecycle = wants_lifecycle;
  return {};
}

engine::ClusterView Registry::Look() const {
  engine::ClusterView view{.partitions = partitions_};
  for (const auto& [number, row] : nodes_) {
    if (IsForgotten(row)) continue;
    view.nodes.push_back(row.node);
    view.nodes.back().lives = Lives(row);
  }
  std::ranges::sort(view.nodes, {}, &engine::NodeRow::id);
  return view;
}

std::optional<engine::Tenure> Registry::Take(std::int64_t number, const engine::PartitionRow& seen) {
  const std::string id = IdOf(number);
  if (seen.partition >= partitions_.size()) return std::nullopt;
  engine::PartitionRow& row = partitions_[seen.partition];
  if (row.epoch != seen.epoch) return std::nullopt;
  const auto has_it = [&](const auto& one) { return one.second.node.id == row.owner && Lives(one.second); };
  if (!Lives(nodes_[number]) || (row.owner != id && std::ranges::any_of(nodes_, has_it))) return std::nullopt;
  if (!row.owner.empty()) ++after_crash_;
  if (!row.owner.empty() && row.owner != id) ++takeovers_;
  const engine::Tenure tenure{.partition = row.partition,
                              .epoch = mutation_ == Mutation::kEpochKept ? row.epoch : row.epoch + 1,
                              .after_crash = !row.owner.empty()};
  row.epoch = tenure.epoch;
  row.owner = id;
  return tenure;
}

void Registry::GiveBack(const engine::Tenure& tenure) {
  engine::PartitionRow& row = partitions_[tenure.partition];
  if (row.epoch == tenure.epoch) row.owner.clear();
}

void Registry::AnnounceLeaving(std::int64_t number) { nodes_[number].node.leaving = true; }

void Registry::Leave(std::int64_t number) {
  Row& row = nodes_[number];
  row.node.leaving = true;
  row.alive_until_us = scheduler_.elapsed_us();
}

}  // namespace elevaite::simulation

// Registry: the tables of the simulated database that say which nodes live until when and who owns which
// partition, and the epochs by which the disk knows a late write.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/cluster/ownership.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/scheduler.h"

namespace elevaite::simulation {

inline constexpr std::int64_t kLeaseUs = 4'000'000;

class Registry {
 public:
  Registry(Scheduler& scheduler, Mutation mutation) : scheduler_(scheduler), mutation_(mutation) {}

  // 0: nobody has ever owned it.
  std::int64_t EpochOf(std::uint32_t partition) const;
  // Tenures whose owner before had not given it back.
  std::uint64_t after_crash() const { return after_crash_; }
  // Of these, those of another node than before.
  std::uint64_t takeovers() const { return takeovers_; }

  // By a process that has the database for itself.
  std::vector<engine::Tenure> TakeAll(std::uint32_t partitions);
  // By one node of several (NodeOwnership).
  engine::Joined Join(std::int64_t number, const std::string& address, std::uint32_t partitions);
  Result<void> Renew(std::int64_t number, bool wants_lifecycle);
  engine::ClusterView Look() const;
  std::optional<engine::Tenure> Take(std::int64_t number, const engine::PartitionRow& seen);
  void GiveBack(const engine::Tenure& tenure);
  void AnnounceLeaving(std::int64_t number);
  void Leave(std::int64_t number);

  static std::string IdOf(std::int64_t number) { return "node-" + std::to_string(number); }

 private:
  struct Row {
    engine::NodeRow node;
    std::int64_t alive_until_us = 0;
  };
  bool Lives(const Row& row) const { return scheduler_.elapsed_us() < row.alive_until_us; }
  bool IsForgotten(const Row& row) const;
  void SetUp(std::uint32_t partitions);

  Scheduler& scheduler_;
  const Mutation mutation_;
  std::map<std::int64_t, Row> nodes_;  // by number
  std::vector<engine::PartitionRow> partitions_;
  std::uint64_t after_crash_ = 0;
  std::uint64_t takeovers_ = 0;
};

}  // namespace elevaite::simulation

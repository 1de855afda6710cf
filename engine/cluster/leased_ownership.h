// Ownership by leases in PostgreSQL. Tables: journal/migrations/postgres/0004_cluster.sql.
//
// A node lives until `alive_until_us` on the database's clock, which each Renew sets to `lease` from then;
// what a node owns that does not live may be taken.
#pragma once

#include <chrono>
#include <string>

#include "engine/cluster/ownership.h"
#include "infra/database/database.h"

namespace elevaite::engine {

struct NodeIdentity {
  std::string id;  // also what the names of its connections on the server end with
  std::string address;
};

class LeasedOwnership final : public Ownership {
 public:
  // The database must outlive it.
  LeasedOwnership(database::Database& db, NodeIdentity self, std::chrono::milliseconds lease)
      : db_(db), self_(std::move(self)), lease_us_(std::chrono::microseconds(lease).count()) {}

  Result<Joined> Join(std::uint32_t partitions) override;
  Result<void> Renew(bool wants_lifecycle) override;
  Result<ClusterView> Look() override;
  Result<std::optional<Tenure>> Take(const PartitionRow& seen) override;
  Result<void> GiveBack(const Tenure& tenure) override;
  Result<void> AnnounceLeaving() override;
  Result<void> Leave() override;

 private:
  Result<std::uint32_t> CountPartitions(database::Session& session, std::uint32_t wanted);

  database::Database& db_;
  const NodeIdentity self_;
  const std::int64_t lease_us_;
  std::optional<Joined> joined_;
};

}  // namespace elevaite::engine

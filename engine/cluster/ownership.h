// Who owns which partition, for processes (nodes) that share a database; the adapter is leased_ownership.h. A
// process that has the database for itself takes all (sole_ownership.h).
//
// A tenure is one owner's time of a partition. Epochs only grow: what is written under an older one than the
// newest does not reach the database any more (DatabaseJournal).
//
// All calls block; Take and GiveBack may be made from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/result.h"

namespace elevaite::engine {

struct Tenure {
  std::uint32_t partition = 0;
  std::int64_t epoch = 0;
  bool after_crash = false;  // the owner before has not given it back: it died, or was too slow
};

// A process that shares the database.
struct NodeRow {
  std::string id;       // of one life of it
  std::string address;  // "http://10.0.0.5:8000": where the others reach it
  std::int64_t writer = 0;
  bool lives = false;
  bool leaving = false;          // takes nothing more
  bool wants_lifecycle = false;  // somebody there listens for lifecycle events
};
struct PartitionRow {
  std::uint32_t partition = 0;
  std::int64_t epoch = 0;
  std::string owner;  // a node's id; empty: the last one has given it back
};
struct ClusterView {
  std::vector<NodeRow> nodes;  // dead ones for a while, too; by id
  std::vector<PartitionRow> partitions;

  const NodeRow* Find(std::string_view id) const;
  // Null: nobody who lives.
  const NodeRow* OwnerOf(std::uint32_t partition) const;
};

// What a node gets when it joins.
struct Joined {
  std::uint32_t partitions = 0;  // of the cluster
  std::int64_t writer = 0;       // never given twice
  std::uint32_t lane = 0;        // below kLanes; no other node that lives has it
};
inline constexpr std::uint32_t kLanes = 1'024;

class Ownership {
 public:
  virtual ~Ownership() = default;

  // `partitions` counts while no other node lives; else the cluster has as many as before. Once more after
  // kNotFound of Renew: then it gives what it gave before.
  virtual Result<Joined> Join(std::uint32_t partitions) = 0;
  // Others may have taken everything meanwhile, when it comes late. kNotFound: the node is forgotten (ten
  // minutes after the end of its lease).
  virtual Result<void> Renew(bool wants_lifecycle) = 0;
  virtual Result<ClusterView> Look() = 0;
  // nullopt: somebody else was quicker, its owner lives and is another one, or a commit of the owner before
  // is under way: to be tried again.
  virtual Result<std::optional<Tenure>> Take(const PartitionRow& seen) = 0;
  // Nothing of the tenure is being written any more.
  virtual Result<void> GiveBack(const Tenure& tenure) = 0;
  // Takes nothing more from now on; the others see it.
  virtual Result<void> AnnounceLeaving() = 0;
  virtual Result<void> Leave() = 0;
};

}  // namespace elevaite::engine

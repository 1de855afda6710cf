#include "engine/cluster/leased_ownership.h"

#include <algorithm>
#include <set>

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Rows;
using database::Session;
using database::Sql;

constexpr Sql kForgetDead{"nodes.forget", "DELETE FROM nodes WHERE alive_until_us < now_us() - 600000000"};
constexpr Sql kLanesAndLiving{"nodes.lanes", "SELECT lane, alive_until_us > now_us() FROM nodes"};
constexpr Sql kOwners{"partition_owners.select", "SELECT epoch, owner FROM partition_owners"};
constexpr Sql kDeleteOwners{"partition_owners.delete", "DELETE FROM partition_owners"};
constexpr Sql kInsertOwner{"partition_owners.insert",
                           "INSERT INTO partition_owners (partition, epoch, owner) VALUES (?1, ?2, ?3)"};
constexpr Sql kInsertNode{
    "nodes.insert",
    "INSERT INTO nodes (id, address, writer, lane, alive_until_us, leaving)"
    " VALUES (?1, ?2, nextval('nodes_writer'), ?3, now_us() + ?4, false) RETURNING writer"};
constexpr Sql kInsertNodeAgain{"nodes.insert_again",
                               "INSERT INTO nodes (id, address, writer, lane, alive_until_us, leaving)"
                               " VALUES (?1, ?2, ?3, ?4, now_us() + ?5, false)"};
constexpr Sql kRenew{"nodes.renew",
                     "UPDATE nodes SET alive_until_us = now_us() + ?2, wants_lifecycle = (CAST(?3 AS BIGINT) "
                     "<> 0) WHERE id = ?1"};
constexpr Sql kLookNodes{
    "nodes.look",
    "SELECT id, address, writer, alive_until_us > now_us(), leaving, wants_lifecycle FROM nodes ORDER BY id"};
constexpr Sql kLookPartitions{"partition_owners.look",
                              "SELECT partition, epoch, owner FROM partition_owners ORDER BY partition"};
// A stopped owner may hold the row in a transaction that it has left open.
constexpr Sql kEndConnections{"nodes.end_connections",
                              "SELECT count(pg_terminate_backend(a.pid)) FROM nodes n JOIN pg_stat_activity a"
                              " ON right(a.application_name, length(n.id) + 1) = ' ' || n.id"
                              " WHERE n.id = ?1 AND n.id <> ?2 AND n.alive_until_us <= now_us() AND "
                              "a.application_name LIKE 'elevaite %'"};
// Not while a commit that has read the row is under way, and not while somebody else is taking it: nothing
// waits.
constexpr Sql kTake{
    "partition_owners.take",
    "UPDATE partition_owners SET epoch = epoch + 1, owner = ?3 WHERE partition ="
    " (SELECT p.partition FROM partition_owners p WHERE p.partition = ?1 AND p.epoch = ?2 AND NOT EXISTS"
    " (SELECT 1 FROM nodes WHERE id = p.owner AND id <> ?3 AND alive_until_us > now_us()) FOR UPDATE SKIP "
    "LOCKED)"
    " AND EXISTS (SELECT 1 FROM nodes WHERE id = ?3 AND alive_until_us > now_us())"};
constexpr Sql kGiveBack{"partition_owners.give_back",
                        "UPDATE partition_owners SET owner = '' WHERE partition = ?1 AND epoch = ?2"};
constexpr Sql kAnnounce{"nodes.announce_leaving", "UPDATE nodes SET leaving = true WHERE id = ?1"};
constexpr Sql kLeave{"nodes.leave",
                     "UPDATE nodes SET alive_until_us = now_us(), leaving = true WHERE id = ?1"};

// The rows that one statement has changed.
Result<std::int64_t> Change(database::Database& db, Batch batch) {
  ASSIGN_OR_RETURN(const database::BatchOutcome outcome, db.SubmitAndWait(std::move(batch)));
  return outcome.rows_changed[0];
}

}  // namespace

const NodeRow* ClusterView::Find(std::string_view id) const {
  const auto found = std::ranges::find(nodes, id, &NodeRow::id);
  return found == nodes.end() ? nullptr : &*found;
}

const NodeRow* ClusterView::OwnerOf(std::uint32_t partition) const {
  const auto row = std::ranges::find(partitions, partition, &PartitionRow::partition);
  if (row == partitions.end()) return nullptr;
  const NodeRow* owner = Find(row->owner);
  return owner != nullptr && owner->lives ? owner : nullptr;
}

Result<Joined> LeasedOwnership::Join(std::uint32_t partitions) {
  Joined joined;
  RETURN_IF_ERROR(db_.TransactAndWait([&](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kForgetDead));
    ASSIGN_OR_RETURN(const Rows nodes, session.Query(kLanesAndLiving));
    std::set<std::int64_t> lanes;
    bool alone = true;
    for (const auto& row : nodes) {
      lanes.insert(row.Int(0));
      alone = alone && !row.Bool(1);
    }
    ASSIGN_OR_RETURN(joined.partitions, CountPartitions(session, alone ? partitions : 0));
    if (joined_) {
      joined = *joined_;
      RETURN_IF_ERROR(
          session.Execute(kInsertNodeAgain, self_.id, self_.address, joined.writer, joined.lane, lease_us_));
      return {};
    }
    while (lanes.contains(joined.lane)) ++joined.lane;
    if (joined.lane >= kLanes) return elevaite::Fail(ErrorCode::kResourceExhausted, "too many nodes");
    ASSIGN_OR_RETURN(const Rows row,
                     session.Query(kInsertNode, self_.id, self_.address, joined.lane, lease_us_));
    joined.writer = row[0].Int(0);
    return {};
  }));
  joined_ = joined;
  return joined;
}

// As many as wanted; 0: as many as there are.
Result<std::uint32_t> LeasedOwnership::CountPartitions(Session& session, std::uint32_t wanted) {
  ASSIGN_OR_RETURN(const Rows before, session.Query(kOwners));
  if (wanted == 0 || before.size() == wanted) return static_cast<std::uint32_t>(before.size());
  std::int64_t epoch = 1;
  bool clean = true;
  for (const auto& row : before) {
    epoch = std::max(epoch, row.Int(0) + 1);
    clean = clean && row.Text(1).empty();
  }
  RETURN_IF_ERROR(session.Execute(kDeleteOwners));
  for (std::uint32_t i = 0; i < wanted; ++i)
    RETURN_IF_ERROR(session.Execute(kInsertOwner, i, epoch, clean ? "" : "another number of partitions"));
  return wanted;
}

Result<void> LeasedOwnership::Renew(bool wants_lifecycle) {
  Batch batch;
  batch.Add(kRenew, self_.id, lease_us_, wants_lifecycle);
  ASSIGN_OR_RETURN(const std::int64_t changed, Change(db_, std::move(batch)));
  if (changed == 1) return {};
  return elevaite::Fail(ErrorCode::kNotFound, "the others have forgotten this node");
}

Result<ClusterView> LeasedOwnership::Look() {
  ClusterView view;
  ASSIGN_OR_RETURN(const Rows nodes, db_.QueryAndWait(kLookNodes));
  for (const auto& row : nodes) {
    view.nodes.push_back({.id = std::string(row.Text(0)),
                          .address = std::string(row.Text(1)),
                          .writer = row.Int(2),
                          .lives = row.Bool(3),
                          .leaving = row.Bool(4),
                          .wants_lifecycle = row.Bool(5)});
  }
  ASSIGN_OR_RETURN(const Rows partitions, db_.QueryAndWait(kLookPartitions));
  for (const auto& row : partitions) {
    view.partitions.push_back({.partition = static_cast<std::uint32_t>(row.Int(0)),
                               .epoch = row.Int(1),
                               .owner = std::string(row.Text(2))});
  }
  return view;
}

Result<std::optional<Tenure>> LeasedOwnership::Take(const PartitionRow& seen) {
  if (!seen.owner.empty())
    RETURN_IF_ERROR(db_.QueryAndWait(kEndConnections, database::Params::Of(seen.owner, self_.id)));
  Batch batch;
  batch.Add(kTake, seen.partition, seen.epoch, self_.id);
  ASSIGN_OR_RETURN(const std::int64_t changed, Change(db_, std::move(batch)));
  if (changed == 0) return std::nullopt;
  return Tenure{.partition = seen.partition, .epoch = seen.epoch + 1, .after_crash = !seen.owner.empty()};
}

Result<void> LeasedOwnership::GiveBack(const Tenure& tenure) {
  Batch batch;
  batch.Add(kGiveBack, tenure.partition, tenure.epoch);
  RETURN_IF_ERROR(Change(db_, std::move(batch)));
  return {};
}

Result<void> LeasedOwnership::AnnounceLeaving() {
  Batch batch;
  batch.Add(kAnnounce, self_.id);
  RETURN_IF_ERROR(Change(db_, std::move(batch)));
  return {};
}

Result<void> LeasedOwnership::Leave() {
  Batch batch;
  batch.Add(kLeave, self_.id);
  RETURN_IF_ERROR(Change(db_, std::move(batch)));
  return {};
}

}  // namespace elevaite::engine

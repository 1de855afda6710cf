// Membership: this process as a node of a cluster. In each round it renews its lease when that is due, looks
// at who owns what, and opens and closes its partitions as they are taken and given. Who makes the rounds is
// another's concern (member.h: a thread; engine/simulation).
//
// The lease is measured here from before its renewal is sent, on the monotonic clock: it ends for us before
// it ends for the others, and the partitions close themselves by then (lasts_until). A process that is
// stopped in between and comes back late is kept from writing by the epochs, not by this.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/cluster/ownership.h"
#include "engine/cluster/tenancies.h"
#include "foundation/clock.h"

namespace elevaite::engine {

// Does this for each row, in any order; returns when all is done.
using ForEachRow =
    std::function<void(const std::vector<PartitionRow>&, const std::function<void(const PartitionRow&)>&)>;

struct MembershipOptions {
  std::string id;
  std::chrono::milliseconds lease{4'000};
  std::uint32_t partitions = 16;
  ForEachRow for_each_row;
};

// Where a partition is.
struct Whereabouts {
  bool is_here = false;
  std::string address;  // of its owner, when that is another node; empty: nobody who lives has it
};

class Membership {
 public:
  using Instant = Clock::Instant;
  struct Counters {
    std::uint64_t taken = 0;
    std::uint64_t taken_after_crash = 0;
    std::uint64_t given = 0;
    std::uint64_t lost = 0;  // tenures that ended because somebody else had the partition already
  };

  // Both must outlive it.
  Membership(Ownership& ownership, Clock& clock, MembershipOptions options);

  // Before everything else.
  Result<Joined> Join();
  // Before the first round. They must outlive the last one.
  void Use(Tenancies& tenancies) { tenancies_ = &tenancies; }
  // Not from two threads at once. Blocks.
  void Round(bool wants_lifecycle);
  // The next rounds give everything back; the one after which nothing is left leaves.
  void BeginLeaving() { leaving_ = true; }

  // Any thread.
  Instant lasts_until() const { return Instant(std::chrono::nanoseconds(lasts_until_ns_.load())); }
  Whereabouts Find(std::uint32_t partition) const;
  std::shared_ptr<const ClusterView> view() const;
  Counters counters() const;
  const std::string& id() const { return options_.id; }
  bool is_leaving() const { return leaving_.load(); }
  bool has_left() const { return has_left_.load(); }

 private:
  void RenewWhenDue(bool wants_lifecycle);
  void Extend(Instant sent);
  void Follow(const ClusterView& view);
  void CloseWhatIsLost(const PartitionRow& row);
  void SettleClosed(const PartitionRow& row);
  void TakeUp(const PartitionRow& row);
  bool IsTooSoon(std::uint32_t partition, const Error& failure);
  bool OwnsNothing(const ClusterView& view) const;

  Ownership& ownership_;
  Clock& clock_;
  const MembershipOptions options_;
  Tenancies* tenancies_ = nullptr;

  // Of who makes the rounds, and of those that he waits for with mutex_ held.
  Instant renew_at_{};
  std::set<std::uint32_t> giving_;
  std::set<std::uint32_t> noted_;               // whose tenure's end was counted
  std::map<std::uint32_t, Instant> failed_at_;  // to be read back
  bool announced_ = false;
  bool is_cut_off_ = false;

  std::atomic<std::int64_t> lasts_until_ns_{0};
  std::atomic<bool> leaving_ = false;
  std::atomic<bool> has_left_ = false;
  mutable std::mutex mutex_;  // for all below
  std::shared_ptr<const ClusterView> view_ = std::make_shared<ClusterView>();
  Counters counters_;
};

}  // namespace elevaite::engine

#include "engine/cluster/membership.h"

#include <utility>

#include "engine/cluster/shares.h"
#include "foundation/log.h"

namespace elevaite::engine {

Membership::Membership(Ownership& ownership, Clock& clock, MembershipOptions options)
    : ownership_(ownership), clock_(clock), options_(std::move(options)) {}

Result<Joined> Membership::Join() {
  const Instant sent = clock_.Monotonic();
  ASSIGN_OR_RETURN(const Joined joined, ownership_.Join(options_.partitions));
  Extend(sent);
  ASSIGN_OR_RETURN(ClusterView view, ownership_.Look());
  const std::scoped_lock lock(mutex_);
  view_ = std::make_shared<const ClusterView>(std::move(view));
  return joined;
}

Whereabouts Membership::Find(std::uint32_t partition) const {
  const auto view = this->view();
  const NodeRow* owner = view->OwnerOf(partition);
  if (owner == nullptr) return {};
  if (owner->id == options_.id) return {.is_here = true, .address = {}};
  return {.is_here = false, .address = owner->address};
}

std::shared_ptr<const ClusterView> Membership::view() const {
  const std::scoped_lock lock(mutex_);
  return view_;
}

Membership::Counters Membership::counters() const {
  const std::scoped_lock lock(mutex_);
  return counters_;
}

// ---- A round ----

void Membership::Round(bool wants_lifecycle) {
  if (!has_left_) RenewWhenDue(wants_lifecycle);
  if (leaving_ && !announced_) announced_ = ownership_.AnnounceLeaving().has_value();
  auto view = ownership_.Look();
  if (!view) return;
  {
    const std::scoped_lock lock(mutex_);
    view_ = std::make_shared<const ClusterView>(*view);
  }
  if (has_left_) return;  // it only knows still where things are
  Follow(*view);
  if (!leaving_ || !OwnsNothing(*view)) return;
  (void)ownership_.Leave();
  has_left_ = true;
}

// One that was away for so long that the others have forgotten it joins again.
void Membership::RenewWhenDue(bool wants_lifecycle) {
  const Instant sent = clock_.Monotonic();
  if (sent < renew_at_) return;
  Result<void> renewed = ownership_.Renew(wants_lifecycle);
  if (!renewed && renewed.error().code == ErrorCode::kNotFound) {
    const auto joined = ownership_.Join(options_.partitions);
    renewed = joined ? Result<void>() : elevaite::Fail(joined.error());
  }
  if (!renewed) {
    if (!std::exchange(is_cut_off_, true))
      LogWarn("the lease of this node cannot be renewed", {{"error", renewed.error().message}});
    return;
  }
  if (std::exchange(is_cut_off_, false)) LogInfo("the lease of this node is renewed again");
  Extend(sent);
}

void Membership::Extend(Instant sent) {
  lasts_until_ns_ =
      std::chrono::duration_cast<std::chrono::nanoseconds>((sent + options_.lease * 7 / 8).time_since_epoch())
          .count();
  renew_at_ = sent + options_.lease / 4;
}

void Membership::Follow(const ClusterView& view) {
  std::vector<PartitionRow> closed;
  for (const PartitionRow& row : view.partitions) {
    if (row.partition >= tenancies_->partitions()) continue;  // the cluster was set up anew without us
    if (row.owner != options_.id) {
      CloseWhatIsLost(row);
    } else if (tenancies_->TenancyOf(row.partition).state == TenancyState::kClosed) {
      closed.push_back(row);
    }
  }
  options_.for_each_row(closed, [this](const PartitionRow& row) { SettleClosed(row); });
  const Moves moves = MovesOf(view, options_.id);
  for (const std::uint32_t partition : moves.give) {
    giving_.insert(partition);
    tenancies_->Close(partition);
  }
  options_.for_each_row(moves.take, [this](const PartitionRow& row) {
    if (row.partition < tenancies_->partitions()) TakeUp(row);
  });
}

void Membership::CloseWhatIsLost(const PartitionRow& row) {
  const Tenancy tenancy = tenancies_->TenancyOf(row.partition);
  giving_.erase(row.partition);
  if (tenancy.state == TenancyState::kOpening || tenancy.state == TenancyState::kOpen) {
    if (row.epoch < tenancy.tenure.epoch) return;  // seen before it was taken
    tenancies_->Close(row.partition);
    noted_.erase(row.partition);
  }
  const bool lost =
      tenancy.was_taken_over || (tenancy.state == TenancyState::kOpen && row.epoch > tenancy.tenure.epoch);
  if (!lost || !noted_.insert(row.partition).second) return;
  LogWarn("another node has taken over a partition of this one",
          {{"partition", row.partition},
           {"epoch", tenancy.tenure.epoch},
           {"refused_a_write", tenancy.was_taken_over}});
  const std::scoped_lock lock(mutex_);
  ++counters_.lost;
}

// Ours, and nothing of it is being written: it is given back, or begun anew.
void Membership::SettleClosed(const PartitionRow& row) {
  const Tenancy tenancy = tenancies_->TenancyOf(row.partition);
  std::unique_lock lock(mutex_);
  const bool gives = giving_.contains(row.partition) && row.epoch == tenancy.tenure.epoch;
  if (!gives && tenancy.failure && IsTooSoon(row.partition, *tenancy.failure)) return;
  lock.unlock();
  if (!gives) return TakeUp(row);
  if (!ownership_.GiveBack(tenancy.tenure)) return;
  lock.lock();
  giving_.erase(row.partition);
  ++counters_.given;
}

// What cannot be read back is tried again every second.
bool Membership::IsTooSoon(std::uint32_t partition, const Error& failure) {
  Instant& failed_at = failed_at_[partition];
  const Instant now = clock_.Monotonic();
  if (failed_at != Instant() && now < failed_at + std::chrono::seconds(1)) return true;
  failed_at = now;
  LogError("a partition cannot be read back; it is tried again",
           {{"partition", partition}, {"error", failure.message}});
  return false;
}

void Membership::TakeUp(const PartitionRow& row) {
  const bool is_closed = tenancies_->TenancyOf(row.partition).state == TenancyState::kClosed;
  if (!is_closed || leaving_ || clock_.Monotonic() >= lasts_until()) return;
  const auto tenure = ownership_.Take(row);
  if (!tenure || !*tenure) return;
  tenancies_->Open(**tenure);
  if ((*tenure)->after_crash && row.owner != options_.id) {
    LogInfo("a partition of a node that has died is taken over",
            {{"partition", row.partition}, {"epoch", (*tenure)->epoch}});
  }
  const std::scoped_lock lock(mutex_);
  noted_.erase(row.partition);
  ++counters_.taken;
  if ((*tenure)->after_crash) ++counters_.taken_after_crash;
}

bool Membership::OwnsNothing(const ClusterView& view) const {
  for (std::uint32_t i = 0; i < tenancies_->partitions(); ++i) {
    if (tenancies_->TenancyOf(i).state != TenancyState::kClosed) return false;
  }
  for (const PartitionRow& row : view.partitions) {
    if (row.owner == options_.id) return false;
  }
  return true;
}

}  // namespace elevaite::engine

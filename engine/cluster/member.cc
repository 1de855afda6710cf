#include "engine/cluster/member.h"

#include <pthread.h>

#include <future>
#include <utility>

#include "engine/cluster/shares.h"
#include "engine/engine.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Tenancy = PartitionThread::State;

// Waits for all: what they ask of the database shares commits.
template <class Do>
void ForEachAtOnce(const std::vector<PartitionRow>& rows, const Do& action) {
  std::vector<std::future<void>> under_way;
  for (const PartitionRow& row : rows)
    under_way.push_back(std::async(std::launch::async, [&action, &row] { action(row); }));
}

}  // namespace

Member::Member(Ownership& ownership, MemberOptions options)
    : ownership_(ownership), options_(std::move(options)) {}

Result<Joined> Member::Join() {
  const auto sent = SteadyClock::now();
  ASSIGN_OR_RETURN(const Joined joined, ownership_.Join(options_.partitions));
  lasts_until_ns_ = (sent + options_.lease * 7 / 8).time_since_epoch().count();
  renew_at_ = sent + options_.lease / 4;
  ASSIGN_OR_RETURN(ClusterView view, ownership_.Look());
  const std::scoped_lock lock(mutex_);
  view_ = std::make_shared<const ClusterView>(std::move(view));
  return joined;
}

void Member::Start(Engine& engine) {
  engine_ = &engine;
  thread_ = std::thread([this] { Run(); });
}

void Member::Leave(std::chrono::milliseconds patience) {
  leaving_ = true;
  Wake();
  std::unique_lock lock(mutex_);
  left_.wait_for(lock, patience, [this] { return has_left_ || stopping_ || !thread_.joinable(); });
}

void Member::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Member::Wake() {
  const std::scoped_lock lock(mutex_);
  woken_ = true;
  wake_.notify_one();
}

Whereabouts Member::Find(std::uint32_t partition) const {
  const auto view = this->view();
  const NodeRow* owner = view->OwnerOf(partition);
  if (owner == nullptr) return {};
  if (owner->id == options_.id) return {.is_here = true, .address = {}};
  return {.is_here = false, .address = owner->address};
}

std::shared_ptr<const ClusterView> Member::view() const {
  const std::scoped_lock lock(mutex_);
  return view_;
}

Member::Counters Member::counters() const {
  const std::scoped_lock lock(mutex_);
  return counters_;
}

// ---- The thread ----

void Member::Run() {
  pthread_setname_np(pthread_self(), "cluster");
  while (true) {
    Round();
    if (options_.looked) options_.looked();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, options_.look_every, [this] { return woken_ || stopping_; });
    woken_ = false;
    if (stopping_) return;
  }
}

void Member::Round() {
  if (!has_left_) RenewWhenDue();
  if (leaving_ && !announced_) announced_ = ownership_.AnnounceLeaving().has_value();
  auto view = ownership_.Look();
  if (!view) return;
  {
    const std::scoped_lock lock(mutex_);
    view_ = std::make_shared<const ClusterView>(*view);
  }
  if (has_left_) return;  // it only knows still where things are
  Follow(*view);
  if (!leaving_ || !OwnsNothing()) return;
  (void)ownership_.Leave();
  const std::scoped_lock lock(mutex_);
  has_left_ = true;
  left_.notify_all();
}

// One that was away for so long that the others have forgotten it joins again.
void Member::RenewWhenDue() {
  const auto sent = SteadyClock::now();
  if (sent < renew_at_) return;
  Result<void> renewed = ownership_.Renew(engine_->events().WantsLifecycle());
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
  lasts_until_ns_ = (sent + options_.lease * 7 / 8).time_since_epoch().count();
  renew_at_ = sent + options_.lease / 4;
}

void Member::Follow(const ClusterView& view) {
  std::vector<PartitionRow> closed;
  for (const PartitionRow& row : view.partitions) {
    if (row.partition >= engine_->partitions()) continue;  // the cluster was set up anew without us
    if (row.owner != options_.id) {
      CloseWhatIsLost(row);
    } else if (engine_->partition(row.partition).status().state == Tenancy::kClosed) {
      closed.push_back(row);
    }
  }
  ForEachAtOnce(closed, [this](const PartitionRow& row) { SettleClosed(row); });
  const Moves moves = MovesOf(view, options_.id);
  for (const std::uint32_t partition : moves.give) {
    giving_.insert(partition);
    engine_->partition(partition).Close();
  }
  ForEachAtOnce(moves.take, [this](const PartitionRow& row) {
    if (row.partition < engine_->partitions()) TakeUp(row);
  });
}

void Member::CloseWhatIsLost(const PartitionRow& row) {
  PartitionThread& partition = engine_->partition(row.partition);
  const PartitionThread::Status status = partition.status();
  giving_.erase(row.partition);
  if (status.state == Tenancy::kOpening || status.state == Tenancy::kOpen) {
    if (row.epoch < status.tenure.epoch) return;  // seen before it was taken
    partition.Close();
    noted_.erase(row.partition);
  }
  const bool lost =
      status.was_taken_over || (status.state == Tenancy::kOpen && row.epoch > status.tenure.epoch);
  if (!lost || !noted_.insert(row.partition).second) return;
  LogWarn("another node has taken over a partition of this one",
          {{"partition", row.partition},
           {"epoch", status.tenure.epoch},
           {"refused_a_write", status.was_taken_over}});
  const std::scoped_lock lock(mutex_);
  ++counters_.lost;
}

// Ours, and nothing of it is being written: it is given back, or begun anew.
void Member::SettleClosed(const PartitionRow& row) {
  const PartitionThread::Status status = engine_->partition(row.partition).status();
  std::unique_lock lock(mutex_);
  const bool gives = giving_.contains(row.partition) && row.epoch == status.tenure.epoch;
  if (!gives && status.failure && IsTooSoon(row.partition, *status.failure)) return;
  lock.unlock();
  if (!gives) return TakeUp(row);
  if (!ownership_.GiveBack(status.tenure)) return;
  lock.lock();
  giving_.erase(row.partition);
  ++counters_.given;
}

// What cannot be read back is tried again every second.
bool Member::IsTooSoon(std::uint32_t partition, const Error& failure) {
  auto& failed_at = failed_at_[partition];
  if (SteadyClock::now() < failed_at + std::chrono::seconds(1)) return true;
  failed_at = SteadyClock::now();
  LogError("a partition cannot be read back; it is tried again",
           {{"partition", partition}, {"error", failure.message}});
  return false;
}

void Member::TakeUp(const PartitionRow& row) {
  PartitionThread& partition = engine_->partition(row.partition);
  if (partition.status().state != Tenancy::kClosed || leaving_ || SteadyClock::now() >= lasts_until()) return;
  const auto tenure = ownership_.Take(row);
  if (!tenure || !*tenure) return;
  partition.Open(**tenure);
  if ((*tenure)->after_crash && row.owner != options_.id) {
    LogInfo("a partition of a node that has died is taken over",
            {{"partition", row.partition}, {"epoch", (*tenure)->epoch}});
  }
  const std::scoped_lock lock(mutex_);
  noted_.erase(row.partition);
  ++counters_.taken;
  if ((*tenure)->after_crash) ++counters_.taken_after_crash;
}

bool Member::OwnsNothing() const {
  for (std::uint32_t i = 0; i < engine_->partitions(); ++i) {
    if (engine_->partition(i).status().state != Tenancy::kClosed) return false;
  }
  const auto view = this->view();
  for (const PartitionRow& row : view->partitions) {
    if (row.owner == options_.id) return false;
  }
  return true;
}

}  // namespace elevaite::engine

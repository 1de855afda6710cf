// Member: this process as a node of a cluster. A thread of its own renews the lease, looks at who owns what,
// and opens and closes partitions of the engine as they are taken and given.
//
// The lease is measured here from before its renewal is sent, on the monotonic clock: it ends for us before
// it ends for the others, and the partitions close themselves by then (lasts_until). A process that is
// stopped in between and comes back late is kept from writing by the epochs, not by this.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/cluster/ownership.h"

namespace elevaite::engine {

class Engine;

struct MemberOptions {
  std::string id;
  std::chrono::milliseconds lease{4'000};
  std::chrono::milliseconds look_every{200};
  std::uint32_t partitions = 16;
  std::function<void()> looked{};  // after each look; on the member's thread
};

// Where a partition is.
struct Whereabouts {
  bool is_here = false;
  std::string address;  // of its owner, when that is another node; empty: nobody who lives has it
};

class Member {
 public:
  struct Counters {
    std::uint64_t taken = 0;
    std::uint64_t taken_after_crash = 0;
    std::uint64_t given = 0;
    std::uint64_t lost = 0;  // tenures that ended because somebody else had the partition already
  };

  // The ownership must outlive it.
  Member(Ownership& ownership, MemberOptions options);
  ~Member() { Stop(); }

  // Before everything else.
  Result<Joined> Join();
  // The engine must outlive the member's thread, and its hub must have been started.
  void Start(Engine& engine);
  // Gives everything back and leaves; returns when that is done, or after `patience`.
  void Leave(std::chrono::milliseconds patience);
  void Stop();

  // Any thread.
  std::chrono::steady_clock::time_point lasts_until() const {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(lasts_until_ns_.load()));
  }
  void Wake();
  Whereabouts Find(std::uint32_t partition) const;
  std::shared_ptr<const ClusterView> view() const;
  Counters counters() const;
  const std::string& id() const { return options_.id; }
  bool is_leaving() const { return leaving_.load(); }

 private:
  void Run();
  void Round();
  void RenewWhenDue();
  void Follow(const ClusterView& view);
  void CloseWhatIsLost(const PartitionRow& row);
  void SettleClosed(const PartitionRow& row);
  void TakeUp(const PartitionRow& row);
  bool IsTooSoon(std::uint32_t partition, const Error& failure);
  bool OwnsNothing() const;

  Ownership& ownership_;
  const MemberOptions options_;
  Engine* engine_ = nullptr;

  // Of the member's thread, and of those that it waits for with mutex_ held.
  std::chrono::steady_clock::time_point renew_at_{};
  std::set<std::uint32_t> giving_;
  std::set<std::uint32_t> noted_;  // whose tenure's end was counted
  std::map<std::uint32_t, std::chrono::steady_clock::time_point> failed_at_;  // to be read back
  bool announced_ = false;
  bool is_cut_off_ = false;

  std::atomic<std::int64_t> lasts_until_ns_{0};
  std::atomic<bool> leaving_ = false;
  mutable std::mutex mutex_;  // for all below
  std::condition_variable wake_;
  std::condition_variable left_;
  bool woken_ = false;
  bool stopping_ = false;
  bool has_left_ = false;
  std::shared_ptr<const ClusterView> view_ = std::make_shared<ClusterView>();
  Counters counters_;
  std::thread thread_;
};

}  // namespace elevaite::engine

// Admission: whether one more start is taken now, so that what has been taken keeps its latency.
//
// What counts is how long work waits before anybody looks at it, not how much of it there is: a queue that is
// long and quick is no overload. As CoDel (Controlled Delay, RFC 8289) it acts on a delay that stands: a
// burst passes, but once the delay has been above twice its target for `burst` in all, nothing passes while
// it is above the target, until it has been below half of it for four times as long. A probability that is
// adjusted to the load (PIE, RFC 8033) was tried: it takes seconds to find its way, in which a queue of ten
// thousand requests grows.
//
// The target is twice what the quickest commit of the last seconds took, as work may wait for one before it
// is in the next, within `target_min` and `target_max`.
//
// While only a few starts are under way, and only a few were before them on their I/O thread, none is
// refused: what makes them slow then is not their number.
//
// A stall is seen apart from that and at once: when starts are under way and none has ended for far longer
// than is usual (the disk does not answer), no burst passes.
//
// What a start leaves to be done for searches (engine/journal/projector.h) must not grow for ever: when the
// oldest of it has waited longer than `behind_max`, nothing passes until that is done.
//
// Only new starts are asked for: results, timers, events and what workflows start themselves always pass.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "foundation/clock.h"
#include "foundation/result.h"

namespace elevaite::engine {

class Admission {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::microseconds;

  struct Options {
    Duration target_min{4'000};
    Duration target_max{50'000};
    Duration interval{15'000};  // between two looks at the delay
    Duration burst{150'000};    // how long a delay may stand, and how long its starts may wait meanwhile
    std::int64_t few = 100;     // starts under way, and before them on an I/O thread
    Duration behind_max{0};     // 0: however long
  };
  // Held by a start from when it is admitted until it is on disk.
  struct Leave {
    void operator()(Admission* admission) const {
      admission->under_way_.fetch_sub(1, std::memory_order_relaxed);
      admission->ended_.fetch_add(1, std::memory_order_relaxed);
    }
  };
  using Ticket = std::unique_ptr<Admission, Leave>;
  // The clock must outlive it.
  explicit Admission(Options options, Clock& clock = SystemClock())
      : options_(options), clock_(clock), burst_left_(options.burst) {}

  // An I/O thread got so late to what it had to do; `asked` is what asked() was when that began.
  void Late(Duration by, std::uint64_t asked);
  // How often Admit was asked.
  std::uint64_t asked() const { return asked_.load(std::memory_order_relaxed); }
  // A start waits from now on; it waits no more.
  void Enqueued() { waiting_.fetch_add(1, std::memory_order_relaxed); }
  void Dequeued() {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    taken_.fetch_add(1, std::memory_order_relaxed);
  }
  // A commit took so long.
  void Took(Duration time);
  // Since when the oldest that was left for searches has been waiting; nothing: none is.
  void Behind(std::optional<Time> since);
  // kUnavailable, to be tried again after a second: refused.
  Result<Ticket> Admit();

  // Of the starts of the last second or so.
  double refused_share() const { return share_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  std::int64_t NowUs() const;
  bool IsStalled(std::int64_t now_us);
  bool IsBehind(std::int64_t now_us) const;
  Duration DelayNow(Duration passed);
  Duration TargetNow(std::int64_t now_us);
  void Update(Duration delay, Duration target);
  void UpdateShare(Duration passed);

  const Options options_;
  Clock& clock_;
  std::atomic<std::int64_t> under_way_ = 0;
  std::atomic<std::uint64_t> ended_ = 0;
  std::atomic<std::uint64_t> ended_before_ = 0;        // when a start was last asked for
  std::atomic<std::int64_t> moved_us_ = 0;             // when some had ended since then
  std::atomic<std::int64_t> pause_us_ = 0;             // usual between two such moments
  std::atomic<std::int64_t> quickest_us_ = INT64_MAX;  // commit of this window
  std::atomic<std::int64_t> waiting_ = 0;
  std::atomic<std::int64_t> taken_ = 0;      // since the last look
  std::atomic<std::int64_t> late_us_ = 0;    // the most since the last look
  std::atomic<std::int64_t> before_it_ = 0;  // of I/O threads: what was asked meanwhile, the most
  std::atomic<std::int64_t> ahead_ = 0;      // the same, up to the last look
  std::atomic<std::uint64_t> asked_ = 0;
  std::atomic<std::int64_t> due_us_ = 0;             // of the next look, on the steady clock
  std::atomic<std::int64_t> behind_us_ = INT64_MAX;  // since when something waits, on that clock
  std::mutex mutex_;                                 // for those below
  std::int64_t waited_before_ = 0;
  std::int64_t quickest_before_us_ = INT64_MAX;  // of the windows before
  std::int64_t window_ends_us_ = 0;
  double rate_ = 0;  // taken up per microsecond while some wait; 0: not known yet
  Duration burst_left_;
  bool may_burst_ = true;  // not from when it was used up until it is whole again
  std::uint64_t asked_before_ = 0;
  std::uint64_t refused_before_ = 0;
  std::atomic<bool> is_full_ = false;
  std::atomic<std::int64_t> waiting_max_ = INT64_MAX;
  std::atomic<double> share_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

}  // namespace elevaite::engine

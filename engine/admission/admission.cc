#include "engine/admission/admission.h"

#include <algorithm>

namespace elevaite::engine {
namespace {

constexpr int kOneCommit = 2;  // times the quickest commit: what one may wait and be no sign of too many
constexpr std::int64_t kWindow = 2'000'000;  // microseconds over which the quickest commit is found
constexpr int kTolerated = 2;        // times the target: what a delay must stand above to be an overload
constexpr int kRefill = 4;           // times as long as it was used a burst takes to come back
constexpr double kRateWeight = 0.2;  // of the newest rate in the average
constexpr int kStalled = 4;          // times the usual pause
constexpr std::int64_t kStalledMin = 30'000;  // microseconds, at least
constexpr int kPauseWeight = 8;               // the newest counts for one in so many
constexpr double kShareTime = 1e6;            // microseconds over which refusals are averaged
constexpr double kShareMin = 0.001;           // less is none

std::unexpected<Error> Refusal(const char* message, const char* hint) {
  return elevaite::Fail({.code = ErrorCode::kUnavailable,
                         .message = message,
                         .hint = hint,
                         .retry_after = std::chrono::seconds(1)});
}

std::int64_t Micros(Admission::Time time) {
  return std::chrono::duration_cast<Admission::Duration>(time.time_since_epoch()).count();
}

void Raise(std::atomic<std::int64_t>& most, std::int64_t to) {
  std::int64_t is = most.load(std::memory_order_relaxed);
  while (to > is && !most.compare_exchange_weak(is, to, std::memory_order_relaxed)) {
  }
}

void Lower(std::atomic<std::int64_t>& least, std::int64_t to) {
  std::int64_t is = least.load(std::memory_order_relaxed);
  while (to < is && !least.compare_exchange_weak(is, to, std::memory_order_relaxed)) {
  }
}

}  // namespace

std::int64_t Admission::NowUs() const { return Micros(clock_.Monotonic()); }

// By Little's law as many wait before an I/O thread as it takes up in the time that one of them waits.
void Admission::Late(Duration by, std::uint64_t asked) {
  Raise(late_us_, by.count());
  Raise(before_it_, static_cast<std::int64_t>(this->asked() - asked));
}

void Admission::Took(Duration time) { Lower(quickest_us_, time.count()); }

void Admission::Behind(std::optional<Time> since) {
  behind_us_.store(since ? Micros(*since) : INT64_MAX, std::memory_order_relaxed);
}

bool Admission::IsBehind(std::int64_t now_us) const {
  const std::int64_t since_us = behind_us_.load(std::memory_order_relaxed);
  return options_.behind_max.count() > 0 && since_us < now_us - options_.behind_max.count();
}

Result<Admission::Ticket> Admission::Admit() {
  const std::int64_t now_us = NowUs();
  asked_.fetch_add(1, std::memory_order_relaxed);
  if (IsBehind(now_us)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return Refusal("searches are too far behind what has been started",
                   "try again later; if it stays so, look for what keeps the database busy");
  }
  std::int64_t due_us = due_us_.load(std::memory_order_relaxed);
  if (now_us >= due_us && due_us_.compare_exchange_strong(due_us, now_us + options_.interval.count())) {
    const std::scoped_lock lock(mutex_);
    const Duration passed = Duration(now_us - due_us) + options_.interval;
    Update(DelayNow(passed), TargetNow(now_us));
    UpdateShare(passed);
  }
  const bool refuse = IsStalled(now_us) || is_full_.load(std::memory_order_relaxed) ||
                      waiting_.load(std::memory_order_relaxed) > waiting_max_.load(std::memory_order_relaxed);
  const std::int64_t ahead = ahead_.load(std::memory_order_relaxed);
  if (!refuse || under_way_.load(std::memory_order_relaxed) + ahead < options_.few) {
    under_way_.fetch_add(1, std::memory_order_relaxed);
    return Ticket(this);
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  return Refusal("more starts come than this server can take", "try again later, with a pause that grows");
}

// What ends is noticed by who asks next: under load that is soon, and nobody else needs to know. Two who ask
// at the same time may both count a pause, or lose one: it is an average.
bool Admission::IsStalled(std::int64_t now_us) {
  const std::uint64_t ended = ended_.load(std::memory_order_relaxed);
  const std::int64_t moved_us = moved_us_.load(std::memory_order_relaxed);
  const std::int64_t usual_us = pause_us_.load(std::memory_order_relaxed);
  if (under_way_.load(std::memory_order_relaxed) == 0) {
    moved_us_.store(now_us, std::memory_order_relaxed);
    return false;
  }
  if (ended_before_.exchange(ended, std::memory_order_relaxed) != ended) {
    const std::int64_t pause_us = std::min(now_us - moved_us, options_.burst.count());
    pause_us_.store(usual_us + (pause_us - usual_us) / kPauseWeight, std::memory_order_relaxed);
    moved_us_.store(now_us, std::memory_order_relaxed);
    return false;
  }
  return now_us - moved_us > std::max(kStalledMin, kStalled * usual_us);
}

// The rate counts only while some wait all the time: else it is that of what comes.
Admission::Duration Admission::DelayNow(Duration passed) {
  const std::int64_t waiting = waiting_.load(std::memory_order_relaxed);
  const auto taken = static_cast<double>(taken_.exchange(0, std::memory_order_relaxed));
  if (waiting > 0 && waited_before_ > 0) {
    const double rate = taken / static_cast<double>(passed.count());
    rate_ = rate_ == 0 ? rate : rate_ + kRateWeight * (rate - rate_);
  }
  waited_before_ = waiting;
  const Duration late(late_us_.exchange(0, std::memory_order_relaxed));
  ahead_.store(before_it_.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
  if (rate_ <= 0 || waiting <= 0) return late;
  return late + Duration(static_cast<std::int64_t>(static_cast<double>(waiting) / rate_));
}

Admission::Duration Admission::TargetNow(std::int64_t now_us) {
  const std::int64_t quickest_us = quickest_us_.load(std::memory_order_relaxed);
  if (now_us >= window_ends_us_) {
    if (quickest_us != INT64_MAX) quickest_before_us_ = quickest_us;
    quickest_us_.store(INT64_MAX, std::memory_order_relaxed);
    window_ends_us_ = now_us + kWindow;
  }
  const std::int64_t known_us = std::min(quickest_us, quickest_before_us_);
  if (known_us == INT64_MAX) return options_.target_max;
  return std::clamp(kOneCommit * Duration(known_us), options_.target_min, options_.target_max);
}

void Admission::Update(Duration delay, Duration target) {
  const Duration standing = may_burst_ ? kTolerated * target : target / 2;
  if (delay > standing)
    burst_left_ = std::max(Duration(0), burst_left_ - options_.interval);
  else
    burst_left_ = std::min(options_.burst, burst_left_ + options_.interval / kRefill);
  if (burst_left_.count() == 0) may_burst_ = false;
  if (burst_left_ == options_.burst) may_burst_ = true;
  const Duration most = may_burst_ ? options_.burst : target;
  is_full_.store(delay > most, std::memory_order_relaxed);
  // Between two looks a flood may come.
  const double in_time = rate_ * static_cast<double>(most.count());
  waiting_max_.store(rate_ > 0 ? static_cast<std::int64_t>(in_time) : INT64_MAX, std::memory_order_relaxed);
}

void Admission::UpdateShare(Duration passed) {
  const std::uint64_t asked = asked_.load(std::memory_order_relaxed);
  const std::uint64_t refused = refused_.load(std::memory_order_relaxed);
  if (asked == asked_before_) return;
  const double now =
      static_cast<double>(refused - refused_before_) / static_cast<double>(asked - asked_before_);
  const double weight = std::min(1.0, static_cast<double>(passed.count()) / kShareTime);
  const double share = refused_share() + weight * (now - refused_share());
  share_.store(share < kShareMin ? 0 : share, std::memory_order_relaxed);
  asked_before_ = asked;
  refused_before_ = refused;
}

}  // namespace elevaite::engine

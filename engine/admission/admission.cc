#include "engine/admission/admission.h"

#include <algorithm>

namespace elevaite::engine {
namespace {

constexpr int kFull = 10;            // times the target: nothing more until it is less, also in a burst
constexpr int kRefill = 4;           // times as long as it was used a burst takes to come back
constexpr double kRateWeight = 0.2;  // of the newest rate in the average
constexpr int kStalled = 4;          // times the usual pause, and at least twice the target
constexpr int kPauseWeight = 8;      // the newest counts for one in so many
constexpr double kShareTime = 1e6;   // microseconds over which refusals are averaged
constexpr double kShareMin = 0.001;  // less is none

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

}  // namespace

// By Little's law as many wait before an I/O thread as it takes up in the time that one of them waits.
void Admission::Late(Duration by, std::uint64_t asked) {
  Raise(late_us_, by.count());
  Raise(before_it_, static_cast<std::int64_t>(this->asked() - asked));
}

void Admission::Behind(std::optional<Time> since) {
  behind_us_.store(since ? Micros(*since) : INT64_MAX, std::memory_order_relaxed);
}

bool Admission::IsBehind(std::int64_t now_us) const {
  const std::int64_t since_us = behind_us_.load(std::memory_order_relaxed);
  return options_.behind_max.count() > 0 && since_us < now_us - options_.behind_max.count();
}

Result<Admission::Ticket> Admission::Admit(Time now) {
  const std::int64_t now_us = Micros(now);
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
    Update(DelayNow(passed));
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
  return now_us - moved_us > std::max(2 * options_.target.count(), kStalled * usual_us);
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

void Admission::Update(Duration delay) {
  if (delay > options_.target / 2)
    burst_left_ = std::max(Duration(0), burst_left_ - options_.interval);
  else
    burst_left_ = std::min(options_.burst, burst_left_ + options_.interval / kRefill);
  const Duration most = options_.target * (burst_left_.count() > 0 ? kFull : 1);
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

#include "engine/admission/admission.h"

#include <algorithm>

namespace elevaite::engine {
namespace {

// RFC 8033, section 4.2 and appendix A. Its unit is the second.
constexpr double kAlpha = 0.125;
constexpr double kBeta = 1.25;
constexpr double kStepMax = 0.02;     // once the probability is not small any more
constexpr double kIdleDecay = 0.98;   // at each look while nothing waits
constexpr int kFull = 10;             // times the target: nothing more until it is less (our own)
constexpr double kRateWeight = 0.2;   // of the newest rate in the average (our own)
constexpr int kStalled = 4;           // times the usual pause, and at least twice the target (our own)
constexpr int kPauseWeight = 8;       // the newest counts for one in so many (our own)
constexpr double kAlwaysBelow = 0.2;  // less is not acted on while the delay is under half its target

// Small probabilities change in small steps: else they would swing.
double Damping(double probability) {
  if (probability < 0.000001) return 1.0 / 2048;
  if (probability < 0.00001) return 1.0 / 512;
  if (probability < 0.0001) return 1.0 / 128;
  if (probability < 0.001) return 1.0 / 32;
  if (probability < 0.01) return 1.0 / 8;
  if (probability < 0.1) return 1.0 / 2;
  return 1;
}

std::unexpected<Error> Refusal(const char* message, const char* hint) {
  return elevaite::Fail({.code = ErrorCode::kUnavailable,
                         .message = message,
                         .hint = hint,
                         .retry_after = std::chrono::seconds(1)});
}

std::int64_t Micros(Admission::Time time) {
  return std::chrono::duration_cast<Admission::Duration>(time.time_since_epoch()).count();
}

double Seconds(Admission::Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void Admission::Late(Duration by) {
  std::int64_t most = late_us_.load(std::memory_order_relaxed);
  while (by.count() > most && !late_us_.compare_exchange_weak(most, by.count(), std::memory_order_relaxed)) {
  }
}

void Admission::Behind(std::optional<Time> since) {
  behind_us_.store(since ? Micros(*since) : INT64_MAX, std::memory_order_relaxed);
}

bool Admission::IsBehind(std::int64_t now_us) const {
  const std::int64_t since_us = behind_us_.load(std::memory_order_relaxed);
  return options_.behind_max.count() > 0 && since_us < now_us - options_.behind_max.count();
}

Result<Admission::Ticket> Admission::Admit(Time now, double unit) {
  const std::int64_t now_us = Micros(now);
  if (IsBehind(now_us)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return Refusal("searches are too far behind what has been started",
                   "try again later; if it stays so, look for what keeps the database busy");
  }
  std::int64_t due_us = due_us_.load(std::memory_order_relaxed);
  if (now_us >= due_us && due_us_.compare_exchange_strong(due_us, now_us + options_.interval.count())) {
    const std::scoped_lock lock(mutex_);
    Update(DelayNow(Duration(now_us - due_us) + options_.interval));
  }
  const bool refuse = IsStalled(now_us) || unit < refused_share();
  if (!refuse || under_way_.load(std::memory_order_relaxed) < options_.few) {
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
  if (rate_ <= 0 || waiting <= 0) return late;
  return late + Duration(static_cast<std::int64_t>(static_cast<double>(waiting) / rate_));
}

void Admission::Update(Duration delay) {
  double step = kAlpha * Seconds(delay - options_.target) + kBeta * Seconds(delay - before_);
  step *= Damping(probability_);
  if (probability_ >= 0.1) step = std::min(step, kStepMax);
  probability_ += step;
  if (delay.count() == 0 && before_.count() == 0) probability_ *= kIdleDecay;
  probability_ = std::clamp(probability_, 0.0, 1.0);
  const bool calm = delay < options_.target / 2 && before_ < options_.target / 2;
  if (probability_ == 0 && calm) {
    burst_left_ = options_.burst;
  } else {
    burst_left_ = std::max(Duration(0), burst_left_ - options_.interval);
  }
  const bool passes =
      burst_left_.count() > 0 || (before_ < options_.target / 2 && probability_ < kAlwaysBelow);
  before_ = delay;
  const double share = passes ? 0 : probability_;
  share_.store(delay > kFull * options_.target ? 1 : share, std::memory_order_relaxed);
}

}  // namespace elevaite::engine

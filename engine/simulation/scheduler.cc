#include "engine/simulation/scheduler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace elevaite::simulation {

void Scheduler::After(std::int64_t delay_us, std::string_view what, Action action) {
  queue_.push({elapsed_us_ + std::max<std::int64_t>(delay_us, 0), next_++, what, std::move(action)});
}

bool Scheduler::RunNext() {
  if (queue_.empty()) return false;
  Step step = std::move(const_cast<Step&>(queue_.top()));  // it leaves the queue with the next line
  queue_.pop();
  ++steps_;
  clock_.Advance(std::chrono::microseconds(step.at_us - elapsed_us_));
  elapsed_us_ = step.at_us;
  trace_.SetTime(elapsed_us_);
  trace_.Note(step.what);
  step.action();
  return true;
}

std::int64_t Scheduler::Delay(std::int64_t usual_us) {
  if (Percent(slow_percent_)) return Spread(usual_us, usual_us * 1'000);
  return static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(usual_us) + 1));
}

std::int64_t Scheduler::Spread(std::int64_t from_us, std::int64_t to_us) {
  const double low = std::log(static_cast<double>(from_us));
  const double high = std::log(static_cast<double>(to_us));
  return static_cast<std::int64_t>(std::exp(low + random_.Unit() * (high - low)));
}

}  // namespace elevaite::simulation

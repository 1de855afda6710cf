// Watch: the clock beside one attempt at an activity, for its bounds (docs/language/semantics.md,
// "Timeouts"). It says when the attempt has run, or been silent, for too long, and has it stopped.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "engine/activities/activities.h"
#include "foundation/json.h"

namespace elevaite::connectors {

// The error of an attempt whose turn did not come in time.
Json QueuedTooLong(const engine::ActivityTask& task);
// The error of the attempt of this number that ran for too long.
Json AttemptTooLong(const std::string& connector, std::uint32_t attempt, std::chrono::microseconds bound);

// All but Beat runs on the executor, which must be of one thread.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  using Clock = std::chrono::steady_clock;

  // `stop` has the attempt stopped; called once at most.
  Watch(boost::asio::any_io_executor executor, const engine::ActivityTask& task, std::function<void()> stop);

  void Begin();
  void End();
  // A sign of life, from any thread.
  void Beat() { last_beat_ = Clock::now().time_since_epoch().count(); }
  // Why the attempt was stopped; nothing: it was not.
  const std::optional<Json>& overdue() const { return overdue_; }

 private:
  Clock::time_point SilentSince() const { return Clock::time_point(Clock::duration(last_beat_.load())); }
  void Wait();
  void Look();
  void Stop(Json error);

  boost::asio::steady_timer timer_;
  std::string connector_;
  std::uint32_t attempt_number_;
  std::chrono::microseconds attempt_;    // 0: no bound
  std::chrono::microseconds heartbeat_;  // likewise
  std::function<void()> stop_;
  Clock::time_point began_;
  std::atomic<Clock::rep> last_beat_{0};
  bool ended_ = false;
  std::optional<Json> overdue_;
};

}  // namespace elevaite::connectors

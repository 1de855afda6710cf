// Time as a value and as a port.
//
// Timestamp: microseconds since 1970-01-01T00:00:00Z as int64, the form all stores keep; RFC 3339 UTC in the
// API. Durations are std::chrono. Measure how long something took with Clock::Monotonic(), which never jumps,
// not with Now().
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite {

class Timestamp {
 public:
  enum class Precision : std::uint8_t { kSeconds, kMillis, kMicros };

  constexpr Timestamp() = default;  // the epoch
  static constexpr Timestamp FromMicros(std::int64_t micros) { return Timestamp(micros); }
  static constexpr Timestamp FromMillis(std::int64_t millis) { return Timestamp(millis * 1000); }
  // Later than everything that is not itself Max(); not to be formatted.
  static constexpr Timestamp Max() { return Timestamp(INT64_MAX); }

  constexpr std::int64_t micros() const { return micros_; }
  constexpr std::int64_t millis() const { return micros_ >= 0 ? micros_ / 1000 : -((-micros_ + 999) / 1000); }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  friend constexpr Timestamp operator+(Timestamp t, std::chrono::microseconds d) {
    return Timestamp(t.micros_ + d.count());
  }
  friend constexpr Timestamp operator-(Timestamp t, std::chrono::microseconds d) {
    return Timestamp(t.micros_ - d.count());
  }
  friend constexpr std::chrono::microseconds operator-(Timestamp a, Timestamp b) {
    return std::chrono::microseconds(a.micros_ - b.micros_);
  }
  constexpr Timestamp& operator+=(std::chrono::microseconds d) { return *this = *this + d; }
  constexpr Timestamp& operator-=(std::chrono::microseconds d) { return *this = *this - d; }

  // "2026-11-20T21:52:00.123Z"; finer digits are cut off. Years outside 0000-9999 are held to that range.
  std::string ToRfc3339(Precision precision = Precision::kMillis) const;
  // Any RFC 3339 time with `Z` or an offset, up to 9 digits of a second (cut to 6). Leap seconds (:60) are
  // refused.
  static Result<Timestamp> Parse(std::string_view text);

 private:
  explicit constexpr Timestamp(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

class Clock {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;  // may jump when the machine's clock is set
  virtual Instant Monotonic() const = 0;
};

// The machine's clock; thread-safe.
Clock& SystemClock();

// Stands still until told. Both readings move together. Thread-safe.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Timestamp start = Timestamp::FromMillis(1'767'225'600'000))
      : now_(start.micros()) {}  // 2026-01-01

  Timestamp Now() const override { return Timestamp::FromMicros(now_.load(std::memory_order_relaxed)); }
  Instant Monotonic() const override {
    return Instant(std::chrono::microseconds(elapsed_.load(std::memory_order_relaxed)));
  }
  void Advance(std::chrono::microseconds by) {
    now_.fetch_add(by.count(), std::memory_order_relaxed);
    elapsed_.fetch_add(by.count(), std::memory_order_relaxed);
  }
  // Sets the wall clock only, also backwards, as an administrator or NTP would.
  void Jump(Timestamp to) { now_.store(to.micros(), std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> elapsed_{0};
};

}  // namespace elevaite

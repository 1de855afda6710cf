// Breaker: the circuit to one host. Pure: it is told what calls came to and what time it is, and says whether
// the next one may go out.
//
//   closed ----(too many failures, or the host asks for a rest)----> open, until a time
//   open ------(that time has come)----> half open: a few calls go out as probes
//   half open -(all probes were good)--> closed     -(one was bad)--> open again
//
// What a call that was begun before the circuit opened comes to decides nothing any more.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace elevaite::hosts {

using Time = std::chrono::steady_clock::time_point;
using Span = std::chrono::microseconds;

inline constexpr Time kNever = Time::max();

// What becomes of a call while the circuit is open.
enum class WhenOpen : std::uint8_t { kFail, kWait };

struct BreakerRule {
  std::uint32_t in_a_row = 0;                      // failures without a success between; 0: not looked at
  std::uint32_t percent = 0;                       // of the calls that ended in `window`; 0: not looked at
  std::uint32_t calls_min = 20;                    // before the share is looked at
  Span window = std::chrono::minutes(1);           // in tenths
  Span open = std::chrono::seconds(30);            // how long
  std::uint32_t probes = 1;                        // calls that must go well before it closes
  Span retry_after_max = std::chrono::minutes(5);  // of what the host asks for; 0: that is not looked at
  WhenOpen when_open = WhenOpen::kFail;

  friend bool operator==(const BreakerRule&, const BreakerRule&) = default;
};

enum class Verdict : std::uint8_t {
  kNone,  // says nothing about the host: cancelled, lost, never sent
  kGood,
  kBad
};

struct CallEnd {
  Verdict verdict = Verdict::kNone;
  std::optional<Span> retry_after{};  // the host said so
};

class Breaker {
 public:
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  // What a call has that went out.
  struct Permit {
    std::uint64_t era = 0;
    bool is_probe = false;
  };

  // Whether Take would give one.
  bool Allows(const BreakerRule& rule, Time now) const;
  std::optional<Permit> Take(const BreakerRule& rule, Time now);
  // For a call that is known to be out already.
  Permit Joined() const { return {.era = era_, .is_probe = false}; }
  // Once for each permit.
  void End(const BreakerRule& rule, Permit permit, CallEnd end, Time now);
  // `rule` holds from now on: one that asks for fewer probes may have had them already.
  void Adopt(const BreakerRule& rule, Time now);
  // Somebody knows better: closed, and nothing is held against the host.
  void Close(Time now);

  State state(Time now) const { return state_ == State::kOpen && now >= until_ ? State::kHalfOpen : state_; }
  Time since(Time now) const { return state_ == State::kOpen && now >= until_ ? until_ : since_; }
  // While it is open: when it lets probes out.
  Time until() const { return state_ == State::kOpen ? until_ : kNever; }
  std::uint32_t in_a_row() const { return in_a_row_; }
  std::uint64_t opened() const { return opened_; }  // how often

 private:
  static constexpr std::size_t kParts = 10;
  // Of the window.
  struct Part {
    std::int64_t number = -1;
    std::uint32_t calls = 0;
    std::uint32_t bad = 0;
  };

  void Open(Span time, Time now);
  void Count(const BreakerRule& rule, bool is_bad, Time now);
  bool IsTooMuch(const BreakerRule& rule, Time now) const;

  State state_ = State::kClosed;
  Time since_{};
  Time until_ = kNever;
  std::uint64_t era_ = 0;
  std::uint64_t opened_ = 0;
  std::uint32_t in_a_row_ = 0;
  std::uint32_t probes_out_ = 0;
  std::uint32_t probes_good_ = 0;
  std::array<Part, kParts> parts_{};
};

}  // namespace elevaite::hosts

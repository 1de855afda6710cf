#include "services/workflow/hosts/breaker.h"

#include <algorithm>

namespace elevaite::hosts {
namespace {

std::int64_t PartNumber(const BreakerRule& rule, std::size_t parts, Time now) {
  const auto part = std::max<std::int64_t>(rule.window.count() / static_cast<std::int64_t>(parts), 1);
  return std::chrono::duration_cast<Span>(now.time_since_epoch()).count() / part;
}

// How long the host asks to be left alone, as far as the rule lets it.
std::optional<Span> RestAsked(const BreakerRule& rule, const CallEnd& end) {
  if (end.verdict != Verdict::kBad || !end.retry_after || end.retry_after->count() <= 0) return std::nullopt;
  if (rule.retry_after_max.count() == 0) return std::nullopt;
  return std::min(*end.retry_after, rule.retry_after_max);
}

}  // namespace

bool Breaker::Allows(const BreakerRule& rule, Time now) const {
  switch (state(now)) {
    case State::kClosed: return true;
    case State::kOpen: return false;
    case State::kHalfOpen:
      return state_ == State::kOpen || probes_out_ + probes_good_ < std::max(rule.probes, 1U);
  }
  return false;
}

std::optional<Breaker::Permit> Breaker::Take(const BreakerRule& rule, Time now) {
  if (!Allows(rule, now)) return std::nullopt;
  if (state_ == State::kClosed) return Permit{.era = era_, .is_probe = false};
  if (state_ == State::kOpen) {
    since_ = until_;
    state_ = State::kHalfOpen;
    probes_out_ = probes_good_ = 0;
  }
  ++probes_out_;
  return Permit{.era = era_, .is_probe = true};
}

void Breaker::End(const BreakerRule& rule, Permit permit, CallEnd end, Time now) {
  const std::optional<Span> rest = RestAsked(rule, end);
  if (permit.era != era_) {
    // One that was out when the circuit opened; the host may have said more exactly when it is back.
    if (state_ == State::kOpen && permit.era + 1 == era_ && rest) until_ = std::max(until_, now + *rest);
    return;
  }
  if (state_ == State::kHalfOpen) {
    if (!permit.is_probe) return;
    --probes_out_;
    if (end.verdict == Verdict::kBad) return Open(rest.value_or(rule.open), now);
    if (end.verdict == Verdict::kGood && ++probes_good_ >= rule.probes) Close(now);
    return;
  }
  if (end.verdict == Verdict::kNone || state_ != State::kClosed) return;
  Count(rule, end.verdict == Verdict::kBad, now);
  if (rest || (end.verdict == Verdict::kBad && IsTooMuch(rule, now))) Open(rest.value_or(rule.open), now);
}

void Breaker::Adopt(const BreakerRule& rule, Time now) {
  if (state_ == State::kHalfOpen && probes_good_ >= std::max(rule.probes, 1U)) Close(now);
}

void Breaker::Close(Time now) {
  if (state_ != State::kClosed) since_ = now;
  state_ = State::kClosed;
  until_ = kNever;
  ++era_;
  in_a_row_ = 0;
  parts_ = {};
}

void Breaker::Open(Span time, Time now) {
  state_ = State::kOpen;
  since_ = now;
  until_ = now + time;
  ++era_;
  ++opened_;
}

void Breaker::Count(const BreakerRule& rule, bool is_bad, Time now) {
  in_a_row_ = is_bad ? in_a_row_ + 1 : 0;
  const std::int64_t number = PartNumber(rule, kParts, now);
  Part& part = parts_[static_cast<std::size_t>(number) % kParts];
  if (part.number != number) part = {.number = number};
  ++part.calls;
  part.bad += is_bad ? 1 : 0;
}

bool Breaker::IsTooMuch(const BreakerRule& rule, Time now) const {
  if (rule.in_a_row > 0 && in_a_row_ >= rule.in_a_row) return true;
  if (rule.percent == 0) return false;
  const std::int64_t newest = PartNumber(rule, kParts, now);
  std::uint64_t calls = 0;
  std::uint64_t bad = 0;
  for (const Part& part : parts_) {
    if (part.number < 0 || part.number > newest || part.number <= newest - static_cast<std::int64_t>(kParts))
      continue;
    calls += part.calls;
    bad += part.bad;
  }
  return calls >= rule.calls_min && bad * 100 >= calls * rule.percent;
}

}  // namespace elevaite::hosts

#include "services/workflow/hosts/host_lane.h"

#include <algorithm>

namespace elevaite::hosts {
namespace {

std::int64_t MicrosOf(Time time) { return std::chrono::duration_cast<Span>(time.time_since_epoch()).count(); }

Time Sooner(Time now, Span span, Time other) {
  return other - now < span ? other : now + span;  // `other` may be kNever
}

}  // namespace

bool HostLane::MayGo(Time now) const {
  if (!HasPlace()) return false;
  if (rule_.rate && rule_.rate->Free(rate_due_us_, MicrosOf(now)) < 1) return false;
  return !rule_.breaker || breaker_.Allows(*rule_.breaker, now);
}

void HostLane::Begin(Ticket ticket, Time now) {
  std::optional<Breaker::Permit> permit;
  if (rule_.breaker) permit = breaker_.Take(*rule_.breaker, now);
  if (rule_.rate) rate_due_us_ = rule_.rate->AfterOne(rate_due_us_, MicrosOf(now));
  running_.emplace(ticket, permit);
}

void HostLane::Await(Ticket ticket, Time until, Time now) {
  waiting_.emplace(ticket, Waiting{.since = now, .until = until});
  bounds_.emplace(until, ticket);
}

void HostLane::Forget(std::map<Ticket, Waiting>::iterator one) {
  bounds_.erase({one->second.until, one->first});
  waiting_.erase(one);
}

HostLane::Answer HostLane::Arrive(Ticket ticket, Time until, Time now) {
  if (waiting_.empty() && MayGo(now)) {
    Begin(ticket, now);
    return Answer::kGo;
  }
  if (Refuses(now)) return Answer::kOpen;
  if (waiting_.size() >= rule_.waiting_max) return Answer::kFull;
  Await(ticket, Sooner(now, rule_.wait_max, until), now);
  return Answer::kWait;
}

void HostLane::ArriveAgain(Ticket ticket, Time settled, Time until, Time now) {
  settling_.emplace(ticket, Settling{.settled = settled, .until = Sooner(now, rule_.wait_max, until)});
}

bool HostLane::Claim(Ticket ticket, Time now) {
  if (const auto found = waiting_.find(ticket); found != waiting_.end()) {
    Forget(found);
  } else if (settling_.erase(ticket) == 0) {
    return false;
  }
  if (rule_.rate) rate_due_us_ = rule_.rate->AfterOne(rate_due_us_, MicrosOf(now));
  running_.emplace(ticket, rule_.breaker ? std::optional(breaker_.Joined()) : std::nullopt);
  return true;
}

void HostLane::Leave(Ticket ticket, CallEnd end, Time now) {
  settling_.erase(ticket);
  if (const auto found = waiting_.find(ticket); found != waiting_.end()) Forget(found);
  const auto found = running_.find(ticket);
  if (found == running_.end()) return;
  if (rule_.breaker && found->second) breaker_.End(*rule_.breaker, *found->second, end, now);
  running_.erase(found);
}

void HostLane::SetRule(LaneRule rule, Time now) {
  if (!rule.breaker) breaker_.Close(now);
  rule_ = std::move(rule);
  // A faster pace than before does not wait as long as the slower one would have.
  if (rule_.rate) rate_due_us_ = std::min(rate_due_us_, MicrosOf(now) + rule_.rate->interval_us);
}

HostLane::Decisions HostLane::Look(Time now) {
  Decisions decisions;
  while (!bounds_.empty() && bounds_.begin()->first <= now) {
    const Ticket ticket = bounds_.begin()->second;
    Forget(waiting_.find(ticket));
    decisions.refused.emplace_back(ticket, Refusal::kOverdue);
  }
  while (!settling_.empty() && settling_.begin()->second.settled <= now) {
    Await(settling_.begin()->first, settling_.begin()->second.until, now);
    settling_.erase(settling_.begin());
  }
  while (!waiting_.empty() && MayGo(now)) {
    const auto first = waiting_.begin();
    const Ticket ticket = first->first;
    Forget(first);
    Begin(ticket, now);
    decisions.go.push_back(ticket);
  }
  while (!waiting_.empty() && Refuses(now)) {
    decisions.refused.emplace_back(waiting_.begin()->first, Refusal::kOpen);
    Forget(waiting_.begin());
  }
  return decisions;
}

Time HostLane::WakeAt(Time now) const {
  Time at = settling_.empty() ? kNever : settling_.begin()->second.settled;
  if (waiting_.empty()) return at;
  at = std::min(at, bounds_.begin()->first);
  if (!HasPlace()) return at;
  if (rule_.breaker && !breaker_.Allows(*rule_.breaker, now)) return std::min(at, breaker_.until());
  if (rule_.rate) at = std::min(at, Time(Span(rule_.rate->NextUs(rate_due_us_))));
  return at;
}

}  // namespace elevaite::hosts

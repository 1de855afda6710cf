#include "services/workflow/hosts/host_lane.h"

#include <algorithm>

namespace elevaite::hosts {
namespace {

std::int64_t MicrosOf(Time time) { return std::chrono::duration_cast<Span>(time.time_since_epoch()).count(); }

Time Sooner(Time now, Span span, Time other) {
  return other - now < span ? other : now + span;  // `other` may be kNever
}

// When the next one is due at another pace: as many as before have been let go ahead of their time, each now
// takes as long as the new pace says.
std::int64_t DueAt(const flow::PaceLimit& before, const flow::PaceLimit& pace, std::int64_t due_us,
                   std::int64_t now_us) {
  const double ahead = static_cast<double>(std::max<std::int64_t>(due_us - now_us, 0)) /
                       static_cast<double>(before.interval_us);
  const double most = static_cast<double>(pace.burst);
  return now_us + static_cast<std::int64_t>(std::min(ahead, most) * static_cast<double>(pace.interval_us));
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
  if (rule == rule_) return;
  if (rule_.rate && rule.rate) rate_due_us_ = DueAt(*rule_.rate, *rule.rate, rate_due_us_, MicrosOf(now));
  if (rule.breaker)
    breaker_.Adopt(*rule.breaker, now);
  else
    breaker_.Close(now);
  rule_ = std::move(rule);
}

std::vector<Ticket> HostLane::Calls(std::size_t most) const {
  std::vector<Ticket> calls;
  const auto add = [&](const auto& tickets) {
    for (auto one = tickets.begin(); one != tickets.end() && calls.size() < most; ++one)
      calls.push_back(one->first);
  };
  add(waiting_);
  add(settling_);
  add(running_);
  return calls;
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

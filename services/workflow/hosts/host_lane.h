// HostLane: the calls to one host, those that are out and those that wait for their turn. Pure. First come,
// first served. A call is known by its ticket; tickets grow in the order in which calls come.
//
// A call holds a place from the moment in which it may go until Leave. One that another process may be making
// already (it was given out in an earlier life of this one) holds its place from the start, until it is
// claimed or has settled: so a limit holds over a restart.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/workflow/flow/gate.h"
#include "services/workflow/hosts/breaker.h"

namespace elevaite::hosts {

using Ticket = std::uint64_t;

struct LaneRule {
  std::optional<std::int64_t> concurrency;
  std::optional<flow::PaceLimit> rate;
  std::size_t waiting_max = 10'000;
  Span wait_max = std::chrono::hours(1);
  std::optional<BreakerRule> breaker;

  bool HoldsBack() const { return concurrency || rate || breaker; }
  friend bool operator==(const LaneRule&, const LaneRule&) = default;
};

enum class Refusal : std::uint8_t {
  kOpen,     // the circuit is open
  kFull,     // too many wait already
  kOverdue,  // its turn has not come in time
  kNoRoom    // too many hosts at once
};

// What is known of the last call that went wrong.
struct LastError {
  std::string kind;  // "connection", "timeout", "status"
  int status = 0;
  Time at{};
};

class HostLane {
 public:
  struct Decisions {
    std::vector<Ticket> go;
    std::vector<std::pair<Ticket, Refusal>> refused;
  };
  enum class Answer : std::uint8_t { kGo, kWait, kOpen, kFull };

  // `until`: when it gives up, besides the rule's own bound.
  Answer Arrive(Ticket ticket, Time until, Time now);
  // Another process may have it: waits until `settled`, which is not before that of the one before.
  void ArriveAgain(Ticket ticket, Time settled, Time until, Time now);
  // It is out all the same. False: it was already, or is not here.
  bool Claim(Ticket ticket, Time now);
  // It is over, or no longer wanted. Its place is free.
  void Leave(Ticket ticket, CallEnd end, Time now);

  // The calls that are out stay so; what may go now, Look says. The same rule again changes nothing, and of
  // another pace only so much is free at once as was before.
  void SetRule(LaneRule rule, Time now);
  void CloseCircuit(Time now) { breaker_.Close(now); }
  void Note(LastError error) { last_error_ = std::move(error); }
  // What may go now, and what will not. Once for each call.
  Decisions Look(Time now);
  // When to look again, though nothing has happened.
  Time WakeAt(Time now) const;

  const LaneRule& rule() const { return rule_; }
  const Breaker& breaker() const { return breaker_; }
  const std::optional<LastError>& last_error() const { return last_error_; }
  std::size_t running() const { return running_.size() + settling_.size(); }
  std::size_t waiting() const { return waiting_.size(); }
  // The first of those that wait, then those that are out.
  std::vector<Ticket> Calls(std::size_t most) const;
  bool IsIdle() const { return running_.empty() && settling_.empty() && waiting_.empty(); }
  std::optional<Time> oldest() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->second.since);
  }

 private:
  struct Waiting {
    Time since;
    Time until;
  };
  struct Settling {
    Time settled;
    Time until;
  };

  bool HasPlace() const {
    return !rule_.concurrency || running() < static_cast<std::size_t>(*rule_.concurrency);
  }
  // Whether what does not go now is not to wait either.
  bool Refuses(Time now) const {
    return rule_.breaker && rule_.breaker->when_open == WhenOpen::kFail &&
           !breaker_.Allows(*rule_.breaker, now);
  }
  bool MayGo(Time now) const;
  void Begin(Ticket ticket, Time now);
  void Await(Ticket ticket, Time until, Time now);
  void Forget(std::map<Ticket, Waiting>::iterator one);

  LaneRule rule_;
  Breaker breaker_;
  std::int64_t rate_due_us_ = 0;
  std::map<Ticket, std::optional<Breaker::Permit>> running_;
  std::map<Ticket, Settling> settling_;
  std::map<Ticket, Waiting> waiting_;
  std::set<std::pair<Time, Ticket>> bounds_;  // of those that wait
  std::optional<LastError> last_error_;
};

}  // namespace elevaite::hosts

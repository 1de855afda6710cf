#include "services/workflow/hosts/host_table.h"

#include <algorithm>
#include <tuple>

namespace elevaite::hosts {

HostTable::Arrived HostTable::Arrive(const Call& call, Time now) {
  Arrived arrived{.ticket = ++last_};
  Host* const host = Meet(call.account, call.host, now);
  if (host == nullptr) {
    const HostRule* const rule = accounts_[call.account].rules.For(call.host);
    if (rule == nullptr) {
      arrived.goes = true;  // nothing holds it back, and it is not counted
    } else {
      arrived.refused = Refused{
          .ticket = arrived.ticket, .why = Refusal::kNoRoom, .host = call.host, .pattern = rule->pattern};
    }
    return arrived;
  }
  const Key key{call.account, call.host};
  host->used = now;
  if (call.settled && host->lane.rule().HoldsBack()) {
    host->lane.ArriveAgain(arrived.ticket, *call.settled, call.until, now);
  } else {
    switch (host->lane.Arrive(arrived.ticket, call.until, now)) {
      case HostLane::Answer::kGo: arrived.goes = true; break;
      case HostLane::Answer::kWait: break;
      case HostLane::Answer::kOpen:
        arrived.refused = Describe(arrived.ticket, Refusal::kOpen, call.host, *host);
        break;
      case HostLane::Answer::kFull:
        arrived.refused = Describe(arrived.ticket, Refusal::kFull, call.host, *host);
        break;
    }
  }
  if (!arrived.refused) calls_.emplace(arrived.ticket, key);
  Settle(key, *host, now);
  return arrived;
}

bool HostTable::Claim(Ticket ticket, Time now) {
  Host* const host = HostOf(ticket);
  return host != nullptr && host->lane.Claim(ticket, now);
}

Time HostTable::Leave(Ticket ticket, CallEnd end, std::optional<LastError> error, Time now) {
  const auto found = calls_.find(ticket);
  if (found == calls_.end()) return kNever;
  const Key key = found->second;
  Host& host = *HostOf(ticket);
  calls_.erase(found);
  const std::uint64_t opened = host.lane.breaker().opened();
  host.lane.Leave(ticket, end, now);
  opened_ += host.lane.breaker().opened() - opened;
  if (error) host.lane.Note(*std::move(error));
  host.used = now;
  touched_.insert(key);
  return host.lane.breaker().until();
}

void HostTable::SetRules(std::map<AccountId, HostRules> rules, std::size_t nodes, Time now) {
  nodes_ = nodes;
  for (auto& [id, account] : accounts_) account.rules = {};
  for (auto& [id, of] : rules) accounts_[id].rules = std::move(of);
  for (auto& [id, account] : accounts_) {
    for (auto& [name, host] : account.hosts) {
      ApplyRule(account, name, host, now);
      touched_.emplace(id, name);
    }
  }
}

std::vector<HostTable::Scarce> HostTable::scarce() const {
  std::vector<Scarce> all;
  for (const auto& [account, name] : scarce_) {
    const Host& host = accounts_.at(account).hosts.at(name);
    all.push_back({.account = account,
                   .host = name,
                   .limit = host.limit,
                   .places = host.places,
                   .running = static_cast<std::int64_t>(host.lane.running()),
                   .waiting = static_cast<std::int64_t>(host.lane.waiting())});
  }
  return all;
}

void HostTable::SetPlaces(const AccountId& id, const std::string& name, std::int64_t places, Time now) {
  const auto account = accounts_.find(id);
  if (account == accounts_.end()) return;
  const auto host = account->second.hosts.find(name);
  if (host == account->second.hosts.end()) return;
  host->second.places = places;
  ApplyRule(account->second, name, host->second, now);
  touched_.emplace(id, name);
}

bool HostTable::CloseCircuit(const AccountId& account, const std::string& host, Time now) {
  const auto of = accounts_.find(account);
  if (of == accounts_.end()) return false;
  const auto found = of->second.hosts.find(host);
  if (found == of->second.hosts.end()) return false;
  found->second.lane.CloseCircuit(now);
  touched_.emplace(account, host);
  return true;
}

HostTable::Decisions HostTable::Look(Time now) {
  Decisions decisions;
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    const Key key = wakes_.begin()->second;
    accounts_[key.first].hosts.at(key.second).wakes = kNever;
    wakes_.erase(wakes_.begin());
    touched_.insert(key);
  }
  for (const Key& key : std::exchange(touched_, {})) {
    Account& account = accounts_[key.first];
    const auto found = account.hosts.find(key.second);
    if (found == account.hosts.end()) continue;
    Host& host = found->second;
    HostLane::Decisions made = host.lane.Look(now);
    for (const Ticket ticket : made.go) decisions.go.push_back(ticket);
    for (const auto& [ticket, why] : made.refused) {
      calls_.erase(ticket);
      decisions.refused.push_back(Describe(ticket, why, key.second, host));
    }
    Settle(key, host, now);
  }
  return decisions;
}

std::vector<HostTable::Seen> HostTable::HostsOf(const AccountId& account, std::size_t most, Time now) const {
  std::vector<Seen> seen;
  const auto of = accounts_.find(account);
  if (of == accounts_.end()) return seen;
  for (const auto& [name, host] : of->second.hosts)
    seen.push_back(
        {.host = name, .pattern = host.pattern, .lane = &host.lane, .limit = host.limit, .used = host.used});
  const auto rank = [now](const Seen& one) {
    const bool is_closed = one.lane->breaker().state(now) == Breaker::State::kClosed;
    return std::tuple(is_closed, one.lane->waiting() == 0, one.lane->running() == 0,
                      std::string_view(one.host));
  };
  std::ranges::sort(seen, [&](const Seen& a, const Seen& b) { return rank(a) < rank(b); });
  if (seen.size() > most) seen.resize(most);
  return seen;
}

std::optional<HostTable::Seen> HostTable::Find(const AccountId& account, const std::string& host) const {
  const auto of = accounts_.find(account);
  if (of == accounts_.end()) return std::nullopt;
  const auto found = of->second.hosts.find(host);
  if (found == of->second.hosts.end()) return std::nullopt;
  return Seen{.host = host,
              .pattern = found->second.pattern,
              .lane = &found->second.lane,
              .limit = found->second.limit,
              .used = found->second.used};
}

HostTable::Totals HostTable::totals(Time now) const {
  Totals totals;
  for (const auto& [id, account] : accounts_) {
    totals.hosts += account.hosts.size();
    for (const auto& [name, host] : account.hosts) {
      totals.running += host.lane.running();
      totals.waiting += host.lane.waiting();
      totals.open += host.lane.breaker().state(now) == Breaker::State::kClosed ? 0 : 1;
    }
  }
  return totals;
}

// ---- Which hosts there are

HostTable::Host* HostTable::Meet(const AccountId& id, const std::string& name, Time now) {
  Account& account = accounts_[id];
  if (const auto found = account.hosts.find(name); found != account.hosts.end()) return &found->second;
  const auto is_old = [&] {
    const Host& host = account.hosts.at(account.idle.front());
    return now - host.used > options_.forget_after && host.lane.breaker().until() == kNever;
  };
  while (!account.idle.empty() && (account.hosts.size() >= options_.hosts_max || is_old())) {
    const std::string oldest = account.idle.front();
    Drop(account, id, oldest);
  }
  if (account.hosts.size() >= options_.hosts_max) return nullptr;
  Host& host = account.hosts[name];
  ApplyRule(account, name, host, now);
  return &host;
}

HostTable::Host* HostTable::HostOf(Ticket ticket) {
  const auto found = calls_.find(ticket);
  if (found == calls_.end()) return nullptr;
  return &accounts_.at(found->second.first).hosts.at(found->second.second);
}

void HostTable::Drop(Account& account, const AccountId& id, const std::string& name) {
  const auto found = account.hosts.find(name);
  SetWake({id, name}, found->second, kNever);
  touched_.erase({id, name});
  scarce_.erase({id, name});
  account.idle.erase(*found->second.idle);
  account.hosts.erase(found);
}

void HostTable::ApplyRule(Account& account, const std::string& name, Host& host, Time now) {
  const HostRule* const rule = account.rules.For(name);
  host.pattern = rule == nullptr ? "" : rule->pattern;
  host.limit = rule != nullptr && IsScarce(rule->rule, nodes_) ? *rule->rule.concurrency : 0;
  host.lane.SetRule(rule == nullptr ? LaneRule() : ShareOf(rule->rule, nodes_, host.places), now);
}

// After each change of a lane: when it is looked at again, and whether anybody still needs it.
void HostTable::Settle(const Key& key, Host& host, Time now) {
  SetWake(key, host, host.lane.WakeAt(now));
  Idle& idle = accounts_[key.first].idle;
  if (host.idle) idle.erase(*host.idle);
  host.idle.reset();
  if (host.lane.IsIdle()) host.idle = idle.insert(idle.end(), key.second);
  if (host.places > 0 || (host.limit > 0 && !host.lane.IsIdle()))
    scarce_.insert(key);
  else
    scarce_.erase(key);
}

void HostTable::SetWake(const Key& key, Host& host, Time at) {
  if (host.wakes == at) return;
  if (host.wakes != kNever) wakes_.erase({host.wakes, key});
  host.wakes = at;
  if (at != kNever) wakes_.emplace(at, key);
}

HostTable::Refused HostTable::Describe(Ticket ticket, Refusal why, const std::string& name,
                                       const Host& host) const {
  return {.ticket = ticket,
          .why = why,
          .host = name,
          .pattern = host.pattern,
          .until = host.lane.breaker().until(),
          .waiting_max = host.lane.rule().waiting_max,
          .last_error = host.lane.last_error()};
}

}  // namespace elevaite::hosts

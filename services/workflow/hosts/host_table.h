// HostTable: the hosts that are called, of all accounts, with their lanes. Pure. All calls are counted, also
// to hosts without a rule: so a new rule counts what is out already.
//
// Hosts are remembered up to a number an account; of those that nobody calls at the moment the one that was
// called longest ago is forgotten first.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "foundation/ids.h"
#include "services/workflow/hosts/host_lane.h"
#include "services/workflow/hosts/host_rule.h"

namespace elevaite::hosts {

class HostTable {
 public:
  struct Options {
    std::size_t hosts_max = 1'000;              // of an account
    Span forget_after = std::chrono::hours(1);  // that nobody calls, with a circuit that is closed
  };
  explicit HostTable(Options options) : options_(options) {}

  struct Refused {
    Ticket ticket = 0;
    Refusal why = Refusal::kOpen;
    std::string host;
    std::string pattern;  // of the rule
    Time until = kNever;  // kOpen: when the circuit lets calls out again
    std::size_t waiting_max = 0;
    std::optional<LastError> last_error{};
  };
  struct Decisions {
    std::vector<Ticket> go;
    std::vector<Refused> refused;
  };

  struct Call {
    AccountId account;
    std::string host;
    Time until = kNever;            // when it gives up waiting, besides the rule's bound
    std::optional<Time> settled{};  // another process may have it, and says so before that
  };
  // Which ticket it has, and whether it goes at once, waits, or is refused.
  struct Arrived {
    Ticket ticket = 0;
    bool goes = false;
    std::optional<Refused> refused{};
  };
  Arrived Arrive(const Call& call, Time now);
  // True: from now on it is out.
  bool Claim(Ticket ticket, Time now);
  // Until when the circuit to its host is open now; kNever: it is not. A second time it does nothing.
  Time Leave(Ticket ticket, CallEnd end, std::optional<LastError> error, Time now);

  // In place of the rules before. `nodes`: how many share them.
  void SetRules(std::map<AccountId, HostRules> rules, std::size_t nodes, Time now);
  // A host with fewer places than nodes that somebody calls, or of which this node has places.
  struct Scarce {
    AccountId account;
    std::string host;
    std::int64_t limit = 0;   // of all nodes; 0: it has no such rule any more
    std::int64_t places = 0;  // in which calls may begin here
    std::int64_t running = 0;
    std::int64_t waiting = 0;
  };
  std::vector<Scarce> scarce() const;
  void SetPlaces(const AccountId& account, const std::string& host, std::int64_t places, Time now);
  // False: the host is not known.
  bool CloseCircuit(const AccountId& account, const std::string& host, Time now);
  // What has become possible by what was done, or by now.
  Decisions Look(Time now);
  Time WakeAt() const { return wakes_.empty() ? kNever : wakes_.begin()->first; }

  struct Seen {
    std::string host;
    std::string pattern;  // empty: no rule
    const HostLane* lane = nullptr;
    std::int64_t limit = 0;  // as Scarce::limit
    Time used{};
  };
  // Open circuits first, then where calls wait, then where calls are out.
  std::vector<Seen> HostsOf(const AccountId& account, std::size_t most, Time now) const;
  std::optional<Seen> Find(const AccountId& account, const std::string& host) const;
  struct Totals {
    std::size_t hosts = 0;
    std::size_t running = 0;
    std::size_t waiting = 0;
    std::size_t open = 0;  // circuits, also half open ones
  };
  Totals totals(Time now) const;
  std::uint64_t opened() const { return opened_; }

 private:
  using Key = std::pair<AccountId, std::string>;
  using Idle = std::list<std::string>;
  struct Host {
    HostLane lane;
    std::string pattern{};
    Time used{};
    Time wakes = kNever;
    std::int64_t limit = 0;                // as Scarce::limit
    std::int64_t places = 0;               // likewise
    std::optional<Idle::iterator> idle{};  // nobody calls it
  };
  struct Account {
    HostRules rules;
    std::map<std::string, Host> hosts;
    Idle idle;  // the longest first
  };

  // Null: there is no room for another one.
  Host* Meet(const AccountId& account, const std::string& name, Time now);
  Host* HostOf(Ticket ticket);
  void Drop(Account& account, const AccountId& id, const std::string& name);
  void ApplyRule(Account& account, const std::string& name, Host& host, Time now);
  void Touch(const Key& key);
  void Settle(const Key& key, Host& host, Time now);
  void SetWake(const Key& key, Host& host, Time at);
  Refused Describe(Ticket ticket, Refusal why, const std::string& name, const Host& host) const;

  Options options_;
  std::size_t nodes_ = 1;
  std::map<AccountId, Account> accounts_;
  std::map<Ticket, Key> calls_;  // that are out, settle or wait
  std::set<std::pair<Time, Key>> wakes_;
  std::set<Key> touched_;  // to be looked at
  std::set<Key> scarce_;
  Ticket last_ = 0;
  std::uint64_t opened_ = 0;
};

}  // namespace elevaite::hosts

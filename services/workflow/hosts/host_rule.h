// HostRule: what an account says of the calls that its workflows make to a host.
//
//   {"concurrency": 10,
//    "rate": {"limit": 100, "period": "1m", "burst": 10},
//    "queue": {"max": 10000, "wait": "1h"},
//    "breaker": {"in_a_row": 5, "percent": 50, "calls_min": 20, "window": "1m",
//                "open": "30s", "probes": 1, "retry_after_max": "5m", "when_open": "fail"}}
//
// All may be left out. A rule is of a pattern: `api.example.com` (on each of its ports),
// `api.example.com:8443`,
// `*.example.com` (what stands below it) or `*`. Each host, and each port of it that is not its scheme's own,
// has places, a pace and a circuit of its own. The closest pattern counts, and no other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"
#include "services/workflow/hosts/host_lane.h"

namespace elevaite::hosts {

inline constexpr std::int64_t kHostConcurrencyMax = 100'000;
inline constexpr std::int64_t kHostWaitingMax = 100'000;
inline constexpr std::size_t kHostBytesMax = 260;  // of a pattern: a name and a port

// kInvalidArgument says which member is wrong, and how to write it.
Result<LaneRule> LaneRuleFrom(const Json& object);

// As it is kept: in lower case. kInvalidArgument: it is no pattern.
Result<std::string> PatternFrom(std::string_view text);

struct HostRule {
  std::string pattern;
  LaneRule rule;
};

// Of an account. Immutable.
class HostRules {
 public:
  HostRules() = default;
  explicit HostRules(std::vector<HostRule> rules) : rules_(std::move(rules)) {}
  // `host`: "api.example.com", with a port that is not its scheme's own. Null: none is meant.
  const HostRule* For(std::string_view host) const;
  std::size_t size() const { return rules_.size(); }

 private:
  std::vector<HostRule> rules_;
};

// Fewer places than nodes: these take turns in having one (host_places.h).
bool IsScarce(const LaneRule& rule, std::size_t nodes);
// What is this node's part of it, where `nodes` make calls: together they have no more places than the rule
// says. `places`: that it has at the moment, where they are scarce.
LaneRule ShareOf(LaneRule rule, std::size_t nodes, std::int64_t places = 0);

}  // namespace elevaite::hosts

// Rules: what a deployment says of how runs flow. Of a workflow:
//
//   {"concurrency": [{"limit": 10}, {"limit": 1, "key": "${ .customer }"}],
//    "throttle": {"limit": 100, "period": "1m", "burst": 10, "key": "${ .tenant }"},
//    "rate_limit": {"limit": 5, "period": "10s", "key": "${ .user }"},
//    "debounce": {"period": "5s", "max_wait": "1m", "key": "${ .document }"},
//    "singleton": {"key": "${ .customer }", "on_second": "skip"},
//    "batch": {"size": 100, "timeout": "10s", "key": "${ .tenant }"},
//    "priority": "${ if .plan == \"gold\" then 1 else 3 end }",
//    "fairness": {"key": "${ .tenant }", "weights": {"big": 5}},
//    "queue": {"max": 100000, "max_per_key": 10000}}
//
// and of an account: {"concurrency": 100, "queue": {"max": 1000000}, "weight": 1}. All may be left out.
// Expressions are jq on the input of the run; what they give is the key, as text. A key is made when the run
// comes, and stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/template.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::flow {

inline constexpr std::uint8_t kPriorityFirst = 1;
inline constexpr std::uint8_t kPriorityDefault = 3;
inline constexpr std::uint8_t kPriorityLast = 5;
inline constexpr std::size_t kKeyBytesMax = 256;
inline constexpr std::int64_t kLimitMax = 1'000'000;
inline constexpr std::size_t kConcurrencyRulesMax = 5;
inline constexpr std::size_t kWeightsMax = 1'000;
inline constexpr std::uint32_t kWeightMax = 1'000;
inline constexpr std::int64_t kQueuedMaxDefault = 1'000'000;  // of an account and of a workflow
inline constexpr std::int64_t kQueuedMaxMost = 10'000'000;

using Key = std::optional<dsl::Expression>;  // nothing: one for all

struct Concurrency {
  std::int64_t limit = 1;
  Key key;
};
struct Pace {
  std::int64_t limit = 1;
  std::int64_t period_us = 1'000'000;
  std::int64_t burst = 1;
  Key key;
};
struct Debounce {
  std::int64_t period_us = 0;
  std::int64_t max_wait_us = 0;
  Key key;
};
enum class OnSecond : std::uint8_t { kSkip, kCancelFirst };
struct Singleton {
  OnSecond on_second = OnSecond::kSkip;
  Key key;
};
struct Collecting {
  std::int64_t size = 1;
  std::int64_t timeout_us = 0;
  Key key;
};
struct Fairness {
  Key key;
  std::map<std::string, std::uint32_t, std::less<>> weights;

  std::uint32_t WeightOf(std::string_view value) const;
};

struct WorkflowRules {
  std::vector<Concurrency> concurrency;
  std::optional<Pace> throttle;
  std::optional<Pace> rate_limit;
  std::optional<Debounce> debounce;
  std::optional<Singleton> singleton;
  std::optional<Collecting> batch;
  std::optional<dsl::Expression> priority;
  std::uint8_t priority_fixed = kPriorityDefault;  // without an expression
  std::optional<Fairness> fairness;
  std::int64_t queued_max = kQueuedMaxDefault;
  std::int64_t queued_per_key_max = kQueuedMaxDefault;
  Json source;  // what they were read from

  // Nothing is held back or counted: such runs need no queue.
  bool empty() const;
};

struct AccountRules {
  std::optional<std::int64_t> concurrency;
  std::int64_t queued_max = kQueuedMaxDefault;
  std::uint32_t weight = 1;
  Json source;
};

// kInvalidArgument says which member is wrong, and how to write it.
Result<WorkflowRules> WorkflowRulesFrom(const Json& object);
Result<AccountRules> AccountRulesFrom(const Json& object);

// By the text of its expression, with ${ } or without.
Result<Key> KeyFrom(std::string_view text);
// What the expression of a key gives for an input, as text, in this time.
Result<std::string> KeyTextOf(const dsl::Expression& key, const Json& input,
                              std::chrono::milliseconds time_max);

// The expression, which may stand in ${ }, as the keys of runs have it; nothing: no rule that runs wait for
// has a key by it.
std::optional<std::string> KeyNamed(const Json& definition, std::string_view expression);

// What the expressions of the rules gave for one run: by their text, in its order; each once.
struct RunKeys {
  std::vector<std::pair<std::string, std::string>> values;

  // Empty for no key, and where it was not asked when the run came.
  std::string_view Of(const Key& key) const;
  bool HasValue(std::string_view value) const;
  auto operator<=>(const RunKeys&) const = default;

  Json ToJson() const;
  static Result<RunKeys> FromJson(const Json& json);
};

struct RunDemands {
  RunKeys keys;        // of its gates and its turn
  RunKeys on_arrival;  // of what is decided when it comes: rate_limit, debounce, singleton, batch
  std::uint8_t priority = kPriorityDefault;
};
// kInvalidArgument: an expression fails, or gives what is no key.
Result<RunDemands> DemandsOf(const WorkflowRules& rules, const Json& input);

}  // namespace elevaite::flow

// AccountTimes: how long an account keeps its executions after their end.
//
//   {"completed": "30d", "faulted": "forever"}
//
// Both may be left out: then the options of the server hold (retention.completed, retention.faulted), also
// when they change. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "engine/retention.h"
#include "foundation/json.h"

namespace elevaite::workflow {

// As the account says it; microseconds, 0: for ever.
struct AccountTimes {
  std::optional<std::chrono::microseconds> completed;
  std::optional<std::chrono::microseconds> faulted;
};

struct RetentionPolicy {
  static constexpr std::chrono::hours kLeast{1};
  static constexpr std::chrono::hours kMost{24 * 3'650};

  engine::RetentionTimes standard;           // of who says nothing
  std::chrono::microseconds account_max{0};  // the longest that an account may choose; 0: also for ever

  bool IsBounded() const { return account_max.count() > 0; }
  // That an account may choose.
  std::chrono::microseconds least() const;
  std::chrono::microseconds most() const;

  // What an account wants. kInvalidArgument says which member is wrong, and how to write it.
  Result<AccountTimes> TimesFrom(const Json& definition) const;
  // What holds. A bound that came after the choice counts.
  engine::RetentionTimes InForce(const AccountTimes& times) const;
};

// What was chosen under whatever bounds there were then.
Result<AccountTimes> StoredTimesFrom(const Json& definition);

// "30d", "forever".
std::string TextOf(std::chrono::microseconds time);

}  // namespace elevaite::workflow

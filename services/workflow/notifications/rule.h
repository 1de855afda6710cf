// Rule: who is told of what. Pure.
//
//   {"name": "orders that fail", "on": ["execution.failed", "execution.waiting"],
//    "workflows": ["shop.orders", "shop.*"], "tags": {"env": "prod"}, "channels": ["chn_..."],
//    "waiting_after": "1h", "group_within": "5m", "subject": "${ .workflow.name } is down"}
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/workflow/notifications/channel.h"
#include "services/workflow/notifications/occasion.h"
#include "services/workflow/notifications/wording.h"

namespace elevaite::notifications {

struct RuleTag {
  static constexpr std::string_view kPrefix = "ntr_", kName = "rule";
};
using RuleId = Id<RuleTag>;

struct RuleSettings {
  static constexpr std::size_t kWorkflowsMax = 50;
  static constexpr std::size_t kChannelsMax = 10;

  std::string name;  // one line
  bool enabled = true;
  Kinds on;
  std::vector<std::string> workflows;  // any of them; none: all
  std::vector<engine::Label> labels;   // all of them: tags and attributes of the run
  bool subflows = false;               // also ends of runs that others have started as a task of theirs
  std::vector<ChannelId> channels;
  std::chrono::microseconds waiting_after{std::chrono::hours(1)};
  std::chrono::microseconds group_within{std::chrono::minutes(5)};  // zero: each for itself
  std::optional<Wording> subject;
  std::optional<Wording> body;
  Json source;  // in its normal form: what is stored and shown
};

// kInvalidArgument says which member is wrong, and how to write it.
Result<RuleSettings> RuleSettingsFrom(const Json& object);

struct Rule {
  RuleId id;
  RuleSettings settings;
  std::int64_t since_us = 0;  // what happened before is not told: when it was made or enabled
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
};

// "shop.orders", "shop.*", "*.orders"; without a dot the name in any namespace. `*` stands for any letters.
bool IsPattern(std::string_view text);
bool Fits(std::string_view pattern, const Place& place);
bool IsAbout(const RuleSettings& rule, const Place& place);

// By what the occasion says itself.
bool Concerns(const Rule& rule, const Occasion& occasion, std::int64_t accepted_us);
// By its execution, when there is one.
bool Concerns(const RuleSettings& rule, Kind kind, const engine::ExecutionRecord& record);
bool NeedsRecord(const RuleSettings& rule);

}  // namespace elevaite::notifications

// Notification: one message for one channel, and what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/workflow/notifications/rule.h"

namespace elevaite::notifications {

struct NotificationTag {
  static constexpr std::string_view kPrefix = "ntf_", kName = "notification";
};
using NotificationId = Id<NotificationTag>;

enum class Status : std::uint8_t {
  kPending = 1,    // to be sent, or sent again
  kDelivered = 2,  // the other side has taken it
  kGivenUp = 3,
  kGrouped = 4,  // it is told as a part of another message
};
std::string_view NameOf(Status status);
std::optional<Status> StatusFromName(std::string_view name);

struct Notification {
  AccountId account;
  NotificationId id;
  ChannelId channel;
  std::string occasion;  // of a group: "group:<id>"
  Kind kind = Kind::kFailed;
  RuleId rule;
  Place place;
  std::optional<ExecutionId> execution;
  Status status = Status::kPending;
  Json content;                         // ContentOf
  std::optional<NotificationId> group;  // the message that it is part of
  std::int64_t attempts = 0;            // begun
  std::optional<std::int64_t> due_us;
  std::int64_t created_us = 0;
  std::optional<std::int64_t> ended_us;
  Json answer;  // {at, status, text, error, duration_ms} of the last attempt; null: there was none
};

// What many become: the members of one of them, with `count`, `window_s`, `first_at`, `last_at` and some
// `executions` ({id, url}).
struct GroupFacts {
  std::int64_t count = 0;
  std::int64_t window_us = 0;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
};
Json GroupContent(const std::vector<Json>& some, const GroupFacts& facts, std::string_view base_url);

// How long after the attempt with this number (1, 2 ...) the next one is made: 5 s, 10 s, 20 s ... up to 15
// min, each a fifth shorter or longer by chance; not before what the other side has asked for, up to an hour.
std::int64_t BackoffUs(std::int64_t attempts, double chance, std::int64_t asked_for_us);

}  // namespace elevaite::notifications

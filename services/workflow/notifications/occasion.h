// Occasion: something that people may want to be told of. Pure.
//
// Most come from events that the engine and the people of workflows write anyway (engine/lifecycle.h,
// people/human_task.h); their ids are those of the events, so that the same one, read twice, is the same
// occasion.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/events/hub.h"
#include "engine/journal/journal.h"
#include "foundation/json.h"

namespace elevaite::notifications {

// The numbers are stored.
enum class Kind : std::uint8_t {
  kFailed = 1,
  kCompleted = 2,
  kCancelled = 3,
  kWaiting = 4,  // for longer than a rule says
  kParked = 5,
  kTaskOpened = 6,
  kTaskReminder = 7,
  kTaskEscalated = 8,
  kTaskOverdue = 9,
  kSchedulePaused = 10,  // by itself
  kTest = 11,            // somebody tries a channel
};
using Kinds = std::set<Kind>;

// "execution.failed": in rules, and the `type` of what webhooks get.
std::string_view NameOf(Kind kind);
std::optional<Kind> KindFromName(std::string_view name);  // of those that rules may name
std::string NamesOfKinds();                               // all of those, for messages
// Whether a storm of them becomes one message; what asks somebody to act does not.
bool IsGrouped(Kind kind);

// Where one happened, in words that are stored: "shop", "orders".
struct Place {
  std::string name_space;
  std::string workflow;
  std::string Full() const { return name_space + "." + workflow; }
};

struct Occasion {
  Kind kind = Kind::kFailed;
  std::string id;  // one occasion has one; unique in the account
  std::int64_t time_us = 0;
  Place place;
  std::optional<ExecutionId> execution;
  // What is told of it beside, by name: error, task, human_task, schedule, waiting.
  Json details = Json::EmptyObject();
};

// The types of events that tell of these; and which events of the journal become them.
std::vector<std::string> EventTypesOf(const Kinds& kinds);
engine::EventHub::EventTypes JournalEventsOf(const Kinds& kinds);
// nullopt: the event tells of nothing that rules know.
std::optional<Occasion> OccasionOf(const Json& event);

// The object that templates see and webhooks get as `data`; docs/notifications.md has its members. `record`:
// of the execution, null when it has been forgotten or there is none.
Json ContentOf(const Occasion& occasion, const engine::ExecutionRecord* record, std::string_view base_url);

}  // namespace elevaite::notifications

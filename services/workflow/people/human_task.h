// HumanTask: one question to people and what becomes of it. Pure: each transition changes the value and gives
// the rows of its history; whoever uses it writes both (people_store.h), on the condition that nobody else
// was quicker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/activities/activities.h"
#include "foundation/clock.h"
#include "foundation/ids.h"
#include "foundation/json.h"
#include "services/workflow/people/question.h"

namespace elevaite::people {

struct HumanTaskTag {
  static constexpr std::string_view kPrefix = "tsk_", kName = "task";
};
using HumanTaskId = Id<HumanTaskTag>;

// The task that this frame of this execution asks people for.
HumanTaskId HumanTaskIdOf(const ExecutionId& execution, engine::FrameId frame);

// Something that was done, by somebody (empty: the server).
struct HumanAct {
  std::int64_t seq = 0;
  std::int64_t time_us = 0;
  std::string
      name;  // created, seen, reminded, escalated, reassigned, link_made, answered, expired, cancelled ...
  std::string actor;
  Json detail;  // null or an object
};
using HumanActs = std::vector<HumanAct>;

struct HumanTask {
  enum class Status : std::uint8_t { kOpen = 1, kAnswered = 2, kExpired = 3, kCancelled = 4 };

  AccountId account;
  HumanTaskId id;
  ExecutionId execution;
  engine::FrameId frame = 0;
  std::uint32_t attempt = 1;
  std::string name_space;
  std::string workflow;
  std::string version;
  std::string reference;
  std::string connector;
  Status status = Status::kOpen;
  std::string title;
  Assignment to;
  Json question;  // the `with`; null in lists
  TimedActs acts_left;
  Json outcome;  // null while it is open
  std::int64_t created_us = 0;
  std::int64_t sorted_us = 0;
  std::optional<std::int64_t> deadline_us;
  std::optional<std::int64_t> ended_us;
  std::int64_t reminders = 0;
  std::int64_t acts = 0;  // of its history: also which state of the row this is
  std::int64_t acts_told = 0;
  std::optional<std::int64_t> due_us;
  std::string life;

  bool is_open() const { return status == Status::kOpen; }
};

std::string_view NameOf(HumanTask::Status status);

// How somebody answers.
enum class Channel : std::uint8_t { kApi, kStudio, kCommandLine, kLink };

// What an activity asks, its form checked too; kInvalidArgument says what is wrong.
Result<Question> QuestionOf(const engine::ActivityTask& asked, std::int64_t now_us);
engine::ActivityFailure CannotBeAsked(const Error& why);

// ---- Transitions: of an open task, but Reopen ----

HumanActs Create(HumanTask& task, const Question& question, std::int64_t now_us);
// What time has done until now: who is asked, reminders (of several that were missed only the last), the end.
// Empty: nothing was due.
HumanActs Advance(HumanTask& task, std::int64_t now_us);
// `answer` is checked. `files`: what the ids in its values stand for.
HumanActs TakeAnswer(HumanTask& task, const Answer& answer, Channel channel, std::int64_t now_us);
HumanActs Reassign(HumanTask& task, Assignment to, std::string_view by, std::string_view reason,
                   std::int64_t now_us);
HumanActs CancelTask(HumanTask& task, std::int64_t now_us);
// One that has ended, or is asked anew. `question`: with its times from when it was asked (`created_us`).
HumanActs Reopen(HumanTask& task, const Question& question, std::int64_t now_us);
// Something that changes nothing else.
HumanActs Note(HumanTask& task, std::string name, std::string_view actor, Json detail, std::int64_t now_us);

// What a question gives by itself when it is answered only so long after it was asked: it cannot be asked, or
// its deadline is earlier. For rehearsals, where nothing is written down.
struct EarlyEnd {
  std::int64_t after_us = 0;
  engine::ActivityOutcome outcome;
};
std::optional<EarlyEnd> EndsBefore(const engine::ActivityTask& asked, std::int64_t asked_us,
                                   std::int64_t answered_after_us);

// ---- What others are told ----

// Of one that was answered or has expired: what its activity gives.
engine::ActivityOutcome OutcomeOf(const HumanTask& task);
// For lists. `base_url`: of the server, for the link to the inbox.
Json SummaryJson(const HumanTask& task, std::string_view base_url);
// All of it.
Json DetailJson(const HumanTask& task, const HumanActs& history, std::string_view base_url);
// What a link shows to whoever has it: no ids, and once it has ended only what was decided, by whom, when.
Json LinkJson(const HumanTask& task, std::string_view assignee);
Json ToJson(const HumanAct& act);
// The CloudEvent elevaite.human.<act>.
Json EventOf(const HumanTask& task, const HumanAct& act, std::string_view base_url);

}  // namespace elevaite::people

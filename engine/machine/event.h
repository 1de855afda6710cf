// Event: one line of an execution's journal, and the only thing that changes a State (see state.h, Apply).
//
// Which fields an event uses:
//   kExecutionStarted    data = workflow input as given; input = the same after input.from; deadline_us
//   kTaskStarted         frame, parent, task; input = transformed input when it differs from what the parent
//                        hands on; deadline_us = when the task's timeout ends; wait: due_us; for: data = the
//                        items; function: data = the arguments; try: run_deadline_us; call and run: see
//                        kActivityScheduled
//   kTaskCompleted       frame, parent, task, next; data = output (absent: same as the raw input); context =
//                        new $context; input: as above, only when the task had no kTaskStarted (set, switch,
//                        emit); number = index + 1 of the switch case that matched
//   kTaskSkipped         frame, parent, task, next
//   kTaskFaulted         frame, parent, task; data = the error
//   kTaskCancelled       frame, parent, task
//   kLoopAdvanced        frame; number = index of the round that begins (for, listen); of an extended task:
//                        the ExtendedStage
//   kActivityScheduled   frame; number = attempt (1...); of the first attempt: data = the request as
//                        evaluated, secrets hidden; input = its bounds {queued_us, attempt_us,
//                        heartbeat_us, class}, absent: none
//   kActivityFailed      frame; number = attempt that failed; data = the error; due_us = when it is tried
//                        again
//   kErrorCaught         frame (a try); data = the error
//   kRetryScheduled      frame (a try); number = the run that will follow (2...); data = the error; due_us
//   kRetryStarted        frame (a try); number = the run that begins; run_deadline_us
//   kExecutionCompleted  data = output
//   kExecutionFaulted    data = the error
//   kExecutionCancelled  data = reason (a text) or null; number = 1: cleaning up was left out or cut short
//   kCancelRequested     data = reason (a text) or null; deadline_us = when cleaning up must be done
//   kEventConsumed       frame (a listen); position = the event's; number = index of the filter; data = what
//                        was read of it (absent: an event of `until`); input = the correlation values, when
//                        they change; next = 1 when nothing more is listened for
//   kRoundCompleted      frame (a listen with foreach); data = the round's output; context = new $context
//   kExecutionMigrated   data = {from, to, reason, by}; input = where its frames are in the program of `to`
//                        (see migration.h). All events after it are of that program.
//   kActivityLost        frame, parent, task; number = attempts lost in a row, this one included; due_us =
//                        when it is tried again
//   kExecutionPaused     data = the note: {by, reason}, and what else is to be said (see repair.h)
//   kExecutionResumed    data = the note
//   kTaskParked          frame, parent, task; data = the error that nothing catches
//   kTaskRepaired        frame, parent, task; data = the note with {act}; what follows from it has events of
//                        its own
//   kExecutionForked     parent = the frame that the task begins in which the execution goes on with; due_us
//   =
//                        when it began in the past; input = what it is given instead of what it was; data =
//                        {execution, seq, task, task_id, edited, by, reason}: see fork.h. The events before
//                        are those of that execution.
//   The four that operators cause (migrated, paused, resumed, repaired): position = the CommandNumber; 0:
//   none
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/program.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine {

// One run of one task within an execution; 0 is the workflow's own list. Never reused.
using FrameId = std::uint32_t;
inline constexpr FrameId kRootFrame = 0;

// Tells what one operator asked for from all else that was asked of an execution, so that a command which
// comes again, because its answer was lost, is not done again (State::commands). Positive; 0: has none, and
// is done each time.
using CommandNumber = std::int64_t;

// Event::next: where the parent's list goes on.
inline constexpr std::uint32_t kEndOfList = 0xffff'ffff;

// Values are stored: append only.
enum class EventType : std::uint8_t {
  kExecutionStarted = 1,
  kTaskStarted = 2,
  kTaskCompleted = 3,
  kTaskSkipped = 4,
  kTaskFaulted = 5,
  kTaskCancelled = 6,
  kLoopAdvanced = 7,
  kActivityScheduled = 8,
  kActivityFailed = 9,
  kErrorCaught = 10,
  kRetryScheduled = 11,
  kRetryStarted = 12,
  kExecutionCompleted = 13,
  kExecutionFaulted = 14,
  kExecutionCancelled = 15,
  kEventConsumed = 16,
  kRoundCompleted = 17,
  kExecutionMigrated = 18,
  kActivityLost = 19,
  kCancelRequested = 20,
  kExecutionPaused = 21,
  kExecutionResumed = 22,
  kTaskParked = 23,
  kTaskRepaired = 24,
  kExecutionForked = 25,
};
inline bool IsEnd(EventType type) {
  return type >= EventType::kExecutionCompleted && type <= EventType::kExecutionCancelled;
}
// Caused by an operator's command.
inline bool IsOfOperator(EventType type) {
  return type == EventType::kExecutionMigrated || type == EventType::kExecutionPaused ||
         type == EventType::kExecutionResumed || type == EventType::kTaskRepaired;
}
// "task.completed": the public name.
std::string_view NameOf(EventType type);

// Which of a process's places an activity takes: what takes long shall not keep what is quick from its turn.
enum class WorkClass : std::uint8_t { kQuick, kLong };
inline constexpr std::size_t kWorkClasses = 2;
constexpr std::string_view NameOf(WorkClass work) { return work == WorkClass::kLong ? "long" : "quick"; }

// Of one attempt at an activity: how long it may wait for its turn, run, and be silent (0: no bound), and
// which places it takes.
struct ActivityBounds {
  std::int64_t queued_us = 0;
  std::int64_t attempt_us = 0;
  std::int64_t heartbeat_us = 0;
  WorkClass work = WorkClass::kQuick;
};

struct Event {
  EventType type = EventType::kExecutionStarted;
  std::uint64_t seq = 0;  // 1, 2, 3 ... within the execution
  std::int64_t time_us = 0;
  FrameId frame = kRootFrame;
  FrameId parent = kRootFrame;
  dsl::TaskIndex task = dsl::kNoTask;
  std::uint32_t next = 0;
  std::uint32_t number = 0;
  std::int64_t due_us = 0;
  std::int64_t deadline_us = 0;
  std::int64_t run_deadline_us = 0;
  std::int64_t position = 0;  // of an event among all of its account (engine/events/hub.h); CommandNumber
  std::optional<Json> data{};
  std::optional<Json> input{};
  std::optional<Json> context{};
};

// The events of one step as stored in one journal row. They have consecutive numbers and one time.
//
// Layout: version byte (1); varint first seq; varint time; then for each event: type byte; varint of a bit
// set of the fields present (bits in the order frame, parent, task, next, number, due, data, input, context,
// deadline, run deadline, position); the fields in that order, integers as varints, values as varint length +
// JSON text.
std::string EncodeEvents(const std::vector<Event>& events);
Result<std::vector<Event>> DecodeEvents(std::string_view bytes);

}  // namespace elevaite::engine

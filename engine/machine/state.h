// State: where an execution stands. Changed by Apply(event) and by nothing else, so folding the journal
// always gives it back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/program.h"
#include "engine/machine/event.h"
#include "foundation/box.h"
#include "foundation/json.h"
#include "foundation/result.h"
#include "foundation/stable_map.h"

namespace elevaite::engine {

// Values are stored: append only.
enum class Phase : std::uint8_t {
  kPending = 0,
  kRunning = 1,
  kWaiting = 2,    // nothing runs; a timer or an event will move it
  kSuspended = 3,  // paused or parked: an operator will move it
  kCancelled = 4,
  kFaulted = 5,
  kCompleted = 6,
};
std::string_view NameOf(Phase phase);
std::optional<Phase> PhaseFromName(std::string_view name);
inline bool IsFinal(Phase phase) { return phase >= Phase::kCancelled; }

// What an EventStrategy has taken so far.
struct Consumption {
  std::vector<bool> filled;  // kAll: by filter
  Json correlations;         // values by name; null: none yet
  bool satisfied = false;    // nothing more is wanted
};

// Of a `listen`.
struct Listening {
  Consumption main;
  Consumption until;          // of EventStrategy::until_events
  std::vector<Json> read;     // what was read of the events
  std::vector<Json> pending;  // foreach: of it, those whose round has not begun
  std::vector<Json> outputs;  // foreach: of the rounds that have ended
  std::uint32_t rounds = 0;   // foreach: begun so far
  Json item;                  // foreach: of the round that runs
};

// Nothing taken yet.
Listening EmptyListening(const dsl::ListenTask& task);

// Where a task with extensions around it stands.
enum class ExtendedStage : std::uint8_t { kBefore = 0, kTask = 1, kAfter = 2, kTaskAlone = 3 };

// A task that has begun and not ended, or the workflow's own list (kRootFrame). Tasks that end in the step in
// which they begin (set, switch, raise, emit) have a frame id but never a Frame.
struct Frame {
  enum class Waiting : std::uint8_t {
    kNothing = 0,
    kActivity = 1,
    kTimer = 2,
    kEvents = 3,
    kOperator = 4,  // parked: its error is caught by nothing, and somebody has to say how it goes on
  };
  enum class Stage : std::uint8_t { kBody = 0, kRetryDelay = 1, kCatch = 2 };  // of a try
  struct Branch {
    std::optional<Json> output;   // of one that is done
    std::optional<Json> context;  // its own $context, when it has written one
  };

  // Very many frames wait at a time: fields are in an order that leaves no gaps.
  FrameId parent = kRootFrame;
  dsl::TaskIndex task = dsl::kNoTask;
  std::int64_t started_us = 0;
  Json raw_input;
  Json input;  // after input.from: $input
  // Root, do, for, try, function, extended, listen with foreach: what the next task of its list gets. Call:
  // the bounds of its attempts as they were computed (see BoundsOf); null: none.
  Json data;
  Json items;                         // for: what it goes through; extended: the task's output
  Json error;                         // try: the last error; fork: the first branch's; call, run: parked with
  Json request;                       // call, run: what the connector is given, secrets hidden
  Box<std::vector<Branch>> branches;  // fork; nothing: none
  Box<Listening> listening;           // listen

  std::int64_t waiting_since_us = 0;
  std::int64_t due_us = 0;           // of the timer
  std::int64_t deadline_us = 0;      // of the task's timeout; 0: none
  std::int64_t run_deadline_us = 0;  // try: of this run of the body; 0: none

  std::uint32_t children = 0;  // frames whose parent this is
  std::uint32_t position = 0;  // of the next task of the list, or kEndOfList
  std::uint32_t index = 0;     // for: the round; extended: the ExtendedStage
  std::uint32_t begun = 0;     // fork: branches started so far; extended: where the task leads (see FlowCode)
  std::uint32_t attempt = 1;   // try: runs of the body; call: attempts
  std::uint16_t lost = 0;      // call: of these, the newest that were lost in a row
  Stage stage = Stage::kBody;
  Waiting waiting = Waiting::kNothing;
};

inline std::span<const Frame::Branch> BranchesOf(const Frame& fork) {
  return fork.branches ? std::span<const Frame::Branch>(*fork.branches) : std::span<const Frame::Branch>();
}

// How a task leads on that has extensions around it, kept until `after` is done: as Event::next of a list of
// one task.
inline constexpr std::uint32_t kGoOn = 1;  // by the extended task's own `then`
inline std::uint32_t JumpCode(std::uint32_t position) {
  return position + 2;
}  // to that task of the outer list

// By their position, in order. The smallest are forgotten beyond kMax: all up to `below` count as consumed.
struct ConsumedEvents {
  static constexpr std::size_t kMax = 1'024;
  std::vector<std::int64_t> positions;
  std::int64_t below = 0;

  bool Has(std::int64_t position) const;
  void Add(std::int64_t position);
};

// See repair.h.
struct Paused {
  std::int64_t since_us = 0;
  Json note;
};

// Very many wait at a time: fields are in an order that leaves no gaps, and what few need is in a box.
struct State {
  Phase phase = Phase::kPending;
  FrameId next_frame = 1;
  std::uint64_t seq = 0;        // of the last event
  std::uint64_t tasks_run = 0;  // against the limit of one execution
  std::int64_t started_us = 0;
  Json input;    // of the workflow, as given
  Json context;  // $context
  Json output;   // when completed
  Json error;    // when faulted; the reason when cancelled
  StableMap<FrameId, Frame> frames;
  // Why it is being cancelled (a text or null), from the request until the end; nothing: it is not. The root
  // frame's deadline is then the end of the time for cleaning up.
  Box<Json> cancelling;

  Box<Paused> paused;            // nothing: it is not
  Box<ConsumedEvents> consumed;  // nothing: none
  bool HasConsumed(std::int64_t position) const { return consumed && consumed->Has(position); }

  // What operators have done to it, newest last: of commands that have a number, the last kCommandsMax. A
  // command comes again within seconds (Peers::kPatience), in which nobody does that much to one execution.
  static constexpr std::size_t kCommandsMax = 64;
  Box<std::vector<CommandNumber>> commands;  // nothing: none
  bool HasDone(CommandNumber command) const;
};

// The one way a state changes. The event must be of this execution and the next in order (CHECK). `program`
// is that of the version which the execution is on once the event has happened.
void Apply(State& state, const dsl::Program& program, const Event& event);

// What the frame hands to the task that begins next inside it.
const Json& RawInput(const dsl::Program& program, const Frame& parent);

// $context as the tasks inside `frame` see it: the copy of the fork branch they are in, else the workflow's.
const Json& ContextIn(const dsl::Program& program, const State& state, FrameId frame);
// What is left of the branches' copies when a fork joins: later branches replace what earlier ones wrote.
// `winner`: the only branch that counts (compete).
Json JoinContexts(const Json& before, const Frame& fork, std::optional<std::size_t> winner);

// Whether the frame is a try that cleans up, or inside one: while an execution is being cancelled nothing
// else moves. See cancelling.cc.
bool InCleanup(const dsl::Program& program, const State& state, FrameId frame);

// Of the attempts of a frame that waits for an activity.
ActivityBounds BoundsOf(const Frame& frame);

// Whether it waits for an operator: paused as a whole, or a task of it parked.
bool IsHeld(const State& state);

// A snapshot: same encoding style as EncodeEvents. Decode(Encode(s)) has the same future as s.
std::string EncodeState(const State& state);
Result<State> DecodeState(std::string_view bytes);

}  // namespace elevaite::engine

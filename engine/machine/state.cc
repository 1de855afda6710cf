#include "engine/machine/state.h"

#include <algorithm>
#include <array>

#include "dsl/error_types.h"
#include "engine/machine/consumption.h"
#include "engine/machine/migration.h"

namespace elevaite::engine {
namespace {

constexpr std::array<std::string_view, 7> kPhases{"pending",   "running", "waiting",  "suspended",
                                                  "cancelled", "faulted", "completed"};

const dsl::ForkTask* AsFork(const dsl::Program& program, const Frame& frame) {
  if (frame.task == dsl::kNoTask) return nullptr;
  return std::get_if<dsl::ForkTask>(&program.all[frame.task].body);
}

Frame& FrameOf(State& state, FrameId id) {
  const auto found = state.frames.find(id);
  CHECK(found != state.frames.end());
  return found->second;
}

}  // namespace

const Json& RawInput(const dsl::Program& program, const Frame& parent) {
  return AsFork(program, parent) ? parent.input : parent.data;
}

Listening EmptyListening(const dsl::ListenTask& task) {
  Listening listening;
  listening.main.filled.resize(task.to.filters.size());
  if (task.to.until_events) listening.until.filled.resize(task.to.until_events->filters.size());
  return listening;
}

bool ConsumedEvents::Has(std::int64_t position) const {
  return position <= below || std::ranges::binary_search(positions, position);
}

void ConsumedEvents::Add(std::int64_t position) {
  positions.insert(std::ranges::lower_bound(positions, position), position);
  if (positions.size() <= kMax) return;
  below = positions.front();
  positions.erase(positions.begin());
}

namespace {

void StartListening(Frame& frame, const dsl::ListenTask& task, std::int64_t now_us) {
  frame.listening = EmptyListening(task);
  frame.position = kEndOfList;
  frame.waiting = Frame::Waiting::kEvents;
  frame.waiting_since_us = now_us;
}

void RememberConsumed(State& state, std::int64_t position) {
  if (!state.consumed) state.consumed = ConsumedEvents();
  state.consumed->Add(position);
}

// A command may have several events, all of one step.
void RememberCommand(State& state, CommandNumber command) {
  if (command == 0 || state.HasDone(command)) return;
  if (!state.commands) state.commands = std::vector<CommandNumber>();
  if (state.commands->size() == State::kCommandsMax) state.commands->erase(state.commands->begin());
  state.commands->push_back(command);
}

// What never ends keeps nothing of what it has read and done: it has no output, and would only grow.
void ConsumeEvent(State& state, Frame& frame, const dsl::ListenTask& task, const Event& event) {
  Listening& listening = *frame.listening;
  RememberConsumed(state, event.position);
  Consumption& part = event.data ? listening.main : listening.until;
  if (event.number < part.filled.size()) part.filled[event.number] = true;
  if (event.input) part.correlations = *event.input;
  if (event.next == 1) listening.main.satisfied = true;
  if (!event.data) return;
  if (task.each) listening.pending.push_back(*event.data);
  if (!NeverEnds(task.to)) listening.read.push_back(*event.data);
}

void BeginRound(Frame& frame, std::uint32_t round) {
  Listening& listening = *frame.listening;
  CHECK(!listening.pending.empty());
  listening.item = std::move(listening.pending.front());
  listening.pending.erase(listening.pending.begin());
  listening.rounds = round + 1;
  frame.waiting = Frame::Waiting::kNothing;
  frame.data = listening.item;
  frame.position = 0;
}

void AdvanceLoop(State& state, Frame& frame, const dsl::Task& task, std::uint32_t number) {
  ++state.tasks_run;
  if (task.kind == dsl::TaskKind::kListen) return BeginRound(frame, number);
  if (task.kind == dsl::TaskKind::kExtended) {
    const auto stage = static_cast<ExtendedStage>(number);
    if (stage == ExtendedStage::kAfter) {
      frame.items = frame.data;
      frame.begun = frame.position;
    } else {
      frame.data = frame.input;
    }
  }
  frame.index = number;
  frame.position = 0;
}

void StartTask(State& state, const dsl::Program& program, const Event& event) {
  Frame& parent = FrameOf(state, event.parent);
  const dsl::Task& task = program.all.at(event.task);
  Frame frame;
  frame.parent = event.parent;
  frame.task = event.task;
  frame.started_us = event.time_us;
  frame.raw_input = RawInput(program, parent);
  frame.input = event.input ? *event.input : frame.raw_input;
  frame.data = frame.input;
  frame.deadline_us = event.deadline_us;
  frame.run_deadline_us = event.run_deadline_us;
  switch (task.kind) {
    case dsl::TaskKind::kFunction: frame.data = event.data.value_or(Json()); break;
    case dsl::TaskKind::kExtended: frame.position = kEndOfList; break;  // kLoopAdvanced begins each stage
    case dsl::TaskKind::kListen:
      StartListening(frame, std::get<dsl::ListenTask>(task.body), event.time_us);
      break;
    case dsl::TaskKind::kFor:
      frame.items = event.data.value_or(Json());
      frame.position = kEndOfList;  // kLoopAdvanced begins each round
      break;
    case dsl::TaskKind::kFork:
      frame.branches = std::vector<Frame::Branch>(std::get<dsl::ForkTask>(task.body).branches.size());
      break;
    case dsl::TaskKind::kWait:
      frame.waiting = Frame::Waiting::kTimer;
      frame.waiting_since_us = event.time_us;
      frame.due_us = event.due_us;
      break;
    default: break;
  }
  if (AsFork(program, parent)) ++parent.begun;
  ++parent.children;
  ++state.tasks_run;
  state.frames.emplace(event.frame, std::move(frame));
}

// Takes the frame out, if the task had one, and counts it off at the parent.
Frame& EndTask(State& state, const dsl::Program& program, const Event& event) {
  Frame& parent = FrameOf(state, event.parent);
  const auto found = state.frames.find(event.frame);
  if (found != state.frames.end()) {
    CHECK(found->second.children == 0 && parent.children > 0);
    state.frames.erase(found);
    --parent.children;
    return parent;
  }
  if (AsFork(program, parent)) ++parent.begun;
  ++state.tasks_run;
  return parent;
}

// Into the copy of the innermost fork branch that the task is in.
void WriteContext(State& state, const dsl::Program& program, const Event& event) {
  dsl::TaskIndex inside = event.task;
  for (FrameId id = event.parent; id != kRootFrame;) {
    Frame& frame = FrameOf(state, id);
    if (AsFork(program, frame)) {
      frame.branches->at(program.all.at(inside).position).context = *event.context;
      return;
    }
    inside = frame.task;
    id = frame.parent;
  }
  state.context = *event.context;
}

void HandOn(State& state, const dsl::Program& program, const Event& event) {
  Json output = event.data ? *event.data : RawInput(program, FrameOf(state, event.parent));
  Frame& parent = EndTask(state, program, event);
  if (event.context) WriteContext(state, program, event);
  if (AsFork(program, parent)) {
    parent.branches->at(program.all.at(event.task).position).output = std::move(output);
  } else {
    parent.data = std::move(output);
    parent.position = event.next;
  }
}

// A round of a listen's foreach.
void EndRound(State& state, const dsl::Program& program, const Event& event) {
  Frame& frame = FrameOf(state, event.frame);
  const auto& task = std::get<dsl::ListenTask>(program.all.at(frame.task).body);
  if (event.context) WriteContext(state, program, event);
  if (!NeverEnds(task.to)) frame.listening->outputs.push_back(event.data.value_or(Json()));
  frame.listening->item = Json();
  frame.waiting = Frame::Waiting::kEvents;
  frame.waiting_since_us = event.time_us;
  frame.position = kEndOfList;
}

void FaultTask(State& state, const dsl::Program& program, const Event& event) {
  Frame& parent = EndTask(state, program, event);
  if (AsFork(program, parent) && parent.error.IsNull()) parent.error = event.data.value_or(Json());
}

void WaitFor(Frame& frame, Frame::Waiting what, const Event& event) {
  frame.waiting = what;
  frame.waiting_since_us = event.time_us;
  frame.due_us = event.due_us;
}

void RestartBody(Frame& frame, Frame::Stage stage) {
  frame.stage = stage;
  frame.waiting = Frame::Waiting::kNothing;
  frame.due_us = 0;
  frame.run_deadline_us = 0;
  frame.data = frame.input;
  frame.position = 0;
}

void EndExecution(State& state, Phase phase, const Event& event) {
  state.phase = phase;
  (phase == Phase::kCompleted ? state.output : state.error) = event.data.value_or(Json());
  state.frames.clear();
  state.cancelling = {};
  state.paused = {};
}

// The pause does not count against the time that tasks may take, nor does it decide what comes first of a
// wait and its timeout.
void EndPause(State& state, std::int64_t now_us) {
  if (!state.paused) return;
  const std::int64_t length_us = std::max<std::int64_t>(now_us - state.paused->since_us, 0);
  for (auto& [id, frame] : state.frames) {
    if (frame.deadline_us != 0 && frame.waiting == Frame::Waiting::kTimer) frame.due_us += length_us;
    if (frame.deadline_us != 0) frame.deadline_us += length_us;
    if (frame.run_deadline_us != 0) frame.run_deadline_us += length_us;
  }
  state.paused = {};
}

// What timers and timeouts had left when the task began, they have from now on.
void GoOnFromPast(State& state, const Event& event) {
  const std::int64_t since_us = std::max<std::int64_t>(event.time_us - event.due_us, 0);
  for (auto& [id, frame] : state.frames) {
    if (frame.waiting != Frame::Waiting::kNothing) frame.waiting_since_us = event.time_us;
    if (frame.waiting == Frame::Waiting::kTimer) frame.due_us += since_us;
    if (frame.deadline_us != 0) frame.deadline_us += since_us;
    if (frame.run_deadline_us != 0) frame.run_deadline_us += since_us;
  }
  if (event.input) FrameOf(state, event.parent).data = *event.input;
}

void Park(Frame& frame, const Event& event) {
  frame.error = event.data.value_or(Json());
  frame.deadline_us = 0;
  frame.lost = 0;
  WaitFor(frame, Frame::Waiting::kOperator, event);
}

void StartExecution(State& state, const Event& event) {
  state.phase = Phase::kRunning;
  state.started_us = event.time_us;
  state.input = event.data.value_or(Json());
  Frame root;
  root.started_us = event.time_us;
  root.raw_input = state.input;
  root.input = event.input ? *event.input : state.input;
  root.data = root.input;
  root.deadline_us = event.deadline_us;
  state.frames.emplace(kRootFrame, std::move(root));
}

}  // namespace

const Json& ContextIn(const dsl::Program& program, const State& state, FrameId id) {
  while (id != kRootFrame) {
    const auto found = state.frames.find(id);
    if (found == state.frames.end()) break;
    const Frame& frame = found->second;
    const auto parent = state.frames.find(frame.parent);
    if (parent != state.frames.end() && AsFork(program, parent->second)) {
      const auto& copy = parent->second.branches->at(program.all.at(frame.task).position).context;
      if (copy) return *copy;
    }
    id = frame.parent;
  }
  return state.context;
}

Json JoinContexts(const Json& before, const Frame& fork, std::optional<std::size_t> winner) {
  Json joined = before;
  const auto branches = BranchesOf(fork);
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if (!branches[i].context || (winner && *winner != i)) continue;
    const Json& copy = *branches[i].context;
    if (!joined.IsObject() || !copy.IsObject()) {
      joined = copy;
      continue;
    }
    for (const auto& [key, value] : copy.AsObject()) {
      const Json* old = before.Find(key.AsString());
      if (!old || !(*old == value)) joined = Json::WithMember(std::move(joined), key, value);
    }
  }
  return joined;
}

std::string_view NameOf(Phase phase) { return kPhases.at(static_cast<std::size_t>(phase)); }

std::optional<Phase> PhaseFromName(std::string_view name) {
  for (std::size_t i = 0; i < kPhases.size(); ++i) {
    if (kPhases[i] == name) return static_cast<Phase>(i);
  }
  return std::nullopt;
}

bool State::HasDone(CommandNumber command) const {
  return command != 0 && commands && std::ranges::find(*commands, command) != commands->end();
}

void Apply(State& state, const dsl::Program& program, const Event& event) {
  CHECK(event.seq == state.seq + 1);
  state.seq = event.seq;
  if (event.frame >= state.next_frame) state.next_frame = event.frame + 1;
  switch (event.type) {
    case EventType::kExecutionStarted: StartExecution(state, event); break;
    case EventType::kTaskStarted: StartTask(state, program, event); break;
    case EventType::kTaskCompleted:
    case EventType::kTaskSkipped: HandOn(state, program, event); break;
    case EventType::kTaskFaulted: FaultTask(state, program, event); break;
    case EventType::kTaskCancelled: EndTask(state, program, event); break;
    case EventType::kLoopAdvanced: {
      Frame& frame = FrameOf(state, event.frame);
      AdvanceLoop(state, frame, program.all.at(frame.task), event.number);
      break;
    }
    case EventType::kEventConsumed: {
      Frame& frame = FrameOf(state, event.frame);
      ConsumeEvent(state, frame, std::get<dsl::ListenTask>(program.all.at(frame.task).body), event);
      break;
    }
    case EventType::kRoundCompleted: EndRound(state, program, event); break;
    case EventType::kExecutionMigrated:
      ApplyMoves(state, program, event.input.value_or(Json()));
      RememberCommand(state, event.position);
      break;
    case EventType::kActivityScheduled: {
      Frame& frame = FrameOf(state, event.frame);
      frame.attempt = event.number;
      if (event.data) frame.request = *event.data;
      if (event.number == 1) frame.data = event.input.value_or(Json());
      WaitFor(frame, Frame::Waiting::kActivity, event);
      break;
    }
    case EventType::kActivityFailed:
    case EventType::kActivityLost: {
      Frame& frame = FrameOf(state, event.frame);
      frame.lost = static_cast<std::uint16_t>(event.type == EventType::kActivityLost ? event.number : 0);
      WaitFor(frame, Frame::Waiting::kTimer, event);
      break;
    }
    case EventType::kErrorCaught: {
      Frame& frame = FrameOf(state, event.frame);
      frame.error = event.data.value_or(Json());
      RestartBody(frame, Frame::Stage::kCatch);
      break;
    }
    case EventType::kRetryScheduled: {
      Frame& frame = FrameOf(state, event.frame);
      frame.stage = Frame::Stage::kRetryDelay;
      frame.run_deadline_us = 0;
      frame.attempt = event.number;
      frame.error = event.data.value_or(Json());
      WaitFor(frame, Frame::Waiting::kTimer, event);
      break;
    }
    case EventType::kRetryStarted: {
      Frame& frame = FrameOf(state, event.frame);
      RestartBody(frame, Frame::Stage::kBody);
      frame.run_deadline_us = event.run_deadline_us;
      break;
    }
    case EventType::kExecutionPaused:
      state.paused = Paused{.since_us = state.paused ? state.paused->since_us : event.time_us,
                            .note = event.data.value_or(Json())};
      RememberCommand(state, event.position);
      break;
    case EventType::kExecutionResumed:
      EndPause(state, event.time_us);
      RememberCommand(state, event.position);
      break;
    case EventType::kTaskParked: Park(FrameOf(state, event.frame), event); break;
    case EventType::kTaskRepaired:
      RememberCommand(state, event.position);
      break;  // what follows does the rest
    case EventType::kExecutionForked: GoOnFromPast(state, event); break;
    case EventType::kCancelRequested:
      EndPause(state, event.time_us);
      state.cancelling = event.data.value_or(Json());
      FrameOf(state, kRootFrame).deadline_us = event.deadline_us;
      break;
    case EventType::kExecutionCompleted: EndExecution(state, Phase::kCompleted, event); break;
    case EventType::kExecutionFaulted: EndExecution(state, Phase::kFaulted, event); break;
    case EventType::kExecutionCancelled: EndExecution(state, Phase::kCancelled, event); break;
  }
}

bool InCleanup(const dsl::Program& program, const State& state, FrameId id) {
  while (id != kRootFrame) {
    const auto found = state.frames.find(id);
    if (found == state.frames.end()) return false;
    const Frame& frame = found->second;
    const auto* body = std::get_if<dsl::TryTask>(&program.all.at(frame.task).body);
    if (body && body->catches_cancel && frame.stage == Frame::Stage::kCatch) return true;
    id = frame.parent;
  }
  return false;
}

ActivityBounds BoundsOf(const Frame& frame) {
  if (!frame.data.IsObject()) return {};
  constexpr std::int64_t kLongUs = 120'000'000;  // an attempt that may run so long is not quick
  const std::int64_t attempt_us = frame.data["attempt_us"].IntOr(0);
  const std::string_view work =
      frame.data["class"].StringOr(NameOf(attempt_us >= kLongUs ? WorkClass::kLong : WorkClass::kQuick));
  return {.queued_us = frame.data["queued_us"].IntOr(0),
          .attempt_us = attempt_us,
          .heartbeat_us = frame.data["heartbeat_us"].IntOr(0),
          .work = work == NameOf(WorkClass::kLong) ? WorkClass::kLong : WorkClass::kQuick};
}

bool IsHeld(const State& state) {
  return state.paused || std::ranges::any_of(state.frames, [](const auto& entry) {
           return entry.second.waiting == Frame::Waiting::kOperator;
         });
}

}  // namespace elevaite::engine

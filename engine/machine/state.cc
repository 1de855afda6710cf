#include "engine/machine/state.h"

#include <array>

#include "engine/machine/codec.h"

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

namespace {

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
  switch (task.kind) {
    case dsl::TaskKind::kFor:
      frame.items = event.data.value_or(Json());
      frame.position = kEndOfList;  // kLoopAdvanced begins each round
      break;
    case dsl::TaskKind::kFork:
      frame.results.resize(std::get<dsl::ForkTask>(task.body).branches.size());
      frame.contexts.resize(frame.results.size());
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
      frame.contexts.at(program.all.at(inside).position) = *event.context;
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
    parent.results.at(program.all.at(event.task).position) = std::move(output);
  } else {
    parent.data = std::move(output);
    parent.position = event.next;
  }
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
  frame.data = frame.input;
  frame.position = 0;
}

void EndExecution(State& state, Phase phase, const Event& event) {
  state.phase = phase;
  (phase == Phase::kCompleted ? state.output : state.error) = event.data.value_or(Json());
  state.frames.clear();
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
      const auto& copy = parent->second.contexts.at(program.all.at(frame.task).position);
      if (copy) return *copy;
    }
    id = frame.parent;
  }
  return state.context;
}

Json JoinContexts(const Json& before, const Frame& fork, std::optional<std::size_t> winner) {
  Json joined = before;
  for (std::size_t i = 0; i < fork.contexts.size(); ++i) {
    if (!fork.contexts[i] || (winner && *winner != i)) continue;
    const Json& copy = *fork.contexts[i];
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
      frame.index = event.number;
      frame.position = 0;
      ++state.tasks_run;
      break;
    }
    case EventType::kActivityScheduled: {
      Frame& frame = FrameOf(state, event.frame);
      frame.attempt = event.number;
      if (event.data) frame.request = *event.data;
      WaitFor(frame, Frame::Waiting::kActivity, event);
      break;
    }
    case EventType::kActivityFailed:
      WaitFor(FrameOf(state, event.frame), Frame::Waiting::kTimer, event);
      break;
    case EventType::kErrorCaught: {
      Frame& frame = FrameOf(state, event.frame);
      frame.error = event.data.value_or(Json());
      RestartBody(frame, Frame::Stage::kCatch);
      break;
    }
    case EventType::kRetryScheduled: {
      Frame& frame = FrameOf(state, event.frame);
      frame.stage = Frame::Stage::kRetryDelay;
      frame.attempt = event.number;
      frame.error = event.data.value_or(Json());
      WaitFor(frame, Frame::Waiting::kTimer, event);
      break;
    }
    case EventType::kRetryStarted: RestartBody(FrameOf(state, event.frame), Frame::Stage::kBody); break;
    case EventType::kExecutionCompleted: EndExecution(state, Phase::kCompleted, event); break;
    case EventType::kExecutionFaulted: EndExecution(state, Phase::kFaulted, event); break;
    case EventType::kExecutionCancelled: EndExecution(state, Phase::kCancelled, event); break;
  }
}

Phase CurrentPhase(const State& state) {
  if (IsFinal(state.phase) || state.phase == Phase::kPending) return state.phase;
  bool timer = false;
  for (const auto& [id, frame] : state.frames) {
    if (frame.waiting == Frame::Waiting::kActivity) return Phase::kRunning;
    timer = timer || frame.waiting == Frame::Waiting::kTimer;
  }
  return timer ? Phase::kWaiting : Phase::kRunning;
}

// ---- Snapshot
// ----------------------------------------------------------------------------------------------------------

namespace {

constexpr std::uint8_t kSnapshotFormat = 1;

void EncodeFrame(codec::Writer& out, FrameId id, const Frame& f) {
  out.Varint(id);
  out.Varint(f.parent);
  out.Varint(f.task);
  out.Varint(static_cast<std::uint64_t>(f.started_us));
  out.Value(f.raw_input);
  out.Value(f.input);
  out.Value(f.data);
  out.Varint(f.position);
  out.Value(f.items);
  out.Varint(f.index);
  out.Varint(f.begun);
  out.Varint(f.results.size());
  for (const auto& result : f.results) {
    out.Byte(result ? 1 : 0);
    if (result) out.Value(*result);
  }
  for (const auto& context : f.contexts) {
    out.Byte(context ? 1 : 0);
    if (context) out.Value(*context);
  }
  out.Value(f.error);
  out.Byte(static_cast<std::uint8_t>(f.stage));
  out.Varint(f.attempt);
  out.Byte(static_cast<std::uint8_t>(f.waiting));
  out.Varint(static_cast<std::uint64_t>(f.waiting_since_us));
  out.Varint(static_cast<std::uint64_t>(f.due_us));
  out.Value(f.request);
}

Frame DecodeFrame(codec::Reader& in) {
  Frame f;
  f.parent = in.Varint32();
  f.task = in.Varint32();
  f.started_us = static_cast<std::int64_t>(in.Varint());
  f.raw_input = in.Value();
  f.input = in.Value();
  f.data = in.Value();
  f.position = in.Varint32();
  f.items = in.Value();
  f.index = in.Varint32();
  f.begun = in.Varint32();
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
    f.results.push_back(in.Byte() != 0 ? std::optional<Json>(in.Value()) : std::nullopt);
  }
  for (std::size_t i = 0; i < f.results.size() && in.ok(); ++i) {
    f.contexts.push_back(in.Byte() != 0 ? std::optional<Json>(in.Value()) : std::nullopt);
  }
  f.error = in.Value();
  f.stage = static_cast<Frame::Stage>(in.Byte());
  f.attempt = in.Varint32();
  f.waiting = static_cast<Frame::Waiting>(in.Byte());
  f.waiting_since_us = static_cast<std::int64_t>(in.Varint());
  f.due_us = static_cast<std::int64_t>(in.Varint());
  f.request = in.Value();
  if (f.stage > Frame::Stage::kCatch || f.waiting > Frame::Waiting::kTimer) in.Fail();
  return f;
}

}  // namespace

std::string EncodeState(const State& state) {
  codec::Writer out;
  out.Byte(kSnapshotFormat);
  out.Byte(static_cast<std::uint8_t>(state.phase));
  out.Varint(state.seq);
  out.Varint(state.tasks_run);
  out.Varint(state.next_frame);
  out.Varint(static_cast<std::uint64_t>(state.started_us));
  out.Value(state.input);
  out.Value(state.context);
  out.Value(state.output);
  out.Value(state.error);
  out.Varint(state.frames.size());
  for (const auto& [id, frame] : state.frames) EncodeFrame(out, id, frame);
  return out.Take();
}

Result<State> DecodeState(std::string_view bytes) {
  codec::Reader in(bytes);
  if (in.Byte() != kSnapshotFormat) in.Fail();
  State state;
  state.phase = static_cast<Phase>(in.Byte());
  state.seq = in.Varint();
  state.tasks_run = in.Varint();
  state.next_frame = in.Varint32();
  state.started_us = static_cast<std::int64_t>(in.Varint());
  state.input = in.Value();
  state.context = in.Value();
  state.output = in.Value();
  state.error = in.Value();
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
    const FrameId id = in.Varint32();
    state.frames.emplace(id, DecodeFrame(in));
  }
  for (const auto& [id, frame] : state.frames) {  // children are derived, not stored
    if (id == kRootFrame) continue;
    const auto parent = state.frames.find(frame.parent);
    if (parent == state.frames.end()) {
      in.Fail();
      break;
    }
    ++parent->second.children;
  }
  if (!in.ok() || !in.AtEnd() || state.phase > Phase::kCompleted) {
    return elevaite::Fail(ErrorCode::kDataLoss, "a snapshot of an execution cannot be read");
  }
  return state;
}

}  // namespace elevaite::engine

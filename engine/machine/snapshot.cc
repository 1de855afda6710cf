// The bytes of a State. Format 2 added timeouts and listening to format 1, format 3 the attempts that were
// lost, format 4 that it is being cancelled, format 5 the bounds of calls, format 6 that it is paused, format
// 7 the commands of operators; all older ones are still read.
#include "engine/machine/codec.h"
#include "engine/machine/state.h"

namespace elevaite::engine {
namespace {

constexpr std::uint8_t kFormat = 7;

std::uint64_t Unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

void EncodeOptional(codec::Writer& out, const std::optional<Json>& value) {
  out.Byte(value ? 1 : 0);
  if (value) out.Value(*value);
}

std::optional<Json> DecodeOptional(codec::Reader& in) {
  if (in.Byte() == 0) return std::nullopt;
  return in.Value();
}

void EncodeConsumption(codec::Writer& out, const Consumption& c) {
  out.Varint(c.filled.size());
  for (const bool filled : c.filled) out.Byte(filled ? 1 : 0);
  out.Value(c.correlations);
  out.Byte(c.satisfied ? 1 : 0);
}

Consumption DecodeConsumption(codec::Reader& in) {
  Consumption c;
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) c.filled.push_back(in.Byte() != 0);
  c.correlations = in.Value();
  c.satisfied = in.Byte() != 0;
  return c;
}

void EncodeValues(codec::Writer& out, const std::vector<Json>& values) {
  out.Varint(values.size());
  for (const Json& value : values) out.Value(value);
}

std::vector<Json> DecodeValues(codec::Reader& in) {
  std::vector<Json> values;
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) values.push_back(in.Value());
  return values;
}

void EncodeListening(codec::Writer& out, const Box<Listening>& listening) {
  out.Byte(listening ? 1 : 0);
  if (!listening) return;
  EncodeConsumption(out, listening->main);
  EncodeConsumption(out, listening->until);
  EncodeValues(out, listening->read);
  EncodeValues(out, listening->pending);
  EncodeValues(out, listening->outputs);
  out.Varint(listening->rounds);
  out.Value(listening->item);
}

Box<Listening> DecodeListening(codec::Reader& in) {
  if (in.Byte() == 0) return {};
  Listening listening;
  listening.main = DecodeConsumption(in);
  listening.until = DecodeConsumption(in);
  listening.read = DecodeValues(in);
  listening.pending = DecodeValues(in);
  listening.outputs = DecodeValues(in);
  listening.rounds = in.Varint32();
  listening.item = in.Value();
  return listening;
}

void EncodeConsumed(codec::Writer& out, const ConsumedEvents& consumed) {
  out.Varint(consumed.positions.size());
  for (const std::int64_t position : consumed.positions) out.Varint(Unsigned(position));
  out.Varint(Unsigned(consumed.below));
}

Box<ConsumedEvents> DecodeConsumed(codec::Reader& in) {
  ConsumedEvents consumed;
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left)
    consumed.positions.push_back(Signed(in.Varint()));
  consumed.below = Signed(in.Varint());
  if (consumed.positions.empty() && consumed.below == 0) return {};
  return consumed;
}

void EncodeFrame(codec::Writer& out, FrameId id, const Frame& f) {
  out.Varint(id);
  out.Varint(f.parent);
  out.Varint(f.task);
  out.Varint(Unsigned(f.started_us));
  out.Value(f.raw_input);
  out.Value(f.input);
  out.Value(f.data);
  out.Varint(f.position);
  out.Value(f.items);
  out.Varint(f.index);
  out.Varint(f.begun);
  out.Varint(BranchesOf(f).size());
  for (const Frame::Branch& branch : BranchesOf(f)) EncodeOptional(out, branch.output);
  for (const Frame::Branch& branch : BranchesOf(f)) EncodeOptional(out, branch.context);
  out.Value(f.error);
  out.Byte(static_cast<std::uint8_t>(f.stage));
  out.Varint(f.attempt);
  out.Byte(static_cast<std::uint8_t>(f.waiting));
  out.Varint(Unsigned(f.waiting_since_us));
  out.Varint(Unsigned(f.due_us));
  out.Value(f.request);
  out.Varint(Unsigned(f.deadline_us));
  out.Varint(Unsigned(f.run_deadline_us));
  EncodeListening(out, f.listening);
  out.Varint(f.lost);
}

Frame DecodeFrame(codec::Reader& in, std::uint8_t format) {
  Frame f;
  f.parent = in.Varint32();
  f.task = in.Varint32();
  f.started_us = Signed(in.Varint());
  f.raw_input = in.Value();
  f.input = in.Value();
  f.data = in.Value();
  f.position = in.Varint32();
  f.items = in.Value();
  f.index = in.Varint32();
  f.begun = in.Varint32();
  std::vector<Frame::Branch> branches;
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left)
    branches.push_back({.output = DecodeOptional(in), .context = {}});
  for (Frame::Branch& branch : branches) {
    if (in.ok()) branch.context = DecodeOptional(in);
  }
  if (!branches.empty()) f.branches = std::move(branches);
  f.error = in.Value();
  f.stage = static_cast<Frame::Stage>(in.Byte());
  f.attempt = in.Varint32();
  f.waiting = static_cast<Frame::Waiting>(in.Byte());
  f.waiting_since_us = Signed(in.Varint());
  f.due_us = Signed(in.Varint());
  f.request = in.Value();
  if (format >= 2) {
    f.deadline_us = Signed(in.Varint());
    f.run_deadline_us = Signed(in.Varint());
    f.listening = DecodeListening(in);
  }
  if (format >= 3) f.lost = static_cast<std::uint16_t>(in.Varint32());
  if (format < 5 && !f.request.IsNull()) f.data = Json();
  if (f.stage > Frame::Stage::kCatch || f.waiting > Frame::Waiting::kOperator) in.Fail();
  return f;
}

void EncodeCommands(codec::Writer& out, const Box<std::vector<CommandNumber>>& commands) {
  out.Varint(commands ? commands->size() : 0);
  if (!commands) return;
  for (const CommandNumber command : *commands) out.Varint(Unsigned(command));
}

Box<std::vector<CommandNumber>> DecodeCommands(codec::Reader& in) {
  std::vector<CommandNumber> commands;
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) commands.push_back(Signed(in.Varint()));
  if (commands.empty()) return {};
  return commands;
}

// How many children a frame has is derived, not stored.
void CountChildren(State& state, codec::Reader& in) {
  for (const auto& [id, frame] : state.frames) {
    if (id == kRootFrame) continue;
    const auto parent = state.frames.find(frame.parent);
    if (parent == state.frames.end()) return in.Fail();
    ++parent->second.children;
  }
}

}  // namespace

std::string EncodeState(const State& state) {
  codec::Writer out;
  out.Byte(kFormat);
  out.Byte(static_cast<std::uint8_t>(state.phase));
  out.Varint(state.seq);
  out.Varint(state.tasks_run);
  out.Varint(state.next_frame);
  out.Varint(Unsigned(state.started_us));
  out.Value(state.input);
  out.Value(state.context);
  out.Value(state.output);
  out.Value(state.error);
  out.Varint(state.frames.size());
  for (const auto& [id, frame] : state.frames) EncodeFrame(out, id, frame);
  EncodeConsumed(out, state.consumed ? *state.consumed : ConsumedEvents());
  EncodeOptional(out, state.cancelling ? std::optional(*state.cancelling) : std::nullopt);
  EncodeOptional(out, state.paused ? std::optional(state.paused->note) : std::nullopt);
  if (state.paused) out.Varint(Unsigned(state.paused->since_us));
  EncodeCommands(out, state.commands);
  return out.Take();
}

namespace {

State DecodeState(codec::Reader& in) {
  const std::uint8_t format = in.Byte();
  if (format == 0 || format > kFormat) in.Fail();
  State state;
  state.phase = static_cast<Phase>(in.Byte());
  state.seq = in.Varint();
  state.tasks_run = in.Varint();
  state.next_frame = in.Varint32();
  state.started_us = Signed(in.Varint());
  state.input = in.Value();
  state.context = in.Value();
  state.output = in.Value();
  state.error = in.Value();
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
    const FrameId id = in.Varint32();
    state.frames.emplace(id, DecodeFrame(in, format));
  }
  if (format >= 2) state.consumed = DecodeConsumed(in);
  if (format >= 4) state.cancelling = DecodeOptional(in);
  if (format >= 6) {
    if (auto note = DecodeOptional(in))
      state.paused = Paused{.since_us = Signed(in.Varint()), .note = *std::move(note)};
  }
  if (format >= 7) state.commands = DecodeCommands(in);
  CountChildren(state, in);
  return state;
}

}  // namespace

Result<State> DecodeState(std::string_view bytes) {
  codec::Reader in(bytes);
  State state = DecodeState(in);
  if (!in.ok() || !in.AtEnd() || state.phase > Phase::kCompleted) {
    return elevaite::Fail(ErrorCode::kDataLoss, "a snapshot of an execution cannot be read");
  }
  return state;
}

std::vector<Extent> LargeValuesOfState(std::string_view bytes, std::size_t above) {
  std::vector<Extent> large;
  if (bytes.size() <= above) return large;
  codec::Reader in(bytes, above, large);
  DecodeState(in);
  return large;
}

}  // namespace elevaite::engine

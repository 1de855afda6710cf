#include "engine/machine/event.h"

#include <array>

#include "engine/machine/codec.h"

namespace elevaite::engine {
namespace {

constexpr std::uint8_t kFormat = 1;

enum Field : std::uint32_t {
  kFrame = 1U << 0U,
  kParent = 1U << 1U,
  kTask = 1U << 2U,
  kNext = 1U << 3U,
  kNumber = 1U << 4U,
  kDue = 1U << 5U,
  kData = 1U << 6U,
  kInput = 1U << 7U,
  kContext = 1U << 8U,
  kDeadline = 1U << 9U,
  kRunDeadline = 1U << 10U,
  kPosition = 1U << 11U,
};

std::uint32_t FieldsOf(const Event& e) {
  return (e.frame != kRootFrame ? kFrame : 0U) | (e.parent != kRootFrame ? kParent : 0U) |
         (e.task != dsl::kNoTask ? kTask : 0U) | (e.next != 0 ? kNext : 0U) | (e.number != 0 ? kNumber : 0U) |
         (e.due_us != 0 ? kDue : 0U) | (e.data ? kData : 0U) | (e.input ? kInput : 0U) |
         (e.context ? kContext : 0U) | (e.deadline_us != 0 ? kDeadline : 0U) |
         (e.run_deadline_us != 0 ? kRunDeadline : 0U) | (e.position != 0 ? kPosition : 0U);
}

void EncodeEvent(codec::Writer& out, const Event& e) {
  const std::uint32_t fields = FieldsOf(e);
  out.Byte(static_cast<std::uint8_t>(e.type));
  out.Varint(fields);
  if (fields & kFrame) out.Varint(e.frame);
  if (fields & kParent) out.Varint(e.parent);
  if (fields & kTask) out.Varint(e.task);
  if (fields & kNext) out.Varint(e.next);
  if (fields & kNumber) out.Varint(e.number);
  if (fields & kDue) out.Varint(static_cast<std::uint64_t>(e.due_us));
  if (e.data) out.Value(*e.data);
  if (e.input) out.Value(*e.input);
  if (e.context) out.Value(*e.context);
  if (fields & kDeadline) out.Varint(static_cast<std::uint64_t>(e.deadline_us));
  if (fields & kRunDeadline) out.Varint(static_cast<std::uint64_t>(e.run_deadline_us));
  if (fields & kPosition) out.Varint(static_cast<std::uint64_t>(e.position));
}

Event DecodeEvent(codec::Reader& in) {
  Event e;
  const std::uint8_t type = in.Byte();
  if (type < static_cast<std::uint8_t>(EventType::kExecutionStarted) ||
      type > static_cast<std::uint8_t>(EventType::kExecutionForked)) {
    in.Fail();
  }
  e.type = static_cast<EventType>(type);
  const std::uint32_t fields = in.Varint32();
  if (fields & kFrame) e.frame = in.Varint32();
  if (fields & kParent) e.parent = in.Varint32();
  if (fields & kTask) e.task = in.Varint32();
  if (fields & kNext) e.next = in.Varint32();
  if (fields & kNumber) e.number = in.Varint32();
  if (fields & kDue) e.due_us = static_cast<std::int64_t>(in.Varint());
  if (fields & kData) e.data = in.Value();
  if (fields & kInput) e.input = in.Value();
  if (fields & kContext) e.context = in.Value();
  if (fields & kDeadline) e.deadline_us = static_cast<std::int64_t>(in.Varint());
  if (fields & kRunDeadline) e.run_deadline_us = static_cast<std::int64_t>(in.Varint());
  if (fields & kPosition) e.position = static_cast<std::int64_t>(in.Varint());
  return e;
}

}  // namespace

std::string_view NameOf(EventType type) {
  static constexpr std::array<std::string_view, 26> kNames{
      "",
      "execution.started",
      "task.started",
      "task.completed",
      "task.skipped",
      "task.faulted",
      "task.cancelled",
      "loop.advanced",
      "activity.scheduled",
      "activity.failed",
      "error.caught",
      "retry.scheduled",
      "retry.started",
      "execution.completed",
      "execution.faulted",
      "execution.cancelled",
      "event.consumed",
      "round.completed",
      "execution.migrated",
      "activity.lost",
      "cancel.requested",
      "execution.paused",
      "execution.resumed",
      "task.parked",
      "task.repaired",
      "execution.forked",
  };
  return kNames.at(static_cast<std::size_t>(type));
}

std::string EncodeEvents(const std::vector<Event>& events) {
  CHECK(!events.empty());
  codec::Writer out;
  out.Byte(kFormat);
  out.Varint(events.front().seq);
  out.Varint(static_cast<std::uint64_t>(events.front().time_us));
  for (const Event& event : events) EncodeEvent(out, event);
  return out.Take();
}

namespace {

std::vector<Event> DecodeEvents(codec::Reader& in) {
  if (in.Byte() != kFormat) in.Fail();
  std::uint64_t seq = in.Varint();
  const auto time_us = static_cast<std::int64_t>(in.Varint());
  std::vector<Event> events;
  while (!in.AtEnd()) {
    Event event = DecodeEvent(in);
    event.seq = seq++;
    event.time_us = time_us;
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

Result<std::vector<Event>> DecodeEvents(std::string_view bytes) {
  codec::Reader in(bytes);
  std::vector<Event> events = DecodeEvents(in);
  if (!in.ok() || events.empty())
    return elevaite::Fail(ErrorCode::kDataLoss, "a row of the journal cannot be read");
  return events;
}

std::vector<Extent> LargeValuesOfEvents(std::string_view bytes, std::size_t above) {
  std::vector<Extent> large;
  if (bytes.size() <= above) return large;
  codec::Reader in(bytes, above, large);
  DecodeEvents(in);
  return large;
}

}  // namespace elevaite::engine

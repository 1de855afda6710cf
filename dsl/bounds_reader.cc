// What the language has no key for at a call, `metadata.elevaite`: the part of TaskReader about it. `timeout`
// bounds the whole task; this is about the attempts at its call.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/duration.h"
#include "dsl/on_error.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {

using syntax::Field;
using syntax::Place;

namespace {

constexpr std::string_view kClasses[] = {"quick", "long"};

// Nothing when it is computed or not there.
std::optional<std::int64_t> LiteralOf(const Field& field) {
  if (!field) return std::nullopt;
  const auto duration = ParseDuration(field->node.value());
  return duration ? std::optional(*duration) : std::nullopt;
}

}  // namespace

void TaskReader::ReadBounds(const Place& metadata, syntax::Task& task) {
  const Field ours = Reader::Member(metadata, "elevaite");
  if (!ours || !reader_.IsMapping(*ours, "`elevaite`", "write elevaite: {timeouts: {attempt: PT30S}}"))
    return;
  reader_.CheckKeys(*ours, "metadata.elevaite");
  syntax::Bounds bounds{.place = *ours};
  if (const Field work = Reader::Member(*ours, "class")) {
    if (const auto name = reader_.OneOf(*work, "`class`", kClasses)) bounds.is_long = *name == "long";
  }
  if (const Field on_error = Reader::Member(*ours, "onError"))
    reader_.OneOf(*on_error, "`onError`", kOnErrors);
  if (const Field timeouts = Reader::Member(*ours, "timeouts")) ReadTimeouts(*timeouts, bounds);
  if (Reader::Member(*ours, "class") || Reader::Member(*ours, "timeouts"))
    task.bounds = std::make_shared<const syntax::Bounds>(std::move(bounds));
}

void TaskReader::ReadTimeouts(const Place& timeouts, syntax::Bounds& bounds) {
  if (!reader_.IsMapping(timeouts, "`timeouts`", "write timeouts: {attempt: PT30S}")) return;
  reader_.CheckKeys(timeouts, "metadata.timeouts");
  for (const auto& [key, bound] : {std::pair{"queued", &bounds.queued},
                                   {"attempt", &bounds.attempt},
                                   {"heartbeat", &bounds.heartbeat}}) {
    const Field field = Reader::Member(timeouts, key);
    const std::string what = fmt::format("`{}`", key);
    if (!field || !reader_.IsDuration(*field, what)) continue;
    if (LiteralOf(field) == 0) {
      reader_.Add(Code::kNumberRange, *field, what + " must be longer than nothing",
                  "leave it out where there is to be no bound");
      continue;
    }
    *bound = field;
  }
}

// Something outside does it, in attempts.
bool TaskReader::IsBoundable(const syntax::Task& task) const {
  if (task.kind == TaskKind::kRun) return task.run && task.run->process != "workflow";
  if (task.kind != TaskKind::kCall) return false;
  return !task.function.starts_with("flow.") && !definitions_.Of("functions").contains(task.function);
}

void TaskReader::CheckBounds(const syntax::Task& task) {
  if (!IsBoundable(task)) {
    const Field timeouts = Reader::Member(task.bounds->place, "timeouts");
    reader_.Add(Code::kBoundsNotHere, timeouts ? *timeouts : task.bounds->place,
                "these are for the attempts at a call; this task makes none of its own",
                "use `timeout: {after: ...}`, which every task may have");
    return;
  }
  const auto attempt = LiteralOf(task.bounds->attempt);
  const auto heartbeat = LiteralOf(task.bounds->heartbeat);
  const auto total = LiteralOf(task.timeout);
  if (attempt && total && *attempt >= *total) {
    reader_.Add(Code::kBoundNeverReached, *task.bounds->attempt,
                "`timeout` ends the task before `attempt` can end an attempt",
                "make `attempt` the shorter one");
  }
  if (heartbeat && attempt && *heartbeat >= *attempt) {
    reader_.Add(Code::kBoundNeverReached, *task.bounds->heartbeat,
                "`attempt` ends the attempt before `heartbeat` can", "make `heartbeat` the shorter one");
  }
}

}  // namespace elevaite::dsl

#include "engine/simulation/subflows.h"

#include <algorithm>
#include <string>

#include "engine/machine/errors.h"
#include "foundation/digest.h"

namespace elevaite::simulation {
namespace {

using engine::ActivityFailure;
using engine::ActivityOutcome;
using engine::ActivitySuccess;
using engine::MakeError;

constexpr std::int64_t kHopUs = 200;  // from one part of the process to another
constexpr std::int64_t kRetryUs = 1'000'000;
constexpr std::int64_t kAnswerTimeoutUs = 30'000'000;

ActivityOutcome OutcomeOf(engine::Phase phase, const Json& output, const Json& error) {
  if (phase == engine::Phase::kCompleted) return ActivitySuccess{output};
  if (phase == engine::Phase::kFaulted) return ActivityFailure{error, std::nullopt};
  return ActivityFailure{MakeError("runtime", "The workflow was cancelled", ""), std::nullopt};
}

}  // namespace

ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame) {
  const auto digest = Sha256(parent.ToString() + "." + std::to_string(frame));
  Uuid uuid = parent.uuid();
  std::copy_n(digest.begin(), 10, uuid.bytes.begin() + 6);
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70U | (uuid.bytes[6] & 0x0fU));
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (uuid.bytes[8] & 0x3fU));
  return ExecutionId(uuid);
}

void Process::Subflows::Schedule(engine::ActivityTask task, Done done) {
  if (task.connector != engine::kSubflowConnector) return others_.Schedule(std::move(task), std::move(done));
  auto call = std::make_shared<Call>();
  call->awaits = task.request["await"].BoolOr(true);
  call->child = ChildId(task.execution, task.frame);
  if (call->awaits) awaited_[{task.execution, task.frame}] = std::nullopt;
  call->task = std::move(task);
  call->done = std::move(done);
  process_.After(process_.host_.scheduler.Delay(kHopUs), "subflow begins", [this, call] { Start(call); });
}

void Process::Subflows::Start(const std::shared_ptr<Call>& call) {
  const engine::ActivityTask& task = call->task;
  const std::string name(task.request["name"].AsString());
  engine::StartCommand command{
      .record = {.account = task.account,
                 .id = call->child,
                 .name_space = "sim",
                 .workflow = name,
                 .version = std::string(kVersion),
                 .trigger = engine::Trigger::kSubflow,
                 .parent = task.execution,
                 .depth = task.depth + 1,
                 .parent_frame = call->awaits ? std::optional(task.frame) : std::nullopt},
      .program = process_.host_.library.Find(name, kVersion),
      .input = task.request["input"],
      .accepted =
          [this, call](Result<void> result) {
            process_.After(process_.host_.scheduler.Delay(kHopUs), "subflow is started",
                           [this, call, result = std::move(result)] { Started(call, result); });
          },
      .finished = {},
      .shared_id = true};
  if (call->awaits) {
    command.finished = [this, call](const std::optional<engine::Outcome>& outcome) {
      if (!outcome) return;
      process_.After(process_.host_.scheduler.Delay(kHopUs), "subflow has ended",
                     [this, call, ended = *outcome] {
                       if (!call->has_timed_out)
                         Finish(call, OutcomeOf(ended.phase, ended.output, ended.error));
                     });
    };
  }
  process_.Post(std::move(command));
  process_.After(kAnswerTimeoutUs, "subflow's start takes too long", [this, call] {
    if (call->is_answered) return;
    call->has_timed_out = true;
    Finish(call, ActivityFailure{MakeError("runtime", "The workflow could not be started", ""), kRetryUs});
  });
}

void Process::Subflows::Started(const std::shared_ptr<Call>& call, const Result<void>& result) {
  if (call->has_timed_out) return;
  call->is_answered = true;
  const bool ended_before = !result && result.error().code == ErrorCode::kConflict;
  if (!result && !ended_before)
    return Finish(call,
                  ActivityFailure{MakeError("runtime", "The workflow could not be started", ""), kRetryUs});
  if (!call->awaits) return Finish(call, ActivitySuccess{});
  const auto found = awaited_.find({call->task.execution, call->task.frame});
  if (found != awaited_.end() && found->second) CancelChild(call->child, *found->second);
  if (ended_before && process_.host_.mutation != Mutation::kEndNotTold) TellEnding(call);
}

void Process::Subflows::TellEnding(const std::shared_ptr<Call>& call) {
  process_.After(process_.host_.scheduler.Delay(kHopUs), "subflow's ending is read", [this, call] {
    const StoredRun* run = process_.host_.disk.Find(call->child);
    // A ghost takes what it finds on disk and has not in memory for ended; it may run at the next owner's.
    if (process_.is_ghost_ && run && !run->ended())
      return Finish(call,
                    ActivityFailure{MakeError("runtime", "The workflow could not be started", ""), kRetryUs});
    process_.host_.auditor.Require(run && run->ended(), "what is said to have ended has ended",
                                   call->child.ToString());
    if (run) Finish(call, OutcomeOf(run->state().phase, run->state().output, run->state().error));
  });
}

void Process::Subflows::Finish(const std::shared_ptr<Call>& call, ActivityOutcome outcome) {
  awaited_.erase({call->task.execution, call->task.frame});
  call->done(std::move(outcome));
}

void Process::Subflows::Cancel(const ExecutionId& execution, engine::FrameId frame,
                               std::string_view connector, std::int64_t deadline_us) {
  if (connector != engine::kSubflowConnector) return others_.Cancel(execution, frame, connector, deadline_us);
  const auto found = awaited_.find({execution, frame});
  if (found != awaited_.end()) found->second = deadline_us;
  CancelChild(ChildId(execution, frame), deadline_us);
}

void Process::Subflows::CancelChild(const ExecutionId& child, std::int64_t deadline_us) {
  process_.Post(engine::InputCommand{child, engine::Cancel{.reason = std::string(engine::kNoLongerNeeded),
                                                           .deadline_us = deadline_us,
                                                           .by_parent = true}});
}

}  // namespace elevaite::simulation

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

engine::ChildEnd EndFrom(engine::Phase phase, const Json& output, const Json& error) {
  if (phase == engine::Phase::kCompleted) return ActivitySuccess{output};
  if (phase == engine::Phase::kFaulted) return ActivityFailure{error, std::nullopt};
  return engine::ChildCancelled{};
}

}  // namespace

ExecutionId ChildId(const ExecutionId& parent, engine::FrameId frame, std::optional<std::uint32_t> index) {
  std::string cause = parent.ToString() + "." + std::to_string(frame);
  if (index) cause += "." + std::to_string(*index);
  const auto digest = Sha256(cause);
  Uuid uuid = parent.uuid();
  std::copy_n(digest.begin(), 10, uuid.bytes.begin() + 6);
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70U | (uuid.bytes[6] & 0x0fU));
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (uuid.bytes[8] & 0x3fU));
  return ExecutionId(uuid);
}

std::int64_t Process::Subflows::Hop() { return process_.host_.scheduler.Delay(kHopUs); }

void Process::Subflows::Schedule(engine::ActivityTask task, Done done) {
  if (!engine::IsOwn(task.connector)) return others_.Schedule(std::move(task), std::move(done));
  auto call = std::make_shared<Call>(Call{.task = std::move(task), .done = std::move(done)});
  if (call->task.request["await"].BoolOr(true)) awaited_[call->key()] = {};
  After(Hop(), "subflow begins", [this, call] { Begin(call); });
}

void Process::Subflows::Begin(const CallPtr& call) {
  const engine::ActivityTask& task = call->task;
  if (task.connector == engine::kMapConnector) {
    auto map = engine::FlowMap::From(task.request);
    if (!map) return Finish(call, ActivityFailure{std::move(map).error(), std::nullopt});
    call->map.emplace(*std::move(map));
    call->lanes = call->map->lanes();
    if (call->lanes == 0) return Finish(call, std::move(*call->map).Outcome());
    for (std::size_t lane = call->lanes; lane > 0; --lane) NextOfMap(call);
    return;
  }
  Start(std::make_shared<Run>(
      Run{.call = call,
          .child = ChildId(task.execution, task.frame),
          .workflow = std::string(task.request["name"].AsString()),
          .input = task.request["input"],
          .awaits = task.request["await"].BoolOr(true),
          .done = [this, call](engine::ChildEnd end) { Finish(call, engine::OutcomeOf(std::move(end))); }}));
}

// ---- Many ----

void Process::Subflows::NextOfMap(const CallPtr& call) {
  const auto awaited = awaited_.find(call->key());
  if (awaited != awaited_.end() && awaited->second.is_unwanted)
    call->map->Fail(MakeError("runtime", "The task was cancelled", ""));
  const auto turn = call->map->Next();
  if (!turn && --call->lanes == 0) return Finish(call, std::move(*call->map).Outcome());
  if (turn && turn->only_if_begun) return EndChild(call, turn->index);
  if (turn) RunForCertain(call, turn->index);
}

void Process::Subflows::TakeOfMap(const CallPtr& call, std::uint32_t index,
                                  std::optional<engine::ChildEnd> end) {
  if (call->map->Take(index, std::move(end))) CancelAll(call->key(), Cancelled(call->key()).value_or(0));
  NextOfMap(call);
}

void Process::Subflows::EndChild(const CallPtr& call, std::uint32_t index) {
  const ExecutionId child = ChildId(call->task.execution, call->task.frame, index);
  CancelChild(child, Cancelled(call->key()).value_or(0));
  process_.Post(engine::WatchCommand{.account = call->task.account,
                                     .id = child,
                                     .finished = [=, this](const std::optional<engine::Outcome>&) {
                                       After(Hop(), "an earlier subflow is looked at", [=, this] {
                                         const StoredRun* stored = process_.host_.disk.Find(child);
                                         if (!stored || !stored->ended())
                                           return TakeOfMap(call, index, std::nullopt);
                                         const engine::State& state = stored->state();
                                         TakeOfMap(call, index,
                                                   EndFrom(state.phase, state.output, state.error));
                                       });
                                     }});
}

void Process::Subflows::RunForCertain(const CallPtr& call, std::uint32_t index) {
  const engine::FlowMap& map = call->map->map();
  const auto ended = [this, call, index](engine::ChildEnd end) {
    const auto* failure = std::get_if<ActivityFailure>(&end);
    if (failure && failure->retry_in_us) {
      if (Cancelled(call->key())) return EndChild(call, index);
      return After(*failure->retry_in_us, "subflow again",
                   [this, call, index] { RunForCertain(call, index); });
    }
    TakeOfMap(call, index, std::move(end));
  };
  Start(std::make_shared<Run>(Run{.call = call,
                                  .child = ChildId(call->task.execution, call->task.frame, index),
                                  .workflow = map.workflow.substr(map.workflow.find('.') + 1),
                                  .input = map.items[index],
                                  .done = ended}));
}

// ---- One ----

void Process::Subflows::Start(const RunPtr& run) {
  const engine::ActivityTask& task = run->call->task;
  if (const auto found = awaited_.find(run->call->key()); found != awaited_.end())
    found->second.running.insert(run->child);
  engine::StartCommand command{
      .record = {.account = task.account,
                 .id = run->child,
                 .name_space = "sim",
                 .workflow = run->workflow,
                 .version = std::string(kVersion),
                 .trigger = engine::Trigger::kSubflow,
                 .parent = task.execution,
                 .depth = task.depth + 1,
                 .parent_frame = run->awaits ? std::optional(task.frame) : std::nullopt},
      .program = process_.host_.library.Find(run->workflow, kVersion),
      .input = run->input,
      .accepted =
          [this, run](Result<void> result) {
            After(Hop(), "subflow is started",
                  [this, run, result = std::move(result)] { Started(run, result); });
          },
      .finished = {},
      .shared_id = true};
  if (run->awaits) {
    command.finished = [this, run](const std::optional<engine::Outcome>& outcome) {
      After(Hop(), "subflow has ended", [this, run, outcome] {
        if (run->has_timed_out) return;
        if (outcome) {
          run->is_answered = true;  // that has only not come through yet
          return Ended(run, EndFrom(outcome->phase, outcome->output, outcome->error));
        }
        run->is_not_running = true;
        if (run->is_answered && !run->had_ended) TellEnding(run);
      });
    };
  }
  process_.Post(std::move(command));
  After(kAnswerTimeoutUs, "subflow's start takes too long", [this, run] {
    if (run->is_answered) return;
    run->has_timed_out = true;
    CouldNotStart(run);
  });
}

void Process::Subflows::Started(const RunPtr& run, const Result<void>& result) {
  if (run->has_timed_out) return;
  run->is_answered = true;
  const bool ended_before = !result && result.error().code == ErrorCode::kConflict;
  run->had_ended = !result;
  if (!result && !ended_before) return CouldNotStart(run);
  if (!run->awaits) return run->done(ActivitySuccess{});
  if (const auto by = Cancelled(run->call->key())) CancelChild(run->child, *by);
  if (ended_before && process_.host_.mutation != Mutation::kEndNotTold) return TellEnding(run);
  if (run->is_not_running) TellEnding(run);
}

void Process::Subflows::TellEnding(const RunPtr& run) {
  After(Hop(), "subflow's ending is read", [this, run] {
    const StoredRun* stored = process_.host_.disk.Find(run->child);
    if (!process_.host_.owners_are_right && stored && !stored->ended()) return CouldNotStart(run);
    process_.host_.auditor.Require(stored && stored->ended(), "what is said to have ended has ended",
                                   run->child.ToString());
    if (!stored) return;
    const engine::State& state = stored->state();
    Ended(run, EndFrom(state.phase, state.output, state.error));
  });
}

void Process::Subflows::CouldNotStart(const RunPtr& run) {
  run->done(ActivityFailure{MakeError("runtime", "The workflow could not be started", ""), kRetryUs});
}

void Process::Subflows::Ended(const RunPtr& run, engine::ChildEnd end) {
  if (const auto found = awaited_.find(run->call->key()); found != awaited_.end())
    found->second.running.erase(run->child);
  run->done(std::move(end));
}

void Process::Subflows::Finish(const CallPtr& call, ActivityOutcome outcome) {
  awaited_.erase(call->key());
  call->done(std::move(outcome));
}

// ---- Cancelling ----

std::optional<std::int64_t> Process::Subflows::Cancelled(const Key& key) const {
  const auto found = awaited_.find(key);
  return found == awaited_.end() ? std::nullopt : found->second.cancelled;
}

void Process::Subflows::Cancel(const ExecutionId& execution, engine::FrameId frame,
                               std::string_view connector, std::int64_t deadline_us) {
  if (!engine::IsOwn(connector)) return others_.Cancel(execution, frame, connector, deadline_us);
  if (const auto found = awaited_.find({execution, frame}); found != awaited_.end())
    found->second.is_unwanted = true;
  CancelAll({execution, frame}, deadline_us);
  if (connector == engine::kSubflowConnector) CancelChild(ChildId(execution, frame), deadline_us);
}

void Process::Subflows::CancelAll(const Key& key, std::int64_t deadline_us) {
  const auto found = awaited_.find(key);
  if (found == awaited_.end()) return;
  found->second.cancelled = deadline_us;
  for (const ExecutionId& child : found->second.running) CancelChild(child, deadline_us);
}

void Process::Subflows::CancelChild(const ExecutionId& child, std::int64_t deadline_us) {
  process_.Post(engine::InputCommand{child, engine::Cancel{.reason = std::string(engine::kNoLongerNeeded),
                                                           .deadline_us = deadline_us,
                                                           .by_parent = true}});
}

}  // namespace elevaite::simulation

#include "services/workflow/rehearsal/subflows.h"

#include <algorithm>

#include "engine/machine/errors.h"
#include "services/workflow/derived_id.h"
#include "services/workflow/subflows.h"

namespace elevaite::rehearsal {

using engine::ActivityFailure;
using engine::ActivitySuccess;
using engine::MakeError;

void Subflows::Schedule(engine::ActivityTask task, Done done) {
  scheduled_.emplace_back(std::move(task), std::move(done));
}

void Subflows::Cancel(const ExecutionId& parent, engine::FrameId frame, std::string_view connector,
                      std::int64_t deadline_us) {
  const auto is_it = [&](const auto& one) {
    return one.first.execution == parent && one.first.frame == frame;
  };
  // A workflow that may clean up is waited for, also when it has not been begun (again) yet.
  const auto found = std::ranges::find_if(scheduled_, is_it);
  if (connector == engine::kSubflowConnector && deadline_us != 0 && found != scheduled_.end())
    BeginOne(found->first, found->second);
  std::erase_if(scheduled_, is_it);
  if (connector == engine::kSubflowConnector)
    return CancelChild(workflow::ChildId(parent, frame), deadline_us);
  if (const auto map = maps_.find({parent, frame}); map != maps_.end()) {
    map->second->is_unwanted = true;
    CancelAll(*map->second, deadline_us);
  }
}

bool Subflows::Begin() {
  const bool any = !scheduled_.empty() || !later_.empty();
  for (auto& action : std::exchange(later_, {})) action();
  for (auto& [task, done] : std::exchange(scheduled_, {})) {
    if (task.connector == engine::kMapConnector)
      BeginMap(std::move(task), std::move(done));
    else
      BeginOne(std::move(task), std::move(done));
  }
  return any;
}

void Subflows::Forget() {
  scheduled_.clear();
  later_.clear();
  maps_.clear();
}

// ---- One ----

void Subflows::BeginOne(engine::ActivityTask task, Done done) {
  const Json& request = task.request;
  Child child{.id = workflow::ChildId(task.execution, task.frame),
              .workflow = std::string(request["namespace"].StringOr("")) + "." +
                          std::string(request["name"].StringOr("")),
              .version = std::string(request["version"].StringOr("")),
              .input = request["input"],
              .is_awaited = request["await"].BoolOr(true)};
  StartChild(task, std::move(child),
             [done = std::move(done)](engine::ChildEnd end) { done(engine::OutcomeOf(std::move(end))); });
}

void Subflows::StartChild(const engine::ActivityTask& task, Child child, Ended ended) {
  const auto refuse = [&](std::string_view type, std::string_view title, std::string_view detail) {
    later_.push_back([ended, error = MakeError(type, title, detail)] { ended(ActivityFailure{error, {}}); });
  };
  if (task.depth >= workflow::Subflows::kDepthMax)
    return refuse("runtime", "Too many workflows inside each other", "does it run itself?");
  const auto program = stage_.Find(child.workflow, child.version);
  if (!program) return refuse("configuration", "The workflow cannot be run", "no such workflow");
  stage_.programs_.emplace(std::pair(child.id, program->version), program);
  const auto tell = [this, id = child.id, ended](const std::optional<engine::Outcome>&) {
    ended(EndingOf(id));
  };
  stage_.Post(engine::StartCommand{
      .record = {.account = task.account,
                 .id = child.id,
                 .name_space = program->name_space,
                 .workflow = program->name,
                 .version = program->version,
                 .trigger = engine::Trigger::kSubflow,
                 .parent = task.execution,
                 .depth = task.depth + 1,
                 .parent_frame = child.is_awaited ? std::optional(task.frame) : std::nullopt},
      .program = program,
      .input = std::move(child.input),
      .accepted =
          [this, id = child.id, is_awaited = child.is_awaited, ended](Result<void> result) {
            if (!is_awaited) return ended(ActivitySuccess{});
            if (!result) ended(EndingOf(id));  // it has ended before
          },
      .finished = child.is_awaited ? tell : std::function<void(const std::optional<engine::Outcome>&)>(),
      .shared_id = true});
}

engine::ChildEnd Subflows::EndingOf(const ExecutionId& id) const {
  const engine::State state = stage_.run(id).state();
  switch (state.phase) {
    case engine::Phase::kCompleted: return ActivitySuccess{state.output};
    case engine::Phase::kFaulted: return ActivityFailure{state.error, {}};
    default: return engine::ChildCancelled{};
  }
}

void Subflows::CancelChild(const ExecutionId& child, std::int64_t deadline_us) {
  stage_.Post(engine::InputCommand{child, engine::Cancel{.reason = std::string(engine::kNoLongerNeeded),
                                                         .deadline_us = deadline_us,
                                                         .by_parent = true}});
}

// ---- One for each item of a list ----

void Subflows::BeginMap(engine::ActivityTask task, Done done) {
  auto wanted = engine::FlowMap::From(task.request);
  if (!wanted) return done(ActivityFailure{std::move(wanted).error(), {}});
  const Key key{task.execution, task.frame};
  const auto map = std::make_shared<Map>(Map{
      .task = std::move(task), .done = std::move(done), .progress = engine::MapProgress(*std::move(wanted))});
  maps_[key] = map;
  map->lanes = map->progress.lanes();
  if (map->lanes == 0) {
    maps_.erase(key);
    return map->done(std::move(map->progress).Outcome());
  }
  for (std::size_t lane = map->lanes; lane > 0; --lane) NextOf(map);
}

void Subflows::NextOf(const MapPtr& map) {
  if (map->is_unwanted) map->progress.Fail(MakeError("runtime", "The task was cancelled", ""));
  const auto turn = map->progress.Next();
  if (!turn) {
    if (--map->lanes > 0) return;
    maps_.erase({map->task.execution, map->task.frame});
    return map->done(std::move(map->progress).Outcome());
  }
  if (turn->only_if_begun) return EndEarlier(map, turn->index);
  const engine::FlowMap& wanted = map->progress.map();
  const ExecutionId id = workflow::ChildId(map->task.execution, map->task.frame, turn->index);
  map->running.insert(id);
  StartChild(
      map->task,
      {.id = id, .workflow = wanted.workflow, .version = wanted.version, .input = wanted.items[turn->index]},
      [this, map, id, index = turn->index](engine::ChildEnd end) {
        map->running.erase(id);
        Take(map, index, std::move(end));
      });
}

void Subflows::Take(const MapPtr& map, std::uint32_t index, std::optional<engine::ChildEnd> end) {
  if (map->progress.Take(index, std::move(end))) CancelAll(*map, map->cancelled.value_or(0));
  NextOf(map);
}

// Of an item that a life before may have begun.
void Subflows::EndEarlier(const MapPtr& map, std::uint32_t index) {
  const ExecutionId id = workflow::ChildId(map->task.execution, map->task.frame, index);
  CancelChild(id, map->cancelled.value_or(0));
  stage_.Post(engine::WatchCommand{
      .account = map->task.account, .id = id, .finished = [=, this](const std::optional<engine::Outcome>&) {
        later_.push_back([=, this] {
          const bool ended = stage_.Knows(id) && stage_.run(id).ended();
          Take(map, index, ended ? std::optional(EndingOf(id)) : std::nullopt);
        });
      }});
}

void Subflows::CancelAll(Map& map, std::int64_t deadline_us) {
  map.cancelled = deadline_us;
  for (const ExecutionId& child : map.running) CancelChild(child, deadline_us);
}

}  // namespace elevaite::rehearsal

#include "engine/machine/migration.h"

#include "engine/machine/consumption.h"
#include "engine/machine/migration_plan.h"
#include "engine/machine/readiness.h"

namespace elevaite::engine {

MigrationPlan PlanMigration(const State& state, const dsl::Program& from, const dsl::Program& to) {
  return MigrationPlanner(state, from, to).Plan();
}

Json EncodeMoves(const std::vector<FrameMove>& moves) {
  std::vector<Json> list;
  list.reserve(moves.size());
  for (const FrameMove& move : moves) {
    std::vector<Json::Member> members{
        {"frame", move.frame}, {"task", move.task}, {"position", move.position}, {"begun", move.begun}};
    std::vector<Json> branches(move.branches.begin(), move.branches.end());
    if (!branches.empty()) members.emplace_back("branches", Json::Array(std::move(branches)));
    if (move.listens_anew) members.emplace_back("listens_anew", true);
    if (move.drops_run_deadline) members.emplace_back("drops_run_deadline", true);
    list.push_back(Json::Object(std::move(members)));
  }
  return Json::Array(std::move(list));
}

namespace {

std::uint32_t Number(const Json& value) { return static_cast<std::uint32_t>(value.IntOr(0)); }

void MoveBranches(Frame& frame, const dsl::ForkTask& fork, const Json& branches) {
  std::vector<Frame::Branch> moved(fork.branches.size());
  for (std::size_t before = 0; before < branches.Size(); ++before)
    moved.at(Number(branches.AsArray()[before])) = std::move(frame.branches->at(before));
  frame.branches = std::move(moved);
}

}  // namespace

void ApplyMoves(State& state, const dsl::Program& to, const Json& moves) {
  CHECK(moves.Size() == state.frames.size());
  for (const Json& move : moves.AsArray()) {
    Frame& frame = state.frames.at(Number(move["frame"]));
    frame.task = Number(move["task"]);
    frame.position = Number(move["position"]);
    frame.begun = Number(move["begun"]);
    if (move["drops_run_deadline"].BoolOr(false)) frame.run_deadline_us = 0;
    if (frame.task == dsl::kNoTask) continue;
    const auto& body = to.all.at(frame.task).body;
    if (const auto* fork = std::get_if<dsl::ForkTask>(&body)) MoveBranches(frame, *fork, move["branches"]);
    if (move["listens_anew"].BoolOr(false)) frame.listening = EmptyListening(std::get<dsl::ListenTask>(body));
  }
}

namespace {

// What must be set going, or called off, because a frame is in another program now. Of `frame`, as it was.
void AddEffects(const Frame& frame, const FrameMove& move, const dsl::Program& to,
                std::vector<Effect>& effects) {
  if (move.drops_run_deadline) effects.emplace_back(ClearTimer{move.frame, frame.run_deadline_us});
  if (!move.listens_anew) return;
  effects.emplace_back(Unsubscribe{move.frame});
  const auto& listen = std::get<dsl::ListenTask>(to.all.at(move.task).body);
  effects.emplace_back(Subscribe{move.frame, TypesOf(listen.to)});
}

}  // namespace

Transition Migrate(State& state, const dsl::Program& from, const dsl::Program& to, const MigrationPlan& plan,
                   const MigrationNote& note, std::int64_t now_us) {
  CHECK(plan.obstacles.empty());
  Transition out;
  for (const FrameMove& move : plan.moves) AddEffects(state.frames.at(move.frame), move, to, out.effects);
  Event event{.type = EventType::kExecutionMigrated, .seq = state.seq + 1, .time_us = now_us};
  event.data = Json::Object({{"from", from.version},
                             {"to", to.version},
                             {"reason", note.reason.empty() ? Json() : Json(note.reason)},
                             {"by", note.by}});
  event.input = EncodeMoves(plan.moves);
  event.position = note.command;
  Apply(state, to, event);
  out.events.push_back(std::move(event));
  for (const auto& [id, frame] : state.frames) {
    if (ReadinessOf(to, frame) != Readiness::kReady) continue;
    out.effects.emplace_back(ContinueLater{});  // a fork has branches that the old version had not
    break;
  }
  return out;
}

}  // namespace elevaite::engine

#include "engine/machine/fork.h"

namespace elevaite::engine {
namespace {

bool IsForkTask(const dsl::Program& program, const Frame& frame) {
  return frame.task != dsl::kNoTask && program.all.at(frame.task).kind == dsl::TaskKind::kFork;
}

Json OriginOf(const dsl::Program& program, const ForkRequest& request) {
  std::vector<Json::Member> members{{"execution", request.execution},
                                    {"seq", request.began.seq},
                                    {"task", program.all.at(request.began.task).reference},
                                    {"task_id", request.began.frame},
                                    {"edited", request.input.has_value()}};
  for (const auto& [name, value] : request.note.AsObject()) members.emplace_back(name, value);
  return Json::Object(std::move(members));
}

}  // namespace

bool BeginsTask(const State& state, const Event& event) {
  return event.task != dsl::kNoTask && event.frame != kRootFrame && event.frame >= state.next_frame;
}

std::optional<std::string> ObstacleToFork(const dsl::Program& program, const State& state, const Event& began,
                                          bool has_input) {
  if (state.cancelling)
    return "the execution was being cancelled when this task began; pick one that began before";
  const auto parent = state.frames.find(began.parent);
  if (!BeginsTask(state, began) || parent == state.frames.end()) return "no task begins there";
  if (has_input && IsForkTask(program, parent->second))
    return "a branch gets the input of its fork; give the input to the fork, or to a task inside the branch";
  return std::nullopt;
}

Transition Fork(State& state, const dsl::Program& program, const ForkRequest& request, std::int64_t now_us) {
  CHECK(!ObstacleToFork(program, state, request.began, request.input.has_value()));
  Event forked{.type = EventType::kExecutionForked, .seq = state.seq + 1, .time_us = now_us};
  forked.parent = request.began.parent;
  forked.due_us = request.began.time_us;
  forked.data = OriginOf(program, request);
  forked.input = request.input;
  Apply(state, program, forked);
  Transition out;
  out.events.push_back(std::move(forked));
  out.effects = PendingEffects(program, state);
  return out;
}

}  // namespace elevaite::engine

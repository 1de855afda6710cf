// Where the tasks that have begun, and the places where lists go on, are in another version.
#include "engine/machine/migration_plan.h"

#include <algorithm>
#include <utility>

namespace elevaite::engine {
namespace {

constexpr std::size_t kObstaclesMax = 100;

bool IsOf(const dsl::Program& program, const Frame& frame, dsl::TaskKind kind) {
  return frame.task != dsl::kNoTask && program.all.at(frame.task).kind == kind;
}

}  // namespace

MigrationPlan MigrationPlanner::Plan() {
  if (state_.cancelling) plan_.obstacles.push_back({"", "it is being cancelled", "it ends soon"});
  for (const auto& [id, frame] : state_.frames) {
    if (id != kRootFrame && !IsOf(from_, state_.frames.at(frame.parent), dsl::TaskKind::kFork))
      child_[frame.parent] = id;
  }
  for (const auto& [id, frame] : state_.frames) FindTask(id, frame);  // parents have the smaller ids
  for (auto& [id, move] : moves_) Place(id, state_.frames.at(id), move);
  for (auto& [id, move] : moves_) plan_.moves.push_back(std::move(move));
  return std::move(plan_);
}

void MigrationPlanner::Refuse(const dsl::Task& task, std::string why, std::string advice) {
  if (!refused_.insert(task.index).second || plan_.obstacles.size() >= kObstaclesMax) return;
  plan_.obstacles.push_back({task.reference, std::move(why), std::move(advice)});
}

void MigrationPlanner::FindTask(FrameId id, const Frame& frame) {
  if (id == kRootFrame) {
    moves_[id] = {.frame = id};
    return;
  }
  if (!moves_.contains(frame.parent)) return;  // an obstacle says so already
  const dsl::Task& before = Before(frame.task);
  const dsl::Task* after = Counterpart(ListsAround(frame.parent, before), before);
  if (!after) return RefuseMissing(before);
  const bool wrapped = before.kind == dsl::TaskKind::kExtended;
  if (wrapped != (after->kind == dsl::TaskKind::kExtended)) {
    return Refuse(before, wrapped ? "has fewer extensions around it" : "has more extensions around it",
                  "let the execution end on its version");
  }
  if (after->kind != before.kind) {
    return Refuse(before,
                  std::string("is of another kind: ") + dsl::NameOf(before.kind) + " became " +
                      dsl::NameOf(after->kind),
                  "give the new task a name of its own, or let the execution end on its version");
  }
  FrameMove move{.frame = id, .task = after->index};
  CheckTask(frame, before, *after, move);
  moves_[id] = std::move(move);
  if (!wrapped) plan_.tasks.push_back({id, before.reference, after->reference});
}

void MigrationPlanner::Place(FrameId id, const Frame& frame, FrameMove& move) {
  move.position = frame.position;
  move.begun = frame.begun;
  if (IsOf(from_, frame, dsl::TaskKind::kFork)) return PlaceBranches(frame, move);
  const bool is_extended = IsOf(from_, frame, dsl::TaskKind::kExtended);
  const auto stage = static_cast<ExtendedStage>(frame.index);
  if (is_extended && stage == ExtendedStage::kAfter) move.begun = PlaceJump(id, frame.begun);
  const Lists* lists = CurrentLists(id, frame);
  if (!lists) return;
  if (const auto child = child_.find(id); child != child_.end())
    return PlaceAt(*lists, Before(state_.frames.at(child->second).task), move.position);
  if (frame.position == kEndOfList) return;
  const bool leads_on = is_extended && frame.position != 0 &&
                        (stage == ExtendedStage::kTask || stage == ExtendedStage::kTaskAlone);
  if (leads_on) {
    move.position = PlaceJump(id, frame.position);
  } else if (frame.position < lists->before->size()) {
    PlaceAt(*lists, Before((*lists->before)[frame.position]), move.position);
  } else {
    move.position = PlaceEnd(*lists);
  }
}

// `next` runs, or is the next to run.
void MigrationPlanner::PlaceAt(const Lists& lists, const dsl::Task& next, std::uint32_t& position) {
  const dsl::Task* here = Counterpart(&lists, next);
  if (!here) return RefuseMissing(next);
  position = here->position;
  CheckSides(lists, next, *here);
}

// What stands before it must still do so, and what follows must follow: a task that changed sides would run
// twice, or never.
void MigrationPlanner::CheckSides(const Lists& lists, const dsl::Task& next, const dsl::Task& here) {
  std::vector<bool> known(lists.after->size());
  for (const dsl::TaskIndex index : *lists.before) {
    const dsl::Task& other = Before(index);
    const dsl::Task* now = Counterpart(&lists, other);
    if (!now) continue;
    known.at(now->position) = true;
    const bool was_before = other.position < next.position;
    if (was_before == (now->position < here.position)) continue;
    Refuse(other,
           (was_before ? "would run again: it follows " : "would never run: it stands before ") +
               here.reference + " in that version, where the execution is",
           "keep the order of the tasks, or let the execution end on its version");
  }
  for (std::uint32_t i = 0; i < here.position; ++i) {
    if (!known[i]) plan_.passed.push_back(After((*lists.after)[i]).reference);
  }
}

// Behind the last task that the old list had: what was added at the end is still to come.
std::uint32_t MigrationPlanner::PlaceEnd(const Lists& lists) const {
  std::uint32_t position = 0;
  for (const dsl::TaskIndex index : *lists.before) {
    if (const dsl::Task* now = Counterpart(&lists, Before(index)))
      position = std::max(position, now->position + 1);
  }
  return position;
}

// See JumpCode: a place in the list in which the task with all its extensions stands.
std::uint32_t MigrationPlanner::PlaceJump(FrameId id, std::uint32_t code) {
  if (code == kEndOfList || code < JumpCode(0)) return code;
  const Frame* outermost = &state_.frames.at(id);
  while (IsOf(from_, state_.frames.at(outermost->parent), dsl::TaskKind::kExtended))
    outermost = &state_.frames.at(outermost->parent);
  const Lists* lists = ListsAround(outermost->parent, Before(outermost->task));
  CHECK(lists != nullptr);  // the task was found in it
  const std::uint32_t position = code - JumpCode(0);
  if (position >= lists->before->size()) return JumpCode(PlaceEnd(*lists));
  const dsl::Task& target = Before((*lists->before)[position]);
  const dsl::Task* now = Counterpart(lists, target);
  if (!now) RefuseMissing(target);
  return now ? JumpCode(now->position) : code;
}

// Branches begin in their order, so those that have begun must come first.
void MigrationPlanner::PlaceBranches(const Frame& frame, FrameMove& move) {
  const Lists* lists = Match(std::get<dsl::ForkTask>(Before(frame.task).body).branches,
                             std::get<dsl::ForkTask>(After(move.task).body).branches);
  for (std::uint32_t i = 0; i < frame.begun; ++i) {
    const dsl::Task& branch = Before((*lists->before)[i]);
    const dsl::Task* now = Counterpart(lists, branch);
    if (!now) {
      RefuseMissing(branch);
    } else if (now->position >= frame.begun) {
      Refuse(branch, "has begun, and a new branch stands before it",
             "put new branches behind those that are there");
    } else {
      move.branches.push_back(now->position);
    }
  }
}

}  // namespace elevaite::engine

// Which task of a list is which one of the list that takes its place in another version.
#include <algorithm>
#include <string_view>

#include "engine/machine/migration_plan.h"

namespace elevaite::engine {
namespace {

// Of what is compared: a plan is made while other executions wait.
constexpr std::size_t kDefinitionBytesMax = 64U << 10U;

bool IsSmall(const dsl::Task& task) {
  return task.definition.MemoryBytes(kDefinitionBytesMax) < kDefinitionBytesMax;
}

using ListPointers = std::vector<const dsl::TaskList*>;

// The lists of a task in an order that is the same for all of its kind.
ListPointers ListsOf(const dsl::Task& task) {
  if (const auto* body = std::get_if<dsl::DoTask>(&task.body)) return {&body->tasks};
  if (const auto* body = std::get_if<dsl::ForTask>(&task.body)) return {&body->tasks};
  if (const auto* body = std::get_if<dsl::ForkTask>(&task.body)) return {&body->branches};
  if (const auto* body = std::get_if<dsl::TryTask>(&task.body)) return {&body->tasks, &body->catch_tasks};
  if (const auto* body = std::get_if<dsl::FunctionTask>(&task.body)) return {&body->tasks};
  if (const auto* body = std::get_if<dsl::ExtendedTask>(&task.body))
    return {&body->before, &body->tasks, &body->after};
  const auto* body = std::get_if<dsl::ListenTask>(&task.body);
  if (body && body->each) return {&body->each->tasks};
  return {};
}

// Which of its lists a frame walks through.
std::size_t CurrentList(const Frame& frame, const dsl::Task& task) {
  if (task.kind == dsl::TaskKind::kTry) return frame.stage == Frame::Stage::kCatch ? 1 : 0;
  if (task.kind != dsl::TaskKind::kExtended) return 0;
  switch (static_cast<ExtendedStage>(frame.index)) {
    case ExtendedStage::kBefore: return 0;
    case ExtendedStage::kAfter: return 2;
    default: return 1;
  }
}

}  // namespace

// The list of the parent in which the task stands. Null: the new one has no such list.
const MigrationPlanner::Lists* MigrationPlanner::ListsAround(FrameId parent, const dsl::Task& task) {
  if (parent == kRootFrame) return Match(from_.tasks, to_.tasks);
  const ListPointers before = ListsOf(Before(state_.frames.at(parent).task));
  const ListPointers after = ListsOf(After(moves_.at(parent).task));
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (task.position < before[i]->size() && (*before[i])[task.position] == task.index)
      return Match(*before[i], *after[i]);
  }
  return nullptr;
}

// The list that the frame walks through; null while it only waits, or when a retry will begin it anew.
const MigrationPlanner::Lists* MigrationPlanner::CurrentLists(FrameId id, const Frame& frame) {
  if (frame.waiting != Frame::Waiting::kNothing) return nullptr;
  if (id == kRootFrame) return Match(from_.tasks, to_.tasks);
  const dsl::Task& task = Before(frame.task);
  const ListPointers before = ListsOf(task);
  const ListPointers after = ListsOf(After(moves_.at(id).task));
  const std::size_t current = CurrentList(frame, task);
  return current < std::min(before.size(), after.size()) ? Match(*before[current], *after[current]) : nullptr;
}

const MigrationPlanner::Lists* MigrationPlanner::Match(const dsl::TaskList& before,
                                                       const dsl::TaskList& after) {
  const auto [found, is_new] = lists_.try_emplace(&before, Lists{.before = &before, .after = &after});
  Lists& lists = found->second;
  if (!is_new) return &lists;
  std::unordered_map<std::string_view, dsl::TaskIndex> by_name;
  for (const dsl::TaskIndex index : after) by_name.emplace(After(index).name, index);
  for (const dsl::TaskIndex index : before) {
    const auto same = by_name.find(Before(index).name);
    if (same != by_name.end()) lists.counterparts.emplace(index, same->second);
  }
  MatchRenamed(lists);
  return &lists;
}

// Those whose names only one version has are the same when no other one is defined in their way.
void MigrationPlanner::MatchRenamed(Lists& lists) const {
  std::set<dsl::TaskIndex> taken;
  for (const auto& [before, after] : lists.counterparts) taken.insert(after);
  if (taken.size() == lists.after->size() || lists.counterparts.size() == lists.before->size()) return;
  const auto key = [](const dsl::Task& task) {
    return dsl::NameOf(task.kind) + task.definition.DumpCanonical();
  };
  struct Alike {
    std::vector<dsl::TaskIndex> before;
    std::vector<dsl::TaskIndex> after;
  };
  std::map<std::string, Alike> alike;
  for (const dsl::TaskIndex index : *lists.before) {
    if (!lists.counterparts.contains(index) && IsSmall(Before(index)))
      alike[key(Before(index))].before.push_back(index);
  }
  for (const dsl::TaskIndex index : *lists.after) {
    if (!taken.contains(index) && IsSmall(After(index))) alike[key(After(index))].after.push_back(index);
  }
  for (const auto& [definition, tasks] : alike) {
    if (tasks.before.size() == 1 && tasks.after.size() == 1)
      lists.counterparts.emplace(tasks.before.front(), tasks.after.front());
  }
}

const dsl::Task* MigrationPlanner::Counterpart(const Lists* lists, const dsl::Task& task) const {
  if (!lists) return nullptr;
  const auto found = lists->counterparts.find(task.index);
  return found == lists->counterparts.end() ? nullptr : &After(found->second);
}

void MigrationPlanner::RefuseMissing(const dsl::Task& task) {
  const auto elsewhere = std::ranges::find_if(
      to_.all, [&](const dsl::Task& one) { return one.name == task.name && one.kind == task.kind; });
  if (elsewhere == to_.all.end())
    return Refuse(task, "is not in that version", "keep it there, or let the execution end on its version");
  Refuse(task, "is not in its list any more; there is one of its name at " + elsewhere->reference,
         "leave it in its list, or let the execution end on its version");
}

}  // namespace elevaite::engine

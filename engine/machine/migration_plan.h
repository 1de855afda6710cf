// MigrationPlanner: finds the frames of a state again in another program. Private to engine/machine.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/machine/migration.h"

namespace elevaite::engine {

class MigrationPlanner {
 public:
  MigrationPlanner(const State& state, const dsl::Program& from, const dsl::Program& to)
      : state_(state), from_(from), to_(to) {}

  MigrationPlan Plan();

 private:
  // A list of the old version, the one that takes its place, and which task of it is which.
  struct Lists {
    const dsl::TaskList* before = nullptr;
    const dsl::TaskList* after = nullptr;
    std::unordered_map<dsl::TaskIndex, dsl::TaskIndex> counterparts{};
  };

  const dsl::Task& Before(dsl::TaskIndex index) const { return from_.all.at(index); }
  const dsl::Task& After(dsl::TaskIndex index) const { return to_.all.at(index); }
  // Once for each task.
  void Refuse(const dsl::Task& task, std::string why, std::string advice);

  // migration_lists.cc: which task of a list is which
  const Lists* ListsAround(FrameId parent, const dsl::Task& task);
  const Lists* CurrentLists(FrameId id, const Frame& frame);
  const Lists* Match(const dsl::TaskList& before, const dsl::TaskList& after);
  void MatchRenamed(Lists& lists) const;
  const dsl::Task* Counterpart(const Lists* lists, const dsl::Task& task) const;
  void RefuseMissing(const dsl::Task& task);

  // migration_plan.cc: where tasks and positions are in the new version
  void FindTask(FrameId id, const Frame& frame);
  void Place(FrameId id, const Frame& frame, FrameMove& move);
  void PlaceAt(const Lists& lists, const dsl::Task& next, std::uint32_t& position);
  void CheckSides(const Lists& lists, const dsl::Task& next, const dsl::Task& here);
  std::uint32_t PlaceEnd(const Lists& lists) const;
  std::uint32_t PlaceJump(FrameId id, std::uint32_t code);
  void PlaceBranches(const Frame& frame, FrameMove& move);

  // migration_checks.cc: whether what has begun in a task fits the new one
  void CheckTask(const Frame& frame, const dsl::Task& before, const dsl::Task& after, FrameMove& move);
  void CheckCall(const dsl::Task& before, const dsl::Task& after);
  void CheckSubflow(const dsl::Task& before, const dsl::Task& after);
  void CheckListen(const Frame& frame, const dsl::Task& before, const dsl::Task& after, FrameMove& move);

  const State& state_;
  const dsl::Program& from_;
  const dsl::Program& to_;
  std::map<FrameId, FrameMove> moves_;  // of the frames that were found
  std::map<FrameId, FrameId> child_;    // of frames that are no forks: the task of their list that runs
  std::map<const dsl::TaskList*, Lists> lists_;  // by `before`
  std::set<dsl::TaskIndex> refused_;
  MigrationPlan plan_;
};

}  // namespace elevaite::engine

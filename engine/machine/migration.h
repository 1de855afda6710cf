// Migration: moves a running execution to another version of its workflow, where that is safe.
//
// What runs and what waits stays as it is: a call under way, a timer, a deadline, the rounds and runs counted
// so far. A task is found again by the lists around it and its name, or, renamed, by its definition; it must
// be of the same kind, and what has begun in it must fit what the new version says. From there on the new
// version counts: its `then`, its `output.as`, its handlers. Neither the workflow's input nor $context is
// looked at again.
//
// Pure, like the machine: who may ask and where it is written down is decided elsewhere (engine/partition).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dsl/program.h"
#include "engine/machine/machine.h"
#include "engine/machine/state.h"
#include "foundation/json.h"

namespace elevaite::engine {

// Why an execution cannot be moved.
struct Obstacle {
  std::string task;  // its reference in the version that runs; empty: the execution as a whole
  std::string why;
  std::string advice;
};

// What of a frame depends on the program, in the new one.
struct FrameMove {
  FrameId frame = kRootFrame;
  dsl::TaskIndex task = dsl::kNoTask;
  std::uint32_t position = 0;             // as Frame::position
  std::uint32_t begun = 0;                // as Frame::begun
  std::vector<std::uint32_t> branches{};  // fork: the new position of each branch that has begun
  bool listens_anew = false;              // listen: nothing has been taken yet, and the events wanted differ
  bool drops_run_deadline = false;        // try: its runs are no longer limited
};

// A task that has begun and not ended.
struct MovedTask {
  FrameId frame = kRootFrame;
  std::string before;  // references
  std::string after;
};

struct MigrationPlan {
  std::vector<Obstacle> obstacles;  // any: it cannot be moved, and the rest is not complete
  std::vector<FrameMove> moves;     // of each frame, in the order of their ids
  std::vector<MovedTask> tasks;     // of the document, outer ones first
  std::vector<std::string> passed;  // new tasks that stand before where the execution is in their list
};

MigrationPlan PlanMigration(const State& state, const dsl::Program& from, const dsl::Program& to);

// What is written down beside the moves.
struct MigrationNote {
  std::string reason;  // may be empty
  std::string by;      // through what it was asked for: "api", "studio", "cli"
  CommandNumber command = 0;
};

// Carries out a plan without obstacles, made for this very state (CHECK): one event and what follows from it.
Transition Migrate(State& state, const dsl::Program& from, const dsl::Program& to, const MigrationPlan& plan,
                   const MigrationNote& note, std::int64_t now_us);

// The moves as kExecutionMigrated has them, so that the journal alone tells the state. Private to
// engine/machine.
Json EncodeMoves(const std::vector<FrameMove>& moves);
void ApplyMoves(State& state, const dsl::Program& to, const Json& moves);

}  // namespace elevaite::engine

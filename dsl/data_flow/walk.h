// Walk: goes through a program as the engine does (engine/machine), on types: walk.cc (lists, loops, what is
// around each task) and bodies.cc (what each kind of task does). Private to the room.
//
// A task is looked at with the union of all that can come to it. Where the flow comes back, it is looked at
// again until nothing new comes; what the last look says stands.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "dsl/data_flow/data_flow.h"
#include "dsl/data_flow/state.h"
#include "dsl/data_flow/values.h"

namespace elevaite::dsl::data_flow {

class Walk {
 public:
  // kKept: the types of each task, which take more memory than the program itself.
  enum class Types : std::uint8_t { kDropped, kKept };
  Walk(const Program& program, const FunctionCatalog& functions, Types types)
      : program_(program),
        values_(program, functions),
        reached_(program.all.size()),
        kept_(types == Types::kKept ? program.all.size() : 0) {}

  void Run();
  DataFlow TakeFlow() {
    flow_.tasks = std::move(kept_);
    return std::move(flow_);
  }
  bool Reached(TaskIndex task) const { return reached_[task]; }
  const Values& values() const { return values_; }

 private:
  // A way out of a task. Skipped by `if`, it goes on with the next of the list, whatever any `then`.
  struct Exit {
    Flow flow;
    bool is_skip = false;
    State state;
  };
  using Exits = std::vector<Exit>;
  // A list's end, and the ways that left it by `exit`.
  struct ListEnds {
    State done;
    State left;
    State All() const { return Join(done, left); }
  };
  // Where a list comes back to: the positions, and all that jumps there.
  struct Jumps {
    std::vector<std::uint32_t> targets;
    State state;
  };
  // One run of one task.
  struct TaskRun {
    const Task& task;
    types::Type raw_input;
    State start;  // its input, after input.from
  };

  // walk.cc
  ListEnds VisitList(const TaskList& tasks, const State& in);
  ListEnds Sweep(const TaskList& tasks, const State& in, const Jumps& back, State& jumped);
  void VisitTask(const Task& task, const State& in, Exits& exits);
  void PassBy(const Task& task, Exits& exits);
  void LookAt(const Task& task, const State& in, Exits& exits);
  void Perform(const Task& task, const State& in, Exits& exits);
  void VisitExtended(const Task& task, const ExtendedTask& body, const State& in, Exits& exits);
  State Complete(const TaskRun& run, State raw);
  void Leave(Flow flow, State state, Exits& exits);
  bool IsOver() const;
  State Fixpoint(State start, const std::function<State(const State&)>& pass);
  void See(const State& state);
  Sight SightOf(const TaskRun& run, const types::Type& context) const {
    return {&run.task, &context, &run.raw_input, &run.start.data, nullptr};
  }
  types::Type Of(const TaskRun& run, const Expression& expression, std::string_view pointer);
  types::Type Of(const TaskRun& run, const Template& value, std::string_view pointer);
  void Look(const TaskRun& run, const Duration& duration, std::string_view pointer);

  // bodies.cc
  void Switch(const TaskRun& run, const SwitchTask& body, Exits& exits);
  void Try(const TaskRun& run, const TryTask& body, Exits& exits);
  State Caught(const TaskRun& run, const TryTask& body, const State& fault);
  // What the task puts out, before output.as.
  State Body(const TaskRun& run);
  State Body(const TaskRun& run, const SetTask& body);
  State Body(const TaskRun& run, const DoTask& body);
  State Body(const TaskRun& run, const ForTask& body);
  State Body(const TaskRun& run, const ForkTask& body);
  State Body(const TaskRun& run, const RaiseTask& body);
  State Body(const TaskRun& run, const WaitTask& body);
  State Body(const TaskRun& run, const CallTask& body);
  State Body(const TaskRun& run, const EmitTask& body);
  State Body(const TaskRun& run, const ListenTask& body);
  State Body(const TaskRun& run, const RunTask& body);
  State Body(const TaskRun& run, const FunctionTask& body);
  // They have ways of their own.
  State Body(const TaskRun&, const SwitchTask&) { return {}; }
  State Body(const TaskRun&, const TryTask&) { return {}; }
  State Body(const TaskRun&, const ExtendedTask&) { return {}; }
  State Round(const TaskRun& run, const ListenTask::Each& each, const State& in);
  void Filters(const TaskRun& run, const EventStrategy& strategy, const types::Type& read,
               const types::Type& context, std::string_view pointer);

  const Program& program_;
  Values values_;
  DataFlow flow_;
  std::vector<bool> reached_;    // by TaskIndex
  std::vector<TaskTypes> kept_;  // by TaskIndex, or empty
  State end_;                    // of the ways that `then: end` took
  State* contexts_ = nullptr;    // of the innermost try: the union of what $context has been inside
  int forks_ = 0;                // around the task at hand
  int depth_ = 0;                // of the task at hand
  std::size_t visits_ = 0;
  int unsettled_ = 0;  // loops around whose states still grow: what is found in them is looked at again
};

}  // namespace elevaite::dsl::data_flow

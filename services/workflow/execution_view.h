// What people see of an execution: its tasks and events as JSON, made from the journal.
#pragma once

#include <memory>
#include <vector>

#include "dsl/program.h"
#include "engine/journal/journal.h"
#include "engine/machine/event.h"
#include "engine/machine/state.h"
#include "foundation/json.h"

namespace elevaite::workflow {

// {seq, time, type, ref?, name?, task_id?, ...}: see docs/api/events.md for the members of each type.
Json EventJson(const engine::Event& event, const dsl::Program& program);

// The row as lists show it.
Json ExecutionSummaryJson(const engine::ExecutionRecord& record);

// What is told of an execution whose journal is too large to be read into one answer: its summary and
// `too_large`.
Json ShortViewJson(const engine::ExecutionRecord& record);

// The whole: summary, input, output, error, what it waits for, and its tasks (the first kTasksMax, oldest
// first). Fed with all events in order; holds the tasks shown and the state, not the events.
class ExecutionView {
 public:
  static constexpr std::size_t kTasksMax = 1'000;

  ExecutionView();
  ~ExecutionView();
  // `program` is that of the version which the execution is on once the event has happened.
  void Add(const engine::Event& event, const std::shared_ptr<const dsl::Program>& program);
  Json ToJson(const engine::ExecutionRecord& record) const;

 private:
  class Tasks;
  std::unique_ptr<Tasks> tasks_;
};

}  // namespace elevaite::workflow

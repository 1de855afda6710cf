// Coverage: which tasks and branches of workflows have run in the plays of a test run.
//
// Branches: each case of a `switch` (and none of them, where there is no default), an `if` that was true or
// false, a `for` with no, one or several rounds, a `try` that saw no error, caught one (or had none left to
// try), or tried again, each branch of a `fork`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "foundation/json.h"
#include "services/workflow/rehearsal/stage.h"

namespace elevaite::rehearsal {

class Coverage {
 public:
  struct Branch {
    dsl::TaskIndex task = dsl::kNoTask;
    std::string what;  // "case express", "no round"
    std::uint64_t count = 0;
  };
  // Of one workflow. Tasks that stand in no document (what the compiler adds for `flow.saga`, functions of
  // catalogs) are left out.
  struct Workflow {
    std::shared_ptr<const dsl::Program> program;
    std::vector<std::uint64_t> runs;        // by TaskIndex
    std::vector<dsl::TaskIndex> tasks;      // that count
    std::vector<Branch> branches;           // those of a task stand together
    std::vector<std::size_t> first_branch;  // by TaskIndex
    std::size_t TasksReached() const;
    std::size_t BranchesReached() const;
  };

  // All executions of a stage.
  void Add(const Stage& stage);
  // A workflow of which nothing may have run.
  void Expect(std::shared_ptr<const dsl::Program> program);
  std::vector<const Workflow*> workflows() const;

 private:
  Workflow& Of(const std::shared_ptr<const dsl::Program>& program);
  void AddRun(const Run& run);

  std::map<std::string, Workflow> by_name_;  // "namespace.name:version"
};

// {workflow, version, tasks: {reached, all}, branches: {reached, all}, never: [{task, line, what}]}
Json ToJson(const Coverage::Workflow& workflow);

}  // namespace elevaite::rehearsal

// The variables of expressions: $context, $input, $workflow, $task, loop and catch variables. Private to
// engine/machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dsl/program.h"
#include "dsl/template.h"
#include "engine/machine/machine.h"
#include "engine/machine/state.h"

namespace elevaite::engine {

// Where an expression stands. `enclosing` is the frame whose loop and catch variables are in sight, together
// with those around it.
struct ScopeArguments {
  const dsl::Program& program;
  const State& state;
  const Surroundings& surroundings;
  FrameId enclosing = kRootFrame;
  const dsl::Task* task = nullptr;  // $task
  const Json* raw_input = nullptr;  // $task.input
  const Json* input = nullptr;      // $input
  const Json* output = nullptr;     // $output
  const Json* context = nullptr;    // $context, when it is not the one in sight of `enclosing`
  std::int64_t task_started_us = 0;
  std::string_view extra_name{};  // one more variable: the caught error while a catch is being decided
  const Json* extra = nullptr;
};

class MachineScope final : public dsl::Scope {
 public:
  explicit MachineScope(const ScopeArguments& arguments) : a_(arguments) {}
  Json Variable(std::string_view name) const override;
  // A secret that an expression asked for and that does not exist.
  const std::optional<std::string>& missing_secret() const { return missing_secret_; }

 private:
  Json Secrets() const;
  Json WorkflowVariable() const;
  Json TaskVariable() const;
  std::optional<Json> Enclosing(std::string_view name) const;

  const ScopeArguments& a_;
  mutable std::optional<std::string> missing_secret_;
};

}  // namespace elevaite::engine

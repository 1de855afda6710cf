// Where the flow of a workflow goes: names of `then` resolved, and the checks on the shape as a whole: tasks
// that nothing leads to, loops that can never end, switches that cannot choose.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

#include "dsl/diagnostic.h"
#include "dsl/program.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

// The tasks that a `then` of one list may name. Branches of a fork see none: each runs beside the others.
class Targets {
 public:
  Targets() = default;
  explicit Targets(std::span<const syntax::Task> tasks);
  // nullopt: there is no such task.
  std::optional<Flow> Resolve(std::string_view target) const;
  const std::unordered_map<std::string_view, std::uint32_t>& names() const { return positions_; }

 private:
  std::unordered_map<std::string_view, std::uint32_t> positions_;
};

void CheckFlow(const syntax::Workflow& workflow, Diagnostics& diagnostics);

}  // namespace elevaite::dsl

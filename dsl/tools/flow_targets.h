// Where the tasks of a list say the flow goes: `then` of a task, of a switch's cases, of a catch.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tools/pointer.h"
#include "foundation/json.h"

namespace elevaite::dsl::tools {

bool IsDirective(std::string_view target);  // continue, exit, end

struct FlowTarget {
  enum class Of : unsigned char { kTask, kCase, kCatch };
  Tokens path;           // of the `then`
  std::string name;      // what it names
  std::size_t task = 0;  // index in the list of the task it stands in
  Of of = Of::kTask;
  std::string label{};    // of a case: its name
  bool required = false;  // a case needs one
};

// Of the list at `path`, whose value is `list`. What is not written as it should be is left out.
std::vector<FlowTarget> FlowTargets(const Json& list, std::span<const std::string> path);

// What `target` must name so that the flow goes on as it would have after the task at `index`, which leaves
// the list; nullopt: nothing, the next task is the right one.
std::optional<std::string> SuccessorOf(const Json& list, std::size_t index, const FlowTarget& target);

// The only member of an item that is written as `- name: ...`; empty for others.
std::string_view NameOfItem(const Json& item);

}  // namespace elevaite::dsl::tools

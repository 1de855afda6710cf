// What an expression at a place of a document can see: variables, and the fields that are known of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tools/cursor.h"

namespace elevaite::dsl::tools {

struct Variable {
  std::string name;  // without $
  std::string description;
  std::vector<std::string> fields{};  // those that are known
};

// The variables at `path` (of the field that the expression stands under, or in).
std::vector<Variable> VariablesAt(const Json& tree, std::span<const std::string> path);

// Known members of `.`: of a schema of the task's input, of the task before that sets or describes its
// output, of the workflow's input for its first task.
std::vector<std::string> InputFieldsAt(const Json& tree, std::span<const std::string> path);

// How many tokens of `path` lead to the innermost task it is in; nullopt: in none.
std::optional<std::size_t> TaskDepth(const Json& tree, std::span<const std::string> path);

// An expression around the cursor: its text up to there. nullopt: the cursor is in plain text. `always`: the
// field is typed as expression, so that `${` is not needed.
std::optional<std::string> ExpressionBefore(std::string_view typed, bool always);

}  // namespace elevaite::dsl::tools

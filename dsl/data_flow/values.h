// Values: the types of expressions and templates, given what they can see; keeps what is found in them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/functions.h"
#include "dsl/program.h"
#include "dsl/types/infer.h"

namespace elevaite::dsl::data_flow {

// The way from a task to one of its values, as a chain; made a JSON Pointer only when there is something to
// say.
struct Path {
  const Path* parent = nullptr;
  std::string_view key{};  // of the first: a pointer already, "/output/as"
  std::size_t index = 0;
  bool is_index = false;

  std::string Pointer() const;
};

// What an expression of a task can see beside its input. nullptr: nothing of the kind is there.
struct Sight {
  const Task* task = nullptr;
  const types::Type* context = nullptr;
  const types::Type* raw_input = nullptr;
  const types::Type* input = nullptr;
  const types::Type* output = nullptr;
};

struct Found {
  std::string pointer;  // from the task on: "/output/as"
  std::string text;     // of the expression
  types::Finding finding;
};

class Values {
 public:
  Values(const Program& program, const FunctionCatalog& functions);

  // Never: it fails each time.
  types::Type Of(const Expression& expression, const types::Type& input, const Sight& sight,
                 const Path& path);
  types::Type Of(const Template& value, const types::Type& input, const Sight& sight, const Path& path);

  // What is left of a type behind a schema; null: all.
  types::Type Narrowed(const types::Type& type, SchemaPtr schema);
  types::Type OutputOf(const CallTask& call);

  void Report(const Sight& sight, const Path& path, std::string_view text, types::Finding finding);
  // Findings of an earlier look at the task, with less known of its input.
  void Forget(TaskIndex task);
  const std::map<TaskIndex, std::vector<Found>>& found() const { return found_; }

  void SetWorkflowInput(types::Type type) { workflow_input_ = std::move(type); }
  types::VariableTypes& locals() { return locals_; }
  // Counts work on a type of that size; false: there has been too much.
  bool Spend(std::size_t steps);
  bool IsSpent() const { return steps_left_ == 0; }

 private:
  types::Type VariableOf(std::string_view name, const Sight& sight) const;
  types::Type TaskVariable(const Sight& sight) const;
  types::Type ArrayOf(const Template& value, const types::Type& input, const Sight& sight, const Path& path);
  types::Type ObjectOf(const Template& value, const types::Type& input, const Sight& sight, const Path& path);
  void CheckAddress(std::string_view text, const types::Type& input, const Sight& sight, const Path& path);

  const FunctionCatalog& functions_;
  types::Type workflow_input_;
  types::VariableTypes locals_;
  std::size_t steps_left_;
  std::map<TaskIndex, std::vector<Found>> found_;
  std::unordered_map<const void*, types::Type> schemas_;  // of documents, and of descriptors
};

}  // namespace elevaite::dsl::data_flow

#include "dsl/data_flow/values.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "dsl/reader.h"
#include "dsl/schema/schema.h"

namespace elevaite::dsl::data_flow {

using types::Member;
using types::Openness;
using types::Presence;
using types::Type;

namespace {

constexpr std::size_t kStepsAtLeast = 200'000;
constexpr std::size_t kStepsPerTask = 100;

// {iso8601, epoch: {seconds, milliseconds}}
const Type& Moment() {
  static const Type type = Type::Object(
      {{"iso8601", Type::String()},
       {"epoch",
        Type::Object({{"seconds", Type::Number()}, {"milliseconds", Type::Number()}}, Openness::kClosed)}},
      Openness::kClosed);
  return type;
}

Type OrNull(const Type* type) { return type != nullptr ? *type : Type::Null(); }

Type Authorization() {
  const Type scheme = Type::OfKinds(types::kString | types::kNull);
  return Union(Type::Null(),
               Type::Object({{"scheme", scheme}, {"parameter", Type::Null()}}, Openness::kClosed));
}

}  // namespace

std::string Path::Pointer() const {
  if (parent == nullptr) return std::string(key);
  return is_index ? Child(parent->Pointer(), index) : Child(parent->Pointer(), key);
}

Values::Values(const Program& program, const FunctionCatalog& functions)
    : functions_(functions), steps_left_(kStepsAtLeast + kStepsPerTask * program.all.size()) {}

bool Values::Spend(std::size_t steps) {
  steps_left_ -= std::min(steps, steps_left_);
  return steps_left_ > 0;
}

// ---- Expressions

Type Values::Of(const Expression& expression, const Type& input, const Sight& sight, const Path& path) {
  if (IsSpent()) return Type::Any();
  types::VariableTypes variables;
  for (const std::string& name : expression.program().variables())
    variables.emplace_back(name, VariableOf(name, sight));
  types::Inference inference = types::Infer(expression.program(), input, variables);
  Spend(inference.steps);
  for (types::Finding& finding : inference.findings)
    Report(sight, path, expression.text(), std::move(finding));
  // No output is null.
  return inference.gives_value ? std::move(inference.output) : Union(inference.output, Type::Null());
}

// The innermost loop or catch that names it comes first.
Type Values::VariableOf(std::string_view name, const Sight& sight) const {
  for (const auto& [local, type] : std::views::reverse(locals_)) {
    if (local == name) return type;
  }
  if (name == "context") return OrNull(sight.context);
  if (name == "input") return OrNull(sight.input);
  if (name == "output") return OrNull(sight.output);
  if (name == "task") return TaskVariable(sight);
  if (name == "authorization") return Authorization();
  if (name == "runtime") {
    return Type::Object({{"name", Type::String()}, {"version", Type::String()}, {"metadata", Type::Any()}},
                        Openness::kOpen);
  }
  if (name == "workflow") {
    return Type::Object({{"id", Type::String()},
                         {"definition", Type::OfKinds(types::kObject)},
                         {"input", workflow_input_},
                         {"startedAt", Moment()}},
                        Openness::kClosed);
  }
  return Type::Any();
}

Type Values::TaskVariable(const Sight& sight) const {
  if (sight.task == nullptr) return Type::Null();
  return Type::Object({{"name", Type::String()},
                       {"reference", Type::String()},
                       {"definition", Type::Any()},
                       {"input", OrNull(sight.raw_input)},
                       {"output", Type::Any(), Presence::kOptional},
                       {"startedAt", Moment()}},
                      Openness::kClosed);
}

// ---- Templates

Type Values::Of(const Template& value, const Type& input, const Sight& sight, const Path& path) {
  switch (value.form()) {
    case Template::Form::kLiteral: return Type::FromValue(*value.literal());
    case Template::Form::kComputed: return Of(*value.expression(), input, sight, path);
    case Template::Form::kArray: return ArrayOf(value, input, sight, path);
    case Template::Form::kObject: return ObjectOf(value, input, sight, path);
    case Template::Form::kUri: CheckAddress(value.text(), input, sight, path); return Type::String();
    case Template::Form::kLoose: return Type::Any();  // where it fails, it is a text
    case Template::Form::kSecret: Of(value.items().front(), input, sight, path); return Type::Any();
  }
  return Type::Any();
}

Type Values::ArrayOf(const Template& value, const Type& input, const Sight& sight, const Path& path) {
  Type items = Type::Never();
  bool fails = false;
  std::size_t index = 0;
  for (const Template& item : value.items()) {
    const Type type = Of(item, input, sight, {.parent = &path, .index = index++, .is_index = true});
    fails = fails || type.IsNever();
    items = Union(items, type);
    Spend(1 + items.size() / 16);
  }
  return fails ? Type::Never() : Type::Array(items);
}

Type Values::ObjectOf(const Template& value, const Type& input, const Sight& sight, const Path& path) {
  std::vector<Member> members;
  bool fails = false;
  for (const auto& [name, part] : value.members()) {
    members.push_back({name, Of(part, input, sight, {.parent = &path, .key = name})});
    fails = fails || members.back().type.IsNever();
  }
  return fails ? Type::Never() : Type::Object(std::move(members), Openness::kClosed);
}

// `{name}` in an address is a member of the input.
void Values::CheckAddress(std::string_view text, const Type& input, const Sight& sight, const Path& path) {
  if (input.kinds() != types::kObject || input.is_open()) return;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return;
    const std::string name(text.substr(open + 1, close - open - 1));
    if (input.Find(name) != nullptr) continue;
    types::Finding finding{.span = {static_cast<std::uint32_t>(open + 1), static_cast<std::uint32_t>(close)},
                           .message = {},
                           .member = name,
                           .known = {}};
    for (const Member& member : input.members()) finding.known.push_back(member.name);
    Report(sight, path, text, std::move(finding));
  }
}

// ---- Schemas

Type Values::Narrowed(const Type& type, SchemaPtr schema) {
  if (schema == nullptr) return type;
  const auto [at, is_new] = schemas_.try_emplace(schema);
  if (is_new) at->second = types::FromSchema(schema->document());
  Spend(1 + at->second.size() / 16);
  return Intersection(type, at->second);
}

// What comes back from a call that was given secrets has them taken out, whatever the descriptor says.
Type Values::OutputOf(const CallTask& call) {
  const FunctionInfo* function = functions_.Find(call.function);
  if (function == nullptr || function->output.IsNull() || call.arguments.HoldsSecrets()) return Type::Any();
  const auto [at, is_new] = schemas_.try_emplace(function);
  if (is_new) at->second = types::FromSchema(function->output);
  return at->second;
}

// ---- Findings

void Values::Report(const Sight& sight, const Path& path, std::string_view text, types::Finding finding) {
  const TaskIndex task = sight.task != nullptr ? sight.task->index : kNoTask;
  found_[task].push_back({path.Pointer(), std::string(text), std::move(finding)});
}

void Values::Forget(TaskIndex task) {
  if (!found_.empty()) found_.erase(task);
}

}  // namespace elevaite::dsl::data_flow

#include "dsl/tools/inferred.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "dsl/compile.h"
#include "dsl/data_flow/data_flow.h"
#include "dsl/tools/pointer.h"
#include "dsl/tools/scope.h"

namespace elevaite::dsl::tools {
namespace {

using data_flow::TaskTypes;
using types::Type;
using Path = std::span<const std::string>;

constexpr std::size_t kSourceBytesMax = 256U << 10U;  // beyond that, an answer would take too long

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Where the path begins that `typed` ends with.
std::size_t BeginOfPath(std::string_view typed) {
  std::size_t begin = typed.size();
  int brackets = 0;
  while (begin > 0) {
    const char c = typed[begin - 1];
    if (c == ']') ++brackets;
    if (c == '[' && --brackets < 0) break;
    const bool is_part =
        brackets > 0 || c == '[' || c == ']' || c == '.' || c == '$' || c == '?' || IsWord(c);
    if (!is_part) break;
    --begin;
  }
  return begin;
}

// Whether the path at the end of `before` starts from the expression's own input: nothing there hands on
// another one.
bool StartsFromInput(std::string_view before) {
  std::string open;  // brackets around, f for those of a function
  for (std::size_t i = 0; i < before.size(); ++i) {
    const char c = before[i];
    if (c == '|') return false;
    if (c == '(') open += i > 0 && IsWord(before[i - 1]) ? 'f' : c;
    if (c == '[' || c == '{') open += c;
    if ((c == ')' || c == ']' || c == '}') && !open.empty()) open.pop_back();
  }
  return open.find('f') == std::string::npos;
}

// What `.` is in a field of a task.
const Type& InputOf(const TaskTypes& types, std::string_view field) {
  if (field == "if" || field == "input" || field == "timeout") return types.raw_input;
  if (field == "output") return types.raw_output;
  return field == "export" ? types.output : types.input;
}

TaskTypes Joined(const TaskTypes& a, const TaskTypes& b) {
  if (!a.is_reached || !b.is_reached) return a.is_reached ? a : b;
  return {.is_reached = true,
          .raw_input = Union(a.raw_input, b.raw_input),
          .input = Union(a.input, b.input),
          .raw_output = Union(a.raw_output, b.raw_output),
          .output = Union(a.output, b.output),
          .context = Union(a.context, b.context),
          .context_after = Union(a.context_after, b.context_after),
          .locals = a.locals};
}

// Of the task at `reference`, wherever the program has it; the expression being typed is taken as `.`.
std::optional<TaskTypes> TypesOf(const Json& tree, Path path, const std::string& reference,
                                 const FunctionCatalog& functions) {
  const std::string source = Changed(tree, path, [](const Json&) { return Json("${ . }"); }).Dump();
  const CompileResult compiled =
      Compile(source, {.functions = &functions, .is_offline = true, .gives_advice = false});
  if (!compiled.program) return std::nullopt;
  const data_flow::DataFlow flow = data_flow::InferDataFlow(*compiled.program, functions);
  TaskTypes types;
  for (const Task& task : compiled.program->all) {
    if (task.reference == reference) types = Joined(types, flow.tasks[task.index]);
  }
  return types.is_reached ? std::optional(types) : std::nullopt;
}

}  // namespace

std::optional<Inferred> TypeBefore(std::string_view source, const Json& tree, Path path,
                                   std::string_view typed, const FunctionCatalog& functions) {
  if (source.size() > kSourceBytesMax) return std::nullopt;
  const auto readable = yaml::Read(source);
  const bool is_exact = readable && ValueAt(readable->value(), path) != nullptr;
  const Json& whole = is_exact ? readable->value() : tree;
  if (ValueAt(whole, path) == nullptr) return std::nullopt;
  const auto depth = TaskDepth(tree, path);
  const std::size_t begin = BeginOfPath(typed);
  std::string text(typed.substr(begin));
  if (text.empty()) text = ".";
  const bool is_input = text.front() == '.' || text.front() == '[';
  const bool has_start = is_input ? StartsFromInput(typed.substr(0, begin)) : text.front() == '$';
  if (!depth || path.size() <= *depth || !has_start) return std::nullopt;
  const auto types = TypesOf(whole, path, PointerOf(path.first(*depth)), functions);
  if (!types) return std::nullopt;
  // The innermost of two locals of one name is the one that is meant.
  types::VariableTypes variables(types->locals.rbegin(), types->locals.rend());
  variables.emplace_back("context", types->context);
  variables.emplace_back("input", types->input);
  variables.emplace_back("output", types->output);
  jq::CompileOptions options;
  for (const auto& [name, type] : variables) {
    if (std::ranges::find(options.variables, name) == options.variables.end())
      options.variables.push_back(name);
  }
  const auto program = jq::Program::Compile(text, options);
  if (!program) return std::nullopt;
  return Inferred{Infer(*program, InputOf(*types, path[*depth]), variables).output, is_exact};
}

}  // namespace elevaite::dsl::tools

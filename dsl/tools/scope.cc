#include "dsl/tools/scope.h"

#include <algorithm>
#include <utility>

#include "dsl/tools/flow_targets.h"
#include "dsl/tools/graph.h"

namespace elevaite::dsl::tools {
namespace {

using Path = std::span<const std::string>;

std::vector<std::string> KeysOf(const Json& object) {
  std::vector<std::string> keys;
  if (!object.IsObject()) return keys;
  for (const auto& [key, value] : object.AsObject()) keys.emplace_back(key.AsString());
  return keys;
}

const Json& Fields(const Json& owner) { return owner["schema"]["document"]["properties"]; }

// The variables that loops and catches around `path` bind.
void AddLocals(const Json& tree, Path path, std::vector<Variable>& variables) {
  const auto add = [&](const Json& name, std::string_view otherwise, std::string description,
                       std::vector<std::string> fields = {}) {
    variables.push_back({std::string(name.StringOr(otherwise)), std::move(description), std::move(fields)});
  };
  for (std::size_t depth = 1; depth <= path.size(); ++depth) {
    const Json* owner = ValueAt(tree, path.first(depth - 1));
    if (owner == nullptr || !owner->IsObject()) continue;
    const std::string& key = path[depth - 1];
    const Json& loop = (*owner)["for"];
    if (loop.IsObject() && (key == "do" || key == "while")) {
      add(loop["each"], "item", "The item of this round.");
      add(loop["at"], "index", "The index of this round, from 0.");
    }
    if (key == "foreach") {
      const Json& iterator = (*owner)["foreach"];
      add(iterator["item"], "item", "The event of this round.");
      add(iterator["at"], "index", "The index of this round, from 0.");
    }
    const bool in_handler = depth < path.size() && (path[depth] == "do" || path[depth] == "when" ||
                                                    path[depth] == "exceptWhen" || path[depth] == "retry");
    if (key == "catch" && in_handler) {
      add((*owner)["catch"]["as"], "error", "The error that was caught.",
          {"type", "status", "title", "detail", "instance"});
    }
  }
}

}  // namespace

std::optional<std::size_t> TaskDepth(const Json& tree, Path path) {
  for (std::size_t depth = path.size(); depth >= 3; --depth) {
    const std::string& list = path[depth - 3];
    const bool is_list =
        list == "do" || list == "branches" || list == "try" || list == "before" || list == "after";
    if (!is_list || !IndexOf(path[depth - 2])) continue;
    const Json* value = ValueAt(tree, path.first(depth - 2));
    if (value != nullptr && value->IsArray()) return depth;
  }
  return std::nullopt;
}

std::vector<Variable> VariablesAt(const Json& tree, Path path) {
  const auto task = TaskDepth(tree, path);
  const auto in_task = [&](std::string_view key) {
    return task && path.size() > *task && path[*task] == key;
  };
  const std::vector<std::string> times{"iso8601", "epoch"};
  std::vector<Variable> variables;
  AddLocals(tree, path, variables);
  const bool is_workflow_input = !task && !path.empty() && path.front() == "input";
  if (!is_workflow_input) variables.push_back({"context", "What tasks have exported (`export.as`)."});
  if (task && !in_task("if") && !in_task("input")) {
    variables.push_back({"input", "The task's input, after `input.from`.", InputFieldsAt(tree, path)});
  }
  if (in_task("export")) variables.push_back({"output", "The task's output, after `output.as`."});
  std::vector<std::string> secrets;
  const Json& listed = tree["use"]["secrets"];
  for (std::size_t i = 0; listed.IsArray() && i < listed.Size(); ++i)
    secrets.emplace_back(listed.At(i).StringOr(""));
  variables.push_back({"secrets", "The secrets listed under `use.secrets`.", std::move(secrets)});
  variables.push_back({"workflow", "This execution.", {"id", "definition", "input", "startedAt"}});
  variables.push_back({"runtime", "The platform.", {"name", "version", "metadata"}});
  if (task) {
    variables.push_back(
        {"task", "This task.", {"name", "reference", "definition", "input", "output", "startedAt"}});
    variables.push_back({"authorization", "The authorization of the request.", {"scheme", "parameter"}});
  }
  return variables;
}

std::vector<std::string> InputFieldsAt(const Json& tree, Path path) {
  const auto depth = TaskDepth(tree, path);
  if (!depth)
    return path.empty() || path.front() != "output" ? KeysOf(Fields(tree["input"]))
                                                    : std::vector<std::string>();
  const Json* definition = ValueAt(tree, path.first(*depth));
  if (definition != nullptr) {
    if (auto own = KeysOf(Fields((*definition)["input"])); !own.empty()) return own;
  }
  const std::size_t index = *IndexOf(path[*depth - 2]);
  const Json& list = *ValueAt(tree, path.first(*depth - 2));
  if (index == 0)
    return *depth == 3 && path.front() == "do" ? KeysOf(Fields(tree["input"])) : std::vector<std::string>();
  const Json& before = list.At(index - 1)[NameOfItem(list.At(index - 1))];
  if (auto described = KeysOf(Fields(before["output"])); !described.empty()) return described;
  if (before["output"]["as"].IsObject()) return KeysOf(before["output"]["as"]);
  return before["output"]["as"].IsNull() ? KeysOf(before["set"]) : std::vector<std::string>();
}

std::optional<std::string> ExpressionBefore(std::string_view typed, bool always) {
  const std::size_t open = typed.rfind("${");
  if (open == std::string_view::npos) return always ? std::optional(std::string(typed)) : std::nullopt;
  // Braces of the expression itself may close inside; one more closes it.
  int depth = 0;
  for (const char c : typed.substr(open + 1)) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
  if (depth <= 0) return std::nullopt;
  return std::string(typed.substr(open + 2));
}

}  // namespace elevaite::dsl::tools

#include "dsl/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/expression.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

using syntax::Task;

// Data that a value needs beside itself.
enum Need : unsigned { kNothing = 0, kContext = 1, kInput = 2 };

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Of an expression that is a path from one variable, `$context.user.id`; all else may need anything.
unsigned NeedOfExpression(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (!text.starts_with('$')) return kInput;
  const bool is_path = std::ranges::all_of(
      text.substr(1), [](char c) { return IsNameChar(c) || c == '.' || c == '[' || c == ']'; });
  const std::string_view name = text.substr(1, text.find_first_of(".[") - 1);
  if (!is_path || name == "input" || name == "task") return kInput;
  return name == "context" ? kContext : kNothing;
}

// `is_address`: braces in the text are those of a URI template.
unsigned NeedOf(const yaml::Node& node, bool is_address = false) {
  unsigned need = kNothing;
  for (const yaml::Node& item : node.items()) need |= NeedOf(item);
  for (const yaml::Member& member : node.members())
    need |= NeedOf(member.value, member.key == "endpoint" || member.key == "uri");
  if (!node.IsScalar() || !node.value().IsString()) return need;
  const std::string_view text = node.text();
  const TextScan scan = ScanText(text);
  if (scan.kind == TextKind::kWhole)
    return need | NeedOfExpression(text.substr(scan.begin, scan.end - scan.begin));
  const bool is_template = is_address && text.find('{') != std::string_view::npos;
  return is_template || scan.kind != TextKind::kLiteral ? kInput : need;
}

// A request that reads and changes nothing.
bool IsFetch(const Task& task) {
  if (task.function != "http" || !task.value) return false;
  const yaml::Member* method = task.value->node.Find("method");
  return method != nullptr && (method->value.text() == "get" || method->value.text() == "GET");
}

// Whether it runs whatever came before: no condition, no shaping of the input, no way elsewhere.
bool IsPlain(const Task& task) {
  return !task.condition && !task.input.value && !task.input.schema && !task.then;
}

bool IsIndependent(const Task& task, const Task& before) {
  const unsigned need = NeedOf(task.value->node);
  const bool reads_export = (need & kContext) != 0 && before.export_.value;
  return (need & kInput) == 0 && !reads_export;
}

bool IsConstantlyFalse(const syntax::Field& condition) {
  std::string_view text = condition->node.text();
  const TextScan scan = ScanText(text);
  if (scan.kind == TextKind::kWhole) text = text.substr(scan.begin, scan.end - scan.begin);
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text == "false" || text == "null";
}

class Adviser {
 public:
  Adviser(const syntax::Workflow& workflow, Diagnostics& diagnostics)
      : workflow_(workflow), diagnostics_(diagnostics) {}

  void CheckList(const std::vector<Task>& tasks) {
    for (const Task& task : tasks) CheckTask(task);
    CheckSerialFetches(tasks);
    CheckRepeatedFetches(tasks);
  }

  void CheckTask(const Task& task) {
    if (task.kind == TaskKind::kFor) CheckLoop(task);
    if (task.kind == TaskKind::kListen && task.listen) CheckListen(task);
    if (task.kind == TaskKind::kFork) {
      for (const Task& branch : task.tasks) CheckTask(branch);
    } else {
      CheckList(task.tasks);
    }
    CheckList(task.catch_tasks);
  }

 private:
  void Say(Code code, const Task& task, std::string message, std::string hint) {
    diagnostics_.Add(code, task.name_range, task.pointer, std::move(message), std::move(hint));
  }

  // Something outside is asked. Of a function, what it does itself counts.
  bool HasCall(const Task& task, bool in_function = false) const {
    if (task.kind == TaskKind::kRun) return true;
    if (task.kind == TaskKind::kCall) {
      const auto function = workflow_.functions.find(task.function);
      if (function == workflow_.functions.end()) return true;
      return !in_function && HasCall(function->second, true);
    }
    const auto has_call = [&](const Task& inner) { return HasCall(inner, in_function); };
    return std::ranges::any_of(task.tasks, has_call) || std::ranges::any_of(task.catch_tasks, has_call);
  }

  // One hint for a run of them.
  void CheckSerialFetches(const std::vector<Task>& tasks) {
    for (std::size_t i = 1; i < tasks.size(); ++i) {
      const auto follows = [&](std::size_t at) {
        return IsFetch(tasks[at]) && IsFetch(tasks[at - 1]) && IsPlain(tasks[at]) && IsPlain(tasks[at - 1]) &&
               tasks[at - 1].export_.value && IsIndependent(tasks[at], tasks[at - 1]);
      };
      if (!follows(i) || (i > 1 && follows(i - 1))) continue;
      Say(Code::kCouldFork, tasks[i],
          fmt::format("{} does not need what {} gives: the two could run side by side", Quote(tasks[i].name),
                      Quote(tasks[i - 1].name)),
          "put them into `fork: {branches: [...]}`");
    }
  }

  // The same request again while nothing has happened but other reading.
  void CheckRepeatedFetches(const std::vector<Task>& tasks) {
    std::vector<const Task*> seen;
    for (const Task& task : tasks) {
      if (!IsFetch(task)) {
        const bool is_quiet = task.kind == TaskKind::kSet;
        if (!is_quiet) seen.clear();
        continue;
      }
      if (NeedOf(task.value->node) != kNothing) continue;
      const Json& arguments = task.value->node.value();
      const auto earlier = std::ranges::find_if(
          seen, [&](const Task* other) { return other->value->node.value() == arguments; });
      if (earlier != seen.end()) {
        Say(Code::kFetchedTwice, task,
            fmt::format("{} asks for the same as {} at line {}", Quote(task.name), Quote((*earlier)->name),
                        (*earlier)->name_range.begin.line),
            "keep the first answer with `export: {as: ...}` and read `$context`");
      }
      if (seen.size() < kSeenMax) seen.push_back(&task);
    }
  }

  void CheckLoop(const Task& task) {
    const bool unbounded = task.value && task.value->node.IsScalar() && !task.while_condition;
    if (!unbounded || !std::ranges::any_of(task.tasks, [&](const Task& inner) { return HasCall(inner); }))
      return;
    const std::string_view in = task.value->node.text();
    const bool counts = in.find("range(") != std::string_view::npos ||
                        in.find("limit(") != std::string_view::npos ||
                        in.find("[:") != std::string_view::npos;
    if (counts) return;
    Say(Code::kUnboundedCalls, task,
        fmt::format("{} calls once for each item of a list of any length", Quote(task.name)),
        fmt::format("bound it: while: '${} < 100'", task.at));
  }

  void CheckListen(const Task& task) {
    const syntax::EventStrategy& to = task.listen->to;
    if (!to.until_condition || task.iterator || !IsConstantlyFalse(to.until_condition)) return;
    Say(Code::kEndlessListen, task,
        fmt::format("{} collects events for ever and does nothing with them", Quote(task.name)),
        "handle each event with `foreach: {do: [...]}`, or let `until` become true");
  }

  static constexpr std::size_t kSeenMax = 64;
  const syntax::Workflow& workflow_;
  Diagnostics& diagnostics_;
};

}  // namespace

void CheckCosts(const syntax::Workflow& workflow, Diagnostics& diagnostics) {
  Adviser adviser(workflow, diagnostics);
  adviser.CheckList(workflow.tasks);
  for (const auto& [name, task] : workflow.functions) adviser.CheckTask(task);
}

}  // namespace elevaite::dsl

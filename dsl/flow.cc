#include "dsl/flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dsl/cycles.h"
#include "dsl/expression.h"
#include "dsl/reader.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

using syntax::Task;

// What a condition says when it is written as a constant.
std::string_view ConditionText(const syntax::Field& when) {
  std::string_view text = when->node.text();
  const TextScan scan = ScanText(text);
  if (scan.kind == TextKind::kWhole) text = text.substr(scan.begin, scan.end - scan.begin);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Whether time passes or the outside is asked in this task: a loop through it is a poll, not a spin. Tasks
// whose kind is not known count as such.
bool Pauses(const Task& task) {
  if (!task.kind || *task.kind == TaskKind::kWait || *task.kind == TaskKind::kCall ||
      *task.kind == TaskKind::kListen || *task.kind == TaskKind::kRun) {
    return true;
  }
  return std::ranges::any_of(task.tasks, Pauses) || std::ranges::any_of(task.catch_tasks, Pauses);
}

bool ListensForEver(const Task& task) {
  if (!task.listen || !task.listen->to.until_condition) return false;
  const std::string_view text = ConditionText(task.listen->to.until_condition);
  return text == "false" || text == "null";
}

bool IsEnd(const std::optional<syntax::Flow>& flow) { return flow && flow->target == "end"; }

// Whether the workflow may end or fault from inside this task.
bool MayEnd(const Task& task) {
  if (task.kind == TaskKind::kRaise || IsEnd(task.then) || IsEnd(task.catch_then)) return true;
  if (std::ranges::any_of(task.cases, [](const syntax::Case& c) { return IsEnd(c.then); })) return true;
  return std::ranges::any_of(task.tasks, MayEnd) || std::ranges::any_of(task.catch_tasks, MayEnd);
}

class FlowChecker {
 public:
  FlowChecker(const syntax::Workflow& workflow, Diagnostics& diagnostics)
      : workflow_(workflow), diagnostics_(diagnostics), reader_(diagnostics) {}

  void Run() {
    Collect(workflow_.tasks);
    CheckList(workflow_.tasks);
    for (const auto& [name, task] : workflow_.functions) {
      CheckTargets(task, Targets(), true);
      CheckInside(task);
    }
    for (const syntax::Extension& extension : workflow_.extensions) {
      CheckList(extension.before);
      CheckList(extension.after);
    }
  }

 private:
  void Collect(const std::vector<Task>& tasks) {
    for (const Task& task : tasks) {
      if (!task.name.empty()) everywhere_.emplace(task.name, &task);
      Collect(task.tasks);
      Collect(task.catch_tasks);
    }
  }

  void CheckList(const std::vector<Task>& tasks) {
    const Targets targets(tasks);
    bool resolved = true;
    for (const Task& task : tasks) {
      resolved = CheckTargets(task, targets, false) && !task.cases_incomplete && resolved;
      CheckInside(task);
    }
    if (!resolved) return;  // what follows would only repeat it
    CheckShape(tasks, targets);
  }

  void CheckInside(const Task& task) {
    if (task.kind == TaskKind::kSwitch && !task.cases_incomplete) CheckSwitch(task);
    if (task.kind == TaskKind::kFork) {
      for (const Task& branch : task.tasks) {
        CheckTargets(branch, Targets(), true);
        CheckInside(branch);
      }
    } else {
      CheckList(task.tasks);
    }
    CheckList(task.catch_tasks);
  }

  bool CheckTargets(const Task& task, const Targets& targets, bool is_branch) {
    bool fine = true;
    const auto check = [&](const std::optional<syntax::Flow>& flow) {
      if (flow && !targets.Resolve(flow->target)) {
        UnknownTarget(*flow, targets, is_branch);
        fine = false;
      }
    };
    check(task.then);
    check(task.catch_then);
    for (const syntax::Case& entry : task.cases) check(entry.then);
    return fine;
  }

  void UnknownTarget(const syntax::Flow& flow, const Targets& targets, bool is_branch) {
    if (diagnostics_.Full()) return diagnostics_.Drop(Code::kUnknownTarget);  // the nearest name costs time
    const auto other = everywhere_.find(flow.target);
    if (other != everywhere_.end()) {
      reader_.Add(Code::kTargetInOtherList, flow.place,
                  fmt::format("the task {} stands in another list, at {}", Quote(flow.target),
                              Excerpt(other->second->pointer)),
                  is_branch ? "this task stands alone: it can only go on with continue, exit or end"
                            : "`then` reaches tasks of its own list; leave the list with `exit`");
      return;
    }
    std::vector<std::string_view> names{"continue", "exit", "end"};
    for (const auto& [name, position] : targets.names()) names.push_back(name);
    std::ranges::sort(names);
    const auto near = Nearest(flow.target, names);
    std::string hint = "name a task of the same list, or write continue, exit or end";
    if (near) hint = fmt::format("did you mean {}?", Quote(*near));
    reader_.Add(Code::kUnknownTarget, flow.place,
                fmt::format("there is no task {} in this list", Quote(flow.target)), hint);
  }

  void CheckSwitch(const Task& task) {
    const syntax::Case* fallback = nullptr;
    std::unordered_map<std::string_view, const syntax::Case*> seen;
    const syntax::Case* always = nullptr;
    for (const syntax::Case& entry : task.cases) {
      if (!entry.when) {
        if (fallback != nullptr) {
          reader_.Add(Code::kTwoDefaults, entry.place,
                      fmt::format("{} has no `when`, and {} is the default already", Quote(entry.name),
                                  Quote(fallback->name)),
                      "give one of the two a `when`");
        }
        fallback = &entry;
        continue;
      }
      const std::string_view text = ConditionText(entry.when);
      const auto [earlier, is_new] = seen.emplace(text, &entry);
      std::string reason;
      if (always != nullptr) {
        reason = fmt::format("the case {} before it always matches", Quote(always->name));
      } else if (text == "false" || text == "null") {
        reason = "its condition is never true";
      } else if (!is_new) {
        reason = fmt::format("the case {} before it has the same condition", Quote(earlier->second->name));
      }
      if (!reason.empty()) {
        reader_.Add(Code::kCaseCannotMatch, *entry.when, fmt::format("this case can never match: {}", reason),
                    "change its condition or remove it");
      }
      if (text == "true" && always == nullptr) always = &entry;
    }
    if (fallback == nullptr && always == nullptr && !task.then && !task.cases.empty()) {
      diagnostics_.Add(Code::kNoDefault, task.name_range, task.pointer,
                       "the switch has no default: when no case matches, the next task runs",
                       "add a case without `when`, or a `then` beside `switch`");
    }
  }

  // The tasks that may run after the one at `position`; tasks.size() stands for leaving the list.
  static std::vector<std::uint32_t> Successors(const std::vector<Task>& tasks, std::uint32_t position,
                                               const Targets& targets) {
    const auto leave = static_cast<std::uint32_t>(tasks.size());
    const Task& task = tasks[position];
    std::vector<std::uint32_t> next;
    const auto follow = [&](const std::optional<syntax::Flow>& flow) {
      const Flow where = flow ? targets.Resolve(flow->target).value_or(Flow{}) : Flow{};
      switch (where.kind) {
        case Flow::Kind::kContinue: next.push_back(position + 1); break;
        case Flow::Kind::kTask: next.push_back(where.position); break;
        case Flow::Kind::kExit:
        case Flow::Kind::kEnd: next.push_back(leave); break;
      }
    };
    if (task.condition) next.push_back(position + 1);  // skipped
    if (task.kind == TaskKind::kRaise || ListensForEver(task)) return next;
    bool has_default = false;
    for (const syntax::Case& entry : task.cases) {
      follow(entry.then);
      has_default = has_default || !entry.when;
    }
    if (!has_default) follow(task.then);
    if (task.catch_then) follow(task.catch_then);
    return next;
  }

  void CheckShape(const std::vector<Task>& tasks, const Targets& targets) {
    if (tasks.empty()) return;
    const auto count = static_cast<std::uint32_t>(tasks.size());
    std::vector<std::vector<std::uint32_t>> edges(count);
    for (std::uint32_t i = 0; i < count; ++i) edges[i] = Successors(tasks, i, targets);
    const std::vector<bool> reached = ReachableFrom(0, edges);
    for (std::uint32_t i = 1; i < count; ++i) {
      if (reached[i] || !reached[i - 1]) continue;  // one report for a run of tasks
      diagnostics_.Add(Code::kUnreachable, tasks[i].name_range, tasks[i].pointer,
                       fmt::format("the task {} can never run: nothing leads to it", Quote(tasks[i].name)),
                       fmt::format("{} always goes elsewhere; name {} in a `then`, or remove it",
                                   Quote(tasks[i - 1].name), Quote(tasks[i].name)));
    }
    for (const std::vector<std::uint32_t>& cycle : CyclesOf(edges)) {
      if (reached[cycle.front()]) CheckCycle(tasks, cycle, edges);
    }
  }

  void CheckCycle(const std::vector<Task>& tasks, const std::vector<std::uint32_t>& cycle,
                  const std::vector<std::vector<std::uint32_t>>& edges) {
    const Task* back = nullptr;
    for (std::uint32_t position : cycle) {
      const Task& task = tasks[position];
      if (Pauses(task) || MayEnd(task)) return;
      for (std::uint32_t next : edges[position]) {
        if (!std::ranges::binary_search(cycle, next)) return;  // there is a way out
        if (next <= position) back = &task;
      }
    }
    if (back == nullptr) return;
    const syntax::Place place =
        back->then ? back->then->place : syntax::Place{back->definition, back->pointer, back->name_range};
    reader_.Add(Code::kEndlessLoop, place,
                fmt::format("the loop from {} back to {} has no way out, no wait and no call",
                            Quote(back->name), Quote(tasks[cycle.front()].name)),
                "leave it with a `switch` or an `if`, or loop with `for`");
  }

  const syntax::Workflow& workflow_;
  Diagnostics& diagnostics_;
  Reader reader_;
  std::unordered_map<std::string_view, const Task*> everywhere_;
};

}  // namespace

Targets::Targets(std::span<const syntax::Task> tasks) {
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].name.empty()) positions_.emplace(tasks[i].name, i);
  }
}

std::optional<Flow> Targets::Resolve(std::string_view target) const {
  if (target == "continue") return Flow{};
  if (target == "exit") return Flow{.kind = Flow::Kind::kExit};
  if (target == "end") return Flow{.kind = Flow::Kind::kEnd};
  const auto found = positions_.find(target);
  if (found == positions_.end()) return std::nullopt;
  return Flow{.kind = Flow::Kind::kTask, .position = found->second};
}

void CheckFlow(const syntax::Workflow& workflow, Diagnostics& diagnostics) {
  FlowChecker(workflow, diagnostics).Run();
}

}  // namespace elevaite::dsl

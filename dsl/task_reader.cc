#include "dsl/task_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "dsl/expression.h"
#include "dsl/slips.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

using syntax::Field;
using syntax::Place;

constexpr std::pair<std::string_view, TaskKind> kKinds[] = {
    {"call", TaskKind::kCall},     {"do", TaskKind::kDo},     {"emit", TaskKind::kEmit},
    {"for", TaskKind::kFor},       {"fork", TaskKind::kFork}, {"listen", TaskKind::kListen},
    {"raise", TaskKind::kRaise},   {"run", TaskKind::kRun},   {"set", TaskKind::kSet},
    {"switch", TaskKind::kSwitch}, {"try", TaskKind::kTry},   {"wait", TaskKind::kWait}};

std::optional<TaskKind> FindKind(std::string_view name) {
  for (const auto& [known, kind] : kKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::vector<syntax::Task> TaskReader::List(const Place& place, std::string_view what) {
  std::vector<syntax::Task> tasks;
  if (place.node.IsMapping()) {
    reader_.Add(Code::kListShape, place, fmt::format("{} is a list of tasks, not a mapping", what),
                "put a dash before each task: `- name: {...}`");
    return tasks;
  }
  if (!reader_.IsList(place, what, "a list of tasks looks so: [{name: {set: {...}}}]")) return tasks;
  if (place.node.items().empty()) {
    reader_.Add(Code::kEmpty, place, fmt::format("{} has no tasks", what), "write at least one task");
    return tasks;
  }
  if (count_ + place.node.items().size() > limits_.tasks_max) {
    if (count_ <= limits_.tasks_max) {
      reader_.Add(Code::kTooManyTasks, place,
                  fmt::format("the workflow has more than {} tasks", limits_.tasks_max),
                  "move parts into workflows of their own, or loop with `for`");
    }
    count_ = limits_.tasks_max + 1;
    return tasks;
  }
  count_ += place.node.items().size();
  tasks.reserve(place.node.items().size());
  std::unordered_map<std::string_view, const yaml::Range*> names;
  for (std::size_t i = 0; i < place.node.items().size(); ++i) {
    const Place item = Reader::Item(place, i);
    syntax::Task task;
    if (!item.node.IsMapping() || item.node.members().size() != 1) {
      std::string found = DescribeValue(item.node);
      std::string hint = "write `- name: {...}`";
      if (item.node.IsMapping()) {
        found = fmt::format("a mapping with {} keys", item.node.members().size());
        const bool flattened = std::ranges::any_of(
            item.node.members(), [](const yaml::Member& member) { return FindKind(member.key).has_value(); });
        if (flattened) hint = "indent the task's own keys below its name";
      }
      reader_.diagnostics().Add(Code::kTaskShape, {item.node.range().begin, item.node.range().begin},
                                item.pointer,
                                fmt::format("a task is one name with its definition, not {}", found), hint);
      task.pointer = item.pointer;
      task.definition = item.node;
      tasks.push_back(std::move(task));
      continue;
    }
    const yaml::Member& member = item.node.members().front();
    task.name = member.key;
    task.name_range = member.key_range;
    task.pointer = Child(item.pointer, member.key);
    task.definition = member.value;
    const Place task_place{member.value, task.pointer, member.key_range};
    const auto [first, is_new] = names.emplace(member.key, &member.key_range);
    if (!is_new) {
      reader_.diagnostics().Add(Code::kDuplicateTask, member.key_range, task.pointer,
                                fmt::format("a task {} is in this list already, at line {}", Quote(task.name),
                                            first->second->begin.line),
                                "give each task of a list its own name");
    }
    if (task.name == "continue" || task.name == "exit" || task.name == "end") {
      reader_.Add(
          Code::kReservedTaskName, task_place,
          fmt::format("a task named {} can never be reached by `then`, where the word has its own meaning",
                      Quote(task.name)),
          "choose another name");
    }
    ReadTask(task_place, task);
    tasks.push_back(std::move(task));
  }
  return tasks;
}

syntax::Task TaskReader::One(const Place& place, std::string name) {
  ++count_;
  syntax::Task task;
  task.name = std::move(name);
  task.name_range = place.key.value_or(place.node.range());
  task.pointer = place.pointer;
  task.definition = place.node;
  ReadTask(place, task);
  return task;
}

void TaskReader::ReadTask(const Place& place, syntax::Task& task) {
  if (!place.node.IsMapping()) {
    const std::string_view text = place.node.IsScalar() ? place.node.text() : std::string_view();
    const bool is_kind = FindKind(task.name).has_value();
    reader_.Add(
        Code::kTaskShape, place,
        fmt::format("the task {} must be a mapping, not {}", Quote(task.name), DescribeValue(place.node)),
        is_kind         ? fmt::format("give the task a name: `- name: {{{}: ...}}`", task.name)
        : !text.empty() ? "write what the task does: {set: ...}, {call: ...}, ..."
                        : "");
    return;
  }
  std::vector<std::string_view> kinds;
  for (std::string_view kind : vocabulary::TaskKinds()) {
    if (place.node.Find(kind) == nullptr) continue;
    const bool beside =
        !kinds.empty() && vocabulary::Get("task." + std::string(kinds.front())).Find(kind) != nullptr;
    if (!beside) kinds.push_back(kind);
  }
  ReadCommon(place, task);
  if (kinds.empty()) return UnknownKind(place, task);
  task.kind_name = kinds.front();
  if (kinds.size() > 1) {
    reader_.Add(Code::kSeveralKinds, place,
                fmt::format("a task does one thing; {} has {}", Quote(task.name), ListOf(kinds, "and")),
                "make a task of each");
    return;
  }
  task.kind = FindKind(kinds.front());
  if (!OldSyntax(place)) reader_.CheckKeys(place, "task." + task.kind_name);
  ReadKind(place, task);
  if (task.bounds) CheckBounds(task);
}

bool TaskReader::OldSyntax(const Place& place) {
  for (const yaml::Member& member : place.node.members()) {
    if (!IsOldTaskKey(member.key)) continue;
    reader_.diagnostics().Add(
        Code::kOldSyntax, member.key_range, Child(place.pointer, member.key),
        fmt::format("{} belongs to version 0.8 of the language", Quote(member.key)),
        "version 1.0 has tasks with one of `call`, `set`, `switch`, `do` ... and `then` to go on");
    return true;
  }
  return false;
}

void TaskReader::UnknownKind(const Place& place, const syntax::Task& task) {
  if (OldSyntax(place)) return;
  std::vector<std::string_view> names(vocabulary::TaskKinds().begin(), vocabulary::TaskKinds().end());
  std::ranges::sort(names);
  const yaml::Member* odd = nullptr;
  std::string hint;
  for (const yaml::Member& member : place.node.members()) {
    const bool common = vocabulary::Get("task").Find(member.key) != nullptr;
    if (common) continue;
    if (odd == nullptr) odd = &member;
    const std::string_view slip = TaskSlip(member.key);
    const auto near = Nearest(member.key, names);
    if (slip.empty() && !near) continue;
    odd = &member;
    hint = slip.empty() ? fmt::format("did you mean `{}`?", *near) : std::string(slip);
    break;
  }
  if (odd == nullptr) {
    const bool has_if = place.node.Find("if") != nullptr;
    reader_.Add(Code::kUnknownTask, place, fmt::format("the task {} does nothing", Quote(task.name)),
                has_if ? "to choose between tasks use `switch: [...]`" : "it needs one of " + ListOf(names));
    return;
  }
  if (hint.empty()) hint = "a task has one of " + ListOf(names);
  reader_.diagnostics().Add(Code::kUnknownTask, odd->key_range, Child(place.pointer, odd->key),
                            fmt::format("{} is no kind of task", Quote(odd->key)), std::move(hint));
}

void TaskReader::ReadKind(const Place& place, syntax::Task& task) {
  const Place value = *Reader::Member(place, task.kind_name);
  switch (*task.kind) {
    case TaskKind::kSet: return ReadSet(value, task);
    case TaskKind::kDo: task.tasks = List(value, "`do`"); return;
    case TaskKind::kSwitch: return ReadSwitch(value, task);
    case TaskKind::kFor: return ReadFor(place, value, task);
    case TaskKind::kFork: return ReadFork(value, task);
    case TaskKind::kTry: return ReadTry(place, value, task);
    case TaskKind::kRaise: return ReadRaise(value, task);
    case TaskKind::kWait:
      if (reader_.IsDuration(value, "`wait`")) task.value = value;
      return;
    case TaskKind::kCall: return ReadCall(place, value, task);
    case TaskKind::kEmit: return ReadEmit(value, task);
    case TaskKind::kListen: return ReadListen(place, value, task);
    case TaskKind::kRun: return ReadRun(value, task);
    case TaskKind::kFunction:
    case TaskKind::kExtended: return;  // never written down
  }
}

void TaskReader::ReadSet(const Place& value, syntax::Task& task) {
  if (value.node.IsMapping()) {
    if (value.node.members().empty()) {
      reader_.Add(Code::kEmpty, value, "`set` sets nothing", "write at least one key, or an expression");
      return;
    }
    task.value = value;
    return;
  }
  if (value.node.value().IsString()) {
    task.value = value;
    return;
  }
  reader_.Add(Code::kWrongType, value,
              fmt::format("`set` must be a mapping or an expression, not {}", DescribeValue(value.node)),
              value.node.IsSequence() ? "to set a list write an expression: '${ [1, 2] }'" : "");
}

void TaskReader::ReadSwitch(const Place& value, syntax::Task& task) {
  task.cases_incomplete = !value.node.IsSequence() || value.node.items().empty();
  if (value.node.IsMapping()) {
    reader_.Add(Code::kListShape, value, "`switch` is a list of cases, not a mapping",
                "put a dash before each case: `- name: {when: ..., then: ...}`");
    return;
  }
  if (!reader_.IsList(value, "`switch`", "a case looks so: [{name: {when: ..., then: ...}}]")) return;
  if (value.node.items().empty()) {
    reader_.Add(Code::kEmpty, value, "`switch` has no cases",
                "write at least one: {name: {when: ..., then: ...}}");
    return;
  }
  for (std::size_t i = 0; i < value.node.items().size(); ++i) {
    const Place item = Reader::Item(value, i);
    if (!item.node.IsMapping() || item.node.members().size() != 1 ||
        !item.node.members().front().value.IsMapping()) {
      const bool flattened =
          item.node.IsMapping() && (item.node.Find("when") != nullptr || item.node.Find("then") != nullptr);
      reader_.diagnostics().Add(Code::kTaskShape, {item.node.range().begin, item.node.range().begin},
                                item.pointer, "a case is one name with its `when` and `then`",
                                flattened ? "put a name before it: `- name: {when: ..., then: ...}`"
                                          : "write `- name: {when: ..., then: ...}`");
      task.cases_incomplete = true;
      continue;
    }
    const yaml::Member& member = item.node.members().front();
    const Place place{member.value, Child(item.pointer, member.key), member.key_range};
    // A case that could not be read must not pass for one without `when`.
    const std::size_t errors = reader_.diagnostics().errors();
    reader_.CheckKeys(place, "case");
    syntax::Case entry{std::string(member.key), place, ReadExpression(place, "when"), ReadFlow(place)};
    if (reader_.diagnostics().errors() == errors) {
      task.cases.push_back(std::move(entry));
    } else {
      task.cases_incomplete = true;
    }
  }
}

void TaskReader::ReadFor(const Place& task_place, const Place& value, syntax::Task& task) {
  task.while_condition = ReadExpression(task_place, "while");
  if (reader_.IsMapping(value, "`for`", "write for: {each: item, in: '.items'}")) {
    reader_.CheckKeys(value, "for");
    ReadVariables(value, "each", task.each, task.at);
    if (const Field in = Reader::Member(value, "in")) {
      if (in->node.IsSequence() || in->node.value().IsString()) {
        task.value = in;
      } else {
        reader_.Add(Code::kWrongType, *in,
                    fmt::format("`in` must be an expression or a list, not {}", DescribeValue(in->node)),
                    in->node.value().IsNumber()
                        ? fmt::format("to count write '[range({})]'", Excerpt(in->node.text()))
                        : "");
      }
    }
  }
  if (const Field list = Reader::Member(task_place, "do")) task.tasks = List(*list, "`do`");
}

void TaskReader::ReadFork(const Place& value, syntax::Task& task) {
  if (!reader_.IsMapping(value, "`fork`", "write fork: {branches: [...]}")) return;
  reader_.CheckKeys(value, "fork");
  if (const Field compete = Reader::Member(value, "compete")) {
    task.compete = reader_.Bool(*compete, "`compete`").value_or(false);
  }
  if (const Field branches = Reader::Member(value, "branches")) task.tasks = List(*branches, "`branches`");
}

}  // namespace elevaite::dsl

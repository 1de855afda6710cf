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
using Use = Key::Use;

// Every kind of the language, in the order in which a task's keys are looked at: `for` and `try` have a `do`
// or `catch` beside.
struct KindInfo {
  std::string_view name;
  std::optional<TaskKind> kind;         // none: not supported by this version
  std::string_view companions[2] = {};  // keys that stand beside it
};
constexpr KindInfo kKinds[] = {
    {"for", TaskKind::kFor, {"while", "do"}},
    {"try", TaskKind::kTry, {"catch"}},
    {"call", TaskKind::kCall, {"with"}},
    {"listen", std::nullopt, {"foreach"}},
    {"emit", std::nullopt},
    {"fork", TaskKind::kFork},
    {"raise", TaskKind::kRaise},
    {"run", std::nullopt},
    {"set", TaskKind::kSet},
    {"switch", TaskKind::kSwitch},
    {"wait", TaskKind::kWait},
    {"do", TaskKind::kDo},
};
constexpr std::string_view kCommonKeys[] = {"if", "input", "output", "export", "timeout", "then", "metadata"};

const KindInfo* FindKind(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name, &KindInfo::name);
  return found == std::end(kKinds) ? nullptr : found;
}

bool IsCompanion(const KindInfo& kind, std::string_view key) {
  return std::ranges::find(kind.companions, key) != std::end(kind.companions);
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
            item.node.members(), [](const yaml::Member& member) { return FindKind(member.key) != nullptr; });
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

void TaskReader::ReadTask(const Place& place, syntax::Task& task) {
  if (!place.node.IsMapping()) {
    const std::string_view text = place.node.IsScalar() ? place.node.text() : std::string_view();
    const bool is_kind = FindKind(task.name) != nullptr;
    reader_.Add(
        Code::kTaskShape, place,
        fmt::format("the task {} must be a mapping, not {}", Quote(task.name), DescribeValue(place.node)),
        is_kind         ? fmt::format("give the task a name: `- name: {{{}: ...}}`", task.name)
        : !text.empty() ? "write what the task does: {set: ...}, {call: ...}, ..."
                        : "");
    return;
  }
  std::vector<const KindInfo*> kinds;
  for (const KindInfo& kind : kKinds) {
    if (place.node.Find(kind.name) == nullptr) continue;
    const bool beside =
        std::ranges::any_of(kinds, [&](const KindInfo* k) { return IsCompanion(*k, kind.name); });
    if (!beside) kinds.push_back(&kind);
  }
  if (kinds.empty()) {
    ReadCommon(place, task);
    UnknownKind(place, task);
    return;
  }
  const KindInfo& kind = *kinds.front();
  if (kinds.size() > 1) {
    std::vector<std::string_view> names;
    for (const KindInfo* k : kinds) names.push_back(k->name);
    reader_.Add(Code::kSeveralKinds, place,
                fmt::format("a task does one thing; {} has {}", Quote(task.name), ListOf(names, "and")),
                "make a task of each");
    task.kind_name = kind.name;
    ReadCommon(place, task);
    return;
  }
  task.kind_name = kind.name;
  task.kind = kind.kind;
  ReadCommon(place, task);
  if (!OldSyntax(place)) {
    std::vector<Key> keys;
    for (std::string_view key : kCommonKeys)
      keys.push_back({key, key == "timeout" ? Use::kUnsupported : Use::kOptional});
    keys.push_back({kind.name});
    for (std::string_view key : kind.companions) {
      const bool required = (kind.name == "for" && key == "do") || (kind.name == "try" && key == "catch");
      if (!key.empty()) keys.push_back({key, required ? Use::kRequired : Use::kOptional});
    }
    reader_.CheckKeys(place, "a task", keys);
  }
  ReadKind(place, kind.name, task);
}

void TaskReader::ReadCommon(const Place& place, syntax::Task& task) {
  task.condition = ReadExpression(place, "if");
  task.input_from = ReadShape(reader_, place, "input", "from");
  task.output_as = ReadShape(reader_, place, "output", "as");
  task.export_as = ReadShape(reader_, place, "export", "as");
  task.then = ReadFlow(place);
  if (const Field metadata = Reader::Member(place, "metadata")) reader_.IsMapping(*metadata, "`metadata`");
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
  static constexpr std::string_view kNames[] = {"call",  "do",  "emit", "for",    "fork", "listen",
                                                "raise", "run", "set",  "switch", "try",  "wait"};
  const yaml::Member* odd = nullptr;
  std::string hint;
  for (const yaml::Member& member : place.node.members()) {
    const bool common = std::ranges::find(kCommonKeys, member.key) != std::end(kCommonKeys);
    if (common) continue;
    if (odd == nullptr) odd = &member;
    const std::string_view slip = TaskSlip(member.key);
    const auto near = Nearest(member.key, kNames);
    if (slip.empty() && !near) continue;
    odd = &member;
    hint = slip.empty() ? fmt::format("did you mean `{}`?", *near) : std::string(slip);
    break;
  }
  if (odd == nullptr) {
    const bool has_if = place.node.Find("if") != nullptr;
    reader_.Add(Code::kUnknownTask, place, fmt::format("the task {} does nothing", Quote(task.name)),
                has_if ? "to choose between tasks use `switch: [...]`" : "it needs one of " + ListOf(kNames));
    return;
  }
  if (hint.empty()) hint = "a task has one of " + ListOf(kNames);
  reader_.diagnostics().Add(Code::kUnknownTask, odd->key_range, Child(place.pointer, odd->key),
                            fmt::format("{} is no kind of task", Quote(odd->key)), std::move(hint));
}

void TaskReader::ReadKind(const Place& place, std::string_view kind, syntax::Task& task) {
  const Place value = *Reader::Member(place, kind);
  if (!task.kind) {
    reader_.Unsupported(value, fmt::format("the task `{}`", kind));
    return;
  }
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
  static constexpr Key kKeys[] = {{"when"}, {"then", Use::kRequired}};
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
    reader_.CheckKeys(place, "a switch case", kKeys);
    syntax::Case entry{member.key, place, ReadExpression(place, "when"), ReadFlow(place)};
    if (reader_.diagnostics().errors() == errors) {
      task.cases.push_back(std::move(entry));
    } else {
      task.cases_incomplete = true;
    }
  }
}

void TaskReader::ReadFor(const Place& task_place, const Place& value, syntax::Task& task) {
  static constexpr Key kKeys[] = {{"each"}, {"in", Use::kRequired}, {"at"}};
  task.while_condition = ReadExpression(task_place, "while");
  if (reader_.IsMapping(value, "`for`", "write for: {each: item, in: '.items'}")) {
    reader_.CheckKeys(value, "`for`", kKeys);
    task.each = ReadVariable(value, "each", "item");
    task.at = ReadVariable(value, "at", "index");
    if (task.each == task.at) {
      reader_.Add(Code::kVariableName,
                  *Reader::Member(value, value.node.Find("at") != nullptr ? "at" : "each"),
                  fmt::format("the item and its index have the same name {}", Quote(task.each)),
                  "choose another name");
    }
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
  static constexpr Key kKeys[] = {{"branches", Use::kRequired}, {"compete"}};
  if (!reader_.IsMapping(value, "`fork`", "write fork: {branches: [...]}")) return;
  reader_.CheckKeys(value, "`fork`", kKeys);
  if (const Field compete = Reader::Member(value, "compete")) {
    task.compete = reader_.Bool(*compete, "`compete`").value_or(false);
  }
  if (const Field branches = Reader::Member(value, "branches")) task.tasks = List(*branches, "`branches`");
}

void TaskReader::ReadCall(const Place& task_place, const Place& value, syntax::Task& task) {
  if (const auto name =
          reader_.Text(value, "`call`", "name the function: `call: http`, and its arguments in `with`")) {
    if (name->empty()) {
      reader_.Add(Code::kEmpty, value, "`call` names no function", "name it: `call: http`");
    } else if (ScanText(*name).kind != TextKind::kLiteral) {
      reader_.Add(Code::kWrongType, value, "`call` must be a name; it cannot be computed",
                  "choose between calls with `switch`");
    } else {
      task.function = *name;
      task.function_place = value;
    }
  }
  const Field with = Reader::Member(task_place, "with");
  if (with && !with->node.IsNull() &&
      reader_.IsMapping(*with, "`with`", "write the arguments as a mapping")) {
    task.value = with;
  }
}

std::optional<syntax::Flow> TaskReader::ReadFlow(const Place& mapping) {
  const Field then = Reader::Member(mapping, "then");
  if (!then) return std::nullopt;
  const auto text =
      reader_.Text(*then, "`then`", "name a task of the same list, or write continue, exit or end");
  if (!text) return std::nullopt;
  return syntax::Flow{*text, *then};
}

Field TaskReader::ReadExpression(const Place& mapping, std::string_view key) {
  Field field = Reader::Member(mapping, key);
  if (!field) return std::nullopt;
  if (field->node.IsScalar() && field->node.value().IsString()) return field;
  const bool has_text = field->node.IsScalar() && !field->node.IsNull();
  reader_.Add(Code::kWrongType, *field,
              fmt::format("`{}` must be an expression, not {}", key, DescribeValue(field->node)),
              has_text ? fmt::format("write '${{ {} }}'", Excerpt(field->node.text())) : "");
  return std::nullopt;
}

std::string TaskReader::ReadVariable(const Place& mapping, std::string_view key, std::string_view otherwise) {
  const Field field = Reader::Member(mapping, key);
  if (!field) return std::string(otherwise);
  auto name = reader_.Text(*field, fmt::format("`{}`", key));
  if (!name) return std::string(otherwise);
  std::string_view bare = *name;
  if (bare.starts_with('$')) bare.remove_prefix(1);
  if (!IsVariableName(*name)) {
    reader_.Add(Code::kVariableName, *field, fmt::format("{} is no name for a variable", Quote(*name)),
                IsVariableName(bare) ? fmt::format("write it without the dollar: {}", bare)
                                     : "use letters, digits and _, and begin with a letter");
    return IsVariableName(bare) ? std::string(bare) : std::string(otherwise);
  }
  if (IsLanguageVariable(*name)) {
    reader_.Add(Code::kVariableName, *field, fmt::format("${} is a variable of the language", *name),
                "choose another name");
    return std::string(otherwise);
  }
  return *name;
}

}  // namespace elevaite::dsl

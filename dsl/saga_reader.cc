// `call: flow.saga`: steps, each with what undoes it. The part of TaskReader that writes them out as plain
// tasks, so that whatever looks at tasks (checks, lowering, types, pictures, the engine) needs to know
// nothing of it:
//
//   - flight: {do: [...]}                      the first step
//   - after flight:
//       try:                                   the steps after it, written out in the same way
//       - hotel: {do: [...]}
//       - after hotel: ...
//       catch:                                 of every error, and of a cancel
//         as: error
//         do:
//         - undo flight:                       its input is that of the try: the output of the step
//             try: [...]
//             catch: {retry: ..., as: undoError, do: [raise the error, with what could not be undone]}
//         - go on: raise the error
//
// What is not written in the document has a pointer below that of its step.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_set>
#include <utility>

#include "dsl/task_reader.h"
#include "foundation/result.h"

namespace elevaite::dsl {

using syntax::Field;
using syntax::Place;

namespace {

constexpr std::size_t kStepsMax = 32;  // each is a level deeper
constexpr const char* kGoOn = "${ $error }";

// A text of the document's language that stands in no document.
yaml::Node Written(const std::string& text) {
  auto node = yaml::Read(Json(text).Dump());
  CHECK(node.has_value());
  return *std::move(node);
}

// The error that goes on when a step could not be undone.
std::string NotUndone(const std::string& step) {
  const std::string name = Json(step).Dump();
  return "${ $error + {undoFailed: (($error.undoFailed // []) + [{step: " + name +
         ", error: $undoError}]), detail: (($error.detail // \"\") + \" (\" + " + name +
         " + \" could not be undone: \" + ($undoError.title // $undoError.type // \"an error\") + \")\")} }";
}

struct Step {
  Place place;  // its definition; the key is its name
  std::string name;
  std::vector<syntax::Task> tasks;
  std::vector<syntax::Task> undo;
  std::shared_ptr<const syntax::Retry> retry;  // of undoing it

  syntax::Task TaskAt(TaskKind kind, std::string_view kind_name, std::string called,
                      std::string pointer) const {
    syntax::Task task;
    task.name = std::move(called);
    task.name_range = place.key.value_or(place.node.range());
    task.pointer = std::move(pointer);
    task.definition = place.node;
    task.kind = kind;
    task.kind_name = kind_name;
    task.is_derived = true;
    return task;
  }

  syntax::Task Do() {
    syntax::Task task = TaskAt(TaskKind::kDo, "do", name, place.pointer);
    task.tasks = std::move(tasks);
    return task;
  }

  syntax::Task Raise(std::string called, const std::string& error) const {
    const std::string pointer = Child(Child(place.pointer, "undo"), called);
    syntax::Task task = TaskAt(TaskKind::kRaise, "raise", std::move(called), pointer);
    task.value = Place{Written(error), pointer, task.name_range};
    return task;
  }

  syntax::Task Undo() {
    syntax::Task task = TaskAt(TaskKind::kTry, "try", "undo " + name, Child(place.pointer, "undo"));
    task.tasks = std::move(undo);
    task.retry = retry;
    task.catch_as = "undoError";
    task.catch_tasks.push_back(Raise("failed", NotUndone(name)));
    return task;
  }

  // The steps after this one, and its undoing when one of them fails.
  syntax::Task Guard(std::vector<syntax::Task> rest) {
    syntax::Task task = TaskAt(TaskKind::kTry, "try", "after " + name, Child(place.pointer, "after"));
    task.tasks = std::move(rest);
    task.compensates = true;
    task.catch_tasks.push_back(Undo());
    task.catch_tasks.push_back(Raise("go on", kGoOn));
    return task;
  }
};

class SagaReader {
 public:
  SagaReader(Reader& reader, TaskReader& tasks) : reader_(reader), tasks_(tasks) {}

  std::vector<Step> Steps(const Place& list) {
    std::vector<Step> steps;
    if (!list.node.IsSequence()) return steps;  // the check of the arguments says so
    if (list.node.items().empty() || list.node.items().size() > kStepsMax) {
      reader_.Add(Code::kNumberRange, list, fmt::format("a saga has 1 to {} steps", kStepsMax),
                  "put what belongs together into one step");
      return steps;
    }
    std::unordered_set<std::string_view> names;
    for (std::size_t i = 0; i < list.node.items().size(); ++i) {
      const Place item = Reader::Item(list, i);
      const bool is_step = item.node.IsMapping() && item.node.members().size() == 1;
      if (!is_step) {
        reader_.Add(Code::kTaskShape, item, "a step is one name with its `do` and `undo`",
                    "write `- name: {do: [...], undo: [...]}`");
        continue;
      }
      const yaml::Member& member = item.node.members().front();
      const Place place{member.value, Child(item.pointer, member.key), member.key_range};
      if (!names.insert(member.key).second)
        reader_.Add(Code::kDuplicateTask, place, fmt::format("a step {} is in this saga already", member.key),
                    "give each step its own name");
      if (reader_.IsMapping(place, "a step", "write {do: [...], undo: [...]}"))
        steps.push_back(One(place, std::string(member.key)));
    }
    return steps;
  }

 private:
  Step One(const Place& place, const std::string& name) {
    reader_.CheckKeys(place, "saga.step");
    Step step{.place = place, .name = name};
    if (const Field list = Reader::Member(place, "do")) step.tasks = tasks_.List(*list, "`do`");
    if (const Field list = Reader::Member(place, "undo")) step.undo = tasks_.List(*list, "`undo`");
    step.retry = tasks_.ReadRetry(place);
    if (step.retry && step.undo.empty())
      reader_.Add(Code::kIgnoredKey, *Reader::Member(place, "retry"),
                  "`retry` is of `undo`, and there is none",
                  "to try the step again write a `try` in its `do`");
    return step;
  }

  Reader& reader_;
  TaskReader& tasks_;
};

}  // namespace

void TaskReader::ReadSaga(const Place& with, syntax::Task& task) {
  const Field list = Reader::Member(with, "steps");
  if (!list) return;
  std::vector<Step> steps = SagaReader(reader_, *this).Steps(*list);
  std::vector<syntax::Task> rest;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    std::vector<syntax::Task> tasks;
    tasks.push_back(step->Do());
    if (!rest.empty() && !step->undo.empty()) {
      tasks.push_back(step->Guard(std::move(rest)));
      count_ += 4;
    } else {
      std::ranges::move(rest, std::back_inserter(tasks));
    }
    ++count_;
    rest = std::move(tasks);
  }
  task.kind = TaskKind::kDo;
  task.kind_name = "do";
  task.value.reset();
  task.tasks = std::move(rest);
}

}  // namespace elevaite::dsl

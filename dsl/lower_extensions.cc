// Extensions, woven around the tasks that they extend.
#include <utility>

#include "dsl/lowering.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl {
namespace {

// By what is written: a saga is a call.
bool Extends(const syntax::Extension& extension, const syntax::Task& task) {
  if (!task.kind || task.is_derived) return false;
  if (extension.extend == "all") return true;
  if (task.function == vocabulary::kSaga) return extension.extend == "call";
  if (extension.extend == "composite") return task.kind == TaskKind::kDo || task.kind == TaskKind::kFork;
  return extension.extend == task.kind_name;
}

}  // namespace

std::optional<std::size_t> Lowering::NextExtension(const syntax::Task& source, std::size_t from) const {
  if (in_extension_ || is_checking_) return std::nullopt;
  for (std::size_t i = from; i < workflow_.extensions.size(); ++i) {
    if (Extends(workflow_.extensions[i], source)) return i;
  }
  return std::nullopt;
}

// The lists see the workflow as a whole: of the loops and functions around the task they know nothing.
void Lowering::InExtension(const std::function<void()>& lower) {
  auto locals = std::exchange(locals_, {});
  auto functions = std::exchange(active_functions_, {});
  const Source* source = std::exchange(source_, &own_source_);
  in_extension_ = true;
  lower();
  in_extension_ = false;
  source_ = source;
  active_functions_ = std::move(functions);
  locals_ = std::move(locals);
}

TaskIndex Lowering::LowerExtended(const syntax::Task& source, const Spot& spot, std::size_t extension) {
  const syntax::Extension& around = workflow_.extensions[extension];
  Spot inner = spot;
  inner.extensions_passed = extension + 1;
  if (!MayGrow(source)) return LowerTask(source, inner);
  const TaskIndex index = AddTask(source, spot, TaskKind::kExtended);
  inner.parent = index;
  inner.is_wrapped = true;
  ExtendedTask body;
  InExtension([&] {
    body.when = Condition(around.when, Site::kIf);
    body.before = List(around.before, index);
  });
  body.tasks.push_back(LowerTask(source, inner));
  InExtension([&] { body.after = List(around.after, index); });
  program_->all[index].body = std::move(body);
  return index;
}

}  // namespace elevaite::dsl

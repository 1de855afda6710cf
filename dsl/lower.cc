#include "dsl/lower.h"

#include <fmt/format.h>

#include <utility>

#include "dsl/duration.h"
#include "dsl/lowering.h"
#include "dsl/reader.h"

namespace elevaite::dsl {

Lowering::Lowering(const Document& document, const syntax::Workflow& workflow,
                   const FunctionCatalog& functions, RemoteFunctions& remote, const Limits& limits,
                   Diagnostics& diagnostics)
    : workflow_(workflow),
      functions_(functions),
      remote_(remote),
      limits_(limits),
      diagnostics_(diagnostics),
      own_expressions_(document, workflow.secrets, workflow.is_loose, diagnostics),
      own_source_{workflow, own_expressions_, diagnostics, "", nullptr} {
  program_->definition = document.root().value();
}

std::shared_ptr<const Program> Lowering::Run() {
  CheckDefinitions();
  program_->name_space = workflow_.name_space;
  program_->name = workflow_.name;
  program_->version = workflow_.version;
  program_->title = workflow_.title;
  program_->summary = workflow_.summary;
  program_->tags = workflow_.tags;
  program_->metadata = workflow_.metadata;
  program_->secrets = workflow_.secrets;
  program_->input_schema = Schema(workflow_.input.schema);
  program_->output_schema = Schema(workflow_.output.schema);
  program_->input_from = Shape(workflow_.input.value, Site::kWorkflowInput);
  program_->output_as = Shape(workflow_.output.value, Site::kWorkflowOutput);
  if (workflow_.timeout) program_->timeout = DurationOf(workflow_.timeout, Site::kWorkflowInput);
  if (workflow_.schedule) program_->schedule = Schedule(*workflow_.schedule);
  program_->all.reserve(workflow_.task_count);
  program_->tasks = List(workflow_.tasks, kNoTask);
  for (auto& [place, schema] : schemas_) {
    if (schema != nullptr) program_->schemas.push_back(std::move(schema));
  }
  return std::move(program_);
}

// Functions and extensions are lowered where they are used; each is looked at once all the same, used or not.
void Lowering::CheckDefinitions() {
  const auto kept = std::exchange(program_, std::make_shared<Program>());
  is_checking_ = true;
  for (const auto& [name, place] : workflow_.authentications) ObjectOf(place, vocabulary::Get("policy"));
  const Targets none;
  for (const auto& [name, task] : workflow_.functions) LowerTask(task, {.targets = &none});
  for (const syntax::Extension& extension : workflow_.extensions) {
    Condition(extension.when, Site::kIf);
    List(extension.before, kNoTask);
    List(extension.after, kNoTask);
  }
  is_checking_ = false;
  program_ = kept;
}

void Lowering::Check() {
  is_checking_ = true;
  List(workflow_.tasks, kNoTask);
}

TaskList Lowering::List(const std::vector<syntax::Task>& tasks, TaskIndex parent, bool are_branches) {
  const Targets targets = are_branches ? Targets() : Targets(tasks);
  TaskList list;
  list.reserve(tasks.size());
  for (const syntax::Task& task : tasks) {
    list.push_back(
        LowerTask(task, {.parent = parent,
                         .position = static_cast<std::uint32_t>(list.size()),
                         .targets = &targets,
                         .list_size = are_branches ? 0U : static_cast<std::uint32_t>(tasks.size())}));
  }
  return list;
}

TaskIndex Lowering::LowerTask(const syntax::Task& source, const Spot& spot) {
  if (const auto extension = NextExtension(source, spot.extensions_passed)) {
    return LowerExtended(source, spot, *extension);
  }
  const TaskKind kind = IsFunction(source) ? TaskKind::kFunction : source.kind.value_or(TaskKind::kSet);
  const TaskIndex index = AddTask(source, spot, kind);
  auto condition = Condition(source.condition, Site::kIf);
  auto input_from = Shape(source.input.value, Site::kTaskInput);
  auto output_as = Shape(source.output.value, Site::kTaskOutput);
  auto export_as = Shape(source.export_.value, Site::kTaskExport);
  auto body = Body(source, index, spot);
  Task& task = program_->all[index];  // the body may have added tasks behind it
  task.condition = std::move(condition);
  task.input_schema = Schema(source.input.schema);
  task.input_from = std::move(input_from);
  task.output_as = std::move(output_as);
  task.output_schema = Schema(source.output.schema);
  task.export_as = std::move(export_as);
  task.export_schema = Schema(source.export_.schema);
  if (source.timeout) task.timeout = DurationOf(source.timeout, Site::kTaskInput);
  if (source.bounds) task.bounds = Bounds(*source.bounds);
  task.body = std::move(body);
  return index;
}

// A task with what it has before anything in it is looked at; it holds its place in the order of the text.
TaskIndex Lowering::AddTask(const syntax::Task& source, const Spot& spot, TaskKind kind) {
  const auto index = static_cast<TaskIndex>(program_->all.size());
  const syntax::Task& shown = source_->call != nullptr ? *source_->call : source;
  program_->all.push_back(
      {.index = index,
       .parent = spot.parent,
       .position = spot.is_wrapped ? 0 : spot.position,  // the wrapper's list has just the task
       .kind = kind,
       .name = source.name,
       .reference = source_->prefix + source.pointer,
       .line = shown.name_range.begin.line,
       .column = shown.name_range.begin.column,
       .definition = source.definition.value(),
       .then = spot.is_wrapped ? Flow{} : Resolve(source.then, spot),
       .body = SetTask{Template::Literal(Json())}});
  return index;
}

decltype(Task::body) Lowering::Body(const syntax::Task& source, TaskIndex index, const Spot& spot) {
  if (!source.kind) return SetTask{Template::Literal(Json())};
  switch (*source.kind) {
    case TaskKind::kSet: return SetTask{Value(source.value)};
    case TaskKind::kDo: return DoTask{List(source.tasks, index)};
    case TaskKind::kSwitch: return Switch(source, spot);
    case TaskKind::kFor: return For(source, index);
    case TaskKind::kFork: return ForkTask{source.compete, List(source.tasks, index, true)};
    case TaskKind::kTry: return Try(source, index, spot);
    case TaskKind::kRaise: return RaiseTask{Error(source.value)};
    case TaskKind::kWait: return WaitTask{DurationOf(source.value)};
    case TaskKind::kCall:
      if (IsFunction(source)) return Function(source, index);
      return Call(source);
    case TaskKind::kEmit: return Emit(source);
    case TaskKind::kListen: return Listen(source, index);
    case TaskKind::kRun: return RunProcess(source);
    case TaskKind::kFunction:
    case TaskKind::kExtended: break;  // never in the syntax tree
  }
  return SetTask{Template::Literal(Json())};
}

// Functions and extensions that are written out many times must not make a program of any size.
bool Lowering::MayGrow(const syntax::Task& source) {
  if (program_->all.size() < limits_.tasks_max) return true;
  if (!has_overgrown_) {
    SayOfCall(Code::kTooManyTasks, source,
              fmt::format("with its functions and extensions the workflow has more than {} tasks",
                          limits_.tasks_max),
              "move parts into workflows of their own, called with `run`");
  }
  has_overgrown_ = true;
  return false;
}

// Of what stands in a fetched function: at the call that led there.
void Lowering::SayOfCall(Code code, const syntax::Task& call, std::string message, std::string hint) {
  const syntax::Task& shown = source_->call != nullptr ? *source_->call : call;
  diagnostics_.Add(code, shown.name_range, shown.pointer, std::move(message), std::move(hint));
}

CallBounds Lowering::Bounds(const syntax::Bounds& source) {
  const auto bound = [this](const Field& field) {
    return field ? std::optional(DurationOf(field, Site::kTaskInput)) : std::nullopt;
  };
  return {.queued = bound(source.queued),
          .attempt = bound(source.attempt),
          .heartbeat = bound(source.heartbeat),
          .is_long = source.is_long};
}

Flow Lowering::Resolve(const std::optional<syntax::Flow>& flow, const Spot& spot) const {
  return flow ? spot.targets->Resolve(flow->target).value_or(Flow{}) : Flow{};
}

Duration Lowering::DurationOf(const Field& field, Site site) {
  if (!field) return {};
  const Json& value = field->node.value();
  if (value.IsString() && ScanText(value.AsString()).kind != TextKind::kLiteral)
    return {.computed = Value(field, site)};
  return {.microseconds = ParseDuration(value).value_or(0)};
}

std::optional<Expression> Lowering::Condition(const Field& field, Site site) {
  return field ? source_->expressions.Field(*field, At(site)) : std::nullopt;
}

// `from` and `as`: an expression, or a mapping with expressions inside.
std::optional<Template> Lowering::Shape(const Field& field, Site site) {
  if (!field) return std::nullopt;
  if (!field->node.IsScalar()) return source_->expressions.Value(*field, At(site));
  auto expression = source_->expressions.Field(*field, At(site));
  if (!expression) return std::nullopt;
  return Template::Computed(*std::move(expression));
}

void Lowering::Say(Code code, const Place& place, std::string message, std::string hint) {
  source_->diagnostics.Add(code, place.range(), place.pointer, std::move(message), std::move(hint));
}

Template Lowering::Value(const Field& field, Site site) {
  return field ? source_->expressions.Value(*field, At(site)) : Template::Literal(Json());
}

std::shared_ptr<const Program> Lower(const Document& document, const syntax::Workflow& workflow,
                                     const FunctionCatalog& functions, RemoteFunctions& remote,
                                     const Limits& limits, Diagnostics& diagnostics) {
  return Lowering(document, workflow, functions, remote, limits, diagnostics).Run();
}

void CheckExpressions(const Document& document, const syntax::Workflow& workflow,
                      const FunctionCatalog& functions, RemoteFunctions& remote, const Limits& limits,
                      Diagnostics& diagnostics) {
  Lowering(document, workflow, functions, remote, limits, diagnostics).Check();
}

}  // namespace elevaite::dsl

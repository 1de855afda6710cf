#include "dsl/lower.h"

#include <utility>

#include "dsl/arguments.h"
#include "dsl/duration.h"
#include "dsl/error_types.h"
#include "dsl/expression.h"
#include "dsl/flow.h"
#include "dsl/reader.h"

namespace elevaite::dsl {
namespace {

using syntax::Field;
using syntax::Place;

class Lowering {
 public:
  Lowering(const Document& document, const syntax::Workflow& workflow, const FunctionCatalog& functions,
           Diagnostics& diagnostics)
      : document_(document),
        workflow_(workflow),
        functions_(functions),
        expressions_(document, diagnostics) {}

  std::shared_ptr<const Program> Run() {
    program_->name_space = workflow_.name_space;
    program_->name = workflow_.name;
    program_->version = workflow_.version;
    program_->title = workflow_.title;
    program_->summary = workflow_.summary;
    program_->tags = workflow_.tags;
    program_->metadata = workflow_.metadata;
    program_->definition = document_.root().value();
    program_->input_from = Shape(workflow_.input_from, Site::kWorkflowInput);
    program_->output_as = Shape(workflow_.output_as, Site::kWorkflowOutput);
    program_->all.reserve(workflow_.task_count);
    program_->tasks = List(workflow_.tasks, kNoTask, false);
    return std::move(program_);
  }

 private:
  VariableScope At(Site site) const { return {site, &locals_}; }

  TaskList List(const std::vector<syntax::Task>& tasks, TaskIndex parent, bool are_branches) {
    const Targets targets = are_branches ? Targets() : Targets(tasks);
    TaskList list;
    list.reserve(tasks.size());
    for (const syntax::Task& task : tasks) {
      list.push_back(LowerTask(task, parent, static_cast<std::uint32_t>(list.size()), targets));
    }
    return list;
  }

  TaskIndex LowerTask(const syntax::Task& source, TaskIndex parent, std::uint32_t position,
                      const Targets& targets) {
    const auto index = static_cast<TaskIndex>(program_->all.size());
    Task task{.index = index,
              .parent = parent,
              .position = position,
              .kind = source.kind.value_or(TaskKind::kSet),
              .name = source.name,
              .reference = source.pointer,
              .line = source.name_range.begin.line,
              .column = source.name_range.begin.column,
              .definition = source.definition.value(),
              .condition = Condition(source.condition, Site::kIf),
              .input_from = Shape(source.input_from, Site::kTaskInput),
              .output_as = Shape(source.output_as, Site::kTaskOutput),
              .export_as = Shape(source.export_as, Site::kTaskExport),
              .then = Resolve(source.then, targets),
              .body = SetTask{Template::Literal(Json())}};
    program_->all.push_back(std::move(task));  // holds its place; the body may add tasks behind it
    auto body = Body(source, index, targets);
    program_->all[index].body = std::move(body);
    return index;
  }

  decltype(Task::body) Body(const syntax::Task& source, TaskIndex index, const Targets& targets) {
    if (!source.kind) return SetTask{Template::Literal(Json())};
    switch (*source.kind) {
      case TaskKind::kSet: return SetTask{Value(source.value)};
      case TaskKind::kDo: return DoTask{List(source.tasks, index, false)};
      case TaskKind::kSwitch: return Switch(source, targets);
      case TaskKind::kFor: return For(source, index);
      case TaskKind::kFork: return ForkTask{source.compete, List(source.tasks, index, true)};
      case TaskKind::kTry: return Try(source, index, targets);
      case TaskKind::kRaise: return RaiseTask{Error(source.value)};
      case TaskKind::kWait: return WaitTask{DurationOf(source.value)};
      case TaskKind::kCall: return Call(source);
    }
    return SetTask{Template::Literal(Json())};
  }

  SwitchTask Switch(const syntax::Task& source, const Targets& targets) {
    SwitchTask out;
    for (const syntax::Case& entry : source.cases) {
      out.cases.push_back({entry.name, Condition(entry.when, Site::kBody), Resolve(entry.then, targets)});
    }
    return out;
  }

  ForTask For(const syntax::Task& source, TaskIndex index) {
    // `in` is looked at before the loop: its variables do not exist there.
    Template in = Template::Literal(Json());
    if (source.value && source.value->node.IsScalar()) {
      if (auto expression = expressions_.Field(*source.value, At(Site::kBody)))
        in = Template::Computed(*std::move(expression));
    } else {
      in = Value(source.value);
    }
    ForTask out{.each = source.each, .at = source.at, .in = std::move(in)};
    locals_.push_back(source.each);
    locals_.push_back(source.at);
    out.while_condition = Condition(source.while_condition, Site::kBody);
    out.tasks = List(source.tasks, index, false);
    locals_.resize(locals_.size() - 2);
    return out;
  }

  CallTask Call(const syntax::Task& source) {
    // What an unsupported call takes follows rules of its own: nothing to say about it yet.
    const bool known = CalleeOf(source, workflow_, functions_) != Callee::kUnsupported;
    if (!source.value || !known) return {source.function, Template::Literal(Json::EmptyObject())};
    Template arguments = Value(source.value);
    const FunctionInfo* info = functions_.Find(source.function);
    if (info && info->input["properties"].IsObject()) {
      for (const auto& [name, schema] : info->input["properties"].AsObject()) {
        if (schema["format"] == Json("uri-template"))
          arguments = arguments.WithUriTemplateAt(name.AsString());
      }
    }
    return {source.function, std::move(arguments)};
  }

  TryTask Try(const syntax::Task& source, TaskIndex index, const Targets& targets) {
    TryTask out;
    out.tasks = List(source.tasks, index, false);
    out.error_filter = source.error_filter;
    out.as = source.catch_as;
    out.catch_then = Resolve(source.catch_then ? source.catch_then : source.then, targets);
    locals_.push_back(source.catch_as);
    out.when = Condition(source.catch_when, Site::kBody);
    out.except_when = Condition(source.catch_except_when, Site::kBody);
    if (source.retry) out.retry = Retry(*source.retry);
    out.catch_tasks = List(source.catch_tasks, index, false);
    locals_.pop_back();
    return out;
  }

  RetryPolicy Retry(const syntax::Retry& source) {
    return RetryPolicy{.when = Condition(source.when, Site::kBody),
                       .except_when = Condition(source.except_when, Site::kBody),
                       .delay = DurationOf(source.delay),
                       .backoff = source.backoff,
                       .factor = source.factor,
                       .increment_us = source.increment_us,
                       .delay_max_us = source.delay_max_us,
                       .attempts_max = source.count,
                       .total_us = source.total_us,
                       .jitter_from_us = source.jitter_from_us,
                       .jitter_to_us = source.jitter_to_us};
  }

  // The members of an error; the type in its normal form, `instance` left to the runtime.
  Template Error(const Field& field) {
    std::vector<std::pair<std::string, Template>> members;
    if (!field) return Template::Literal(Json());
    for (const yaml::Member& member : field->node.members()) {
      if (member.key == "instance") continue;
      const Place place{member.value, Child(field->pointer, member.key), member.key_range};
      const bool is_literal_type =
          member.key == "type" && ScanText(member.value.text()).kind == TextKind::kLiteral;
      members.emplace_back(member.key, is_literal_type
                                           ? Template::Literal(NormalizeErrorType(member.value.text()))
                                           : expressions_.Value(place, At(Site::kBody)));
    }
    return Template::Object(std::move(members));
  }

  Duration DurationOf(const Field& field) {
    if (!field) return {};
    const Json& value = field->node.value();
    if (value.IsString() && ScanText(value.AsString()).kind != TextKind::kLiteral)
      return {.computed = Value(field)};
    return {.microseconds = ParseDuration(value).value_or(0)};
  }

  std::optional<Expression> Condition(const Field& field, Site site) {
    return field ? expressions_.Field(*field, At(site)) : std::nullopt;
  }

  // `from` and `as`: an expression, or a mapping with expressions inside.
  std::optional<Template> Shape(const Field& field, Site site) {
    if (!field) return std::nullopt;
    if (!field->node.IsScalar()) return expressions_.Value(*field, At(site));
    auto expression = expressions_.Field(*field, At(site));
    if (!expression) return std::nullopt;
    return Template::Computed(*std::move(expression));
  }

  Template Value(const Field& field) {
    return field ? expressions_.Value(*field, At(Site::kBody)) : Template::Literal(Json());
  }

  static Flow Resolve(const std::optional<syntax::Flow>& flow, const Targets& targets) {
    return flow ? targets.Resolve(flow->target).value_or(Flow{}) : Flow{};
  }

  const Document& document_;
  const syntax::Workflow& workflow_;
  const FunctionCatalog& functions_;
  ExpressionCompiler expressions_;
  std::vector<std::string> locals_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
};

}  // namespace

std::shared_ptr<const Program> Lower(const Document& document, const syntax::Workflow& workflow,
                                     const FunctionCatalog& functions, Diagnostics& diagnostics) {
  return Lowering(document, workflow, functions, diagnostics).Run();
}

}  // namespace elevaite::dsl

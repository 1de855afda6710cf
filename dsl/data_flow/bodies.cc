// What each kind of task does with the types.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dsl/data_flow/walk.h"

namespace elevaite::dsl::data_flow {

using types::Member;
using types::Openness;
using types::Presence;
using types::Type;

namespace {

constexpr types::Kinds kNotNull = types::kAnyKind & static_cast<types::Kinds>(~types::kNull);

// Raised by a document, a connector or another workflow: its members may be anything.
const Type& ErrorType() {
  static const Type type = Type::Object({{"type", Type::Any(), Presence::kOptional},
                                         {"status", Type::Any(), Presence::kOptional},
                                         {"title", Type::Any(), Presence::kOptional},
                                         {"detail", Type::Any(), Presence::kOptional},
                                         {"instance", Type::Any(), Presence::kOptional}},
                                        Openness::kOpen);
  return type;
}

// A CloudEvent as the hub hands it on.
const Type& Envelope() {
  static const Type type = Type::Object({{"specversion", Type::String()},
                                         {"id", Type::String()},
                                         {"source", Type::String()},
                                         {"type", Type::String()},
                                         {"time", Type::Any(), Presence::kOptional},
                                         {"data", Type::Any(), Presence::kOptional}},
                                        Openness::kOpen);
  return type;
}

Type ReadAs(EventRead read) {
  if (read == EventRead::kEnvelope) return Envelope();
  return read == EventRead::kRaw ? Type::String() : Type::Any();
}

// The event that is made of `attributes`: null ones are left out, and some are filled in.
Type Emitted(const Type& attributes) {
  if (!attributes.Has(types::kObject)) return Type::Never();
  std::vector<Member> members;
  for (const char* name : {"specversion", "id", "source", "type", "time"})
    members.push_back({name, Type::String()});
  for (const Member& given : attributes.members()) {
    const bool is_filled = std::ranges::find(members, given.name, &Member::name) != members.end();
    if (is_filled) continue;
    const bool is_data = given.name == "data";
    const Type type = is_data ? given.type : given.type.Only(kNotNull);
    const bool stays = given.presence == Presence::kRequired && (is_data || !given.type.Has(types::kNull));
    if (!type.IsNever())
      members.push_back({given.name, type, stays ? Presence::kRequired : Presence::kOptional});
  }
  return Type::Object(std::move(members), attributes.is_open() ? Openness::kOpen : Openness::kClosed);
}

bool HasItems(const Template& list) {
  const Json* literal = list.literal();
  return literal != nullptr ? literal->IsArray() && literal->Size() > 0 : !list.items().empty();
}

}  // namespace

State Walk::Body(const TaskRun& run) {
  return std::visit([&](const auto& body) { return Body(run, body); }, run.task.body);
}

State Walk::Body(const TaskRun& run, const SetTask& body) {
  return run.start.WithData(Of(run, body.value, "/set"));
}

State Walk::Body(const TaskRun& run, const DoTask& body) { return VisitList(body.tasks, run.start).All(); }

State Walk::Body(const TaskRun& run, const RaiseTask& body) {
  Of(run, body.error, "/raise/error");
  return {};
}

State Walk::Body(const TaskRun& run, const WaitTask& body) {
  Look(run, body.duration, "/wait");
  return run.start;
}

State Walk::Body(const TaskRun& run, const CallTask& body) {
  const bool is_process = run.task.kind == TaskKind::kRun;
  const std::string pointer = is_process ? "/run/" + body.function.substr(4) : "/with";
  const bool fails = Of(run, body.arguments, pointer).IsNever();
  return fails ? State{} : run.start.WithData(values_.OutputOf(body));
}

State Walk::Body(const TaskRun& run, const EmitTask& body) {
  return run.start.WithData(Emitted(Of(run, body.event, "/emit/event/with")));
}

State Walk::Body(const TaskRun& run, const RunTask& body) {
  if (body.has_input && Of(run, body.input, "/run/workflow/input").IsNever()) return {};
  return body.await ? run.start.WithData(Type::Any()) : run.start;
}

State Walk::Body(const TaskRun& run, const FunctionTask& body) {
  const State given = run.start.WithData(Of(run, body.arguments, "/with"));
  return given.IsReached() ? VisitList(body.tasks, given).All() : State{};
}

void Walk::Switch(const TaskRun& run, const SwitchTask& body, Exits& exits) {
  bool has_default = false;
  for (std::size_t i = 0; i < body.cases.size(); ++i) {
    const SwitchTask::Case& one = body.cases[i];
    if (one.when) {
      const Path list{.key = "/switch"};
      const Path item{.parent = &list, .index = i, .is_index = true};
      const Path name{.parent = &item, .key = one.name};
      values_.Of(*one.when, run.start.data, SightOf(run, run.start.context),
                 {.parent = &name, .key = "when"});
    }
    has_default = has_default || !one.when;
  }
  const State out = Complete(run, run.start);
  for (const SwitchTask::Case& one : body.cases) Leave(one.then, out, exits);
  if (!has_default) Leave(run.task.then, out, exits);
}

// Each round gets what the one before put out.
State Walk::Body(const TaskRun& run, const ForTask& body) {
  const Type in = Of(run, body.in, "/for/in");
  if (in.IsNever()) return {};
  if (!in.Has(types::kArray)) {
    const Expression* expression = body.in.expression();
    if (expression == nullptr) return {};
    const auto end = static_cast<std::uint32_t>(expression->text().size());
    values_.Report(SightOf(run, run.start.context), {.key = "/for/in"}, expression->text(),
                   {.kind = types::FindingKind::kNotIterable,
                    .span = {0, end},
                    .message = "`for.in` must give a list, and this is " + Describe(in),
                    .member = {},
                    .known = {}});
    return {};
  }
  const Type items = in.Items();
  const bool has_rounds = HasItems(body.in) && !body.while_condition;
  if (items.IsNever()) return run.start;
  values_.locals().emplace_back(body.each, items);
  values_.locals().emplace_back(body.at, Type::Number());
  const State last = Fixpoint(run.start, [&](const State& round) {
    if (body.while_condition)
      values_.Of(*body.while_condition, round.data, SightOf(run, round.context), {.key = "/while"});
    return VisitList(body.tasks, round).All();
  });
  values_.locals().resize(values_.locals().size() - 2);
  return has_rounds ? last : Join(run.start, last);
}

State Walk::Body(const TaskRun& run, const ForkTask& body) {
  std::vector<State> branches;
  ++forks_;
  for (const TaskIndex index : body.branches) {
    Exits exits;
    VisitTask(program_.all[index], {run.start.data, run.start.context}, exits);
    State& end = branches.emplace_back();
    for (const Exit& exit : exits) end = Join(end, exit.state);
  }
  --forks_;
  const Type& before = run.start.context;
  State out = run.start;
  Type data = Type::Never();
  Type won = Type::Never();
  bool all_write = true;
  for (const State& branch : branches) {
    if (!branch.IsReached()) {
      if (body.compete) continue;
      return {};  // it faults each time, or ends the workflow
    }
    data = Union(data, branch.data);
    won = Union(won, MergeBranch(before, before, branch));
    if (!body.compete) out.context = MergeBranch(before, out.context, branch);
    out.may_have_written = out.may_have_written || branch.may_have_written;
    out.has_written = out.has_written || (branch.has_written && !body.compete);
    all_write = all_write && branch.has_written;
  }
  if (body.compete) {
    out.context = won;
    out.has_written = out.has_written || all_write;
  }
  out.data = body.compete ? data : Type::Array(data);
  See(out);
  return out;
}

// ---- Faults

void Walk::Try(const TaskRun& run, const TryTask& body, Exits& exits) {
  State contexts = run.start;
  State* outer = std::exchange(contexts_, &contexts);
  ListEnds ends;
  const auto pass = [&](const State& start) {
    ends = VisitList(body.tasks, start);
    return contexts.WithData(run.start.data);  // a retry begins with that
  };
  if (body.retry) {
    Fixpoint(run.start, pass);
  } else {
    pass(run.start);
  }
  contexts_ = outer;
  See(contexts);
  const State fault = contexts.WithData(run.start.data);
  const bool redirects = body.catch_then.kind != Flow::Kind::kContinue;
  const bool only_retries = body.retry && body.catch_tasks.empty() && !redirects;
  const State caught = Caught(run, body, fault);
  const State ended = ends.All();
  const bool may_catch = caught.IsReached() && !only_retries;
  const State out = Complete(run, may_catch ? Join(ended, caught) : ended);
  if (ended.IsReached()) Leave(run.task.then, out, exits);
  if (may_catch) Leave(redirects ? body.catch_then : run.task.then, out, exits);
}

// What the list of the catch makes of a fault.
State Walk::Caught(const TaskRun& run, const TryTask& body, const State& fault) {
  values_.locals().emplace_back(body.as, ErrorType());
  const auto look = [&](const Box<Expression>& condition, std::string_view pointer) {
    if (condition) values_.Of(*condition, fault.data, SightOf(run, fault.context), {.key = pointer});
  };
  look(body.when, "/catch/when");
  look(body.except_when, "/catch/exceptWhen");
  if (body.retry) {
    look(body.retry->when, "/catch/retry/when");
    look(body.retry->except_when, "/catch/retry/exceptWhen");
    Look(run, body.retry->delay, "/catch/retry/delay");
  }
  const State caught = VisitList(body.catch_tasks, fault).All();
  values_.locals().pop_back();
  return caught;
}

// ---- Events

State Walk::Body(const TaskRun& run, const ListenTask& body) {
  const Type read = ReadAs(body.read);
  State out = run.start.WithData(Type::Array(read));
  if (body.each) {
    Type outputs = Type::Never();
    const State begin = run.start.WithData(read);
    values_.locals().emplace_back(body.each->item, read);
    values_.locals().emplace_back(body.each->at, Type::Number());
    const State rounds = Fixpoint(begin, [&](const State& round) {
      const State end = Round(run, *body.each, round.WithData(read));
      outputs = end.data;
      return end.IsReached() ? end.WithData(read) : State{};
    });
    values_.locals().resize(values_.locals().size() - 2);
    out = Join(begin, rounds).WithData(Type::Array(outputs));
  }
  Filters(run, body.to, read, out.context, "/listen/to");
  return out;
}

State Walk::Round(const TaskRun& run, const ListenTask::Each& each, const State& in) {
  State out = VisitList(each.tasks, in).All();
  if (!out.IsReached()) return {};
  Sight sight = SightOf(run, out.context);
  Type context = out.context;
  if (each.output_as) out.data = values_.Of(*each.output_as, out.data, sight, {.key = "/foreach/output/as"});
  out.data = values_.Narrowed(out.data, each.output_schema);
  if (each.export_as && out.IsReached()) {
    sight.output = &out.data;
    context = values_.Of(*each.export_as, out.data, sight, {.key = "/foreach/export/as"});
    context = values_.Narrowed(context, each.export_schema);
    out.may_have_written = out.has_written = true;
  }
  if (context.IsNever()) return {};
  out.context = std::move(context);
  See(out);
  return out;
}

// A filter that fails takes no event.
void Walk::Filters(const TaskRun& run, const EventStrategy& strategy, const Type& read, const Type& context,
                   std::string_view pointer) {
  const Sight sight = SightOf(run, context);
  const bool is_one = strategy.mode == EventStrategy::Mode::kOne;
  const std::string list = fmt::format("{}/{}", pointer,
                                       is_one                                       ? "one"
                                       : strategy.mode == EventStrategy::Mode::kAny ? "any"
                                                                                    : "all");
  for (std::size_t i = 0; i < strategy.filters.size(); ++i) {
    const std::string filter = is_one ? list : fmt::format("{}/{}", list, i);
    const Path with{.key = filter};
    for (const AttributeFilter& attribute : strategy.filters[i].with) {
      const Path name{.parent = &with, .key = "with"};
      if (attribute.expression)
        values_.Of(*attribute.expression, Type::Any(), sight, {.parent = &name, .key = attribute.name});
    }
    for (const Correlation& correlation : strategy.filters[i].correlate) {
      const Path correlate{.parent = &with, .key = "correlate"};
      const Path name{.parent = &correlate, .key = correlation.name};
      values_.Of(correlation.from, Envelope(), sight, {.parent = &name, .key = "from"});
      if (correlation.expect)
        values_.Of(*correlation.expect, run.start.data, sight, {.parent = &name, .key = "expect"});
    }
  }
  if (strategy.until_condition) {
    const std::string until = fmt::format("{}/until", pointer);
    values_.Of(*strategy.until_condition, Type::Array(read), sight, {.key = until});
  }
  if (strategy.until_events)
    Filters(run, *strategy.until_events, read, context, fmt::format("{}/until", pointer));
}

}  // namespace elevaite::dsl::data_flow

#include "dsl/data_flow/walk.h"

#include <algorithm>
#include <utility>

namespace elevaite::dsl::data_flow {

using types::Type;

namespace {

constexpr int kRoundsMax = 4;   // of a loop, until what flows through it is given up
constexpr int kDepthMax = 400;  // of tasks inside each other that are looked into
// Loops inside loops: beyond this all of them are given up.
constexpr std::size_t kVisitsAtLeast = 1'000;
constexpr std::size_t kVisitsPerTask = 8;

void AddFlows(const Program& program, const Task& task, std::vector<Flow>& flows) {
  flows.push_back(task.then);
  if (const auto* choice = std::get_if<SwitchTask>(&task.body)) {
    for (const SwitchTask::Case& one : choice->cases) flows.push_back(one.then);
  } else if (const auto* attempt = std::get_if<TryTask>(&task.body)) {
    flows.push_back(attempt->catch_then);
  } else if (const auto* extended = std::get_if<ExtendedTask>(&task.body)) {
    for (const TaskIndex inner : extended->tasks) AddFlows(program, program.all[inner], flows);
  }
}

// The positions that a later task of the list, or the task itself, leads back to.
std::vector<std::uint32_t> BackTargets(const Program& program, const TaskList& tasks) {
  std::vector<std::uint32_t> targets;
  std::vector<Flow> flows;
  for (std::uint32_t i = 0; i < tasks.size(); ++i) {
    flows.clear();
    AddFlows(program, program.all[tasks[i]], flows);
    for (const Flow& flow : flows) {
      if (flow.kind == Flow::Kind::kTask && flow.position <= i) targets.push_back(flow.position);
    }
  }
  std::ranges::sort(targets);
  const auto rest = std::ranges::unique(targets);
  targets.erase(rest.begin(), rest.end());
  return targets;
}

}  // namespace

void Walk::Run() {
  const Type given = values_.Narrowed(Type::Any(), program_.input_schema);
  values_.SetWorkflowInput(given);
  flow_.input =
      program_.input_from ? values_.Of(*program_.input_from, given, {}, {.key = "/input/from"}) : given;
  if (program_.timeout && program_.timeout->computed)
    values_.Of(*program_.timeout->computed, given, {}, {.key = "/timeout/after"});
  const State end = Join(VisitList(program_.tasks, {flow_.input, Type::Null()}).All(), end_);
  flow_.context = end.context;
  flow_.output = end.data;
  if (program_.output_as && end.IsReached())
    flow_.output =
        values_.Of(*program_.output_as, end.data, {.context = &end.context}, {.key = "/output/as"});
  flow_.output = values_.Narrowed(flow_.output, program_.output_schema);
}

// ---- Lists

Walk::ListEnds Walk::VisitList(const TaskList& tasks, const State& in) {
  Jumps back{BackTargets(program_, tasks), {}};
  State jumped;
  if (back.targets.empty()) return Sweep(tasks, in, back, jumped);
  ListEnds ends;
  Fixpoint({}, [&](const State& state) {
    back.state = state;
    jumped = {};
    ends = Sweep(tasks, in, back, jumped);
    return jumped;
  });
  return ends;
}

Walk::ListEnds Walk::Sweep(const TaskList& tasks, const State& in, const Jumps& back, State& jumped) {
  const auto size = static_cast<std::uint32_t>(tasks.size());
  ListEnds ends;
  State next = in;
  std::map<std::uint32_t, State> later;  // by position: what jumps there
  Exits exits;
  for (std::uint32_t i = 0; i < size; ++i) {
    State at = std::exchange(next, {});
    if (const auto jump = later.find(i); jump != later.end()) at = Join(at, jump->second);
    if (std::ranges::binary_search(back.targets, i)) at = Join(at, back.state);
    if (!at.IsReached()) continue;
    exits.clear();
    VisitTask(program_.all[tasks[i]], at, exits);
    for (Exit& exit : exits) {
      const bool jumps = exit.flow.kind == Flow::Kind::kTask && !exit.is_skip;
      const std::uint32_t to = jumps ? std::min(exit.flow.position, size) : i + 1;
      State& place = exit.flow.kind == Flow::Kind::kExit ? ends.left
                     : to <= i                           ? jumped
                     : to == i + 1                       ? next
                                                         : later[to];
      place = place.IsReached() ? Join(place, exit.state) : std::move(exit.state);
    }
  }
  ends.done = std::move(next);
  if (const auto jump = later.find(size); jump != later.end()) ends.done = Join(ends.done, jump->second);
  return ends;
}

bool Walk::IsOver() const {
  return values_.IsSpent() || visits_ > kVisitsAtLeast + kVisitsPerTask * program_.all.size();
}

// Looks at what comes around again until it brings nothing new: `pass` gets what is known at its begin and
// answers what is known where it comes back. The answer is that of the last pass.
State Walk::Fixpoint(State start, const std::function<State(const State&)>& pass) {
  State entry = IsOver() ? State::Any() : std::move(start);
  for (int round = 1;; ++round) {
    const bool is_last = entry == State::Any();
    unsettled_ += is_last ? 0 : 1;
    const State back = pass(entry);
    unsettled_ -= is_last ? 0 : 1;
    const State all = Join(entry, back);
    values_.Spend((all.data.size() + all.context.size()) / 16);
    if (is_last || (all == entry && !IsOver())) return back;
    entry = round >= kRoundsMax || IsOver() ? State::Any() : all;
  }
}

// ---- Tasks

void Walk::VisitTask(const Task& task, const State& in, Exits& exits) {
  // Too much for so many loops: those around will take anything, and come here again with it.
  if (unsettled_ > 0 && IsOver()) return exits.push_back({.flow = {}, .state = State::Any()});
  if (depth_ >= kDepthMax) return PassBy(task, exits);
  ++depth_;
  LookAt(task, in, exits);
  --depth_;
}

// What it does is not looked at: anything may come of it.
void Walk::PassBy(const Task& task, Exits& exits) {
  See(State::Any());
  end_ = Join(end_, State::Any());
  exits.push_back({.flow = {}, .is_skip = true, .state = State::Any()});
  std::vector<Flow> flows{{}};
  AddFlows(program_, task, flows);
  for (const Flow& flow : flows) Leave(flow, State::Any(), exits);
}

void Walk::LookAt(const Task& task, const State& in, Exits& exits) {
  ++visits_;
  values_.Spend((in.data.size() + in.context.size()) / 16);
  values_.Forget(task.index);
  if (const auto* extended = std::get_if<ExtendedTask>(&task.body))
    return VisitExtended(task, *extended, in, exits);
  if (task.condition) {
    values_.Of(*task.condition, in.data, {.task = &task, .context = &in.context, .raw_input = &in.data},
               {.key = "/if"});
    exits.push_back({.flow = {}, .is_skip = true, .state = in});
  }
  Perform(task, in, exits);
}

void Walk::Perform(const Task& task, const State& in, Exits& exits) {
  const Type raw_input = values_.Narrowed(in.data, task.input_schema);
  Type input = raw_input;
  if (task.input_from && !raw_input.IsNever()) {
    input =
        values_.Of(*task.input_from, raw_input,
                   {.task = &task, .context = &in.context, .raw_input = &raw_input}, {.key = "/input/from"});
  }
  if (input.IsNever()) return;
  const TaskRun run{task, raw_input, in.WithData(std::move(input))};
  if (task.timeout && task.timeout->computed) {
    values_.Of(*task.timeout->computed, raw_input,
               {.task = &task, .context = &in.context, .raw_input = &raw_input}, {.key = "/timeout/after"});
  }
  reached_[task.index] = true;
  if (!kept_.empty()) {
    kept_[task.index] = {.is_reached = true,
                         .raw_input = raw_input,
                         .input = run.start.data,
                         .context = in.context,
                         .locals = values_.locals()};
  }
  if (const auto* choice = std::get_if<SwitchTask>(&task.body)) return Switch(run, *choice, exits);
  if (const auto* attempt = std::get_if<TryTask>(&task.body)) return Try(run, *attempt, exits);
  Leave(task.then, Complete(run, Body(run)), exits);
}

State Walk::Complete(const TaskRun& run, State raw) {
  if (!raw.IsReached()) return {};
  State out = raw;
  Sight sight = SightOf(run, raw.context);
  if (run.task.output_as) out.data = values_.Of(*run.task.output_as, raw.data, sight, {.key = "/output/as"});
  out.data = values_.Narrowed(out.data, run.task.output_schema);
  if (!out.IsReached()) return {};
  if (run.task.export_as) {
    sight.output = &out.data;
    out.context = values_.Of(*run.task.export_as, out.data, sight, {.key = "/export/as"});
    out.may_have_written = out.has_written = true;
  }
  out.context = values_.Narrowed(out.context, run.task.export_schema);
  if (out.context.IsNever()) return {};
  if (!kept_.empty()) {
    TaskTypes& types = kept_[run.task.index];
    types.raw_output = raw.data;
    types.output = out.data;
    types.context_after = out.context;
  }
  See(out);
  return out;
}

void Walk::Leave(Flow flow, State state, Exits& exits) {
  if (!state.IsReached()) return;
  if (flow.kind != Flow::Kind::kEnd) return exits.push_back({.flow = flow, .state = std::move(state)});
  // What the other branches have written by then is joined in.
  if (forks_ > 0) state.context = Type::Any();
  end_ = Join(end_, state);
}

// What `before` and `after` put out is dropped; their $context goes on.
void Walk::VisitExtended(const Task& task, const ExtendedTask& body, const State& in, Exits& exits) {
  const ListEnds before = VisitList(body.before, in);
  Leave(task.then, before.left, exits);  // the task is skipped
  State start = before.done.IsReached() ? before.done.WithData(in.data) : State{};
  if (body.when) start = Join(start, in);
  if (!start.IsReached()) return;
  Exits inner;
  VisitTask(program_.all[body.tasks.front()], start, inner);
  State ended;
  for (const Exit& exit : inner) ended = Join(ended, exit.state);
  if (!ended.IsReached()) return;
  State after = VisitList(body.after, ended).All();
  if (body.when) after = Join(after, ended);
  if (!after.IsReached()) return;
  for (const Exit& exit : inner) {
    State state = after.WithData(exit.state.data);
    const bool goes_on = exit.flow.kind == Flow::Kind::kContinue;
    if (exit.is_skip) {
      exits.push_back({.flow = {}, .is_skip = true, .state = std::move(state)});
    } else {
      Leave(goes_on ? task.then : exit.flow, std::move(state), exits);
    }
  }
}

// $context as it may be when something inside the try at hand faults.
void Walk::See(const State& state) {
  if (contexts_ != nullptr) *contexts_ = Join(*contexts_, state);
}

// ---- Values

Type Walk::Of(const TaskRun& run, const Expression& expression, std::string_view pointer) {
  return values_.Of(expression, run.start.data, SightOf(run, run.start.context), {.key = pointer});
}

Type Walk::Of(const TaskRun& run, const Template& value, std::string_view pointer) {
  return values_.Of(value, run.start.data, SightOf(run, run.start.context), {.key = pointer});
}

void Walk::Look(const TaskRun& run, const Duration& duration, std::string_view pointer) {
  if (duration.computed) Of(run, *duration.computed, pointer);
}

}  // namespace elevaite::dsl::data_flow

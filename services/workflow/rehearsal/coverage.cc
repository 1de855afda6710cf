#include "services/workflow/rehearsal/coverage.h"

#include <algorithm>
#include <set>
#include <utility>

#include "foundation/json_pointer.h"

namespace elevaite::rehearsal {
namespace {

using engine::Event;
using engine::EventType;

constexpr std::string_view kTrue = "if true", kFalse = "if false";
constexpr std::string_view kRounds[] = {"no round", "one round", "several rounds"};
constexpr std::string_view kNoError = "no error", kCaught = "error caught", kAgain = "tried again",
                           kUsedUp = "all attempts failed";
constexpr std::string_view kNoCase = "no case";

std::vector<std::string> BranchesOf(const dsl::Program& program, const dsl::Task& task) {
  std::vector<std::string> names;
  if (task.condition) names = {std::string(kTrue), std::string(kFalse)};
  if (const auto* choice = std::get_if<dsl::SwitchTask>(&task.body)) {
    for (const auto& one : choice->cases) names.push_back("case " + one.name);
    if (std::ranges::all_of(choice->cases, [](const auto& one) { return one.when.has_value(); }))
      names.emplace_back(kNoCase);
  } else if (std::holds_alternative<dsl::ForTask>(task.body)) {
    names.insert(names.end(), std::begin(kRounds), std::end(kRounds));
  } else if (const auto* fork = std::get_if<dsl::ForkTask>(&task.body)) {
    for (const dsl::TaskIndex branch : fork->branches) names.push_back("branch " + program.all[branch].name);
  } else if (const auto* attempt = std::get_if<dsl::TryTask>(&task.body)) {
    names.emplace_back(kNoError);
    // Without anything to do then, an error that comes after the last attempt is not caught but goes on
    // outwards.
    const bool is_caught = !attempt->retry || !attempt->catch_tasks.empty() ||
                           attempt->catch_then.kind != dsl::Flow::Kind::kContinue;
    names.emplace_back(is_caught ? kCaught : kUsedUp);
    if (attempt->retry) names.emplace_back(kAgain);
  }
  return names;
}

// Goes through the events of one execution.
class Counter {
 public:
  explicit Counter(Coverage::Workflow& workflow) : workflow_(workflow) {}

  void Add(const Event& event) {
    switch (event.type) {
      case EventType::kTaskSkipped: return Mark(event.task, kFalse);
      case EventType::kTaskStarted: return Begin(event);
      case EventType::kLoopAdvanced: ++frames_[event.frame].rounds; return;
      case EventType::kErrorCaught:
        frames_[event.frame].caught = true;
        return Mark(frames_[event.frame].task, kCaught);
      case EventType::kRetryScheduled: return Mark(frames_[event.frame].task, kAgain);
      case EventType::kTaskCompleted:
      case EventType::kTaskFaulted: Begin(event); return End(event);
      default: return;
    }
  }

 private:
  struct Frame {
    dsl::TaskIndex task = dsl::kNoTask;
    std::uint64_t rounds = 0;
    bool caught = false;
  };

  void Mark(dsl::TaskIndex task, std::string_view what) {
    if (task == dsl::kNoTask) return;
    auto& branches = workflow_.branches;
    for (std::size_t i = workflow_.first_branch[task]; i < branches.size() && branches[i].task == task; ++i)
      if (branches[i].what == what) ++branches[i].count;
  }

  // Tasks that end in the step in which they begin have but one event.
  void Begin(const Event& event) {
    if (event.task == dsl::kNoTask || frames_[event.frame].task != dsl::kNoTask) return;
    frames_[event.frame].task = event.task;
    ++workflow_.runs[event.task];
    const dsl::Task& task = workflow_.program->all[event.task];
    Mark(event.task, kTrue);
    if (task.parent != dsl::kNoTask) Mark(task.parent, "branch " + task.name);
  }

  void End(const Event& event) {
    if (event.task == dsl::kNoTask) return;
    const Frame frame = frames_[event.frame];
    frames_.erase(event.frame);
    const dsl::Task& task = workflow_.program->all[event.task];
    if (task.kind == dsl::TaskKind::kFor) Mark(event.task, kRounds[std::min<std::uint64_t>(frame.rounds, 2)]);
    if (event.type != EventType::kTaskCompleted) return Mark(event.task, kUsedUp);
    if (task.kind == dsl::TaskKind::kTry && !frame.caught) Mark(event.task, kNoError);
    const auto* choice = std::get_if<dsl::SwitchTask>(&task.body);
    if (choice == nullptr) return;
    const std::uint32_t number = event.number;
    if (number == 0 || number > choice->cases.size()) return Mark(event.task, kNoCase);
    Mark(event.task, "case " + choice->cases[number - 1].name);
  }

  Coverage::Workflow& workflow_;
  std::map<engine::FrameId, Frame> frames_;
};

}  // namespace

std::size_t Coverage::Workflow::TasksReached() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(tasks, [this](dsl::TaskIndex task) { return runs[task] > 0; }));
}

std::size_t Coverage::Workflow::BranchesReached() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(branches, [](const Branch& branch) { return branch.count > 0; }));
}

void Coverage::Expect(std::shared_ptr<const dsl::Program> program) { Of(program); }

Coverage::Workflow& Coverage::Of(const std::shared_ptr<const dsl::Program>& program) {
  const std::string name = program->name_space + "." + program->name + ":" + program->version;
  const auto [found, is_new] = by_name_.try_emplace(name);
  Workflow& workflow = found->second;
  if (!is_new) return workflow;
  workflow.program = program;
  workflow.runs.resize(program->all.size());
  for (const dsl::Task& task : program->all) {
    workflow.first_branch.push_back(workflow.branches.size());
    const bool is_written = FindAt(program->definition, task.reference) != nullptr;
    if (!is_written || task.kind == dsl::TaskKind::kExtended) continue;
    workflow.tasks.push_back(task.index);
    for (std::string& what : BranchesOf(*program, task))
      workflow.branches.push_back({task.index, std::move(what)});
  }
  return workflow;
}

void Coverage::Add(const Stage& stage) {
  for (const auto& [id, run] : stage.runs()) AddRun(run);
}

void Coverage::AddRun(const Run& run) {
  Counter counter(Of(run.programs.begin()->second));
  for (const Event& event : run.events) counter.Add(event);
}

std::vector<const Coverage::Workflow*> Coverage::workflows() const {
  std::vector<const Workflow*> all;
  for (const auto& [name, workflow] : by_name_) all.push_back(&workflow);
  return all;
}

Json ToJson(const Coverage::Workflow& workflow) {
  const dsl::Program& program = *workflow.program;
  std::vector<Json> never;
  const auto note = [&](dsl::TaskIndex index, std::string_view what) {
    const dsl::Task& task = program.all[index];
    never.push_back(Json::Object({{"task", task.name}, {"line", task.line}, {"what", what}}));
  };
  for (const dsl::TaskIndex task : workflow.tasks) {
    if (workflow.runs[task] == 0) {
      note(task, "task");
      continue;
    }
    for (std::size_t i = workflow.first_branch[task]; i < workflow.branches.size(); ++i) {
      const Coverage::Branch& branch = workflow.branches[i];
      if (branch.task != task) break;
      if (branch.count == 0) note(task, branch.what);
    }
  }
  const auto count = [](std::size_t reached, std::size_t all) {
    return Json::Object({{"reached", reached}, {"all", all}});
  };
  return Json::Object({{"workflow", program.name_space + "." + program.name},
                       {"version", program.version},
                       {"tasks", count(workflow.TasksReached(), workflow.tasks.size())},
                       {"branches", count(workflow.BranchesReached(), workflow.branches.size())},
                       {"never", Json::Array(std::move(never))}});
}

}  // namespace elevaite::rehearsal

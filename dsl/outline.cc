#include "dsl/outline.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "dsl/duration.h"
#include "dsl/suggest.h"
#include "dsl/vocabulary.h"
#include "foundation/text.h"

namespace elevaite::dsl {
namespace {

using syntax::Task;

std::string Counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string KeysOf(const yaml::Node& node) {
  std::string text;
  for (const yaml::Member& member : node.members()) {
    if (text.size() > 60) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += Excerpt(member.key);
  }
  return text;
}

std::string_view LastSegment(std::string_view uri) {
  const std::size_t slash = uri.rfind('/');
  return slash == std::string_view::npos ? uri : uri.substr(slash + 1);
}

// "GET https://...", or the model, or the arguments' names: whatever says most about a call without knowing
// the function.
std::string DetailOfCall(const Task& task) {
  if (!task.value) return task.function;
  const Json& with = task.value->node.value();
  const Json& endpoint = with["endpoint"].IsObject() ? with["endpoint"]["uri"] : with["endpoint"];
  if (with["method"].IsString() && endpoint.IsString()) {
    std::string method(with["method"].AsString());
    for (char& c : method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return fmt::format("{} {}", Excerpt(method), Excerpt(endpoint.AsString()));
  }
  if (with["model"].IsString())
    return fmt::format("{} with {}", task.function, Excerpt(with["model"].AsString()));
  const std::string keys = KeysOf(task.value->node);
  return keys.empty() ? task.function : fmt::format("{} ({})", task.function, keys);
}

std::string DetailOfTry(const Task& task) {
  std::string text = "catches ";
  const Json& type = task.error_filter["type"];
  const Json& status = task.error_filter["status"];
  if (type.IsString()) text += Excerpt(LastSegment(type.AsString()));
  if (status.IsNumber()) text += (type.IsString() ? " " : "status ") + status.Dump();
  if (!type.IsString() && !status.IsNumber())
    text += task.error_filter.Size() > 0 ? "some errors" : "every error";
  if (task.retry)
    text += task.retry->count ? fmt::format(", retries {} times", *task.retry->count) : ", retries";
  return text;
}

// "one of com.example.paid, com.example.cancelled"
std::string DetailOfStrategy(const syntax::EventStrategy& strategy) {
  if (strategy.filters.empty()) return "every event";
  std::string text;
  for (const syntax::EventFilter& filter : strategy.filters) {
    if (text.size() > 60) return text + ", ...";
    if (!text.empty()) text += strategy.mode == EventStrategy::Mode::kAll ? " and " : " or ";
    const Json& type = filter.with->node.value()["type"];
    text += type.IsString() ? Excerpt(type.AsString()) : "an event";
  }
  return text;
}

std::string DetailOfRun(const syntax::Run& run) {
  const Json& definition = run.definition.node.value();
  std::string text = run.process + " ";
  if (run.process == "workflow") {
    text += fmt::format("{}/{}", Excerpt(definition["namespace"].StringOr("")),
                        Excerpt(definition["name"].StringOr("")));
  } else if (run.process == "container") {
    text += Excerpt(definition["image"].StringOr(""));
  } else {
    text += Excerpt(definition[run.process == "script" ? "language" : "command"].StringOr(""));
  }
  return run.await ? text : text + ", not awaited";
}

std::string DetailOf(const Task& task) {
  if (!task.kind) return {};
  switch (*task.kind) {
    case TaskKind::kSet:
      if (!task.value) return {};
      return task.value->node.IsMapping() ? KeysOf(task.value->node) : Excerpt(task.value->node.text());
    case TaskKind::kDo: return Counted(task.tasks.size(), "task", "tasks");
    case TaskKind::kSwitch: return Counted(task.cases.size(), "case", "cases");
    case TaskKind::kFor: {
      if (!task.value) return fmt::format("each {}", task.each);
      const yaml::Node& in = task.value->node;
      return fmt::format("each {} in {}", task.each,
                         in.IsSequence() ? Counted(in.items().size(), "item", "items") : Excerpt(in.text()));
    }
    case TaskKind::kFork:
      return Counted(task.tasks.size(), "branch", "branches") + (task.compete ? ", the first wins" : "");
    case TaskKind::kTry: return DetailOfTry(task);
    case TaskKind::kRaise: {
      if (!task.value) return {};
      const Json& error = task.value->node.value();
      return fmt::format("{} {}", Excerpt(LastSegment(error["type"].StringOr("error"))),
                         Excerpt(error["status"].Dump()));
    }
    case TaskKind::kWait: {
      if (!task.value) return {};
      const auto literal = ParseDuration(task.value->node.value());
      return literal ? FormatDuration(std::chrono::microseconds(*literal)) : Excerpt(task.value->node.text());
    }
    case TaskKind::kCall: return DetailOfCall(task);
    case TaskKind::kEmit: return task.value ? Excerpt(task.value->node.value()["type"].StringOr("")) : "";
    case TaskKind::kListen: return task.listen ? DetailOfStrategy(task.listen->to) : "";
    case TaskKind::kRun: return task.run ? DetailOfRun(*task.run) : "";
    case TaskKind::kFunction:
    case TaskKind::kExtended: break;  // never in the syntax tree
  }
  return {};
}

Json TargetOf(const std::optional<syntax::Flow>& flow) {
  return flow ? Json(flow->target) : Json("continue");
}

class OutlineBuilder {
 public:
  explicit OutlineBuilder(const FunctionCatalog& functions) : functions_(functions) {}

  Json List(const std::vector<Task>& tasks) const {
    std::vector<Json> items;
    for (const Task& task : tasks) {
      if (!task.name.empty()) items.push_back(One(task));
    }
    return Json::Array(std::move(items));
  }

 private:
  Json One(const Task& task) const {
    if (task.function == vocabulary::kSaga) return Saga(task);
    std::vector<Json::Member> members = Head(task, task.kind_name, DetailOf(task));
    if (const FunctionInfo* function = task.function.empty() ? nullptr : functions_.Find(task.function);
        function != nullptr && !function->icon.empty()) {
      members.emplace_back("icon", function->icon);
    }
    AddPlace(task, members);
    if (task.kind == TaskKind::kFork) {
      members.emplace_back("branches", List(task.tasks));
      members.emplace_back("compete", task.compete);
    } else if (task.kind == TaskKind::kDo || task.kind == TaskKind::kFor || task.kind == TaskKind::kTry ||
               task.iterator) {
      members.emplace_back("children", List(task.tasks));
    }
    if (task.kind == TaskKind::kSwitch) members.emplace_back("cases", Cases(task));
    if (task.kind == TaskKind::kTry) members.emplace_back("catch", List(task.catch_tasks));
    if (task.retry) {
      members.emplace_back("retry",
                           Json::Object({{"limit", task.retry->count ? Json(*task.retry->count) : Json()}}));
    }
    return Json::Object(std::move(members));
  }

  static std::vector<Json::Member> Head(const Task& task, std::string_view kind, const std::string& detail) {
    return {{"ref", task.pointer}, {"name", task.name}, {"kind", kind}, {"detail", detail}};
  }

  // As it is written, not as it is written out: one step after the other, each with what undoes it.
  Json Saga(const Task& task) const {
    std::vector<Json> steps;
    AddSteps(task.tasks, steps);
    std::vector<Json::Member> members = Head(task, "call", Counted(steps.size(), "step", "steps"));
    AddPlace(task, members);
    members.emplace_back("role", "saga");
    members.emplace_back("children", Json::Array(std::move(steps)));
    return Json::Object(std::move(members));
  }

  // The steps of a list that a saga is written out with: each is a task, and behind one that can be undone
  // stands a `try` with those that follow.
  void AddSteps(const std::vector<Task>& tasks, std::vector<Json>& steps) const {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].compensates) {
        AddSteps(tasks[i].tasks, steps);
        continue;
      }
      const bool is_guarded = i + 1 < tasks.size() && tasks[i + 1].compensates;
      std::vector<Json::Member> members = Head(tasks[i], tasks[i].kind_name, DetailOf(tasks[i]));
      AddPlace(tasks[i], members);
      members.emplace_back("role", "step");
      members.emplace_back("children", List(tasks[i].tasks));
      members.emplace_back("catch",
                           is_guarded ? List(tasks[i + 1].catch_tasks.front().tasks) : Json::EmptyArray());
      steps.push_back(Json::Object(std::move(members)));
    }
  }

  static void AddPlace(const Task& task, std::vector<Json::Member>& members) {
    members.emplace_back("line", task.name_range.begin.line);
    members.emplace_back("column", task.name_range.begin.column);
    if (task.condition) members.emplace_back("if", task.condition->node.text());
    members.emplace_back("then", TargetOf(task.then));
  }

  static Json Cases(const Task& task) {
    std::vector<Json> cases;
    for (const syntax::Case& entry : task.cases) {
      cases.push_back(Json::Object({{"name", entry.name},
                                    {"when", entry.when ? Json(entry.when->node.text()) : Json()},
                                    {"then", TargetOf(entry.then)}}));
    }
    return Json::Array(std::move(cases));
  }

  const FunctionCatalog& functions_;
};

}  // namespace

Json Outline(const syntax::Workflow& workflow, const FunctionCatalog& functions) {
  return Json::Object({{"tasks", OutlineBuilder(functions).List(workflow.tasks)}});
}

}  // namespace elevaite::dsl

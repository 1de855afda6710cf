#include "dsl/tools/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dsl/reader.h"
#include "dsl/suggest.h"
#include "dsl/tools/flow_targets.h"
#include "dsl/tools/pointer.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl::tools {
namespace {

constexpr std::string_view kDo[] = {"do"};
constexpr std::string_view kBranches[] = {"fork", "branches"};
constexpr std::string_view kTry[] = {"try"};
constexpr std::string_view kCatch[] = {"catch", "do"};
constexpr std::string_view kForeach[] = {"foreach", "do"};
constexpr std::string_view kSubscription[] = {"with", "subscription", "foreach", "do"};
constexpr std::string_view kSagaSteps[] = {"with", "steps"};
constexpr std::string_view kUndo[] = {"undo"};
using Steps = std::span<const std::string_view>;
constexpr Steps kLists[] = {kDo, kBranches, kTry, kCatch, kForeach, kSubscription, kSagaSteps, kUndo};
constexpr std::size_t kDepthMax = 200;
// Tasks in tasks with monstrous names would have ids that are as long together as the square of the document.
constexpr std::size_t kIdBytesMax = 4096;

bool IsSame(Steps a, Steps b) { return a.data() == b.data(); }

const yaml::Node* NodeBelow(const yaml::Node& node, Steps steps) {
  const yaml::Node* at = &node;
  for (const std::string_view step : steps) {
    const yaml::Member* member = at->Find(step);
    if (member == nullptr) return nullptr;
    at = &member->value;
  }
  return at;
}

bool IsListOf(const yaml::Node& task, Steps steps) {
  const yaml::Node* list = NodeBelow(task, steps);
  return list != nullptr && IsTaskList(list->value());
}

std::string Below(std::string_view pointer, Steps steps) {
  std::string out(pointer);
  for (const std::string_view step : steps) out = Child(out, step);
  return out;
}

// `value` with the member at `steps` changed; the mappings on the way are made.
Json WithBelow(const Json& value, Steps steps, const Json& member) {
  const Json object = value.IsObject() ? value : Json::EmptyObject();
  const std::string_view key = steps.front();
  if (steps.size() == 1) return Json::WithMember(object, key, member);
  return Json::WithMember(object, key, WithBelow(object[key], steps.subspan(1), member));
}

class GraphBuilder {
 public:
  explicit GraphBuilder(std::span<const Diagnostic> diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) problems_[diagnostic.pointer].push_back(&diagnostic);
  }

  Json Build(const yaml::Node& root) {
    Json rest = root.value();
    if (IsListOf(root, kDo)) {
      rest = WithBelow(rest, kDo, Json::EmptyArray());
      List(*NodeBelow(root, kDo), "/do", {}, {});
    }
    return Json::Object({{"nodes", Json::Array(std::move(nodes_))},
                         {"edges", Json::Array(std::move(edges_))},
                         {"document", rest}});
  }

 private:
  void List(const yaml::Node& list, const std::string& pointer, const std::string& parent, Steps steps) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < list.items().size(); ++i) {
      ids.push_back(Child(Child(pointer, i), list.items()[i].members().front().key));
    }
    if (!parent.empty()) Enter(parent, ids, steps);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const yaml::Member& task = list.items()[i].members().front();
      Task(task, ids[i], pointer, parent, i);
    }
    Flow(list.value(), ids, pointer, IsSame(steps, kBranches));
  }

  void Task(const yaml::Member& task, const std::string& id, const std::string& list,
            const std::string& parent, std::size_t position) {
    const std::size_t place = nodes_.size();
    nodes_.emplace_back();  // parents stand before their children
    Json definition = task.value.value();
    if (definition["for"].IsObject()) loops_.insert(id);
    for (const Steps steps : TaskListsOf(task.value.value())) {
      if (id.size() > kIdBytesMax || !IsListOf(task.value, steps)) continue;
      definition = WithBelow(definition, steps, Json::EmptyArray());
      List(*NodeBelow(task.value, steps), Below(id, steps), id, steps);
    }
    std::vector<Json::Member> members{
        {"id", id}, {"kind", KindOfTask(task.value.value())}, {"name", task.key}};
    if (!parent.empty()) members.emplace_back("parent", parent);
    members.emplace_back("list", list);
    members.emplace_back("position", position);
    members.emplace_back("definition", std::move(definition));
    members.emplace_back("line", task.key_range.begin.line);
    members.emplace_back("column", task.key_range.begin.column);
    if (Json problems = ProblemsOf(id); problems.Size() > 0) {
      members.emplace_back("problems", std::move(problems));
    }
    nodes_[place] = Json::Object(std::move(members));
  }

  // Of the task itself: those of the tasks in it have been taken away already.
  Json ProblemsOf(const std::string& id) {
    std::vector<Json> list;
    for (auto at = problems_.lower_bound(id); at != problems_.end() && at->first.starts_with(id);) {
      const bool is_inside = at->first.size() == id.size() || at->first[id.size()] == '/';
      if (!is_inside) {
        ++at;
        continue;
      }
      for (const Diagnostic* problem : at->second) {
        list.push_back(Json::Object({{"code", TextOf(problem->code)},
                                     {"severity", NameOf(problem->severity)},
                                     {"message", problem->message}}));
      }
      at = problems_.erase(at);
    }
    return Json::Array(std::move(list));
  }

  void Edge(std::string_view from, std::string_view to, std::string_view kind, std::string_view label = {}) {
    std::vector<Json::Member> members{{"from", from}, {"to", to}, {"kind", kind}};
    if (!label.empty()) members.emplace_back("label", label);
    edges_.push_back(Json::Object(std::move(members)));
  }

  void Enter(const std::string& parent, const std::vector<std::string>& ids, Steps steps) {
    if (ids.empty()) return;
    if (IsSame(steps, kBranches)) {
      for (const std::string& id : ids) Edge(parent, id, "branch");
      return;
    }
    const bool is_for = IsSame(steps, kDo) && loops_.contains(parent);
    const bool is_loop = is_for || IsSame(steps, kForeach) || IsSame(steps, kSubscription);
    const bool is_undo = IsSame(steps, kUndo);
    Edge(parent, ids.front(),
         is_loop                 ? "loop"
         : IsSame(steps, kCatch) ? "catch"
         : is_undo               ? "undo"
                                 : "sequence");
  }

  void Flow(const Json& list, const std::vector<std::string>& ids, const std::string& pointer,
            bool branches) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < list.Size(); ++i) places.emplace(NameOfItem(list.At(i)), i);
    const auto target = [&](const FlowTarget& flow) -> std::optional<std::string_view> {
      if (flow.name == "end" || flow.name == "exit") return flow.name;
      if (flow.name == "continue")
        return flow.task + 1 < ids.size() ? std::string_view(ids[flow.task + 1]) : "exit";
      const auto found = places.find(flow.name);
      return found == places.end() ? std::nullopt : std::optional<std::string_view>(ids[found->second]);
    };
    std::vector<bool> goes_on(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) goes_on[i] = GoesOn(list.At(i)[NameOfItem(list.At(i))]);
    const Tokens path = *ParsePointer(pointer);
    for (const FlowTarget& flow : FlowTargets(list, path)) {
      const bool is_plain = flow.of == FlowTarget::Of::kTask;
      if (is_plain && flow.name == "continue") continue;
      if (is_plain) goes_on[flow.task] = false;
      const auto to = target(flow);
      if (!to || branches) continue;
      Edge(ids[flow.task], *to,
           is_plain                           ? "then"
           : flow.of == FlowTarget::Of::kCase ? "case"
                                              : "catch",
           flow.label);
    }
    for (std::size_t i = 0; i + 1 < ids.size() && !branches; ++i) {
      if (goes_on[i]) Edge(ids[i], ids[i + 1], "sequence");
    }
  }

  // Whether the flow may go on behind a task that names no target.
  static bool GoesOn(const Json& definition) {
    if (definition.Find("raise") != nullptr) return false;
    const Json& cases = definition["switch"];
    return !cases.IsArray() || std::ranges::none_of(cases.AsArray(), [](const Json& item) {
      const Json& entry = item[NameOfItem(item)];
      return entry.IsObject() && entry.Find("when") == nullptr;
    });
  }

  std::map<std::string, std::vector<const Diagnostic*>> problems_;
  std::unordered_set<std::string> loops_;
  std::vector<Json> nodes_;
  std::vector<Json> edges_;
};

// Nodes to lists of tasks.
class DocumentBuilder {
 public:
  Result<Json> Build(const Json& graph) {
    const Json& nodes = graph["nodes"];
    if (!nodes.IsArray() || !graph["document"].IsObject()) {
      return Fail(ErrorCode::kInvalidArgument, "a graph has a list of `nodes` and a `document`");
    }
    for (std::size_t i = 0; i < nodes.Size(); ++i) {
      const Json& node = nodes.At(i);
      if (!node["id"].IsString() || !node["name"].IsString() || !node["list"].IsString() ||
          !node["position"].IsNumber()) {
        return Fail(
            ErrorCode::kInvalidArgument,
            fmt::format("nodes[{}]: a node has texts `id`, `name` and `list` and a number `position`", i));
      }
      lists_[std::string(node["list"].AsString())].push_back(&node);
    }
    for (auto& [pointer, list] : lists_) {
      std::ranges::sort(list, [](const Json* a, const Json* b) {
        const int order = Json::Compare((*a)["position"], (*b)["position"]);
        return order != 0 ? order < 0 : a < b;  // neighbours in one list of nodes
      });
    }
    Json document = graph["document"];
    if (lists_.contains("/do")) {
      ASSIGN_OR_RETURN(const Json tasks, List("/do", 0));
      document = Json::WithMember(std::move(document), "do", tasks);
    }
    if (lists_.empty()) return document;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no node has the list {}", Excerpt(lists_.begin()->first)),
                "a `list` is \"/do\", or the id of a node and the way to a list of its definition");
  }

 private:
  Result<Json> List(const std::string& pointer, std::size_t depth) {
    if (depth > kDepthMax) return Fail(ErrorCode::kInvalidArgument, "the nodes are nested too deep");
    const auto found = lists_.find(pointer);
    const std::vector<const Json*> nodes = std::move(found->second);
    lists_.erase(found);
    std::vector<Json> items;
    for (const Json* node : nodes) {
      Json definition = (*node)["definition"];
      for (const Steps steps : kLists) {
        const std::string list = Below((*node)["id"].AsString(), steps);
        if (!lists_.contains(list)) continue;
        ASSIGN_OR_RETURN(const Json tasks, List(list, depth + 1));
        definition = WithBelow(definition, steps, tasks);
      }
      items.push_back(Json::Object({{(*node)["name"].AsString(), std::move(definition)}}));
    }
    return Json::Array(std::move(items));
  }

  std::map<std::string, std::vector<const Json*>> lists_;
};

}  // namespace

std::string_view KindOfTask(const Json& definition) {
  static constexpr std::string_view kKinds[] = {"for", "call", "emit",   "fork", "listen", "raise",
                                                "run", "set",  "switch", "try",  "wait",   "do"};
  if (!definition.IsObject()) return {};
  const auto* found =
      std::ranges::find_if(kKinds, [&](std::string_view kind) { return definition.Find(kind) != nullptr; });
  return found == std::end(kKinds) ? std::string_view() : *found;
}

std::vector<std::span<const std::string_view>> TaskListsOf(const Json& definition) {
  const std::string_view call = definition.IsObject() ? definition["call"].StringOr("") : "";
  std::vector<Steps> lists;
  for (const Steps steps : kLists) {
    if (IsSame(steps, kSubscription) && call != "asyncapi") continue;
    if (IsSame(steps, kSagaSteps) && call != vocabulary::kSaga) continue;
    lists.push_back(steps);
  }
  return lists;
}

bool IsTaskList(const Json& value) {
  return value.IsArray() && std::ranges::all_of(value.AsArray(), [](const Json& item) {
           return item.IsObject() && item.Size() == 1;
         });
}

Json ToGraph(const yaml::Node& document, std::span<const Diagnostic> diagnostics) {
  return GraphBuilder(diagnostics).Build(document);
}

Result<Json> FromGraph(const Json& graph) { return DocumentBuilder().Build(graph); }

}  // namespace elevaite::dsl::tools

// The graph as a flowchart: tasks with lists are subgraphs. An edge from a subgraph into itself is left out:
// mermaid does not draw it, and the frame says it.
#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/tools/graph.h"
#include "foundation/utf8.h"

namespace elevaite::dsl::tools {
namespace {

constexpr std::size_t kLabelBytesMax = 60;

std::string Label(std::string_view text) {
  const std::string_view cut = Utf8Prefix(text, kLabelBytesMax);
  std::string out;
  for (const char c : cut) {
    if (c == '"') {
      out += "#quot;";
    } else if (c == '#') {
      out += "#35;";
    } else if (c == '<' || c == '>') {
      out += c == '<' ? "#lt;" : "#gt;";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  if (cut.size() < text.size()) out += "...";
  return out;
}

class Chart {
 public:
  explicit Chart(const Json& graph) : graph_(graph) {
    for (const Json& node : graph["nodes"].AsArray()) {
      names_.emplace(node["id"].AsString(), "n" + std::to_string(names_.size()));
      lists_[std::string(node["list"].AsString())].push_back(&node);
      if (node.Find("parent") != nullptr)
        children_[std::string(node["parent"].AsString())][node["list"].AsString()];
    }
  }

  std::string Draw() {
    out_ = "flowchart TD\n";
    List("/do", 1);
    for (const Json& edge : graph_["edges"].AsArray()) Edge(edge);
    return std::move(out_);
  }

 private:
  void Line(std::size_t depth, std::string_view text) {
    out_ += std::string(depth * 2, ' ');
    out_ += text;
    out_ += '\n';
  }

  void List(const std::string& pointer, std::size_t depth) {
    for (const Json* node : lists_[pointer]) Node(*node, depth);
  }

  void Node(const Json& node, std::size_t depth) {
    const std::string id(node["id"].AsString());
    const std::string& name = names_[id];
    const std::string kind(node["kind"].AsString());
    const std::string detail =
        kind == "call" ? "call " + std::string(node["definition"]["call"].StringOr("")) : kind;
    const std::string label = fmt::format("\"{}<br/>{}\"", Label(node["name"].AsString()), Label(detail));
    const auto lists = children_.find(id);
    if (lists == children_.end()) {
      if (kind == "switch") return Line(depth, name + "{" + label + "}");
      if (kind == "raise") return Line(depth, name + "[[" + label + "]]");
      return Line(depth, name + "[" + label + "]");
    }
    Line(depth, fmt::format("subgraph {}[{}]", name, label));
    for (const auto& [list, unused] : lists->second) {
      const bool is_undo = list == id + "/undo";
      const bool is_apart = is_undo || list.ends_with("/catch/do");
      if (is_apart) Line(depth + 1, fmt::format("subgraph {}c[\"{}\"]", name, is_undo ? "undo" : "catch"));
      List(std::string(list), depth + (is_apart ? 2 : 1));
      if (is_apart) Line(depth + 1, "end");
    }
    Line(depth, "end");
  }

  void Edge(const Json& edge) {
    const std::string_view from = edge["from"].AsString();
    const std::string_view to = edge["to"].AsString();
    if (to.starts_with(from) && to.size() > from.size() && to[from.size()] == '/') return;
    const auto target = names_.find(std::string(to));
    const std::string end = target != names_.end() ? target->second
                            : to == "end"          ? "done([\"end\"])"
                                                   : "left([\"exit\"])";
    const std::string_view arrow = edge["kind"].AsString() == "catch" ? "-.->" : "-->";
    const std::string label =
        edge.Find("label") == nullptr ? "" : fmt::format("|\"{}\"|", Label(edge["label"].AsString()));
    Line(1, fmt::format("{} {}{} {}", names_[std::string(from)], arrow, label, end));
  }

  const Json& graph_;
  std::unordered_map<std::string, std::string> names_;
  std::unordered_map<std::string, std::vector<const Json*>> lists_;
  std::unordered_map<std::string, std::map<std::string_view, bool>> children_;
  std::string out_;
};

}  // namespace

std::string ToMermaid(const Json& graph) { return Chart(graph).Draw(); }

}  // namespace elevaite::dsl::tools

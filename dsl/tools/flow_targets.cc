#include "dsl/tools/flow_targets.h"

#include <utility>

namespace elevaite::dsl::tools {
namespace {

Tokens Below(std::span<const std::string> path, std::initializer_list<std::string> more) {
  Tokens tokens(path.begin(), path.end());
  tokens.insert(tokens.end(), more);
  return tokens;
}

void OfTask(const Json& definition, const Tokens& path, std::size_t index, std::vector<FlowTarget>& targets) {
  const auto add = [&](const Json& owner, Tokens at, FlowTarget::Of of, std::string label) {
    const Json& then = owner["then"];
    if (!then.IsString()) return;
    targets.push_back({std::move(at), std::string(then.AsString()), index, of, std::move(label),
                       of == FlowTarget::Of::kCase});
  };
  add(definition, Below(path, {"then"}), FlowTarget::Of::kTask, {});
  add(definition["catch"], Below(path, {"catch", "then"}), FlowTarget::Of::kCatch, {});
  const Json& cases = definition["switch"];
  for (std::size_t i = 0; cases.IsArray() && i < cases.Size(); ++i) {
    const std::string name(NameOfItem(cases.At(i)));
    if (!name.empty()) {
      add(cases.At(i)[name], Below(path, {"switch", std::to_string(i), name, "then"}), FlowTarget::Of::kCase,
          name);
    }
  }
}

}  // namespace

bool IsDirective(std::string_view target) {
  return target == "continue" || target == "exit" || target == "end";
}

std::string_view NameOfItem(const Json& item) {
  return item.IsObject() && item.Size() == 1 ? item.AsObject().front().key.AsString() : std::string_view();
}

std::vector<FlowTarget> FlowTargets(const Json& list, std::span<const std::string> path) {
  std::vector<FlowTarget> targets;
  for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
    const std::string name(NameOfItem(list.At(i)));
    if (!name.empty()) OfTask(list.At(i)[name], Below(path, {std::to_string(i), name}), i, targets);
  }
  return targets;
}

std::optional<std::string> SuccessorOf(const Json& list, std::size_t index, const FlowTarget& target) {
  const Json& own = list.At(index)[NameOfItem(list.At(index))]["then"];
  if (own.IsString() && own.AsString() != "continue" && own.AsString() != target.name)
    return std::string(own.AsString());
  const std::size_t next = index + 1;
  const std::size_t natural = target.task + 1 == index ? index + 1 : target.task + 1;
  if (next == natural || (next >= list.Size() && natural >= list.Size())) return std::nullopt;
  if (next >= list.Size()) return "exit";
  const std::string name(NameOfItem(list.At(next)));
  return name.empty() ? std::nullopt : std::optional(name);
}

}  // namespace elevaite::dsl::tools

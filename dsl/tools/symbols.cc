#include "dsl/tools/symbols.h"

#include <algorithm>
#include <utility>

#include "dsl/functions.h"
#include "dsl/reader.h"
#include "dsl/tools/cursor.h"
#include "dsl/tools/flow_targets.h"
#include "dsl/tools/graph.h"
#include "dsl/tools/place.h"
#include "dsl/tools/scope.h"
#include "dsl/tools/source.h"

namespace elevaite::dsl::tools {
namespace {

using Path = std::span<const std::string>;

// What stands in tasks with longer ones, by monstrous names, is left out.
constexpr std::size_t kPointerBytesMax = 4096;

yaml::Range Whole(const yaml::Range& name, const yaml::Node& value) {
  const bool follows = value.range().begin > name.begin;
  return {name.begin, follows && value.range().end > name.end ? value.range().end : name.end};
}

std::vector<Symbol> TasksOf(const yaml::Node& list, const std::string& pointer);

Symbol TaskSymbol(const yaml::Member& member, std::string pointer) {
  Symbol symbol{.name = std::string(member.key),
                .kind = std::string(KindOfTask(member.value.value())),
                .pointer = std::move(pointer),
                .range = Whole(member.key_range, member.value),
                .selection = member.key_range};
  for (const auto steps : TaskListsOf(member.value.value())) {
    const yaml::Node* list = &member.value;
    std::string at = symbol.pointer;
    for (const std::string_view step : steps) {
      const yaml::Member* next = list == nullptr ? nullptr : list->Find(step);
      list = next == nullptr ? nullptr : &next->value;
      at = Child(at, step);
    }
    if (list == nullptr || symbol.pointer.size() > kPointerBytesMax || !IsTaskList(list->value())) continue;
    auto children = TasksOf(*list, at);
    std::ranges::move(children, std::back_inserter(symbol.children));
  }
  return symbol;
}

std::vector<Symbol> TasksOf(const yaml::Node& list, const std::string& pointer) {
  std::vector<Symbol> symbols;
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const yaml::Node& item = list.items()[i];
    if (item.members().size() != 1) continue;
    const yaml::Member& member = item.members().front();
    symbols.push_back(TaskSymbol(member, Child(Child(pointer, i), member.key)));
  }
  return symbols;
}

Symbol UseSymbol(const yaml::Member& use) {
  Symbol group{.name = "use",
               .kind = "use",
               .pointer = "/use",
               .range = Whole(use.key_range, use.value),
               .selection = use.key_range};
  for (const yaml::Member& section : use.value.members()) {
    const std::string pointer = Child("/use", section.key);
    Symbol part{.name = std::string(section.key),
                .kind = std::string(section.key),
                .pointer = pointer,
                .range = Whole(section.key_range, section.value),
                .selection = section.key_range};
    for (const yaml::Member& entry : section.value.members()) {
      part.children.push_back({.name = std::string(entry.key),
                               .kind = std::string(section.key),
                               .pointer = Child(pointer, entry.key),
                               .range = Whole(entry.key_range, entry.value),
                               .selection = entry.key_range});
    }
    if (section.key == "extensions") part.children = TasksOf(section.value, pointer);
    group.children.push_back(std::move(part));
  }
  return group;
}

const yaml::Member* MemberAt(const yaml::Node& root, Path path) {
  const yaml::Node* node = &root;
  const yaml::Member* member = nullptr;
  for (const std::string& token : path) {
    if (node->IsSequence()) {
      const auto index = IndexOf(token);
      if (!index || *index >= node->items().size()) return nullptr;
      node = &node->items()[*index];
      member = nullptr;
    } else {
      member = node->Find(token);
      if (member == nullptr) return nullptr;
      node = &member->value;
    }
  }
  return member;
}

// The key that refers to definitions of a section, and the key that one stands under.
struct Referrer {
  std::string_view section;
  std::string_view key;
};
constexpr Referrer kReferrers[] = {{"retries", "retry"},
                                   {"errors", "error"},
                                   {"timeouts", "timeout"},
                                   {"authentications", "use"},
                                   {"functions", "call"}};

void CollectUses(const yaml::Node& node, std::string_view key, std::string_view name,
                 std::vector<yaml::Range>& ranges) {
  for (const yaml::Node& item : node.items()) CollectUses(item, key, name, ranges);
  for (const yaml::Member& member : node.members()) {
    const bool is_use = member.key == key && member.value.IsScalar() && member.value.text() == name;
    if (is_use) ranges.push_back(member.value.range());
    if (!member.value.IsScalar()) CollectUses(member.value, key, name, ranges);
  }
}

}  // namespace

std::vector<Symbol> Symbols(std::string_view text) {
  std::vector<Symbol> symbols;
  const auto source = Source::Read(std::string(text));
  if (!source) return symbols;
  if (const yaml::Member* use = source->root().Find("use")) symbols.push_back(UseSymbol(*use));
  if (const yaml::Member* tasks = source->root().Find("do")) {
    auto list = TasksOf(tasks->value, "/do");
    std::ranges::move(list, std::back_inserter(symbols));
  }
  return symbols;
}

std::optional<Named> NameAt(std::string_view text, yaml::Position position) {
  const Cursor cursor = FindCursor(text, position);
  if (cursor.token.empty()) return std::nullopt;
  Tokens path = cursor.path;
  if (cursor.at == Cursor::At::kKey) {
    path.push_back(cursor.token);
    const auto task = TaskDepth(cursor.tree, path);
    if (task && *task == path.size()) return Named{std::move(path), cursor.token, true};
    const bool defines = path.size() == 3 && path[0] == "use";
    return defines ? std::optional(Named{std::move(path), cursor.token, false}) : std::nullopt;
  }
  if (cursor.at != Cursor::At::kValue) return std::nullopt;
  const auto place = Places(cursor.tree, EmptyCatalog()).At(path);
  if (!place || place->value == nullptr) return std::nullopt;
  if (place->value->Is(vocabulary::kFlow)) {
    const auto task = TaskDepth(cursor.tree, path);
    if (!task) return std::nullopt;
    Tokens list(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(*task) - 2);
    const Json& items = *ValueAt(cursor.tree, list);
    for (std::size_t i = 0; i < items.Size(); ++i) {
      if (NameOfItem(items.At(i)) != cursor.token) continue;
      list.push_back(std::to_string(i));
      list.push_back(cursor.token);
      return Named{std::move(list), cursor.token, true};
    }
    return std::nullopt;
  }
  std::string_view section = place->value->reference;
  if (!path.empty() && path.back() == "call") section = "functions";
  if (section.empty()) return std::nullopt;
  return Named{{"use", std::string(section), cursor.token}, cursor.token, false};
}

std::optional<yaml::Range> DefinitionOf(std::string_view text, const Named& named) {
  const auto source = Source::Read(std::string(text));
  if (!source) return std::nullopt;
  const yaml::Member* member = MemberAt(source->root(), named.path);
  return member != nullptr ? std::optional(member->key_range) : std::nullopt;
}

std::vector<yaml::Range> ReferencesOf(std::string_view text, const Named& named) {
  std::vector<yaml::Range> ranges;
  const auto source = Source::Read(std::string(text));
  if (!source) return ranges;
  if (const yaml::Member* member = MemberAt(source->root(), named.path)) ranges.push_back(member->key_range);
  if (named.is_task) {
    const Path list = Path(named.path).first(named.path.size() - 2);
    const Json* items = ValueAt(source->root().value(), list);
    for (const FlowTarget& target : FlowTargets(items != nullptr ? *items : Json(), list)) {
      const yaml::Member* then = target.name == named.name ? MemberAt(source->root(), target.path) : nullptr;
      if (then != nullptr) ranges.push_back(then->value.range());
    }
    return ranges;
  }
  const auto* referrer = std::ranges::find(kReferrers, named.path[1], &Referrer::section);
  if (referrer != std::end(kReferrers)) CollectUses(source->root(), referrer->key, named.name, ranges);
  return ranges;
}

Json ToJson(const yaml::Range& range) {
  const auto position = [](yaml::Position p) {
    return Json::Object({{"line", p.line}, {"column", p.column}});
  };
  return Json::Object({{"from", position(range.begin)}, {"to", position(range.end)}});
}

Json ToJson(const Symbol& symbol) {
  std::vector<Json> children;
  for (const Symbol& child : symbol.children) children.push_back(ToJson(child));
  return Json::Object({{"name", symbol.name},
                       {"kind", symbol.kind},
                       {"pointer", symbol.pointer},
                       {"range", ToJson(symbol.range)},
                       {"selection", ToJson(symbol.selection)},
                       {"children", Json::Array(std::move(children))}});
}

}  // namespace elevaite::dsl::tools

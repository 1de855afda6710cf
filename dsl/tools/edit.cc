#include "dsl/tools/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dsl/suggest.h"
#include "dsl/tools/flow_targets.h"
#include "dsl/tools/pointer.h"
#include "dsl/tools/source.h"
#include "dsl/tools/text_edit.h"

namespace elevaite::dsl::tools {
namespace {

using Path = std::span<const std::string>;

// A task of the document: the item of a list with one member, its name.
struct TaskPlace {
  Tokens path;  // up to the name
  std::size_t index = 0;
  std::string name;
  Path list() const { return Path(path).first(path.size() - 2); }
  Path item() const { return Path(path).first(path.size() - 1); }
};

bool HasSplicesInOrder(std::vector<Splice> splices) {
  std::ranges::sort(splices, {}, [](const Splice& s) { return std::pair(s.offset, s.length); });
  for (std::size_t i = 1; i < splices.size(); ++i) {
    if (splices[i - 1].offset + splices[i - 1].length > splices[i].offset) return false;
  }
  return true;
}

bool HasName(const Json& list, std::string_view name) {
  return std::ranges::any_of(list.AsArray(), [&](const Json& item) { return item.Find(name) != nullptr; });
}

class Editor {
 public:
  explicit Editor(Source source)
      : source_(std::move(source)), first_(source_), changes_(source_.text().size()) {}

  Result<> Do(const Json& operation) {
    struct Kind {
      std::string_view name;
      Result<> (Editor::*run)(const Json&);
      std::vector<std::string_view> members;
    };
    static const Kind kKinds[] = {{"add", &Editor::Add, {"list", "at", "name", "task"}},
                                  {"replace", &Editor::Replace, {"task", "definition"}},
                                  {"move", &Editor::Move, {"task", "list", "at"}},
                                  {"rename", &Editor::Rename, {"task", "name"}},
                                  {"delete", &Editor::Delete, {"task"}},
                                  {"set", &Editor::Set, {"at", "value"}},
                                  {"unset", &Editor::Unset, {"at"}}};
    const std::string_view name = operation["op"].StringOr("");
    const auto* kind = std::ranges::find(kKinds, name, &Kind::name);
    if (kind == std::end(kKinds)) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("there is no operation {}", Quote(name)),
                  "`op` is add, replace, move, rename, delete, set or unset");
    }
    for (const auto& [key, value] : operation.AsObject()) {
      if (key.AsString() == "op" || std::ranges::find(kind->members, key.AsString()) != kind->members.end())
        continue;
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` has no member {}", name, Quote(key.AsString())),
                  fmt::format("it has {}", ListOf(kind->members, "and")));
    }
    return (this->*kind->run)(operation);
  }

  Edited Finish() && {
    Edited edited{.source = source_.text(), .repairs = std::move(repairs_)};
    for (Splice& splice : changes_.List()) {
      edited.changes.push_back({.from = first_.PositionOf(splice.offset),
                                .to = first_.PositionOf(splice.offset + splice.length),
                                .insert = std::move(splice.insert)});
    }
    return edited;
  }

 private:
  const Json& model() const { return source_.root().value(); }

  using Splices = Result<std::vector<Splice>>;

  // Applies what `make` proposes when the text that it gives has the value `wanted`. Where a text of several
  // lines does not get along with what stands below it, it is written on one.
  template <class Make>
  Result<> Commit(const Make& make, const Json& wanted) {
    Style style = StyleOf(source_);
    for (const bool literals : {true, false}) {
      style.literals = literals;
      ASSIGN_OR_RETURN(const std::vector<Splice> splices, make(TextEdit(source_, style)));
      if (!HasSplicesInOrder(splices)) continue;
      auto next = Source::Read(Spliced(source_.text(), splices));
      if (!next && next.error().too_large) {
        return Fail(ErrorCode::kPayloadTooLarge, "the document would be too large: " + next.error().message);
      }
      if (!next || next->root().value().Dump() != wanted.Dump()) continue;
      changes_.Apply(splices);
      source_ = *std::move(next);
      return {};
    }
    return Fail(ErrorCode::kInvalidArgument, "this part is laid out in a way that cannot be changed in place",
                "format the document first; a part with an anchor (&) cannot go while an alias (*) needs it");
  }

  static Result<Tokens> PointerIn(const Json& operation, std::string_view member) {
    const Json& value = operation[member];
    auto tokens = value.IsString() ? ParsePointer(value.AsString()) : std::nullopt;
    if (!tokens) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("`{}` must be a JSON Pointer", member),
                  "for example /do/0/name");
    }
    return *std::move(tokens);
  }

  static Result<std::string> NameIn(const Json& operation) {
    const Json& name = operation["name"];
    if (name.IsString() && name.Size() > 0) return std::string(name.AsString());
    return Fail(ErrorCode::kInvalidArgument, "`name` must be a text that is not empty");
  }

  Result<TaskPlace> TaskIn(const Json& operation) const {
    ASSIGN_OR_RETURN(Tokens path, PointerIn(operation, "task"));
    const auto none = [&] {
      return Fail(ErrorCode::kNotFound, fmt::format("there is no task at {}", Excerpt(PointerOf(path))),
                  "a task's pointer is its list, its index and its name: /do/0/name");
    };
    if (path.size() < 3) return none();
    const Json* list = ValueAt(model(), Path(path).first(path.size() - 2));
    const auto index = IndexOf(path[path.size() - 2]);
    if (list == nullptr || !list->IsArray() || !index) return none();
    const Json& item = list->At(*index);
    if (!item.IsObject() || item.Size() != 1 || item.Find(path.back()) == nullptr) return none();
    std::string name = path.back();
    return TaskPlace{std::move(path), *index, std::move(name)};
  }

  // Where in a list of `size` items `at` is.
  static Result<std::size_t> IndexIn(const Json& operation, std::size_t size) {
    const Json& at = operation["at"];
    if (at.IsNull()) return size;
    const std::int64_t index = at.IntOr(-1);
    if (index >= 0 && static_cast<std::size_t>(index) <= size) return static_cast<std::size_t>(index);
    return Fail(ErrorCode::kInvalidArgument, fmt::format("`at` must be a number from 0 to {}", size));
  }

  // A definition as a value, or as YAML text.
  static Result<Json> DefinitionIn(const Json& operation, std::string_view member) {
    const Json& given = operation[member];
    if (given.IsObject()) return given;
    if (!given.IsString()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("`{}` must be an object, or YAML text of one", member));
    }
    const auto node = yaml::Read(given.AsString(), {.bytes_max = kSourceBytesMax, .depth_max = kDepthMax});
    if (!node) return Fail(node.error().ToError(fmt::format("`{}`", member)));
    if (!node->IsMapping()) {
      return Fail(ErrorCode::kInvalidArgument, fmt::format("the text of `{}` must be a mapping", member));
    }
    return node->value();
  }

  // Puts an item in; its own text when it has one that fits, else the value written anew.
  Result<> Insert(const Tokens& list, std::size_t at, Item item) {
    const Json* value = ValueAt(model(), list);
    if (value == nullptr) {
      const Path owner = Path(list).first(list.size() - 1);
      const Json added = Json::Array({item.value});
      const Json wanted = Changed(model(), owner, [&](const Json& o) {
        return Json::WithMember(o.IsNull() ? Json::EmptyObject() : o, list.back(), added);
      });
      return Commit([&](const TextEdit& text) { return text.AddMember(owner, list.back(), added); }, wanted);
    }
    const Json wanted = Changed(model(), list, [&](const Json& l) {
      return l.IsNull() ? Json::Array({item.value}) : WithInserted(l, at, item.value);
    });
    const auto insert = [&](const TextEdit& text) { return text.InsertItem(list, at, item); };
    if (item.lines) {
      if (Commit(insert, wanted)) return {};
      item.lines.reset();
    }
    return Commit(insert, wanted);
  }

  Result<> CheckList(const Tokens& list) const {
    const auto none = [&] {
      return Fail(ErrorCode::kNotFound, fmt::format("there is no list at {}", Excerpt(PointerOf(list))));
    };
    if (list.empty()) return none();
    const Json* value = ValueAt(model(), list);
    if (value != nullptr && (value->IsArray() || value->IsNull())) return {};
    const Json* owner = ValueAt(model(), Path(list).first(list.size() - 1));
    if (value == nullptr && owner != nullptr && owner->IsObject()) return {};
    return none();
  }

  static Error NameTaken(std::string_view name) {
    return {.code = ErrorCode::kConflict,
            .message = fmt::format("the name {} is taken in this list", Quote(name)),
            .hint = "names are unique in a list; choose another"};
  }

  // ---- Operations

  Result<> Add(const Json& operation) {
    ASSIGN_OR_RETURN(const Tokens list, PointerIn(operation, "list"));
    ASSIGN_OR_RETURN(const std::string name, NameIn(operation));
    ASSIGN_OR_RETURN(const Json definition, DefinitionIn(operation, "task"));
    RETURN_IF_ERROR(CheckList(list));
    const Json* value = ValueAt(model(), list);
    ASSIGN_OR_RETURN(const std::size_t at, IndexIn(operation, value == nullptr ? 0 : value->Size()));
    if (value != nullptr && value->IsArray() && HasName(*value, name)) return Fail(NameTaken(name));
    Item item{.value = Json::Object({{std::string_view(name), definition}})};
    if (operation["task"].IsString()) item.lines = LinesOfText(name, operation["task"].AsString());
    return Insert(list, at, std::move(item));
  }

  // Block text keeps its layout and comments.
  std::optional<std::string> LinesOfText(const std::string& name, std::string_view text) const {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] == '{') return std::nullopt;
    const Style style = StyleOf(source_);
    std::string lines = "- " + TextScalar(name, false) + ":" + style.newline;
    const std::size_t first_line = text.rfind('\n', first) + 1;  // npos + 1 is 0
    const std::string indent(2 + style.step - std::min(first - first_line, 2 + style.step), ' ');
    for (std::size_t at = first_line; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (!line.empty()) lines += indent + std::string(line);
      lines += style.newline;
      at = end + 1;
    }
    return lines;
  }

  Result<> Replace(const Json& operation) {
    ASSIGN_OR_RETURN(const TaskPlace task, TaskIn(operation));
    ASSIGN_OR_RETURN(const Json definition, DefinitionIn(operation, "definition"));
    return SetTo(task.path, definition);
  }

  Result<> Rename(const Json& operation) {
    ASSIGN_OR_RETURN(const TaskPlace task, TaskIn(operation));
    ASSIGN_OR_RETURN(const std::string name, NameIn(operation));
    if (name == task.name) return {};
    const Json list = *ValueAt(model(), task.list());
    if (HasName(list, name)) return Fail(NameTaken(name));
    std::vector<FlowTarget> targets = FlowTargets(list, task.list());
    std::erase_if(targets, [&](const FlowTarget& t) { return t.name != task.name || IsDirective(t.name); });
    const Json wanted = Changed(model(), task.list(), [&](const Json& old) {
      std::vector<Json> items(old.AsArray().begin(), old.AsArray().end());
      for (const FlowTarget& target : targets) {
        const Path below = Path(target.path).subspan(task.list().size() + 1);
        items[target.task] = Changed(items[target.task], below, [&](const Json&) { return Json(name); });
      }
      items[task.index] = WithRenamed(items[task.index], task.name, name);
      return Json::Array(std::move(items));
    });
    const auto rename = [&](const TextEdit& text) -> Splices {
      ASSIGN_OR_RETURN(std::vector<Splice> splices, text.RenameKey(task.path, name));
      for (const FlowTarget& target : targets) {
        ASSIGN_OR_RETURN(const std::vector<Splice> change, text.Replace(target.path, name));
        std::ranges::copy(change, std::back_inserter(splices));
      }
      return splices;
    };
    return Commit(rename, wanted);
  }

  Result<> Delete(const Json& operation) {
    ASSIGN_OR_RETURN(const TaskPlace task, TaskIn(operation));
    RETURN_IF_ERROR(RepairTargets(task));
    return Remove(task.item());
  }

  Result<> Move(const Json& operation) {
    ASSIGN_OR_RETURN(const TaskPlace task, TaskIn(operation));
    ASSIGN_OR_RETURN(Tokens list, PointerIn(operation, "list"));
    if (list.size() >= task.path.size() &&
        std::ranges::equal(Path(list).first(task.path.size()), task.path)) {
      return Fail(ErrorCode::kInvalidArgument, "a task cannot be moved into itself");
    }
    RETURN_IF_ERROR(CheckList(list));
    const bool same_list = std::ranges::equal(list, task.list());
    const Json* value = ValueAt(model(), list);
    const std::size_t size = value == nullptr ? 0 : value->Size() - (same_list ? 1 : 0);
    ASSIGN_OR_RETURN(const std::size_t at, IndexIn(operation, size));
    if (same_list && at == task.index) return {};
    if (!same_list) {
      if (value != nullptr && value->IsArray() && HasName(*value, task.name))
        return Fail(NameTaken(task.name));
      RETURN_IF_ERROR(RepairTargets(task));
    }
    ASSIGN_OR_RETURN(Item item, TextEdit(source_, StyleOf(source_)).Take(task.item()));
    RETURN_IF_ERROR(Remove(task.item()));
    // Tasks behind it in its list have moved up, and with them what stands in them.
    const std::size_t depth = task.list().size();
    if (list.size() > depth && std::ranges::equal(Path(list).first(depth), task.list())) {
      const auto index = IndexOf(list[depth]);
      if (index && *index > task.index) list[depth] = std::to_string(*index - 1);
    }
    return Insert(list, at, std::move(item));
  }

  Result<> Set(const Json& operation) {
    ASSIGN_OR_RETURN(const Tokens path, PointerIn(operation, "at"));
    const Json* value = operation.Find("value");
    if (value == nullptr) return Fail(ErrorCode::kInvalidArgument, "`set` needs a `value`");
    return SetTo(path, *value);
  }

  Result<> SetTo(const Tokens& path, Json value) {
    std::size_t depth = 0;  // how much of the path is there
    while (depth < path.size() && ValueAt(model(), Path(path).first(depth + 1)) != nullptr) ++depth;
    if (depth == path.size()) {
      if (ValueAt(model(), path)->Dump() == value.Dump()) return {};
      const Json wanted = path.empty() ? value : Changed(model(), path, [&](const Json&) { return value; });
      return Commit([&](const TextEdit& text) { return text.Replace(path, value); }, wanted);
    }
    for (std::size_t i = path.size(); i > depth + 1; --i)
      value = Json::Object({{std::string_view(path[i - 1]), value}});
    const Path owner = Path(path).first(depth);
    const std::string& key = path[depth];
    const Json& container = *ValueAt(model(), owner);
    if (container.IsArray()) {
      if (key != "-" && IndexOf(key) != container.Size()) {
        return Fail(ErrorCode::kNotFound,
                    fmt::format("{} has {} items", Excerpt(PointerOf(owner)), container.Size()),
                    "`-` is the place behind the last");
      }
      return Insert(Tokens(owner.begin(), owner.end()), container.Size(), {.value = value});
    }
    if (!container.IsObject() && !container.IsNull()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is neither a mapping nor a list", Excerpt(PointerOf(owner))));
    }
    const Json wanted = Changed(model(), owner, [&](const Json& o) {
      return Json::WithMember(o.IsNull() ? Json::EmptyObject() : o, key, value);
    });
    return Commit([&](const TextEdit& text) { return text.AddMember(owner, key, value); }, wanted);
  }

  Result<> Unset(const Json& operation) {
    ASSIGN_OR_RETURN(const Tokens path, PointerIn(operation, "at"));
    if (path.empty() || ValueAt(model(), path) == nullptr) {
      return Fail(ErrorCode::kNotFound, fmt::format("there is nothing at {}", Excerpt(PointerOf(path))));
    }
    return Remove(path);
  }

  Json Without(const Json& root, Path path) const {
    return Changed(root, path.first(path.size() - 1), [&](const Json& owner) {
      return owner.IsArray() ? WithErased(owner, *IndexOf(path.back()))
                             : Json::WithoutMember(owner, path.back());
    });
  }

  Result<> Remove(Path path) {
    return Commit([&](const TextEdit& text) { return text.Erase(path); }, Without(model(), path));
  }

  // `then`s that name a task which leaves its list.
  Result<> RepairTargets(const TaskPlace& task) {
    const Json list = *ValueAt(model(), task.list());
    struct Mend {
      FlowTarget target;
      std::optional<std::string> next;
    };
    std::vector<Mend> mends;
    for (FlowTarget& target : FlowTargets(list, task.list())) {
      if (target.name != task.name || target.task == task.index || IsDirective(target.name)) continue;
      std::optional<std::string> next = SuccessorOf(list, task.index, target);
      if (!next && target.required) next = "continue";
      repairs_.push_back({PointerOf(target.path), task.name, next});
      mends.push_back({std::move(target), std::move(next)});
    }
    if (mends.empty()) return {};
    const Json wanted = Changed(model(), task.list(), [&](const Json& old) {
      std::vector<Json> items(old.AsArray().begin(), old.AsArray().end());
      for (const Mend& mend : mends) {
        const Path below = Path(mend.target.path).subspan(task.list().size() + 1);
        Json& item = items[mend.target.task];
        item = mend.next ? Changed(item, below, [&](const Json&) { return Json(*mend.next); })
                         : Without(item, below);
      }
      return Json::Array(std::move(items));
    });
    const auto mend_all = [&](const TextEdit& text) -> Splices {
      std::vector<Splice> splices;
      for (const Mend& mend : mends) {
        ASSIGN_OR_RETURN(const std::vector<Splice> change, mend.next
                                                               ? text.Replace(mend.target.path, *mend.next)
                                                               : text.Erase(mend.target.path));
        std::ranges::copy(change, std::back_inserter(splices));
      }
      return splices;
    };
    return Commit(mend_all, wanted);
  }

  Source source_;
  Source first_;
  Changes changes_;
  std::vector<Repair> repairs_;
};

Json PositionJson(yaml::Position position) {
  return Json::Object({{"line", position.line}, {"column", position.column}});
}

}  // namespace

Result<Edited> Edit(std::string_view source, const Json& operations) {
  if (!operations.IsArray()) return Fail(ErrorCode::kInvalidArgument, "`operations` must be a list");
  if (operations.Size() > kOperationsMax) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("at most {} operations at once", kOperationsMax));
  }
  if (operations.Size() * source.size() > kWorkBytesMax) {
    return Fail(ErrorCode::kPayloadTooLarge, "too many operations at once for a document of this size",
                "send them in several parts");
  }
  auto read = Source::Read(std::string(source));
  if (!read) {
    Error error = read.error().ToError("the document");
    if (error.code == ErrorCode::kInvalidArgument) error.code = ErrorCode::kInvalidWorkflow;
    return Fail(std::move(error));
  }
  Editor editor(*std::move(read));
  for (std::size_t i = 0; i < operations.Size(); ++i) {
    const Json& operation = operations.At(i);
    auto done = operation.IsObject() ? editor.Do(operation)
                                     : Fail(ErrorCode::kInvalidArgument, "an operation must be an object");
    if (!done) {
      Error error = std::move(done).error();
      error.message = fmt::format("operations[{}]: {}", i, error.message);
      return Fail(std::move(error));
    }
  }
  return std::move(editor).Finish();
}

Json ToJson(const TextChange& change) {
  return Json::Object(
      {{"from", PositionJson(change.from)}, {"to", PositionJson(change.to)}, {"insert", change.insert}});
}

Json ToJson(const Repair& repair) {
  return Json::Object(
      {{"pointer", repair.pointer}, {"from", repair.from}, {"to", repair.to ? Json(*repair.to) : Json()}});
}

}  // namespace elevaite::dsl::tools

#include "dsl/tools/complete.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "dsl/error_types.h"
#include "dsl/jq/jq.h"
#include "dsl/tools/cursor.h"
#include "dsl/tools/flow_targets.h"
#include "dsl/tools/inferred.h"
#include "dsl/tools/place.h"
#include "dsl/tools/render.h"
#include "dsl/tools/scope.h"

namespace elevaite::dsl::tools {
namespace {

using vocabulary::Key;
using vocabulary::Object;
using vocabulary::Value;
using Path = std::span<const std::string>;

constexpr std::string_view kStandardErrors[] = {"configuration",  "validation",    "expression",
                                                "authentication", "authorization", "timeout",
                                                "communication",  "runtime"};

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Completer {
 public:
  Completer(std::string_view source, yaml::Position position, const FunctionCatalog& functions)
      : source_(source),
        cursor_(FindCursor(source, position)),
        functions_(functions),
        places_(cursor_.tree, functions) {
    const std::size_t first = source.find_first_not_of(" \t\r\n");
    json_ = first != std::string_view::npos && source[first] == '{';
  }

  Completions Run() {
    begin_ = cursor_.begin;
    switch (cursor_.at) {
      case Cursor::At::kKey: Keys(); break;
      case Cursor::At::kValue: ValueAt(cursor_.path); break;
      case Cursor::At::kItem: Item(); break;
      case Cursor::At::kNone: break;
    }
    Completions out{.from = PositionOf(begin_),
                    .to = PositionOf(std::max(cursor_.end, begin_)),
                    .items = std::move(items_)};
    return out;
  }

 private:
  yaml::Position PositionOf(std::size_t bytes) const {
    const std::string_view line = source_.substr(cursor_.line_offset);
    return {static_cast<std::uint32_t>(cursor_.line + 1),
            static_cast<std::uint32_t>(ColumnOfBytes(line, bytes) + 1)};
  }

  void Add(Completion item) { items_.push_back(std::move(item)); }

  // A text for the place: in quotes where JSON needs them and none are there.
  std::string AsValue(std::string_view text) const {
    if (cursor_.quote != '\0') return std::string(text);
    return json_ ? TextScalar(text, true, Quotes::kDouble) : TextScalar(text, cursor_.in_brackets);
  }

  // ---- Keys

  void Keys() {
    const auto place = places_.At(cursor_.path);
    const Json schema = places_.SchemaAt(cursor_.path);
    const bool is_free_with = place && place->object != nullptr && place->object->name == "with";
    if (schema["properties"].IsObject() && (!place || place->object == nullptr || is_free_with))
      return SchemaKeys(schema);
    if (!place) return;
    if (place->object == nullptr) {
      if (place->value != nullptr && place->value->Is(vocabulary::kNamedList)) NewItems(*place->value, "- ");
      if (place->value != nullptr && cursor_.typed.empty() && cursor_.token.empty())
        ValueIn(*place->value, cursor_.path);
      return;
    }
    ObjectKeys(*place->object);
  }

  std::set<std::string> Present() const {
    std::set<std::string> present;
    const Json* there = tools::ValueAt(cursor_.tree, cursor_.path);
    if (there == nullptr || !there->IsObject()) return present;
    for (const auto& [key, value] : there->AsObject()) {
      if (key.AsString() != cursor_.token) present.emplace(key.AsString());
    }
    return present;
  }

  void ObjectKeys(const Object& object) {
    const std::set<std::string> present = Present();
    if (!object.instead.empty() && present.contains(std::string(object.instead))) return;
    std::set<std::string_view> excluded;
    for (const auto& group : object.one_of) {
      const bool chosen = std::ranges::any_of(
          group, [&](std::string_view key) { return present.contains(std::string(key)); });
      if (chosen) excluded.insert(group.begin(), group.end());
    }
    if (object.name == "task") TaskKinds();
    for (const bool required : {true, false}) {
      for (const Object* part = &object; part != nullptr;
           part = part->base.empty() ? nullptr : &vocabulary::Get(part->base)) {
        for (const Key& key : part->keys) {
          if (key.required == required && !present.contains(std::string(key.name)) &&
              !excluded.contains(key.name))
            AddKey(key);
        }
      }
    }
  }

  void TaskKinds() {
    for (const std::string_view kind : vocabulary::TaskKinds()) {
      const Object& object = vocabulary::Get("task." + std::string(kind));
      const Key* key = object.Find(kind);
      if (key == nullptr) continue;
      Completion item = KeyItem(*key);
      item.kind = "task";
      item.detail = "task";
      item.documentation = std::string(object.description) + "\n\n" + item.documentation;
      // The other keys that this kind cannot do without.
      for (const Key& other : object.keys) {
        if (!other.required || &other == key || json_ || cursor_.in_brackets) continue;
        item.snippet += "\n" + std::string(cursor_.indent, ' ') + KeySnippet(other, 3);
      }
      Add(std::move(item));
    }
  }

  static std::string Documentation(const Key& key) {
    return key.example.empty()
               ? std::string(key.description)
               : fmt::format("{}\n\n```yaml\n{}: {}\n```", key.description, key.name, key.example);
  }

  // A place to fill in. Editors differ in how they escape braces: examples that have some are left out.
  static std::string Placeholder(int number, std::string_view example) {
    if (example.empty() || example.find_first_of("{}$\\|") != std::string_view::npos)
      return fmt::format("${{{}}}", number);
    return fmt::format("${{{}:{}}}", number, example);
  }

  bool IsNested(const Value& value) const {
    using enum vocabulary::Form;
    const bool scalar = value.Is(kText) || value.Is(kExpression) || value.Is(kEnum) || value.Is(kDuration) ||
                        value.Is(kUri) || value.Is(kReference) || value.Is(kBoolean) || value.Is(kInteger) ||
                        value.Is(kNumber) || value.Is(kAny);
    return !scalar && (value.Is(kObject) || value.Is(kMap) || value.Is(kList) || value.Is(kNamedList)) &&
           !json_ && !cursor_.in_brackets;
  }

  std::string KeySnippet(const Key& key, int number) const {
    const std::string name =
        json_ && cursor_.quote == '\0' ? "\"" + std::string(key.name) + "\"" : std::string(key.name);
    if (json_) return cursor_.quote == '\0' ? name + ": ${0}" : name;
    if (IsNested(key.value)) {
      const std::string deeper = "\n" + std::string(cursor_.indent + 2, ' ');
      const bool list = key.value.Is(vocabulary::kNamedList);
      return name + ":" + deeper +
             (list ? fmt::format("- {}:{}    ${{0}}", Placeholder(number, "name"), deeper) : "${0}");
    }
    const bool closed = key.value.Is(vocabulary::kEnum) && !key.value.values.empty();
    return name + ": " + Placeholder(number, closed ? key.value.values.front() : key.example);
  }

  Completion KeyItem(const Key& key) const {
    std::string insert = json_ && cursor_.quote != '\0' ? std::string(key.name)
                         : json_                        ? "\"" + std::string(key.name) + "\": "
                                 : std::string(key.name) + (IsNested(key.value) ? ":" : ": ");
    // A key that has its colon already is only renamed.
    const bool has_colon = HasColon();
    if (has_colon) insert = std::string(key.name);
    std::string detail = DescribeForms(key.value);
    if (key.required) detail = "required" + (detail.empty() ? "" : "; " + detail);
    return {.label = std::string(key.name),
            .kind = "key",
            .detail = std::move(detail),
            .documentation = Documentation(key),
            .insert = std::move(insert),
            .snippet = has_colon ? "" : KeySnippet(key, 1)};
  }

  void AddKey(const Key& key) { Add(KeyItem(key)); }

  bool HasColon() const {
    const std::string_view line = source_.substr(std::min(cursor_.line_offset + cursor_.end, source_.size()));
    std::size_t at = cursor_.quote != '\0' ? 1 : 0;
    while (at < line.size() && line[at] == ' ') ++at;
    return !cursor_.token.empty() && at < line.size() && line[at] == ':';
  }

  void SchemaKeys(const Json& schema) {
    const std::set<std::string> present = Present();
    const auto is_required = [&](std::string_view key) {
      const Json& list = schema["required"];
      return list.IsArray() &&
             std::ranges::any_of(list.AsArray(), [&](const Json& name) { return name.StringOr("") == key; });
    };
    for (const bool required : {true, false}) {
      for (const auto& [key, property] : schema["properties"].AsObject()) {
        const std::string name(key.AsString());
        if (is_required(name) != required || present.contains(name) ||
            property.Find("x-unsupported") != nullptr)
          continue;
        const std::string type = DescribeSchema(property);
        const std::string text = json_ && cursor_.quote == '\0' ? "\"" + name + "\"" : name;
        const bool only_name = HasColon() || (json_ && cursor_.quote != '\0');
        Add({.label = name,
             .kind = "key",
             .detail = required ? "required" + (type.empty() ? "" : "; " + type) : type,
             .documentation = std::string(property["description"].StringOr("")),
             .insert = only_name ? name : text + ": ",
             .snippet = {}});
      }
    }
  }

  // A new task, case or extension.
  void NewItems(const Value& value, std::string_view dash) {
    if (json_ || cursor_.in_brackets) return;
    const std::string deeper = "\n" + std::string(cursor_.indent + 4, ' ');
    if (value.object != "task") {
      const Object* object = vocabulary::Find(value.object);
      Add({.label = "name:",
           .kind = "name",
           .detail = object != nullptr ? std::string(object->title) : "",
           .documentation = object != nullptr ? std::string(object->description) : "",
           .insert = std::string(dash) + "name:",
           .snippet = std::string(dash) + "${1:name}:" + deeper + "${0}"});
      return;
    }
    for (const std::string_view kind : vocabulary::TaskKinds()) {
      const Object& object = vocabulary::Get("task." + std::string(kind));
      std::string body;
      int number = 2;
      for (const Key& key : object.keys) {
        if (!key.required && key.name != "with") continue;
        body += deeper;
        const bool is_scalar = key.name == "call" || key.name == "wait";
        body += fmt::format("{}: {}", key.name, Placeholder(number++, is_scalar ? key.example : ""));
      }
      Add({.label = std::string(kind),
           .kind = "task",
           .detail = "new task",
           .documentation = std::string(object.description),
           .insert = fmt::format("{}name:{}{}: ", dash, deeper, kind),
           .snippet = fmt::format("{}${{1:name}}:{}", dash, body)});
    }
  }

  // ---- Values

  void Item() {
    const auto place = places_.At(cursor_.path);
    if (!place || place->value == nullptr) return;
    const Value& value = *place->value;
    if (value.Is(vocabulary::kNamedList)) return NewItems(value, "");
    if (value.element != nullptr) ValueIn(*value.element, cursor_.path);
  }

  void ValueAt(const Tokens& path) {
    const auto place = places_.At(path);
    const Json schema = places_.SchemaAt(path);
    const bool is_expression = place && place->value != nullptr && place->value->Is(vocabulary::kExpression);
    if (const auto before = ExpressionBefore(cursor_.typed, is_expression)) return Expression(*before);
    if (place && place->value != nullptr) {
      if (place->owner != nullptr && place->key != nullptr) Special(*place->owner, place->key->name);
      ValueIn(*place->value, path);
    }
    SchemaValue(schema);
  }

  void Text(std::string_view text, std::string_view kind, std::string_view detail,
            std::string documentation = {}) {
    Add({.label = std::string(text),
         .kind = std::string(kind),
         .detail = std::string(detail),
         .documentation = std::move(documentation),
         .insert = AsValue(text),
         .snippet = {}});
  }

  void SchemaValue(const Json& schema) {
    const Json& values = schema["enum"];
    for (std::size_t i = 0; values.IsArray() && i < values.Size(); ++i) {
      if (values.At(i).IsString()) Text(values.At(i).AsString(), "value", "");
    }
    if (schema["type"].StringOr("") == "boolean") Booleans();
  }

  void Booleans() {
    for (const std::string_view value : {"true", "false"}) {
      Add({.label = std::string(value),
           .kind = "value",
           .detail = {},
           .documentation = {},
           .insert = std::string(value),
           .snippet = {}});
    }
  }

  // Values that a key of its own takes.
  void Special(const Object& owner, std::string_view key) {
    if (key == "call" && owner.name == "task.call") Functions();
    if (key == "type" && (owner.name == "error" || owner.name == "catch.errors.with")) {
      for (const std::string_view name : kStandardErrors) {
        const ErrorType* type = FindErrorType(name);
        Text(std::string(kErrorTypeBase) + std::string(name), "value",
             fmt::format("{} {}", type != nullptr ? type->status : 500, name));
      }
    }
    if (key == "method" && owner.name == "with.http") {
      for (const std::string_view method : {"get", "post", "put", "patch", "delete", "head", "options"})
        Text(method, "value", "HTTP method");
    }
    if (key == "dsl") {
      for (const std::string_view version : {"1.0.3", "1.0.2", "1.0.1", "1.0.0"})
        Text(version, "value", "version of the language");
    }
  }

  void Functions() {
    std::set<std::string> seen;
    const Json& own = cursor_.tree["use"]["functions"];
    if (own.IsObject()) {
      for (const auto& [name, definition] : own.AsObject()) {
        if (seen.emplace(name.AsString()).second) Text(name.AsString(), "function", "use.functions");
      }
    }
    for (const std::string_view name : functions_.Names()) {
      if (seen.emplace(name).second) Text(name, "function", functions_.Find(name)->title);
    }
    for (const std::string_view name : vocabulary::StandardCalls()) {
      if (!seen.emplace(name).second) continue;
      Text(name, "function", "standard call", std::string(vocabulary::ArgumentsOf(name).description));
    }
  }

  void ValueIn(const Value& value, Path path) {
    using enum vocabulary::Form;
    for (const std::string_view one : value.values) Text(one, "value", "");
    if (value.Is(kBoolean)) Booleans();
    if (value.Is(kFlow)) Targets(path);
    if (value.Is(kReference)) {
      const Json& names = cursor_.tree["use"][value.reference];
      if (names.IsObject()) {
        for (const auto& [name, definition] : names.AsObject())
          Text(name.AsString(), "name", "use." + std::string(value.reference));
      }
    }
    if (value.Is(kDuration)) {
      for (const auto& [text, words] : {std::pair{"PT5S", "5 seconds"},
                                        {"PT30S", "30 seconds"},
                                        {"PT5M", "5 minutes"},
                                        {"PT1H", "1 hour"},
                                        {"P1D", "1 day"}}) {
        Text(text, "value", words);
      }
    }
    if (value.Is(kExpression) || value.Is(kComputed) || value.Is(kAny)) {
      if (cursor_.typed.empty() && !json_ && cursor_.quote == '\0') {
        Add({.label = "${ }",
             .kind = "value",
             .detail = "expression",
             .documentation = "A jq expression.",
             .insert = cursor_.in_brackets ? "'${  }'" : "${  }",
             .snippet = {}});
      }
    }
  }

  void Targets(Path path) {
    const auto task = TaskDepth(cursor_.tree, path);
    if (!task) return;
    const Json& list = *tools::ValueAt(cursor_.tree, path.first(*task - 2));
    for (const Json& item : list.AsArray()) {
      const std::string_view name = NameOfItem(item);
      if (!name.empty() && name != path[*task - 1]) Text(name, "target", "task");
    }
    Text("continue", "target", "the next task");
    Text("exit", "target", "leave this list");
    Text("end", "target", "end the workflow");
  }

  // ---- Expressions

  void Expression(const std::string& before) {
    std::size_t word = before.size();
    while (word > 0 && IsWord(before[word - 1])) --word;
    begin_ = cursor_.begin + cursor_.typed.size() - (before.size() - word);
    const char mark = word > 0 ? before[word - 1] : '\0';
    cursor_.end = std::max(begin_, cursor_.begin + cursor_.typed.size());
    const std::vector<Variable> variables = VariablesAt(cursor_.tree, cursor_.path);
    if (mark == '$') {
      for (const Variable& variable : variables) {
        Add({.label = "$" + variable.name,
             .kind = "variable",
             .detail = "",
             .documentation = variable.description,
             .insert = variable.name,
             .snippet = {}});
      }
    } else if (mark == '.') {
      Members(before.substr(0, word - 1), variables);
    } else {
      for (const Variable& variable : variables) {
        Add({.label = "$" + variable.name,
             .kind = "variable",
             .detail = "",
             .documentation = variable.description,
             .insert = "$" + variable.name,
             .snippet = {}});
      }
      const std::string_view around = std::string_view(before).substr(0, word);
      if (!Fields(around, ".")) AddFields(InputFieldsAt(cursor_.tree, cursor_.path), ".");
      Builtins();
    }
  }

  // Those that are known to be there, with their types. False: none are.
  bool Fields(std::string_view before, std::string_view prefix) {
    constexpr std::size_t kShown = 60;
    const auto known = TypeBefore(source_, cursor_.tree, cursor_.path, before, functions_);
    if (!known) return false;
    for (const types::Member& member : known->type.members()) {
      if (!std::ranges::all_of(member.name, IsWord) || member.name.empty()) continue;
      std::string text = known->is_exact ? types::Format(member.type) : "";
      if (text.size() > kShown) text = types::Describe(member.type);
      AddField(std::string(prefix) + member.name, std::move(text));
    }
    return !known->type.members().empty();
  }

  void AddFields(const std::vector<std::string>& names, std::string_view prefix) {
    for (const std::string& name : names) AddField(std::string(prefix) + name, {});
  }

  void AddField(const std::string& text, std::string type) {
    Add({.label = text,
         .kind = "field",
         .detail = std::move(type),
         .documentation = {},
         .insert = text,
         .snippet = {}});
  }

  // Behind a dot: of a variable, or of the input.
  void Members(std::string_view before, const std::vector<Variable>& variables) {
    if (Fields(before, "")) return;
    std::size_t begin = before.size();
    while (begin > 0 &&
           (std::isalnum(static_cast<unsigned char>(before[begin - 1])) != 0 || before[begin - 1] == '_'))
      --begin;
    std::vector<std::string> fields;
    if (begin > 0 && before[begin - 1] == '$') {
      const std::string_view name = before.substr(begin);
      const auto found = std::ranges::find(variables, name, &Variable::name);
      if (found != variables.end()) fields = found->fields;
    } else if (begin == before.size() &&
               (before.empty() ||
                std::string_view(" ([{|,;:").find(before.back()) != std::string_view::npos)) {
      fields = InputFieldsAt(cursor_.tree, cursor_.path);
    }
    AddFields(fields, "");
  }

  void Builtins() {
    for (const jq::Builtin& builtin : jq::Builtins()) {
      std::string snippet;
      for (int i = 1; i <= builtin.arity; ++i) snippet += fmt::format("{}${{{}}}", i == 1 ? "" : "; ", i);
      const std::string name(builtin.name);
      Add({.label = builtin.arity == 0 ? name : fmt::format("{}/{}", name, builtin.arity),
           .kind = "builtin",
           .detail = builtin.arity == 0
                         ? ""
                         : fmt::format("{} argument{}", builtin.arity, builtin.arity == 1 ? "" : "s"),
           .documentation = std::string(builtin.description),
           .insert = name,
           .snippet = builtin.arity == 0 ? "" : name + "(" + snippet + ")"});
    }
  }

  std::string_view source_;
  Cursor cursor_;
  const FunctionCatalog& functions_;
  Places places_;
  bool json_ = false;
  std::size_t begin_ = 0;
  std::vector<Completion> items_;
};

Json PositionJson(yaml::Position position) {
  return Json::Object({{"line", position.line}, {"column", position.column}});
}

}  // namespace

Completions Complete(std::string_view source, yaml::Position position, const FunctionCatalog& functions) {
  return Completer(source, position, functions).Run();
}

Json ToJson(const Completions& completions) {
  std::vector<Json> items;
  for (const Completion& item : completions.items) {
    items.push_back(Json::Object({{"label", item.label},
                                  {"kind", item.kind},
                                  {"detail", item.detail},
                                  {"documentation", item.documentation},
                                  {"insert", item.insert},
                                  {"snippet", item.snippet.empty() ? Json() : Json(item.snippet)}}));
  }
  return Json::Object({{"from", PositionJson(completions.from)},
                       {"to", PositionJson(completions.to)},
                       {"items", Json::Array(std::move(items))}});
}

}  // namespace elevaite::dsl::tools

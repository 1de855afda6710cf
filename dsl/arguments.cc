#include "dsl/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "dsl/cycles.h"
#include "dsl/expression.h"
#include "dsl/reader.h"
#include "dsl/slips.h"
#include "dsl/suggest.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl {
namespace {

using syntax::Place;

class EmptyFunctionCatalog : public FunctionCatalog {
 public:
  const FunctionInfo* Find(std::string_view) const override { return nullptr; }
  std::vector<std::string_view> Names() const override { return {}; }
};

bool IsComputed(const Json& value) {
  return value.IsString() && ScanText(value.AsString()).kind != TextKind::kLiteral;
}

bool HasType(const Json& value, std::string_view type) {
  switch (value.type()) {
    case Json::Type::kNull: return type == "null";
    case Json::Type::kBool: return type == "boolean";
    case Json::Type::kNumber: {
      const double number = value.AsDouble();
      const bool whole =
          value.IsExactInteger() ||
          number == static_cast<double>(static_cast<std::int64_t>(std::clamp(number, -9.0e18, 9.0e18)));
      return type == "number" || (type == "integer" && whole);
    }
    case Json::Type::kString: return type == "string";
    case Json::Type::kArray: return type == "array";
    case Json::Type::kObject: return type == "object";
  }
  return false;
}

// `type` of a schema: a name, a list of names or absent.
std::vector<std::string_view> TypesOf(const Json& schema) {
  std::vector<std::string_view> types;
  const Json& type = schema["type"];
  if (type.IsString()) types.push_back(type.AsString());
  if (type.IsArray()) {
    for (const Json& item : type.AsArray()) types.push_back(item.StringOr(""));
  }
  return types;
}

const Json* AlternativesOf(const Json& schema) {
  for (std::string_view key : {"oneOf", "anyOf"}) {
    const Json* list = schema.Find(key);
    if (list != nullptr && list->IsArray() && list->Size() > 0) return list;
  }
  return nullptr;
}

bool AcceptsType(const Json& schema, const Json& value) {
  const auto types = TypesOf(schema);
  return types.empty() ||
         std::ranges::any_of(types, [&](std::string_view type) { return HasType(value, type); });
}

bool IsClosed(const Json& schema) {
  const Json* additional = schema.Find("additionalProperties");
  if (additional != nullptr) return additional->IsBool() && !additional->AsBool();
  return schema["properties"].Size() > 0;
}

std::string TypeText(std::string_view type) {
  if (type == "object") return "a mapping";
  if (type == "array") return "a list";
  if (type == "string") return "a text";
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  if (type == "boolean") return "true or false";
  return "null";
}

// What a schema takes, in words: "a text or a mapping".
std::string ExpectationOf(const Json& schema) {
  std::vector<std::string> parts;
  for (std::string_view type : TypesOf(schema)) parts.push_back(TypeText(type));
  if (const Json* alternatives = AlternativesOf(schema); alternatives != nullptr && parts.empty()) {
    for (const Json& alternative : alternatives->AsArray()) parts.push_back(ExpectationOf(alternative));
  }
  std::ranges::sort(parts);
  const auto repeated = std::ranges::unique(parts);
  parts.erase(repeated.begin(), repeated.end());
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " or " : ", ";
    text += parts[i];
  }
  return text.empty() ? "another value" : text;
}

std::string AllowedOf(const Json& values) {
  std::vector<std::string> texts;
  for (const Json& value : values.AsArray())
    texts.push_back(value.IsString() ? std::string(value.AsString()) : value.Dump());
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return ListOf(views);
}

class Checker {
 public:
  Checker(std::string_view function, Diagnostics& diagnostics) : function_(function), reader_(diagnostics) {}

  // `what`: "`with.endpoint`".
  void Check(const Json& schema, const Place& place, const std::string& what) {
    const Json& value = place.node.value();
    if (IsComputed(value) || !schema.IsObject()) return;
    if (const Json* alternatives = AlternativesOf(schema)) {
      CheckAlternatives(*alternatives, place, what);
      return;
    }
    if (!AcceptsType(schema, value)) {
      reader_.Add(Code::kArgumentType, place,
                  fmt::format("{} of `{}` must be {}, not {}", what, function_, ExpectationOf(schema),
                              DescribeValue(place.node)));
      return;
    }
    if (!CheckValue(schema, place, what)) return;
    if (place.node.IsMapping()) CheckMembers(schema, place, what);
    const Json& items = schema["items"];
    if (place.node.IsSequence() && items.IsObject()) {
      for (std::size_t i = 0; i < place.node.items().size(); ++i) {
        Check(items, Reader::Item(place, i), fmt::format("an item of {}", what));
      }
    }
  }

  void CheckMembers(const Json& schema, const Place& place, const std::string& what) {
    const Json& properties = schema["properties"];
    const Json* additional = schema.Find("additionalProperties");
    bool unknown_seen = false;
    for (const yaml::Member& member : place.node.members()) {
      const Place argument{member.value, Child(place.pointer, member.key), member.key_range};
      const std::string inner = what == "`with`" ? fmt::format("{}", Quote(member.key))
                                                 : fmt::format("{} in {}", Quote(member.key), what);
      if (const Json* property = properties.Find(member.key)) {
        const Json* unsupported = property->Find("x-unsupported");
        if (unsupported != nullptr) {
          reader_.Unsupported(argument, fmt::format("`{}` of `{}`", member.key, function_),
                              std::string(unsupported->StringOr("")));
        } else {
          Check(*property, argument, inner);
        }
      } else if (IsClosed(schema)) {
        UnknownArgument(properties, place, member, what);
        unknown_seen = true;
      } else if (additional != nullptr && additional->IsObject()) {
        Check(*additional, argument, inner);
      }
    }
    const Json& required = schema["required"];
    if (!required.IsArray() || unknown_seen) return;
    for (const Json& name : required.AsArray()) {
      if (place.node.Find(name.StringOr("")) == nullptr) Missing(place, name.StringOr(""), what);
    }
  }

  void Missing(const Place& place, std::string_view name, const std::string& what) {
    reader_.Add(Code::kMissingArgument, place,
                what == "`with`" ? fmt::format("`{}` needs the argument `{}`", function_, name)
                                 : fmt::format("{} of `{}` needs `{}`", what, function_, name),
                fmt::format("add `{}: ...`", name));
  }

 private:
  void UnknownArgument(const Json& properties, const Place& place, const yaml::Member& member,
                       const std::string& what) {
    if (reader_.diagnostics().Full()) return reader_.diagnostics().Drop(Code::kUnknownArgument);
    std::vector<std::string_view> names;
    for (const Json::Member& property : properties.AsObject()) names.push_back(property.key.AsString());
    std::string_view meant;
    for (std::size_t i = 0; meant.empty(); ++i) {
      const std::string_view synonym = SynonymOfArgument(member.key, i);
      if (synonym.empty()) break;
      if (std::ranges::find(names, synonym) != names.end()) meant = synonym;
    }
    if (meant.empty()) meant = Nearest(member.key, names).value_or("");
    const std::string where = what == "`with`" ? fmt::format("`{}` has no argument", function_)
                                               : fmt::format("{} of `{}` has no key", what, function_);
    reader_.diagnostics().Add(Code::kUnknownArgument, member.key_range, Child(place.pointer, member.key),
                              fmt::format("{} {}", where, Quote(member.key)),
                              meant.empty() ? fmt::format("it takes {}", ListOf(names, "and"))
                                            : fmt::format("did you mean `{}`?", meant));
  }

  bool CheckValue(const Json& schema, const Place& place, const std::string& what) {
    const Json& value = place.node.value();
    const Json& allowed = schema["enum"];
    const auto refuse = [&](std::string expected, std::string hint = {}) {
      reader_.Add(
          Code::kArgumentValue, place,
          fmt::format("{} of `{}` must be {}, not {}", what, function_, expected, DescribeValue(place.node)),
          std::move(hint));
      return false;
    };
    if (allowed.IsArray() && std::ranges::find(allowed.AsArray(), value) == allowed.AsArray().end()) {
      std::vector<std::string> names;
      for (const Json& item : allowed.AsArray()) names.emplace_back(item.StringOr(""));
      const auto near = Nearest(value.StringOr(""), names);
      return refuse(AllowedOf(allowed), near ? fmt::format("did you mean `{}`?", *near) : "");
    }
    if (const Json* constant = schema.Find("const"); constant != nullptr && !(*constant == value)) {
      return refuse(Quote(constant->IsString() ? constant->AsString() : std::string_view(constant->Dump())));
    }
    if (value.IsNumber()) {
      const Json& minimum = schema["minimum"];
      const Json& maximum = schema["maximum"];
      if (minimum.IsNumber() && value.AsDouble() < minimum.AsDouble())
        return refuse("at least " + minimum.Dump());
      if (maximum.IsNumber() && value.AsDouble() > maximum.AsDouble())
        return refuse("at most " + maximum.Dump());
    }
    if (value.IsString() &&
        value.Size() < static_cast<std::size_t>(std::max<std::int64_t>(0, schema["minLength"].IntOr(0)))) {
      return refuse("longer");
    }
    return true;
  }

  // The alternative that was meant is the one of the value's type; several of that type are tried one after
  // the other.
  void CheckAlternatives(const Json& alternatives, const Place& place, const std::string& what) {
    const Json& value = place.node.value();
    std::vector<const Json*> fitting;
    for (const Json& alternative : alternatives.AsArray()) {
      if (AlternativesOf(alternative) != nullptr || AcceptsType(alternative, value))
        fitting.push_back(&alternative);
    }
    if (fitting.empty()) {
      std::vector<Json::Member> schema;
      schema.emplace_back("oneOf", alternatives);
      reader_.Add(Code::kArgumentType, place,
                  fmt::format("{} of `{}` must be {}, not {}", what, function_,
                              ExpectationOf(Json::Object(std::move(schema))), DescribeValue(place.node)));
      return;
    }
    for (const Json* alternative : fitting) {
      Diagnostics trial;
      Checker(function_, trial).Check(*alternative, place, what);
      if (!trial.HasErrors()) return;
    }
    Check(*fitting.front(), place, what);
  }

  std::string_view function_;
  Reader reader_;
};

}  // namespace

const FunctionCatalog& EmptyCatalog() {
  static const EmptyFunctionCatalog catalog;
  return catalog;
}

namespace {

void CheckArguments(const FunctionInfo& function, const Place& call, const syntax::Field& with,
                    Diagnostics& diagnostics) {
  if (!function.input.IsObject()) return;
  Checker checker(function.name, diagnostics);
  if (with) {
    checker.CheckMembers(function.input, *with, "`with`");
    return;
  }
  for (const Json& name : function.input["required"].IsArray() ? function.input["required"].AsArray()
                                                               : std::span<const Json>()) {
    checker.Missing(call, name.StringOr(""), "`with`");
    return;  // one missing `with` is one cause
  }
}

class CallChecker {
 public:
  CallChecker(const syntax::Workflow& workflow, const FunctionCatalog& catalog, RemoteFunctions& remote,
              Diagnostics& diagnostics)
      : workflow_(workflow),
        catalog_(catalog),
        remote_(remote),
        diagnostics_(diagnostics),
        reader_(diagnostics) {}

  void CheckTask(const syntax::Task& task) {
    const FunctionInfo* function = task.function_place ? Resolve(task) : nullptr;
    const yaml::Member* with = task.definition.Find("with");
    const bool unreadable = !task.value && with != nullptr && !with->value.IsNull();
    if (function != nullptr && !unreadable)
      CheckArguments(*function, *task.function_place, task.value, diagnostics_);
    CheckList(task.tasks);
    CheckList(task.catch_tasks);
  }

  void CheckList(const std::vector<syntax::Task>& tasks) {
    for (const syntax::Task& task : tasks) CheckTask(task);
  }

 private:
  // The connector of a call. nullptr: it is none, or there is a diagnostic that says so.
  const FunctionInfo* Resolve(const syntax::Task& task) {
    switch (CalleeOf(task, workflow_, catalog_)) {
      case Callee::kConnector: return catalog_.Find(task.function);
      case Callee::kRemote: return ResolveRemote(task);
      case Callee::kStandard:
      case Callee::kDocument: return nullptr;
      case Callee::kUnknown: break;
    }
    auto names = catalog_.Names();
    for (const auto& [defined, function] : workflow_.functions) names.push_back(defined);
    for (std::string_view standard : vocabulary::StandardCalls()) {
      if (std::ranges::find(names, standard) == names.end()) names.push_back(standard);
    }
    const auto near = Nearest(task.function, names);
    reader_.Add(Code::kUnknownFunction, *task.function_place,
                fmt::format("there is no function {}", Quote(task.function)),
                near ? fmt::format("did you mean `{}`?", *near) : "there are " + ListOf(names, "and"));
    return nullptr;
  }

  const FunctionInfo* ResolveRemote(const syntax::Task& task) {
    const RemoteFunctions::Answer& answer = remote_.Resolve(task.function);
    if (answer.problem) reader_.Add(*answer.problem, *task.function_place, answer.message, answer.hint);
    return answer.connector;
  }

  const syntax::Workflow& workflow_;
  const FunctionCatalog& catalog_;
  RemoteFunctions& remote_;
  Diagnostics& diagnostics_;
  Reader reader_;
};

// The calls of functions of the document inside one of them.
struct InnerCall {
  std::uint32_t callee;
  const syntax::Task* task;
};

void CollectCalls(const syntax::Task& task, const std::map<std::string_view, std::uint32_t>& numbers,
                  std::vector<InnerCall>& calls) {
  if (const auto found = numbers.find(task.function); found != numbers.end())
    calls.push_back({found->second, &task});
  for (const syntax::Task& inner : task.tasks) CollectCalls(inner, numbers, calls);
  for (const syntax::Task& inner : task.catch_tasks) CollectCalls(inner, numbers, calls);
}

// Functions are written out where they are called, so none may call itself.
void CheckRecursion(const syntax::Workflow& workflow, Diagnostics& diagnostics) {
  std::map<std::string_view, std::uint32_t> numbers;
  for (const auto& [name, task] : workflow.functions) {
    numbers.emplace(name, static_cast<std::uint32_t>(numbers.size()));
  }
  std::vector<std::vector<InnerCall>> calls;
  Edges edges;
  for (const auto& [name, task] : workflow.functions) {
    std::vector<std::uint32_t> callees;
    CollectCalls(task, numbers, calls.emplace_back());
    for (const InnerCall& call : calls.back()) callees.push_back(call.callee);
    edges.push_back(std::move(callees));
  }
  for (const std::vector<std::uint32_t>& cycle : CyclesOf(edges)) {
    const auto& inner = calls[cycle.front()];
    const auto call = std::ranges::find_if(
        inner, [&](const InnerCall& c) { return std::ranges::binary_search(cycle, c.callee); });
    Reader(diagnostics)
        .Add(Code::kRecursiveFunction, *call->task->function_place,
             cycle.size() == 1
                 ? fmt::format("the function {} calls itself", Quote(call->task->function))
                 : fmt::format("the function {} leads back to this call", Quote(call->task->function)),
             "loop with `for` or `then`, or run a workflow of its own with `run`");
  }
}

}  // namespace

Callee CalleeOf(const syntax::Task& call, const syntax::Workflow& workflow, const FunctionCatalog& catalog) {
  const auto standard = vocabulary::StandardCalls();
  const std::string& name = call.function;
  if (std::ranges::find(standard, name) != standard.end()) return Callee::kStandard;
  if (workflow.functions.contains(name)) return Callee::kDocument;
  if (catalog.Find(name) != nullptr) return Callee::kConnector;
  const bool is_remote = name.find("://") != std::string::npos || name.find('@') != std::string::npos;
  return is_remote ? Callee::kRemote : Callee::kUnknown;
}

void CheckCalls(const syntax::Workflow& workflow, const FunctionCatalog& catalog, RemoteFunctions& remote,
                Diagnostics& diagnostics) {
  CallChecker checker(workflow, catalog, remote, diagnostics);
  checker.CheckList(workflow.tasks);
  for (const auto& [name, task] : workflow.functions) checker.CheckTask(task);
  for (const syntax::Extension& extension : workflow.extensions) {
    checker.CheckList(extension.before);
    checker.CheckList(extension.after);
  }
  CheckRecursion(workflow, diagnostics);
}

}  // namespace elevaite::dsl

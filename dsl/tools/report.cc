#include "dsl/tools/report.h"

#include <string>
#include <utility>
#include <vector>

#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/suggest.h"
#include "dsl/tools/edit.h"
#include "dsl/tools/graph.h"
#include "dsl/tools/source.h"
#include "dsl/tools/symbols.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl::tools {
namespace {

template <class T>
Json ListOfJson(const std::vector<T>& items) {
  std::vector<Json> list;
  for (const T& item : items) list.push_back(ToJson(item));
  return Json::Array(std::move(list));
}

Json ListOfTexts(std::span<const std::string_view> texts) {
  std::vector<Json> list(texts.begin(), texts.end());
  return Json::Array(std::move(list));
}

Json FormsJson(const vocabulary::Value& value) {
  using enum vocabulary::Form;
  static constexpr std::pair<vocabulary::Form, std::string_view> kNames[] = {{kText, "text"},
                                                                             {kExpression, "expression"},
                                                                             {kBoolean, "boolean"},
                                                                             {kInteger, "integer"},
                                                                             {kNumber, "number"},
                                                                             {kDuration, "duration"},
                                                                             {kEnum, "enum"},
                                                                             {kUri, "uri"},
                                                                             {kObject, "object"},
                                                                             {kList, "list"},
                                                                             {kMap, "map"},
                                                                             {kNamedList, "named_list"},
                                                                             {kFlow, "flow"},
                                                                             {kVariable, "variable"},
                                                                             {kReference, "reference"},
                                                                             {kAny, "any"},
                                                                             {kComputed, "computed"},
                                                                             {kCode, "code"}};
  std::vector<Json> forms;
  for (const auto& [form, name] : kNames) {
    if (value.Is(form)) forms.emplace_back(name);
  }
  return Json::Array(std::move(forms));
}

Json ValueJson(const vocabulary::Value& value) {
  std::vector<Json::Member> members{{"forms", FormsJson(value)}};
  if (!value.object.empty()) members.emplace_back("object", value.object);
  if (!value.reference.empty()) members.emplace_back("reference", value.reference);
  if (!value.values.empty()) members.emplace_back("values", ListOfTexts(value.values));
  if (value.element != nullptr) members.emplace_back("element", ValueJson(*value.element));
  return Json::Object(std::move(members));
}

Json ObjectJson(const vocabulary::Object& object) {
  std::vector<Json> keys;
  for (const vocabulary::Key& key : object.keys) {
    keys.push_back(Json::Object({{"name", key.name},
                                 {"description", key.description},
                                 {"example", key.example},
                                 {"required", key.required},
                                 {"credential", key.credential},
                                 {"value", ValueJson(key.value)}}));
  }
  std::vector<Json> groups;
  for (const vocabulary::KeyGroup group : object.one_of) groups.push_back(ListOfTexts(group));
  std::vector<Json::Member> members{{"name", object.name},
                                    {"title", object.title},
                                    {"description", object.description},
                                    {"closed", object.openness == vocabulary::Openness::kClosed},
                                    {"one_of", Json::Array(std::move(groups))},
                                    {"keys", Json::Array(std::move(keys))}};
  if (!object.base.empty()) members.emplace_back("base", object.base);
  if (!object.instead.empty()) members.emplace_back("instead", object.instead);
  return Json::Object(std::move(members));
}

}  // namespace

Json CheckReport(std::string_view source, const FunctionCatalog& functions) {
  const CompileResult compiled = Compile(source, {.functions = &functions});
  Json graph;
  if (compiled.syntax) {
    if (const auto read = Source::Read(std::string(source)))
      graph = ToGraph(read->root(), compiled.diagnostics);
  }
  return Json::Object({{"valid", compiled.program != nullptr},
                       {"diagnostics", ListOfJson(compiled.diagnostics)},
                       {"outline", compiled.syntax ? Outline(*compiled.syntax, functions) : Json()},
                       {"graph", std::move(graph)}});
}

Result<Json> EditReport(std::string_view source, const Json& operations, const FunctionCatalog& functions) {
  ASSIGN_OR_RETURN(const Edited edited, Edit(source, operations));
  Json report = Json::Object({{"source", edited.source},
                              {"changes", ListOfJson(edited.changes)},
                              {"repairs", ListOfJson(edited.repairs)}});
  const Json check = CheckReport(edited.source, functions);
  for (const auto& [key, value] : check.AsObject()) {
    report = Json::WithMember(std::move(report), key, value);
  }
  return report;
}

Result<Json> GraphReport(std::string_view source, const FunctionCatalog& functions) {
  Json report = CheckReport(source, functions);
  if (report["graph"].IsNull()) {
    return Fail(
        ErrorCode::kInvalidWorkflow,
        "the document cannot be read: " + std::string(report["diagnostics"].At(0)["message"].StringOr("")));
  }
  return report["graph"];
}

Result<Json> ExplainReport(std::string_view code) {
  for (const CodeInfo& info : AllCodes()) {
    if (TextOf(info.code) != code) continue;
    return Json::Object({{"code", code},
                         {"severity", NameOf(info.severity)},
                         {"title", info.title},
                         {"explanation", info.explanation},
                         {"bad", info.bad},
                         {"good", info.good}});
  }
  return Fail(ErrorCode::kNotFound, "no diagnostic has the code " + Quote(code));
}

Result<Json> SymbolsReport(std::string_view source) {
  const auto read = Source::Read(std::string(source));
  if (!read)
    return Fail(ErrorCode::kInvalidWorkflow, "the document cannot be read: " + read.error().ToString());
  return Json::Object({{"symbols", ListOfJson(Symbols(source))}});
}

const Json& VocabularyReport() {
  static const Json report = [] {
    std::vector<Json> objects;
    for (const vocabulary::Object& object : vocabulary::All()) objects.push_back(ObjectJson(object));
    return Json::Object({{"task_kinds", ListOfTexts(vocabulary::TaskKinds())},
                         {"standard_calls", ListOfTexts(vocabulary::StandardCalls())},
                         {"objects", Json::Array(std::move(objects))}});
  }();
  return report;
}

}  // namespace elevaite::dsl::tools

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

namespace elevaite::dsl::tools {
namespace {

template <class T>
Json ListOfJson(const std::vector<T>& items) {
  std::vector<Json> list;
  for (const T& item : items) list.push_back(ToJson(item));
  return Json::Array(std::move(list));
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

}  // namespace elevaite::dsl::tools

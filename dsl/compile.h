// Compile: a document's text to a Program that the engine runs, or to what is wrong with it.
//
//   CompileResult result = Compile(source, {.functions = &connectors});
//   if (!result.program) return Refuse(result.diagnostics);
//
// The passes, each in its own file: Parse (text to tree), Validate (tree to syntax::Workflow), CheckFlow
// (where `then` goes), CheckCalls (arguments against descriptors), CheckCosts (advice), Lower (expressions
// and names to a Program), CheckDataFlow (types of what flows through it). All of them run as far as they
// can, so one answer names all that is wrong. Pure: no I/O, no clock; thread-safe. Hostile input costs
// bounded time (see Limits).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/functions.h"
#include "dsl/parse.h"
#include "dsl/program.h"
#include "dsl/remote.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

struct CompileOptions {
  const FunctionCatalog* functions = nullptr;  // none: only the standard calls are known
  const Resources* resources = nullptr;        // the texts that the document refers to by address
  // What is not among the resources is worth a hint (DSL0508) instead of an error (DSL0507).
  bool is_offline = false;
  // Warnings and hints about costs and data, too. Without them, a version that was published once is compiled
  // faster.
  bool gives_advice = true;
  Limits limits;
};

// What the document says of itself, also when it has errors; fields that could not be read are empty.
struct DocumentSummary {
  std::string name_space;
  std::string name;
  std::string version;
  std::string title;
  std::string summary;
  Json tags;      // object or null
  Json metadata;  // object or null
};

struct CompileResult {
  std::shared_ptr<const Program> program;  // null when there are errors
  std::vector<Diagnostic> diagnostics;     // in the order of the text; at most Diagnostics::kMax
  std::size_t dropped = 0;                 // how many more there were
  Format format = Format::kYaml;
  // Addresses that the document refers to and that were not among the resources: functions of catalogs and
  // schemas. Once they are given, it may want those that they refer to.
  std::vector<std::string> wanted;
  std::optional<DocumentSummary> document;         // none when the text is no workflow at all
  std::shared_ptr<const syntax::Workflow> syntax;  // for the outline; null when the text could not be read
};

CompileResult Compile(std::string_view source, const CompileOptions& options = {});

}  // namespace elevaite::dsl

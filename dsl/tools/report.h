// What an editor shows of a document: whether it compiles, what is wrong, its outline and its graph.
#pragma once

#include <string_view>

#include "dsl/diagnostic.h"
#include "dsl/functions.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::dsl::tools {

// {"valid", "diagnostics": [...], "outline", "graph"}; the last two are null when the text cannot be read.
Json CheckReport(std::string_view source, const FunctionCatalog& functions);

// {"source", "changes", "repairs"} of Edit (edit.h), and what CheckReport says of the new source.
Result<Json> EditReport(std::string_view source, const Json& operations, const FunctionCatalog& functions);

// The graph of a document (graph.h). kInvalidWorkflow: it cannot be read.
Result<Json> GraphReport(std::string_view source, const FunctionCatalog& functions);

// {"code", "severity", "title", "explanation", "bad", "good"}; kNotFound.
Result<Json> ExplainReport(std::string_view code);

// {"symbols": [...]} (symbols.h); kInvalidWorkflow.
Result<Json> SymbolsReport(std::string_view source);

// The objects of the language for palettes and forms (dsl/vocabulary.h): {"task_kinds": ["for", ...],
// "standard_calls", "objects": [{"name", "title", "description", "base"?, "closed", "one_of": [["every",
// ...]], "instead"?,
//              "keys": [{"name", "description", "example", "required", "credential", "value": {"forms":
//              ["text", ...],
//                        "object"?, "reference"?, "values"?, "element"?: {...}}}]}]}
const Json& VocabularyReport();

}  // namespace elevaite::dsl::tools

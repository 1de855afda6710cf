// Lower: the syntax tree to a Program: indices for names, compiled expressions and templates, functions and
// extensions written out where they are used. Also run for documents with errors, for the diagnostics about
// their expressions; the Program is then of no use.
#pragma once

#include <memory>

#include "dsl/diagnostic.h"
#include "dsl/document.h"
#include "dsl/functions.h"
#include "dsl/parse.h"
#include "dsl/program.h"
#include "dsl/remote.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

std::shared_ptr<const Program> Lower(const Document& document, const syntax::Workflow& workflow,
                                     const FunctionCatalog& functions, RemoteFunctions& remote,
                                     const Limits& limits, Diagnostics& diagnostics);

// Only the diagnostics about expressions and schemas, for a document whose functions are looked at on their
// own.
void CheckExpressions(const Document& document, const syntax::Workflow& workflow,
                      const FunctionCatalog& functions, RemoteFunctions& remote, const Limits& limits,
                      Diagnostics& diagnostics);

}  // namespace elevaite::dsl

// Checks the literals of a call's `with` against the function's descriptor (functions.h).
#pragma once

#include <cstdint>

#include "dsl/diagnostic.h"
#include "dsl/functions.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

enum class Callee : std::uint8_t {
  kKnown,        // in the catalogue
  kUnsupported,  // the language knows such calls, this version does not: grpc, a catalogue's URL, a name
                 // under use.functions ...
  kUnknown,
};
Callee CalleeOf(const syntax::Task& call, const syntax::Workflow& workflow, const FunctionCatalog& catalog);

// Every call of the workflow: that its function exists (DSL0501) and that its arguments fit (DSL0502 to
// DSL0505).
void CheckCalls(const syntax::Workflow& workflow, const FunctionCatalog& catalog, Diagnostics& diagnostics);

}  // namespace elevaite::dsl

// Checks the literals of a call's `with` against the function's descriptor (functions.h).
#pragma once

#include <cstdint>

#include "dsl/diagnostic.h"
#include "dsl/functions.h"
#include "dsl/remote.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

enum class Callee : std::uint8_t {
  kStandard,   // http, openapi, grpc, asyncapi, a2a, mcp
  kDocument,   // a name under use.functions
  kConnector,  // in the catalogue
  kRemote,     // a URL, or name:version@catalog
  kUnknown,
};
Callee CalleeOf(const syntax::Task& call, const syntax::Workflow& workflow, const FunctionCatalog& catalog);

// Every call of the workflow: that its function exists (DSL0501), does not call itself (DSL0506), and, for
// connectors, that its arguments fit (DSL0502 to DSL0505).
void CheckCalls(const syntax::Workflow& workflow, const FunctionCatalog& catalog, RemoteFunctions& remote,
                Diagnostics& diagnostics);

}  // namespace elevaite::dsl

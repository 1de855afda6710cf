// Validate: the document's tree to syntax::Workflow, with a diagnostic for everything that is not as the
// language says.
//
// Discriminated: each task is told by its kind first and then checked against that kind alone, so a message
// names what was meant and never the last branch of a `oneOf`. Checks keys, types, literals and references by
// name (use.retries, use.errors); where the flow goes is checked by flow.h, expressions and function
// arguments by lower.h.
#pragma once

#include "dsl/diagnostic.h"
#include "dsl/document.h"
#include "dsl/parse.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

syntax::Workflow Validate(const Document& document, const Limits& limits, Diagnostics& diagnostics);

}  // namespace elevaite::dsl

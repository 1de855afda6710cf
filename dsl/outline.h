// Outline: the shape of a workflow for people and the Studio: tasks with a line of substance each. Best
// effort for documents with errors: what could not be understood is left out.
//
// {"tasks": [{"ref": "/do/0/load", "name", "kind", "detail", "icon"?, "line", "column", "if"?, "then",
//             "children"? (do, for, try, foreach), "branches"?, "compete"? (fork), "cases"? [{"name", "when",
//             "then"}] (switch), "catch"? [tasks], "retry"? {"limit": number|null} (try),
//             "role"? "saga" (its children are its steps) or "step" (its catch undoes it)}]}
#pragma once

#include "dsl/functions.h"
#include "dsl/syntax.h"
#include "foundation/json.h"

namespace elevaite::dsl {

Json Outline(const syntax::Workflow& workflow, const FunctionCatalog& functions);

}  // namespace elevaite::dsl

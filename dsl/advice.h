// Advice: what runs as written but costs more than it needs to: calls one after the other that could run side
// by side, the same request twice, loops of calls without a bound, events collected for ever. Hints only.
#pragma once

#include "dsl/diagnostic.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

void CheckCosts(const syntax::Workflow& workflow, Diagnostics& diagnostics);

}  // namespace elevaite::dsl

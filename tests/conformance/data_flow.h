// Whether what flowed through a run is what the compiler said of it (dsl/data_flow).
#pragma once

#include <string>
#include <vector>

#include "dsl/functions.h"
#include "tests/conformance/world.h"

namespace elevaite::conformance {

// Every input, output and $context of the run that is not of the type inferred for its task.
std::vector<std::string> UnexpectedValues(const Run& run, const dsl::FunctionCatalog& functions);

}  // namespace elevaite::conformance

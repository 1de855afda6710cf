// Prints docs/language/diagnostics.md.
#include <cstdio>

#include "dsl/diagnostic.h"

int main() { std::fputs(elevaite::dsl::RenderDiagnosticDocs().c_str(), stdout); }

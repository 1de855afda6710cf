// Prints docs/language/changes.md.
#include <cstdio>

#include "dsl/tools/diff.h"

int main() { std::fputs(elevaite::dsl::tools::RenderDiffDocs().c_str(), stdout); }

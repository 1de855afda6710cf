// Suite: the scenarios there are, and the page that counts them.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/gherkin.h"

namespace elevaite::conformance {

// The .feature files of a folder, in order of their names. kInvalidArgument: the first that cannot be read.
Result<std::vector<Feature>> ReadFeatures(const std::string& folder);

// docs/language/conformance.md.
std::string RenderPage(const std::vector<Feature>& own);

// The tags that a page names in square brackets: "... is null [context-initial]."
std::vector<std::string> TagsIn(std::string_view page);

std::string ReadText(const std::string& path);  // empty: it cannot be read

}  // namespace elevaite::conformance

// Format: the canonical layout of a document. The value never changes, and formatting twice changes nothing
// more.
//
// YAML: two spaces a level, lists two deeper than their key, blocks instead of brackets (but for [] and {}),
// at most one empty line in a row, one space before a comment. The order of keys, quotes, block scalars,
// anchors and all comments stay. JSON: two spaces a level.
#pragma once

#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite::dsl::tools {

// kInvalidWorkflow: the text is no YAML or JSON. kInvalidArgument: it has a part that cannot be laid out anew
// (a key written with `?`).
Result<std::string> Format(std::string_view source);

}  // namespace elevaite::dsl::tools

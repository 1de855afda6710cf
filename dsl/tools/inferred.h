// Inferred: what the compiler knows of the data at a place of a document (dsl/data_flow).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dsl/functions.h"
#include "dsl/types/type.h"
#include "foundation/json.h"

namespace elevaite::dsl::tools {

struct Inferred {
  types::Type type;
  bool is_exact =
      false;  // false: the text cannot be read as it is, and of scalars it is not known what they are
};

// The type of the path with which `typed` ends, an expression up to some place in it that stands at `path` of
// `source`: "[.items[], $context.order" is asked for `$context.order`, "" and "1 + " for `.`. `tree` is what
// could be understood of the source. nullopt: nothing is known, for the document has errors elsewhere, or
// what is before the path is too complex.
std::optional<Inferred> TypeBefore(std::string_view source, const Json& tree,
                                   std::span<const std::string> path, std::string_view typed,
                                   const FunctionCatalog& functions);

}  // namespace elevaite::dsl::tools

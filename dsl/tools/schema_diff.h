// How two JSON Schemas differ: whether the later one accepts less or more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::dsl::tools {

struct SchemaChange {
  enum class Kind : std::uint8_t {
    kNarrowed,  // something that was accepted may be refused
    kWidened,   // something that was refused may be accepted
    kChanged,   // cannot be told
  };
  Kind kind = Kind::kChanged;
  std::string pointer;  // in the schema
  std::string message;  // "`amount` is required now"
};

// Looks at type, required, properties, additionalProperties, items, enum, const, bounds, pattern and format;
// all other keywords that differ are kChanged, descriptions and the like are not looked at. A null schema
// accepts everything.
std::vector<SchemaChange> CompareSchemas(const Json& before, const Json& after);

}  // namespace elevaite::dsl::tools

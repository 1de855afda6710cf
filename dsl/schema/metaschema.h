// The schema of schemas: what a 2020-12 schema may look like, as one document.
#pragma once

#include <string_view>

#include "foundation/json.h"

namespace elevaite::schema {

inline constexpr std::string_view kMetaschemaUri = "https://json-schema.org/draft/2020-12/schema";

const Json& Metaschema();

}  // namespace elevaite::schema

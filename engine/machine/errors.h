// The DSL's standard error types as values: {type, status, title, detail, instance}.
#pragma once

#include <string>
#include <string_view>

#include "foundation/json.h"

namespace elevaite::engine {

// One of configuration, validation, expression, authentication, authorization, timeout, communication,
// runtime. `status` 0: the type's own.
Json MakeError(std::string_view type, std::string_view title, std::string_view detail, int status = 0);
// One of a type that is not the specification's: see dsl/error_types.h.
Json MakeOwnError(std::string_view uri, int status, std::string_view title, std::string_view detail);
// The same with `instance` set when it is absent: the task that raised it.
Json WithInstance(Json error, std::string_view reference);
std::string ErrorTypeUri(std::string_view type);

}  // namespace elevaite::engine

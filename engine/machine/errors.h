// The DSL's standard error types as values: {type, status, title, detail, instance}.
#pragma once

#include <string>
#include <string_view>

#include "foundation/json.h"

namespace elevaite::engine {

// One of configuration, validation, expression, authentication, authorization, timeout, communication,
// runtime. `status` 0: the type's own.
Json MakeError(std::string_view type, std::string_view title, std::string_view detail, int status = 0);
// The same with `instance` set when it is absent: the task that raised it.
Json WithInstance(Json error, std::string_view reference);
std::string ErrorTypeUri(std::string_view type);

}  // namespace elevaite::engine

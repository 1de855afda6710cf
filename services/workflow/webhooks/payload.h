// What a request to a webhook is to the workflow: {"method", "path", "headers", "query", "body"}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "net/http.h"
#include "services/workflow/webhooks/webhook.h"

namespace elevaite::workflow {

// Everything but the body. Headers that carry credentials are left out: the workflow's journal keeps its
// input.
Result<Json> HeadOf(const net::Request& request, const Authentication& authentication);
// The same without headers and query, of a request that is refused before anybody looks at those.
Json BareHeadOf(const net::Request& request);
// The names of those that were left out.
std::vector<std::string> HiddenHeaders(const net::Request& request, const Authentication& authentication);

// By its type: JSON as a value, a form as an object (a name that comes twice has a list), text as text,
// nothing as null. kUnsupportedMedia: it is of another type. kInvalidArgument: it is not what it says it is.
Result<Json> BodyOf(std::string_view content_type, std::string_view body);

}  // namespace elevaite::workflow

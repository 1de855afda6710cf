// Problem details (RFC 9457): how every error leaves the server.
//
//   {"type":"/docs/errors/not_found","title":"Not found","status":404,"detail":"no workflow
//   'x'","instance":"/v1/workflows/x",
//    "code":"not_found","hint":"...","request_id":"3f2a..."}
//
// `hint` only when the error has one; `retry-after` (whole seconds, rounded up) from Error::retry_after;
// Error::detail never.
#pragma once

#include "foundation/result.h"
#include "net/http.h"

namespace elevaite::net {

// `extra`: an object whose members are added ({"diagnostics": [...]}); they cannot replace the ones above.
Response ProblemResponse(const Error& error, const Request& request, const Json& extra = Json());
// With a status that has no ErrorCode of its own (408, 414, 417, 431, 501, 505 ...).
Response ProblemResponse(int status, const Error& error, const Request& request, const Json& extra = Json());

}  // namespace elevaite::net

// The request for an operation, from the document and the values given. No I/O.
#pragma once

#include <expected>

#include "connectors/openapi/document.h"
#include "net/client.h"

namespace elevaite::connectors::openapi {

// `parameters`: {name: value}; `body` is the body of the request (OpenAPI 3), or what is left of the names
// makes it. Failures: `validation` for values that are missing or not known, `configuration` for what the
// document asks and this does not support.
std::expected<net::ClientRequest, Failure> RequestFor(const Document& document, const Operation& operation,
                                                      const Json& parameters);

}  // namespace elevaite::connectors::openapi

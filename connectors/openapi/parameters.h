// How values are written into a request: the styles of OpenAPI 3 and the collection formats of Swagger 2.
//
// Sources: https://spec.openapis.org/oas/v3.1.0#style-values,
// https://spec.openapis.org/oas/v2.0#parameter-object.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "connectors/connector.h"
#include "net/client.h"

namespace elevaite::connectors::openapi {

// The request under construction.
struct Draft {
  std::string path;     // "/pets/{petId}", filled bit by bit
  std::string query;    // "a=1&b=2"
  std::string cookies;  // "a=1; b=2"
  std::string form;     // Swagger's formData, as a query
  net::ClientRequest request;
};

// Writes `value` where `parameter`, resolved, says. Failures: `validation` if the value does not fit,
// `configuration` if the style is not supported.
std::expected<void, Failure> WriteParameter(const Json& parameter, const Json& value, Draft& draft);

// An object as application/x-www-form-urlencoded: each member as the style form writes it.
std::string WriteForm(const Json& object);

}  // namespace elevaite::connectors::openapi

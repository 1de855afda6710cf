// `call: openapi`: an operation of an OpenAPI document. Every request passes the egress guard of the
// exchange's client. Documents count for five minutes, each account its own.
#pragma once

#include <memory>

#include "connectors/connector.h"
#include "connectors/http/exchange.h"

namespace elevaite::connectors {

// Null makes one that only describes itself. `clock` must outlive it.
std::unique_ptr<Connector> MakeOpenApi(std::shared_ptr<http::Exchange> exchange, const Clock& clock);

}  // namespace elevaite::connectors

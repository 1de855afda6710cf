// `call: http`. Every request passes the egress guard of the exchange's client.
#pragma once

#include <memory>

#include "connectors/connector.h"
#include "connectors/http/exchange.h"

namespace elevaite::connectors {

// Null makes one that only describes itself.
std::unique_ptr<Connector> MakeHttp(std::shared_ptr<http::Exchange> exchange);

}  // namespace elevaite::connectors

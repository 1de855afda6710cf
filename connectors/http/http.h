// `call: http`. Every request passes the egress guard of the client it is given.
#pragma once

#include <memory>

#include "connectors/connector.h"
#include "net/client.h"

namespace elevaite::connectors {

// `client` must outlive the connector; null makes one that only describes itself.
std::unique_ptr<Connector> MakeHttp(net::Client* client);

}  // namespace elevaite::connectors

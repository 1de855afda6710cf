// The list of all connectors: a new one is a folder and a line in all.cc.
#pragma once

#include "connectors/connector.h"
#include "connectors/llm/llm.h"
#include "net/client.h"

namespace elevaite::connectors {

struct Dependencies {
  net::Client* tenant_client = nullptr;    // passes the egress guard
  net::Client* platform_client = nullptr;  // for addresses from the configuration only
  LlmOptions llm;
};

Registry All(const Dependencies& dependencies);
// For checking documents without a server: nothing of it can be invoked.
Registry Descriptors();

}  // namespace elevaite::connectors

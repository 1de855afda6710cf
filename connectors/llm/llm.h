// `call: llm.generate`: one line to any OpenAI-compatible server.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "connectors/connector.h"
#include "foundation/secret.h"
#include "net/client.h"

namespace elevaite::connectors {

struct LlmOptions {
  std::string base_url;  // "http://127.0.0.1:11434/v1"; empty: no model is configured
  Secret api_key;        // may be empty
  std::string default_model;
  std::chrono::milliseconds timeout{120'000};  // of one attempt
};

// `client` is the platform's own (the address comes from the operator, not from a tenant) and must outlive
// the connector; null makes a connector that only describes itself.
std::unique_ptr<Connector> MakeLlmGenerate(net::Client* client, LlmOptions options);

}  // namespace elevaite::connectors

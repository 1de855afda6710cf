#include "connectors/all.h"

#include "connectors/http/http.h"

namespace elevaite::connectors {

Registry All(const Dependencies& dependencies) {
  std::vector<std::unique_ptr<Connector>> connectors;
  connectors.push_back(MakeHttp(dependencies.tenant_client));
  connectors.push_back(MakeLlmGenerate(dependencies.platform_client, dependencies.llm));
  return Registry(std::move(connectors));
}

Registry Descriptors() { return All({}); }

}  // namespace elevaite::connectors

#include "connectors/all.h"

#include "connectors/flow/flow.h"
#include "connectors/http/http.h"
#include "connectors/human/human.h"
#include "connectors/openapi/openapi.h"

namespace elevaite::connectors {

Registry All(const Dependencies& dependencies) {
  std::shared_ptr<http::Exchange> exchange;
  if (dependencies.tenant_client != nullptr)
    exchange = std::make_shared<http::Exchange>(*dependencies.tenant_client, SystemClock(), SystemRandom());
  std::vector<std::unique_ptr<Connector>> connectors;
  connectors.push_back(MakeHttp(exchange));
  connectors.push_back(MakeOpenApi(exchange, SystemClock()));
  connectors.push_back(MakeLlmGenerate(dependencies.platform_client, dependencies.llm));
  return Registry(std::move(connectors), {FlowMap(), HumanApprove(), HumanForm()});
}

Registry Descriptors() { return All({}); }

}  // namespace elevaite::connectors

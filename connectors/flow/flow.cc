#include "connectors/flow/flow.h"

namespace elevaite::connectors {

extern const std::string_view kFlowMapDescriptor;

Descriptor FlowMap() { return ParseDescriptor(kFlowMapDescriptor); }

}  // namespace elevaite::connectors

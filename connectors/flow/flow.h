// Functions that are runs of other workflows. The workflow service does them itself
// (services/workflow/subflows.h): a connector would hold a place among the activities while it waits for
// others that need one.
#pragma once

#include "connectors/connector.h"

namespace elevaite::connectors {

Descriptor FlowMap();

}  // namespace elevaite::connectors

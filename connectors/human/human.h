// Functions that people answer. The workflow service does them itself (services/workflow/people): what was
// asked outlives the process, and nothing is held while it waits.
#pragma once

#include "connectors/connector.h"

namespace elevaite::connectors {

Descriptor HumanApprove();
Descriptor HumanForm();

}  // namespace elevaite::connectors

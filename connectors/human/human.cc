#include "connectors/human/human.h"

namespace elevaite::connectors {

extern const std::string_view kHumanApproveDescriptor;
extern const std::string_view kHumanFormDescriptor;

Descriptor HumanApprove() { return ParseDescriptor(kHumanApproveDescriptor); }
Descriptor HumanForm() { return ParseDescriptor(kHumanFormDescriptor); }

}  // namespace elevaite::connectors

// What a handler tells the audit (audit.cc) through Request::context, when the request does not say it.
#pragma once

#include <string>

#include "foundation/json.h"

namespace elevaite::workflow {

// Who it was, and whose object it is about.
struct AuditedBy {
  std::string who;
  std::string object_id;
};

// What the act has changed: as it was, and as it is; null: there was none, or is none any more. Without
// secrets.
struct AuditedChange {
  Json before;
  Json after;
};

// Another node has answered, and noted it.
struct AuditedElsewhere {};

}  // namespace elevaite::workflow

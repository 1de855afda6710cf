// What a handler tells the audit (audit.cc) through Request::context, when the request does not say it.
#pragma once

#include <string>

namespace elevaite::workflow {

// Who it was, and whose object it is about.
struct AuditedBy {
  std::string who;
  std::string object_id;
};

// Another node has answered, and noted it.
struct AuditedElsewhere {};

}  // namespace elevaite::workflow

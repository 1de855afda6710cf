#include "dsl/program.h"

namespace elevaite::dsl {

const char* NameOf(TaskKind kind) {
  switch (kind) {
    case TaskKind::kSet: return "set";
    case TaskKind::kDo: return "do";
    case TaskKind::kSwitch: return "switch";
    case TaskKind::kFor: return "for";
    case TaskKind::kFork: return "fork";
    case TaskKind::kTry: return "try";
    case TaskKind::kRaise: return "raise";
    case TaskKind::kWait: return "wait";
    case TaskKind::kCall: return "call";
  }
  return "";
}

}  // namespace elevaite::dsl

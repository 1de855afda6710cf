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
    case TaskKind::kCall:
    case TaskKind::kFunction: return "call";
    case TaskKind::kEmit: return "emit";
    case TaskKind::kListen: return "listen";
    case TaskKind::kRun: return "run";
    case TaskKind::kExtended: return "extension";
  }
  return "";
}

}  // namespace elevaite::dsl

// Whether a filter gives exactly one output. As jq::IsTotal, but of whole filters, and functions are looked
// into.
#include <algorithm>

#include "dsl/types/interpreter.h"

namespace elevaite::dsl::types {
namespace {

using jq::Node;
using jq::Op;

constexpr int kCallsMax = 8;  // of functions inside each other that are looked into

// `given`: what the functions around are given gives one.
bool GivesValueWithin(const Node* node, int calls, bool given) {
  if (node == nullptr) return true;
  const auto gives = [=](const Node* part) { return GivesValueWithin(part, calls, given); };
  switch (node->op) {
    case Op::kIdentity:
    case Op::kLiteral:
    case Op::kVariable:
    case Op::kCollect:
    case Op::kReduce:
    case Op::kUpdate: return true;
    case Op::kIndex:
    case Op::kPipe:
    case Op::kBind:
    case Op::kAnd:
    case Op::kOr: return gives(node->a) && gives(node->b);
    case Op::kAlternative: return gives(node->b);
    case Op::kIf: return gives(node->a) && gives(node->b) && gives(node->c);
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kObject:
    case Op::kInterpolate:
    case Op::kNative: return std::all_of(node->list, node->list + node->count, gives);
    case Op::kParameter: return given;
    case Op::kCall: {
      const bool arguments = std::all_of(node->list, node->list + node->function->closures, gives);
      return calls < kCallsMax && node->function->body != nullptr &&
             GivesValueWithin(node->function->body, calls + 1, given && arguments);
    }
    default: return false;
  }
}

}  // namespace

bool GivesValue(const Node* root) { return GivesValueWithin(root, 0, true); }

}  // namespace elevaite::dsl::types

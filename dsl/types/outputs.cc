// How many outputs a filter gives.
#include <algorithm>

#include "dsl/types/interpreter.h"

namespace elevaite::dsl::types {
namespace {

using jq::Node;
using jq::Op;

constexpr int kCallsMax = 8;  // of functions inside each other that are looked into

// `given`: what the functions around are given is total.
bool IsTotalWithin(const Node* node, int calls, bool given) {
  if (node == nullptr) return true;
  const auto is_total = [=](const Node* part) { return IsTotalWithin(part, calls, given); };
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
    case Op::kOr: return is_total(node->a) && is_total(node->b);
    case Op::kAlternative: return is_total(node->b);
    case Op::kIf: return is_total(node->a) && is_total(node->b) && is_total(node->c);
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kObject:
    case Op::kInterpolate:
    case Op::kNative: return std::all_of(node->list, node->list + node->count, is_total);
    case Op::kParameter: return given;
    case Op::kCall: {
      const bool arguments = std::all_of(node->list, node->list + node->function->closures, is_total);
      return calls < kCallsMax && node->function->body != nullptr &&
             IsTotalWithin(node->function->body, calls + 1, given && arguments);
    }
    default: return false;
  }
}

}  // namespace

bool IsTotal(const Node* node) { return IsTotalWithin(node, 0, true); }

}  // namespace elevaite::dsl::types

// Which nodes the direct evaluator may run; see code.h.
#include <algorithm>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {

// A path that an update can follow in place: keys and iterations only.
bool Compiler::IsChain(const Node* node) {
  if (node == nullptr) return true;
  switch (node->op) {
    case Op::kIdentity: return true;
    case Op::kIndex: return node->b->direct() && node->b->op != Op::kSliceKey && IsChain(node->a);
    case Op::kIterate: return IsChain(node->a);
    case Op::kPipe: return IsChain(node->a) && IsChain(node->b);
    default: return false;
  }
}

void Compiler::Classify(Node& node) const {
  using enum NodeClass;
  unsigned depth = 0;
  auto deepen = [&depth](const Node* child) {
    if (child != nullptr) depth = std::max(depth, child->depth + 1U);
  };
  deepen(node.a);
  deepen(node.c);
  if ((node.op == Op::kPipe || node.op == Op::kBind) &&
      node.b->direct()) {  // followed in a loop, not by a call
    if (node.b != nullptr) depth = std::max(depth, static_cast<unsigned>(node.b->depth));
  } else {
    deepen(node.b);
  }
  for (std::uint16_t i = 0; i < node.count; ++i) deepen(node.list[i]);

  auto is_direct = [](const Node* n) { return n == nullptr || n->direct(); };
  auto is_bounded = [](const Node* n) { return n == nullptr || n->bounded(); };
  auto join = [&](const Node* x, const Node* y) {
    if (is_direct(x) && is_direct(y)) return kDirect;
    return is_bounded(x) && is_bounded(y) ? kLoop : kGeneral;
  };
  const bool list_direct = node.count == 0 || std::all_of(node.list, node.list + node.count, is_direct);
  switch (node.op) {
    case Op::kIdentity:
    case Op::kLiteral:
    case Op::kVariable:
    case Op::kEmpty: node.node_class = kDirect; break;
    case Op::kRecurseAll: node.node_class = kLoop; break;
    case Op::kIndex:
    case Op::kPipe:
    case Op::kAlternative:
    case Op::kTry:
    case Op::kBind: node.node_class = join(node.a, node.b); break;
    case Op::kSliceKey:
    case Op::kAnd:
    case Op::kOr: node.node_class = join(node.a, node.b) == kDirect ? kDirect : kGeneral; break;
    case Op::kIterate: node.node_class = is_bounded(node.a) ? kLoop : kGeneral; break;
    case Op::kComma: node.node_class = is_bounded(node.a) && is_bounded(node.b) ? kLoop : kGeneral; break;
    case Op::kIf: {
      const NodeClass branches = join(node.b, node.c);
      node.node_class =
          is_direct(node.a) ? branches : (is_bounded(node.a) && branches != kGeneral ? kLoop : kGeneral);
      break;
    }
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kObject:
    case Op::kInterpolate:
    case Op::kNative:
    case Op::kError:
    case Op::kGetpath: node.node_class = list_direct ? kDirect : kGeneral; break;
    case Op::kRange: node.node_class = list_direct ? kLoop : kGeneral; break;
    case Op::kLimit: node.node_class = list_direct && is_bounded(node.a) ? kLoop : kGeneral; break;
    case Op::kFirst:
    case Op::kLast:
    case Op::kCollect: node.node_class = is_bounded(node.a) ? kDirect : kGeneral; break;
    case Op::kReduce:
      node.node_class = is_bounded(node.a) && is_direct(node.b) && is_bounded(node.c) ? kDirect : kGeneral;
      break;
    case Op::kForeach:
      node.node_class = is_bounded(node.a) && is_direct(node.b) && is_bounded(node.c) ? kLoop : kGeneral;
      break;
    case Op::kStep: node.node_class = is_bounded(node.a) && is_bounded(node.b) ? kLoop : kGeneral; break;
    case Op::kUpdate:
      node.node_class = IsChain(node.a) && node.b->direct() && IsTotal(node.b) ? kDirect : kGeneral;
      break;
    case Op::kCall: {
      const Function& function = *node.function;
      if (function.body != nullptr && function.values.size() == function.closures &&
          function.TakesValues(node)) {
        node.node_class = function.inner->node_class;
        depth = std::max(depth, function.inner->depth + 1U);
      } else if (function.body == nullptr || function.closures > 0) {
        node.node_class = kGeneral;
      } else {
        node.node_class = function.body->node_class;
        depth = function.body->depth + 1U;
      }
      break;
    }
    default: node.node_class = kGeneral; break;
  }
  if (depth > kDirectDepthMax) {
    node.node_class = kGeneral;
    depth = kDirectDepthMax;
  }
  node.depth = static_cast<std::uint8_t>(depth);
}

}  // namespace elevaite::jq

// Whether a filter gives exactly one output. As jq::IsTotal, but functions are looked into.
#include <algorithm>

#include "dsl/types/interpreter.h"

namespace elevaite::dsl::types {
namespace {

using jq::Node;
using jq::Op;

constexpr int kCallsMax = 8;      // of functions inside each other that are looked into
constexpr int kLooksMax = 1'000;  // into functions: those that call each other several times multiply

class Outputs {
 public:
  // `given`: what the functions around are given gives one.
  bool AreOne(const Node* node, int calls, bool given) {
    return jq::IsTotal(node, [&](const Node& part) {
      return part.op == Op::kParameter ? given : part.op == Op::kCall && OfCall(part, calls, given);
    });
  }

 private:
  bool OfCall(const Node& call, int calls, bool given) {
    if (calls >= kCallsMax || ++looks_ > kLooksMax || call.function->body == nullptr) return false;
    const bool arguments = std::all_of(call.list, call.list + call.function->closures,
                                       [&](const Node* one) { return AreOne(one, calls, given); });
    return AreOne(call.function->body, calls + 1, given && arguments);
  }

  int looks_ = 0;
};

}  // namespace

bool GivesValue(const Node* root) { return Outputs().AreOne(root, 0, true); }

}  // namespace elevaite::dsl::types

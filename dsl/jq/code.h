// The compiled form of a filter: a resolved tree in an arena, shared by all evaluations, never changed after
// compilation.
//
// Scopes are levels. The program, each `def` and each closure argument that binds variables is one level;
// running one makes an Env with a slot for every variable of the level and a closure for every parameter. A
// variable is addressed by (level, slot): levels are numbered by nesting, so that the Env is found by walking
// up the parents.
//
// Classes. kDirect gives at most one output and kLoop gives several, both without closures, labels or
// recursion: their nesting is bounded by kDirectDepthMax, so the direct evaluator (direct.h) may run them on
// the C stack. All other nodes are kGeneral and run on the machine (machine.h), whose stack is on the heap.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "dsl/jq/jq.h"
#include "foundation/json.h"

namespace elevaite::jq {

class Context;
struct Function;

enum class Op : std::uint8_t {
  kIdentity,
  kLiteral,
  kVariable,    // level, slot
  kRecurseAll,  // ..
  kIndex,       // a[b]; a: target, b: key (on the node's input)
  kSliceKey,    // {"start": a, "end": b}, both direct
  kIterate,     // a[]
  kPipe,        // a | b
  kComma,       // a, b
  kNegate,      // list: 1
  kArithmetic,  // list: 2; variant: Arithmetic
  kCompare,     // list: 2; variant: Comparison
  kAnd,         // a and b, both direct
  kOr,
  kAlternative,      // a // b
  kIf,               // a: condition, b: then, c: else (nullptr: identity)
  kTry,              // a: body, b: handler (nullptr: none)
  kReduce,           // a: source, b: init, c: binds + kStep; slot: item, slot2: accumulator
  kForeach,          // the same; the kStep has the extraction
  kStep,             // a: update, b: extraction or nullptr; slot: accumulator; variant 1: foreach
  kBind,             // a as $slot | b
  kAlternativeBind,  // a ?// b: on an error in a go on with b
  kClearSlots,       // variables slot..slot2-1 become null, then a
  kLabel,            // label $slot | a
  kBreak,            // level, slot
  kCollect,          // [a]; a may be nullptr
  kObject,           // list: key, value, key, value ...
  kInterpolate,      // list: parts; native: the format for non-literal parts
  kCall,             // function, list: closures
  kParameter,        // level, slot: a closure parameter
  kEnter,            // function: a closure argument with variables of its own
  kNative,           // native, list: arguments
  kEmpty,
  kError,    // list: 1
  kPath,     // path(a)
  kUpdate,   // a |= b
  kRange,    // list: from, upto, by
  kLimit,    // list: count; a; variant: 0 limit, 1 skip, 2 nth
  kFirst,    // first(a)
  kLast,     // last(a)
  kGetpath,  // list: 1
};

enum class Arithmetic : std::uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };
enum class Comparison : std::uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };
enum class NodeClass : std::uint8_t { kGeneral, kDirect, kLoop };

// A function in C++. `input` may be moved from only if `consumes` says so. False: the context holds the
// error.
using NativeFunction = bool (*)(Context& context, Json& input, Json* arguments, Json& out);
struct Native {
  const char* name;
  std::uint8_t arity;
  bool consumes;
  NativeFunction function;
};

struct Node {
  Op op = Op::kIdentity;
  NodeClass node_class = NodeClass::kDirect;
  std::uint8_t variant = 0;
  std::uint8_t depth = 0;  // nesting of the direct evaluator below this node
  std::uint16_t level = 0;
  std::uint16_t count = 0;
  std::uint32_t slot = 0;
  std::uint32_t slot2 = 0;
  Span span;
  const Node* a = nullptr;
  const Node* b = nullptr;
  const Node* c = nullptr;
  const Node** list = nullptr;
  union {  // the op says which
    const Json* literal = nullptr;
    const Function* function;
    const Native* native;
  };

  bool direct() const { return node_class == NodeClass::kDirect; }
  bool bounded() const { return node_class != NodeClass::kGeneral; }
};

struct Function {
  std::string name;
  std::uint16_t level = 0;     // of its own variables
  std::uint32_t closures = 0;  // parameters
  std::uint32_t slots = 0;
  const Node* body = nullptr;  // nullptr while it is being parsed
  // def f($a; g): $a has a slot. If no $ parameter is used as a filter too, a call whose arguments for them
  // are direct puts the values into the slots itself and goes on with `inner`, the body without the bindings:
  // no chain of closures.
  struct Value {
    std::uint32_t parameter;
    std::uint32_t slot;
  };
  std::vector<Value> values;
  const Node* inner = nullptr;
  bool values_as_filters = false;

  bool TakesValues(const Node& call) const;  // `call` meets the condition above
};

inline bool Function::TakesValues(const Node& call) const {
  if (values.empty() || values_as_filters) return false;
  for (const Value& value : values) {
    if (!call.list[value.parameter]->direct()) return false;
  }
  return true;
}

inline constexpr std::uint8_t kDirectDepthMax = 100;

struct Code {
  std::string text;
  std::vector<std::string> variables;
  const Node* root = nullptr;
  std::vector<std::uint32_t> bound_slots;  // where their values go
  std::uint32_t slots = 0;                 // of the program's own level
  std::list<Function> functions;           // lists stay where they are and cost nothing while empty
  std::list<Json> literals;

  Node* NewNode();
  const Node** NewList(std::size_t count);

 private:
  // Most filters are a few nodes, and a workflow has thousands of them: each chunk is half as large as what
  // was taken before.
  static constexpr std::size_t kChunkMin = 2;
  static constexpr std::size_t kChunkMax = 64;
  std::vector<std::unique_ptr<Node[]>> nodes_;
  std::size_t taken_ = 0;  // nodes in all of them
  std::size_t chunk_ = 0;  // in the last of them
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<const Node*[]>> lists_;
};

// Certainly exactly one output (or an error): an update with it never deletes. nullptr is the identity.
// `other` says it of what is not decided here: `bool other(const Node&)`. Chains of any length are followed
// in a loop.
template <class Other>
bool IsTotal(const Node* node, const Other& other) {
  const auto is_total = [&other](const Node* part) { return IsTotal(part, other); };
  while (node != nullptr) {
    switch (node->op) {
      case Op::kIdentity:
      case Op::kLiteral:
      case Op::kVariable:
      case Op::kCollect:
      case Op::kReduce:
      case Op::kUpdate: return true;
      case Op::kIf:
        if (!is_total(node->b) || !is_total(node->c)) return false;
        node = node->a;
        break;
      case Op::kIndex:
      case Op::kPipe:
      case Op::kBind:
      case Op::kAnd:
      case Op::kOr:
        if (!is_total(node->a)) return false;
        node = node->b;
        break;
      case Op::kAlternative: node = node->b; break;
      case Op::kNegate:
      case Op::kArithmetic:
      case Op::kCompare:
      case Op::kObject:
      case Op::kInterpolate:
      case Op::kNative: return std::all_of(node->list, node->list + node->count, is_total);
      default: return other(*node);
    }
  }
  return true;
}
// Where functions are not looked into.
inline bool IsTotal(const Node* node) {
  return IsTotal(node, [](const Node&) { return false; });
}

// The functions that are written in jq; compiled once a process, on first use.
const Function* FindLibraryFunction(std::string_view name, std::size_t arity);

// Native functions by name and arity; nullptr when there is none. Names with a leading underscore are for the
// compiler.
const Native* FindNative(std::string_view name, std::size_t arity);

// "text", "json", "csv" ... as a function of arity 0.
const Native* FindFormat(std::string_view name);

}  // namespace elevaite::jq
